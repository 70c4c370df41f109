package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestAltinnMeta walks the metadata: everything that a list names can be had alone,
// and the numbers are those of Altinn's own catalogue.
func TestAltinnMeta(t *testing.T) {
	a := serveAPI(t, demoNode(t), openConfig())
	get := func(path string, into any) {
		t.Helper()
		got := a.do("GET", path, nil)
		if got.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", path, got.StatusCode, got.body)
		}
		if err := json.Unmarshal(got.body, into); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	var groups []metaGroupJSON
	get(metaInfo+"/accesspackages/group", &groups)
	areas, packages, empty := 0, 0, 0
	for _, g := range groups {
		var one metaGroupJSON
		get(metaInfo+"/accesspackages/group/"+g.ID, &one)
		if one.Name != g.Name || g.URN != nil || g.Type == "" || g.Description == "" {
			t.Errorf("group %+v is %+v alone", g, one)
		}
		var inGroup []metaAreaJSON
		get(metaInfo+"/accesspackages/group/"+g.ID+"/areas/", &inGroup)
		for _, area := range inGroup {
			areas++
			var alone metaAreaJSON
			get(metaInfo+"/accesspackages/area/"+area.ID, &alone)
			if alone.Group == nil || alone.Group.ID != g.ID || len(alone.Packages) != len(area.Packages) || !strings.HasPrefix(alone.URN, "accesspackage:area:") {
				t.Errorf("area %s alone: %+v", area.Name, alone)
			}
			list := metaInfo + "/accesspackages/area/" + area.ID + "/packages"
			if len(area.Packages) == 0 {
				empty++
				if got := a.do("GET", list, nil); got.StatusCode != http.StatusNoContent || len(got.body) > 0 {
					t.Errorf("an area without packages: %d %s", got.StatusCode, got.body)
				}
				continue
			}
			var inArea []metaPackageJSON
			get(list, &inArea)
			packages += len(inArea)
			p := inArea[0]
			var byID, byURN metaPackageJSON
			get(metaInfo+"/accesspackages/package/"+p.ID, &byID)
			get(metaInfo+"/accesspackages/package/urn/"+p.URN, &byURN)
			if byID.URN != p.URN || byURN.ID != p.ID || byID.Area == nil || byID.Area.ID != area.ID || byID.Type.Name != g.Type {
				t.Errorf("package %s alone: %+v, %+v", p.URN, byID, byURN)
			}
		}
	}
	if len(groups) != 5 || areas != 49 || packages != 223 || empty != 3 {
		t.Errorf("%d groups, %d areas (%d of them empty), %d packages; want 5, 49 (3), 223", len(groups), areas, empty, packages)
	}

	var roles []metaRoleJSON
	get(metaInfo+"/roles?language=en", &roles)
	provided := map[string]int{}
	for _, r := range roles {
		provided[r.Provider.Name]++
		if r.Code == "daglig-leder" {
			var alone metaRoleJSON
			get(metaInfo+"/roles/"+r.ID, &alone)
			var given []metaPackageJSON
			get(metaInfo+"/roles/"+r.ID+"/packages", &given)
			if alone.Name != "Daglig leder" || r.Name != "Managing Director" || !alone.IsKeyRole || len(given) != 133 {
				t.Errorf("daglig leder: %+v gives %d packages, want 133", alone, len(given))
			}
		}
	}
	if len(roles) != 148 || provided["Enhetsregisteret"] != 61 || provided["Sivilrettsforvaltningen"] != 42 || provided["Altinn 2"] != 38 || provided["Altinn 3"] != 7 {
		t.Errorf("%d roles, %v", len(roles), provided)
	}
	var forms []metaSubtypeJSON
	get(accessManagement+"/meta/types/organization/subtypes", &forms)
	if len(forms) != 50 {
		t.Errorf("%d organisation forms, want 50", len(forms))
	}
}

