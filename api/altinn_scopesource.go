package api

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// scopeDelegationJSON is a scope grant as Maskinporten reads it. The capital letter
// in the middle of a name is Altinn's.
type scopeDelegationJSON struct {
	Consumer string   `json:"consumer_org"`
	Supplier string   `json:"supplier_org"`
	SchemeID *string  `json:"delegation_scheme_Id"` // of Altinn 2
	Scopes   []string `json:"scopes"`
	Created  string   `json:"created"`
	Resource string   `json:"resourceid"`
}

// scopeDelegations answers Maskinporten: which scopes has who let whom use? A
// caller without the admin scope asks about scopes with a prefix of its own.
func (s *Server) scopeDelegations(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	snap, view, err := c.registry()
	if err != nil {
		return err
	}
	consumer, noConsumer, err := organisationParameter(snap, q, "consumerOrg")
	if err != nil {
		return err
	}
	supplier, noSupplier, err := organisationParameter(snap, q, "supplierOrg")
	if err != nil {
		return err
	}
	scope := q.one("scope")
	if q.one("consumerOrg") == "" && q.one("supplierOrg") == "" && scope == "" {
		return invalidField("supplierOrg", "name at least one of supplierOrg, consumerOrg and scope")
	}
	if !c.caller.may(scopeSourcesAll) && !c.caller.ownsScope(scope) {
		return &altinnError{
			status: http.StatusForbidden, title: "Not authorized for lookup of delegations for the scope",
			detail: "with " + scopeSources + " one asks about a scope with a prefix of one's own, which the claim consumer_prefix names; " + scopeSourcesAll + " is for the rest",
		}
	}
	c.lookup.Subject, c.lookup.Object = supplier, consumer
	if len(view.SchemesFor(scope)) > 0 { // else it may be anything that somebody wrote
		c.lookup.What = scope
	}
	if noConsumer || noSupplier {
		return c.writeJSON(http.StatusOK, []scopeDelegationJSON{})
	}
	out := []scopeDelegationJSON{}
	for g := range delegation.ScopesInForce(snap, consumer, supplier, c.now.Unix()) {
		scheme, ok := view.Scheme(g.Scheme)
		if !ok || scope != "" && !scheme.Covers(scope) {
			continue
		}
		out = append(out, scopeDelegationJSON{
			Consumer: snap.ID(g.From).Org.String(), Supplier: snap.ID(g.To).Org.String(), Scopes: scheme.Scopes,
			Created: time.Unix(g.Since, 0).UTC().Format(time.RFC3339), Resource: scheme.ID,
		})
	}
	c.lookup.Count = len(out)
	return c.writeJSON(http.StatusOK, out)
}

// organisationParameter reads an organisation number. A parameter that is not there
// is 0; unknown tells of one that no organisation has.
func organisationParameter(snap *index.Snapshot, q altinnQuery, name string) (p fullmakt.PartyNo, unknown bool, err error) {
	text := q.one(name)
	if text == "" {
		return 0, false, nil
	}
	n, err := fullmakt.ParseOrgNumber(text)
	if err != nil {
		return 0, false, invalidField(name, "want an organisation number of nine digits")
	}
	p = snap.Organisation(n)
	return p, p == 0, nil
}

// ownsScope reports whether a scope has a prefix that belongs to the caller's
// organisation, as Maskinporten says in the token.
func (c *caller) ownsScope(scope string) bool {
	prefix, _, found := strings.Cut(scope, ":")
	return found && prefix != "" && slices.Contains(c.prefixes, prefix)
}
