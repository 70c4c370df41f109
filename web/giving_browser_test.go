package web

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestJ5ByKeyboard is journey J5 with keys alone, with and without JavaScript.
func TestJ5ByKeyboard(t *testing.T) {
	ctx := browser(t)
	for _, off := range []bool{false, true} {
		s := demoSite(t, withTrial)
		// to moves the focus on until it is on something whose text or name begins with
		// words, and then presses a key there, if any.
		to := func(words string, keys ...string) {
			t.Helper()
			for range 80 {
				if evaluate[bool](t, ctx, `(document.activeElement.textContent.trim() || document.activeElement.name || "").startsWith("`+words+`")&&document.activeElement!==document.body`) {
					for _, key := range keys {
						do(t, ctx, chromedp.KeyEvent(key))
					}
					return
				}
				do(t, ctx, chromedp.KeyEvent(kb.Tab))
			}
			t.Fatalf("the focus never comes to %q", words)
		}
		says := func(words string) {
			t.Helper()
			do(t, ctx, chromedp.WaitVisible(`//*[contains(text(), "`+words+`")]`))
		}
		do(t, ctx, viewport(1280, 800, "light"), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
			return err
		}))
		s.signInBrowser(ctx, "kari")
		do(t, ctx, chromedp.Navigate(s.URL+bergenSuppliers))
		to("Legg til leverandør", kb.Enter)
		says("Leverandørens organisasjonsnummer")
		to("supplier", "310000043", kb.Enter)
		says("310 000 043 er Datahuset AS")
		to("Legg til", kb.Enter)
		says("er lagt til som leverandør")
		to("Gi fullmakt", kb.Enter)
		says("Velg hvilket API")
		to("Gi fullmakt", kb.Enter)
		says("Du kan gi dette på vegne av Bergen AS")
		to("Gi fullmakt", kb.Enter)
		says("har nå fått fullmakt til Kontroll-API")
		to("Prøv som leverandør", kb.Enter)
		says("delegation_source")
		to("Tilbake", kb.Enter)
		says("demo:kontroll.read")
		to("Slett fullmakt", kb.Enter)
		says("får ikke lenger token for 2 scope")
		to("Ja, slett", kb.Enter)
		says("har ikke lenger fullmakt")
		to("Angre", kb.Enter)
		says("Endringen er angret")
	}
}

func TestGivingInABrowser(t *testing.T) {
	s := demoSite(t, withTrial)
	ctx := browser(t)
	s.signInBrowser(ctx, "kari")
	one := bergenSuppliers + "/310000043"
	looksRight(t, ctx, "suppliers-none", s.URL+bergenSuppliers)
	looksRight(t, ctx, "suppliers-add", s.URL+bergenSuppliers+"/add")
	looksRight(t, ctx, "suppliers-add-confirm", s.URL+bergenSuppliers+"/add?supplier=310000043")
	s.does(nil, bergenSuppliers+"/add?supplier=310000043")
	looksRight(t, ctx, "suppliers-give", s.URL+one+"/give")
	looksRight(t, ctx, "suppliers-give-confirm", s.URL+one+"/give/demo-kontroll-api")
	s.does(nil, one+"/give/demo-kontroll-api", "until", "2027-07-01")
	looksRight(t, ctx, "suppliers", s.URL+bergenSuppliers)
	looksRight(t, ctx, "suppliers-try", s.URL+one+"/try?scheme=demo-kontroll-api")
	looksRight(t, ctx, "suppliers-end", s.URL+one+"/end?scheme=demo-kontroll-api")
	s.signInBrowser(ctx, "ola")
	looksRight(t, ctx, "suppliers-ola", s.URL+one)
	looksRight(t, ctx, "suppliers-ola-end", s.URL+one+"/end?scheme=demo-kontroll-api")
}

func TestUsersInABrowser(t *testing.T) {
	s := exampleSite(t)
	ctx := browser(t)
	s.signInBrowser(ctx, "kari")
	one := bergenUsers + "/" + s.ref("grete")
	for name, path := range map[string]string{
		"users": bergenUsers, "user-new": bergenUsers + "/new", "user": one, "user-register": bergenUsers + "/310000027", "user-give": one + "/give", "user-give-found": one + "/give?q=skatt",
		"user-give-package": one + "/give/package/skatt-naering", "user-give-rights": one + "/give/resource/demo-skattemelding", "user-end": one + "/end?package=maskinlesbare-hendelser",
		"requests": bergenRequests, "request": bergenRequests + "/" + exampleRequest, "request-approve": bergenRequests + "/" + exampleRequest + "/approve", "request-new": bergenRequests + "/new?package=skatt-naering",
	} {
		looksRight(t, ctx, name, s.URL+path)
	}
	s.signInBrowser(ctx, "grete")
	looksRight(t, ctx, "received", s.URL+"/me/received")
}