// TestAltinnMetaNames: languages, other names, and what is not there.
func TestAltinnMetaNames(t *testing.T) {
	a := serveAPI(t, demoNode(t), openConfig())
	const dagl = metaInfo + "/roles/55bd7d4d-08dd-46ee-ac8e-3a44d800d752"
	for _, c := range []struct {
		path, accept string
		status       int
		has          string
	}{
		{dagl, "", 200, `"name":"Daglig leder"`},
		{dagl, "nn-NO, nb;q=0.5", 200, `"name":"Dagleg leiar"`},
		{dagl, "de, en;q=0.5", 200, `"name":"Managing Director"`},
		{dagl + "?language=no_nn", "en", 200, `"name":"Dagleg leiar"`},
		{dagl + "?LANGUAGE=EN", "", 200, `"name":"Managing Director"`},
		{metaInfo + "/roles/packages?role=DAGL", "", 200, `"urn":"urn:altinn:accesspackage:maskinporten-scopes"`},
		{metaInfo + "/roles/packages?role=urn:altinn:rolecode:knuf&variant=nuf", "", 200, "maskinporten-scopes-nuf"},
		{metaInfo + "/roles/packages?role=KNUF&variant=AS", "", 200, `"code"`},
		{metaInfo + "/roles/packages?role=MEDL", "", 204, ""},
		{metaInfo + "/roles/packages?role=nobody", "", 404, "Role 'nobody' not found"},
		{metaInfo + "/roles/packages?role=DAGL&variant=XX", "", 404, "Variant 'XX' not found"},
		{metaInfo + "/roles/packages", "", 400, "role"},
		{metaInfo + "/roles/packages?role=DAGL&includeResources=true", "", 200, "demo-skattemelding"},
		{metaInfo + "/roles/e0684f66-a46e-4706-a754-8889b532509c", "", 404, "not found"},
		{metaInfo + "/roles/11111111-1111-4111-8111-111111111111/packages", "", 404, "not found"},
		{metaInfo + "/accesspackages/package/urn/nothing", "", 404, ""},
		{metaInfo + "/accesspackages/package/11111111-1111-4111-8111-111111111111", "", 404, ""},
		{metaInfo + "/accesspackages/package/x/y", "", 404, ""},
		{metaInfo + "/accesspackages/group/1", "", 404, ""},
		{metaInfo + "/accesspackages/area/11111111-1111-4111-8111-111111111111/packages", "", 404, ""},
		{metaInfo + "/accesspackages/export/", "", 200, "urn:altinn:accesspackage:"},
	} {
		got := a.do("GET", c.path, nil, "Accept-Language", c.accept)
		if got.StatusCode != c.status || !strings.Contains(string(got.body), c.has) {
			t.Errorf("%s in %q: %d %.300s, want %d with %s", c.path, c.accept, got.StatusCode, got.body, c.status, c.has)
		}
	}
}

// TestAltinnSearch finds packages by words.
func TestAltinnSearch(t *testing.T) {
	a := serveAPI(t, demoNode(t), openConfig())
	const search = metaInfo + "/accesspackages/search"
	for _, c := range []struct {
		query  string
		status int
		first  string // URN of the first
		most   int
	}{
		{"?term=maskinporten", 200, "", 10},
		{"?term=maskinporten+scopes+nuf", 200, "urn:altinn:accesspackage:maskinporten-scopes-nuf", 1},
		{"?term=Revisorattesterer", 200, "urn:altinn:accesspackage:revisorattesterer", 5},
		{"?term=maskinp&strict=true", 204, "", 0},
		{"?term=maskinp&strict=false", 200, "", 10},
		{"?term=innbygger&typeName=Person", 200, "", 80},
		{"?term=innbygger-barn&typeName=Organisasjon", 204, "", 0},
		{"", 200, "", 223},
		{"?term=x&typeName=Ting", 400, "", 0},
		{"?term=x&strict=maybe", 400, "", 0},
		{"?term=x&searchInResources=true", 204, "", 0},
		{"?term=x&resourceProviderCode=nav", 204, "", 0},
	} {
		got := a.do("GET", search+c.query, nil)
		if got.StatusCode != c.status {
			t.Errorf("%s: %d %.200s", c.query, got.StatusCode, got.body)
			continue
		}
		if c.status != 200 {
			continue
		}
		var hits []metaHitJSON
		if err := json.Unmarshal(got.body, &hits); err != nil {
			t.Fatal(err)
		}
		if len(hits) == 0 || len(hits) > c.most || c.first != "" && hits[0].Object.URN != c.first {
			t.Errorf("%s: %d hits, the first %s", c.query, len(hits), hits[0].Object.URN)
		}
		for i := range hits {
			if i > 0 && hits[i].Score > hits[i-1].Score || hits[i].Fields == nil {
				t.Errorf("%s: hit %d has the score %g after %g", c.query, i, hits[i].Score, hits[i-1].Score)
			}
		}
	}
}
