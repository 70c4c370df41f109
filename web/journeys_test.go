package web

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/fullmakt/fullmakt/text"
)

// The journeys of the specification, walked in a real browser as people walk them:
// with the mouse, with the keys alone, and with the keys where JavaScript is off; in
// every language.

// patience is how long a page may take to come, on a machine that is busy.
const patience = 2 * time.Minute

// journey is one such walk.
type journey struct {
	t       *testing.T
	ctx     context.Context // the browser
	site    *site
	prefix  string // of the language, in every address
	keys    bool   // no mouse
	script  bool   // JavaScript is on
	gallery gallery
}

// walk calls a journey with each way of walking it. What a walk takes pictures of,
// a tutorial shows; it has to be all of the tutorial's.
func walk(t *testing.T, tutorial string, options func(t *testing.T) []func(*Options), way func(j *journey)) {
	taken := gallery{}
	for _, lang := range text.Langs() {
		t.Run(string(lang), func(t *testing.T) {
			ctx := browser(t)
			for _, how := range []struct {
				name         string
				keys, script bool
			}{{"mouse", false, true}, {"keys", true, true}, {"keys without JavaScript", true, false}} {
				t.Run(how.name, func(t *testing.T) {
					j := &journey{t: t, ctx: ctx, site: demoSite(t, options(t)...), prefix: prefix(lang), keys: how.keys, script: how.script}
					if lang == text.EN && !how.keys {
						j.gallery = taken
					}
					do(t, ctx, viewport(pictureWidth, pictureHeight, "light"), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
						_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !how.script})
						return err
					}))
					j.site.signInBrowser(ctx, "")
					way(j)
				})
			}
		})
	}
	if got, want := slices.Sorted(maps.Keys(taken)), slices.Sorted(slices.Values(tutorialPictures[tutorial])); !t.Failed() && !testing.Short() && !slices.Equal(got, want) {
		t.Errorf("pictures %q were taken, and %s shows %q", got, tutorial, want)
	}
}

// sees waits for the page at an address, "" for any, with some words in it.
func (j *journey) sees(path string, words ...string) {
	j.t.Helper()
	ctx, cancel := context.WithTimeout(j.ctx, patience)
	defer cancel()
	const script = `(path, words) => {
		const now = {Path: location.pathname + location.search, Text: (document.querySelector("main")?.innerText ?? "").replace(/\s+/g, " ")};
		now.There = document.readyState === "complete" && (path === "" || path === now.Path) && words.every(w => now.Text.includes(w));
		return now;
	}`
	if words == nil {
		words = []string{}
	}
	type state struct {
		There      bool
		Path, Text string
	}
	for last := (state{}); !last.There; {
		// While one page gives way to the next there is nothing to ask: it is asked again.
		if now, err := chromedp.Run(ctx, chromedp.Evaluate[state](call(script, path, words))); err == nil {
			last = now
		}
		if ctx.Err() != nil {
			j.t.Fatalf("the page %s with %q does not come; there is %s:\n%s", path, words, last.Path, last.Text)
		}
	}
}

// at is an address in the language of the journey.
func (j *journey) at(path string) string { return j.prefix + path }

// reach moves the focus with the tabulator until it is on what a selector names.
// Wherever it stops on the way, it can be seen.
func (j *journey) reach(selector string) {
	j.t.Helper()
	do(j.t, j.ctx, chromedp.WaitVisible(selector))
	for stops := range 200 {
		now := evaluate[focus](j.t, j.ctx, call(focusNow, selector))
		if !now.Seen && stops > 0 { // before the first key the window itself has no focus
			j.t.Errorf("the focus cannot be seen on %s", now.What)
		}
		if now.There {
			return
		}
		do(j.t, j.ctx, chromedp.KeyEvent(kb.Tab))
	}
	j.t.Fatalf("the tabulator never comes to %s", selector)
}

// focused waits until the focus is on what a selector names, and, if it has to, can
// be seen.
func (j *journey) focused(selector string, seen bool) {
	j.t.Helper()
	ctx, cancel := context.WithTimeout(j.ctx, patience)
	defer cancel()
	for last := (focus{}); !last.There || seen && !last.Seen; {
		if now, err := chromedp.Run(ctx, chromedp.Evaluate[focus](call(focusNow, selector))); err == nil {
			last = now
		}
		if ctx.Err() != nil {
			j.t.Fatalf("the focus is not on %s: %+v", selector, last)
		}
	}
}

// focus is what focusNow tells.
type focus struct {
	There, Seen bool
	What        string
}

