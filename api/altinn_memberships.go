package api

import (
	"net/http"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

// partyByURN finds the party that a URN names, an attribute id with the value
// after the last colon; 0 for a well-formed name of nobody.
func (c *call) partyByURN(snap *index.Snapshot, urn, in string) (fullmakt.PartyNo, error) {
	i := strings.LastIndexByte(urn, ':')
	if i < 0 {
		return 0, invalidField(in, "want the URN of a party, such as urn:altinn:organization:identifier-no:310000019")
	}
	return c.partyOf(snap, urn[:i], urn[i+1:], in)
}

// partyOf finds the party that an attribute names.
func (c *call) partyOf(snap *index.Snapshot, typ, value, in string) (fullmakt.PartyNo, error) {
	kind := otherKind
	switch typ = strings.ToLower(strings.TrimSpace(typ)); {
	case typ == "urn:altinn:party:id":
		kind = partyIDKind
	case strings.HasPrefix(typ, "urn:"):
		kind = idKindOf([]byte(typ))
	}
	if kind == otherKind || kind == personNumberKind || !wellFormed(kind, value) {
		return 0, invalidField(in, "want an organisation, as urn:altinn:organization:identifier-no, urn:altinn:party:uuid or urn:altinn:party:id")
	}
	return c.server.findParty(c.r.Context(), snap, kind, []byte(value))
}

// membershipJSON is one membership that counts for one resource.
type membershipJSON struct {
	Party         string   `json:"party"`
	Resource      string   `json:"resource"`
	Since         string   `json:"since"`
	ActionFilters []string `json:"actionFilters,omitempty"`
}

// memberships answers for which resources a party is on an access list.
func (s *Server) memberships(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	parties, resources := q.all("party"), q.all("resource")
	if len(parties) != 1 || len(resources) > 1 {
		return invalidField("party", "ask about exactly one party, and one resource at most")
	}
	snap, v, err := c.registry()
	if err != nil {
		return err
	}
	p, err := c.partyByURN(snap, parties[0], "party")
	if err != nil {
		return err
	}
	wanted := ""
	if len(resources) == 1 {
		var ok bool
		if wanted, ok = strings.CutPrefix(strings.ToLower(resources[0]), registry.AttributeResource+":"); !ok {
			return invalidField("resource", "want a URN such as urn:altinn:resource:demo-tilskudd")
		}
	}
	out := []membershipJSON{}
	for _, l := range v.ListsOf(p) {
		m, _ := l.Member(p)
		for _, connection := range l.Connections {
			if wanted == "" || wanted == connection.Resource {
				out = append(out, membershipJSON{Party: parties[0], Resource: registry.AttributeResource + ":" + connection.Resource,
					Since: instant(m.Since), ActionFilters: connection.Actions})
			}
		}
	}
	return c.writeJSON(http.StatusOK, pageOf(out))
}

// listsByMember answers the access lists that a party is on.
func (s *Server) listsByMember(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	snap, v, err := c.registry()
	if err != nil {
		return err
	}
	p, err := c.partyByURN(snap, q.one("party"), "party")
	if err != nil {
		return err
	}
	out := []accessListJSON{}
	for _, l := range v.ListsOf(p) {
		out = append(out, accessListOut(l, true))
	}
	return c.writeJSON(http.StatusOK, pageOf(out))
}

// typedJSON is an attribute as access lists are asked about.
type typedJSON struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// listAuthorizationJSON is a question about an access list with its answer.
type listAuthorizationJSON struct {
	Subject  typedJSON  `json:"subject"`
	Resource typedJSON  `json:"resource"`
	Action   *typedJSON `json:"action"`
	Result   string     `json:"result"`
}

// authorizeByList answers whether the access lists of a resource let a party in. A
// resource or party that is not known is NotDetermined.
func (s *Server) authorizeByList(c *call) error {
	var q listAuthorizationJSON
	if err := c.readJSON(&q); err != nil {
		return err
	}
	snap, v, err := c.registry()
	if err != nil {
		return err
	}
	p, err := c.partyOf(snap, q.Subject.Type, q.Subject.Value, "subject")
	if err != nil {
		return err
	}
	if !strings.EqualFold(q.Resource.Type, registry.AttributeResource) {
		return invalidField("resource", "want the type "+registry.AttributeResource)
	}
	action := ""
	if q.Action != nil {
		action = q.Action.Value
	}
	r, known := v.Resource(q.Resource.Value)
	switch {
	case !known || p == 0:
		q.Result = "NotDetermined"
	case v.Listed(r.Identifier, p, action):
		q.Result = "Authorized"
	default:
		q.Result = "NotAuthorized"
	}
	return c.writeJSON(http.StatusOK, q)
}
