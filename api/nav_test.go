package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
)

// A client that reads our answers as NAV's arbeidsgiver-altinn-tilganger does, in
// Kotlin: unknown keys are ignored, a key that is missing is an error unless the
// field has a default, and null is an error unless the field is nullable. Types are
// not bent: a number is no string. In the structs below a pointer is a nullable
// field, and ",default" after the name one that may be missing.

type navParty struct {
	OrganizationNumber *string    `kt:"organizationNumber"`
	Name               string     `kt:"name"`
	Type               *string    `kt:"type"`
	UnitType           *string    `kt:"unitType"`
	Resources          []string   `kt:"authorizedResources"`
	Roles              []string   `kt:"authorizedRoles"`
	Packages           []string   `kt:"authorizedAccessPackages,default"`
	Deleted            bool       `kt:"isDeleted"`
	Subunits           []navParty `kt:"subunits"`
}

type navGroup struct {
	ID          *string   `kt:"id,default"`
	Name        *string   `kt:"name,default"`
	Description *string   `kt:"description,default"`
	Type        *string   `kt:"type,default"`
	Areas       []navArea `kt:"areas"`
}

type navArea struct {
	ID          *string      `kt:"id,default"`
	Name        *string      `kt:"name,default"`
	URN         *string      `kt:"urn,default"`
	Description *string      `kt:"description,default"`
	IconURL     *string      `kt:"iconUrl,default"`
	Packages    []navPackage `kt:"packages"`
}

type navPackage struct {
	ID          *string `kt:"id,default"`
	Name        *string `kt:"name,default"`
	URN         string  `kt:"urn"`
	Description *string `kt:"description,default"`
}

type navRole struct {
	ID             string  `kt:"id"`
	Name           string  `kt:"name"`
	Code           string  `kt:"code"`
	Description    string  `kt:"description"`
	URN            string  `kt:"urn"`
	LegacyRoleCode *string `kt:"legacyRoleCode"`
}

// kotlin decodes strictly into v, a pointer.
func kotlin(data []byte, v any) error {
	return kotlinValue("$", data, reflect.ValueOf(v).Elem())
}

