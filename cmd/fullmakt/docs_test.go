package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shellLine is one line of a document that begins with "$ ", as a reader would
// type it, with the lines that continue it: after a backslash at its end, or inside
// single quotes. A comment "# exit status N" at its end tells how it ends, if not
// well.
type shellLine struct {
	where  string
	text   string
	status int
	// shown are the lines below it, which its output must have, in this order. An
	// ellipsis (…) in them stands for anything.
	shown []string
}

var statusComment = regexp.MustCompile(`\s+# exit status (\d+)$`)

// shellLines returns the shell lines of a document's console blocks, in order.
func shellLines(t *testing.T, path string) (lines []shellLine) {
	t.Helper()
	inside, goesOn := false, false
	for i, text := range strings.Split(string(mustRead(t, path)), "\n") {
		switch {
		case goesOn:
			last := &lines[len(lines)-1]
			last.text += "\n" + text
			goesOn = unfinished(last.text)
		case strings.HasPrefix(text, "```"):
			inside = text == "```console"
		case inside && strings.HasPrefix(text, "$ "):
			line := shellLine{where: filepath.Base(path) + ":" + strconv.Itoa(i+1), text: strings.TrimPrefix(text, "$ ")}
			if m := statusComment.FindStringSubmatch(line.text); m != nil {
				line.status, _ = strconv.Atoi(m[1])
			}
			lines = append(lines, line)
			goesOn = unfinished(line.text)
		case inside && len(lines) > 0 && strings.TrimSpace(text) != "":
			last := &lines[len(lines)-1]
			last.shown = append(last.shown, text)
		}
	}
	return lines
}

// unfinished reports whether a shell would wait for another line.
func unfinished(text string) bool {
	return strings.HasSuffix(text, `\`) || strings.Count(text, "'")%2 == 1
}

// showsAll reports whether output has the shown lines; if not, which is missing.
func showsAll(output string, shown []string) (missing string, ok bool) {
	for _, line := range shown {
		for part := range strings.SplitSeq(line, "…") {
			_, after, found := strings.Cut(output, part)
			if !found {
				return line, false
			}
			output = after
		}
	}
	return "", true
}

// TestDocumentsRun runs every shell line of the README and the documents, in
// order, in a directory of each document's own, with fullmakt on the path.
func TestDocumentsRun(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	documents, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	tutorials, err := filepath.Glob(filepath.Join(root, "docs", "tutorials", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "fullmakt"), ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	for _, path := range append([]string{filepath.Join(root, "README.md")}, append(documents, tutorials...)...) {
		lines := shellLines(t, path)
		if len(lines) == 0 {
			if filepath.Base(path) == "README.md" {
				t.Error("the README has no shell lines; does it still use console blocks?")
			}
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			d := &document{root: root, dir: t.TempDir(), env: append(os.Environ(),
				"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "FULLMAKT_ADDR=127.0.0.1:0", "LC_ALL=C")}
			for _, line := range lines {
				d.run(t, line)
			}
		})
	}
}

// document is one whose lines are being run. Each line has a shell of its own; what
// goes from one to the next is what "export NAME=..." sets, and a server that
// "fullmakt ... serve ... &" has started.
type document struct {
	root, dir string
	env       []string
	address   string // of the server, once it runs
}

// defaultAddress is where a reader's server listens; a test's has a port of its own.
const defaultAddress = "http://127.0.0.1:8080"

var exportLine = regexp.MustCompile(`^export ([A-Z_]+)=`)

func (d *document) run(t *testing.T, line shellLine) {
	t.Helper()
	root := d.root
	if d.address != "" {
		line.text = strings.ReplaceAll(line.text, defaultAddress, d.address)
	}
	cmd := exec.Command("bash", "-c", line.text)
	cmd.Dir, cmd.Env = d.dir, d.env
	switch {
	case strings.Contains(line.text, " serve") && strings.HasSuffix(line.text, "&"):
		d.serve(t, line)
		return
	case exportLine.MatchString(line.text):
		// A shell's variables end with it, so the value is printed and kept.
		name := exportLine.FindStringSubmatch(line.text)[1]
		cmd.Args[2] = "set -o pipefail\n" + strings.TrimPrefix(line.text, "export ") + ` && printf %s "$` + name + `"`
		value, err := cmd.Output()
		if err != nil || len(value) == 0 {
			t.Fatalf("%s: %s\n%v: %q", line.where, line.text, err, value)
		}
		d.env = append(d.env, name+"="+string(value))
		return
	case strings.HasPrefix(line.text, "./test.sh"):
		// This test runs inside it; that it can be run is what is left to see.
		if out, err := exec.Command("bash", "-n", filepath.Join(root, "test.sh")).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", line.where, err, out)
		}
		return
	case strings.HasPrefix(line.text, "go run"):
		cmd.Dir = root
	}
	if strings.Contains(line.text, " serve") {
		serveAndStop(t, line, cmd)
		return
	}
	out, err := cmd.CombinedOutput()
	if status := cmd.ProcessState.ExitCode(); status != line.status {
		t.Errorf("%s: %s\nexit status %d, want %d (%v)\n%s", line.where, line.text, status, line.status, err, out)
	}
	if missing, ok := showsAll(string(out), line.shown); !ok {
		t.Errorf("%s: %s\nthe document shows %q, and this is printed:\n%s", line.where, line.text, missing, out)
	}
}

// serve starts a server that runs until the document ends, and then is stopped as
// Ctrl+C does. The lines that follow have its address where they name the default
// one.
func (d *document) serve(t *testing.T, line shellLine) {
	t.Helper()
	cmd := exec.Command("bash", "-c", "exec "+strings.TrimSuffix(line.text, "&"))
	cmd.Dir, cmd.Env = d.dir, d.env
	d.address = startServer(t, line, cmd)
	d.env = append(d.env, "FULLMAKT_URL="+d.address, "FULLMAKT_ISSUER="+d.address+"/maskinporten/")
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: the server ended with %v", line.where, err)
		}
	})
}

// serveAndStop starts a server, opens its front page, and stops it as Ctrl+C does.
func serveAndStop(t *testing.T, line shellLine, cmd *exec.Cmd) {
	t.Helper()
	address := startServer(t, line, cmd)
	answer, err := http.Get(address)
	if err != nil {
		t.Errorf("%s: %v", line.where, err)
	} else {
		page, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !bytes.Contains(page, []byte("Bergen AS")) {
			t.Errorf("%s: the front page answers %s", line.where, answer.Status)
		}
	}
	syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
	cmd.Wait() // go run ends with a status of its own after an interrupt
}

// startServer starts a server and returns the address that it says it has.
func startServer(t *testing.T, line shellLine, cmd *exec.Cmd) (address string) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// go run compiles first, so the patience is for that.
	timer := time.AfterFunc(5*time.Minute, func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer timer.Stop()
	for scan := bufio.NewScanner(out); scan.Scan(); {
		if address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(scan.Text()); address != "" {
			break
		}
	}
	if address == "" {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
		t.Fatalf("%s: %s says no address\n%s", line.where, line.text, errs.String())
	}
	go io.Copy(io.Discard, out)
	return address
}
