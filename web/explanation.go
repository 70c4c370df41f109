package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/text"
)

// explanationPage is the answer to a question with everything it rests on.
type explanationPage struct {
	Allowed  bool
	Word     string // JA or NEI
	Headline string
	Why      string // the reason as a sentence
	Code     string // of the reason

	// What was asked.
	Subject, For   text.Party
	With           string // the package, role, right or action on a service; "" for anything at all
	WithPath       string // the page about it, "" for none
	At             time.Time
	Use, Give      string      // words
	HasGive        bool        // the question is one about giving too
	GiveWhy        string      // by which rule it may be given, or why not
	UseAll         []string    // of a question about anything: the packages
	Service        *serviceSay // the half of the policy, of a question about a service
	Answers        []*answerShown
	More           []string // what else would do, without an answer of its own
	Rules          []text.Rule
	NoPath         bool // the rules tell what a yes would take, for nothing came near it
	Notes          []string
	Data           dataUsed
	Copies         []copied
	AskAgain, Back string
}

// serviceSay is what a policy says.
type serviceSay struct {
	Title, Action, Policy, Version, Rule string
	Held, Missing                        string
	Actions                              string
	Lines                                []string
}

// answerShown is one answer about authority: to the question itself, or to one that
// a policy asks.
type answerShown struct {
	Title    string // what it is about, where there are several
	Allowed  bool
	Paths    []chain
	MorePath int
	Near     []chain
	MoreNear int
	Absent   []string // plainly, what there is not
	Remedies []remedyShown
}

// chain is a path or a near miss as it is drawn, from the subject to the party
// acted for.
type chain struct {
	Name   string // "Vei 1"
	Rules  string
	Nodes  []chainNode
	Facts  []string // of each link
	Role   bool     // the question is about a role, which cannot be given on
	Give   bool
	Since  fullmakt.Date
	Stop   string // why a near miss stops; "" of a path
	StopAt string // where, in words
	Rule   string // that stops it
}

// chainNode is a party of a chain and the link that leads on from it.
type chainNode struct {
	Party text.Party
	Link  string // to the next; "" of the last
	Back  bool   // the link points this way
	Stop  bool   // the chain stops at this link
}

// dataUsed is what an answer rests on.
type dataUsed struct {
	Register  string
	Imported  time.Time // zero for never
	Age       string
	Revision  fullmakt.Seq
	Catalogue string
	Stale     string
}

// lookAtPair wants a visitor that may see one of the two parties of a question, and
// notes both in the look-up.
func (v *view) lookAtPair(subject, object fullmakt.PartyNo) error {
	v.lookup.Subject = subject
	if !v.Open && v.mayLook(subject) && !v.mayLook(object) {
		v.lookup.Object = object
		return nil
	}
	return v.look(object)
}

// explain answers a question whole.
func (v *view) explain(ask asking) error {
	if err := v.lookAtPair(ask.subject, ask.object); err != nil {
		return err
	}
	register, err := v.node.Register(v.r.Context())
	if err != nil {
		return err
	}
	if ask.action != "" || ask.resource != "" && ask.right == "" {
		return v.explainService(ask, register)
	}
	q, err := v.query(ask)
	if err != nil {
		return err
	}
	x := pdp.Explain(v.snap, q)
	t := v.shy(q)
	a := t.Answer(q, x)
	if ask.right != "" {
		a.Right = text.Right{Resource: ask.resource, Right: ask.right} // also where nobody was ever given it
	}
	v.lookup.What, v.lookup.Outcome, v.lookup.Reason = v.whatCode(q, ask), audit.OutcomeOf(x.Allowed), x.Reason
	body := &explanationPage{
		Allowed: a.Allowed, Headline: v.texts.Headline(a), Why: v.texts.Reason(a.Reason), Code: string(a.Reason),
		Subject: a.Subject, For: a.For, At: a.At, Notes: v.texts.Notes(a, false), HasGive: q.Role == 0,
		Use: v.texts.YesNo(a.Allowed), Give: v.texts.YesNo(a.MayGive), GiveWhy: v.giving(a), Rules: v.cited(a),
	}
	switch {
	case a.Package != nil:
		body.With, body.WithPath = v.texts.PackageName(a.Package), pathOf("/catalogue/package/{code}", a.Package.Code)
	case a.Right != text.Right{}:
		body.With = v.say("web.check.right", "right", a.Right.Right, "resource", a.Right.Resource)
	case a.Role != nil:
		body.With, body.WithPath = v.texts.RoleName(a.Role), pathOf("/catalogue/role/{code}", string(a.Role.Code))
	default:
		v.anything(body, q)
	}
	one, err := v.answer(q, a)
	if err != nil {
		return err
	}
	body.Answers = []*answerShown{one}
	body.NoPath = !a.Allowed && len(a.NearMisses) == 0
	return v.showExplanation(body, ask, register)
}

