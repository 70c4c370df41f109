package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// visitor is a browser of sorts at a started server.
type visitor struct {
	*started
	http *http.Client
}

func newVisitor(t *testing.T, s *started) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{s, &http.Client{Jar: jar}}
}

// open follows an address to its page; form, if any, is posted.
func (v *visitor) open(t *testing.T, address string, form url.Values) (at, page string) {
	t.Helper()
	answer, err := v.http.Get(address)
	if form != nil {
		answer, err = v.http.PostForm(address, form)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Request.URL.RequestURI(), string(body)
}

// choose signs in at the login page that an address leads to.
func (v *visitor) choose(t *testing.T, address, name string) (at, page string) {
	t.Helper()
	_, page = v.open(t, address, nil)
	form := url.Values{}
	for _, field := range regexp.MustCompile(`name="([a-z_]+)" value="([^"]*)">\n`).FindAllStringSubmatch(page, -1) {
		form.Set(field[1], field[2])
	}
	ref := regexp.MustCompile(`value="([^"]+)">[^<]* ` + name + `<`).FindStringSubmatch(page)
	if ref == nil {
		t.Fatalf("%s cannot be chosen at %s:\n%s", name, address, page)
	}
	form.Set("login", ref[1])
	return v.open(t, v.url+loginPath+"/authorize", form)
}

// TestServeSignsIn signs in to the demo as its visitors do, open and with tokens
// required.
func TestServeSignsIn(t *testing.T) {
	s := start(t, "--demo")
	s.ready(t)
	kari := newVisitor(t, s)
	if at, page := kari.open(t, s.url+"/en/org/310000019", nil); at != "/en/org/310000019" || !strings.Contains(page, "Sign in") {
		t.Errorf("an open demo leads to %s", at)
	}
	// Under another name of this machine the way leads to the one that the issuer knows.
	if at, page := kari.choose(t, strings.Replace(s.url, "127.0.0.1", "localhost", 1)+"/en/sign-in?to=/en/me", "Kari Nordmann"); at != "/en/me" || !strings.Contains(page, "Trondheim AS") {
		t.Errorf("the sign-in leads to %s:\n%s", at, page)
	}
	s.interrupt(t)

	s = start(t, "--demo", "--require-token")
	s.ready(t)
	ola := newVisitor(t, s)
	if _, page := ola.choose(t, s.url+"/org/310000019", "Ola Hansen"); !strings.Contains(page, "Du har ikke tilgang") {
		t.Errorf("Ola sees Bergen AS:\n%s", page)
	}
	caseWorker := newVisitor(t, s)
	at, page := caseWorker.choose(t, s.url+"/org/310000019", "Saksbehandler")
	if at != "/purpose?to=%2Forg%2F310000019" {
		t.Fatalf("a case worker is led to %s", at)
	}
	csrf := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(page)
	if at, page = caseWorker.open(t, s.url+"/purpose", url.Values{"csrf": {csrf[1]}, "to": {"/org/310000019"}, "purpose": {"sak 2026/17"}}); at != "/org/310000019" || !strings.Contains(page, "Formål: sak 2026/17") {
		t.Errorf("with a purpose the case worker comes to %s", at)
	}
	s.interrupt(t)
}

// TestServeRefusesOpenDoors keeps a sign-in that anybody could listen to from starting.
func TestServeRefusesOpenDoors(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"secret":      "a-secret",
		"config.json": `{"authentication":{"off":true},"sign_in":{"issuer":"http://idporten.example.no","client_id":"x","secret_file":"secret"}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, _, errs := ask(t, "--demo", "serve", "--addr", "127.0.0.1:0", "--config", filepath.Join(dir, "config.json"))
	if code == 0 || !strings.Contains(errs, "sign_in") || !strings.Contains(errs, "https") {
		t.Errorf("exit status %d: %s", code, errs)
	}
}
