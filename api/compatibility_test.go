package api

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// compatibilityRow is a row of the table in docs/compatibility.md.
type compatibilityRow struct {
	method, path, status, difference string
	tests                            []string
}

func compatibilityTable(t *testing.T) (rows []compatibilityRow) {
	t.Helper()
	text, err := os.ReadFile("../docs/compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 {
			t.Fatalf("%d cells in %s", len(cells), line)
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		method, path, ok := strings.Cut(strings.Trim(cells[0], "`"), " ")
		if !ok {
			t.Fatalf("no endpoint in %s", line)
		}
		rows = append(rows, compatibilityRow{method, path, cells[1], cells[3], strings.Split(cells[2], ", ")})
	}
	return rows
}

var braces = regexp.MustCompile(`\{[^}]*\}`)

// TestCompatibility: the table says what is so.
func TestCompatibility(t *testing.T) {
	a := serveAPI(t, demoNode(t), openConfig())
	tests := map[string]bool{}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`).FindAllSubmatch(text, -1) {
			tests[string(m[1])] = true
		}
	}
	routed := map[string]bool{}
	for _, rt := range a.server.routes {
		routed[rt.method+" "+rt.pattern] = true
	}
	seen, documented := map[string]bool{}, map[string]bool{}
	count := map[string]int{}
	for _, row := range compatibilityTable(t) {
		name := row.method + " " + row.path
		if seen[name] {
			t.Errorf("%s has two rows", name)
		}
		seen[name] = true
		count[row.status]++
		request := httptest.NewRequest(row.method, braces.ReplaceAllString(row.path, "1"), nil)
		_, pattern := a.server.mux.Handler(request)
		if !routed[pattern] {
			t.Errorf("%s is not routed", name)
			continue
		}
		documented[pattern] = true
		for _, test := range row.tests {
			if !tests[test] {
				t.Errorf("%s: there is no test %q", name, test)
			}
		}
		got := a.do(row.method, request.URL.Path, nil)
		problem := strings.HasPrefix(got.Header.Get("Content-Type"), "application/problem+json")
		switch row.status {
		case "not":
			if got.StatusCode != http.StatusNotImplemented || !problem || !bytes.Contains(got.body, []byte(`"AUTHZ-00000"`)) {
				t.Errorf("%s: %d %s %s", name, got.StatusCode, got.Header.Get("Content-Type"), got.body)
			}
		case "same", "partly":
			if got.StatusCode == http.StatusNotImplemented || got.StatusCode >= 500 {
				t.Errorf("%s answers %d", name, got.StatusCode)
			}
			if (row.status == "same") != (row.difference == "") {
				t.Errorf("%s is %s with the difference %q", name, row.status, row.difference)
			}
		default:
			t.Errorf("%s has the status %q", name, row.status)
		}
	}
	for _, rt := range a.server.routes {
		for _, family := range []string{"/accessmanagement/", "/authorization/", "/resourceregistry/"} {
			pattern := rt.method + " " + rt.pattern
			if strings.HasPrefix(rt.pattern, family) && !strings.HasSuffix(rt.pattern, "/{$}") && !documented[pattern] {
				t.Errorf("%s has no row", pattern)
			}
		}
	}
	if count["partly"] < 20 || count["not"] < 10 || count["same"] < 2 {
		t.Errorf("rows: %v", count)
	}
}