// query reads what an address asks about.
func (v *view) query(ask asking) (pdp.Query, error) {
	q := pdp.Ask(ask.subject, ask.object, v.at())
	switch {
	case ask.pkg != "":
		p, ok := v.snap.Catalogue().FindPackage(ask.pkg)
		if !ok {
			return q, problem(http.StatusBadRequest, "no-package", "name", ask.pkg)
		}
		q.Package = p.ID
	case ask.role != "":
		if q.Role = v.roleID(ask.role); q.Role == 0 {
			return q, problem(http.StatusBadRequest, "no-role", "name", ask.role)
		}
	case ask.right != "":
		q.Right = cmp.Or(v.snap.Right(ask.resource, ask.right), pdp.UnknownRight)
	}
	return q, nil
}

// whatCode is what was asked about as the log of look-ups writes it: nothing of an
// address's own words.
func (v *view) whatCode(q pdp.Query, ask asking) string {
	switch {
	case q.Package != catalogue.NoPackage:
		return v.snap.Catalogue().Package(q.Package).Code
	case q.Role != 0:
		return string(v.snap.RoleCode(q.Role))
	case q.Right != 0 && q.Right != pdp.UnknownRight:
		resource, right := v.snap.RightName(q.Right)
		return resource + ":" + right
	case ask.right != "":
		return "right"
	}
	return ""
}

// anything tells how much a subject may use and give, where the question names
// nothing.
func (v *view) anything(body *explanationPage, q pdp.Query) {
	var use, give catalogue.PackageSet
	pairs, _ := pdp.ActsFor(v.snap, q.Subject, q.At, pdp.All, q.For-1, 1)
	if len(pairs) == 1 && pairs[0].For == q.For {
		use, give = pairs[0].Use, pairs[0].Give
	}
	body.With = ""
	if body.Allowed || !give.IsEmpty() {
		body.Use = v.say("web.check.packages", "n", use.Len())
		body.Give = v.say("web.check.packages", "n", give.Len())
	}
	body.UseAll = v.packageNames(&use)
}

// giving tells by which rule a thing may be given on, or why not.
func (v *view) giving(a *text.Answer) string {
	switch {
	case a.MayGive && a.GiveRule != "":
		return v.texts.Say("line.give.by", "rule", a.GiveRule)
	case !a.MayGive && a.GiveReason != "" && a.GiveReason != a.Reason:
		return v.texts.Reason(a.GiveReason)
	}
	return ""
}

