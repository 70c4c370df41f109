package main

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
)

// changeFlags are those of every command that gives or takes back.
type changeFlags struct {
	As     string `placeholder:"PARTY" help:"Act as this party, by what it may do. Default: as the operator."`
	DryRun bool   `help:"Show what would change, and change nothing."`
}

// validFlags are the interval of something given.
type validFlags struct {
	ValidFrom string `placeholder:"TIME" help:"From when. Default: at once."`
	Until     string `placeholder:"DATE" help:"Through this day (til og med). Default: without end."`
}

func (f *validFlags) interval(oslo *time.Location) (v fullmakt.Interval, err error) {
	if f.ValidFrom != "" {
		from, err := parseTime(f.ValidFrom, oslo)
		if err != nil {
			return v, err
		}
		v.From = from.Unix()
	}
	if f.Until != "" {
		day, err := fullmakt.ParseDate(f.Until)
		if err != nil {
			return v, err
		}
		v.To = fullmakt.Through(day, oslo)
	}
	return v, nil
}

// changing is a command that gives or takes back, under way: the open register, and
// who acts.
type changing struct {
	*app
	n     *node.Node
	flags *changeFlags
	actor fullmakt.PartyNo
}

// change opens the register for a command and runs it. A dry run may ask any
// register, also one that cannot be changed.
func (a *app) change(f *changeFlags, run func(*changing) error) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	open := a.openForWriting
	if f.DryRun {
		open = a.open
	}
	n, err := open()
	if err != nil {
		return err
	}
	defer n.Close()
	c := &changing{app: a, n: n, flags: f}
	if f.As != "" {
		if c.actor, err = c.party(f.As); err != nil {
			return err
		}
	}
	return run(c)
}

// party finds a party by any reference.
func (c *changing) party(ref string) (fullmakt.PartyNo, error) {
	p, err := c.find(c.n, ref)
	return p.No, err
}

