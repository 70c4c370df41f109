package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/text"
	"github.com/fullmakt/fullmakt/world"
	"github.com/google/uuid"
)

// examples has an address or more of every page: those with a person are opened by
// somebody who has signed in. A route without one fails the test, so that no page
// is forgotten by the checks that walk them all.
var examples = map[string][]example{
	"/{$}":                  {{path: "/"}},
	"/search":               {{path: "/search"}, {path: "/search?q=berg"}, {path: "/search?q=zzzz"}, {path: "/search?withheld=1"}, {path: "/search?q=bergn"}},
	"/tilgjengelighet":      {{path: "/tilgjengelighet"}},
	"/org/{number}":         {{path: "/org/310000019"}, {path: "/org/310000086?package=delegerbare-maskinporten-scopes"}},
	"/signed-out":           {{path: "/signed-out"}},
	"/purpose":              {{path: "/purpose?to=/org/310000019", as: aCaseWorker}},
	"/me":                   {{path: "/me", as: "kari"}, {path: "/me", as: aCaseWorker}, {path: "/me?q=trond", as: "kari"}},
	"/org/{number}/holds":   {{path: "/org/310000078/holds"}, {path: "/org/310000078/holds?q=fjell"}},
	"/org/{number}/units":   {{path: "/org/310000019/units"}},
	"/org/{number}/history": {{path: "/org/310000019/history"}},
	// System users.
	"/org/{number}/system-users":            {{path: "/org/310000019/system-users", as: "kari"}},
	"/org/{number}/system-users/{uuid}/end": {{path: "/org/310000019/system-users/" + exampleUser + "/end", as: "kari"}},
	"/system-user-request/{id}":             {{path: "/system-user-request/" + exampleAsk, as: "kari"}, {path: "/system-user-request/" + exampleAsk, as: "grete"}},

	// Client administration.
	"/org/{number}/clients":                      {{path: "/org/310000078/clients", as: "anne"}, {path: "/org/310000078/clients?q=fjell", as: "anne"}},
	"/org/{number}/clients/{other}":              {{path: "/org/310000078/clients/310000108", as: "anne"}},
	"/org/{number}/clients/{other}/{agent}/give": {{path: "/org/310000078/clients/310000108/p20/give", as: "anne"}},
	"/org/{number}/clients/{other}/{agent}/end":  {{path: "/org/310000078/clients/310000108/p20/end", as: "anne"}},
	"/org/{number}/agents":                       {{path: "/org/310000078/agents", as: "anne"}},
	"/org/{number}/agents/add":                   {{path: "/org/310000078/agents/add", as: "anne"}},
	"/org/{number}/agents/{other}":               {{path: "/org/310000078/agents/p20", as: "anne"}},
	"/org/{number}/agents/{other}/end":           {{path: "/org/310000078/agents/p20/end", as: "anne"}},

	// Organisations.
	"/org/{number}/graph.svg": {{path: "/org/310000019/graph.svg", file: true}},
	"/org/{number}/graph.mmd": {{path: "/org/310000019/graph.mmd", file: true}},
	"/org/{number}/graph.dot": {{path: "/org/310000019/graph.dot", file: true}},

	// Questions.
	"/party/{no}": {
		{path: "/party/14"},
		{path: "/party/27"},
	},
	"/check": {
		{path: "/check"},
		{path: "/check?subject=p14&for=310000019&package=delegerbare-maskinporten-scopes"},
		{path: "/check?subject=p15&for=310000019&package=delegerbare-maskinporten-scopes"},
		{path: "/check?subject=p15&for=310000019&resource=demo-skattemelding&action=sign"},
	},
}

// What exampleSite has made: a request of a vendor's that waits, a system user, and
// a request for access.
const (
	exampleAsk  = "11111111-1111-4111-8111-111111111111"
	exampleUser = "22222222-2222-4222-8222-222222222222"

	exampleRequest = "33333333-3333-4333-8333-333333333333" // Ola's to Bergen AS
)

