package registry

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// Library gives views of the registry. It keeps what it has read and compiled, by
// document and revision, so that a new revision costs no more than what changed.
// Its zero value is ready, and its methods may be called from several goroutines.
// One library serves one store.
type Library struct {
	mu     sync.Mutex
	recent []*View // the last used first
}

// keptViews is how many views are kept: that of the head, and some of the past.
const keptViews = 4

// At returns the registry as a snapshot has it.
func (l *Library) At(s *index.Snapshot) *View {
	want := stateOf(s)
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, v := range l.recent {
		if v.state == want {
			copy(l.recent[1:i+1], l.recent[:i])
			l.recent[0] = v
			return v
		}
	}
	var before *View
	if len(l.recent) > 0 {
		before = l.recent[0]
	}
	v := newView(want, before, s.Documents)
	l.recent = append([]*View{v}, l.recent[:min(len(l.recent), keptViews-1)]...)
	return v
}

// state tells the registries of two snapshots apart: the revisions at which its
// documents changed last.
type state struct {
	resources, policies, lists fullmakt.Seq
}

func stateOf(s *index.Snapshot) state {
	return state{
		resources: s.DocumentsSeq(fullmakt.DocumentResource),
		policies:  s.DocumentsSeq(fullmakt.DocumentPolicy),
		lists:     s.DocumentsSeq(fullmakt.DocumentAccessList),
	}
}

// View is the registry at one revision. It never changes. What it returns is
// shared and must not be changed.
type View struct {
	state     state
	resources map[string]*entry
	order     []*entry // by identifier
	policies  map[string]*policyVersion
	lists     []*AccessList // by owner and identifier
	member    map[fullmakt.PartyNo][]*AccessList
	connected map[string][]*AccessList // by resource
	problems  []error

	bySubject func() map[Attribute][]string
}

// entry is a resource with the revision of its document.
type entry struct {
	resource *Resource
	since    fullmakt.Seq
}

// newView reads the documents of a snapshot. What an earlier view, which may be
// nil, has read of them is taken from there.
func newView(at state, before *View, documents func(fullmakt.DocumentKind) iter.Seq[*index.Document]) *View {
	if before == nil {
		before = &View{}
	}
	v := &View{state: at}
	if before.resources != nil && before.state.resources == at.resources {
		v.resources, v.order = before.resources, before.order
	} else {
		v.readResources(before, documents(fullmakt.DocumentResource))
	}
	if before.policies != nil && before.state.policies == at.policies {
		v.policies, v.bySubject = before.policies, before.bySubject
	} else {
		v.readPolicies(before, documents(fullmakt.DocumentPolicy))
	}
	if before.member != nil && before.state.lists == at.lists {
		v.lists, v.member, v.connected = before.lists, before.member, before.connected
	} else {
		v.readLists(documents(fullmakt.DocumentAccessList))
	}
	return v
}

func (v *View) readResources(before *View, documents iter.Seq[*index.Document]) {
	v.resources = map[string]*entry{}
	for d := range documents {
		e := before.resources[d.ID]
		if e == nil || e.since != d.Since {
			r, err := ParseResource(d.Body)
			if err != nil {
				v.problems = append(v.problems, err)
				continue
			}
			e = &entry{r, d.Since}
		}
		v.resources[d.ID] = e
		v.order = append(v.order, e)
	}
	slices.SortFunc(v.order, func(a, b *entry) int { return strings.Compare(a.resource.Identifier, b.resource.Identifier) })
}

func (v *View) readPolicies(before *View, documents iter.Seq[*index.Document]) {
	v.policies = map[string]*policyVersion{}
	for d := range documents {
		p := before.policies[d.ID]
		if p == nil || p.since != d.Since {
			p = newPolicyVersion(d.ID, d.Since, d.Body)
		}
		v.policies[d.ID] = p
	}
	policies := v.policies
	v.bySubject = sync.OnceValue(func() map[Attribute][]string { return indexSubjects(policies) })
}