// parties finds several.
func (c *changing) parties(refs ...string) (list []fullmakt.PartyNo, err error) {
	for _, ref := range refs {
		p, err := c.party(ref)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// ends finds who gives and who receives.
func (c *changing) ends(from, to string) (fullmakt.PartyNo, fullmakt.PartyNo, error) {
	list, err := c.parties(from, to)
	if err != nil {
		return 0, 0, err
	}
	return list[0], list[1], nil
}

func (c *changing) acting(s *index.Snapshot) *delegation.Acting {
	return c.n.Acting(s, c.actor, c.now.Unix())
}

// wireChange is one thing that a command changes.
type wireChange struct {
	Action   string     `json:"action"` // given or ended
	Kind     string     `json:"kind"`   // grant, scope_grant, agent, client_delegation, request, system_user or another
	From     *wireParty `json:"from,omitempty"`
	To       *wireParty `json:"to,omitempty"`
	Client   *wireParty `json:"client,omitempty"` // of a client delegation
	Package  string     `json:"package,omitempty"`
	Resource string     `json:"resource,omitempty"`
	Right    string     `json:"right,omitempty"`
	Scheme   string     `json:"scheme,omitempty"`
	Role     string     `json:"role,omitempty"` // ECKEY, or the basis of a client delegation; "" for a grant
	Request  string     `json:"request,omitempty"`
	State    string     `json:"state,omitempty"` // of a request
	User     string     `json:"user,omitempty"`  // the UUID of a system user
	Valid    *wireValid `json:"valid,omitempty"`
	Cause    string     `json:"cause,omitempty"`
	what     string     // as a line of text says it
}

// wireOutcome is the JSON of a command that gives or takes back.
type wireOutcome struct {
	DryRun   bool         `json:"dry_run"`
	Changed  bool         `json:"changed"`
	Revision fullmakt.Seq `json:"revision"`
	Changes  []wireChange `json:"changes"`
	Ended    []wireChange `json:"ended"` // what ends with it, without being named
	Held     []string     `json:"still_held,omitempty"`
}

// run works a command out on the head and, unless it is a dry run, carries it out.
// Either way it prints what changes, and what ends along with it.
func (c *changing) run(note string, command func(*delegation.Acting) (*delegation.Outcome, error)) error {
	var out *delegation.Outcome
	var before *index.Snapshot
	var revision fullmakt.Seq
	work := func(s *index.Snapshot) (changes []fullmakt.Change, err error) {
		before = s
		if out, err = command(c.acting(s)); err != nil {
			return nil, err
		}
		return out.Changes, nil
	}
	var err error
	if c.flags.DryRun {
		var s *index.Snapshot
		if s, err = c.n.Snapshot(c.ctx); err == nil {
			revision = s.Seq()
			_, err = work(s)
		}
	} else {
		revision, err = c.n.Do(c.ctx, c.now, note, work)
	}
	if err != nil {
		return c.refused(before, err)
	}
	if len(out.Changes) > 0 { // a party that is new has a name only then
		before = before.Apply(before.Seq()+1, before.At(), out.Changes)
	}
	w := wireOutcome{DryRun: c.flags.DryRun, Changed: len(out.Changes) > 0, Revision: revision, Changes: []wireChange{}, Ended: []wireChange{}}
	along := map[string]bool{}
	for _, ch := range out.Ended {
		along[fmt.Sprintf("%+v", ch)] = true
	}
	for _, ch := range out.Changes {
		one := c.wireChange(before, ch)
		if along[fmt.Sprintf("%+v", ch)] {
			w.Ended = append(w.Ended, one)
			continue
		}
		w.Changes = append(w.Changes, one)
	}
	for _, item := range out.Items {
		if item.StillHeld {
			w.Held = append(w.Held, item.Item.Package)
		}
	}
	if c.globals.wantsJSON() {
		return c.printJSON(w)
	}
	c.printOutcome(&w)
	return nil
}

func (c *changing) printOutcome(w *wireOutcome) {
	if !w.Changed {
		c.tell("outcome.none")
		return
	}
	for _, ch := range w.Changes {
		c.printf("%s\n", c.line(ch))
	}
	if len(w.Ended) > 0 {
		c.tell("outcome.ends")
		for _, ch := range w.Ended {
			c.printf("  %s\n", c.line(ch))
		}
	}
	for _, p := range w.Held {
		c.tell("outcome.held", "package", p)
	}
	if w.DryRun {
		c.tell("outcome.dry")
		return
	}
	c.tell("outcome.revision", "revision", w.Revision)
}

func (c *changing) line(ch wireChange) string {
	sign := c.paint(green, "+")
	if ch.Action == "ended" {
		sign = c.paint(red, "-")
	}
	line := sign + " " + ch.what
	if ch.Valid != nil {
		line += c.interval(ch.Valid.valid)
	}
	return line
}

// wireChange tells of one change.
func (c *changing) wireChange(s *index.Snapshot, change fullmakt.Change) wireChange {
	t := c.teller(s, node.RegisterStatus{})
	name := func(p fullmakt.PartyNo) (*wireParty, string) {
		party := t.Party(p)
		w := c.wireParty(party)
		return &w, party.Label()
	}
	w := wireChange{Action: "given"}
	ends := func(from, to fullmakt.PartyNo, ended bool, cause fullmakt.Cause) (string, string) {
		var a, b string
		w.From, a = name(from)
		w.To, b = name(to)
		if ended {
			w.Action, w.Cause = "ended", cause.String()
		}
		return a, b
	}
	bounds := func(v fullmakt.Interval) {
		if v != (fullmakt.Interval{}) {
			w.Valid = c.wireValid(v)
		}
	}
	switch ch := change.(type) {
	case fullmakt.Grant:
		w.Kind, w.Package, w.Resource, w.Right, w.Role = "grant", urnOf(s, ch.Package), ch.Resource, ch.Right, string(ch.Role)
		from, to := ends(ch.From, ch.To, ch.Ended, ch.Cause)
		what := ch.Package + string(ch.Role)
		if ch.Resource != "" {
			what = c.texts.Say("change.right", "right", ch.Right, "resource", ch.Resource)
		}
		w.what = c.texts.Say("change.grant", "from", from, "to", to, "what", what)
		bounds(ch.Valid)
	case fullmakt.ScopeGrant:
		w.Kind, w.Scheme = "scope_grant", ch.Scheme
		from, to := ends(ch.From, ch.To, ch.Ended, ch.Cause)
		w.what = c.texts.Say("change.scopes", "from", from, "to", to, "scheme", ch.Scheme)
		bounds(ch.Valid)
	case fullmakt.Agent:
		w.Kind = "agent"
		from, to := ends(ch.Provider, ch.Agent, ch.Ended, ch.Cause)
		w.what = c.texts.Say("change.agent", "from", from, "to", to)
	case fullmakt.ClientDelegation:
		w.Kind, w.Package, w.Role = "client_delegation", urnOf(s, ch.Package), string(ch.Role)
		from, to := ends(ch.Provider, ch.Agent, ch.Ended, ch.Cause)
		var client string
		w.Client, client = name(ch.Client)
		over := c.texts.Say("change.overgrant")
		if ch.Role != "" {
			over = string(ch.Role)
		}
		w.what = c.texts.Say("change.client", "from", from, "to", to, "package", ch.Package, "client", client, "basis", over)
	case fullmakt.Party:
		w.Kind = "party"
		w.To, w.what = name(ch.No)
		w.what = c.texts.Say("change.party", "name", w.what)
	case fullmakt.SystemUser:
		w.Kind = "system_user"
		from, to := ends(ch.Owner, ch.Party, ch.Ended, fullmakt.CauseNone)
		w.what = c.texts.Say("change.systemuser", "from", from, "to", to, "type", c.texts.Say("systemuser."+systemUserType(ch.Agent)))
	case fullmakt.Document:
		w.Kind = string(ch.Kind)
		w.what = string(ch.Kind) + " " + ch.ID
		if ch.Ended {
			w.Action = "ended"
		}
		c.systemDocument(s, &ch, &w)
		if r, err := delegation.ReadRequest(&ch); ch.Kind == fullmakt.DocumentRequest && err == nil {
			var a, b string
			w.Request, w.State = r.ID, string(r.State)
			w.From, a = name(r.From)
			w.To, b = name(r.To)
			w.what = c.texts.Say("change.request", "id", r.ID, "asker", b, "asked", a, "state", c.requestState(r.State))
		}
	default:
		w.Kind = fmt.Sprintf("%T", change)
		w.what = w.Kind
	}
	return w
}

// urnOf returns a package's URN, or its code where the catalogue has none.
func urnOf(s *index.Snapshot, code string) string {
	if p, ok := s.Catalogue().PackageID(code); ok && code != "" && p != catalogue.NoPackage {
		return s.Catalogue().Package(p).URN
	}
	return code
}

// refusedError is the error of a command that was refused: with every refusal, and
// what would end along with it.
type refusedError struct {
	error
	refusals []wireRefusal
}

// Unwrap gives the error its code and hint.
func (e *refusedError) Unwrap() error { return e.error }

// wireRefusal is one thing that stands in the way.
type wireRefusal struct {
	Path    string          `json:"path,omitempty"` // JSON pointer to the offending item of the command
	Reason  fullmakt.Reason `json:"reason"`
	Rule    fullmakt.Rule   `json:"rule,omitempty"`
	Message string          `json:"message"`
	Party   *wireParty      `json:"party,omitempty"`
	Rests   []wireChange    `json:"rests,omitempty"` // what would end with it
	lines   []string
}

// refused tells each refusal of a command.
func (c *changing) refused(s *index.Snapshot, err error) error {
	found := delegation.Refusals(err)
	if len(found) == 0 || s == nil {
		return err
	}
	return &refusedError{error: err, refusals: c.wireRefusals(s, found)}
}

func (c *changing) wireRefusals(s *index.Snapshot, found []delegation.Refusal) (list []wireRefusal) {
	for _, r := range found {
		w := wireRefusal{Path: r.Path, Reason: r.Reason, Rule: r.Rule, Message: r.Message}
		if r.Party != 0 && s.Kind(r.Party) != fullmakt.KindUnknown {
			p := c.wireParty(c.teller(s, node.RegisterStatus{}).Party(r.Party))
			w.Party = &p
		}
		for _, ch := range r.Rests {
			one := c.wireChange(s, ch)
			w.Rests = append(w.Rests, one)
			w.lines = append(w.lines, c.line(one))
		}
		list = append(list, w)
	}
	return list
}

// newUUID returns a random UUID (RFC 9562, version 4).
func newUUID() string {
	var u fullmakt.UUID
	rand.Read(u[:])
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return u.String()
}
