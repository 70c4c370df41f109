package node

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// The types of events.
const (
	EventImportCompleted     = "import.completed"     // a register feed has brought what it had
	EventCatalogueChanged    = "catalogue.changed"    // decisions use another catalogue from here on
	EventOrganisationChanged = "organisation.changed" // its form, state or main unit
	EventRoleChanged         = "role.changed"         // a role in the register
	EventUserCreated         = "enterpriseuser.created"
	EventUserEnded           = "enterpriseuser.ended"
	EventSystemUserCreated   = "systemuser.created"
	EventSystemUserChanged   = "systemuser.changed"
	EventSystemUserEnded     = "systemuser.ended"
	EventGrantGiven          = "grant.given"
	EventGrantRevoked        = "grant.revoked"
	EventGrantExpired        = "grant.expired"
	EventAgentAdded          = "agent.added"
	EventAgentEnded          = "agent.ended"
	EventDelegationGiven     = "delegation.given"
	EventDelegationEnded     = "delegation.ended"
	EventRequestPrefix       = "request." // and the state in lower case, such as approved
	EventAuthorityGained     = "authority.gained"
	EventAuthorityLost       = "authority.lost"
)

// Event is one thing that happened, as the feed tells it. It names persons and
// users by UUID and organisations by number, and nobody by name.
type Event struct {
	Position Position
	At       time.Time // of its revision
	Type     string
	// Subject is the organisation that it is about: the one that gives, or on whose
	// behalf something can be done. 0 for events about the register as a whole and
	// about what a person gives.
	Subject fullmakt.OrgNumber
	Data    EventData
}

// EventData is what an event says. The members that are set depend on the type;
// docs/events.md lists them.
type EventData struct {
	Revision fullmakt.Seq `json:"revision"`

	Organisation *EventParty `json:"organisation,omitempty"` // that the register or a user is of
	Party        *EventParty `json:"party,omitempty"`        // who gained or lost authority; who holds a role; a user
	From         *EventParty `json:"from,omitempty"`         // who gives
	To           *EventParty `json:"to,omitempty"`           // who is given
	Provider     *EventParty `json:"provider,omitempty"`
	Client       *EventParty `json:"client,omitempty"`
	Agent        *EventParty `json:"agent,omitempty"`
	By           *EventParty `json:"by,omitempty"` // who did it; absent for the operator and the register

	Role     string       `json:"role,omitempty"`     // a register code
	Change   string       `json:"change,omitempty"`   // of a role: added, removed or deregistered
	Form     string       `json:"form,omitempty"`     // of an organisation
	State    string       `json:"state,omitempty"`    // of an organisation, or of a request
	MainUnit *EventParty  `json:"mainUnit,omitempty"` // of a sub-unit
	Package  string       `json:"package,omitempty"`  // a URN
	Scheme   string       `json:"scheme,omitempty"`   // of Maskinporten scopes: a resource id
	Resource string       `json:"resource,omitempty"`
	Right    string       `json:"right,omitempty"`
	Since    string       `json:"validFrom,omitempty"` // RFC 3339
	Until    string       `json:"validUntil,omitempty"`
	Basis    string       `json:"basis,omitempty"` // why it could be given: a rule and a reason
	Cause    string       `json:"cause,omitempty"` // why it ended
	ID       string       `json:"id,omitempty"`    // of a request or system user
	Packages []string     `json:"packages,omitempty"`
	Rights   []EventRight `json:"rights,omitempty"` // single rights that may be used, or are asked for
	// Use and Give are the packages that may be used and given on from here on and
	// not before, or no longer; GiveRights that the single rights may be given on.
	Use        []string `json:"use,omitempty"`
	Give       []string `json:"give,omitempty"`
	GiveRights bool     `json:"giveRights,omitempty"`
	Uncertain  bool     `json:"uncertain,omitempty"` // a person known by birth date and name alone (rule OPEN-1)

	Feed         string `json:"feed,omitempty"`
	Cursor       string `json:"cursor,omitempty"`
	Stale        string `json:"stale,omitempty"`
	RolesOmitted bool   `json:"rolesOmitted,omitempty"` // more roles changed than a feed of everything lists
	Catalogue    string `json:"catalogue,omitempty"`    // a digest
}

// EventParty names a party without telling who it is.
type EventParty struct {
	Type         string             `json:"type"` // as PartyKind writes it
	Organisation fullmakt.OrgNumber `json:"-"`
	UUID         fullmakt.UUID      `json:"-"`
}

