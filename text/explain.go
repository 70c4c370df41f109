package text

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Part tells what a line of an explanation is, so that a terminal may colour it
// and a page may mark it up.
type Part uint8

// The parts of an explanation.
const (
	PartYes     Part = iota // the headline of a yes
	PartNo                  // the headline of a no
	PartFact                // a fact under the headline
	PartHeading             // the heading of the lines that follow
	PartPath                // a path that gives the authority
	PartNear                // a near miss
	PartStop                // where and why a near miss stops
	PartRemedy              // what would make it a yes
	PartDetail              // more on the line above
	PartNote                // a note at the end
)

// Line is one line of an explanation.
type Line struct {
	Part Part
	Text string
}

// MostPaths is how many paths and near misses are drawn for people. The JSON has
// them all.
const MostPaths = 20

// Headline returns the answer as one sentence, without the leading word that
// Answer.Word gives.
func (t *Texts) Headline(a *Answer) string {
	pairs := []any{"subject", a.Subject.Label(), "for", a.For.Label(), "why", t.Why(a.Reason)}
	question := "any"
	switch {
	case a.Package != nil:
		question = "package"
		pairs = append(pairs, "package", t.PackageName(a.Package))
	case a.Right != (Right{}):
		question = "right"
		pairs = append(pairs, "right", a.Right.Right, "resource", a.Right.Resource)
	case a.Role != nil:
		question = "role"
		pairs = append(pairs, "role", t.RoleName(a.Role))
	}
	if a.Allowed {
		return t.Say("head."+question+".yes", pairs...)
	}
	return t.Say("head."+question+".no", pairs...)
}

// Word returns the answer as one word: JA, NEI, YES or NO.
func (t *Texts) Word(a *Answer) string {
	if a.Allowed {
		return t.Say("answer.yes")
	}
	return t.Say("answer.no")
}

// Short tells an answer in a few lines: the headline, may use and may give, and
// the paths or the reason.
func (t *Texts) Short(a *Answer) []Line {
	lines := t.head(a)
	for i, p := range a.Paths {
		if i == 3 {
			break
		}
		lines = append(lines, Line{PartPath, "✔ " + t.Line(p, a.Subject, a.For) + "  [" + ruleOf(p) + "]"})
	}
	if !a.Allowed {
		lines = append(lines, Line{PartFact, t.Say("line.why", "text", t.Reason(a.Reason), "code", a.Reason)})
	}
	return append(lines, t.notes(a, false)...)
}

// Long tells an answer whole: all paths or near misses with the rules they
// passed or ran into, what would make a no a yes, and what the answer rests on.
func (t *Texts) Long(a *Answer) []Line {
	lines := t.head(a)
	lines = append(lines, Line{PartFact, t.Say("line.why", "text", t.Reason(a.Reason), "code", a.Reason)})
	lines = append(lines, t.giving(a)...)
	lines = append(lines, Line{PartFact, t.Say("line.asked", "at", Clock(a.At), "revision", a.Revision)})
	if len(a.Paths) > 0 {
		lines = append(lines, Line{PartHeading, t.Say("label.paths")})
	}
	for i, p := range a.Paths {
		if i == MostPaths {
			lines = append(lines, Line{PartDetail, fmt.Sprintf("… +%d", len(a.Paths)-i)})
			break
		}
		lines = append(lines, Line{PartPath, fmt.Sprintf("✔ %s  %s  [%s]", t.Say("line.path", "n", i+1), t.Line(p, a.Subject, a.For), ruleOf(p))})
		if detail := t.pathDetail(a, p); detail != "" {
			lines = append(lines, Line{PartDetail, detail})
		}
	}
	if len(a.NearMisses) > 0 {
		lines = append(lines, Line{PartHeading, t.Say("label.near")})
	}
	for i, p := range a.NearMisses {
		if i == MostPaths {
			lines = append(lines, Line{PartDetail, fmt.Sprintf("… +%d", len(a.NearMisses)-i)})
			break
		}
		lines = append(lines,
			Line{PartNear, fmt.Sprintf("✖ %s  %s", t.Say("line.near", "n", i+1), t.Line(p, a.Subject, a.For))},
			Line{PartStop, t.Say("line.stop", "why", t.Stopped(p), "rule", p.Rule)})
	}
	lines = append(lines, t.remedies(a)...)
	lines = append(lines, t.cited(a)...)
	return append(lines, t.notes(a, true)...)
}

