package xacml_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt/xacml"
)

// TestConformanceOfCommand runs the first and the last case of every file through
// the built command: policies, references and request as files of their own.
func TestConformanceOfCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command")
	}
	command := filepath.Join(t.TempDir(), "fullmakt")
	if out, err := exec.Command("go", "build", "-o", command, "../cmd/fullmakt").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	files, err := filepath.Glob("../testdata/xacml/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for _, file := range files {
		suite := corpusSuite(t, file)
		if len(suite.Cases) == 0 {
			continue
		}
		dir := t.TempDir()
		var args []string
		for i, source := range suite.Roots {
			args = append(args, "--policy", written(t, dir, "root"+strconv.Itoa(i)+".xml", source.Text))
		}
		for i, source := range suite.Refs {
			args = append(args, "--ref", written(t, dir, "ref"+strconv.Itoa(i)+".xml", source.Text))
		}
		chosen := []*xacml.Case{&suite.Cases[0]}
		if last := len(suite.Cases) - 1; last > 0 {
			chosen = append(chosen, &suite.Cases[last])
		}
		for _, c := range chosen {
			for _, request := range c.Requests {
				cases++
				path := written(t, dir, strings.ReplaceAll(request.Name, "/", "-"), request.Text)
				run := exec.Command(command, append([]string{"xacml", "eval", "--at", corpusClock.Format(time.RFC3339), "--request", path}, args...)...)
				out, err := run.Output()
				if err != nil {
					t.Errorf("%s:%d: %s: %v", file, c.Line, c.Name, err)
					continue
				}
				if diff := c.Check(out); len(diff) > 0 {
					t.Errorf("%s:%d: %s (%s)\n  %s\n%s", file, c.Line, c.Name, request.Name, strings.Join(diff, "\n  "), out)
				}
			}
		}
	}
	if cases < 100 {
		t.Errorf("%d requests, want at least 100", cases)
	}
}

// written writes a file and returns its path.
func written(t *testing.T, dir, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