// explainService answers a question about an action on a service as the decision
// point does: what its policy says, and the authority that it asks for.
func (v *view) explainService(ask asking, register node.RegisterStatus) error {
	view := v.node.Registry(v.snap)
	d := &registry.Decider{Snapshot: v.snap, View: view, AllowUncertain: v.AllowUncertain}
	q := registry.Question{Subject: ask.subject, For: ask.object, Resource: ask.resource, Action: ask.action, At: v.now}
	x := d.Explain(&q)
	if x.Resource == nil {
		return problem(http.StatusNotFound, "no-service", "id", ask.resource)
	}
	t := v.shy(pdp.Ask(ask.subject, ask.object, v.at()))
	told, queries := t.Service(v.texts, q, &x)
	v.lookup.What, v.lookup.Outcome, v.lookup.Reason = x.Resource.Identifier, audit.OutcomeOf(told.Allowed), told.Reason
	lines := v.texts.Service(told)
	body := &explanationPage{
		Allowed: told.Allowed, Headline: lines[0].Text, Why: v.texts.Reason(told.Reason), Code: string(told.Reason),
		Subject: told.Subject, For: told.For, At: v.now.In(v.oslo), Use: v.texts.YesNo(told.Allowed),
		With:     v.say("web.check.action", "action", told.Action, "service", cmp.Or(told.Title, told.Resource)),
		WithPath: pathOf("/catalogue/service/{id}", told.Resource), Service: &serviceSay{},
		Notes: v.texts.Notes(&text.Answer{For: told.For, Uncertain: x.Uncertain}, false),
	}
	for _, line := range lines[2:] {
		body.Service.Lines = append(body.Service.Lines, line.Text)
	}
	var answers []*text.Answer
	for i, query := range queries {
		if i == mostAnswers {
			for _, rest := range queries[i:] {
				body.More = append(body.More, v.about(t.Answer(rest, pdp.Explanation{})))
			}
			break
		}
		a := t.Answer(query, pdp.Explain(v.snap, query))
		one, err := v.answer(query, a)
		if err != nil {
			return err
		}
		one.Title = v.about(a)
		body.Answers, answers = append(body.Answers, one), append(answers, a)
	}
	body.Rules = v.cited(answers...)
	return v.showExplanation(body, ask, register)
}

// mostAnswers is how many of the things that a policy asks for are explained.
const mostAnswers = 5

// about names what an answer is about.
func (v *view) about(a *text.Answer) string {
	switch {
	case a.Package != nil:
		return v.texts.PackageName(a.Package)
	case a.Role != nil:
		return v.texts.RoleName(a.Role)
	case a.Right != text.Right{}:
		return v.say("web.check.right", "right", a.Right.Right, "resource", a.Right.Resource)
	}
	return ""
}

// answer draws an answer about authority.
func (v *view) answer(q pdp.Query, a *text.Answer) (*answerShown, error) {
	one := &answerShown{Allowed: a.Allowed}
	for i, p := range a.Paths {
		if i == text.MostPaths {
			one.MorePath = len(a.Paths) - i
			break
		}
		one.Paths = append(one.Paths, v.chain(a, p, v.say("web.check.path", "n", i+1)))
	}
	for i, p := range a.NearMisses {
		if i == text.MostPaths {
			one.MoreNear = len(a.NearMisses) - i
			break
		}
		one.Near = append(one.Near, v.chain(a, p, v.say("web.check.near", "n", i+1)))
	}
	if a.Allowed {
		return one, nil
	}
	one.Absent = v.absent(q, a)
	var err error
	one.Remedies, err = v.remedies(a)
	return one, err
}

// chain draws a path or near miss.
func (v *view) chain(a *text.Answer, p text.Path, name string) chain {
	c := chain{Name: name, Rules: string(p.Base), Role: a.Role != nil, Give: p.Give, Since: p.Since()}
	if p.Extension != "" {
		c.Rules += " + " + string(p.Extension)
	}
	stop := -1
	if p.Reason != "" {
		c.Stop, c.Rule = v.texts.Stopped(p), string(p.Rule)
		if at, ok := p.Stop(a.At); ok {
			stop = at
			c.StopAt = v.say("web.check.stop.at", "party", p.Steps[at].At.Label())
		}
	}
	c.Nodes = []chainNode{{Party: a.Subject}}
	if p.Base == fullmakt.RuleSelf {
		c.Nodes[0].Link = v.texts.Line(p, a.Subject, a.For)
	}
	for i, hop := range v.texts.Hops(p, a.For) {
		last := &c.Nodes[len(c.Nodes)-1]
		last.Link, last.Back, last.Stop = hop.What, hop.Back, stop >= 0 && i == len(p.Steps)-1-stop
		c.Nodes = append(c.Nodes, chainNode{Party: hop.To})
	}
	for _, s := range slices.Backward(p.Steps) {
		if fact := v.fact(s); fact != "" {
			c.Facts = append(c.Facts, fact)
		}
	}
	return c
}