// Stopped tells in a few words what a near miss fails. An agent relation that is
// gone has no reason of its own.
func (t *Texts) Stopped(p Path) string {
	if p.Base == fullmakt.RuleClient && p.Reason == fullmakt.ReasonNoRelation {
		return t.Say("why.not_agent")
	}
	return t.Why(p.Reason)
}

// head is the headline and the line on may use and may give, which stand first
// in every answer.
func (t *Texts) head(a *Answer) []Line {
	part := PartNo
	if a.Allowed {
		part = PartYes
	}
	use := t.Say("line.use", "answer", t.YesNo(a.Allowed))
	give := t.Say("line.give", "answer", t.YesNo(a.MayGive))
	lines := []Line{{part, t.Headline(a)}}
	if a.Role != nil {
		return lines // a role is had or not; there is nothing to give
	}
	return append(lines, Line{PartFact, use + " · " + give})
}

// ruleOf names the rules of a path: "NEST", "NEST + SUB".
func ruleOf(p Path) string {
	if p.Extension != "" {
		return string(p.Base) + " + " + string(p.Extension)
	}
	return string(p.Base)
}

// pathDetail tells what a path is good for and since when its steps are known.
func (t *Texts) pathDetail(a *Answer, p Path) string {
	detail := ""
	switch {
	case a.Role != nil:
	case p.Give:
		detail = t.Say("line.use.give")
	default:
		detail = t.Say("line.use.only")
	}
	if since := latest(p.Steps); since != 0 {
		if detail != "" {
			detail += " · "
		}
		detail += t.Say("line.since", "date", since)
	}
	return detail
}

// Since returns the register's date from which the whole path has stood: the
// latest of its steps' dates, or 0 when none is known.
func (p Path) Since() fullmakt.Date { return latest(p.Steps) }

func latest(steps []Step) (since fullmakt.Date) {
	for _, s := range steps {
		since = max(since, s.Since)
	}
	return since
}

// giving tells by which rule the package may be given, or why not.
func (t *Texts) giving(a *Answer) []Line {
	switch {
	case a.Package == nil && a.Right == (Right{}):
		return nil
	case a.MayGive && a.GiveRule != "":
		return []Line{{PartFact, t.Say("line.give.by", "rule", a.GiveRule)}}
	case !a.MayGive && a.GiveReason != "" && a.GiveReason != a.Reason:
		return []Line{{PartFact, t.Say("line.give.not", "text", t.Reason(a.GiveReason), "code", a.GiveReason)}}
	}
	return nil
}

// remedies tells what would make a no a yes, by whom and with which command.
func (t *Texts) remedies(a *Answer) []Line {
	if len(a.Remedies) == 0 {
		return nil
	}
	lines := []Line{{PartHeading, t.Say("label.remedies")}}
	for i, r := range a.Remedies {
		lines = append(lines, Line{PartRemedy, string(rune('a'+i%26)) + ") " + t.Remedy(a, r)})
		switch {
		case r.Command != "":
			lines = append(lines, Line{PartDetail, r.Command})
		case r.Kind == RemedyRegister:
		case len(r.By) == 0:
			lines = append(lines, Line{PartDetail, t.Say("remedy.nobody")})
		default:
			lines = append(lines, Line{PartDetail, t.Say("remedy.by", "parties", t.Parties(r.By))})
		}
	}
	return lines
}

