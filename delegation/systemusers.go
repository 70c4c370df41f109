package delegation

import (
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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
	// Packages are those that an agent is meant to be delegated. What a standard
	// user has are its grants; here is what it was made with.
	Packages []string `json:"packages"`
	Since    int64    `json:"since"`
}

// FindSystemUser returns a system user that has not ended, by its UUID.
func FindSystemUser(s *index.Snapshot, uuid string) (SystemUser, bool) {
	d, ok := s.Document(fullmakt.DocumentSystemUser, uuid)
	if !ok {
		return SystemUser{}, false
	}
	u, err := ReadSystemUser(&d.Document)
	return u, err == nil
}

// SystemUsersOf yields the system users of an organisation that have not ended, by
// UUID.
func SystemUsersOf(s *index.Snapshot, owner fullmakt.PartyNo) iter.Seq[SystemUser] {
	users := readSystemUsers(s.DocumentsOf(fullmakt.DocumentSystemUser, owner))
	return keep(users, func(u SystemUser) bool { return u.Owner == owner })
}

// SystemUsersIn yields those of a vendor's system after a UUID.
func SystemUsersIn(s *index.Snapshot, system, after string) iter.Seq[SystemUser] {
	users := readSystemUsers(inSystem(s.DocumentsFrom(fullmakt.DocumentSystemUser, after+"\x00"), system))
	return keep(users, func(u SystemUser) bool { return u.System == system })
}

func readSystemUsers(documents iter.Seq[*index.Document]) iter.Seq[SystemUser] {
	return func(yield func(SystemUser) bool) {
		for d := range documents {
			if u, err := ReadSystemUser(&d.Document); err == nil && !yield(u) {
				return
			}
		}
	}
}

// ReadSystemUser reads a system user from its document. An error, CodeInternal,
// means that the log holds what this package did not write.
func ReadSystemUser(d *fullmakt.Document) (SystemUser, error) {
	u := SystemUser{UUID: d.ID}
	if err := json.Unmarshal(d.Body, &u); err != nil {
		return u, fullmakt.Errorf(fullmakt.CodeInternal, "the system user %s cannot be read", d.ID)
	}
	return u, nil
}

func (u *SystemUser) document() fullmakt.Document {
	parties := []fullmakt.PartyNo{u.Owner, u.Party}
	slices.Sort(parties)
	return document(fullmakt.DocumentSystemUser, u.UUID, u, parties...)
}

// SystemUserFor returns the system user that an owner has for a client of a
// provider's system, as Maskinporten asks for it. Without a reference it is the
// owner's number.
func SystemUserFor(s *index.Snapshot, client string, provider, owner fullmakt.PartyNo, reference string) (SystemUser, bool) {
	reference = referenceOr(s, owner, reference)
	for u := range SystemUsersOf(s, owner) {
		sys, ok := FindSystem(s, u.System)
		if ok && u.Reference == reference && sys.Vendor == provider && s.State(u.Party)&fullmakt.Deleted == 0 && slices.Contains(sys.Clients, client) {
			return u, true
		}
	}
	return SystemUser{}, false
}

// SystemUserByReference returns the system user that an owner has in a vendor's
// system under an external reference. Without one it is the owner's number.
func SystemUserByReference(s *index.Snapshot, system string, owner fullmakt.PartyNo, reference string) (SystemUser, bool) {
	reference = referenceOr(s, owner, reference)
	for u := range SystemUsersOf(s, owner) {
		if u.System == system && u.Reference == reference {
			return u, true
		}
	}
	return SystemUser{}, false
}

// Has returns what a system user has of its owner at an instant: of an agent the
// packages that it is meant to be delegated, of a standard user the packages, by
// code, and the rights that it may use.
func (u *SystemUser) Has(s *index.Snapshot, at int64) (packages []string, rights []RequestRight) {
	if u.Agent {
		return u.Packages, nil
	}
	for _, g := range grantsBetween(s, u.Owner, u.Party) {
		switch {
		case !g.Valid.Contains(at):
		case g.Resource != "":
			rights = append(rights, RequestRight{g.Resource, g.Right})
		case g.Package != "":
			packages = append(packages, g.Package)
		}
	}
	return packages, rights
}

// NewSystemUser is what a new system user gets from the store, which alone knows
// the names of the parties that have ended.
type NewSystemUser struct {
	No   fullmakt.PartyNo // the number of a new party
	UUID fullmakt.UUID
	// Used tells that there is, or has been, a system user of this owner, system and
	// reference: its name is not given again.
	Used bool
}

