package api

import (
	"net/http"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/registry"
)

// scopeConnectionJSON is an organisation on the other side with the schemes that
// are in force (Connection).
type scopeConnectionJSON struct {
	Party       *entityJSON       `json:"party"`
	Roles       []roleRefJSON     `json:"roles"`
	Packages    []struct{}        `json:"packages"`
	Resources   []resourceRefJSON `json:"resources"`
	Instances   []struct{}        `json:"instances"`
	Connections []struct{}        `json:"connections"`
}

// supplierRole is the role by which Altinn shows that somebody is a supplier.
const supplierRole fullmakt.RoleCode = "supplier"

func (q *scopeQuery) supplierRole() *roleRefJSON {
	cat := q.snap.Catalogue()
	if r := cat.Role(cat.RoleID(supplierRole)); r != nil {
		ref := roleRef(r)
		return &ref
	}
	return nil
}

// scopeNames looks up the names of the party and of others.
func (s *Server) scopeNames(c *call, q *scopeQuery, others []fullmakt.PartyNo) (*altinnEntities, error) {
	list := make([]relation, len(others))
	for i, p := range others {
		list[i].other = p
	}
	return s.altinnEntities(c, &connectionQuery{snap: q.snap, party: q.party}, list)
}

// scopeConnections answers who supplies a party, or whom it supplies.
func (s *Server) scopeConnections(c *call, side scopeSide) error {
	q, err := s.scopeQuery(c, side)
	if err != nil {
		return err
	}
	others := q.others()
	names, err := s.scopeNames(c, &q, others)
	if err != nil {
		return err
	}
	out := []scopeConnectionJSON{}
	for _, p := range others {
		one := scopeConnectionJSON{Party: names.of(p), Roles: []roleRefJSON{}, Packages: []struct{}{}, Resources: []resourceRefJSON{}, Instances: []struct{}{}, Connections: []struct{}{}}
		if role := q.supplierRole(); role != nil {
			one.Roles = append(one.Roles, *role)
		}
		for _, scheme := range q.given(c, p) {
			one.Resources = append(one.Resources, resourceRef(scheme.Resource, c.altinnLang(q.params)))
		}
		out = append(out, one)
	}
	return c.writeJSON(http.StatusOK, out)
}

// scopePermissionJSON is a scheme with those between whom it is in force.
type scopePermissionJSON struct {
	Resource    resourceRefJSON  `json:"resource"`
	Permissions []permissionJSON `json:"permissions"`
}

// scopePermissions answers the schemes that a party has given, or has been given.
func (s *Server) scopePermissions(c *call, side scopeSide) error {
	q, err := s.scopeQuery(c, side)
	if err != nil {
		return err
	}
	others := q.others()
	names, err := s.scopeNames(c, &q, others)
	if err != nil {
		return err
	}
	lang, wanted := c.altinnLang(q.params), q.params.one("resource")
	out := []scopePermissionJSON{}
	at := map[string]int{} // where in out a scheme stands
	for _, p := range others {
		from, to := q.ends(p)
		for _, scheme := range q.given(c, p) {
			if wanted != "" && wanted != scheme.ID {
				continue
			}
			i, there := at[scheme.ID]
			if !there {
				i, at[scheme.ID] = len(out), len(out)
				out = append(out, scopePermissionJSON{Resource: resourceRef(scheme.Resource, lang)})
			}
			direct := permissionReasons[reasonDirect]
			out[i].Permissions = append(out[i].Permissions, permissionJSON{
				From: names.of(from), To: names.of(to), Role: q.supplierRole(),
				Reason: reasonJSON{Flag: 1 << reasonDirect, Items: []reasonItemJSON{{direct.name, direct.texts.In(lang)}}},
			})
		}
	}
	return c.writeJSON(http.StatusOK, out)
}

// schemeCheck answers whether the caller may give a scheme's scopes.
func (s *Server) schemeCheck(c *call) error {
	q, err := s.scopeQuery(c, giving)
	if err != nil {
		return err
	}
	scheme, err := q.scheme()
	if err != nil {
		return err
	}
	_, reason := q.acting(c, q.snap).CheckScheme(q.party, delegation.SchemeOf(q.snap, scheme))
	code := "PackageAccess"
	switch reason {
	case "":
	case fullmakt.ReasonNotDelegable:
		code = "ResourceNotDelegable"
	default:
		code = "MissingPackageAccess"
	}
	out := resourceCheckJSON{Resource: resourceRef(scheme.Resource, c.altinnLang(q.params)), Rights: []rightCheckJSON{}}
	if policy, err := q.view.Policy(scheme.ID); err == nil {
		for _, right := range policy.Rights() {
			out.Rights = append(out.Rights, rightCheckJSON{Right: rightOut(right), Result: reason == "", ReasonCodes: []string{code}})
		}
	}
	return c.writeJSON(http.StatusOK, out)
}