// MarshalJSON writes an organisation by number and another party by UUID.
func (p EventParty) MarshalJSON() ([]byte, error) {
	w := struct {
		Type         string `json:"type"`
		Organisation string `json:"organisation,omitempty"`
		UUID         string `json:"uuid"`
	}{Type: p.Type, UUID: p.UUID.String()}
	if p.Organisation != 0 {
		w.Organisation = p.Organisation.String()
	}
	return json.Marshal(w)
}

// EventRight is one right to a resource.
type EventRight struct {
	Resource string `json:"resource"`
	Right    string `json:"right"`
}

// telling turns facts into events. Parties stand in them by number until naming
// is over, since their handles are read all at once.
type telling struct {
	catalogue *catalogue.Catalogue
	rev       sqlite.Revision
	events    []Event
	named     []naming
}

// naming is a place in an event where a party is to be named.
type naming struct {
	no   fullmakt.PartyNo
	into *EventParty
}

// party returns a party to be named; nil for nobody.
func (t *telling) party(no fullmakt.PartyNo) *EventParty {
	if no == 0 {
		return nil
	}
	p := new(EventParty)
	t.named = append(t.named, naming{no, p})
	return p
}

func (t *telling) add(rank uint8, kind string, data EventData, identity ...any) {
	data.Revision = t.rev.Seq
	t.events = append(t.events, Event{
		Position: positionOf(t.rev.Seq, rank, kind+fmt.Sprintf("%q", identity)), At: t.rev.At, Type: kind, Data: data,
	})
}

// turn tells of one fact. Of an operator's feed about is 0.
func (t *telling) turn(turn sqlite.Turn, about fullmakt.PartyNo) error {
	switch now := turn.Now.(type) {
	case fullmakt.Feed:
		t.add(rankRegister, EventImportCompleted, EventData{Feed: now.Name, Cursor: now.Cursor, Stale: now.Stale}, now.Name)
	case fullmakt.CatalogueUse:
		t.add(rankRegister, EventCatalogueChanged, EventData{Catalogue: now.Digest})
	case fullmakt.Organisation:
		before, _ := turn.Before.(fullmakt.Organisation)
		t.organisation(before, now)
	case fullmakt.EnterpriseUser:
		kind := EventUserCreated
		if now.Ended {
			kind = EventUserEnded
		}
		t.add(rankUser, kind, EventData{Organisation: t.party(now.Owner), Party: t.party(now.Party)}, now.Party)
	case fullmakt.SystemUser:
		kind := EventSystemUserCreated
		switch {
		case now.Ended:
			kind = EventSystemUserEnded
		case turn.Before != nil:
			kind = EventSystemUserChanged
		}
		t.add(rankUser, kind, EventData{Organisation: t.party(now.Owner), Party: t.party(now.Party)}, now.Party)
	case fullmakt.Grant:
		t.grant(now)
	case fullmakt.ScopeGrant:
		data := EventData{From: t.party(now.From), To: t.party(now.To), Scheme: now.Scheme}
		t.given(now.Valid, now.GivenBy, now.Basis, now.Ended, now.Cause, data, now.From, now.To, now.Scheme)
	case fullmakt.Agent:
		data := EventData{Provider: t.party(now.Provider), Agent: t.party(now.Agent)}
		t.lasting(EventAgentAdded, EventAgentEnded, now.GivenBy, now.Ended, now.Cause, data, now.Provider, now.Agent)
	case fullmakt.ClientDelegation:
		data := EventData{Provider: t.party(now.Provider), Client: t.party(now.Client), Agent: t.party(now.Agent), Package: t.urn(now.Package), Role: string(now.Role)}
		t.lasting(EventDelegationGiven, EventDelegationEnded, now.GivenBy, now.Ended, now.Cause, data,
			now.Client, now.Agent, now.Provider, now.Package, now.Role)
	case fullmakt.Document:
		return t.document(turn.Before, now, about)
	}
	return nil
}

// organisation tells what the register changed about an organisation.
func (t *telling) organisation(before, now fullmakt.Organisation) {
	if before.Form != now.Form || before.State != now.State || before.Parent != now.Parent {
		t.add(rankOrganisation, EventOrganisationChanged, EventData{
			Organisation: t.party(now.Party), Form: string(now.Form), State: now.State.String(), MainUnit: t.party(now.Parent),
		}, now.Party)
	}
	role := func(change string, r fullmakt.Role) {
		t.add(rankRole, EventRoleChanged, EventData{
			Organisation: t.party(now.Party), Party: t.party(r.Holder), Role: string(r.Code), Change: change,
		}, now.Party, r.Code, r.Holder, change)
	}
	same := func(r fullmakt.Role) func(fullmakt.Role) bool {
		return func(o fullmakt.Role) bool { return o.Code == r.Code && o.Holder == r.Holder && o.Ended == r.Ended }
	}
	for _, r := range before.Roles {
		if !r.Ended && !slices.ContainsFunc(now.Roles, func(o fullmakt.Role) bool { return o.Code == r.Code && o.Holder == r.Holder }) {
			role("removed", r)
		}
	}
	for _, r := range now.Roles {
		switch {
		case slices.ContainsFunc(before.Roles, same(r)):
		case r.Ended:
			role("deregistered", r)
		default:
			role("added", r)
		}
	}
}

