package web

import (
	"strings"
	"sync"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/fullmakt/fullmakt/world"
)

// hostile follows every name: markup that would run a script, an address that would,
// what turns text around, and a word that no line holds.
var hostile = ` <script>hostile = 1</script>"><img src=x onerror="hostile = 1"><svg onload=hostile=1> ' onfocus=hostile=1 autofocus x=' javascript:hostile=1 {{.}} ` +
	"\u202eesrever\u2066\u200f " + strings.Repeat("Lang", 50)

// TestHostileNamesInABrowser opens every page with such names at everybody, at the
// width of a telephone: no script runs, nothing of the names becomes an element or an
// attribute, and the page is no wider than the window.
func TestHostileNamesInABrowser(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	s := exampleSite(t, func(w *world.World) {
		for i := range w.Register {
			w.Register[i].Name += hostile
		}
		for i := range w.Persons {
			w.Persons[i].Name += hostile
		}
	})
	var mu sync.Mutex
	asked := ""
	if err := chromedp.Listen(ctx, func(event any) {
		if e, ok := event.(*cdppage.EventJavascriptDialogOpening); ok {
			mu.Lock()
			defer mu.Unlock()
			asked = e.Message
		}
	}); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, viewport(320, 800, "light"))
	named := 0
	eachExample(t, func(pattern string, e example) {
		if e.file {
			return
		}
		s.signInBrowser(ctx, e.as)
		do(t, ctx, chromedp.Navigate(s.URL+e.path))
		now := evaluate[struct {
			Ran, Turned, Named bool
			Wide, Made         []string
		}](t, ctx, `({
			Ran: "hostile" in window,
			Wide: document.documentElement.scrollWidth > innerWidth ? [...document.body.querySelectorAll(":not(.scroll *)")].filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML.slice(0, 60)).slice(0, 8) : [],
			Turned: /[\u202a-\u202e\u2066-\u2069\u200e\u200f]/.test(document.documentElement.textContent),
			Named: document.body.textContent.includes("<script>hostile"),
			Made: [...document.querySelectorAll("body script, img[src=x], [onerror], [onload], [onfocus], a[href^='javascript:' i]")].map(e => e.outerHTML.slice(0, 100)),
		})`)
		if now.Named {
			named++
		}
		if now.Ran || len(now.Wide) > 0 || now.Turned || len(now.Made) > 0 {
			t.Errorf("%s: a script ran: %t; wider than the window: %q; text is turned: %t; made of names: %q", e.path, now.Ran, now.Wide, now.Turned, now.Made)
		}
	})
	if mu.Lock(); asked != "" {
		t.Errorf("a dialog was opened: %s", asked)
	}
	mu.Unlock()
	if named < 20 {
		t.Errorf("only %d pages show names", named)
	}
}
