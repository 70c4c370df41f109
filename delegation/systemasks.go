package delegation

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

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

// SystemAsk is a vendor's request that an organisation make a system user, or that
// it change one that it has (a change request).
type SystemAsk struct {
	ID        string           `json:"-"`
	System    string           `json:"system"`
	Owner     fullmakt.PartyNo `json:"owner"`
	Reference string           `json:"reference"`
	Title     string           `json:"title"`
	Agent     bool             `json:"agent,omitempty"`
	// User is, of a change request, the UUID of the system user; "" asks for a new one.
	User string `json:"user,omitempty"`
	// Packages, by catalogue code, and Rights are what the user is to have;
	// UnwantedPackages and UnwantedRights, of a change request, what it is to have no
	// longer.
	Packages         []string         `json:"packages"`
	Rights           []SystemRight    `json:"rights,omitempty"`
	UnwantedPackages []string         `json:"unwanted_packages,omitempty"`
	UnwantedRights   []SystemRight    `json:"unwanted_rights,omitempty"`
	Redirect         string           `json:"redirect,omitempty"`
	State            SystemAskState   `json:"state"`
	Escalated        bool             `json:"escalated,omitempty"`
	Created          int64            `json:"created"`
	By               fullmakt.PartyNo `json:"by,omitempty"` // who answered
}

// FindSystemAsk returns a vendor's request, as it stands at an instant.
func FindSystemAsk(s *index.Snapshot, id string, at int64) (SystemAsk, bool) {
	d, ok := s.Document(fullmakt.DocumentSystemAsk, id)
	if !ok {
		return SystemAsk{}, false
	}
	k, err := ReadSystemAsk(&d.Document, at)
	return k, err == nil
}

// ReadSystemAsk reads a vendor's request from its document, as it stands at an
// instant. An error, CodeInternal, means that the log holds what this package did
// not write.
func ReadSystemAsk(d *fullmakt.Document, at int64) (SystemAsk, error) {
	k := SystemAsk{ID: d.ID}
	if err := json.Unmarshal(d.Body, &k); err != nil {
		return k, fullmakt.Errorf(fullmakt.CodeInternal, "the request %s cannot be read", d.ID)
	}
	if k.State == SystemAskNew && at >= k.Created+systemAskTime {
		k.State = SystemAskTimedOut
	}
	return k, nil
}

// SystemAsks yields the requests of a vendor's system after an id, by id, as they
// stand at an instant.
func SystemAsks(s *index.Snapshot, system, after string, at int64) iter.Seq[SystemAsk] {
	asks := readSystemAsks(inSystem(s.DocumentsFrom(fullmakt.DocumentSystemAsk, after+"\x00"), system), at)
	return keep(asks, func(k SystemAsk) bool { return k.System == system })
}

// SystemAsksOf yields the requests to an organisation, by id, as they stand at an
// instant.
func SystemAsksOf(s *index.Snapshot, owner fullmakt.PartyNo, at int64) iter.Seq[SystemAsk] {
	asks := readSystemAsks(s.DocumentsOf(fullmakt.DocumentSystemAsk, owner), at)
	return keep(asks, func(k SystemAsk) bool { return k.Owner == owner })
}

func readSystemAsks(documents iter.Seq[*index.Document], at int64) iter.Seq[SystemAsk] {
	return func(yield func(SystemAsk) bool) {
		for d := range documents {
			if k, err := ReadSystemAsk(&d.Document, at); err == nil && !yield(k) {
				return
			}
		}
	}
}

// inSystem leaves out documents that are surely of another system, by their text:
// to read a hundred thousand of them takes nine times as long as to look.
func inSystem(documents iter.Seq[*index.Document], system string) iter.Seq[*index.Document] {
	name, err := json.Marshal(system)
	if err != nil {
		panic("delegation: a string cannot be written: " + err.Error())
	}
	member := append([]byte(`"system":`), name...)
	return keep(documents, func(d *index.Document) bool { return bytes.Contains(d.Body, member) })
}

func keep[T any](list iter.Seq[T], wanted func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range list {
			if wanted(v) && !yield(v) {
				return
			}
		}
	}
}

