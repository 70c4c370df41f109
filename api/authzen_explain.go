package api

import (
	"context"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// proof is what an evaluation rests on, as the context of an answer tells it:
// every path for a yes, the near misses for a no. It names parties by number or
// UUID, never a person by identity number or name.
type proof struct {
	Authority  []wirePath      `json:"authority"`
	NearMisses []wirePath      `json:"near_misses,omitempty"`
	GiveRule   fullmakt.Rule   `json:"give_rule,omitempty"`
	GiveReason fullmakt.Reason `json:"give_reason,omitempty"`
}

type wirePath struct {
	Rule      fullmakt.Rule   `json:"rule"`
	Extension fullmakt.Rule   `json:"extension,omitempty"`
	Via       *wireEntity     `json:"via,omitempty"`
	Steps     []wireStep      `json:"steps"`
	Grants    string          `json:"grants,omitempty"`
	MayGive   bool            `json:"may_give,omitempty"`
	Reason    fullmakt.Reason `json:"reason,omitempty"`     // of a near miss
	StoppedBy fullmakt.Rule   `json:"stopped_by,omitempty"` // of a near miss
}

// wireStep leads from the party acted for towards the subject.
type wireStep struct {
	From      wireEntity `json:"from"`
	To        wireEntity `json:"to"`
	By        string     `json:"by"`
	KeyRole   bool       `json:"key_role,omitempty"`
	Derived   bool       `json:"derived,omitempty"`
	Source    string     `json:"source"`
	Since     string     `json:"since,omitempty"`
	ValidFrom string     `json:"valid_from,omitempty"`
	ValidTo   string     `json:"valid_to,omitempty"`
}

type wireEntity struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// prove explains a query.
func (s *Server) prove(ctx context.Context, snap *index.Snapshot, q pdp.Query) (*proof, error) {
	x := pdp.Explain(snap, q)
	named := map[fullmakt.PartyNo]bool{}
	name := func(via fullmakt.PartyNo, steps []pdp.Step) {
		named[via] = true
		for _, step := range steps {
			named[step.At], named[step.Holder] = true, true
		}
	}
	for _, p := range x.Paths {
		name(p.Via, p.Steps)
	}
	for _, m := range x.NearMisses {
		name(m.Via, m.Steps)
	}
	delete(named, 0)
	entities, err := s.entities(ctx, snap, named)
	if err != nil {
		return nil, err
	}
	w := &prover{snap: snap, view: snap.Catalogue().At(q.At), entities: entities}
	p := &proof{Authority: []wirePath{}, GiveRule: x.GiveRule, GiveReason: x.GiveReason}
	for _, path := range x.Paths {
		p.Authority = append(p.Authority, wirePath{
			Rule: path.Rule, Extension: path.Extension, Via: w.via(path.Via), Steps: w.steps(path.Steps),
			Grants: grantsOf(snap, q), MayGive: path.Give,
		})
	}
	for _, miss := range x.NearMisses {
		p.NearMisses = append(p.NearMisses, wirePath{
			Rule: miss.Base, Extension: miss.Extension, Via: w.via(miss.Via), Steps: w.steps(miss.Steps),
			Reason: miss.Reason, StoppedBy: miss.Rule,
		})
	}
	return p, nil
}

// grantsOf names what a path to the answer of a query gives.
func grantsOf(snap *index.Snapshot, q pdp.Query) string {
	if q.Right != 0 {
		resource, right := snap.RightName(q.Right)
		return rightURN(resource, right)
	}
	return act{pkg: q.Package, role: q.Role}.name(snap)
}

// rightURN names a single right to a resource.
func rightURN(resource, right string) string { return serviceType + ":" + resource + "#" + right }

// entities names parties: organisations by number, all others by UUID.
func (s *Server) entities(ctx context.Context, snap *index.Snapshot, named map[fullmakt.PartyNo]bool) (map[fullmakt.PartyNo]wireEntity, error) {
	out := make(map[fullmakt.PartyNo]wireEntity, len(named))
	var others []fullmakt.PartyNo
	for p := range named {
		if id := snap.ID(p); id.Kind == fullmakt.KindOrganisation {
			out[p] = wireEntity{kindURNs[orgNumberKind], id.Org.String()}
		} else {
			others = append(others, p)
		}
	}
	if len(others) == 0 {
		return out, nil
	}
	parties, err := s.node.Store().Parties(ctx, others)
	if err != nil {
		return nil, err
	}
	for _, p := range parties {
		kind := partyUUIDKind
		switch p.ID.Kind {
		case fullmakt.KindPerson:
			kind = personUUIDKind
		case fullmakt.KindEnterpriseUser:
			kind = enterpriseUserKind
		case fullmakt.KindSystemUser:
			kind = systemUserKind
		}
		out[p.No] = wireEntity{kindURNs[kind], p.UUID.String()}
	}
	return out, nil
}

// prover writes the steps of one explanation.
type prover struct {
	snap     *index.Snapshot
	view     *catalogue.View
	entities map[fullmakt.PartyNo]wireEntity
}

func (w *prover) via(p fullmakt.PartyNo) *wireEntity {
	if p == 0 {
		return nil
	}
	e := w.entities[p]
	return &e
}

func (w *prover) steps(steps []pdp.Step) []wireStep {
	list := make([]wireStep, 0, len(steps))
	for _, s := range steps {
		step := wireStep{
			From: w.entities[s.At], To: w.entities[s.Holder], By: string(s.Kind),
			Derived: s.Derived, Source: s.Source.String(), Since: s.Since.String(),
		}
		switch s.Kind {
		case pdp.StepRole:
			step.By, step.KeyRole = "role:"+w.role(s.Role), w.view.Key(s.Role)
		case pdp.StepECKEY:
			step.By, step.KeyRole = "role:"+w.role(s.Role), true
		case pdp.StepClient:
			if p := w.snap.Catalogue().Package(s.Package); p != nil {
				step.By = "client:" + p.Code
			}
		case pdp.StepGrant:
			if p := w.snap.Catalogue().Package(s.Package); p != nil {
				step.By = "package:" + p.Code
			}
			if s.Right != 0 {
				resource, right := w.snap.RightName(s.Right)
				step.By = "right:" + resource + "/" + right
			}
		}
		if s.Valid.From != 0 {
			step.ValidFrom = time.Unix(s.Valid.From, 0).UTC().Format(time.RFC3339)
		}
		if s.Valid.To != 0 {
			step.ValidTo = time.Unix(s.Valid.To, 0).UTC().Format(time.RFC3339)
		}
		list = append(list, step)
	}
	return list
}

// role is a role's code as Altinn writes it, else the register's.
func (w *prover) role(id catalogue.RoleID) string {
	if r := w.snap.Catalogue().Role(id); r != nil && r.AltinnCode != "" {
		return r.AltinnCode
	}
	return string(w.snap.RoleCode(id))
}