func kotlinValue(path string, data json.RawMessage, into reflect.Value) error {
	null := bytes.Equal(bytes.TrimSpace(data), []byte("null"))
	if into.Kind() == reflect.Pointer {
		if null {
			return nil
		}
		into.Set(reflect.New(into.Type().Elem()))
		return kotlinValue(path, data, into.Elem())
	}
	if null {
		return fmt.Errorf("%s is null", path)
	}
	switch into.Kind() {
	case reflect.Slice:
		var items []json.RawMessage
		if err := json.Unmarshal(data, &items); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		into.Set(reflect.MakeSlice(into.Type(), len(items), len(items)))
		for i, item := range items {
			if err := kotlinValue(path+"["+strconv.Itoa(i)+"]", item, into.Index(i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Struct:
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(data, &keys); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for i := range into.NumField() {
			name, byDefault, _ := strings.Cut(into.Type().Field(i).Tag.Get("kt"), ",")
			value, present := keys[name]
			if !present {
				if byDefault == "default" {
					continue
				}
				return fmt.Errorf("%s: key %s is missing", path, name)
			}
			if err := kotlinValue(path+"."+name, value, into.Field(i)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := json.Unmarshal(data, into.Addr().Interface()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// TestKotlinIsStrict: the client of these tests notices what NAV's would.
func TestKotlinIsStrict(t *testing.T) {
	whole := `{"organizationNumber":null,"name":"A","type":null,"unitType":"AS","authorizedResources":[],"authorizedRoles":["DAGL"],"isDeleted":false,"subunits":[],"more":1}`
	for _, c := range []struct{ what, from, to, want string }{
		{"whole", "", "", ""},
		{"a missing key", `"unitType":"AS",`, ``, "unitType is missing"},
		{"null in a list's place", `"subunits":[]`, `"subunits":null`, "subunits is null"},
		{"null for a name", `"name":"A"`, `"name":null`, "name is null"},
		{"another letter case", `"isDeleted"`, `"IsDeleted"`, "isDeleted is missing"},
		{"null among the roles", `["DAGL"]`, `[null]`, "authorizedRoles[0] is null"},
		{"a number for a string", `"AS"`, `1`, "unitType"},
		{"null where a default is", `"more":1`, `"authorizedAccessPackages":null`, "authorizedAccessPackages is null"},
	} {
		var p navParty
		err := kotlin([]byte(strings.Replace(whole, c.from, c.to, 1)), &p)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.what, err, c.want)
		}
	}
}

// navQuery is what NAV sends: parameters that are no more and one that is there
// twice among them.
const navQuery = "?includeAltinn2=true&includeAltinn3=true&includeRoles=true&includeAccessPackages=true&includeResources=true" +
	"&includePartiesViaKeyRoles=true&includeSubParties=true&includeInactiveParties=true&includeInactiveParties=true&includeInstances=false"

// navAsks asks for a person's authorized parties as NAV does.
func navAsks(a *apitest, id fullmakt.NationalID) []navParty {
	a.Helper()
	got := a.do("POST", accessManagement+"/resourceowner/authorizedparties"+navQuery,
		`{"type":"urn:altinn:person:identifier-no","value":"`+id.Reveal()+`"}`,
		"Accept", "application/json", "Ocp-Apim-Subscription-Key", "anything")
	var parties []navParty
	if got.StatusCode != http.StatusOK {
		a.Fatalf("%d %s", got.StatusCode, got.body)
	}
	if err := kotlin(got.body, &parties); err != nil {
		a.Fatal(err)
	}
	return parties
}

// navChecks compares what NAV read with the engine's own decisions, party by
// party: all of them are there, with their packages and roles and no others.
func navChecks(t *testing.T, n *node.Node, id fullmakt.NationalID, got []navParty) (organisations int) {
	t.Helper()
	snap := n.Current()
	subject, at := snap.Person(id), testNow.Unix()
	cat := snap.Catalogue()
	packages := map[string]catalogue.PackageID{}
	for _, p := range cat.Packages() {
		packages[strings.TrimPrefix(p.AltinnURN, "urn:altinn:accesspackage:")] = p.ID
	}
	listed := map[fullmakt.PartyNo]bool{}
	var visit func(p navParty, below fullmakt.PartyNo)
	visit = func(p navParty, below fullmakt.PartyNo) {
		if p.OrganizationNumber == nil {
			return // NAV drops persons
		}
		org, err := fullmakt.ParseOrgNumber(*p.OrganizationNumber)
		if err != nil {
			t.Fatal(err)
		}
		no := snap.Organisation(org)
		if listed[no] {
			t.Fatalf("%s is listed twice", p.Name)
		}
		listed[no] = true
		organisations++
		if p.UnitType == nil || *p.UnitType != string(snap.Form(no)) || p.Name != snap.Name(no) {
			t.Fatalf("%s is %v %q", org, p.UnitType, p.Name)
		}
		if below != 0 && snap.Node(no).Parent != below {
			t.Fatalf("%s stands under another than its main unit", org)
		}
		var use catalogue.PackageSet
		for _, code := range p.Packages {
			id, ok := packages[code]
			if !ok {
				t.Fatalf("package %q is not a bare code of Altinn's", code)
			}
			use.Add(id)
		}
		pairs, _ := pdp.ActsFor(snap, subject, at, pdp.All, no-1, 1)
		var want catalogue.PackageSet
		if len(pairs) == 1 && pairs[0].For == no {
			want = pairs[0].Use
		}
		if use != want {
			t.Fatalf("%s: packages %v, the engine has %v", org, use, want)
		}
		if once := slices.Compact(slices.Sorted(slices.Values(p.Roles))); len(once) != len(p.Roles) {
			t.Fatalf("%s: a role is there twice among %v", org, p.Roles)
		}
		for _, code := range p.Roles {
			role, ok := cat.FindRole("urn:altinn:rolecode:" + strings.ToLower(code)) // as NAV does
			if !ok || code != strings.ToUpper(code) {
				t.Fatalf("role %q is no legacy code in upper case", code)
			}
			q := pdp.Ask(subject, no, at)
			if q.Role = role.ID; !pdp.Decide(snap, q).Allowed {
				t.Fatalf("%s: role %s is none that the engine gives", org, code)
			}
		}
		for _, sub := range p.Subunits {
			visit(sub, no)
		}
	}
	for _, p := range got {
		visit(p, 0)
	}
	for no := range pdp.GroundsOf(snap, subject, at) {
		if snap.Kind(no) == fullmakt.KindOrganisation && !listed[no] {
			t.Fatalf("%s is missing", snap.Name(no))
		}
	}
	return organisations
}

// TestNAVDemo: NAV's client over the demo world.
func TestNAVDemo(t *testing.T) {
	n := demoNode(t)
	a := serveAPI(t, n, openConfig())
	for _, c := range []struct {
		id   fullmakt.NationalID
		who  string
		want int
	}{
		{12817010065, "kari", 3}, {3918510094, "ola", 2}, {22845910018, "jonas", 1},
		{1896210099, "anne", 4}, {15876810031, "ivar", 0}, {1857410099, "berit", 1},
	} {
		t.Run(c.who, func(t *testing.T) {
			if got := navChecks(t, n, c.id, navAsks(&apitest{T: t, server: a.server, http: a.http, header: a.header}, c.id)); got != c.want {
				t.Errorf("%d organisations, want %d", got, c.want)
			}
		})
	}
}

// TestNAVMetadata: what NAV fetches every ten minutes.
func TestNAVMetadata(t *testing.T) {
	a := serveAPI(t, demoNode(t), openConfig())
	var groups []navGroup
	if err := kotlin(a.do("GET", metaInfo+"/accesspackages/export", nil).body, &groups); err != nil {
		t.Fatal(err)
	}
	areas, packages := 0, 0
	for _, g := range groups {
		areas += len(g.Areas)
		for _, area := range g.Areas {
			packages += len(area.Packages)
			for _, p := range area.Packages {
				if !strings.HasPrefix(p.URN, "urn:altinn:accesspackage:") {
					t.Errorf("URN %s", p.URN)
				}
			}
		}
	}
	if areas != 49 || packages != 223 {
		t.Errorf("%d areas and %d packages, want 49 and 223", areas, packages)
	}
	var roles []navRole
	if err := kotlin(a.do("GET", metaInfo+"/roles", nil).body, &roles); err != nil {
		t.Fatal(err)
	}
	if len(roles) != 148 {
		t.Errorf("%d roles, want 148", len(roles))
	}
	codes := map[string]bool{}
	for _, r := range roles {
		code := r.Code
		if r.LegacyRoleCode != nil {
			code = *r.LegacyRoleCode
		}
		if codes[code] || code != strings.ToLower(code) {
			t.Errorf("code %q is there twice, or not in lower case", code)
		}
		codes[code] = true
	}
	for _, want := range []string{"dagl", "lede", "regn", "ffør", "utinn", "priv"} {
		if !codes[want] {
			t.Errorf("no role %s", want)
		}
	}
}

// TestNAVBigAccountant: who leads an accountant with 13,000 clients.
func TestNAVBigAccountant(t *testing.T) {
	clients := 13_000
	if testing.Short() {
		clients = 2_000
	}
	n := accountantNode(t, clients)
	a := serveAPI(t, n, openConfig())
	got := navAsks(a, accountantLeader)
	if organisations, want := navChecks(t, n, accountantLeader, got), clients+(clients+3)/4+1; organisations != want {
		t.Errorf("%d organisations, want %d", organisations, want)
	}
	regn := 0
	for _, p := range got {
		if slices.Contains(p.Roles, "REGN") && p.OrganizationNumber != nil {
			regn++
		}
	}
	if regn != clients {
		t.Errorf("%d clients, want %d", regn, clients)
	}
}

// TestNAVGenerated: NAV's client over a generated register, imported from its
// files, and the person who leads its biggest accountant.
func TestNAVGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("imports a generated register")
	}
	ctx := context.Background()
	files := t.TempDir()
	sum, err := enhetsregisteret.Generate(ctx, files, enhetsregisteret.GenerateOptions{Seed: 1, Scale: 0.005, Date: fullmakt.NewDate(2026, 2, 1), CCRAll: true})
	if err != nil {
		t.Fatal(err)
	}
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(ctx, node.Options{Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	all, err := filepath.Glob(filepath.Join(files, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := node.Import(ctx, n.Store(), node.ImportOptions{Files: all, Now: testNow.Add(-time.Hour), StagingDir: filepath.Join(files, "staging")}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Snapshot(ctx); err != nil {
		t.Fatal(err)
	}
	a := serveAPI(t, n, openConfig())
	if got := navChecks(t, n, sum.KeyHolder.ID, navAsks(a, sum.KeyHolder.ID)); got <= sum.Clients {
		t.Errorf("%d organisations for the leader of an accountant with %d clients", got, sum.Clients)
	}
	if got := navChecks(t, n, sum.BusiestLawyer.ID, navAsks(a, sum.BusiestLawyer.ID)); got < sum.Estates {
		t.Errorf("%d organisations for a lawyer with %d estates", got, sum.Estates)
	}
}

// TestNAVNational: NAV's client over the register of package node's benchmarks in
// FULLMAKT_BENCH_DIR, and who leads its biggest accountant.
func TestNAVNational(t *testing.T) {
	if os.Getenv("FULLMAKT_BENCH_DIR") == "" {
		t.Skip("FULLMAKT_BENCH_DIR names no register")
	}
	n, leader := busiest(t)
	snap := n.Current()
	a := serveAPI(t, n, openConfig())
	read := map[string]bool{}
	var visit func(list []navParty)
	visit = func(list []navParty) {
		for _, p := range list {
			if p.OrganizationNumber != nil {
				read[*p.OrganizationNumber] = true
			}
			visit(p.Subunits)
		}
	}
	visit(navAsks(a, snap.ID(leader).Person))
	want := 0
	for p := range pdp.GroundsOf(snap, leader, testNow.Unix()) {
		if snap.Kind(p) == fullmakt.KindOrganisation {
			if want++; !read[snap.ID(p).Org.String()] {
				t.Fatalf("%s is missing", snap.ID(p).Org)
			}
		}
	}
	if len(read) != want || want < 1000 {
		t.Errorf("%d organisations, want %d", len(read), want)
	}
	t.Logf("%d organisations", want)
}

// accountantLeader leads the accountant of accountantNode.
const accountantLeader fullmakt.NationalID = 12817010065

// accountantNode opens a register with one accountant that has so many clients,
// every third of them a sole proprietorship with its owner, every fourth with a
// sub-unit, and its leader, who
// is also its chair.
func accountantNode(t testing.TB, clients int) *node.Node {
	t.Helper()
	var w strings.Builder
	number := func(i int) string { return fullmakt.NextOrgNumber(20_000_000 + uint32(i)*2).String() }
	fmt.Fprintf(&w, "organisation 310000027 AS \"Regnskap AS\"\nperson %s \"Kari Nordmann\"\nrole DAGL at 310000027 holder %[1]s\nrole LEDE at 310000027 holder %[1]s\n", accountantLeader.Reveal())
	person := 0
	for i := range clients {
		form := "AS"
		if i%3 == 0 {
			form = "ENK"
		}
		fmt.Fprintf(&w, "organisation %s %s \"Klient %d\"\nrole REGN at %[1]s holder 310000027\n", number(2*i), form, i)
		if i%4 == 0 {
			fmt.Fprintf(&w, "organisation %s BEDR \"Avdeling %d\" parent %s\n", number(2*i+1), i, number(2*i))
		}
		if form == "ENK" {
			id, ok := fullmakt.NationalID(0), false
			for !ok {
				person++
				id, ok = fullmakt.SyntheticNationalID(1+person%28, 1+person/28%12, 50+person/336%40, person/13440%400)
			}
			fmt.Fprintf(&w, "person %s \"Eier %d\"\nrole INNH at %s holder %[1]s\n", id.Reveal(), i, number(2*i))
		}
	}
	return worldNode(t, w.String())
}