// LatestSystemAsk returns the latest request that a system has sent an organisation
// under an external reference, for a new user or for a change of one, as it stands
// at an instant. Without a reference it is the organisation's number.
func LatestSystemAsk(s *index.Snapshot, system string, owner fullmakt.PartyNo, reference string, change bool, at int64) (latest SystemAsk, ok bool) {
	reference = referenceOr(s, owner, reference)
	for k := range SystemAsksOf(s, owner, at) {
		if k.System == system && k.Reference == reference && (k.User != "") == change && (!ok || k.Created > latest.Created) {
			latest, ok = k, true
		}
	}
	return latest, ok
}

// referenceOr returns an external reference, or the owner's number for none.
func referenceOr(s *index.Snapshot, owner fullmakt.PartyNo, reference string) string {
	if reference == "" {
		return s.ID(owner).Org.String()
	}
	return reference
}

// Identity returns the identity of the system user that a request for a new one
// asks for.
func (k *SystemAsk) Identity(s *index.Snapshot) fullmakt.PartyID {
	return fullmakt.SystemUserID(s.ID(k.Owner).Org, k.System, referenceOr(s, k.Owner, k.Reference))
}

// same reports whether two requests ask for the same.
func (k *SystemAsk) same(o *SystemAsk) bool {
	return k.System == o.System && k.Owner == o.Owner && k.Reference == o.Reference && k.Title == o.Title && k.Agent == o.Agent && k.User == o.User && k.Redirect == o.Redirect &&
		slices.Equal(k.Packages, o.Packages) && slices.Equal(k.Rights, o.Rights) && slices.Equal(k.UnwantedPackages, o.UnwantedPackages) && slices.Equal(k.UnwantedRights, o.UnwantedRights)
}

// send returns the request that is stored, with the changes that store it: none
// when the same one waits already, which is returned.
func (a *Acting) send(k SystemAsk) (SystemAsk, *Outcome) {
	for have := range SystemAsksOf(a.Snapshot, k.Owner, a.At) {
		if have.State == SystemAskNew && have.same(&k) {
			return have, &Outcome{}
		}
	}
	k.State, k.Created = SystemAskNew, a.At
	return k, &Outcome{Changes: []fullmakt.Change{k.document(a.Snapshot)}}
}

// document returns the request as the log keeps it.
func (k *SystemAsk) document(s *index.Snapshot) fullmakt.Document {
	parties := []fullmakt.PartyNo{k.Owner}
	if u, ok := FindSystemUser(s, k.User); ok {
		parties = append(parties, u.Party)
	}
	slices.Sort(parties)
	return document(fullmakt.DocumentSystemAsk, k.ID, k, parties...)
}

// SystemAsk returns a request that the actor may see: the vendor, or whoever may
// act for the organisation that is asked. Another is CodeNotFound like one that is
// not there.
func (a *Acting) SystemAsk(id string) (SystemAsk, error) {
	if k, ok := FindSystemAsk(a.Snapshot, id, a.At); ok {
		sys, _ := FindSystem(a.Snapshot, k.System)
		if a.Actor == Operator || a.Actor == sys.Vendor || a.relates(k.Owner) {
			return k, nil
		}
	}
	return SystemAsk{}, fullmakt.Errorf(fullmakt.CodeNotFound, "there is no such request")
}