// fact tells what is known of a step: since when, from where, and for how long.
func (v *view) fact(s text.Step) string {
	var parts []string
	if s.Since != 0 {
		parts = append(parts, v.say("web.check.since", "day", v.texts.Day(s.Since)))
	}
	if s.Valid.From != 0 {
		parts = append(parts, v.say("web.check.from", "time", v.moment(s.Valid.From)))
	}
	if s.Valid.To != 0 {
		parts = append(parts, v.say("web.check.until", "time", v.moment(s.Valid.To-1)))
	}
	switch {
	case s.Source != fullmakt.SourceNone:
		parts = append(parts, v.say("web.check.source."+strings.ReplaceAll(s.Source.String(), "-", "_")))
	case s.Kind != text.StepRole:
		parts = append(parts, v.say("web.check.source.given"))
	}
	if len(parts) == 0 {
		return ""
	}
	return v.say("web.check.fact", "holder", s.Holder.Label(), "what", v.texts.Step(s), "at", s.At.Label(), "facts", strings.Join(parts, " · "))
}

// showExplanation adds what every explanation has, and shows it.
func (v *view) showExplanation(body *explanationPage, ask asking, register node.RegisterStatus) error {
	body.Word = v.texts.Word(&text.Answer{Allowed: body.Allowed})
	body.AskAgain = v.checkURL(asking{pkg: ask.pkg, role: ask.role, resource: ask.resource, action: ask.action})
	body.Data = v.data(register)
	var err error
	if body.Copies, err = v.copies(ask); err != nil {
		return err
	}
	return v.show("explanation", &page{
		Title: body.Word + ": " + body.Headline, Menu: "/check", Body: body,
		Crumbs: []crumb{{"/", v.say("web.menu.search")}, {partyPath(body.For), label(v.texts, body.For)}},
	})
}

// data tells what an answer rests on.
func (v *view) data(register node.RegisterStatus) dataUsed {
	d := dataUsed{Register: v.RegisterName(v.texts), Revision: v.snap.Seq(), Catalogue: register.Catalogue, Stale: register.Stale}
	if register.ImportedAt.IsZero() {
		return d
	}
	d.Imported = register.ImportedAt.In(v.oslo)
	if age := v.now.Sub(d.Imported); !v.Invented {
		switch hours := int(age.Hours()); {
		case hours < 1:
			d.Age = v.say("web.check.age.now")
		case hours < 48:
			d.Age = v.say("web.check.age.hours", "n", hours)
		default:
			d.Age = v.say("web.check.age.days", "n", hours/24)
		}
	}
	return d
}

// shy returns a teller that veils a person whom the visitor may not look at, where
// nothing ties the two parties of a question together: else whoever may look at one
// party could learn of everybody by asking about all numbers.
func (v *view) shy(q pdp.Query) *text.Teller {
	t := v.teller()
	if v.Open {
		return t
	}
	if roles, grants := v.heldAt(q.Subject, q.For); len(roles)+len(grants) > 0 {
		return t
	}
	tie := pdp.Explain(v.snap, pdp.Ask(q.Subject, q.For, q.At))
	if tie.Allowed || tie.MayGive || len(tie.NearMisses) > 0 {
		return t
	}
	t.Veiled = map[fullmakt.PartyNo]string{}
	for _, p := range []fullmakt.PartyNo{q.Subject, q.For} {
		if v.snap.Kind(p) == fullmakt.KindPerson && !v.mayLook(p) {
			t.Veiled[p] = v.say("web.check.stranger")
		}
	}
	return t
}

// stranger is a person as it is shown to who may not know it.
func (v *view) stranger(p text.Party) text.Party {
	return text.Party{No: p.No, Kind: p.Kind, Name: v.say("web.check.stranger")}
}