// assignmentJSON is a relation between two parties (Assignment).
type assignmentJSON struct {
	ID     string `json:"id"`
	RoleID string `json:"roleId"`
	FromID string `json:"fromId"`
	ToID   string `json:"toId"`
}

// addSupplier adds a supplier, which has no scope before one is given.
func (s *Server) addSupplier(c *call) error {
	q, err := s.scopeQuery(c, giving)
	if err != nil {
		return err
	}
	if err := q.needOther(); err != nil {
		return err
	}
	names, err := s.scopeNames(c, &q, []fullmakt.PartyNo{q.other})
	if err != nil {
		return err
	}
	err = c.changeScopes(&q, "add a supplier", func(a *delegation.Acting, _ *registry.View) (*delegation.Outcome, error) {
		return a.AddSupplier(delegation.AddSupplier{From: q.party, To: q.other})
	})
	if err != nil {
		return err
	}
	out := assignmentJSON{FromID: names.alone(q.party).ID, ToID: names.alone(q.other).ID, RoleID: noUUID}
	if role := q.supplierRole(); role != nil {
		out.RoleID = role.ID
	}
	out.ID = derivedUUID("supplier", out.FromID, out.ToID)
	return c.writeJSON(http.StatusOK, out)
}

// removeSupplier ends a relation, with cascade=true also the scopes.
func (s *Server) removeSupplier(c *call, side scopeSide) error {
	q, err := s.scopeQuery(c, side)
	if err != nil {
		return err
	}
	if err := q.needOther(); err != nil {
		return err
	}
	cascade, err := q.params.flag("cascade", false)
	if err != nil {
		return err
	}
	from, to := q.ends(q.other)
	err = c.changeScopes(&q, "remove a supplier", func(a *delegation.Acting, _ *registry.View) (*delegation.Outcome, error) {
		return a.RemoveSupplier(delegation.RemoveSupplier{From: from, To: to, Cascade: cascade, BySupplier: side == receiving})
	})
	if err != nil {
		return err
	}
	c.noContent()
	return nil
}

// giveScheme gives a supplier the scopes of a scheme. The parameter validTo, which
// is our own, is the last day that they hold.
func (s *Server) giveScheme(c *call) error {
	q, err := s.scopeQuery(c, giving)
	if err != nil {
		return err
	}
	if err := q.needOther(); err != nil {
		return err
	}
	scheme, err := q.scheme()
	if err != nil {
		return err
	}
	var valid fullmakt.Interval
	if text := q.params.one("validTo"); text != "" {
		day, err := fullmakt.ParseDate(text)
		if err != nil {
			return invalidQuery(vldInvalidQuery, "want a day, such as 2027-07-01", "validTo")
		}
		valid.To = fullmakt.Through(day, fullmakt.Oslo())
	}
	err = c.changeScopes(&q, "give scopes of "+scheme.ID, func(a *delegation.Acting, v *registry.View) (*delegation.Outcome, error) {
		now, ok := v.Scheme(scheme.ID)
		if !ok {
			return nil, invalidQuery(vldNoResource, "there is no such resource", "resource")
		}
		return a.GiveScopes(delegation.GiveScopes{From: q.party, To: q.other, Schemes: []delegation.Scheme{delegation.SchemeOf(a.Snapshot, now)}, Valid: valid})
	})
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, true)
}

// endScheme takes the scopes of a scheme back, or gives them up. What was not given
// ends nothing.
func (s *Server) endScheme(c *call, side scopeSide) error {
	q, err := s.scopeQuery(c, side)
	if err != nil {
		return err
	}
	if err := q.needOther(); err != nil {
		return err
	}
	id := q.params.one("resource")
	from, to := q.ends(q.other)
	// A scheme that has left the registry can still be taken back.
	if _, given := q.snap.ScopeGrant(from, to, id); !given {
		if _, err := q.scheme(); err != nil {
			return err
		}
	}
	err = c.changeScopes(&q, "end scopes of "+id, func(a *delegation.Acting, _ *registry.View) (*delegation.Outcome, error) {
		end := a.RevokeScopes
		if side == receiving {
			end = a.RenounceScopes
		}
		return end(delegation.RevokeScopes{From: from, To: to, Schemes: []string{id}})
	})
	if err != nil {
		return err
	}
	c.noContent()
	return nil
}
