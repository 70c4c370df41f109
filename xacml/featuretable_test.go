package xacml

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var codeSpan = regexp.MustCompile("`([^`]+)`")

// TestFeatureTable holds docs/xacml.md to the engine: every function, data-type
// and combining algorithm has a row, and every test and case file that is named
// exists. A case file named for a function uses it.
func TestFeatureTable(t *testing.T) {
	page, err := os.ReadFile("../docs/xacml.md")
	if err != nil {
		t.Fatal(err)
	}
	_, tables, ok := strings.Cut(string(page), "\n# Feature table\n")
	if !ok {
		t.Fatal("docs/xacml.md has no feature table")
	}
	tests := testNames(t)
	rows := map[string][]string{} // what the first code span of a row names, by where it is tested
	for line := range strings.Lines(tables) {
		for _, span := range codeSpan.FindAllStringSubmatch(line, -1) {
			switch name := span[1]; {
			case strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz"):
				if !slices.Contains(tests, name) {
					t.Errorf("there is no %s", name)
				}
			case isCaseFile(name):
				if _, err := os.Stat(caseFile(name)); err != nil {
					t.Errorf("there are no cases %s", name)
				}
			}
		}
		if cells := strings.Split(line, "|"); len(cells) >= 4 {
			first, last := codeSpan.FindStringSubmatch(cells[1]), codeSpan.FindAllStringSubmatch(cells[len(cells)-2], -1)
			for _, by := range last {
				if first != nil {
					rows[first[1]] = append(rows[first[1]], by[1])
				}
			}
		}
	}
	for _, id := range functionIDs() {
		parts := strings.Split(id, ":")
		name := parts[5] + ":" + parts[7]
		if len(rows[name]) == 0 {
			t.Errorf("the function %s has no row", name)
		}
		for _, by := range rows[name] {
			if isCaseFile(by) && !usesFunction(t, by, parts[5], parts[7]) {
				t.Errorf("the cases %s have none of %s", by, name)
			}
		}
	}
	for name := range algorithms {
		if len(rows[name]) == 0 {
			t.Errorf("the combining algorithm %s has no row", name)
		}
	}
	for _, typ := range primitiveTypes {
		if len(rows[typ.name()]) == 0 {
			t.Errorf("the data-type %s has no row", typ.name())
		}
	}
}

// isCaseFile tells whether a code span names a file of cases: CHAPTER/NAME.
func isCaseFile(name string) bool {
	chapter, _, ok := strings.Cut(name, "/")
	if !ok || strings.ContainsAny(name, " .:") {
		return false
	}
	info, err := os.Stat(filepath.Join("../testdata/xacml", chapter))
	return err == nil && info.IsDir()
}

func caseFile(name string) string {
	return filepath.Join("../testdata/xacml", filepath.FromSlash(name)+".txtar")
}

// usesFunction tells whether a file of cases has the function, as tables of
// expressions and policies write it.
func usesFunction(t *testing.T, file, version, name string) bool {
	text, err := os.ReadFile(caseFile(file))
	if err != nil {
		return false
	}
	short := map[string]string{"1.0": "", "2.0": "2.0:", "3.0": "3.0:"}[version] + name
	prefix := map[string]string{"1.0": "f:", "2.0": "f2:", "3.0": "f3:"}[version]
	inTable := regexp.MustCompile(`(?m)(^|[(, &])` + regexp.QuoteMeta(short) + `[(,]`)
	return inTable.Match(text) || strings.Contains(string(text), `"`+prefix+name+`"`)
}

// testNames returns the names of the package's tests and fuzz targets.
func testNames(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}
