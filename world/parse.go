package world

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// Parse reads a world file. The name stands in messages only; packages, roles
// and organisation forms are looked up in c.
//
// When anything is wrong, the error has code CodeInvalid and tells every line
// that is wrong with its number, what is wrong and what to do; nothing of the
// file is returned then.
func Parse(name string, data []byte, c *catalogue.Catalogue) (*World, error) {
	p := &parser{
		world:     &World{Name: name},
		catalogue: c,
		parties:   newParties(),
		units:     make(map[fullmakt.OrgNumber]int),
		dead:      make(map[fullmakt.PartyID]bool),
		unlisted:  make(map[fullmakt.RoleCode]bool),
		stated:    make(map[any]int),
	}
	p.read(data)
	if len(p.problems) > 0 {
		return nil, p.failure()
	}
	return p.world, nil
}

// parser holds what is known while a file is read. Statements may refer to
// parties that later lines declare, so each is read in up to three passes: the
// organisations and persons, then the enterprise and system users, which are
// known by their owner, then all that refers to parties.
type parser struct {
	world     *World
	catalogue *catalogue.Catalogue
	parties   parties
	units     map[fullmakt.OrgNumber]int // where in world.Register
	dead      map[fullmakt.PartyID]bool
	unlisted  map[fullmakt.RoleCode]bool
	stated    map[any]int // role, role of open data, grant: the line that states it first
	at        int64       // of questions that do not say

	users, later []pass
	problems     []problem
}

// pass is the rest of a statement, to be done when its turn comes.
type pass struct {
	line *line
	do   func() error
}

// problem is what is wrong with a line; line 0 is the whole file.
type problem struct {
	line int
	err  error
}

// section is one part of the archive.
type section struct {
	name  string
	line  int // number of its first line, after the marker
	lines []string
}

func (p *parser) read(data []byte) {
	if !utf8.Valid(data) {
		p.fail(0, fullmakt.Errorf(fullmakt.CodeInvalid, "the file is not UTF-8 text").WithHint("save it as UTF-8"))
		return
	}
	comment, sections := split(string(data))
	p.world.Comment = comment
	read := make(map[string]int)
	for _, s := range sections {
		if first := read[s.name]; first != 0 {
			p.fail(s.line-1, fullmakt.Errorf(fullmakt.CodeInvalid, "a second section %s; the first begins on line %d", show(s.name), first).
				WithHint("move its lines there"))
			continue
		}
		read[s.name] = s.line - 1
		switch s.name {
		case "register":
			p.statements(s, p.registerStatement)
		case "questions":
			p.statements(s, p.questionStatement)
		default:
			if isFile(s.name) {
				p.world.Files = append(p.world.Files, s.file())
				continue
			}
			p.fail(s.line-1, fullmakt.Errorf(fullmakt.CodeInvalid, "unknown section %s", show(s.name)).
				WithHint("the sections are register, questions, and the files resource/ID.json, policy/ID.xml and access-list/OWNER/ID.json"))
		}
	}
	if read["register"] == 0 {
		p.fail(0, fullmakt.Errorf(fullmakt.CodeInvalid, "there is no register section").
			WithHint(`begin it with a line "-- register --"`))
	}
	p.run(p.users)
	p.run(p.later)
}

// isFile reports whether a section is a file of the registry of resources. What
// such a file says is not read here.
func isFile(name string) bool {
	for _, dir := range []string{"resource/", "policy/", "access-list/"} {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	return false
}

// file returns the section as the file that it is.
func (s section) file() File {
	return File{Path: s.name, Line: s.line, Data: []byte(strings.Join(s.lines, "\n") + "\n")}
}

// split cuts a txtar archive at its marker lines. It is done here because the
// usual readers keep no line numbers.
func split(data string) (comment string, sections []section) {
	lines := strings.Split(strings.TrimPrefix(data, "\ufeff"), "\n")
	for i, text := range lines {
		text = strings.TrimSuffix(text, "\r")
		lines[i] = text
		if name, ok := marker(text); ok {
			sections = append(sections, section{name: name, line: i + 2})
			if len(sections) == 1 {
				comment = strings.Join(lines[:i], "\n")
			}
			continue
		}
		if n := len(sections); n > 0 {
			sections[n-1].lines = append(sections[n-1].lines, text)
		}
	}
	if len(sections) == 0 {
		comment = strings.Join(lines, "\n")
	}
	return strings.TrimSpace(comment), sections
}

// marker reads a line "-- NAME --".
func marker(text string) (name string, ok bool) {
	text = strings.TrimRight(text, " \t")
	if len(text) < len("-- x --") || !strings.HasPrefix(text, "-- ") || !strings.HasSuffix(text, " --") {
		return "", false
	}
	name = strings.TrimSpace(text[3 : len(text)-3])
	return name, name != ""
}

func (p *parser) statements(s section, read func(*line) error) {
	for i, text := range s.lines {
		l := &line{no: s.line + i}
		words, err := splitWords(text)
		if err != nil {
			p.fail(l.no, err)
			continue
		}
		if len(words) == 0 {
			continue
		}
		l.words = words
		if err := read(l); err != nil {
			p.fail(l.no, err)
		}
	}
}

func (p *parser) run(passes []pass) {
	for _, pass := range passes {
		if err := pass.do(); err != nil {
			p.fail(pass.line.no, err)
		}
	}
}

func (p *parser) fail(line int, err error) { p.problems = append(p.problems, problem{line, err}) }

// where names a line in facts and messages.
func (p *parser) where(no int) string { return fmt.Sprintf("%s:%d", p.world.Name, no) }

// once notes that a line states key, and complains when another line did.
func (p *parser) once(l *line, key any, what string) error {
	if first := p.stated[key]; first != 0 {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s is stated already on line %d", what, first).
			WithHint("remove one of the two lines")
	}
	p.stated[key] = l.no
	return nil
}

// failure makes one error of all problems, in the order of the lines.
func (p *parser) failure() error {
	slices.SortStableFunc(p.problems, func(a, b problem) int { return cmp.Compare(a.line, b.line) })
	var b bytes.Buffer
	for i, problem := range p.problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		if problem.line == 0 {
			fmt.Fprintf(&b, "%s: %s", p.world.Name, problem.err)
		} else {
			fmt.Fprintf(&b, "%s: %s", p.where(problem.line), problem.err)
		}
		if hint := fullmakt.ErrorHint(problem.err); hint != "" {
			fmt.Fprintf(&b, " (%s)", hint)
		}
	}
	return fullmakt.Errorf(fullmakt.CodeInvalid, "%s", b.String()).
		WithHint("docs/world-files.md describes the format; nothing of the file was read")
}
