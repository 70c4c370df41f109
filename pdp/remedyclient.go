package pdp

import (
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// agentRemedies: where all that is missing is that the subject is the provider's
// agent, one of the provider's client administrators adds it (rule CLIENT-1).
func agentRemedies(s *index.Snapshot, q Query, x Explanation) (out []Remedy) {
	for _, miss := range x.NearMisses {
		if miss.Base != fullmakt.RuleClient || miss.Reason != fullmakt.ReasonNoRelation {
			continue
		}
		r := Remedy{Kind: RemedyAgent, From: miss.Steps[1].At, To: q.Subject, Client: miss.Steps[0].At}
		if !slices.ContainsFunc(out, func(o Remedy) bool { return o.From == r.From }) {
			r.By = clientAdministrators(s, r.From, q.At)
			out = append(out, r)
		}
	}
	return out
}

// clientRemedies: a provider that holds the package for the object, and whose
// agent the subject is, lets it use the package for that client.
func clientRemedies(s *index.Snapshot, q Query) (out []Remedy) {
	var w walk
	w.start(s, q, nil)
	if !w.mayBeAgent() || w.subjectFault != noFault || !w.v.Delegable().Has(q.Package) {
		return nil
	}
	units := []unit{{no: q.For}}
	if u, ok := w.sub(); ok && u.faults.none() {
		units = append(units, u)
	}
	for _, u := range units {
		n, holders, _ := s.Look(u.no)
		u.form = n.Form
		for _, e := range holders {
			if !e.HolderIsOrganisation() || w.alive(s.Node(e.Party)) != noFault || !w.provides(u, e) {
				continue
			}
			if _, ok := s.Agent(e.Party, q.Subject); !ok {
				continue
			}
			r := Remedy{Kind: RemedyClient, From: e.Party, To: q.Subject, Client: u.no}
			if !slices.ContainsFunc(out, func(o Remedy) bool { return o.From == r.From && o.Client == r.Client }) {
				r.By = clientAdministrators(s, r.From, q.At)
				out = append(out, r)
			}
		}
	}
	return out
}

// provides reports whether a holder at a unit has a basis there that confers the
// package of the question.
func (w *walk) provides(u unit, e index.Edge) bool {
	if !e.Grant() {
		return e.Role() != 0 && !e.Ended() && w.confers(u, basis{edge: e}) == confersNow
	}
	return slices.ContainsFunc(w.s.Grants(u.no, e.Party), func(g index.Grant) bool {
		return g.Package == w.q.Package && g.Valid.Contains(w.q.At)
	})
}

// clientAdministrators returns those who may delegate a provider's clients (rule
// CLIENT-1), at most MostNamed.
func clientAdministrators(s *index.Snapshot, provider fullmakt.PartyNo, at int64) []fullmakt.PartyNo {
	return who(s, provider, at, All, func(p Pair, _ catalogue.PackageID) bool {
		return ClientAdministrator(s, p.Subject, provider, at)
	})
}
