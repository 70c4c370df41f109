package pdp_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// filter is pdp.Filter as the reference reads it.
type filter struct {
	pkg      catalogue.PackageID
	role     fullmakt.RoleCode
	rule     fullmakt.Rule
	right    string
	business bool
}

// lists compares the lists at one instant: each must be what the reference says
// of every pair, at every page size.
func (d *differ) lists(s *index.Snapshot, r *reference, pairs map[[2]fullmakt.PartyNo]pair, parties []fullmakt.PartyNo, rng *rand.Rand) {
	k := packageID(s.Catalogue(), worldPackages[rng.IntN(len(worldPackages)-1)])
	role := worldRoles[rng.IntN(len(worldRoles))]
	rule := []fullmakt.Rule{fullmakt.RuleSelf, fullmakt.RuleDirect, fullmakt.RuleNest, fullmakt.RuleSub, fullmakt.RuleENK, fullmakt.RuleClient}[rng.IntN(6)]
	one := worldRights[rng.IntN(len(worldRights))]
	right := one.resource + "/" + one.right
	filters := []filter{
		{pkg: catalogue.NoPackage}, {pkg: k}, {pkg: catalogue.NoPackage, role: role}, {pkg: catalogue.NoPackage, rule: rule},
		{pkg: catalogue.NoPackage, business: true}, {pkg: k, rule: rule}, {pkg: k, role: role, business: rng.IntN(2) == 0},
		{pkg: catalogue.NoPackage, role: role, rule: rule}, {pkg: catalogue.NoPackage, right: right}, {pkg: k, right: right}, {pkg: catalogue.NoPackage, right: right, rule: rule},
	}
	for _, f := range filters {
		if f.role != "" && s.RoleID(f.role) == 0 || f.right != "" && rightID(s, f.right) == 0 {
			continue
		}
		for _, one := range parties {
			sizes := []int{1 + rng.IntN(len(parties)+1)}
			if one == parties[0] {
				sizes = sizes[:0]
				for size := range len(parties) + 1 {
					sizes = append(sizes, size+1)
				}
			}
			d.list(s, r, f, "ActsFor", one, sizes, parties, func(other fullmakt.PartyNo) pair { return pairs[[2]fullmakt.PartyNo{one, other}] })
			d.list(s, r, f, "WhoActsFor", one, sizes, parties, func(other fullmakt.PartyNo) pair {
				if d.wrong.enkOneWay {
					halved := *r
					halved.wrong.noENK = true
					return halved.pair(other, one)
				}
				return pairs[[2]fullmakt.PartyNo{other, one}]
			})
		}
	}
}

// list compares one list, asked for in pages of several sizes.
func (d *differ) list(s *index.Snapshot, r *reference, f filter, name string, one fullmakt.PartyNo, sizes []int, parties []fullmakt.PartyNo, pairOf func(fullmakt.PartyNo) pair) {
	var want []string
	for _, other := range parties {
		if p := pairOf(other); r.lists(s, f, p) {
			want = append(want, r.line(s, p))
		}
	}
	d.listed += len(want)
	query := pdp.Filter{Package: f.pkg, Rule: f.rule, BusinessOnly: f.business}
	if f.role != "" {
		query.Role = s.RoleID(f.role)
	}
	if f.right != "" {
		query.Right = rightID(s, f.right)
	}
	ask := pdp.ActsFor
	if name == "WhoActsFor" {
		ask = pdp.WhoActsFor
	} else if n := pdp.CountActsFor(s, one, r.at, query); n != len(want) {
		d.fail("CountActsFor(%d, %+v) at %s = %d, want %d", one, f, time.Unix(r.at, 0).In(oslo), n, len(want))
	}
	for _, size := range sizes {
		var got []string
		var after fullmakt.PartyNo
		for pages := 1; ; pages++ {
			page, next := ask(s, one, r.at, query, after, size)
			for _, p := range page {
				got = append(got, lineOf(s, p.Subject, p.For, p.Use, p.Give, p.Rights, p.GiveRights, p.Uncertain))
			}
			if next == 0 {
				if most := max(1, (len(want)+size-1)/size); pages != most {
					d.fail("%s(%d, %+v) by %d: %d pages for %d lines, want %d", name, one, f, size, pages, len(want), most)
				}
				break
			}
			if len(page) != size || next <= after {
				d.fail("%s(%d, %+v) by %d: a page of %d after %d, then after %d", name, one, f, size, len(page), after, next)
				break
			}
			after = next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			d.fail("%s(%d, %+v) at %s by %d: (-reference +engine)\n%s", name, one, f, time.Unix(r.at, 0).In(oslo), size, diff)
		}
	}
}

// lists reports whether a pair stands in a list: when anything may be used or
// given, and the filter lets it through.
func (r *reference) lists(s *index.Snapshot, f filter, p pair) bool {
	anything := r.ask(question{pkg: catalogue.NoPackage}, p)
	if !anything.allowed && !anything.mayGive {
		return false
	}
	if f.pkg != catalogue.NoPackage {
		if a := r.ask(question{pkg: f.pkg}, p); !a.allowed && !a.mayGive {
			return false
		}
	}
	if f.role != "" && !r.ask(question{pkg: catalogue.NoPackage, role: f.role}, p).allowed {
		return false
	}
	if f.right != "" && !r.ask(question{pkg: catalogue.NoPackage, right: f.right}, p).allowed {
		return false
	}
	asked := question{pkg: f.pkg, role: f.role}
	if f.right != "" {
		asked = question{pkg: catalogue.NoPackage, right: f.right}
	}
	paths := r.ask(asked, p).paths
	if f.rule != "" && !slices.ContainsFunc(paths, func(t trail) bool { return t.base == f.rule || t.extension == f.rule }) {
		return false
	}
	o := r.party(p.onBehalfOf)
	return !f.business || o.ID.Kind != fullmakt.KindOrganisation || slices.ContainsFunc(s.Catalogue().Forms(), func(form catalogue.Form) bool {
		return form.Code == r.organisation(o.No).Form && form.Business // PRIV-1
	})
}

// line writes a pair with everything that may be used and given.
func (r *reference) line(s *index.Snapshot, p pair) string {
	var use, give catalogue.PackageSet
	for k := range r.packages {
		for _, c := range p.candidates {
			if c.use[k] && len(c.violations) == 0 {
				use.Add(catalogue.PackageID(k))
			}
		}
		if p.gives[k] != "" {
			give.Add(catalogue.PackageID(k))
		}
	}
	rights := slices.ContainsFunc(p.candidates, func(c candidate) bool { return c.right != "" && len(c.violations) == 0 })
	uncertain := r.ask(question{pkg: catalogue.NoPackage}, p).uncertain
	return lineOf(s, p.subject, p.onBehalfOf, use, give, rights, rights && p.administers, uncertain)
}

func lineOf(s *index.Snapshot, subject, object fullmakt.PartyNo, use, give catalogue.PackageSet, rights, giveRights, uncertain bool) string {
	return fmt.Sprintf("%d for %d, uncertain %t, rights %t, to give %t: uses%s; gives%s", subject, object, uncertain, rights, giveRights, names(s, use), names(s, give))
}

func names(s *index.Snapshot, set catalogue.PackageSet) string {
	line := ""
	for k := range set.All() {
		line += " " + s.Catalogue().Package(k).Code
	}
	return line
}