// focusNow tells where the focus is, whether a selector names it, and whether it can
// be seen: an outline or a shadow around something that lies in the window.
const focusNow = `(selector) => {
	const e = document.activeElement, box = e.getBoundingClientRect();
	// A box to tick is marked together with its words.
	const marked = [e, e.closest(".ds-field")].filter(Boolean).map(e => getComputedStyle(e))
		.some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none");
	const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
	// The button within a field of a date is the browser's own, and marked by it.
	const button = e.matches("input[type=date]:not(:focus-visible)");
	return {There: e.matches(selector), Seen: e === document.body || button || e.matches(":focus-visible") && marked && inside, What: e.outerHTML.slice(0, 200)};
}`

// call is a JavaScript function applied to values.
func call(function string, values ...any) string {
	list, err := json.Marshal(values)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("(%s)(...%s)", function, list)
}

// press clicks on a link or a button, or goes to it and presses enter.
func (j *journey) press(selector string) {
	j.t.Helper()
	if !j.keys {
		do(j.t, j.ctx, chromedp.Click(selector))
		return
	}
	j.reach(selector)
	do(j.t, j.ctx, chromedp.KeyEvent(kb.Enter))
}

// fill types into a field.
func (j *journey) fill(selector, words string) {
	j.t.Helper()
	if j.keys {
		j.reach(selector)
	} else {
		do(j.t, j.ctx, chromedp.Click(selector))
	}
	do(j.t, j.ctx, chromedp.KeyEvent(words))
}

// TestJ1InABrowser is journey J1: a newcomer finds Bergen AS, sees who may act for it
// and who is stopped, and why, and copies the line that proves it.
func TestJ1InABrowser(t *testing.T) {
	t.Parallel()
	words := map[string]struct{ who, may, stopped, yes, hop, no, copied string }{
		"": {"Hvem kan handle på vegne av Bergen AS?", "Kan handle på vegne av virksomheten: 4", "mer enn ett ledd", "JA Kari Nordmann kan handle på vegne av Bergen AS",
			"Fullmakten går ett ledd videre", "NEI Ola Hansen kan ikke handle på vegne av Bergen AS: mer enn ett ledd", "Kopiert"},
		"/nn": {"Kven kan handle på vegner av Bergen AS?", "Kan handle på vegner av verksemda: 4", "meir enn eitt ledd", "JA Kari Nordmann kan handle på vegner av Bergen AS",
			"Fullmakta går eitt ledd vidare", "NEI Ola Hansen kan ikkje handle på vegner av Bergen AS: meir enn eitt ledd", "Kopiert"},
		"/en": {"Who may act on behalf of Bergen AS?", "May act on behalf of the organisation: 4", "more than one hop", "YES Kari Nordmann may act on behalf of Bergen AS",
			"The authority passes on one hop", "NO Ola Hansen may not act on behalf of Bergen AS: more than one hop", "Copied"},
	}
	walk(t, "the-page-in-a-minute.md", func(*testing.T) []func(*Options) { return nil }, func(j *journey) {
		t, say := j.t, words[j.prefix]
		const bergen = "/org/310000019"
		kari, ola := fmt.Sprint("p", j.site.no("kari")), fmt.Sprint("p", j.site.no("ola"))

		// The focus is in the search from the beginning.
		do(t, j.ctx, chromedp.Navigate(j.site.URL+j.at("/")))
		j.focused("#q", false) // the window itself has no focus before the first key
		do(t, j.ctx, chromedp.KeyEvent("Berg"))
		j.focused("#q", true)
		switch suggestion := `#suggestions a[href$="` + bergen + `"]`; {
		case !j.script: // a search like any other
			do(t, j.ctx, chromedp.KeyEvent(kb.Enter))
			j.sees(j.at("/search?q=Berg"), "Bergen AS", "310 000 019")
			j.press(`.hits a[href$="` + bergen + `"]`)
		case j.keys:
			do(t, j.ctx, chromedp.WaitVisible(suggestion), chromedp.KeyEvent(kb.ArrowDown))
			j.focused(suggestion, true)
			do(t, j.ctx, chromedp.KeyEvent(kb.Enter))
		default:
			do(t, j.ctx, chromedp.WaitVisible(suggestion))
			j.picture("search", "body")
			j.press(suggestion)
		}

		// The drawing and the table say the same.
		j.sees(j.at(bergen), say.who, say.may, "Kari Nordmann", "Trondheim AS", "Ola Hansen", say.stopped)
		for drawn, selector := range map[string]string{"Kari may act": `svg.graph a.acts[href$="` + kari + `"]`, "Ola is stopped": `svg.graph a.stopped[href$="` + ola + `"]`} {
			if !evaluate[bool](t, j.ctx, call(`(s) => document.querySelector(s) !== null`, selector)) {
				t.Errorf("the drawing does not show that %s", drawn)
			}
		}
		j.picture("who-may-act", "main h2")

		j.press(`svg.graph a[href$="subject=` + kari + `"]`)
		j.sees(j.at("/check?for=310000019&subject="+kari), say.yes, say.hop, "NEST-1")
		j.picture("why-kari", "body")
		if got := evaluate[string](t, j.ctx, `document.getElementById("copy-cli").textContent`); got != `fullmakt --demo explain "Kari Nordmann" --for "Bergen AS"` {
			t.Errorf("the command to copy is %s", got)
		}
		if j.script {
			j.press(`button[data-copy="copy-cli"]`)
			j.sees("", say.copied)
		} else {
			j.reach(`pre:has(#copy-cli)`) // to be marked and copied by hand
		}

		j.press(`.crumbs a[href$="` + bergen + `"]`)
		j.sees(j.at(bergen), say.who)
		j.press(`#refused a[href$="subject=` + ola + `"]`)
		j.sees(j.at("/check?for=310000019&subject="+ola), say.no, "NEST-3")
		j.picture("why-ola", "body")
	})
}

