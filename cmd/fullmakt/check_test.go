package main

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPageCommandsRun asks on the page of a real server, and runs what it offers to
// copy: the link opens the same answer, curl gets the same decision, the command line
// says the same, and each remedy's command is one that would do it.
func TestPageCommandsRun(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("no curl: install it (Debian: apt-get install curl)")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "fullmakt")); err != nil {
		t.Fatal(err)
	}
	shell := func(line string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
		cmd.Env = append(os.Environ(), asProgram+"=1", "PATH="+bin+":"+os.Getenv("PATH"), "FULLMAKT_LANG=nb")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	s := start(t, "--demo")
	s.ready(t)
	offered := regexp.MustCompile(`<code id="([a-z0-9-]+)">([^<]*)</code>`)
	for _, c := range []struct {
		form   url.Values
		yes    bool
		answer string // of the search for what may be done, which has no decision
		fixes  int
	}{
		{form: url.Values{"subject": {"ola"}, "for": {"Bergen AS"}, "what": {"package"}, "package": {"delegerbare-maskinporten-scopes"}}, fixes: 1},
		{form: url.Values{"subject": {"kari"}, "for": {"Bergen AS"}, "what": {"package"}, "package": {"skatt-naering"}}, yes: true},
		{form: url.Values{"subject": {"trondheim-integrasjon"}, "for": {"Bergen AS"}, "what": {"role"}, "role": {"DAGL"}}, yes: true},
		{form: url.Values{"subject": {"trondheim-rapport"}, "for": {"Bergen AS"}, "what": {"package"}, "package": {"maskinlesbare-hendelser"}}, fixes: 1},
		{form: url.Values{"subject": {"ola"}, "for": {"Bergen AS"}, "what": {"service"}, "resource": {"demo-skattemelding"}, "action": {"sign"}}, fixes: 1},
		{form: url.Values{"subject": {"anne"}, "for": {"nina"}}, yes: true, answer: `"urn:altinn:accesspackage:regnskapsforer-lonn"`},
	} {
		response, err := http.PostForm(s.url+"/check", c.form)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		_, page := s.get(t, strings.TrimPrefix(response.Request.URL.String(), s.url))
		word := map[bool]string{true: "JA", false: "NEI"}[c.yes]
		fixes := 0
		for _, match := range offered.FindAllStringSubmatch(page, -1) {
			id, line := match[1], html.UnescapeString(match[2])
			switch {
			case id == "copy-link":
				if line != response.Request.URL.String() && !sameQuestion(t, line, response.Request.URL.String()) {
					t.Errorf("the link is %s, the page %s", line, response.Request.URL)
				}
			case id == "copy-curl":
				out, err := shell(line)
				if err != nil {
					t.Errorf("%s: %v\n%s", line, err, out)
				}
				var answer struct{ Decision *bool }
				if err := json.Unmarshal([]byte(out), &answer); err != nil {
					t.Errorf("%s answers %s", line, out)
				} else if c.answer == "" && (answer.Decision == nil || *answer.Decision != c.yes) || !strings.Contains(out, c.answer) {
					t.Errorf("%s answers %s, want %v", line, out, c.yes)
				}
			case id == "copy-cli":
				out, err := shell(line)
				if (err == nil) != c.yes || !strings.HasPrefix(out, word+" ") {
					t.Errorf("%s says %v, want %s\n%s", line, err, word, out)
				}
			case strings.Contains(line, " eckey "): // the demo itself cannot be changed, and this command has no trial
				fixes++
			default:
				fixes++
				if out, err := shell(line); err != nil {
					t.Errorf("%s: %v\n%s", line, err, out)
				}
			}
		}
		if fixes < c.fixes {
			t.Errorf("%v: %d remedies with a command, want %d", c.form, fixes, c.fixes)
		}
	}
	s.interrupt(t)
}

// sameQuestion reports whether two addresses ask the same.
func sameQuestion(t *testing.T, a, b string) bool {
	t.Helper()
	one, err := url.Parse(a)
	if err != nil {
		t.Fatal(err)
	}
	other, err := url.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return one.Host == other.Host && one.Path == other.Path && one.Query().Encode() == other.Query().Encode()
}
