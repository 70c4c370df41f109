package web

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestSignInByKeyboard signs in and out with keys alone, with and without JavaScript,
// in a real browser that holds every page to its policy.
func TestSignInByKeyboard(t *testing.T) {
	ctx := browser(t) // first: quick runs end here
	s := demoSite(t, demoLogin(t), closed)
	// to moves the focus on until it is on something that says words.
	to := func(words string) {
		t.Helper()
		for range 60 {
			if evaluate[string](t, ctx, `document.activeElement.textContent.trim()`) == words {
				return
			}
			do(t, ctx, chromedp.KeyEvent(kb.Tab))
		}
		t.Fatalf("the focus never comes to %q", words)
	}
	for _, off := range []bool{false, true} {
		do(t, ctx, viewport(1280, 800, "light"), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
			return err
		}))
		// A page that wants a visitor to have signed in leads to the issuer and back.
		do(t, ctx, chromedp.Navigate(s.URL+"/org/310000019"), chromedp.WaitVisible(".demo"))
		to("Logg inn som Kari Nordmann")
		do(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".who"))
		if got := evaluate[string](t, ctx, `location.pathname + " " + document.querySelector("h1").textContent.trim()`); got != "/org/310000019 Bergen AS" {
			t.Errorf("the sign-in leads to %s", got)
		}
		to("Min side")
		do(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#acts-for"))
		to("Logg ut")
		do(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`//p[contains(., "Økten er avsluttet")]`))
		if got := evaluate[string](t, ctx, `location.pathname`); got != "/signed-out" {
			t.Errorf("signing out leads to %s", got)
		}
	}
}

// TestSignInLooksRight looks at the pages of signing in.
func TestSignInLooksRight(t *testing.T) {
	ctx := browser(t) // first: quick runs end here
	s := demoSite(t, demoLogin(t))
	looksRight(t, ctx, "login", s.URL+"/en/sign-in")
	s.signInBrowser(ctx, "kari")
	looksRight(t, ctx, "me", s.URL+"/me")
	s.signInBrowser(ctx, aCaseWorker)
	looksRight(t, ctx, "purpose", s.URL+"/purpose")
}
