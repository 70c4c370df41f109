package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// demoPolicy is the policy of a resource of the demo world, as the program prints it.
func demoPolicy(t *testing.T, id string) string {
	t.Helper()
	code, out, errs := ask(t, "--demo", "registry", "show", id, "--policy")
	if code != 0 || !strings.Contains(out, "<Policy") {
		t.Fatalf("exit status %d, %q", code, errs)
	}
	return out
}

func TestRegistryListAndShow(t *testing.T) {
	var list struct {
		Items []wireResource
	}
	code, out, errs := ask(t, "--demo", "registry", "list", "--type", "maskinportenschema", "-o", "json")
	if err := json.Unmarshal([]byte(out), &list); code != 0 || err != nil || len(list.Items) != 1 || list.Items[0].ID != "demo-kontroll-api" || list.Items[0].Revision != 1 {
		t.Errorf("exit status %d: %s%s", code, out, errs)
	}
	var page struct {
		Rights []wireRight
	}
	code, out, errs = ask(t, "--demo", "registry", "show", "demo-tilskudd", "-o", "json")
	if err := json.Unmarshal([]byte(out), &page); code != 0 || err != nil || len(page.Rights) != 2 || len(page.Rights[0].Subjects) != 2 || len(page.Rights[0].Key) != 66 {
		t.Errorf("exit status %d: %s%s", code, out, errs)
	}
	if code, _, errs = ask(t, "--demo", "registry", "show", "no-such"); code != 4 || !strings.Contains(errs, "registry list") {
		t.Errorf("exit status %d: %s", code, errs)
	}
}

func TestRegistryDiff(t *testing.T) {
	old := demoPolicy(t, "demo-tilskudd")
	dir := writeFiles(t, map[string]string{
		"same.xml": old, "less.xml": strings.ReplaceAll(old, ">write<", ">sign<"), "bad.xml": strings.Replace(old, "<Rule ", "<Rule Efect=\"x\" ", 1),
	})
	if code, out, errs := ask(t, "--demo", "registry", "diff", "demo-tilskudd", filepath.Join(dir, "same.xml")); code != 0 || !strings.Contains(out, "no decision differs") {
		t.Errorf("exit status %d: %s%s", code, out, errs)
	}
	if code, out, errs := ask(t, "--demo", "registry", "diff", "demo-tilskudd", filepath.Join(dir, "less.xml")); code != 1 || !strings.Contains(out, "write: Permit → NotApplicable for ") {
		t.Errorf("exit status %d: %s%s", code, out, errs)
	}
	if code, _, errs := ask(t, "--demo", "registry", "diff", "demo-tilskudd", filepath.Join(dir, "bad.xml")); code != 2 || !strings.Contains(errs, ".xml:") {
		t.Errorf("exit status %d: %s", code, errs)
	}
}

// TestRegistryImport: sound files are in, a wrong one is told of, and again changes nothing.
func TestRegistryImport(t *testing.T) {
	policy := strings.ReplaceAll(demoPolicy(t, "demo-hendelser"), "demo-hendelser", "min-tjeneste")
	dir := writeFiles(t, map[string]string{
		"a/resource.json": `{"identifier":"min-tjeneste","title":{"nb":"Min","nn":"Min","en":"Mine"},"rightDescription":{"nb":"x","nn":"x","en":"x"},"hasCompetentAuthority":{"orgcode":"demo"}}`,
		"a/policy.xml":    policy,
		"b/app.xml":       strings.ReplaceAll(policy, "min-tjeneste", "app_demo_skjema"),
		"c/wrong.xml":     "<Policy>",
		"package.json":    `{"name":"no resource"}`,
	})
	store := filepath.Join(t.TempDir(), "store")
	code, out, errs := ask(t, "--data", store, "registry", "import", dir)
	if code != 3 || !strings.Contains(out, "4 changes, 1 files refused") || !strings.Contains(out, "wrong.xml") {
		t.Fatalf("exit status %d: %s%s", code, out, errs)
	}
	if code, out, errs = ask(t, "--data", store, "registry", "list"); code != 0 || !strings.Contains(out, "app_demo_skjema") || !strings.Contains(out, "min-tjeneste") {
		t.Errorf("exit status %d: %s%s", code, out, errs)
	}
	if code, out, _ = ask(t, "--data", store, "registry", "import", dir); code != 3 || !strings.Contains(out, "0 changes") {
		t.Errorf("again: exit status %d: %s", code, out)
	}
	if code, _, errs = ask(t, "--data", store, "registry", "import", t.TempDir()); code != 2 || !strings.Contains(errs, "no resource") {
		t.Errorf("an empty directory: exit status %d: %s", code, errs)
	}
}

// TestRegistryImportToWorld: a local test set-up becomes a world that answers.
func TestRegistryImportToWorld(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"register/Party/500000.json":                            `{"partyId":500000,"orgNumber":"310000019","unitType":"AS","name":"Lokal \"AS\""}`,
		"register/Party/500001.json":                            `{"partyId":500001,"orgNumber":"500000007","unitType":"XX","name":"Annen"}`,
		"profile/User/1337.json":                                `{"userId":1337,"party":{"partyId":501337,"ssn":"12817010065","name":"Kari Nordmann"}}`,
		"authorization/roles/User_1337/party_500000/roles.json": `[{"Type":"altinn","value":"DAGL"},{"Type":"altinn","value":"XYZZY"}]`,
		"authorization/roles/User_1337/party_500001/roles.json": `[{"Type":"altinn","value":"LEDE"}]`,
		"authorization/roles/User_9/party_500001/roles.json":    `[{"Type":"altinn","value":"LEDE"}]`,
		"apps/skjema/App/config/authorization/policy.xml":       strings.ReplaceAll(demoPolicy(t, "demo-hendelser"), "demo-hendelser", "app_demo_skjema"),
	})
	file := filepath.Join(t.TempDir(), "w.txtar")
	code, out, errs := ask(t, "registry", "import", dir, "--to-world", file)
	if code != 0 || !strings.Contains(out, "organisation 500000007 is 31") || !strings.Contains(out, "User_9") {
		t.Fatalf("exit status %d: %s%s", code, out, errs)
	}
	if code, out, errs = ask(t, "--world", file, "check", "kari", "--for", "Lokal AS", "--role", "DAGL"); code != 0 {
		t.Errorf("exit status %d: %s%s", code, out, errs)
	}
	if code, out, errs = ask(t, "--world", file, "registry", "list"); code != 0 || !strings.Contains(out, "app_demo_skjema") {
		t.Errorf("exit status %d: %s%s", code, out, errs)
	}
}

// TestSyntheticPerson: a real number becomes a synthetic one of the same day.
func TestSyntheticPerson(t *testing.T) {
	if got, err := syntheticPerson("12817010065"); err != nil || got != "12817010065" {
		t.Errorf("a synthetic one: %s, %v", got, err)
	}
	got, err := syntheticPerson("01017000000")
	if err != nil || !strings.HasPrefix(got, "018170") || len(got) != 11 {
		t.Errorf("another: %s, %v", got, err)
	}
	for _, wrong := range []string{"", "1281701006x", "01997000000"} {
		if _, err := syntheticPerson(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
