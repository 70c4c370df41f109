package registry

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/xacml"
)

// Source is a file of a registry: a resource, a policy or an access list. Its path
// tells which:
//
//	resource/ID.json
//	policy/ID.xml
//	access-list/OWNER/ID.json
type Source struct {
	Path  string
	Where string // the file, for messages
	Line  int    // of the file, where the source begins; 0 when it is the whole file
	Data  []byte
}

// Load returns the changes that bring sources into the registry of a snapshot, as
// the operator: what is new is added, what is there gets a new version, and what
// no source speaks of stays. A source that is wrong is left out, and told of among the problems
// with its place; the others are not hindered by it.
func Load(s *index.Snapshot, sources []Source, at time.Time) (changes []fullmakt.Change, problems []error) {
	l := &loader{snapshot: s, at: at}
	l.each("resource", sources, l.resource)
	l.each("policy", sources, l.policy)
	l.each("access-list", sources, l.accessList)
	for _, src := range sources {
		if kind, _ := src.kind(); kind == "" {
			l.fail(src, fullmakt.Errorf(fullmakt.CodeInvalid, "no part of a registry is called so").
				WithHint("name it resource/ID.json, policy/ID.xml or access-list/OWNER/ID.json"))
		}
	}
	return l.changes, l.problems
}

// kind tells which kind of source it is, and the rest of its path without the
// ending; "" for one that is none.
func (src Source) kind() (kind, name string) {
	kind, rest, _ := strings.Cut(src.Path, "/")
	ending := path.Ext(rest)
	name = strings.TrimSuffix(rest, ending)
	owner, id, nested := strings.Cut(name, "/")
	switch {
	case kind == "resource" && ending == ".json" && !nested && name != "",
		kind == "policy" && ending == ".xml" && !nested && name != "",
		kind == "access-list" && ending == ".json" && nested && owner != "" && id != "" && !strings.Contains(id, "/"):
		return kind, name
	}
	return "", ""
}

// loader gathers what the sources change: the snapshot is the register with that in it.
type loader struct {
	snapshot *index.Snapshot
	at       time.Time
	changes  []fullmakt.Change
	problems []error
}

// each reads the sources of a kind against one view, and then takes up what they
// changed.
func (l *loader) each(kind string, sources []Source, read func(*View, string, Source) ([]fullmakt.Change, error)) {
	var library Library
	v := library.At(l.snapshot)
	var found []fullmakt.Change
	for _, src := range sources {
		if k, name := src.kind(); k == kind {
			changes, err := read(v, name, src)
			if err != nil {
				l.fail(src, err)
			}
			found = append(found, changes...)
		}
	}
	l.take(found)
}

func (l *loader) take(changes []fullmakt.Change) {
	if len(changes) > 0 {
		l.snapshot = l.snapshot.Apply(l.snapshot.Seq()+1, l.at, changes)
		l.changes = append(l.changes, changes...)
	}
}

// fail notes what is wrong with a source, and where.
func (l *loader) fail(src Source, err error) {
	where, line := src.Where, src.Line
	message := err.Error()
	var policy *xacml.PolicyError
	if errors.As(err, &policy) {
		line += policy.Line
		message = "the policy is refused: " + policy.Reason
		if src.Line > 0 {
			line-- // both count from one
		}
	}
	if line > 0 {
		where = fmt.Sprintf("%s:%d", where, line)
	}
	problem := fullmakt.Errorf(fullmakt.CodeInvalid, "%s: %s: %s", where, src.Path, message)
	problem.Hint = fullmakt.ErrorHint(err)
	l.problems = append(l.problems, problem)
}

func (l *loader) resource(v *View, id string, src Source) ([]fullmakt.Change, error) {
	r, err := ParseResource(src.Data)
	if err != nil {
		return nil, err
	}
	if r.Identifier == "" {
		r.Identifier = id
	}
	if r.Identifier != id {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "the resource calls itself %q", clip(r.Identifier))
	}
	if _, there := v.Resource(id); there {
		return UpdateResource(v, Operator, id, r)
	}
	return CreateResource(v, Operator, r)
}

func (l *loader) policy(v *View, id string, src Source) ([]fullmakt.Change, error) {
	return PutPolicy(v, Operator, id, src.Data)
}

// listSource is the JSON of an access list in a file.
type listSource struct {
	Name                string                 `json:"name"`
	Description         string                 `json:"description"`
	Members             []string               `json:"members"` // organisation numbers
	ResourceConnections []listConnectionSource `json:"resourceConnections"`
}

type listConnectionSource struct {
	ResourceIdentifier string   `json:"resourceIdentifier"`
	ActionFilters      []string `json:"actionFilters"`
}

// accessList takes a list up itself, since its members need the list to be there.
func (l *loader) accessList(v *View, name string, src Source) ([]fullmakt.Change, error) {
	owner, id, _ := strings.Cut(name, "/")
	var list listSource
	if err := readJSON(src.Data, "access list", &list); err != nil {
		return nil, err
	}
	before := *l
	do := func(changes []fullmakt.Change, err error) error {
		if err == nil {
			l.take(changes)
		}
		return err
	}
	view := func() *View { return newView(l.snapshot, nil) }
	err := do(PutAccessList(v, Operator, owner, id, list.Name, list.Description, l.at))
	var members []fullmakt.PartyNo
	for _, number := range list.Members {
		n, wrong := fullmakt.ParseOrgNumber(number)
		if err == nil {
			err = wrong
		}
		members = append(members, l.snapshot.Organisation(n))
	}
	if err == nil {
		err = do(ChangeMembers(l.snapshot, view(), Operator, owner, id, ReplaceMembers, members, l.at))
	}
	for _, c := range list.ResourceConnections {
		if err == nil {
			err = do(ConnectResource(view(), Operator, owner, id, c.ResourceIdentifier, c.ActionFilters, l.at))
		}
	}
	if err != nil {
		l.snapshot, l.changes = before.snapshot, before.changes
	}
	return nil, err
}
