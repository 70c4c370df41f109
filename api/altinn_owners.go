package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// ServiceOwnerConfig lets a service owner give packages on behalf of others.
type ServiceOwnerConfig struct {
	// Code or Organisation names the service owner: the claim urn:altinn:org, or
	// the organisation number of the token's consumer.
	Code         string `json:"code"`
	Organisation string `json:"organisation"`
	// Packages are all that it may give, by any of their names.
	Packages []string `json:"packages"`
}

// checkServiceOwners refuses an allow-list that names nobody, or packages that the
// catalogue does not know.
func checkServiceOwners(list []ServiceOwnerConfig, cat *catalogue.Catalogue) error {
	for i, o := range list {
		if o.Code == "" && o.Organisation == "" {
			return configError("service_owners[%d]: name one by code or organisation", i)
		}
		if o.Organisation != "" {
			if _, err := fullmakt.ParseOrgNumber(o.Organisation); err != nil {
				return configError("service_owners[%d]: %w", i, err)
			}
		}
		for _, p := range o.Packages {
			if _, ok := cat.FindPackage(p); !ok {
				return configError("service_owners[%d]: there is no package %q", i, p)
			}
		}
	}
	return nil
}

// mayOwnerGive reports whether the caller is on the allow-list for a package.
func (c *call) mayOwnerGive(p *catalogue.Package) bool {
	if c.caller.open {
		return true
	}
	cat := c.server.node.Catalogue()
	return slices.ContainsFunc(c.server.cfg.ServiceOwners, func(o ServiceOwnerConfig) bool {
		number, _ := fullmakt.ParseOrgNumber(o.Organisation)
		is := o.Code != "" && strings.EqualFold(o.Code, c.caller.ownerCode) || number != 0 && number == c.caller.organisation
		return is && slices.ContainsFunc(o.Packages, func(name string) bool {
			id, ok := cat.PackageID(name)
			return ok && id == p.ID
		})
	})
}

// ownerGiving is a request by a service owner: between whom, and about what.
type ownerGiving struct {
	From, To, PackageURN, Package, Resource string
	RightKeys                               []string

	snap     *index.Snapshot
	from, to fullmakt.PartyNo
}

func (s *Server) ownerGiving(c *call) (*ownerGiving, error) {
	g := &ownerGiving{}
	if err := c.readJSON(g); err != nil {
		return nil, err
	}
	var err error
	if g.snap, err = c.snapshot(); err != nil {
		return nil, err
	}
	for _, named := range []struct {
		urn string
		end *fullmakt.PartyNo
	}{{g.From, &g.from}, {g.To, &g.to}} {
		kind, value := cutURN(named.urn)
		if kind != orgNumberKind && kind != personNumberKind {
			return nil, badRequest(amUnknownParties, "from and to are URNs of an organisation number or an identity number")
		}
		if *named.end, err = s.findParty(c.r.Context(), g.snap, kind, []byte(value)); err != nil {
			return nil, err
		}
	}
	if g.from == 0 || g.to == 0 {
		return nil, badRequest(amUnknownParties, "from or to is not in the register")
	}
	c.lookup.Subject, c.lookup.Object = g.to, g.from
	return g, nil
}

// cutURN takes the URN of a party apart.
func cutURN(urn string) (idKind, string) {
	i := strings.LastIndexByte(urn, ':')
	if i < 0 {
		return otherKind, ""
	}
	return idKindOf([]byte(strings.ToLower(urn[:i]))), urn[i+1:]
}

// ownerPackage reads the package, which must be on the caller's allow-list.
func (g *ownerGiving) ownerPackage(c *call, name string) (*catalogue.Package, error) {
	p, ok := g.snap.Catalogue().FindPackage(name)
	if !ok {
		return nil, badRequest(amUnknownPackage, "there is no such access package")
	}
	if !c.mayOwnerGive(&p) {
		return nil, &altinnError{status: http.StatusForbidden, code: amNotAllowed, detail: "the service owner is not on the list of those who may give this package"}
	}
	return &p, nil
}

// ownerGives gives a package on behalf of a party, by a service owner that the
// operator has allowed to.
func (s *Server) ownerGives(c *call) error {
	g, err := s.ownerGiving(c)
	if err != nil {
		return err
	}
	p, err := g.ownerPackage(c, g.PackageURN)
	if err != nil {
		return err
	}
	_, err = c.change(delegation.Operator, "package "+p.Code+" by a service owner", func(a *delegation.Acting) (*delegation.Outcome, error) {
		out, err := a.Give(delegation.Give{From: g.from, To: g.to, Identified: true, Items: []delegation.Item{{Package: p.Code}}})
		if err == nil {
			g.signed(c, out)
		}
		return out, err
	})
	if err != nil {
		return ownerRefused(err)
	}
	return c.writeJSON(http.StatusOK, assignmentPackage(g.from, g.to, p))
}

