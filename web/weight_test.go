package web

import (
	"io"
	"net/http"
	"regexp"
	"testing"
)

// TestFirstLoadIsLight weighs what a browser that has nothing yet fetches for each
// page: the page, style sheets, scripts, fonts and the icon, compressed as they are
// sent. The budget is 120 kB.
func TestFirstLoadIsLight(t *testing.T) {
	const budget = 120_000
	s := exampleSite(t)
	weigh := func(path string) int {
		request, err := http.NewRequest(http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", "gzip") // set by hand, so that it arrives compressed
		answer, err := s.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: status %d, %v", path, answer.StatusCode, err)
		}
		return len(body)
	}
	assets := 0
	for name, address := range s.pages.assets.named {
		if name != "LICENSES.txt" {
			assets += weigh(address)
		}
	}
	heaviest, which := 0, ""
	eachExample(t, func(_ string, e example) {
		if e.as != "" {
			s.signIn(e.as)
		}
		if n := assets + weigh(e.path); n > heaviest {
			heaviest, which = n, e.path
		}
	})
	t.Logf("assets %d bytes, heaviest first load %d bytes: %s", assets, heaviest, which)
	if heaviest > budget {
		t.Errorf("the first load of %s is %d bytes, more than %d", which, heaviest, budget)
	}
}

// TestAssetsAreNamedOnThePage sees to it that what is weighed is what is asked for.
func TestAssetsAreNamedOnThePage(t *testing.T) {
	s := demoSite(t)
	page := s.get("/", http.StatusOK)
	found := regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(found) != 5 {
		t.Errorf("the page asks for %d assets, want 5", len(found))
	}
	for _, m := range found {
		if _, ok := s.pages.assets.files[m[1]]; !ok {
			t.Errorf("the page asks for %s, which there is not", m[1])
		}
	}
}
