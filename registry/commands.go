package registry

import (
	"bytes"

	"github.com/fullmakt/fullmakt"
)

// CreateResource returns the changes that put a new resource into the registry.
//
// Errors: *Invalid, CodeForbidden when the author is not its owner, CodeConflict
// when there is a resource with the identifier.
func CreateResource(v *View, by Author, r *Resource) ([]fullmakt.Change, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	if err := v.owns(by, r.HasCompetentAuthority); err != nil {
		return nil, err
	}
	if _, there := v.Resource(r.Identifier); there {
		return nil, fullmakt.Errorf(fullmakt.CodeConflict, "there is a resource %s already", r.Identifier).WithHint("change it with PUT")
	}
	return one(r.document())
}

// UpdateResource returns the changes that give a resource a new version; none when
// it says the same already.
//
// Errors: *Invalid, CodeNotFound, and CodeForbidden when the author does not own
// the resource as it is or as it is to be.
func UpdateResource(v *View, by Author, id string, r *Resource) ([]fullmakt.Change, error) {
	have, err := v.resourceOf(by, id)
	if err != nil {
		return nil, err
	}
	if r.Identifier != have.Identifier {
		return nil, &Invalid{What: "resource " + have.Identifier, Fields: []Field{{"identifier", "is not the one of the path; a resource keeps its identifier"}}}
	}
	if err := r.Check(); err != nil {
		return nil, err
	}
	if err := v.owns(by, r.HasCompetentAuthority); err != nil {
		return nil, err
	}
	before, err := have.document()
	if err != nil {
		return nil, err
	}
	after, err := r.document()
	if err != nil || bytes.Equal(before.Body, after.Body) {
		return nil, err
	}
	return []fullmakt.Change{after}, nil
}

// DeleteResource returns the changes that end a resource and its policy. Its
// versions stay in the log. Errors: CodeNotFound, CodeForbidden, and CodeConflict
// while an access list is connected with it.
func DeleteResource(v *View, by Author, id string) ([]fullmakt.Change, error) {
	have, err := v.resourceOf(by, id)
	if err != nil {
		return nil, err
	}
	if lists := v.ListsFor(have.Identifier); len(lists) > 0 {
		return nil, fullmakt.Errorf(fullmakt.CodeConflict, "the access list %s is connected with the resource", lists[0].URN()).
			WithHint("remove the connection first")
	}
	d, err := have.document()
	if err != nil {
		return nil, err
	}
	d.Ended = true
	changes := []fullmakt.Change{d}
	if p := v.policies[have.Identifier]; p != nil {
		changes = append(changes, policyDocument(p.id, p.source, true))
	}
	return changes, nil
}

// PutPolicy returns the changes that give a resource a new version of its policy;
// none when it has this one already. A policy that cannot be read is refused, and
// the old one stays.
//
// Errors: CodeNotFound, CodeForbidden, and CodeInvalid with line and reason for a
// policy that does not parse or that speaks of another resource.
func PutPolicy(v *View, by Author, id string, source []byte) ([]fullmakt.Change, error) {
	have, err := v.resourceOf(by, id)
	if err != nil {
		return nil, err
	}
	p, err := ParsePolicy(have.Identifier, have.Identifier+".xml", source)
	if err != nil {
		return nil, err
	}
	if err := p.speaksOf(have); err != nil {
		return nil, err
	}
	if old := v.policies[have.Identifier]; old != nil && bytes.Equal(old.source, source) {
		return nil, nil
	}
	return []fullmakt.Change{policyDocument(have.Identifier, source, false)}, nil
}

// resourceOf finds a resource that the author owns.
func (v *View) resourceOf(by Author, id string) (*Resource, error) {
	have, there := v.Resource(id)
	if !there {
		return nil, v.unknown(id)
	}
	return have, v.owns(by, have.HasCompetentAuthority)
}

func (v *View) unknown(id string) error {
	return fullmakt.Errorf(fullmakt.CodeNotFound, "there is no resource %q", clip(id))
}

// one makes a list of a single change.
func one(d fullmakt.Document, err error) ([]fullmakt.Change, error) {
	if err != nil {
		return nil, err
	}
	return []fullmakt.Change{d}, nil
}