// WithdrawSystemAsk takes a request that waits back, by its vendor.
func (a *Acting) WithdrawSystemAsk(id string) (*Outcome, error) {
	k, err := a.SystemAsk(id)
	if err != nil {
		return nil, err
	}
	var rs refusals
	sys, _ := FindSystem(a.Snapshot, k.System)
	a.isVendor(&rs, sys.Vendor)
	if k.State != SystemAskNew {
		rs.add(Refusal{Reason: fullmakt.ReasonRequestState}, "the request is %s", k.State)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	d := k.document(a.Snapshot)
	d.Ended = true
	return &Outcome{Changes: []fullmakt.Change{d}}, nil
}

// RejectSystemAsk answers a request with a no, by who administers the organisation.
func (a *Acting) RejectSystemAsk(id string) (*Outcome, error) {
	k, err := a.answering(id, a.administers)
	if err != nil {
		return nil, err
	}
	k.State, k.By = SystemAskRejected, a.Actor
	return &Outcome{Changes: []fullmakt.Change{k.document(a.Snapshot)}}, nil
}

// EscalateSystemAsk marks a request for somebody who may give more: by anybody who
// may act for the organisation.
func (a *Acting) EscalateSystemAsk(id string) (*Outcome, error) {
	k, err := a.answering(id, a.relates)
	if err != nil {
		return nil, err
	}
	k.Escalated = true
	return &Outcome{Changes: []fullmakt.Change{k.document(a.Snapshot)}}, nil
}

// ApproveSystemAsk makes or changes the system user as a request asks, in one: what
// the actor may not give is refused, each thing by the path of its AskedItem. By who
// administers the organisation. Made is for a request for a new user.
func (a *Acting) ApproveSystemAsk(id string, made NewSystemUser) (*Outcome, error) {
	k, err := a.answering(id, a.administers)
	if err != nil {
		return nil, err
	}
	var out *Outcome
	if k.User != "" {
		out, err = a.changeSystemUser(&k)
	} else {
		out, err = a.makeSystemUser(&k, made)
	}
	if err != nil {
		return nil, err
	}
	k.State, k.By = SystemAskAccepted, a.Actor
	out.Changes = append(out.Changes, k.document(a.Snapshot))
	return out, nil
}

// answering returns a request that waits, to an organisation that the actor may
// answer for, as may tells.
func (a *Acting) answering(id string, may func(fullmakt.PartyNo) bool) (SystemAsk, error) {
	k, err := a.SystemAsk(id)
	if err != nil {
		return k, err
	}
	var rs refusals
	if a.soundActor(&rs) && !may(k.Owner) {
		rs.add(Refusal{Reason: fullmakt.ReasonNotAdmin, Rule: fullmakt.RuleGive1, Party: k.Owner}, "the actor may not answer for the organisation")
	}
	if err := rs.err(); err != nil {
		return k, err
	}
	switch _, registered := FindSystem(a.Snapshot, k.System); {
	case k.State != SystemAskNew:
		rs.add(Refusal{Reason: fullmakt.ReasonRequestState}, "the request is %s", k.State)
	case !registered:
		rs.add(Refusal{Reason: fullmakt.ReasonEnded}, "the system has been taken out of the register")
	}
	return k, rs.err()
}

// AskedItem is one thing that a request asks for.
type AskedItem struct {
	Path     string // as the refusals of it carry it, such as "/accessPackages/0"
	Package  string // a catalogue code; "" for a right
	Right    SystemRight
	Unwanted bool // it is to be taken from the user, and not given
	// Already tells, of a change request, that it is so already.
	Already bool
	// Refusals are why the actor may not approve of it.
	Refusals []Refusal
}

// places returns what the lists of what a user is to have are called.
func (k *SystemAsk) places() (packages, rights string) {
	if k.User != "" {
		return "requiredAccessPackages", "requiredRights"
	}
	return "accessPackages", "rights"
}

// Items returns what a request asks for, in the order in which it does.
func (k *SystemAsk) Items() (items []AskedItem) {
	packages, rights := k.places()
	add := func(list string, packages []string, rights []SystemRight, unwanted bool) {
		for i, p := range packages {
			items = append(items, AskedItem{Path: where("", list, i), Package: p, Unwanted: unwanted})
		}
		for i, r := range rights {
			items = append(items, AskedItem{Path: where("", list, i), Right: r, Unwanted: unwanted})
		}
	}
	add(packages, k.Packages, nil, false)
	add(rights, nil, k.Rights, false)
	add("unwantedAccessPackages", k.UnwantedPackages, nil, true)
	add("unwantedRights", nil, k.UnwantedRights, true)
	return items
}

// CheckSystemAsk tells what the actor may approve of in a request that it may see,
// and why not: by the very command that approves it, which is carried out as a whole
// or not at all. A *Refused is what stands in the way of any answer by the actor, and
// comes with the items; another error without.
func (a *Acting) CheckSystemAsk(id string, made NewSystemUser) ([]AskedItem, error) {
	k, err := a.SystemAsk(id)
	if err != nil {
		return nil, err
	}
	items := k.Items()
	if u, ok := FindSystemUser(a.Snapshot, k.User); ok {
		for i := range items {
			items[i].Already = a.isSo(&u, &items[i])
		}
	}
	_, err = a.ApproveSystemAsk(id, made)
	refused := Refusals(err)
	if err != nil && len(refused) == 0 {
		return nil, err
	}
	var rest refusals
	for _, r := range refused {
		if i := slices.IndexFunc(items, func(item AskedItem) bool { return item.Path == r.Path }); i >= 0 {
			items[i].Refusals = append(items[i].Refusals, r)
		} else {
			rest = append(rest, r)
		}
	}
	return items, rest.err()
}
