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
// type it. A comment "# exit status N" at its end tells how it ends, if not well.
type shellLine struct {
	where  string
	text   string
	status int
}

var statusComment = regexp.MustCompile(`\s+# exit status (\d+)$`)

// shellLines returns the shell lines of a document's console blocks, in order.
func shellLines(t *testing.T, path string) (lines []shellLine) {
	t.Helper()
	inside := false
	for i, text := range strings.Split(string(mustRead(t, path)), "\n") {
		switch {
		case strings.HasPrefix(text, "```"):
			inside = text == "```console"
		case inside && strings.HasPrefix(text, "$ "):
			line := shellLine{where: filepath.Base(path) + ":" + strconv.Itoa(i+1), text: strings.TrimPrefix(text, "$ ")}
			if m := statusComment.FindStringSubmatch(line.text); m != nil {
				line.status, _ = strconv.Atoi(m[1])
			}
			lines = append(lines, line)
		}
	}
	return lines
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
			dir := t.TempDir()
			for _, line := range lines {
				runShellLine(t, line, root, dir, bin)
			}
		})
	}
}

func runShellLine(t *testing.T, line shellLine, root, dir, bin string) {
	t.Helper()
	cmd := exec.Command("bash", "-c", line.text)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "FULLMAKT_ADDR=127.0.0.1:0", "LC_ALL=C")
	switch {
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
}

// serveAndStop starts a server, opens its front page, and stops it as Ctrl+C does.
func serveAndStop(t *testing.T, line shellLine, cmd *exec.Cmd) {
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
	address := ""
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
	go io.Copy(io.Discard, out)
	cmd.Wait() // go run ends with a status of its own after an interrupt
}