// Remedy returns one remedy as a sentence.
func (t *Texts) Remedy(a *Answer, r Remedy) string {
	pairs := []any{"from", r.From.Label(), "to", r.To.Label(), "client", r.Client.Label()}
	switch {
	case r.Kind == RemedyGrant && a.Package != nil:
		return t.Say("remedy.grant", append(pairs, "package", t.PackageName(a.Package))...)
	case r.Kind == RemedyGrant && a.Right != (Right{}):
		return t.Say("remedy.grant.right", append(pairs, "right", a.Right.Right, "resource", a.Right.Resource)...)
	case r.Kind == RemedyClient:
		return t.Say("remedy.client", append(pairs, "package", t.PackageName(a.Package))...)
	case r.Kind == RemedyAgent:
		return t.Say("remedy.agent", pairs...)
	case r.Kind == RemedyGrant:
		return t.Say("remedy.grant.any", pairs...)
	case r.Kind == RemedyECKEY:
		return t.Say("remedy.eckey", pairs...)
	case len(r.Roles) == 0:
		return t.Say("remedy.register.any", pairs...)
	}
	const most = 3
	names := make([]string, 0, most)
	for _, role := range r.Roles[:min(most, len(r.Roles))] {
		names = append(names, t.RoleName(role))
	}
	if rest := len(r.Roles) - len(names); rest > 0 {
		names = []string{t.Say("remedy.roles", "roles", strings.Join(names, ", "), "n", rest)}
	}
	return t.Say("remedy.register", append(pairs, "role", t.Choice(names))...)
}

// Parties names a few parties, and counts the rest.
func (t *Texts) Parties(list []Party) string {
	const most = 5
	names := make([]string, 0, most)
	for _, p := range list[:min(most, len(list))] {
		names = append(names, p.Label())
	}
	if rest := len(list) - len(names); rest > 0 {
		return t.Say("remedy.more", "parties", t.List(names), "n", rest)
	}
	return t.List(names)
}

// cited tells the rules that the explanation names.
func (t *Texts) cited(a *Answer) []Line {
	var lines []Line
	for _, rule := range t.Cited(a) {
		if lines == nil {
			lines = append(lines, Line{PartHeading, t.Say("label.rules")})
		}
		lines = append(lines, Line{PartDetail, t.Say("line.rule", "rule", rule.ID, "text", rule.Sentence, "source", rule.Source)})
	}
	return lines
}

// Cited returns the rules that an explanation of these answers names, each once:
// those of the paths that are drawn, those that the near misses ran into, and the
// one by which it may be given on.
func (t *Texts) Cited(answers ...*Answer) (rules []Rule) {
	cite := func(id fullmakt.Rule) {
		if rule, ok := t.Rule(id); ok && !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	for _, a := range answers {
		for _, p := range a.Paths[:min(MostPaths, len(a.Paths))] {
			cite(p.Base)
			cite(p.Extension)
		}
		for _, p := range a.NearMisses[:min(MostPaths, len(a.NearMisses))] {
			cite(p.Rule)
		}
		cite(a.GiveRule)
	}
	return rules
}

// notes tells what the reader must know besides the answer, and how old the
// register is.
func (t *Texts) notes(a *Answer, whole bool) []Line {
	var lines []Line
	note := func(text string) { lines = append(lines, Line{PartNote, text}) }
	for _, text := range t.Notes(a, whole) {
		note(text)
	}
	if a.Stale != "" {
		note(t.Say("note.stale", "why", a.Stale))
	}
	switch {
	case !whole:
	case a.ImportedAt.IsZero():
		note(t.Say("note.register.never"))
	default:
		note(t.Say("note.register", "date", Clock(a.ImportedAt)))
	}
	return lines
}

// Notes tells what the reader of an answer must know of the parties: the state of
// the one acted for when it is not plainly active, or always where the answer is
// told whole, where history begins, and what is uncertain or left out.
func (t *Texts) Notes(a *Answer, whole bool) (notes []string) {
	if a.For.Kind == fullmakt.KindOrganisation && a.For.StateKnown() && (whole || a.For.State != 0) {
		notes = append(notes, t.Say("label.state", "for", a.For.Label(), "state", t.State(a.For.State)))
	}
	if !a.HistoryFrom.IsZero() {
		notes = append(notes, t.Say("note.history", "date", Clock(a.HistoryFrom)))
	}
	if a.Uncertain {
		notes = append(notes, t.Say("note.uncertain"))
	}
	if a.For.Kind == fullmakt.KindPerson {
		notes = append(notes, t.Say("note.guardianship"))
	}
	return notes
}

// Clock writes a time as people read it, in t's own location: "2026-11-21 20:30".
func Clock(t time.Time) string { return t.Format("2006-01-02 15:04") }