// exampleSite is the demo with somewhat more in it, so that no page is empty. The
// demo's world can be changed before it is served.
func exampleSite(t *testing.T, change ...func(*world.World)) *site {
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Demo(cat)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(w)
	}
	s := worldSite(t, w, cat)
	s.act("kari", func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.Give(delegation.Give{From: s.no("310000019"), To: s.no("grete"), Identified: true, Items: []delegation.Item{{Package: "maskinlesbare-hendelser"}}})
	})
	s.act("ola", func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.Ask(delegation.Ask{ID: exampleRequest, From: s.no("310000019"), To: s.no("ola"), Items: []delegation.Item{{Package: "skatt-naering"}}, Message: "Kan jeg få denne?"})
	})
	s.act("kari", func(a *delegation.Acting) (*delegation.Outcome, error) {
		scheme, _ := s.node.Registry(a.Snapshot).Scheme("demo-kontroll-api")
		return a.GiveScopes(delegation.GiveScopes{From: s.no("310000019"), To: s.no("310000043"), Schemes: []delegation.Scheme{delegation.SchemeOf(a.Snapshot, scheme)}})
	})
	s.vendorAsks(exampleAsk, "lonn", "Lønn Bergen", "maskinlesbare-hendelser", "skatt-naering")
	s.act("kari", func(a *delegation.Acting) (*delegation.Outcome, error) {
		k := delegation.SystemAsk{System: system, Owner: s.no("310000019"), Reference: "rapport", Title: "Rapporter", Packages: []string{"maskinlesbare-hendelser"}}
		made, err := s.node.NewSystemUser(context.Background(), a.Snapshot, k, fullmakt.UUID(uuid.MustParse(exampleUser)))
		if err != nil {
			return nil, err
		}
		return a.CreateSystemUser(k, made)
	})
	s.act("anne", func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.AddAgent(delegation.AddAgent{Provider: s.no("310000078"), Agent: s.no("anne")})
	})
	s.act("anne", func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.DelegateClients(delegation.DelegateClients{
			Provider: s.no("310000078"), Clients: []fullmakt.PartyNo{s.no("310000108")}, Agents: []fullmakt.PartyNo{s.no("anne")},
			Values: []delegation.Delegable{{Role: "REGN", Packages: []string{"regnskapsforer-lonn"}}},
		})
	})
	return s
}

// answersOnly are the routes that answer with no page of their own: they send the
// visitor on.
var answersOnly = []string{"/operations/live", "/sign-in", "/sign-in/callback", "/sign-out/issuer", "/accessmanagement/ui/systemuser/request", "/accessmanagement/ui/systemuser/changerequest"}

// example is a page that can be opened in the demo register.
type example struct {
	path string
	as   string // who has signed in, as the demo's lines name persons; "" for nobody
	file bool   // it is no page, but a file to fetch
}

// eachExample calls f with every page.
func eachExample(t *testing.T, f func(pattern string, e example)) {
	t.Helper()
	known := map[string]bool{}
	for _, rt := range routes() {
		if rt.method != http.MethodGet || slices.Contains(answersOnly, rt.pattern) {
			continue
		}
		known[rt.pattern] = true
		if len(examples[rt.pattern]) == 0 {
			t.Errorf("the page %s has no example: add one to examples", rt.pattern)
		}
		for _, e := range examples[rt.pattern] {
			f(rt.pattern, e)
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(examples)) {
		if !known[pattern] {
			t.Errorf("there is no page %s any more", pattern)
		}
	}
}

// TestEveryPageHasAnExample opens each of them.
func TestEveryPageHasAnExample(t *testing.T) {
	s := exampleSite(t)
	eachExample(t, func(pattern string, e example) {
		if e.as != "" {
			s.signIn(e.as)
		}
		for _, lang := range text.Langs() {
			s.get(prefix(lang)+e.path, http.StatusOK)
		}
	})
}

// violation is one rule of axe's that a page breaks.
type violation struct {
	ID    string
	Help  string
	Nodes []string
}

// axeRun runs some of axe's rules. In light they are those of WCAG 2.1, levels A and
// AA, and what axe calls best practice; in dark, where the page is the same but for
// its colours, those that look at colours.
const (
	axeRun = `axe.run(document, {runOnly: %s})
	.then(r => r.violations.map(v => ({ID: v.id, Help: v.help, Nodes: v.nodes.map(n => n.html.slice(0, 200) + " " + (n.any[0]?.message || ""))})))`
	axeLight = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]`
	axeDark  = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`
)

