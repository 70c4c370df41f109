package fullmakt_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/fullmakt/fullmakt"

// mayImport tells, for each package, which of our own it may import: the
// direction that docs/ARCHITECTURE.md draws. A package that is not named here
// does not belong in the house before an ADR says why.
var mayImport = map[string][]string{
	"":                 {},
	"catalogue":        {""},
	"enhetsregisteret": {""},
	"store/sqlite":     {""},
	"audit":            {""},
	"client":           {""},
	"maskinporten":     {""},
	"xacml":            {},
	"store/storetest":  {"", "store/sqlite"},
	"world":            {"", "catalogue"},
	"index":            {"", "catalogue"},
	"pdp":              {"", "catalogue", "index"},
	"registry":         {"", "catalogue", "index", "pdp", "xacml"},
	"delegation":       {"", "catalogue", "index", "pdp", "registry", "xacml"},
	"text":             {"", "catalogue", "index", "pdp", "registry", "xacml"},
	"node":             {"", "catalogue", "enhetsregisteret", "store/sqlite", "world", "index", "pdp", "registry", "delegation"},
	"api":              {"", "catalogue", "enhetsregisteret", "store/sqlite", "world", "index", "pdp", "xacml", "registry", "delegation", "node", "text", "audit"},
	"web":              {"", "catalogue", "enhetsregisteret", "store/sqlite", "index", "pdp", "xacml", "registry", "delegation", "node", "text", "audit", "world"},
	"cmd/fullmakt":     {"*"},
}

// TestImportDirection lists every package with what it imports, and fails on an
// import that goes the wrong way and on twenty packages or more.
func TestImportDirection(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages++
		name := within(p.ImportPath)
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("package %s is not in the house: name it in mayImport and in docs/ARCHITECTURE.md", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			own := i == module || strings.HasPrefix(i, module+"/")
			if own && !slices.Contains(allowed, "*") && !slices.Contains(allowed, within(i)) {
				t.Errorf("%s imports %s, which it may not", p.ImportPath, i)
			}
			if name == "" && strings.Contains(i, ".") {
				t.Errorf("the root package imports %s; it may use the standard library only", i)
			}
		}
	}
	if packages < len(mayImport) || packages >= 20 {
		t.Errorf("%d packages, want those %d of the house and fewer than 20", packages, len(mayImport))
	}
}

func within(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}