// AskForSystemUser returns the vendor's request as it stands, and the changes that
// send it: none when the same one waits already, which is the one returned. It may
// ask for packages and rights of its system's alone; an agent for packages that are
// open to client delegation. What nobody could give is refused at once.
func (a *Acting) AskForSystemUser(k SystemAsk, made NewSystemUser) (SystemAsk, *Outcome, error) {
	var rs refusals
	k.User, k.UnwantedPackages, k.UnwantedRights = "", nil, nil
	if sys, ok := a.askedSystem(&rs, &k); ok {
		a.isVendor(&rs, sys.Vendor)
		a.askedUser(&rs, &k, sys, made)
	}
	if err := rs.err(); err != nil {
		return k, nil, err
	}
	k, out := a.send(k)
	return k, out, nil
}

// CreateSystemUser makes a system user in a vendor's system without a request, by
// who administers the organisation: what the vendor could ask for.
func (a *Acting) CreateSystemUser(k SystemAsk, made NewSystemUser) (*Outcome, error) {
	var rs refusals
	k.User, k.UnwantedPackages, k.UnwantedRights = "", nil, nil
	if a.soundActor(&rs) {
		a.owns(&rs, k.Owner)
	}
	if sys, ok := a.askedSystem(&rs, &k); ok && len(rs) == 0 {
		a.askedUser(&rs, &k, sys, made)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	return a.makeSystemUser(&k, made)
}

// maxReference bounds an external reference and a title, in characters.
const maxReference = 255

// askedSystem finds the system of a request, and checks what holds for any request.
func (a *Acting) askedSystem(rs *refusals, k *SystemAsk) (System, bool) {
	sys, ok := FindSystem(a.Snapshot, k.System)
	if !ok {
		rs.add(Refusal{Path: "/systemId", Reason: fullmakt.ReasonIncomplete, Code: fullmakt.CodeNotFound}, "there is no such system")
		return sys, false
	}
	if a.Snapshot.Kind(k.Owner) != fullmakt.KindOrganisation {
		rs.add(Refusal{Path: "/partyOrgNo", Reason: fullmakt.ReasonUnknownParty}, "the organisation is not in the register")
		return sys, false
	}
	a.sound(rs, "/partyOrgNo", k.Owner)
	if k.Redirect != "" && !slices.Contains(sys.Redirects, k.Redirect) {
		rs.add(Refusal{Path: "/redirectUrl", Reason: fullmakt.ReasonReceiver}, "the address is not one of the system's")
	}
	k.Reference = referenceOr(a.Snapshot, k.Owner, k.Reference)
	for path, text := range map[string]string{"/externalRef": k.Reference, "/integrationTitle": k.Title} {
		if utf8.RuneCountInString(text) > maxReference || strings.ContainsFunc(text, unicode.IsControl) {
			rs.add(Refusal{Path: path, Reason: fullmakt.ReasonIncomplete}, "a reference or a title has at most %d characters and no control characters", maxReference)
		}
	}
	return sys, true
}

// askedUser checks what a request says of the new user.
func (a *Acting) askedUser(rs *refusals, k *SystemAsk, sys System, made NewSystemUser) {
	if len(k.Packages) == 0 && len(k.Rights) == 0 {
		rs.add(Refusal{Path: "/accessPackages", Reason: fullmakt.ReasonIncomplete}, "no package and no right is named")
	}
	a.askedItems(rs, k, sys)
	if _, has := SystemUserByReference(a.Snapshot, k.System, k.Owner, k.Reference); has {
		rs.add(Refusal{Path: "/externalRef", Reason: fullmakt.ReasonChanged}, "the organisation has this system user already")
	} else {
		refuseUsed(rs, made)
	}
}

// refuseUsed refuses the name of a system user that has ended.
func refuseUsed(rs *refusals, made NewSystemUser) {
	if made.Used {
		rs.add(Refusal{Path: "/externalRef", Reason: fullmakt.ReasonEnded}, "a system user of this reference has ended: what it did stays in the log under it, so another must be chosen")
	}
}

// askedItems checks the packages and rights that a user is to have, and writes them
// as the catalogue and the registry do: each is its system's, and somebody could
// give it. An agent is delegated clients (rule CLIENT), and given nothing itself.
func (a *Acting) askedItems(rs *refusals, k *SystemAsk, sys System) {
	packages, rights := k.places()
	for i := range k.Packages {
		a.askedPackage(rs, k, sys, i, where("", packages, i))
	}
	for i := range k.Rights {
		path, right := where("", rights, i), &k.Rights[i]
		if k.Agent {
			rs.add(Refusal{Path: path, Reason: fullmakt.ReasonNotDelegable, Rule: fullmakt.RuleClient}, "an agent system user gets packages of clients alone, and no rights")
			continue
		}
		before := len(*rs)
		a.givableToSystems(rs, k.Owner, right, path)
		if len(*rs) == before && !slices.ContainsFunc(sys.Rights, func(r SystemRight) bool { return r.covers(*right) }) {
			rs.add(Refusal{Path: path, Reason: fullmakt.ReasonReceiver}, "%s is not among the rights of the system", right)
		}
	}
}

func (a *Acting) askedPackage(rs *refusals, k *SystemAsk, sys System, i int, path string) {
	p, ok := a.findPackage(rs, k.Packages[i], path)
	if !ok {
		return
	}
	code := a.code(p)
	k.Packages[i] = code
	switch {
	case !slices.Contains(sys.Packages, code):
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonReceiver}, "%s is not among the packages of the system", code)
	case k.Agent:
		if !a.view().Delegable().Has(p) {
			rs.add(Refusal{Path: path, Reason: fullmakt.ReasonNotDelegable, Rule: fullmakt.RuleClient}, "%s is not open to client delegation", code)
		}
	case !a.receives(fullmakt.KindSystemUser, p):
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonReceiver, Rule: fullmakt.RuleGive3}, "%s cannot be given to a system user", code)
	default:
		if c := a.operatorMayGive(k.Owner, p); !c.Give {
			rs.add(Refusal{Path: path, Reason: c.Reason, Rule: c.Rule, Party: k.Owner}, "%s cannot be given: %s", code, c.Reason)
		}
	}
}

