package main

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var (
	formHere  = regexp.MustCompile(`(?s)<form method="post" action="([^"]+)" class="change">(.*?)</form>`)
	hiddenOne = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)
)

// confirms opens a page that asks, and sends its form.
func (v *visitor) confirms(t *testing.T, path string) string {
	t.Helper()
	_, page := v.open(t, v.url+path, nil)
	found := formHere.FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("%s has no form:\n%s", path, page)
	}
	form := url.Values{}
	for _, field := range hiddenOne.FindAllStringSubmatch(found[2], -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	_, page = v.open(t, v.url+html.UnescapeString(found[1]), form)
	return page
}

// TestServeTriesScopes is journey J5 against the mock Maskinporten of the demo: it
// gives the supplier a token while it has the scopes, refuses the next one when they
// are taken back, and gives one again after the undo. With tokens required it is the
// same.
func TestServeTriesScopes(t *testing.T) {
	for _, flags := range [][]string{{"--demo"}, {"--demo", "--require-token"}} {
		s := start(t, flags...)
		s.ready(t)
		kari := newVisitor(t, s)
		suppliers := "/org/310000019/suppliers"
		kari.choose(t, s.url+"/sign-in?to="+suppliers, "Kari Nordmann")
		one := suppliers + "/310000043"
		try := func(want ...string) {
			t.Helper()
			_, page := kari.open(t, s.url+one+"/try?scheme=demo-kontroll-api", nil)
			for _, w := range want {
				if !strings.Contains(page, w) {
					t.Errorf("%q: what the supplier gets lacks %q:\n%s", flags, w, page)
				}
			}
		}
		try("invalid_grant", "has not delegated the scope demo:kontroll.list")
		kari.confirms(t, suppliers+"/add?supplier=310000043")
		if page := kari.confirms(t, one+"/give/demo-kontroll-api"); !strings.Contains(page, "Datahuset AS har nå fått fullmakt til Kontroll-API") {
			t.Fatalf("nothing was given:\n%s", page)
		}
		try("0192:310000019", "0192:310000043", s.url+"/</code>", "demo:kontroll.read")
		page := kari.confirms(t, one+"/end?scheme=demo-kontroll-api")
		try("invalid_grant", "has not delegated the scope")
		seq := regexp.MustCompile(`name="seq" value="(\d+)"`).FindStringSubmatch(page)
		csrf := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(page)
		kari.open(t, s.url+"/undo", url.Values{"seq": {seq[1]}, "csrf": {csrf[1]}})
		try("0192:310000043")
		s.interrupt(t)
	}
}
