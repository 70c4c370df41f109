package delegation_test

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

// modelRequest is a request for one thing.
type modelRequest struct {
	from, to, sender fullmakt.PartyNo
	item             string // a package or RESOURCE#RIGHT
	state            delegation.RequestState
}

// mayReceiveFor tells who receives for a party: itself, or who administers it or the
// organisation that owns it.
func (m *model) mayReceiveFor(s, to fullmakt.PartyNo) bool {
	if owner := m.owner[to]; owner != 0 {
		to = owner
	}
	return s == to || m.administers(s, to)
}

// sees tells who sees a request: both sides and the sender, but of a draft not the
// one who is asked.
func (m *model) sees(s fullmakt.PartyNo, r *modelRequest) bool {
	return s == 0 || s == r.sender || m.mayReceiveFor(s, r.to) || r.state != delegation.RequestDraft && m.administers(s, r.from)
}

// soundRequests holds the requests of the register against the model's.
func (m *model) soundRequests(t *rapid.T) {
	for id, want := range m.requests {
		got, err := (&delegation.Acting{Snapshot: m.s, At: m.at}).FindRequest(id)
		if err != nil || got.State != want.state || got.From != want.from || got.To != want.to || got.Sender() != want.sender {
			t.Fatalf("request %s is %+v (%v), want %+v", id, got, err, want)
		}
		for p := range m.kind { // whoever may see it sees it, and nobody else
			_, err := (&delegation.Acting{Snapshot: m.s, Actor: p, At: m.at}).FindRequest(id)
			if sees := err == nil; sees != m.sees(p, want) {
				t.Fatalf("%s sees request %+v: %t", m.parts[p-1], want, sees)
			}
		}
	}
}

// asking are the commands about requests for access.
func (m *modelRun) asking() map[string]func(*rapid.T) {
	ask := func(rt *rapid.T, draft bool) {
		a, from, to := m.actor(rt), m.party(rt, "from"), m.party(rt, "to")
		r := &modelRequest{from: from, to: to, state: delegation.RequestPending}
		if r.item = modelResource + "#" + m.rights["read"]; rapid.Bool().Draw(rt, "a package") {
			r.item = rapid.SampledFrom(modelPackages).Draw(rt, "package")
		}
		if rapid.IntRange(0, 2).Draw(rt, "usual") > 0 { // somebody asks for itself
			r.from, r.to = m.one(rt, "asked", "A AS", "A AS", "B AS"), m.one(rt, "asks", modelPersons...)
			from, to, a = r.from, r.to, m.by(r.to)
		} else if who, ok := m.caretaker(rt); ok { // or for what it could give itself
			from, to, a = m.names["A AS"], who, m.by(who)
			r.from, r.to, r.item = from, to, rapid.SampledFrom(modelAdministration).Draw(rt, "administration")
		}
		c := delegation.Ask{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", len(m.requests)), From: from, To: to, Items: items(r.item)}
		want := m.mayAct(a.Actor) && m.mayReceiveFor(a.Actor, to) && m.gives(0, from, to, r.item)
		what := "ask"
		if r.sender = a.Actor; draft {
			r.state, r.sender, what = delegation.RequestDraft, m.names["B AS"], "draft"
			c.Draft, c.By = true, r.sender
			if want = want && a.Actor == 0; rapid.Bool().Draw(rt, "by the operator") {
				a, want = m.by(0), m.gives(0, from, to, r.item)
			}
		}
		out, err := a.Ask(c)
		if m.check(rt, what, want, out, err); err == nil {
			m.requests[c.ID] = r
		}
	}
	// step draws a request and who takes a step with it.
	step := func(rt *rapid.T) (id string, r *modelRequest, a *delegation.Acting) {
		if len(m.requests) == 0 {
			return "", nil, nil
		}
		ids := slices.Sorted(maps.Keys(m.requests))
		id = rapid.SampledFrom(ids[max(0, len(ids)-4):]).Draw(rt, "request")
		if r = m.requests[id]; rapid.Bool().Draw(rt, "by a side") {
			return id, r, m.by(rapid.SampledFrom([]fullmakt.PartyNo{r.to, r.sender, 0}).Draw(rt, "side"))
		}
		return id, r, m.actor(rt)
	}
	// moves is a step to a state; again tells that it may be taken twice.
	moves := func(what string, to delegation.RequestState, command func(*delegation.Acting, string) (*delegation.Outcome, error),
		side func(s fullmakt.PartyNo, r *modelRequest) bool, from ...delegation.RequestState) func(*rapid.T) {
		return func(rt *rapid.T) {
			id, r, a := step(rt)
			if r == nil {
				return
			}
			want := m.sees(a.Actor, r) && m.mayAct(a.Actor) && side(a.Actor, r) && (r.state == to || slices.Contains(from, r.state))
			out, err := command(a, id)
			if m.check(rt, what, want, out, err); err == nil {
				r.state = to
			}
		}
	}
	const draft, pending = delegation.RequestDraft, delegation.RequestPending
	return map[string]func(*rapid.T){
		"ask":   func(rt *rapid.T) { ask(rt, false) },
		"draft": func(rt *rapid.T) { ask(rt, true) },
		"confirm": moves("confirm", pending, (*delegation.Acting).ConfirmRequest,
			func(s fullmakt.PartyNo, r *modelRequest) bool { return m.mayReceiveFor(s, r.to) }, draft),
		"withdraw": moves("withdraw", delegation.RequestWithdrawn, (*delegation.Acting).WithdrawRequest,
			func(s fullmakt.PartyNo, r *modelRequest) bool { return s == r.sender || m.mayReceiveFor(s, r.to) }, draft, pending),
		"reject": moves("reject", delegation.RequestRejected, (*delegation.Acting).RejectRequest,
			func(s fullmakt.PartyNo, r *modelRequest) bool { return m.administers(s, r.from) }, pending),
		"approve": func(rt *rapid.T) {
			id, r, a := step(rt)
			if r == nil {
				return
			}
			own := a.Actor != 0 && a.Actor == r.sender && !m.uses(a.Actor, r.from, "hovedadministrator")
			want := m.sees(a.Actor, r) && (r.state == delegation.RequestApproved || r.state == pending && !own && m.gives(a.Actor, r.from, r.to, r.item))
			out, err := a.ApproveRequest(delegation.Approve{ID: id, Valid: m.valid(rt)})
			if m.check(rt, "approve", want, out, err); err == nil {
				r.state = delegation.RequestApproved
			}
		},
	}
}
