package world_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt/world"
)

// TestEveryRuleHasItsWorld names the rules that a world can show. The others have
// their tests elsewhere: GIVE-3 to GIVE-6 and CLIENT-1 are not decisions.
func TestEveryRuleHasItsWorld(t *testing.T) {
	for _, rule := range []string{
		"SELF", "DIRECT", "NEST", "SUB", "ENK", "NEST-1", "NEST-2", "NEST-3", "NEST-4", "NEST-5", "NEST-6", "NEST-7", "NEST-8",
		"KEY-1", "FORM-1", "FORM-2", "ROLE", "LIFE-1", "LIFE-2", "LIFE-3", "SRC-1", "TIME-1", "OPEN-1", "PRIV-1", "GIVE-1", "GIVE-2",
		"CLIENT", "SCOPE-1",
	} {
		if _, err := os.Stat("../testdata/worlds/" + rule + ".txtar"); err != nil {
			t.Errorf("rule %s: %v", rule, err)
		}
	}
}

// TestCorpusReads reads every file of the decision corpus. What they answer is
// tested where the engine is (package node).
func TestCorpusReads(t *testing.T) {
	c := mustCatalogue(t)
	files, err := filepath.Glob("../testdata/worlds/*.txtar")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d corpus files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w, err := world.Parse(filepath.Base(file), data, c)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(strings.ToLower(w.Comment), strings.ToLower(name)) {
				t.Errorf("the comment does not begin with %s", name)
			}
			checks, lists, allowed := 0, 0, 0
			for _, q := range w.Questions {
				switch {
				case q.Kind != world.Check:
					lists++
				case q.Want.Allowed:
					checks++
					allowed++
				default:
					checks++
				}
			}
			if lists == 0 || allowed == 0 {
				t.Errorf("%d checks, %d of them yes, %d lists", checks, allowed, lists)
			}
		})
	}
}
