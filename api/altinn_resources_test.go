package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestAltinnPartiesResources: a party where only a single right is held is listed
// with its resource, and parties are chosen by what opens resources: packages,
// roles and grants of rights.
func TestAltinnPartiesResources(t *testing.T) {
	const resource, to = "demo-skattemelding", "310000078"
	g := newDemoGiving(t)
	keys, _ := g.rights(kari, bergen, resource)
	g.ask(kari, "POST", connectionsPath+"?party=@310000019&to=@"+to, "", 200, "")
	g.ask(kari, "POST", connectionsPath+"/resources/rights?party=@310000019&to=@"+to+"&resource="+resource, rightKeys(keys["read"]), 201, "")
	parties := func(subject, query string) map[string][]string {
		t.Helper()
		kind := "person"
		if len(subject) == 9 {
			kind = "organization"
		}
		got := g.askAs(everybody, "POST", accessManagement+"/resourceowner/authorizedparties?"+query,
			`{"type":"urn:altinn:`+kind+`:identifier-no","value":"`+subject+`"}`, 200, "")
		var list []struct {
			OrganizationNumber  string
			AuthorizedResources []string
			Subunits            []struct {
				OrganizationNumber  string
				AuthorizedResources []string
			}
		}
		if err := json.Unmarshal([]byte(got), &list); err != nil {
			t.Fatal(err)
		}
		found := map[string][]string{}
		for _, p := range list {
			found[p.OrganizationNumber] = p.AuthorizedResources
			for _, u := range p.Subunits {
				found[u.OrganizationNumber] = u.AuthorizedResources
			}
		}
		return found
	}
	if got := parties(to, ""); !slices.Equal(got[bergen], []string{resource}) {
		t.Errorf("by a right alone: %v", got)
	}
	if got := parties(to, "includeResources=false"); got[bergen] == nil || len(got[bergen]) != 0 {
		t.Errorf("without resources: %v", got)
	}
	all := parties(to, "")
	if some := parties(to, "anyOfResourceIds="+strings.ToUpper(resource)); some[bergen] == nil || len(some) > len(all) {
		t.Errorf("by the resource: %v of %v", some, all)
	}
	if none := parties(to, "anyOfResourceIds=demo-hendelser"); none[bergen] != nil {
		t.Errorf("by another resource: %v", none)
	}
	if got := parties(kari, "anyOfResourceIds="+resource); got[bergen] == nil {
		t.Errorf("by the package of a managing director: %v", got)
	}
	if got := parties(kari, "anyOfResourceIds=demo-filialregister"); got[bergen] != nil {
		t.Errorf("by a package that she lacks: %v", got)
	}
	if got := parties(kari, "orgCode=DEMO"); got[bergen] == nil {
		t.Errorf("by an owner: %v", got)
	}
}

// TestAltinnMetaResources: which resources packages and roles open.
func TestAltinnMetaResources(t *testing.T) {
	g := newDemoGiving(t)
	taxes, _ := g.n.Catalogue().FindPackage("skatt-naering")
	other, _ := g.n.Catalogue().FindPackage("lonn")
	role, _ := g.n.Catalogue().FindRole("DAGL")
	for _, c := range []struct {
		path   string
		status int
		word   string
	}{
		{"/accesspackages/package/" + taxes.UUID + "/resources", 200, "demo-skattemelding"},
		{"/accesspackages/package/" + other.UUID + "/resources", 204, ""},
		{"/accesspackages/package/" + role.UUID + "/resources", 404, ""},
		{"/accesspackages/package/x/resources", 404, ""},
		{"/roles/" + role.UUID + "/resources", 200, "demo-tilskudd"},
		{"/roles/resources?role=DAGL", 200, "demo-tilskudd"},
		{"/roles/resources?role=DAGL&includePackageResources=true", 200, "demo-skattemelding"},
		{"/roles/resources?role=REGN", 204, ""},
		{"/roles/resources?role=nothing", 404, "Role 'nothing' not found"},
		{"/roles/packages?role=DAGL&variant=AS&includeResources=true", 200, `"refId":"demo-skattemelding"`},
		{"/accesspackages/search?term=pr%C3%B8veordning&searchInResources=true", 200, "tilskudd-stotte-erstatning"},
		{"/accesspackages/search?term=skatt&resourceProviderCode=demo", 200, "skatt-naering"},
	} {
		g.askAs(nobody, "GET", metaInfo+c.path, "", c.status, c.word)
	}
	for _, query := range []string{"term=pr%C3%B8veordning", "term=skatt&resourceProviderCode=other"} {
		if got := g.askAs(nobody, "GET", metaInfo+"/accesspackages/search?"+query, "", 204, ""); got != "" {
			t.Errorf("%s: %s", query, got)
		}
	}
	if got := g.askAs(nobody, "GET", metaInfo+"/roles/resources?role=DAGL", "", 200, ""); strings.Contains(got, "demo-skattemelding") {
		t.Errorf("a role by its packages too: %s", got)
	}
}
