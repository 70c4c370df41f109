package pdp

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// Standing is what a party may do about the authority of another: the parts of
// rules GIVE-1 and GIVE-2 from which commands about single rights, scopes and
// agents are decided.
type Standing struct {
	Own  catalogue.PackageSet // may use by DIRECT, NEST or SUB, or for itself
	Held catalogue.PackageSet // of these, held in a way that may be given on, administrator or not (GIVE-1, a)
	Give catalogue.PackageSet // may give, by GIVE-1 or GIVE-2
	// Administers is condition (c) of rule GIVE-1; MainAdministrator is rule GIVE-2.
	Administers, MainAdministrator bool
}

// Stand returns where a party stands on behalf of another at an instant (Unix
// seconds). An unknown party has no standing, and an organisation none on its own
// behalf.
func Stand(s *index.Snapshot, subject, onBehalfOf fullmakt.PartyNo, at int64) Standing {
	var w walk
	w.start(s, Ask(subject, onBehalfOf, at), nil)
	w.run()
	if w.refused != "" {
		return Standing{}
	}
	return Standing{
		Own: w.own, Held: w.give, Give: w.givable(),
		Administers: w.administers(), MainAdministrator: w.mainAdministrator(),
	}
}

// Reason returns the reason that a yes by this path gives.
func (p *Path) Reason() fullmakt.Reason { return reasonOf(p.rank) }

// Counts reports whether the path counts for giving: over DIRECT, NEST, SUB or
// SELF, and never over CLIENT or ENK (rule GIVE-1).
func (p *Path) Counts() bool {
	return p.Rule != fullmakt.RuleClient && p.Extension != fullmakt.RuleENK
}
