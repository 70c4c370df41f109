package api

import (
	"net/http"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// pipScopes open the policy information point, which in Altinn is open inside the
// platform only: to who may ask for decisions.
var pipScopes = []string{"fullmakt:evaluate", "altinn:authorization/authorize", "altinn:authorization/authorize.admin"}

// policyInformationRoutes lists the routes that tell a policy decision point what
// a party has on behalf of another.
func policyInformationRoutes() []route {
	const base = accessManagement + "/policyinformation"
	return []route{
		altinn("GET", base+"/accesspackages", pipScopes, (*Server).policyPackages),
		altinn("GET", base+"/roles-and-accesspackages", pipScopes, (*Server).policyRolesAndPackages),
	}
}

// rolesAndPackages is what a party has on behalf of another, by URN.
type rolesAndPackages struct {
	Roles    []string `json:"roles"`
	Packages []string `json:"accessPackages"`
}

func (s *Server) policyPackages(c *call) error {
	has, err := s.policyInformation(c)
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, has.Packages)
}

func (s *Server) policyRolesAndPackages(c *call) error {
	has, err := s.policyInformation(c)
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, has)
}

// policyInformation answers what the party to has on behalf of the party from.
// Unknown parties have nothing, and neither has one known only by birth date and
// name (rule OPEN-1), unless the operator allows it.
func (s *Server) policyInformation(c *call) (rolesAndPackages, error) {
	none := rolesAndPackages{Roles: []string{}, Packages: []string{}}
	q, err := c.altinnQuery()
	if err != nil {
		return none, err
	}
	snap, err := c.snapshot()
	if err != nil {
		return none, err
	}
	var ends [2]fullmakt.PartyNo
	for i, name := range []string{"from", "to"} {
		u, err := fullmakt.ParseUUID(q.one(name))
		if err != nil {
			return none, invalidField(name, "want a UUID")
		}
		if ends[i], err = s.findParty(c.r.Context(), snap, partyUUIDKind, []byte(u.String())); err != nil {
			return none, err
		}
	}
	from, to := ends[0], ends[1]
	c.lookup.Subject, c.lookup.Object = to, from
	uncertain := (snap.Node(from).Flags|snap.Node(to).Flags)&index.Uncertain != 0
	if from == 0 || to == 0 || uncertain && !s.cfg.AllowUncertain {
		return none, nil
	}
	return hasFor(snap, pdp.Grounds(snap, to, from, c.now.Unix()), c.now.Unix(), c.caller.limit), nil
}

// hasFor sums grounds up as URNs: each role under its own and its legacy URN.
func hasFor(s *index.Snapshot, grounds []pdp.Ground, at int64, limit *consumerLimit) rolesAndPackages {
	v := s.Catalogue().At(at)
	has := rolesAndPackages{Roles: []string{}, Packages: []string{}}
	use, roles := sumGrounds(s, grounds, at)
	for p := range limit.packagesOf(use).All() {
		has.Packages = append(has.Packages, v.Package(p).AltinnURN)
	}
	for _, id := range limit.rolesOf(roles) {
		r := v.Role(id)
		if r == nil {
			continue // a code that the catalogue lacks has no URN
		}
		has.Roles = append(has.Roles, r.URN)
		if r.LegacyURN != "" {
			has.Roles = append(has.Roles, r.LegacyURN)
		}
	}
	return has
}

// sumGrounds returns the packages that grounds confer and the roles that they
// give (rule ROLE), in rising order.
func sumGrounds(s *index.Snapshot, grounds []pdp.Ground, at int64) (use catalogue.PackageSet, roles []catalogue.RoleID) {
	v := s.Catalogue().At(at)
	for _, g := range grounds {
		use = use.Union(g.Use(s, at))
		if g.Role != 0 {
			roles = append(append(roles, g.Role), v.Mapped(g.Role)...)
		}
	}
	slices.Sort(roles)
	return use, slices.Compact(roles)
}
