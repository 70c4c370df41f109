package api

import (
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt/node"
)

// guardedNode serves a node to those with a token of the issuers.
func guardedNode(t *testing.T, n *node.Node, issuers ...IssuerConfig) *apitest {
	t.Helper()
	cfg := Config{PublicURL: "https://fullmakt.example", Authentication: Authentication{Issuers: issuers}, Limits: Limits{RequestsPerSecond: -1}}
	return serveAPI(t, n, cfg)
}

// TestAltinnMaskinportenToken: a service owner with a token of Maskinporten's, as
// NAV comes.
func TestAltinnMaskinportenToken(t *testing.T) {
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	a := guardedNode(t, demoNode(t), is.config())
	const kari = `{"type":"urn:altinn:person:identifier-no","value":"12817010065"}`
	for _, c := range []struct {
		what, token string
		want        int
	}{
		{"NAV's token", is.token("scope", "altinn:accessmanagement/authorizedparties.resourceowner altinn:resourceregistry/resource.write"), 200},
		{"another scope", is.token("scope", "altinn:accessmanagement/authorizedparties"), 403},
		{"no token", "", 401},
	} {
		header := "Bearer " + c.token
		if c.token == "" {
			header = ""
		}
		got := a.do("POST", ownerParties+navQuery, kari, "Authorization", header)
		if got.StatusCode != c.want {
			t.Errorf("%s: %d %s", c.what, got.StatusCode, got.body)
		}
		var parties []navParty
		if got.StatusCode == 200 {
			if err := kotlin(got.body, &parties); err != nil || len(parties) != 3 {
				t.Errorf("%d parties, %v", len(parties), err)
			}
		}
	}
}

// TestAltinnExchangedToken: an end user with a token that Altinn exchanged.
func TestAltinnExchangedToken(t *testing.T) {
	n := demoNode(t)
	is := newTestIssuer(t, "/.well-known/openid-configuration")
	cfg := is.config()
	cfg.Kind = "altinn"
	a := guardedNode(t, n, cfg)
	trondheim := uuidOf(t, n, "310000027")
	token := "Bearer " + is.token("scope", scopePortal, "urn:altinn:party:uuid", uuidOf(t, n, "12817010065"), "consumer", nil)
	for _, c := range []struct {
		path string
		want int
		has  string
	}{
		{"/enduser/authorizedparties", 200, "Bergen AS"},
		{"/authorizedparties?includeAltinn2=true", 200, "Bergen AS"},
		{"/enduser/connections?party=" + trondheim + "&from=" + trondheim, 200, "Oslo AS"},
		{"/enduser/connections/accesspackages/delegationcheck?party=" + trondheim, 200, `"result":true`},
		{"/enduser/connections?party=" + uuidOf(t, n, "310000043") + "&from=" + uuidOf(t, n, "310000043"), 403, "manage"},
		{"/enduser/clientdelegations/clients?party=" + trondheim, 200, "Bergen AS"},
	} {
		got := a.do("GET", accessManagement+c.path, nil, "Authorization", token)
		if got.StatusCode != c.want || !strings.Contains(string(got.body), c.has) {
			t.Errorf("%s: %d %.300s", c.path, got.StatusCode, got.body)
		}
	}
}

// TestAltinnPRIV1Recorded: a list of what a real person holds is recorded though
// the log keeps denials alone.
func TestAltinnPRIV1Recorded(t *testing.T) {
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	n := worldNode(t, altinnWorld)
	log := openLookups(t, LookupsConfig{Level: "denials"})
	cfg := Config{PublicURL: "https://fullmakt.example", AllowUncertain: true, Limits: Limits{RequestsPerSecond: -1},
		Authentication: Authentication{Issuers: []IssuerConfig{is.config()}, Consumers: []ConsumerConfig{{Client: "client-1", Purpose: "credit check"}}}}
	a := serveAPI(t, n, cfg, WithLookups(log))
	token := "Bearer " + is.token("scope", scopePartiesOwner)
	named, err := n.Store().PartiesNamed(t.Context(), "Fisker Født", 5)
	if err != nil {
		t.Fatal(err)
	}
	synthetic, err := n.Find(t.Context(), "12817010065")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(named, synthetic) {
		got := a.do("POST", ownerParties, `{"type":"urn:altinn:party:uuid","value":"`+p.UUID.String()+`"}`, "Authorization", token)
		if got.StatusCode != 200 {
			t.Fatalf("%d %s", got.StatusCode, got.body)
		}
	}
	all := lookups(t, log)
	if len(all) != 1 || all[0].Purpose != "credit check" || all[0].Client != "client-1" || all[0].Subject != 11 || all[0].Count != 2 {
		t.Errorf("%+v", all)
	}
}
