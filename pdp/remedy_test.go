package pdp_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// TestRemediesTurnANoIntoAYes does in random worlds what each remedy says, and
// asks again: the answer must be yes, and who is named must be able to do it.
func TestRemediesTurnANoIntoAYes(t *testing.T) {
	gen, cats := worlds(), catalogues()
	last := 200
	if testing.Short() {
		last = 60
	}
	tried := map[pdp.RemedyKind]int{}
	for seed := range last {
		w := gen.Example(seed)
		s, f := build(cats.of(w), w.log), replay(w.log)
		for i, subject := range f.parties {
			for j, object := range f.parties {
				code := worldPackages[(i+j)%4]
				q := pdp.Query{Subject: subject.No, For: object.No, Package: packageID(cats.of(w), code), At: w.times[0]}
				x := pdp.Explain(s, q)
				for _, r := range pdp.Remedies(s, q, x) {
					if x.Allowed {
						t.Fatalf("a remedy for a yes: %+v", r)
					}
					tried[r.Kind]++
					for _, change := range does(s, f, q, r) {
						after := s.Apply(s.Seq()+1, time.Unix(noon, 0), []fullmakt.Change{change})
						if d := pdp.Decide(after, q); !d.Allowed {
							t.Fatalf("may %d use %s for %d: %s after the remedy %+v, which is the change %+v, in the world (dated catalogue: %t)\n%s", subject.No, code, object.No, d.Reason, r, change, w.dated, w)
						}
					}
					for _, by := range r.By {
						give := pdp.Query{Subject: by, For: r.From, Package: q.Package, At: q.At}
						if (r.Kind == pdp.RemedyAgent || r.Kind == pdp.RemedyClient) && !pdp.ClientAdministrator(s, by, r.From, q.At) {
							t.Fatalf("%d is named in %+v and is no client administrator of %d", by, r, r.From)
						}
						if r.Kind == pdp.RemedyGrant && !pdp.Decide(s, give).MayGive {
							t.Fatalf("%d is named in %+v and may not give %s for %d", by, r, code, r.From)
						}
					}
				}
			}
		}
	}
	for _, kind := range []pdp.RemedyKind{pdp.RemedyGrant, pdp.RemedyECKEY, pdp.RemedyRegister, pdp.RemedyAgent, pdp.RemedyClient} {
		if tried[kind] == 0 {
			t.Errorf("no remedy of kind %s in %d worlds", kind, last)
		}
	}
	t.Logf("remedies tried: %v", tried)
}

// does turns a remedy into the changes that carry it out, each alone.
func does(s *index.Snapshot, f facts, q pdp.Query, r pdp.Remedy) (changes []fullmakt.Change) {
	switch r.Kind {
	case pdp.RemedyGrant:
		return []fullmakt.Change{fullmakt.Grant{From: r.From, To: r.To, Package: s.Catalogue().Package(q.Package).Code}}
	case pdp.RemedyECKEY:
		return []fullmakt.Change{fullmakt.Grant{From: r.From, To: r.To, Role: fullmakt.ECKEY}}
	case pdp.RemedyAgent:
		return []fullmakt.Change{fullmakt.Agent{Provider: r.From, Agent: r.To}}
	case pdp.RemedyClient:
		return delegates(s, q, r)
	}
	for _, role := range r.Roles {
		o := f.organisation(r.From)
		o.Party = r.From
		o.Roles = fullmakt.SortRoles(append(slices.Clone(o.Roles), fullmakt.Role{Code: s.RoleCode(catalogue.RoleID(role)), Holder: r.To}))
		changes = append(changes, o)
	}
	return changes
}

// delegates makes the client delegations that a remedy speaks of: one over each
// role and grant of the provider's at the client by which the package is held.
func delegates(s *index.Snapshot, q pdp.Query, r pdp.Remedy) (changes []fullmakt.Change) {
	d := fullmakt.ClientDelegation{Provider: r.From, Client: r.Client, Agent: r.To, Package: s.Catalogue().Package(q.Package).Code}
	held := pdp.Ask(r.From, r.Client, q.At)
	held.Package = q.Package
	for _, path := range pdp.Explain(s, held).Paths {
		if path.Rule == fullmakt.RuleDirect && path.Extension == "" {
			if d.Role = ""; path.Steps[0].Kind == pdp.StepRole {
				d.Role = s.RoleCode(path.Steps[0].Role)
			}
			changes = append(changes, d)
		}
	}
	return changes
}

func TestRemediesNameWhatTheRegisterTakes(t *testing.T) {
	s := tell(t)
	s.org("Fjord NUF", "NUF", "DAGL", "Kari")
	s.dies("Salig Per")
	roles := func(subject string) (codes []fullmakt.RoleCode) {
		snapshot := s.snapshot()
		q := pdp.Query{Subject: s.no(subject), For: s.no("Fjord NUF"), Package: packageID(s.c, scopesNUF), At: s.at}
		for _, r := range pdp.Remedies(snapshot, q, pdp.Explain(snapshot, q)) {
			for _, role := range r.Roles {
				codes = append(codes, snapshot.RoleCode(role))
			}
		}
		return codes
	}
	s.no("Nils")
	if got, want := roles("Nils"), []fullmakt.RoleCode{fullmakt.KONT}; !slices.Equal(got, want) {
		t.Errorf("to register: %q, want %q, from which KNUF follows", got, want)
	}
	if got := roles("Salig Per"); len(got) > 0 {
		t.Errorf("to register for a dead person: %q", got)
	}
}
