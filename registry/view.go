package registry

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// Library gives views of the registry. It keeps what it has read and compiled, by
// document and revision, so that a new revision costs no more than what changed.
// Its zero value is ready, and its methods may be called from several goroutines.
// One library serves one store.
type Library struct {
	latest atomic.Pointer[View]
	mu     sync.Mutex
	past   []*View // some before the latest, the last used first
}

// keptViews is how many views of the past are kept.
const keptViews = 3

// At returns the registry as a snapshot has it, which must be one of the whole
// register.
func (l *Library) At(s *index.Snapshot) *View {
	if v := l.latest.Load(); v != nil && v.seq == s.Seq() {
		return v
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	latest := l.latest.Load()
	if latest == nil || latest.seq < s.Seq() {
		v := newView(s, latest)
		l.latest.Store(v)
		return v
	}
	if latest.seq == s.Seq() {
		return latest
	}
	for _, v := range l.past {
		if v.seq == s.Seq() {
			return v
		}
	}
	v := newView(s, latest)
	l.past = append([]*View{v}, l.past[:min(len(l.past), keptViews-1)]...)
	return v
}

// View is the registry at one revision. It never changes. What it returns is
// shared and must not be changed.
type View struct {
	seq       fullmakt.Seq
	changed   map[fullmakt.DocumentKind]fullmakt.Seq // when documents of a kind changed last
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

// newView reads the documents of a snapshot. What another view, which may be nil,
// has read of them is taken from there: a kind that has not changed since, whole.
func newView(s *index.Snapshot, other *View) *View {
	v := &View{seq: s.Seq()}
	if other == nil {
		other = &View{}
	}
	same := func(kind fullmakt.DocumentKind) bool {
		return other.changed != nil && other.seq < v.seq && other.changed[kind] == s.DocumentsSeq(kind)
	}
	if same(fullmakt.DocumentResource) {
		v.resources, v.order = other.resources, other.order
	} else {
		v.readResources(other, s.Documents(fullmakt.DocumentResource))
	}
	if same(fullmakt.DocumentPolicy) {
		v.policies, v.bySubject = other.policies, other.bySubject
	} else {
		v.readPolicies(other, s.Documents(fullmakt.DocumentPolicy))
	}
	if same(fullmakt.DocumentAccessList) {
		v.lists, v.member, v.connected = other.lists, other.member, other.connected
	} else {
		v.readLists(s.Documents(fullmakt.DocumentAccessList))
	}
	v.changed = map[fullmakt.DocumentKind]fullmakt.Seq{}
	for _, kind := range []fullmakt.DocumentKind{fullmakt.DocumentResource, fullmakt.DocumentPolicy, fullmakt.DocumentAccessList} {
		v.changed[kind] = s.DocumentsSeq(kind)
	}
	return v
}

func (v *View) readResources(other *View, documents iter.Seq[*index.Document]) {
	v.resources = map[string]*entry{}
	for d := range documents {
		e := other.resources[d.ID]
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

func (v *View) readPolicies(other *View, documents iter.Seq[*index.Document]) {
	v.policies = map[string]*policyVersion{}
	for d := range documents {
		p := other.policies[d.ID]
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