func (t *telling) grant(g fullmakt.Grant) {
	data := EventData{From: t.party(g.From), To: t.party(g.To), Package: t.urn(g.Package), Role: string(g.Role), Resource: g.Resource, Right: g.Right}
	t.given(g.Valid, g.GivenBy, g.Basis, g.Ended, g.Cause, data, g.From, g.To, g.Package, g.Role, g.Resource, g.Right)
}

// given tells of a grant of any kind.
func (t *telling) given(valid fullmakt.Interval, by fullmakt.PartyNo, basis string, ended bool, cause fullmakt.Cause, data EventData, identity ...any) {
	data.Since, data.Until = instant(valid.From), instant(valid.To)
	if !ended {
		data.By, data.Basis = t.party(by), basis
		t.add(rankGiven, EventGrantGiven, data, identity...)
		return
	}
	kind := EventGrantRevoked
	if cause == fullmakt.CauseExpired {
		kind = EventGrantExpired
	}
	data.Cause = cause.String()
	t.add(rankGiven, kind, data, identity...)
}

// lasting tells of an agent relation or a client delegation.
func (t *telling) lasting(begun, over string, by fullmakt.PartyNo, ended bool, cause fullmakt.Cause, data EventData, identity ...any) {
	if ended {
		data.Cause = cause.String()
		t.add(rankGiven, over, data, identity...)
		return
	}
	data.By = t.party(by)
	t.add(rankGiven, begun, data, identity...)
}

// document tells of a request for access. A draft is its receiver's alone.
func (t *telling) document(before fullmakt.Change, d fullmakt.Document, about fullmakt.PartyNo) error {
	if d.Kind != fullmakt.DocumentRequest {
		t.add(rankUser, EventSystemUserChanged, EventData{ID: d.ID}, "document", d.ID)
		return nil
	}
	r, err := delegation.ReadRequest(&d)
	if err != nil {
		return err
	}
	if r.State == delegation.RequestDraft && about == r.From {
		return nil
	}
	data := EventData{ID: d.ID, From: t.party(r.From), To: t.party(r.To), State: string(r.State), By: t.party(r.History[len(r.History)-1].By)}
	for _, p := range r.Packages {
		data.Packages = append(data.Packages, t.urn(p))
	}
	for _, right := range r.Rights {
		data.Rights = append(data.Rights, EventRight(right))
	}
	t.add(rankRequest, EventRequestPrefix+strings.ToLower(string(r.State)), data, d.ID)
	return nil
}

// urn returns a package's URN, or its code when the catalogue lacks it.
func (t *telling) urn(code string) string {
	if p, ok := t.catalogue.FindPackage(code); ok {
		return p.URN
	}
	return code
}

func instant(unix int64) string {
	if unix == 0 {
		return ""
	}
	return time.Unix(unix, 0).UTC().Format(time.RFC3339)
}

// finish names the parties and puts the events in order. Events about a party that
// was purged are left out.
func (t *telling) finish(ctx context.Context, db *sqlite.DB) ([]Event, error) {
	nos := make([]fullmakt.PartyNo, len(t.named))
	for i, n := range t.named {
		nos[i] = n.no
	}
	handles, err := db.Handles(ctx, nos)
	if err != nil {
		return nil, err
	}
	for _, n := range t.named {
		if h, ok := handles[n.no]; ok {
			*n.into = EventParty{Type: h.Kind.String(), Organisation: h.Org, UUID: h.UUID}
		}
	}
	purged := func(p *EventParty) bool { return p != nil && p.Type == "" }
	t.events = slices.DeleteFunc(t.events, func(e Event) bool {
		d := &e.Data
		return slices.ContainsFunc([]*EventParty{d.Organisation, d.Party, d.From, d.To, d.Provider, d.Client, d.Agent}, purged)
	})
	for i := range t.events {
		e := &t.events[i]
		for _, p := range []**EventParty{&e.Data.By, &e.Data.MainUnit} {
			if purged(*p) {
				*p = nil
			}
		}
		for _, p := range []*EventParty{e.Data.Organisation, e.Data.From, e.Data.Client, e.Data.Provider} {
			if p != nil {
				e.Subject = p.Organisation
				break
			}
		}
	}
	slices.SortFunc(t.events, func(a, b Event) int { return a.Position.Compare(b.Position) })
	return t.events, nil
}