// TestJ5InABrowser is journey J5: Kari signs in, makes Datahuset AS a supplier of
// Bergen AS, gives it an API, tries it as the supplier, takes it back after having
// seen what that does, and undoes it.
func TestJ5InABrowser(t *testing.T) {
	t.Parallel()
	signedIn := func(t *testing.T) []func(*Options) { return []func(*Options){demoLogin(t), withTrial} }
	walk(t, "give-a-supplier-access-on-the-page.md", signedIn, func(j *journey) {
		t, say := j.t, supplierWords[j.prefix]
		list := j.at(bergenSuppliers)
		one := list + "/310000043"

		// From the front page, through the issuer and back, to the part to act for.
		do(t, j.ctx, chromedp.Navigate(j.site.URL+j.at("/")))
		j.press(".who a")
		j.sees("", "Kari Nordmann")
		j.press(`button[value="kari"]`)
		j.sees(j.at("/"))
		j.press(`.menu a[href$="/me"]`)
		j.sees(j.at("/me"), "Kari Nordmann", "Bergen AS")
		j.press(`main th a[href$="/org/310000019"]`)
		j.sees(j.at("/org/310000019"))
		j.press(`.parts a[href$="/suppliers"]`)
		j.sees(list)

		// The name is shown before anything is done.
		j.press(`main a[href$="/suppliers/add"]`)
		j.sees(list + "/add")
		j.fill("#supplier", "310000043")
		j.press(".confirm form button")
		j.sees(list+"/add?supplier=310000043", say.named)
		j.picture("add-a-supplier", "body")
		j.press("form.change button")
		j.sees(one, say.added)

		j.press(`main a[href$="/give"]`)
		j.sees(one + "/give")
		j.fill("main #q", "kontroll")
		if !j.script { // with it the list follows what is typed
			do(t, j.ctx, chromedp.KeyEvent(kb.Enter))
		}
		j.sees(one+"/give?q=kontroll", "demo:kontroll.read", say.asked)
		j.press(`main a[href$="/give/demo-kontroll-api"]`)
		j.sees(one+"/give/demo-kontroll-api", say.asked)
		until := []string{}
		if j.keys { // the last day may be left out
			j.fill("#until", "07072027") // the same day in every order of day and month
			until = []string{"2027"}
		}
		j.press("form.change button")
		j.sees("", append(until, say.given, "demo:kontroll.read", say.asked)...)

		j.press(`main a[href$="/try?scheme=demo-kontroll-api"]`)
		j.sees(one+"/try?scheme=demo-kontroll-api", "0192:310000019", "0192:310000043", "delegation_source")
		j.picture("try-as-the-supplier", "main h1")
		j.press(`main .buttons a[href$="/suppliers/310000043"]`)
		j.sees(one)

		// The consequence before, and nothing for the supplier at once after.
		j.press(`main a[href$="/end?scheme=demo-kontroll-api"]`)
		j.sees(one+"/end?scheme=demo-kontroll-api", say.effect)
		j.picture("take-it-back", "body")
		j.press("form.change button")
		j.sees("", say.gone)
		j.site.signIn("kari")
		wants(t, j.site.get(one+"/try?scheme=demo-kontroll-api", http.StatusOK), "invalid_grant")

		j.press(`.notice form button`)
		j.sees("", say.back, "demo:kontroll.read")
		wants(t, j.site.get(one+"/try?scheme=demo-kontroll-api", http.StatusOK), "0192:310000043")
	})
}
