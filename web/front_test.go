package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestFrontInEveryLanguage(t *testing.T) {
	s := demoSite(t)
	for prefix, want := range map[string]string{"/": "Hvem kan handle på vegne av hvem?", "/nn/": "Kven kan handle på vegner av kven?", "/en/": "Who may act on behalf of whom?"} {
		wants(t, s.get(prefix, http.StatusOK), want, "Bergen AS", "demo")
	}
	for path, to := range map[string]string{"/?lang=en": "/en/", "/nn/?lang=nb": "/"} {
		answer, err := s.client.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := answer.Header.Get("Location"); got != to {
			t.Errorf("%s leads to %q, want %q", path, got, to)
		}
	}
}

// TestNothingComesFromElsewhere holds every page to the policy that keeps scripts
// and styles out of the HTML and other origins out altogether.
func TestNothingComesFromElsewhere(t *testing.T) {
	s := demoSite(t)
	for _, path := range []string{"/", "/tilgjengelighet", "/nowhere"} {
		request, err := http.NewRequest("GET", s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", "text/html")
		answer, err := s.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		page := s.read(answer, path, map[string]int{"/nowhere": 404}[path]+map[bool]int{true: 200}[path != "/nowhere"])
		policy := answer.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'self'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		for _, bad := range []string{" style=", "onclick", "<style", "javascript:", "http://", "https://"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s has %q in it", path, bad)
			}
		}
	}
}

func TestAssetsAreKeptForEver(t *testing.T) {
	s := demoSite(t)
	for name, address := range s.pages.assets.named {
		answer, err := s.client.Get(s.URL + address)
		if err != nil {
			t.Fatal(err)
		}
		body := s.read(answer, address, http.StatusOK)
		if len(body) == 0 || !strings.Contains(answer.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d bytes, %q", name, len(body), answer.Header.Get("Cache-Control"))
		}
	}
	s.get("/assets/other.js", http.StatusNotFound)
}
