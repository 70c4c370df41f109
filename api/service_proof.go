package api

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/xacml"
)

// serviceProof is what a decision over a resource rests on: the half of the policy,
// and the half of the authority.
type serviceProof struct {
	Decision string          `json:"decision"`
	Reason   fullmakt.Reason `json:"reason"`
	Resource string          `json:"resource,omitempty"`
	Basis    string          `json:"basis,omitempty"` // policy, grant or access-list
	Policy   *wirePolicy     `json:"policy,omitempty"`
	Rule     *wireRule       `json:"rule,omitempty"`
	// Held are the packages, roles and rights that the decision rests on, Missing
	// those of which one would have been enough.
	Held    []wireHeld `json:"held,omitempty"`
	Missing []wireHeld `json:"missing,omitempty"`
	Actions []string   `json:"actions,omitempty"` // of the policy, where none is the one asked about
	// The paths by which what is held is held, and the near misses of what is missing.
	Authority  []wirePath `json:"authority,omitempty"`
	NearMisses []wirePath `json:"near_misses,omitempty"`
}

// wirePolicy names a version of a policy: its own id, and the revision that made it.
type wirePolicy struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

// wireRule is the rule that decided, or that came nearest.
type wireRule struct {
	ID          string `json:"id"`
	Description string `json:"description,omitempty"`
	Effect      string `json:"effect"`
	Line        int    `json:"line"`
	Nearest     bool   `json:"nearest,omitempty"`
}

type wireHeld struct {
	URN   string          `json:"urn"`
	Names catalogue.Names `json:"names,omitzero"`
}

// proveService explains a decision: which rule of which policy, on which package or
// role, held by which path; or the nearest rule, what is missing, and how near the
// subject came to it.
func (s *Server) proveService(ctx context.Context, d *registry.Decider, q *registry.Question, x *registry.Explanation) (*serviceProof, error) {
	p := &serviceProof{Decision: x.Decision.String(), Reason: x.Reason, Actions: x.Actions}
	if x.Resource != nil {
		p.Resource = x.Resource.Identifier
	}
	p.Basis = map[registry.Basis]string{registry.ByPolicy: "policy", registry.ByGrant: "grant", registry.ByAccessList: "access-list"}[x.Basis]
	if x.Policy != nil {
		p.Policy = &wirePolicy{x.Policy.Compiled.ID(), strconv.FormatUint(uint64(x.Policy.Revision), 10)}
	}
	if r := x.Rule; r != nil {
		p.Rule = &wireRule{ID: r.ID, Description: r.Description, Effect: r.Effect.String(), Line: r.Line, Nearest: x.Decision == xacml.NotApplicable}
	}
	asked := x.Missing
	if x.Decision != xacml.NotApplicable {
		asked = x.Held
		if x.By.Right != 0 {
			asked = []registry.Held{x.By}
		}
	}
	list := &p.Missing
	if x.Decision != xacml.NotApplicable {
		list = &p.Held
	}
	for _, h := range asked {
		*list = append(*list, heldOut(d.Snapshot, h))
	}
	if q.For == 0 || len(asked) == 0 {
		return p, nil
	}
	for _, h := range asked {
		one, err := s.prove(ctx, d.Snapshot, h.Query(q.Subject, q.For, q.At.Unix()))
		if err != nil {
			return nil, err
		}
		p.Authority = append(p.Authority, one.Authority...)
		p.NearMisses = append(p.NearMisses, one.NearMisses...)
	}
	return p, nil
}

func heldOut(s *index.Snapshot, h registry.Held) wireHeld {
	c := s.Catalogue()
	switch {
	case h.Right != 0:
		resource, right := s.RightName(h.Right)
		return wireHeld{URN: rightURN(resource, right)}
	case h.Role != 0:
		w := wireHeld{URN: act{pkg: catalogue.NoPackage, role: h.Role}.name(s)}
		if r := c.Role(h.Role); r != nil {
			w.Names = r.Names
		}
		return w
	}
	return wireHeld{URN: act{pkg: h.Package}.name(s), Names: c.Package(h.Package).Names}
}

// explanationHeader writes explanations as the value of a header, in ASCII. Where
// they would be too long for one, they go without the paths.
func explanationHeader(list []*serviceProof) string {
	const most = 6000 // bytes, of the 8000 that common servers take
	out := ascii(list)
	if len(out) <= most {
		return out
	}
	short := make([]*serviceProof, len(list))
	for i, p := range list {
		if p != nil {
			bare := *p
			bare.Authority, bare.NearMisses, bare.Rule = nil, nil, nil
			short[i] = &bare
		}
	}
	if out = ascii(short); len(out) <= most {
		return out
	}
	return `"too long for a header; ask about fewer at a time, or by AuthZEN"`
}

// ascii writes v as JSON in ASCII.
func ascii(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "null"
	}
	var out []byte
	for _, r := range string(text) {
		switch {
		case r < 0x80:
			out = append(out, byte(r))
		case r > 0xffff:
			r -= 0x10000
			out = appendEscape(appendEscape(out, 0xd800+r>>10), 0xdc00+r&0x3ff)
		default:
			out = appendEscape(out, r)
		}
	}
	return string(out)
}

func appendEscape(out []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	return append(out, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
