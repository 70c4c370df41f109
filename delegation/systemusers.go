package delegation

import (
	"encoding/json"
	"iter"
	"slices"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// SystemUser is what is known of a system user (systembruker) beside its authority.
type SystemUser struct {
	UUID      string           `json:"-"` // the document's id
	Party     fullmakt.PartyNo `json:"party"`
	Owner     fullmakt.PartyNo `json:"owner"`
	System    string           `json:"system"`
	Reference string           `json:"reference"` // the vendor's own
	Title     string           `json:"title"`
	Agent     bool             `json:"agent,omitempty"`
	Packages  []string         `json:"packages"`
	Since     int64            `json:"since"`
}

// SystemUsers yields the system users that have not ended, by UUID.
func SystemUsers(s *index.Snapshot) iter.Seq[SystemUser] {
	return readSystemUsers(s.Documents(fullmakt.DocumentSystemUser))
}

// SystemUsersOf yields those of an organisation.
func SystemUsersOf(s *index.Snapshot, owner fullmakt.PartyNo) iter.Seq[SystemUser] {
	return readSystemUsers(s.DocumentsOf(fullmakt.DocumentSystemUser, owner))
}

func readSystemUsers(documents iter.Seq[*index.Document]) iter.Seq[SystemUser] {
	return func(yield func(SystemUser) bool) {
		for d := range documents {
			u := SystemUser{UUID: d.ID}
			if json.Unmarshal(d.Body, &u) == nil && !yield(u) {
				return
			}
		}
	}
}

// SystemUserFor returns the system user that an owner has for a client of a
// provider's system, as Maskinporten asks for it. Without a reference it is the
// owner's number.
func SystemUserFor(s *index.Snapshot, client string, provider, owner fullmakt.PartyNo, reference string) (SystemUser, bool) {
	if reference == "" {
		reference = s.ID(owner).Org.String()
	}
	for u := range SystemUsersOf(s, owner) {
		sys, ok := FindSystem(s, u.System)
		if ok && u.Owner == owner && u.Reference == reference && sys.Vendor == provider && s.State(u.Party)&fullmakt.Deleted == 0 {
			if slices.Contains(sys.Clients, client) {
				return u, true
			}
		}
	}
	return SystemUser{}, false
}

// SystemAskState is where a vendor's request stands, as Altinn writes it.
type SystemAskState string

// The states. A request that nobody answers times out when it is read.
const (
	SystemAskNew      SystemAskState = "New"
	SystemAskAccepted SystemAskState = "Accepted"
	SystemAskRejected SystemAskState = "Rejected"
	SystemAskTimedOut SystemAskState = "Timedout"
)

// systemAskTime is how long a request waits, in seconds: ten days, as Altinn's.
const systemAskTime = int64(10 * 24 * time.Hour / time.Second)

// SystemAsk is a vendor's request that an organisation make a system user.
type SystemAsk struct {
	ID        string           `json:"-"`
	System    string           `json:"system"`
	Owner     fullmakt.PartyNo `json:"owner"`
	Reference string           `json:"reference"`
	Title     string           `json:"title"`
	Agent     bool             `json:"agent,omitempty"`
	Packages  []string         `json:"packages"`
	Redirect  string           `json:"redirect,omitempty"`
	State     SystemAskState   `json:"state"`
	Escalated bool             `json:"escalated,omitempty"`
	Created   int64            `json:"created"`
	By        fullmakt.PartyNo `json:"by,omitempty"` // who answered
}

// FindSystemAsk returns a vendor's request, as it stands at an instant.
func FindSystemAsk(s *index.Snapshot, id string, at int64) (SystemAsk, bool) {
	d, ok := s.Document(fullmakt.DocumentSystemAsk, id)
	if !ok {
		return SystemAsk{}, false
	}
	ask := SystemAsk{ID: id}
	ok = json.Unmarshal(d.Body, &ask) == nil
	if ask.State == SystemAskNew && at >= ask.Created+systemAskTime {
		ask.State = SystemAskTimedOut
	}
	return ask, ok
}

func (k SystemAsk) put(a *Acting) *Outcome {
	return &Outcome{Changes: []fullmakt.Change{document(fullmakt.DocumentSystemAsk, k.ID, k, k.Owner)}}
}

// AskForSystemUser returns the changes of a vendor's request. It may ask for
// packages of its system's alone; an agent for those that are open to client
// delegation.
func (a *Acting) AskForSystemUser(k SystemAsk) (*Outcome, error) {
	var rs refusals
	sys, ok := FindSystem(a.Snapshot, k.System)
	if !ok {
		rs.add(Refusal{Path: "/systemId", Reason: fullmakt.ReasonIncomplete, Code: fullmakt.CodeNotFound}, "there is no such system")
		return nil, rs.err()
	}
	a.isVendor(&rs, sys.Vendor)
	if a.Snapshot.Kind(k.Owner) != fullmakt.KindOrganisation {
		rs.add(Refusal{Path: "/partyOrgNo", Reason: fullmakt.ReasonUnknownParty}, "the organisation is not in the register")
	} else {
		a.sound(&rs, "/partyOrgNo", k.Owner)
	}
	if k.Reference == "" {
		k.Reference = a.Snapshot.ID(k.Owner).Org.String()
	}
	if len(k.Packages) == 0 {
		rs.add(Refusal{Path: "/accessPackages", Reason: fullmakt.ReasonIncomplete}, "no package is named")
	}
	for i, name := range k.Packages {
		path := where("", "accessPackages", i)
		p, ok := a.findPackage(&rs, name, path)
		if !ok {
			continue
		}
		k.Packages[i] = a.code(p)
		switch {
		case !slices.Contains(sys.Packages, k.Packages[i]):
			rs.add(Refusal{Path: path, Reason: fullmakt.ReasonReceiver}, "%s is not among the packages of the system", k.Packages[i])
		case k.Agent && !a.view().Delegable().Has(p):
			rs.add(Refusal{Path: path, Reason: fullmakt.ReasonNotDelegable, Rule: fullmakt.RuleClient}, "%s is not open to client delegation", k.Packages[i])
		}
	}
	for u := range SystemUsersOf(a.Snapshot, k.Owner) {
		if u.System == k.System && u.Reference == k.Reference {
			rs.add(Refusal{Path: "/externalRef", Reason: fullmakt.ReasonChanged}, "the organisation has this system user already")
		}
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	k.State, k.Created = SystemAskNew, a.At
	return k.put(a), nil
}

// openAsk returns a request that waits for an answer by the owner's side.
func (a *Acting) openAsk(rs *refusals, id string, owner fullmakt.PartyNo) SystemAsk {
	k, ok := FindSystemAsk(a.Snapshot, id, a.At)
	switch {
	case !ok || k.Owner != owner:
		rs.add(Refusal{Reason: fullmakt.ReasonIncomplete, Code: fullmakt.CodeNotFound}, "there is no such request")
	case k.State != SystemAskNew:
		rs.add(Refusal{Reason: fullmakt.ReasonRequestState}, "the request is %s", k.State)
	}
	return k
}

// RejectSystemUser answers a vendor's request with a no, by who administers the
// organisation.
func (a *Acting) RejectSystemUser(id string, owner fullmakt.PartyNo) (*Outcome, error) {
	return a.answerAsk(id, owner, true, func(k *SystemAsk) { k.State, k.By = SystemAskRejected, a.Actor })
}

// EscalateSystemUser marks a request for somebody who may give more: by anybody who
// may act for the organisation.
func (a *Acting) EscalateSystemUser(id string, owner fullmakt.PartyNo) (*Outcome, error) {
	return a.answerAsk(id, owner, false, func(k *SystemAsk) { k.Escalated = true })
}

func (a *Acting) answerAsk(id string, owner fullmakt.PartyNo, administers bool, change func(*SystemAsk)) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) {
		if administers {
			a.owns(&rs, owner)
		} else if !a.relates(owner) {
			rs.add(Refusal{Reason: fullmakt.ReasonNoRelation, Party: owner}, "the actor does not act for the organisation")
		}
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	k := a.openAsk(&rs, id, owner)
	if err := rs.err(); err != nil {
		return nil, err
	}
	change(&k)
	return k.put(a), nil
}

// ApproveSystemUser makes the system user that a request asks for, with what it
// asks for, in one. No is the number that the user gets, uuid its UUID. Packages
// that the actor may not give are refusals, each by its name.
func (a *Acting) ApproveSystemUser(id string, owner, no fullmakt.PartyNo, uuid fullmakt.UUID) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) {
		a.owns(&rs, owner)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	k := a.openAsk(&rs, id, owner)
	if _, ok := FindSystem(a.Snapshot, k.System); len(rs) == 0 && !ok {
		rs.add(Refusal{Reason: fullmakt.ReasonEnded}, "the system has been taken out of the register")
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	k.State, k.By = SystemAskAccepted, a.Actor
	name := k.System + "/" + k.Reference
	changes := []fullmakt.Change{
		fullmakt.Party{No: no, UUID: uuid, ID: fullmakt.SystemUserID(a.Snapshot.ID(owner).Org, k.System, k.Reference), Name: name},
		fullmakt.SystemUser{Party: no, Owner: owner, Agent: k.Agent},
		document(fullmakt.DocumentSystemUser, uuid.String(), SystemUser{
			Party: no, Owner: owner, System: k.System, Reference: k.Reference, Title: k.Title, Agent: k.Agent, Packages: k.Packages, Since: a.At,
		}, owner, no),
		k.put(a).Changes[0],
	}
	if k.Agent { // it is delegated clients, and given nothing itself
		return &Outcome{Changes: changes}, nil
	}
	// What it is given is judged on the register as it will be with the user in it.
	with := *a
	with.Snapshot = a.Snapshot.Apply(a.Snapshot.Seq()+1, a.Snapshot.At(), changes)
	var items []Item
	for _, p := range k.Packages {
		items = append(items, Item{Package: p})
	}
	out, err := with.Give(Give{From: owner, To: no, Items: items})
	if err != nil {
		return nil, err
	}
	out.Changes = append(changes, out.Changes...)
	return out, nil
}

// EndSystemUser ends a system user, and with it what it was given and delegated. By
// who administers the organisation that owns it.
func (a *Acting) EndSystemUser(uuid string, owner fullmakt.PartyNo) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) {
		a.owns(&rs, owner)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	for u := range SystemUsersOf(a.Snapshot, owner) {
		if u.UUID != uuid || u.Owner != owner {
			continue
		}
		d := document(fullmakt.DocumentSystemUser, uuid, u, owner, u.Party)
		d.Ended = true
		return a.finish(&Outcome{Changes: []fullmakt.Change{fullmakt.SystemUser{Party: u.Party, Owner: owner, Agent: u.Agent, Ended: true}, d}}), nil
	}
	rs.add(Refusal{Reason: fullmakt.ReasonUnknownParty}, "the organisation has no such system user")
	return nil, rs.err()
}

// relates reports whether the actor may use anything for a party.
func (a *Acting) relates(p fullmakt.PartyNo) bool {
	return a.Actor == Operator || pdp.Decide(a.Snapshot, pdp.Ask(a.Actor, p, a.At)).Allowed
}
