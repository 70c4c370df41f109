package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestPublicDemo serves the demo for all the world to look at: by any name, without
// APIs, without anybody who could change something.
func TestPublicDemo(t *testing.T) {
	s := start(t, "--demo", "--public")
	s.ready(t)
	if !strings.Contains(s.banner, "Offentlig demo") || strings.Contains(s.banner, "AuthZEN") || strings.Contains(s.banner, "Maskinporten") {
		t.Errorf("banner %q", s.banner)
	}
	request, err := http.NewRequest(http.MethodGet, s.url+"/org/310000019", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "demo.example.no" // as a proxy in front passes it on
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("by another name: status %d", answer.StatusCode)
	}
	_, page := s.get(t, "/check?subject=310000027&for=310000019")
	for _, bad := range []string{"/reference", "curl", "/operations", "/sign-in"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page speaks of %s", bad)
		}
	}
	if !strings.Contains(page, "Offentlig demo") {
		t.Error("the page does not say that the demo is public")
	}
	for path, want := range map[string]int{
		"/access/v1/evaluation": http.StatusNotFound, "/reference": http.StatusNotFound, "/maskinporten/jwk": http.StatusNotFound, "/idporten/": http.StatusNotFound,
		"/operations": http.StatusForbidden, "/org/310000019/suppliers/add": http.StatusForbidden,
	} {
		client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		answer, err := client.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s: status %d, want %d", path, answer.StatusCode, want)
		}
	}
	s.interrupt(t)
}

func TestPublicIsForMadeUpRegisters(t *testing.T) {
	for _, args := range [][]string{{"--data", t.TempDir(), "serve", "--public"}, {"--demo", "serve", "--public", "--require-token"}} {
		if code, _, errs := ask(t, args...); code != exitUsage || !strings.Contains(errs, "--public goes with --demo") {
			t.Errorf("%v: exit status %d, %s", args, code, errs)
		}
	}
}