// signed notes on what is given who gave it.
func (g *ownerGiving) signed(c *call, out *delegation.Outcome) {
	for i, ch := range out.Changes {
		if grant, ok := ch.(fullmakt.Grant); ok && !grant.Ended {
			grant.GivenBy, grant.Basis = g.snap.Organisation(c.caller.organisation), "service-owner"
			out.Changes[i] = grant
		}
	}
}

// ownerRevokes takes a package back that the service owner could have given.
func (s *Server) ownerRevokes(c *call) error {
	g, err := s.ownerGiving(c)
	if err != nil {
		return err
	}
	p, err := g.ownerPackage(c, g.PackageURN)
	if err != nil {
		return err
	}
	_, err = c.change(delegation.Operator, "end of package "+p.Code+" by a service owner", func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.Revoke(delegation.Revoke{From: g.from, To: g.to, Items: []delegation.Item{{Package: p.Code}}, Cascade: true})
	})
	if err != nil {
		return ownerRefused(err)
	}
	c.noContent()
	return nil
}

// ownerRefused writes why a service owner's command is refused.
func ownerRefused(err error) error {
	refusals := delegation.Refusals(err)
	if len(refusals) == 0 {
		return err
	}
	switch r := refusals[0]; {
	case r.Reason == fullmakt.ReasonFromRegister:
		return badRequest(amFromRegister, "%s", r.Message)
	case strings.HasPrefix(r.Path, "/items"), r.Reason == fullmakt.ReasonToItself, r.Reason == fullmakt.ReasonReceiver:
		return badRequest(amWrongEntity, "%s", r.Message)
	default:
		return badRequest(amUnknownParties, "%s", r.Message)
	}
}

// ownerParty returns the party that a service owner sends requests as.
func (c *call) ownerParty(snap *index.Snapshot) (fullmakt.PartyNo, error) {
	p := snap.Organisation(c.caller.organisation)
	if p == 0 && !c.caller.open {
		return 0, statusf(http.StatusForbidden, "the token names no organisation of the register as its consumer")
	}
	return p, nil
}

// ownerAsks writes a request for access on behalf of who is to receive, who must
// confirm it. It is about a resource of the service owner's own, or a package on
// its allow-list.
func (s *Server) ownerAsks(c *call) error {
	g, err := s.ownerGiving(c)
	if err != nil {
		return err
	}
	by, err := c.ownerParty(g.snap)
	if err != nil {
		return err
	}
	ask := delegation.Ask{From: g.from, To: g.to, Draft: true, By: by}
	switch {
	case (g.Resource == "") == (g.Package == ""):
		return badRequest(amUnknownResource, "name just one of resource and package")
	case g.Package != "":
		p, err := g.ownerPackage(c, g.Package)
		if err != nil {
			return err
		}
		ask.Items = []delegation.Item{{Package: p.Code}}
	default:
		r, ok := s.node.Registry(g.snap).Resource(g.Resource)
		if !ok {
			return badRequest(amUnknownResource, "there is no such resource")
		}
		owner := r.HasCompetentAuthority
		if number, _ := fullmakt.ParseOrgNumber(owner.Organization); !c.caller.open && !strings.EqualFold(owner.Orgcode, c.caller.ownerCode) && (number == 0 || number != c.caller.organisation) {
			return badRequest(amRightNotGiven, "the resource is another service owner's")
		}
		if ask.Items, err = s.askedRights(c, g.snap, r, g.from, g.RightKeys); err != nil {
			return err
		}
	}
	return (&connectionChange{c: c, snap: g.snap, actor: delegation.Operator}).send(ask, ownerRefused)
}

// ownerRequest finds a request that the calling service owner has sent.
func (s *Server) ownerRequest(c *call) (*delegation.Request, error) {
	snap, err := c.snapshot()
	if err != nil {
		return nil, err
	}
	by, err := c.ownerParty(snap)
	if err != nil {
		return nil, err
	}
	id, err := fullmakt.ParseUUID(c.r.PathValue("id"))
	if err != nil {
		return nil, errNoRequest
	}
	r, err := s.node.Acting(snap, delegation.Operator, c.now.Unix()).FindRequest(id.String())
	if err != nil || r.Sender() != by {
		return nil, errNoRequest
	}
	c.lookup.Subject, c.lookup.Object = r.To, r.From
	return r, nil
}

func (s *Server) ownerRequestStatus(c *call) error {
	r, err := s.ownerRequest(c)
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, r.State)
}

func (s *Server) ownerWithdraws(c *call) error {
	r, err := s.ownerRequest(c)
	if err != nil {
		return err
	}
	_, err = c.change(delegation.Operator, "request for access", func(a *delegation.Acting) (*delegation.Outcome, error) { return a.WithdrawRequest(r.ID) })
	if err != nil {
		return requestRefused(err)
	}
	return c.writeStored(http.StatusOK, r.ID)
}