// makeSystemUser returns the changes that make the user of a checked request, with
// what it asks for.
func (a *Acting) makeSystemUser(k *SystemAsk, made NewSystemUser) (*Outcome, error) {
	var rs refusals
	refuseUsed(&rs, made)
	if err := rs.err(); err != nil {
		return nil, err
	}
	u := SystemUser{
		UUID: made.UUID.String(), Party: made.No, Owner: k.Owner, System: k.System, Reference: k.Reference, Title: k.Title,
		Agent: k.Agent, Packages: k.Packages, Since: a.At,
	}
	changes := []fullmakt.Change{
		fullmakt.Party{No: made.No, UUID: made.UUID, ID: k.Identity(a.Snapshot), Name: k.System + "/" + k.Reference},
		fullmakt.SystemUser{Party: made.No, Owner: k.Owner, Agent: k.Agent},
		u.document(),
	}
	if k.Agent { // it is delegated clients, and given nothing itself
		return &Outcome{Changes: changes}, nil
	}
	// What it is given is judged on the register as it will be with the user in it.
	with := *a
	with.Snapshot = a.Snapshot.Apply(a.Snapshot.Seq()+1, a.Snapshot.At(), changes)
	out, err := with.giveAsked(k.Items(), &u)
	if err != nil {
		return nil, err
	}
	out.Changes = append(changes, out.Changes...)
	return out, nil
}

// giveAsked gives a standard user what is asked for (rules GIVE-1 and GIVE-2):
// all of it, or nothing. The outcome is there with an error too, and empty then.
func (a *Acting) giveAsked(asked []AskedItem, u *SystemUser) (*Outcome, error) {
	var rs refusals
	var items []Item
	for _, one := range asked {
		switch {
		case one.Unwanted:
		case one.Package != "":
			items = append(items, Item{Package: one.Package, Path: one.Path})
		default:
			for _, key := range a.keysOf(&rs, &one.Right, one.Path) {
				items = append(items, Item{Resource: one.Right.Resource, Right: key, Path: one.Path})
			}
		}
	}
	if len(items) == 0 {
		return &Outcome{}, rs.err()
	}
	out, err := a.Give(Give{From: u.Owner, To: u.Party, Items: items})
	if err != nil {
		out = &Outcome{}
		rs = append(rs, Refusals(err)...)
	}
	return out, rs.err()
}

// EndSystemUser ends a system user, and with it what it was given and delegated;
// what its vendor has asked to change about it is answered with a no. By who
// administers the organisation that owns it.
func (a *Acting) EndSystemUser(uuid string, owner fullmakt.PartyNo) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) {
		a.owns(&rs, owner)
	}
	u, ok := FindSystemUser(a.Snapshot, uuid)
	if len(rs) == 0 && (!ok || u.Owner != owner) {
		rs.add(Refusal{Reason: fullmakt.ReasonUnknownParty}, "the organisation has no such system user")
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	out := &Outcome{}
	for k := range SystemAsksOf(a.Snapshot, owner, a.At) {
		if k.User == uuid && k.State == SystemAskNew {
			k.State, k.By = SystemAskRejected, a.Actor
			out.Changes = append(out.Changes, k.document(a.Snapshot))
		}
	}
	d := u.document()
	d.Ended = true
	out.Changes = append(out.Changes, fullmakt.SystemUser{Party: u.Party, Owner: owner, Agent: u.Agent, Ended: true}, d)
	return a.finish(out), nil
}

// relates reports whether the actor may use anything for a party, or is its
// administrator.
func (a *Acting) relates(p fullmakt.PartyNo) bool {
	return a.administers(p) || pdp.Decide(a.Snapshot, pdp.Ask(a.Actor, p, a.At)).Allowed
}