// readLists reads the access lists and their members.
func (v *View) readLists(documents iter.Seq[*index.Document]) {
	v.member, v.connected = map[fullmakt.PartyNo][]*AccessList{}, map[string][]*AccessList{}
	byID := map[string]*AccessList{}
	var members []*index.Document
	for d := range documents {
		parts := strings.Split(d.ID, "/")
		if len(parts) == 3 {
			members = append(members, d)
			continue
		}
		if len(parts) != 2 {
			v.problems = append(v.problems, fullmakt.Errorf(fullmakt.CodeInternal, "access list %q has no name of one", d.ID))
			continue
		}
		l, err := readList(&d.Document, parts[0], parts[1])
		if err != nil {
			v.problems = append(v.problems, err)
			continue
		}
		l.Revision = d.Since
		byID[d.ID] = l
		v.lists = append(v.lists, l)
	}
	for _, d := range members {
		l := byID[d.ID[:strings.LastIndexByte(d.ID, '/')]]
		m, err := readMember(&d.Document)
		if err != nil {
			v.problems = append(v.problems, err)
		}
		if l == nil || err != nil {
			continue
		}
		l.Members = append(l.Members, m)
		v.member[m.Party] = append(v.member[m.Party], l)
	}
	byName := func(a, b *AccessList) int {
		return cmp.Or(strings.Compare(a.Owner, b.Owner), strings.Compare(a.Identifier, b.Identifier))
	}
	slices.SortFunc(v.lists, byName)
	for _, l := range v.lists {
		slices.SortFunc(l.Members, func(a, b Member) int { return cmp.Compare(a.Party, b.Party) })
		for _, c := range l.Connections {
			v.connected[c.Resource] = append(v.connected[c.Resource], l)
		}
	}
	for _, lists := range v.member {
		slices.SortFunc(lists, byName)
	}
}

// Problems returns what of the registry cannot be read. It is no more than what a
// damaged store holds: commands let nothing in that cannot be read.
func (v *View) Problems() []error { return v.problems }

// Resource returns a resource by its identifier, in any letter case.
func (v *View) Resource(id string) (*Resource, bool) {
	e := v.resources[id]
	if e == nil {
		if e = v.resources[strings.ToLower(id)]; e == nil {
			return nil, false
		}
	}
	return e.resource, true
}

// ResourceRevision returns the revision of the version of a resource, 0 where
// there is none.
func (v *View) ResourceRevision(id string) fullmakt.Seq {
	if e := v.resources[id]; e != nil {
		return e.since
	}
	return 0
}

// Resources yields every resource, by identifier.
func (v *View) Resources() iter.Seq[*Resource] {
	return func(yield func(*Resource) bool) {
		for _, e := range v.order {
			if !yield(e.resource) {
				return
			}
		}
	}
}

// AccessList returns an access list by its owner and identifier.
func (v *View) AccessList(owner, identifier string) (*AccessList, bool) {
	i, ok := slices.BinarySearchFunc(v.lists, [2]string{owner, identifier}, func(l *AccessList, name [2]string) int {
		return cmp.Or(strings.Compare(l.Owner, name[0]), strings.Compare(l.Identifier, name[1]))
	})
	if !ok {
		return nil, false
	}
	return v.lists[i], true
}

// AccessListsOf yields the access lists of an owner, by identifier.
func (v *View) AccessListsOf(owner string) iter.Seq[*AccessList] {
	return func(yield func(*AccessList) bool) {
		for _, l := range v.lists {
			if l.Owner == owner && !yield(l) {
				return
			}
		}
	}
}

// ListsOf returns the access lists that a party is on.
func (v *View) ListsOf(p fullmakt.PartyNo) []*AccessList { return v.member[p] }

// ListsFor returns the access lists that are connected with a resource.
func (v *View) ListsFor(resource string) []*AccessList { return v.connected[resource] }

// Listed reports whether an organisation is on an access list of the resource
// that counts for the action. It says so of resources without access lists too;
// whether a resource asks for one is its AccessListMode.
func (v *View) Listed(resource string, p fullmakt.PartyNo, action string) bool {
	for _, l := range v.connected[resource] {
		if _, on := l.Member(p); on {
			if c, ok := l.Connection(resource); ok && c.Covers(action) {
				return true
			}
		}
	}
	return false
}

// OwnerNumber returns the organisation number that a service owner's code stands
// for, as the resources say; "" where none says.
func (v *View) OwnerNumber(code string) string {
	for _, e := range v.order {
		if a := e.resource.HasCompetentAuthority; a.Orgcode == code {
			return a.Organization
		}
	}
	return ""
}
