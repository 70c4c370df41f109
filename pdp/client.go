package pdp

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// client is rule CLIENT: an organisation F, the provider, holds a basis at the
// client directly, and has delegated a package that the basis confers to the
// subject, its agent. No hop stands before or after it. Holders are those at the
// client.
func (w *walk) client(u unit, holders []index.Edge) {
	if !w.mayBeAgent() {
		return
	}
	delegations := w.s.Delegations(u.no, w.q.Subject)
	for i := range delegations {
		d := &delegations[i]
		provider := w.s.Node(d.Provider)
		if provider.Kind != fullmakt.KindOrganisation {
			continue
		}
		fs := u.faults
		fs.add(w.subjectFault)
		fs.add(w.alive(provider))
		if d.Package == catalogue.NoPackage || !w.v.Delegable().Has(d.Package) {
			fs.add(notDelegable)
		}
		if _, ok := w.s.Agent(d.Provider, w.q.Subject); !ok {
			fs.add(notAgent)
		}
		if fs.hopeless() {
			continue
		}
		if d.Role == 0 {
			w.clientOverGrant(u, d, fs)
			continue
		}
		if u.extension == enk && !w.accountancy(d.Role) {
			continue // rule ENK
		}
		for _, e := range holders {
			if e.Party == d.Provider && e.Role() == d.Role {
				b := w.roleBasis(e)
				w.judge(&candidate{unit: u, base: rankClient, basis: b, delegation: d}, fs.and(b.faults))
			}
		}
	}
}

// clientOverGrant judges a delegation whose basis is a grant of the same package
// from the client to the provider.
func (w *walk) clientOverGrant(u unit, d *index.ClientDelegation, fs faults) {
	if u.extension == enk || w.s.Node(u.no).Flags&index.Dead != 0 {
		return // as in visit
	}
	grants := w.s.Grants(u.no, d.Provider)
	for i := range grants {
		g := &grants[i]
		if g.Package != d.Package || g.Unknown != d.Unknown || g.ECKEY || g.Right != 0 {
			continue
		}
		b := basis{edge: w.provided(d.Provider), grant: g}
		b.faults.add(inTime(g.Valid, w.q.At))
		w.judge(&candidate{unit: u, base: rankClient, basis: b, delegation: d}, fs.and(b.faults))
	}
}

// provided is an edge that names a provider and nothing else.
func (w *walk) provided(f fullmakt.PartyNo) index.Edge { return index.RoleEdge(f, 0) }

// mayBeAgent reports whether the subject is of a kind that may be an agent: a
// person, or a system user made for it. Whether it lives is for LIFE-1.
func (w *walk) mayBeAgent() bool {
	switch w.subject.Kind {
	case fullmakt.KindPerson:
		return true
	case fullmakt.KindSystemUser:
		return w.subject.Flags&index.AgentSystem != 0
	}
	return false
}

// confersClient tells whether a client delegation confers what the question names:
// its one package, and never a role or a single right.
func (w *walk) confersClient(c *candidate) conferring {
	p := c.delegation.Package
	if w.q.Role != 0 || w.q.Right != 0 || w.q.Package != catalogue.NoPackage && w.q.Package != p {
		return confersNot
	}
	return w.delegated(c)
}

// delegated tells whether the provider's basis confers the package that was
// delegated.
func (w *walk) delegated(c *candidate) conferring {
	p := c.delegation.Package
	switch {
	case p == catalogue.NoPackage:
		return confersNot
	case c.basis.grant != nil:
		return confersNow
	}
	conf := w.v.Conferral(c.basis.edge.Role(), c.unit.form)
	switch {
	case conf.Use.Has(p):
		return confersNow
	case conf.OtherForm.Has(p):
		return confersOtherForm
	}
	return confersNot
}

// ClientAdministrator reports whether the subject administers what an
// organisation does for its clients: it may use klientadministrator or
// hovedadministrator for the provider by DIRECT, NEST or SUB. It may add and
// remove agents and delegate the clients' packages, without holding any of them
// (rule CLIENT-1).
func ClientAdministrator(s *index.Snapshot, subject, provider fullmakt.PartyNo, at int64) bool {
	var w walk
	if !w.owns(s, subject, provider, at) {
		return false
	}
	return w.own.Has(w.terms.ClientAdministrator) || w.own.Has(w.terms.MainAdministrator)
}

// Administers reports whether the subject administers a party: it may use
// tilgangsstyrer or hovedadministrator for it by DIRECT, NEST or SUB, or is a
// living person asking for itself (rules GIVE-1 and GIVE-5).
func Administers(s *index.Snapshot, subject, onBehalfOf fullmakt.PartyNo, at int64) bool {
	var w walk
	return w.owns(s, subject, onBehalfOf, at) && w.administers()
}

// owns runs the walk for what the subject holds in a way that counts for giving,
// and reports false where nothing can be held.
func (w *walk) owns(s *index.Snapshot, subject, onBehalfOf fullmakt.PartyNo, at int64) bool {
	w.start(s, Ask(subject, onBehalfOf, at), nil)
	w.run()
	return w.refused == ""
}
