package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// started is a server under test.
type started struct {
	cmd    *exec.Cmd
	url    string // without a slash at the end
	banner string
	rest   chan string // what it prints after the banner, when it has ended
}

// start starts the program's server on a free port and waits for its banner.
func start(t *testing.T, args ...string) *started {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &started{cmd: exec.CommandContext(t.Context(), self, append([]string{"serve", "--addr", "127.0.0.1:0", "--lang", "nb"}, args...)...), rest: make(chan string, 1)}
	s.cmd.Env = append(os.Environ(), asProgram+"=1")
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for !strings.Contains(s.banner, "Ctrl+C") {
		line, err := lines.ReadString('\n')
		s.banner += line
		if err != nil {
			t.Fatalf("the banner ends after %q: %v", s.banner, err)
		}
	}
	go func() {
		rest, _ := io.ReadAll(lines)
		s.rest <- string(rest)
	}()
	match := regexp.MustCompile(`Nettside +(http://127\.0\.0\.1:\d+)/\n`).FindStringSubmatch(s.banner)
	if match == nil {
		t.Fatalf("no address in %q", s.banner)
	}
	s.url = match[1]
	return s
}

// get fetches a path.
func (s *started) get(t *testing.T, path string) (*http.Response, string) {
	t.Helper()
	client := http.Client{Timeout: 30 * time.Second}
	response, err := client.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// ready asks /healthz until the server says that it is.
func (s *started) ready(t *testing.T) {
	t.Helper()
	for {
		response, body := s.get(t, "/healthz")
		var health struct {
			Status   string
			Revision int
		}
		if err := json.Unmarshal([]byte(body), &health); err != nil {
			t.Fatalf("health %q: %v", body, err)
		}
		if response.StatusCode == http.StatusOK {
			if health.Status != "ok" || health.Revision < 1 {
				t.Errorf("health %q", body)
			}
			return
		}
		if response.StatusCode != http.StatusServiceUnavailable || health.Status != "starting" {
			t.Fatalf("status %d, health %q", response.StatusCode, body)
		}
		time.Sleep(10 * time.Millisecond) // polling, not timing: the test's own limit ends it
	}
}

// interrupt sends Ctrl+C and wants a clean end.
func (s *started) interrupt(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if rest := <-s.rest; rest != "" {
		t.Errorf("after the banner came %q", rest)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

func TestServe(t *testing.T) {
	s := start(t, "--demo")
	if !strings.Contains(s.banner, "demoregister, 13 virksomheter og 13 personer · revisjon 1") || !strings.Contains(s.banner, "Alt er oppdiktet.") {
		t.Errorf("banner %q", s.banner)
	}
	s.ready(t)

	response, page := s.get(t, "/")
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("front page: status %d, %s", response.StatusCode, response.Header.Get("Content-Type"))
	}
	for _, want := range []string{`<html lang="nb"`, "er oppdiktet", "Bergen AS", "demoregister"} {
		if !strings.Contains(page, want) {
			t.Errorf("the front page lacks %q", want)
		}
	}
	for _, lang := range []string{"nn", "en"} {
		if _, page := s.get(t, "/?lang="+lang); !strings.Contains(page, `<html lang="`+lang+`"`) {
			t.Errorf("the front page in %s: %.200s", lang, page)
		}
	}
	checkHeaders(t, response)
	response, _ = s.get(t, "/nowhere")
	if response.StatusCode != http.StatusNotFound {
		t.Errorf("unknown page: status %d", response.StatusCode)
	}
	s.interrupt(t)
}

func checkHeaders(t *testing.T, response *http.Response) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", response.Request.URL.Path, name, got, want)
		}
	}
}

// TestServeSeesOtherProcesses imports into the store while a server has it open.
func TestServeSeesOtherProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes a store of its own")
	}
	dir := t.TempDir()
	data := filepath.Join(dir, "register")
	for name, text := range map[string]string{
		"1.json": `[{"organisasjonsnummer":"310000019","navn":"BERGEN AS","organisasjonsform":{"kode":"AS"}}]`,
		"2.json": `[{"organisasjonsnummer":"310000019","navn":"BERGEN NYE AS","organisasjonsform":{"kode":"AS"}},{"organisasjonsnummer":"310000027","navn":"TRONDHEIM AS","organisasjonsform":{"kode":"AS"}}]`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	load := func(name string) {
		if code, out, errs := ask(t, "--data", data, "import", filepath.Join(dir, name)); code != 0 {
			t.Fatalf("import: exit status %d: %s%s", code, out, errs)
		}
	}
	load("1.json")
	s := start(t, "--data", data)
	s.ready(t)
	organisations := regexp.MustCompile(`Virksomheter</dt><dd>(\d+)<`)
	if _, page := s.get(t, "/"); organisations.FindStringSubmatch(page)[1] != "1" || strings.Contains(page, "BERGEN") || strings.Contains(page, "oppdiktet") {
		t.Errorf("front page of a store of its own: %s", page)
	}
	load("2.json")
	_, page := s.get(t, "/")
	for organisations.FindStringSubmatch(page)[1] != "2" { // within a second; the test's own limit ends it
		time.Sleep(10 * time.Millisecond)
		_, page = s.get(t, "/")
	}
	s.interrupt(t)
}
