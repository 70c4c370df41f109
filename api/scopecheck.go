package api

import (
	"net/http"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/text"
)

const (
	scopeCheckPath  = "/v1/scope-check"
	scopeScopeCheck = "fullmakt:scope-check"
)

// scopeCheckRoutes lists the route by which any gateway of APIs asks about scopes.
func scopeCheckRoutes() []route {
	return []route{{method: "GET", pattern: scopeCheckPath, scopes: []string{scopeScopeCheck, scopeSourcesAll}, handle: (*Server).scopeCheck}}
}

// scopeCheckJSON tells whether a supplier may use a scope on behalf of a consumer.
type scopeCheckJSON struct {
	Allowed  bool            `json:"allowed"`
	Reason   fullmakt.Reason `json:"reason"`
	Why      string          `json:"why"`
	Scheme   string          `json:"scheme,omitempty"` // that covers the scope
	Since    string          `json:"since,omitempty"`  // when what is given was given, or begins to hold
	Until    string          `json:"until,omitempty"`  // when it ends
	Revision string          `json:"revision"`
}

// scopeCheck answers for gateways that are not Maskinporten (rule SCOPE-1).
func (s *Server) scopeCheck(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	snap, view, err := c.registry()
	if err != nil {
		return err
	}
	var numbers [2]fullmakt.OrgNumber
	for i, name := range []string{"consumer", "supplier"} {
		if numbers[i], err = fullmakt.ParseOrgNumber(q.one(name)); err != nil {
			return statusf(http.StatusBadRequest, "%s is no organisation number", name).hinted("ask as %s?consumer=310000019&supplier=310000043&scope=demo:kontroll.read", scopeCheckPath)
		}
	}
	scope := q.one("scope")
	switch {
	case scope == "":
		return statusf(http.StatusBadRequest, "scope is required").hinted("ask as %s?consumer=310000019&supplier=310000043&scope=demo:kontroll.read", scopeCheckPath)
	case numbers[0] == numbers[1]:
		return statusf(http.StatusBadRequest, "consumer and supplier are the same").hinted("an organisation needs nobody's leave to use a scope for itself")
	}
	texts, err := text.New(c.lang())
	if err != nil {
		return err
	}
	consumer, supplier := snap.Organisation(numbers[0]), snap.Organisation(numbers[1])
	a := delegation.CheckScope(snap, view, consumer, supplier, scope, c.now.Unix())
	c.lookup.Subject, c.lookup.Object, c.lookup.What = supplier, consumer, a.Scheme
	c.lookup.Outcome, c.lookup.Reason = audit.OutcomeOf(a.Allowed), a.Reason
	out := scopeCheckJSON{Allowed: a.Allowed, Reason: a.Reason, Why: texts.Scope(a.Reason), Scheme: a.Scheme, Revision: revisionToken(snap.Seq())}
	clock := func(at int64) string { return time.Unix(at, 0).UTC().Format(time.RFC3339) }
	if a.Grant.Scheme != "" {
		out.Since = clock(max(a.Grant.Since, a.Grant.Valid.From))
		if a.Grant.Valid.To != 0 {
			out.Until = clock(a.Grant.Valid.To)
		}
	}
	return c.writeJSON(http.StatusOK, out)
}
