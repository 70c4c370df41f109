package web

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt/maskinporten"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/net/html"
)

// demoLogin serves a mock ID-porten that signs in Kari, and a case worker and an
// operator, for a site's options.
func demoLogin(t *testing.T) func(*Options) {
	return func(o *Options) {
		key, err := maskinporten.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		var idporten *maskinporten.IDPorten
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { idporten.ServeHTTP(w, r) }))
		t.Cleanup(server.Close)
		idporten, err = maskinporten.NewIDPorten(maskinporten.IDPortenOptions{
			Issuer: server.URL + "/idporten", Now: o.Now,
			Clients: []maskinporten.RelyingParty{{
				ID: "fullmakt", Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}},
				Redirects: []string{o.PublicURL + "/sign-in/callback"}, LogoutRedirects: []string{o.PublicURL + "/signed-out"},
			}},
			Logins: func(context.Context) ([]maskinporten.Login, error) {
				return []maskinporten.Login{
					{Ref: "kari", Name: "Kari Nordmann", Person: kariNumber}, {Ref: "stranger", Name: "Ukjent Person", Person: strangerNumber},
					{Ref: "case", Name: "Saksbehandler", Groups: []string{"other", "saksbehandler"}},
				}, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		o.SignIn = &SignInConfig{Issuer: idporten.Issuer(), ClientID: "fullmakt", Key: key, CaseWorkers: ClaimValue{"groups", "saksbehandler"}, Operators: ClaimValue{"groups", "drift"}}
	}
}

// The identity numbers of Kari, and of somebody that the demo register does not have.
const (
	kariNumber     = 12817010065
	strangerNumber = 15890310068
)

// step fetches an address and returns the answer with its body.
func (s *site) step(method, address string, form url.Values) (*http.Response, string) {
	s.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = s.URL + address
	}
	request, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := s.client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer, s.read(answer, address, answer.StatusCode)
}

// atIssuer begins a sign-in and chooses a login there, and returns where that sends
// the browser back to.
func (s *site) atIssuer(from, login string) string {
	s.t.Helper()
	answer, _ := s.step("GET", from, nil)
	_, page := s.step("GET", answer.Header.Get("Location"), nil)
	form := hiddenFields(s.t, page)
	form.Set("login", login)
	action := regexp.MustCompile(`method="post" action="([^"]+)"`).FindStringSubmatch(page)
	if action == nil {
		s.t.Fatalf("no form at the issuer:\n%s", shown(page))
	}
	answer, body := s.step("POST", action[1], form)
	if answer.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("the issuer answers %d: %s", answer.StatusCode, body)
	}
	return answer.Header.Get("Location")
}

// hiddenFields reads the hidden fields of a page's first form that is posted.
func hiddenFields(t *testing.T, page string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	fields := url.Values{}
	for n := range doc.Descendants() {
		if n.Data != "form" || attributes(n)["method"] != "post" {
			continue
		}
		for field := range n.Descendants() {
			if a := attributes(field); field.Data == "input" && a["type"] == "hidden" {
				fields.Set(a["name"], a["value"])
			}
		}
		break
	}
	return fields
}

func attributes(n *html.Node) map[string]string {
	all := map[string]string{}
	for _, a := range n.Attr {
		all[a.Key] = a.Val
	}
	return all
}

func TestSignInThroughTheDemo(t *testing.T) {
	s := demoSite(t, demoLogin(t))
	wants(t, s.get("/", http.StatusOK), "Logg inn")
	for prefix, title := range map[string]string{"": "Min side", "/nn": "Mi side", "/en": "My page"} {
		back := s.atIssuer(prefix+"/sign-in?to="+prefix+"/me", "kari")
		answer, _ := s.step("GET", back, nil)
		if got := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || got != prefix+"/me" {
			t.Fatalf("the sign-in ends with %d at %q", answer.StatusCode, got)
		}
		wants(t, s.get(prefix+"/me", http.StatusOK), title, "Kari Nordmann", "12.01.70", "Bergen AS", "Trondheim AS")
		answer, page := s.step("POST", prefix+"/sign-out", hiddenFields(t, s.get(prefix+"/me", http.StatusOK)))
		there := strings.TrimPrefix(answer.Header.Get("Refresh"), "0; url=")
		if answer.StatusCode != http.StatusOK || there == "" || !strings.Contains(page, "href") {
			t.Fatalf("signing out: %d, %q", answer.StatusCode, there)
		}
		answer, _ = s.step("GET", there, nil)
		answer, _ = s.step("GET", answer.Header.Get("Location"), nil)
		if got, want := cmp.Or(answer.Header.Get("Location"), "/signed-out"), prefix+"/signed-out"; got != want {
			t.Errorf("signed out at %q, want %q", got, want)
		}
		if answer, _ = s.step("GET", prefix+"/me", nil); answer.StatusCode != http.StatusSeeOther {
			t.Errorf("after signing out /me answers %d", answer.StatusCode)
		}
	}
}