// TestAxe runs axe-core on every page, in every language, in light and dark.
func TestAxe(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	source, err := os.ReadFile("bundle/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("axe-core is missing: npm ci in web/bundle brings it, as ./test.sh does: %v", err)
	}
	s := exampleSite(t)
	pages := 0
	eachExample(t, func(pattern string, e example) {
		if e.file {
			return
		}
		for _, lang := range text.Langs() {
			s.signInBrowser(ctx, e.as)
			address := prefix(lang) + e.path
			do(t, ctx, viewport(1280, 800, "light"), chromedp.Navigate(s.URL+address))
			evaluate[any](t, ctx, string(source)+"; null")
			for scheme, rules := range map[string]string{"light": axeLight, "dark": axeDark} {
				do(t, ctx, viewport(1280, 800, scheme))
				found, err := chromedp.Run(ctx, chromedp.Evaluate[[]violation](fmt.Sprintf(axeRun, rules), chromedp.EvalAwaitPromise))
				if err != nil {
					t.Fatalf("%s: %v", address, err)
				}
				for _, v := range found {
					t.Errorf("%s in %s: %s (%s):\n\t%s", address, scheme, v.Help, v.ID, strings.Join(v.Nodes, "\n\t"))
				}
				pages++
			}
		}
	})
	t.Logf("%d pages looked at", pages)
}

// TestPagesHoldTogether walks every page at the width of a telephone and of a desk:
// nothing comes from elsewhere, nothing is wider than the window, nothing is
// logged to the console, and what is asked for is there.
func TestPagesHoldTogether(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	s := exampleSite(t)
	var mu sync.Mutex
	var trouble []string
	if err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(e.Request.URL); err == nil && u.Scheme != "data" && "http://"+u.Host != s.URL {
				trouble = append(trouble, "asks "+u.Scheme+"://"+u.Host)
			}
		case *network.EventResponseReceived:
			if e.Response.Status >= 400 {
				trouble = append(trouble, fmt.Sprint(e.Response.URL, " answers ", e.Response.Status))
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		return err
	}))
	eachExample(t, func(pattern string, e example) {
		if e.file {
			return
		}
		s.signInBrowser(ctx, e.as)
		name := strings.Trim(strings.NewReplacer("/", "-", "?", "-", "&", "-", "=", "-").Replace(e.path), "-")
		looksRight(t, ctx, "page-"+name, s.URL+e.path)
		if title := evaluate[string](t, ctx, `document.title`); !strings.HasSuffix(title, " – fullmakt") {
			t.Errorf("%s: title %q", e.path, title)
		}
		if n := evaluate[int](t, ctx, `document.querySelectorAll("h1").length`); n != 1 {
			t.Errorf("%s: %d headings of the first level", e.path, n)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, what := range trouble {
			t.Errorf("%s: %s", e.path, what)
		}
		trouble = nil
	})
}

// signInBrowser gives the browser the session of a person, or of nobody.
func (s *site) signInBrowser(ctx context.Context, person string) {
	s.t.Helper()
	do(s.t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, network.ClearBrowserCookies, cdp.Empty{}); err != nil || person == "" {
			return err
		}
		s.signIn(person)
		u, err := url.Parse(s.URL)
		if err != nil {
			return err
		}
		for _, c := range s.client.Jar.Cookies(u) {
			if _, err := cdp.Call(ctx, target, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: s.URL, Path: "/", HTTPOnly: new(true)}); err != nil {
				return err
			}
		}
		return nil
	}))
}
