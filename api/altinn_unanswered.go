package api

import (
	"net/http"
	"strings"
)

// What of Altinn's we cannot answer yet says so: 501 with a problem, and never an
// empty list that would pass for an answer.

// unanswered is the error of what cannot be answered yet.
func unanswered(what string) error {
	return &altinnError{status: http.StatusNotImplemented, code: notImplemented, detail: what + " cannot be answered yet; docs/compatibility.md lists what can"}
}

// Scopes of endpoints that are not answered yet.
var (
	connectionsRead   = []string{scopeToOthersRead, scopeFromOthersRead, scopePortal}
	connectionsWrite  = []string{scopeToOthersWrite, scopeFromOthersWrite, scopePortal}
	connectionsGive   = []string{scopeToOthersWrite, scopePortal}
	requestsRead      = []string{"altinn:accessmanagement/enduser:requests.read", scopePortal}
	requestsWrite     = []string{"altinn:accessmanagement/enduser:requests.write", scopePortal}
	ownerRequestsRead = []string{"altinn:serviceowner/delegationrequests.read"}
	ownerRequests     = []string{"altinn:serviceowner/delegationrequests.write"}
	ownerGrants       = []string{"altinn:serviceowner/delegations:accesspackage.write"}
	authorize         = []string{"altinn:authorization/authorize", "altinn:authorization/authorize.admin"}
	consentsRead      = []string{"altinn:consentrequests.read", "altinn:consentrequests.org"}
	consentsWrite     = []string{"altinn:consentrequests.write", "altinn:consentrequests.org"}
	consentLookup     = []string{"altinn:maskinporten/consent.read"}
)

// clientDelegationsV2 names client and agent where the first version says from and to.
const clientDelegationsV2 = "/accessmanagement/api/v2/enduser/clientdelegations"

// later is a family of endpoints that are not answered yet.
type later struct {
	what      string
	base      string
	scopes    []string
	anonymous bool
	endpoints []string // method and path after base
}

// laters lists them all. docs/compatibility.md has a row for each endpoint.
var laters = []later{
	{"parties by user id", "/authorization/api/v1", nil, false, []string{
		"GET /parties", "GET /parties/{partyId}/validate", "GET /roles"}},
	{"policies of apps", "/authorization/api/v1", nil, false, []string{"POST /policies/GetPolicies", "POST /policies"}},

	{"the export of resources as RDF", "/resourceregistry/api/v1", nil, true, []string{"GET /resource/export"}},

	{"single rights and instances", accessManagement + "/policyinformation", pipScopes, false, []string{"POST /getdelegationchanges"}},

	{"instances", accessManagement + "/enduser/connections", connectionsGive, false, []string{
		"POST /resources/instances", "PUT /resources/instances"}},
	{"instances", accessManagement + "/enduser/connections", connectionsWrite, false, []string{
		"DELETE /resources/instances"}},
	{"instances", accessManagement + "/enduser/connections", connectionsGive, false, []string{
		"GET /resources/instances/delegationcheck"}},
	{"instances", accessManagement + "/enduser/connections", connectionsRead, false, []string{
		"GET /resources/instances", "GET /resources/instances/rights",
		"GET /resources/instances/users"}},

	{"resources in client delegations", clientDelegationsV2, clientsRead, false, []string{"GET /agents/resources", "GET /clients/resources"}},
	{"resources in client delegations", clientDelegationsV2, clientsWrite, false, []string{"POST /agents/resources", "POST /agents/resources/delete"}},

	{"instances of apps", accessManagement + "/app", nil, false, []string{
		"GET /delegationcheck/resource/{resource}/instance/{instance}",
		"GET /delegations/resource/{resource}/instance/{instance}", "POST /delegations/resource/{resource}/instance/{instance}",
		"POST /delegationrevoke/resource/{resource}/instance/{instance}", "DELETE /delegationrevoke/resource/{resource}/instance/{instance}"}},

	{"consent", accessManagement + "/enterprise/consentrequests", consentsWrite, false, []string{"POST"}},
	{"consent", accessManagement + "/enterprise/consentrequests", consentsRead, false, []string{"GET /{id}", "GET /events"}},
	{"consent", accessManagement + "/maskinporten/consent", consentLookup, false, []string{"POST /lookup"}},
}

// altinnLaterRoutes lists the routes of what is not answered yet.
func altinnLaterRoutes() (routes []route) {
	for _, l := range laters {
		why := unanswered(l.what)
		for _, e := range l.endpoints {
			method, path, _ := strings.Cut(e, " ")
			rt := altinn(method, l.base+path, l.scopes, func(*Server, *call) error { return why })
			rt.anonymous = l.anonymous
			routes = append(routes, rt)
		}
	}
	return routes
}
