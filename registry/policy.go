package registry

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/xacml"
)

// Policy is one version of the policy of a resource: an XACML Policy or PolicySet,
// compiled.
type Policy struct {
	Resource string       // identifier of the resource
	Revision fullmakt.Seq // of the version; 0 for one that is not stored
	Source   []byte       // the XML as it was given
	Compiled *xacml.Policy

	outline   *outline
	reduction atomic.Pointer[reduction]
	spoken    atomic.Pointer[spoken]
	engine    *xacml.Engine
	rights    func() []Right // see Rights
}

// ParsePolicy compiles the XML of a resource's policy. The file stands in
// messages only. The error has code CodeInvalid and tells line and reason.
func ParsePolicy(resource, file string, source []byte) (*Policy, error) {
	compiled, err := xacml.ParsePolicy(file, source)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "the policy is refused: %w", err)
	}
	o, err := outlineOf(compiled)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "the policy is refused: %s: %w", file, err)
	}
	p := &Policy{Resource: resource, Source: source, Compiled: compiled, outline: o}
	p.engine = xacml.NewEngine(xacml.Options{Roots: []*xacml.Policy{compiled}})
	p.rights = sync.OnceValue(p.makeRights)
	return p, nil
}

// speaksOf tells whether every rule of the policy that names a resource names this
// one: rules about another would be its owner's to write.
func (p *Policy) speaksOf(r *Resource) error {
	for _, alternative := range p.outline.all {
		for _, a := range canonical(alternative.resource) {
			if a.ID == AttributeResource && !strings.EqualFold(a.Value, r.Identifier) {
				return fullmakt.Errorf(fullmakt.CodeInvalid, "the policy is refused: the rule %s is about the resource %s, and not about %s",
					alternative.rule, clip(a.Value), r.Identifier)
			}
		}
	}
	return nil
}

// policyDocument returns a policy as a change of the log.
func policyDocument(id string, source []byte, ended bool) fullmakt.Document {
	return fullmakt.Document{Kind: fullmakt.DocumentPolicy, ID: id, Body: source, Ended: ended}
}

// policyVersion is a version of a policy that is compiled when somebody asks for
// it. One that does not compile is nobody's trouble but its own resource's.
type policyVersion struct {
	id      string
	since   fullmakt.Seq
	source  []byte
	compile func() (*Policy, error)
}

func newPolicyVersion(id string, since fullmakt.Seq, source []byte) *policyVersion {
	return &policyVersion{id: id, since: since, source: source, compile: sync.OnceValues(func() (*Policy, error) {
		p, err := ParsePolicy(id, id+".xml", source)
		if err != nil {
			return nil, err
		}
		p.Revision = since
		return p, nil
	})}
}

// Policy returns the compiled policy of a resource. Errors: CodeNotFound when the
// resource has none, CodeInvalid when what is stored cannot be compiled.
func (v *View) Policy(id string) (*Policy, error) {
	p := v.policies[id]
	if p == nil {
		if p = v.policies[strings.ToLower(id)]; p == nil {
			return nil, fullmakt.Errorf(fullmakt.CodeNotFound, "the resource %q has no policy", clip(id))
		}
	}
	return p.compile()
}

// PolicySource returns the XML of a resource's policy and the revision of its
// version, whether it compiles or not.
func (v *View) PolicySource(id string) (source []byte, revision fullmakt.Seq, ok bool) {
	p := v.policies[id]
	if p == nil {
		return nil, 0, false
	}
	return p.source, p.since, true
}

// NamedResource returns the identifier of the one resource that the rules of a
// policy name, "" where they name none or several.
func (p *Policy) NamedResource() string {
	id := ""
	for _, alternative := range p.outline.all {
		for _, a := range canonical(alternative.resource) {
			if a.ID != AttributeResource || a.Value == id {
				continue
			}
			if id != "" {
				return ""
			}
			id = a.Value
		}
	}
	return id
}
