package delegation

import (
	"encoding/json"
	"iter"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/pdp"
)

// RequestState is where a request for access stands, by Altinn's names.
type RequestState string

// The states of a request. The last three are final.
const (
	RequestDraft     RequestState = "Draft" // written by another for the receiver, who has not confirmed it
	RequestPending   RequestState = "Pending"
	RequestApproved  RequestState = "Approved"
	RequestRejected  RequestState = "Rejected"
	RequestWithdrawn RequestState = "Withdrawn"
)

// Request asks From to give To packages or rights ("be om fullmakt").
type Request struct {
	ID       string           `json:"-"` // a UUID: the document's
	From     fullmakt.PartyNo `json:"from"`
	To       fullmakt.PartyNo `json:"to"`
	Packages []string         `json:"packages,omitempty"` // catalogue codes
	Rights   []RequestRight   `json:"rights,omitempty"`
	Message  string           `json:"message,omitempty"`
	State    RequestState     `json:"state"`
	History  []RequestStep    `json:"history"` // from the beginning; the last has the state
}

// RequestRight is one right to a resource.
type RequestRight struct {
	Resource string `json:"resource"`
	Right    string `json:"right"`
}

// RequestStep is one change of a request's state.
type RequestStep struct {
	State RequestState     `json:"state"`
	By    fullmakt.PartyNo `json:"by,omitempty"` // 0 for the operator
	At    int64            `json:"at"`           // Unix seconds
	// Given lists, of an approval of less than was asked for, the places among
	// packages, then rights, that were given.
	Given []int `json:"given,omitempty"`
}

// Sender returns who wrote the request.
func (r *Request) Sender() fullmakt.PartyNo { return r.History[0].By }

// Items returns what the request asks for.
func (r *Request) Items() []Item {
	var items []Item
	for _, p := range r.Packages {
		items = append(items, Item{Package: p})
	}
	for _, right := range r.Rights {
		items = append(items, Item{Resource: right.Resource, Right: right.Right})
	}
	return items
}

// document returns the request as the log keeps it.
func (r *Request) document() fullmakt.Document {
	body, err := json.Marshal(r)
	if err != nil {
		panic("delegation: a request of plain fields cannot be written: " + err.Error())
	}
	parties := []fullmakt.PartyNo{r.From, r.To}
	slices.Sort(parties)
	return fullmakt.Document{Kind: fullmakt.DocumentRequest, ID: r.ID, Parties: parties, Body: body}
}

// ReadRequest reads a request from its document. An error, CodeInternal, means
// that the log holds what this package did not write.
func ReadRequest(d *fullmakt.Document) (*Request, error) {
	r := &Request{ID: d.ID}
	if err := json.Unmarshal(d.Body, r); err != nil || len(r.History) == 0 {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "the request %s cannot be read", d.ID)
	}
	return r, nil
}

// FindRequest returns a request that the actor may see. One that it may not see is
// CodeNotFound like one that is not there.
func (a *Acting) FindRequest(id string) (*Request, error) {
	if d, ok := a.Snapshot.Document(fullmakt.DocumentRequest, id); ok {
		r, err := ReadRequest(&d.Document)
		if err != nil || a.sees(r) {
			return r, err
		}
	}
	return nil, fullmakt.Errorf(fullmakt.CodeNotFound, "there is no request %s", clip(id))
}

