package xacml

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Suite is a file of policies with requests and the answers that they must get. It
// is how this package's own conformance cases are written, and how the owner of a
// service tests its policies; docs/xacml.md describes the form.
type Suite struct {
	Name     string
	Comment  string // what stands before the first section
	Roots    []Source
	Refs     []Source
	Cases    []Case
	Sections []Section // those that a suite itself does not know
}

// Source is the text of a file.
type Source struct {
	Name string
	Text []byte
}

// Section is one part of a suite's file.
type Section struct {
	Name string
	Line int // of its first line in the file
	Text []byte
}

// Case is one request with the answer that it must get.
type Case struct {
	Name string
	Line int // in the suite's file
	// Requests are the request in one notation or in several that must be answered
	// alike.
	Requests []Source
	want     [][]string // the lines of each result, as resultLines gives them
}

// ParseSuite reads a suite. open reads the policy files that it names; it gets
// their paths as they are written.
//
// A suite is a txtar archive. Sections whose name ends in .xml and begins with
// root or policy are root policies, those that begin with ref may be referred to.
// A section "policies" names files of both kinds, one a line. A section request*
// is a request in XML or JSON, and the section response* with the same rest of
// name its answer; "decisions" holds short cases, one a line.
func ParseSuite(name string, src []byte, open func(path string) ([]byte, error)) (*Suite, error) {
	s := &Suite{Name: name}
	comment, sections := splitArchive(src)
	s.Comment = strings.TrimSpace(comment)
	responses := map[string]Section{}
	for _, section := range sections {
		if rest, ok := strings.CutPrefix(section.Name, "response"); ok {
			key := strings.TrimSuffix(rest, ".json")
			if _, twice := responses[key]; twice {
				return nil, syntaxError("%s:%d: there are two sections response%s", name, section.Line, rest)
			}
			responses[key] = section
		}
	}
	for _, section := range sections {
		isXML := strings.HasSuffix(section.Name, ".xml")
		switch {
		case section.Name == "policies":
			if err := s.readPolicies(section, open); err != nil {
				return nil, err
			}
		case section.Name == "decisions":
			cases, err := parseDecisions(name, section)
			if err != nil {
				return nil, err
			}
			s.Cases = append(s.Cases, cases...)
		case strings.HasPrefix(section.Name, "request"):
			key := strings.TrimPrefix(section.Name, "request")
			key = strings.TrimSuffix(strings.TrimSuffix(key, ".xml"), ".json")
			response, ok := responses[key]
			if !ok {
				return nil, syntaxError("%s:%d: %s has no answer: add a section response%s.json", name, section.Line, section.Name, key)
			}
			want, err := responseLines(expandShorthands(response.Text))
			if err != nil {
				return nil, syntaxError("%s:%d: %v", name, response.Line, err)
			}
			s.Cases = append(s.Cases, Case{
				Name: strings.TrimSuffix(section.Name, ".json"), Line: section.Line, want: want,
				Requests: []Source{{Name: section.Name, Text: expandShorthands(section.Text)}},
			})
		case strings.HasPrefix(section.Name, "response"):
		case isXML && (strings.HasPrefix(section.Name, "root") || strings.HasPrefix(section.Name, "policy")):
			s.Roots = append(s.Roots, section.policy(name))
		case isXML && strings.HasPrefix(section.Name, "ref"):
			s.Refs = append(s.Refs, section.policy(name))
		default:
			s.Sections = append(s.Sections, section)
		}
	}
	return s, nil
}

// policy makes a section the text of a policy. Lines before it are left blank, so
// that what is told about a line of it names the line of the suite's file.
func (s Section) policy(file string) Source {
	text := append(bytes.Repeat([]byte("\n"), s.Line-1), expandShorthands(s.Text)...)
	return Source{Name: file, Text: text}
}

// readPolicies reads the files of a section "policies": "root PATH" and "ref PATH".
func (s *Suite) readPolicies(section Section, open func(path string) ([]byte, error)) error {
	for i, line := range strings.Split(string(section.Text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		kind, path, _ := strings.Cut(line, " ")
		path = strings.TrimSpace(path)
		if path == "" || kind != "root" && kind != "ref" {
			return syntaxError("%s:%d: %q: write \"root FILE\" or \"ref FILE\"", s.Name, section.Line+i, line)
		}
		text, err := open(path)
		if err != nil {
			return syntaxError("%s:%d: %v", s.Name, section.Line+i, err)
		}
		source := Source{Name: path, Text: text}
		if kind == "root" {
			s.Roots = append(s.Roots, source)
		} else {
			s.Refs = append(s.Refs, source)
		}
	}
	return nil
}

// splitArchive cuts a txtar archive at its marker lines, "-- NAME --", and keeps
// the line numbers.
func splitArchive(src []byte) (comment string, sections []Section) {
	number := 0
	for line := range bytes.Lines(src) {
		number++
		trimmed := strings.TrimRight(string(line), "\r\n")
		if name, ok := strings.CutPrefix(trimmed, "-- "); ok {
			if name, ok := strings.CutSuffix(name, " --"); ok {
				sections = append(sections, Section{Name: strings.TrimSpace(name), Line: number + 1})
				continue
			}
		}
		if len(sections) == 0 {
			comment += string(line)
			continue
		}
		last := &sections[len(sections)-1]
		last.Text = append(last.Text, line...)
	}
	return comment, sections
}

// TableRow is a line of a section, with those that continue it.
type TableRow struct {
	Line int // in the file
	Text string
}

// Rows returns the lines of a section that are neither blank nor comments. A line
// that begins with white space continues the one before it.
func (s Section) Rows() []TableRow {
	var rows []TableRow
	for i, line := range strings.Split(string(s.Text), "\n") {
		line = strings.TrimRight(line, " \t\r")
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || strings.HasPrefix(trimmed, "# "):
		case len(rows) > 0 && trimmed != line:
			rows[len(rows)-1].Text += " " + trimmed
		default:
			rows = append(rows, TableRow{Line: s.Line + i, Text: trimmed})
		}
	}
	return rows
}

// Check compares a response, as JSON, with what the case wants. It returns the
// differing lines, "want …" and "got …"; none when the response is as it must be.
// Missing attributes are compared when the case names any.
func (c *Case) Check(response []byte) []string {
	got, err := responseLines(response)
	if err != nil {
		return []string{"the response cannot be read: " + err.Error()}
	}
	if len(got) != len(c.want) {
		return []string{fmt.Sprintf("got %d results, want %d", len(got), len(c.want))}
	}
	var diff []string
	for i := range got {
		has, want := got[i], c.want[i]
		if slices.Contains(want, anyStatus) {
			has, want = without(has, "status ", "missing "), without(want, "status ", "missing ")
		}
		if len(without(want, "missing ")) == len(want) {
			has = without(has, "missing ")
		}
		for _, line := range lacking(want, has) {
			diff = append(diff, "want "+line)
		}
		for _, line := range lacking(has, want) {
			diff = append(diff, "got  "+line)
		}
	}
	return diff
}

// anyStatus stands for every status code, in an answer that does not say which.
const anyStatus = "status any"

// without returns the lines that begin with none of these words.
func without(lines []string, words ...string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(line, word) })
	})
}

// lacking returns the lines of a that b lacks, each as often as it is lacking.
func lacking(a, b []string) []string {
	left := slices.Clone(b)
	var list []string
	for _, line := range a {
		if i := slices.Index(left, line); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			list = append(list, line)
		}
	}
	return list
}
