package api

import (
	"net/http"
	"testing"
)

// actorWorld has a company that lets its director, an adviser company and a system
// user of its own look after access and scopes, and a system user that may do
// nothing.
const actorWorld = givingWorld + `
organisation 310000043 AS "Datahuset AS"
organisation 310000086 AS "Rådgiver AS"
system-user program/styrer of 310000019
system-user program/leser of 310000019
grant tilgangsstyrer from 310000019 to 310000086
grant maskinporten-administrator from 310000019 to 310000086
grant tilgangsstyrer from 310000019 to program/styrer
grant maskinporten-administrator from 310000019 to program/styrer
`

// TestActor: connections and scopes find the acting party in the same way, for the
// token of a person, of an organisation and of a system user.
func TestActor(t *testing.T) {
	n := worldNode(t, actorWorld)
	x := &scopesTest{n: n, users: newTestIssuer(t, "/.well-known/openid-configuration"), orgs: newTestIssuer(t, "/.well-known/oauth-authorization-server")}
	users := x.users.config()
	users.Kind = "altinn"
	x.apitest = guardedNode(t, n, users, x.orgs.config())

	const scopes = scopeToOthersWrite + " " + supplierWrite + " " + scopeParties
	iso := func(number string) obj { return obj{"authority": "iso6523-actorid-upis", "ID": "0192:" + number} }
	systemUser := func(uuid string) string {
		return x.of(accountant, scopes, "authorization_details", []obj{{"type": "urn:altinn:systemuser", "systemuser_id": []string{uuid}, "systemuser_org": iso(giver)}})
	}
	for _, c := range []struct {
		what, token        string
		manages, giveScope int
		says               string // where both refuse
		itself             string // among whom it may represent, "" for nobody
	}{
		{"a person", x.as(kari), 200, 200, "", "Giver AS"},
		{"an organisation", x.of("310000086", scopes), 200, 200, "", "Giver AS"},
		{"a system user", systemUser(uuidOf(t, n, "program/styrer")), 200, 200, "", "Giver AS"},
		{"a person who may not", x.as(ola), 403, 403, "the caller does not", "Mottaker AS"},
		{"an organisation that may not", x.of(receiver, scopes), 403, 403, "the caller does not", ""},
		{"the organisation itself, on whose behalf nobody acts by being it", x.of(giver, scopes), 403, 403, "the caller does not", ""},
		{"a system user that may not", systemUser(uuidOf(t, n, "program/leser")), 403, 403, "the caller does not", ""},
		{"a system user that the register does not know", systemUser("11111111-1111-4111-8111-111111111111"), 403, 403, "whom the register knows", ""},
		{"a system user by the UUID of another party", systemUser(uuidOf(t, n, kari)), 403, 403, "whom the register knows", ""},
		{"an organisation that the register does not know", x.of("310001007", scopes), 403, 403, "whom the register knows", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			y := *x
			y.apitest = &apitest{T: t, server: x.server, http: x.http, header: http.Header{}}
			party := "?party=" + uuidOf(t, n, giver)
			y.try(c.token, "POST", connectionsPath+party+"&to="+uuidOf(t, n, receiver), c.manages, c.says)
			y.try(c.token, "GET", connectionsPath+"/accesspackages/delegationcheck"+party, c.manages, c.says)
			y.try(c.token, "POST", suppliersPath+party+"&supplier="+datahuset, c.giveScope, c.says)
			says := `"data":[]`
			if c.itself != "" {
				says = c.itself
			}
			y.try(c.token, "GET", accessManagement+"/enduser/authorizedparties", 200, says)
		})
	}
	delegated := x.of("310000086", scopes, "supplier", iso(datahuset))
	nobody := "Bearer " + x.users.token("scope", scopes, "consumer", nil)
	for _, token := range []string{delegated, nobody} {
		party := "?party=" + uuidOf(t, n, giver)
		x.try(token, "POST", connectionsPath+party+"&to="+uuidOf(t, n, receiver), 403, "nobody who could act")
		x.try(token, "POST", suppliersPath+party+"&supplier="+datahuset, 403, "nobody who could act")
		x.try(token, "GET", accessManagement+"/enduser/authorizedparties", 403, "nobody who could act")
	}
}
