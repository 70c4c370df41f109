package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// testNow is when the tests' questions are asked.
var testNow = time.Date(2026, 11, 21, 19, 30, 0, 0, time.UTC)

// ask runs the program in process and returns its exit status and both outputs.
func ask(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), testNow, args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// TestContract holds the JSON of the seeds' examples against golden files, byte
// for byte: field names, their order and their values are a contract.
func TestContract(t *testing.T) {
	const pkg = "delegerbare-maskinporten-scopes"
	tests := []struct {
		name string
		code int
		args []string
	}{
		{"nest-1", 0, []string{"check", "kari", "--for", "Bergen AS", "--package", pkg}},
		{"nest-2", 0, []string{"explain", "trondheim-integrasjon", "--for", "Bergen AS", "--package", pkg}},
		{"nest-3", 1, []string{"explain", "ola", "--for", "Bergen AS", "--package", pkg}},
		{"nest-4", 1, []string{"check", "trondheim-rapport", "--for", "Bergen AS", "--package", "maskinlesbare-hendelser"}},
		{"form-1", 0, []string{"check", "liv", "--for", "Fjord Ltd NUF", "--package", pkg + "-NUF"}},
		{"sub", 0, []string{"check", "kari", "--for", "fisketorget", "--package", pkg}},
		{"enk", 0, []string{"check", "anne", "--for", "nina", "--package", "regnskapsforer-lonn"}},
		{"self", 0, []string{"check", "kari", "--for", "kari"}},
		{"role", 0, []string{"check", "kari", "--for", "Bergen AS", "--role", "DAGL"}},
		{"before-history", 6, []string{"check", "kari", "--for", "Bergen AS", "--at", "2019-12-31"}},
		{"unknown-party", 4, []string{"check", "per", "--for", "Bergen AS"}},
		{"list-package", 0, []string{"list", "--for", "Bergen AS", "--package", pkg, "--page-size", "1"}},
		{"list", 0, []string{"list", "--by", "anne", "--role", "REGN", "--page-size", "3"}},
		{"search", 0, []string{"search", "trondheim"}},
		{"search-person", 0, []string{"search", "berg", "--kind", "person"}},
		{"search-none", 4, []string{"search", "zzzz"}},
	}
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	digest := cat.Digest()
	var files []string
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, out, errs := ask(t, append([]string{"--demo", "-o", "json", "--lang", "en"}, tt.args...)...)
			if code != tt.code || errs != "" {
				t.Fatalf("exit status %d, want %d; standard error %q", code, tt.code, errs)
			}
			if strings.Count(out, "\n") != 1 {
				t.Fatalf("want one line of JSON, got %q", out)
			}
			var indented bytes.Buffer
			out = strings.ReplaceAll(out, digest, "CATALOGUE") // it changes with every entry
			if err := json.Indent(&indented, []byte(out), "", "  "); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "golden", tt.name+".json")
			if *update {
				if err := os.WriteFile(path, indented.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(mustRead(t, path)), indented.String()); diff != "" {
				t.Error(diff)
			}
		})
		files = append(files, tt.name+".json")
	}
	entries, err := os.ReadDir(filepath.Join("testdata", "golden"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(files, e.Name()) {
			t.Errorf("no test writes %s", e.Name())
		}
	}
}

// TestContractFieldOrder holds the fields that the contract names against their
// order in the answer, apart from the golden files.
func TestContractFieldOrder(t *testing.T) {
	_, out, _ := ask(t, "--demo", "check", "kari", "--for", "Bergen AS", "--package", "delegerbare-maskinporten-scopes", "-o", "json")
	at := 0
	for _, field := range []string{
		`"allowed":true`, `"may_give":true`, `"reason":"held_via_nesting"`, `"uncertain":false`, `"at":"2026-11-21T20:30:00+01:00"`, `"revision":1`,
		`"subject":{"type":"person","id":"12817010065","name":"Kari Nordmann"`,
		`"for":{"type":"organisation","id":"310000019","name":"Bergen AS","state":"active"`,
		`"package":"urn:altinn:accesspackage:delegerbare-maskinporten-scopes"`,
		`"paths":[{"rule":"NEST","steps":[{"kind":"role","at":"310000019","role":"DAGL","holder":"310000027","source":"world","since":"2024-01-10"},{"kind":"role","at":"310000027","role":"DAGL","holder":"12817010065","source":"world","since":"2023-05-02"}]`,
		`"near_misses":[]`, `"remedies":[]`, `"register":{"imported_at":"`, `"stale":false}`,
	} {
		i := strings.Index(out[at:], field)
		if i < 0 {
			t.Fatalf("no %s after %s", field, out[:at])
		}
		at += i + len(field)
	}
}

// TestPagesAreOneList asks for every page of lists at every size, and wants the
// same items as on one page.
func TestPagesAreOneList(t *testing.T) {
	for _, args := range [][]string{
		{"--by", "anne"}, {"--for", "Bergen AS", "--package", "skatt-naering"}, {"--by", "anne", "--role", "REGN", "--at", "2026-03-03"},
	} {
		all := items(t, args...)
		if len(all) < 4 {
			t.Fatalf("%v lists %d; the test wants more", args, len(all))
		}
		for size := 1; size <= len(all)+1; size++ {
			var pages []json.RawMessage
			token := ""
			for {
				ask := append([]string{"--page-size", string(rune('0' + size))}, args...)
				if token != "" {
					ask = append(ask, "--page", token)
				}
				page, next := itemsPage(t, ask...)
				if len(page) > size {
					t.Fatalf("%v: %d items on a page of %d", args, len(page), size)
				}
				pages = append(pages, page...)
				if token = next; token == "" {
					break
				}
			}
			if diff := cmp.Diff(texts(all), texts(pages)); diff != "" {
				t.Errorf("%v with pages of %d: %s", args, size, diff)
			}
		}
	}
}

func texts(items []json.RawMessage) (list []string) {
	for _, item := range items {
		list = append(list, string(item))
	}
	return list
}

func items(t *testing.T, args ...string) []json.RawMessage {
	t.Helper()
	list, next := itemsPage(t, args...)
	if next != "" {
		t.Fatalf("%v has more than one page", args)
	}
	return list
}

func itemsPage(t *testing.T, args ...string) ([]json.RawMessage, string) {
	t.Helper()
	code, out, errs := ask(t, append([]string{"--demo", "list", "-o", "json", "--lang", "en"}, args...)...)
	if code != 0 {
		t.Fatalf("%v: exit status %d: %s%s", args, code, out, errs)
	}
	var list struct {
		Items []json.RawMessage
		Next  string
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	return list.Items, list.Next
}

// TestListsAsOfNow asks every list of the demo from the whole register, and again
// with --at as of the same instant, which is answered from the surroundings of
// the party alone: both must say the same.
func TestListsAsOfNow(t *testing.T) {
	at := testNow.Format(time.RFC3339)
	listed, step := 0, 1
	if testing.Short() {
		step = 3
	}
	for no := 1; no <= 28; no += step {
		party := "urn:altinn:partyid:" + strconv.Itoa(no)
		for _, end := range []string{"--by", "--for"} {
			now, then := items(t, end, party, "--page-size", "1000"), items(t, end, party, "--page-size", "1000", "--at", at)
			if diff := cmp.Diff(texts(now), texts(then)); diff != "" {
				t.Errorf("%s %s: %s", end, party, diff)
			}
			listed += len(now)
		}
	}
	if listed < 60/step {
		t.Errorf("only %d pairs were listed", listed)
	}
}