// Requests yields the requests from or to a party that the actor may see, by id:
// received, those that ask the party to give; sent, those that ask for it to
// receive. Drafts are the receiver's alone.
func (a *Acting) Requests(party fullmakt.PartyNo, sent, received bool) iter.Seq2[*Request, error] {
	return func(yield func(*Request, error) bool) {
		for d := range a.Snapshot.DocumentsOf(fullmakt.DocumentRequest, party) {
			r, err := ReadRequest(&d.Document)
			if err == nil && (!(sent && r.To == party || received && r.From == party) || !a.sees(r)) {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// sees reports whether the actor may see a request: the sender, who may receive for
// To, and, once it is no draft, who administers From.
func (a *Acting) sees(r *Request) bool {
	return a.Actor == Operator || a.Actor == r.Sender() || a.receiverSide(r.To) || r.State != RequestDraft && a.administers(r.From)
}

// receiverSide reports whether the actor may receive for a party: the person
// itself, or who administers it, or the organisation that owns it.
func (a *Acting) receiverSide(to fullmakt.PartyNo) bool {
	n := a.Snapshot.Node(to)
	if n.Kind == fullmakt.KindEnterpriseUser || n.Kind == fullmakt.KindSystemUser {
		to = n.Parent
	}
	return a.Actor == to || a.administers(to)
}

// Ask asks for access.
type Ask struct {
	ID       string // a new UUID
	From, To fullmakt.PartyNo
	Items    []Item // packages and rights
	Message  string // at most 500 characters
	// Draft tells that somebody else wrote it, such as a service owner: To's side
	// must confirm it first. Only the operator may write one, in By's name.
	Draft bool
	By    fullmakt.PartyNo // who sends it, when the operator acts for a service; else 0
}

const maxMessage = 500

// Ask returns the changes that send a request. What may be given at all to whom is
// checked with the sides turned round (rules GIVE-1, b, and GIVE-3); whether
// anybody may give it is found out when somebody approves.
func (a *Acting) Ask(c Ask) (*Outcome, error) {
	var rs refusals
	operator := Acting{Snapshot: a.Snapshot, At: a.At, Rights: a.Rights}
	give := Give{From: c.From, To: c.To, Identified: true}
	if a.soundActor(&rs) && operator.give3(&rs, &give) && a.Actor != Operator && !a.receiverSide(c.To) {
		rs.add(Refusal{Path: "/to", Reason: fullmakt.ReasonNotAdmin, Rule: fullmakt.RuleGive5, Party: c.To}, "the actor is neither the receiver nor administers it")
	}
	if utf8.RuneCountInString(c.Message) > maxMessage || slices.ContainsFunc([]rune(c.Message), func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
		rs.add(Refusal{Path: "/message", Reason: fullmakt.ReasonIncomplete}, "a message has at most %d characters and no control characters", maxMessage)
	}
	if _, err := fullmakt.ParseUUID(c.ID); err != nil {
		rs.add(Refusal{Path: "/id", Reason: fullmakt.ReasonIncomplete}, "the request needs a UUID of its own")
	} else if _, there := a.Snapshot.Document(fullmakt.DocumentRequest, c.ID); there {
		rs.add(Refusal{Path: "/id", Reason: fullmakt.ReasonRequestState}, "there is a request %s already", c.ID)
	}
	if (c.Draft || c.By != 0) && a.Actor != Operator || len(c.Items) == 0 {
		rs.add(Refusal{Path: "/items", Reason: fullmakt.ReasonIncomplete}, "name what is asked for; only a service writes drafts")
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	r := &Request{ID: c.ID, From: c.From, To: c.To, Message: c.Message, State: RequestPending}
	if c.Draft {
		r.State = RequestDraft
	}
	by := a.Actor
	if by == Operator {
		by = c.By
	}
	r.History = []RequestStep{{State: r.State, By: by, At: a.At}}
	for i, item := range c.Items {
		path := where(item.Path, "items", i)
		if item.ECKEY {
			rs.add(Refusal{Path: path, Reason: fullmakt.ReasonReceiver, Rule: "NEST-2"}, "ECKEY is not asked for")
			continue
		}
		g, ok := operator.giveItem(&rs, &give, item, path)
		switch {
		case !ok:
		case g.Package != "":
			r.Packages = append(r.Packages, g.Package)
		default:
			r.Rights = append(r.Rights, RequestRight{Resource: g.Resource, Right: g.Right})
		}
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	return &Outcome{Changes: []fullmakt.Change{r.document()}}, nil
}

// step returns the request after one more step.
func (r *Request) step(a *Acting, to RequestState, given []int) *Request {
	next := *r
	next.State = to
	next.History = append(slices.Clone(r.History), RequestStep{State: to, By: a.Actor, At: a.At, Given: given})
	return &next
}

// in checks that the request is in one of some states.
func (r *Request) in(rs *refusals, states ...RequestState) {
	if !slices.Contains(states, r.State) {
		rs.add(Refusal{Path: "/id", Reason: fullmakt.ReasonRequestState}, "the request is %s", r.State)
	}
}

// ConfirmRequest sends a draft on, by To's side. What is sent already stays as it is.
func (a *Acting) ConfirmRequest(id string) (*Outcome, error) {
	return a.moveRequest(id, RequestPending, func(r *Request) fullmakt.PartyNo { return r.To }, a.receiverSide, RequestDraft)
}

// WithdrawRequest takes a request back, by the sender or To's side.
func (a *Acting) WithdrawRequest(id string) (*Outcome, error) {
	var sender fullmakt.PartyNo
	side := func(to fullmakt.PartyNo) bool { return a.Actor == Operator || a.Actor == sender || a.receiverSide(to) }
	return a.moveRequest(id, RequestWithdrawn, func(r *Request) fullmakt.PartyNo { sender = r.Sender(); return r.To }, side, RequestDraft, RequestPending)
}

// RejectRequest says no, by who administers From.
func (a *Acting) RejectRequest(id string) (*Outcome, error) {
	return a.moveRequest(id, RequestRejected, func(r *Request) fullmakt.PartyNo { return r.From }, a.administers, RequestPending)
}

func (a *Acting) moveRequest(id string, to RequestState, party func(*Request) fullmakt.PartyNo, side func(fullmakt.PartyNo) bool, from ...RequestState) (*Outcome, error) {
	r, err := a.FindRequest(id)
	if err != nil {
		return nil, err
	}
	var rs refusals
	p := party(r)
	if a.soundActor(&rs) && !side(p) {
		rs.add(Refusal{Reason: fullmakt.ReasonNotAdmin, Rule: fullmakt.RuleGive1, Party: p}, "the actor does not act for this side of the request")
	}
	if r.State != to { // a second time changes nothing
		r.in(&rs, from...)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	if r.State == to {
		return &Outcome{}, nil
	}
	return &Outcome{Changes: []fullmakt.Change{r.step(a, to, nil).document()}}, nil
}

// Approve says yes to a request, or to part of it.
type Approve struct {
	ID string
	// Only names, as places among the request's Items, what is given; nil is all.
	Only  []int
	Valid fullmakt.Interval
}

// ApproveRequest gives what was asked for, by who may give it (rules GIVE-1 and
// GIVE-2). Whoever sent a request may approve it only as the giver's main
// administrator.
func (a *Acting) ApproveRequest(c Approve) (*Outcome, error) {
	r, err := a.FindRequest(c.ID)
	if err != nil {
		return nil, err
	}
	if r.State == RequestApproved {
		return &Outcome{}, nil
	}
	var rs refusals
	r.in(&rs, RequestPending)
	if a.Actor != Operator && a.Actor == r.Sender() && !pdp.Stand(a.Snapshot, a.Actor, r.From, a.At).MainAdministrator {
		rs.add(Refusal{Path: "/id", Reason: fullmakt.ReasonOwnRequest, Rule: fullmakt.RuleGive2, Party: r.From}, "whoever sent a request approves it as main administrator (hovedadministrator) alone")
	}
	items := r.Items()
	for i := range items {
		items[i].Path = where("", "items", i)
	}
	give := Give{From: r.From, To: r.To, Identified: true, Items: items, Valid: c.Valid}
	if c.Only != nil {
		give.Items = nil
		for i, at := range c.Only {
			if at < 0 || at >= len(items) {
				rs.add(Refusal{Path: where("", "only", i), Reason: fullmakt.ReasonIncomplete}, "the request has no item %d", at)
				continue
			}
			give.Items = append(give.Items, items[at])
		}
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	out, err := a.Give(give)
	if err != nil {
		return nil, err
	}
	out.Changes = append(out.Changes, r.step(a, RequestApproved, c.Only).document())
	return out, nil
}
