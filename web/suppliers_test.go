package web

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"golang.org/x/net/html"
)

// form reads the first POST form of a page: where it goes, and what it carries. The
// fields of a last day and of picks are there as the page has them.
func form(t *testing.T, page string) (action string, values url.Values) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	attr := func(n *html.Node, name string) (string, bool) {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val, true
			}
		}
		return "", false
	}
	var find func(*html.Node, func(*html.Node) bool) *html.Node
	find = func(n *html.Node, is func(*html.Node) bool) *html.Node {
		if is(n) {
			return n
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if found := find(c, is); found != nil {
				return found
			}
		}
		return nil
	}
	found := find(doc, func(n *html.Node) bool {
		if n.Type != html.ElementNode || n.Data != "form" {
			return false
		}
		class, _ := attr(n, "class")
		return class == "change"
	})
	if found == nil {
		t.Fatalf("the page has no form:\n%s", shown(page))
	}
	values = url.Values{}
	find(found, func(n *html.Node) bool {
		if n.Type == html.ElementNode && (n.Data == "input" || n.Data == "textarea") {
			name, _ := attr(n, "name")
			value, _ := attr(n, "value")
			kind, _ := attr(n, "type")
			_, checked := attr(n, "checked")
			if (kind != "checkbox" && kind != "radio") || checked {
				values.Add(name, value)
			}
		}
		return false
	})
	action, _ = attr(found, "action")
	return action, values
}

// does opens a page that asks, changes some fields of its form, sends it, and
// returns the page that the browser then shows.
func (s *site) does(one *session, path string, fields ...string) string {
	s.t.Helper()
	action, values := form(s.t, s.get(path, http.StatusOK))
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	answer, _ := s.post(one, action, values, http.StatusSeeOther)
	return s.get(answer.Header.Get("Location"), http.StatusOK)
}

// undoes presses the button of the page's notice.
func (s *site) undoes(one *session, path, page string) string {
	s.t.Helper()
	match := regexp.MustCompile(`name="seq" value="(\d+)"`).FindStringSubmatch(page)
	if match == nil {
		s.t.Fatalf("the page has nothing to undo:\n%s", shown(page))
	}
	return s.undoesRevision(one, path, match[1])
}

// undoesRevision presses the button of a notice about a revision on some page.

func (s *site) undoesRevision(one *session, path, seq string) string {
	s.t.Helper()
	lang := ""
	if strings.HasPrefix(path, "/nn/") || strings.HasPrefix(path, "/en/") {
		lang = path[:3]
	}
	request, err := http.NewRequest("POST", s.URL+lang+"/undo", strings.NewReader(url.Values{"seq": {seq}, "csrf": {one.csrf}}.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Referer", s.URL+path)
	answer, err := s.client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	s.read(answer, "/undo", http.StatusSeeOther)
	if got := answer.Header.Get("Location"); got != path {
		s.t.Errorf("after the undo the way leads to %q, want %q", got, path)
	}
	return s.get(path, http.StatusOK)
}

func init() {
	maps.Copy(examples, map[string][]example{
		"/org/{number}/suppliers":                       {{path: "/org/310000019/suppliers"}, {path: "/org/310000019/suppliers", as: "kari"}},
		"/org/{number}/suppliers/add":                   {{path: "/org/310000019/suppliers/add", as: "kari"}, {path: "/org/310000019/suppliers/add?supplier=310000043", as: "kari"}},
		"/org/{number}/suppliers/{other}":               {{path: "/org/310000019/suppliers/310000043", as: "kari"}},
		"/org/{number}/suppliers/{other}/give":          {{path: "/org/310000019/suppliers/310000043/give", as: "kari"}},
		"/org/{number}/suppliers/{other}/give/{scheme}": {{path: "/org/310000019/suppliers/310000043/give/demo-kontroll-api", as: "kari"}},
		"/org/{number}/suppliers/{other}/end":           {{path: "/org/310000019/suppliers/310000043/end", as: "kari"}},
		"/org/{number}/suppliers/{other}/try":           {{path: "/org/310000019/suppliers/310000043/try?scheme=demo-kontroll-api", as: "kari"}},
		"/org/{number}/consumers":                       {{path: "/org/310000043/consumers", as: "silje"}},
		"/org/{number}/consumers/{other}":               {{path: "/org/310000043/consumers/310000019", as: "silje"}},
		"/org/{number}/consumers/{other}/end":           {{path: "/org/310000043/consumers/310000019/end", as: "silje"}},
	})
}

const bergenSuppliers = "/org/310000019/suppliers"

// supplierWords is what the pages say on the way of journey J5, by the language's
// prefix.
var supplierWords = map[string]struct{ named, added, asked, given, gone, effect, back string }{
	"": {"310 000 043 er Datahuset AS (AS)", "Datahuset AS er lagt til som leverandør", "via Trondheim AS, daglig leder", "Datahuset AS har nå fått fullmakt til Kontroll-API",
		"Datahuset AS har ikke lenger fullmakt til Kontroll-API", "Datahuset AS får ikke lenger token for 2 scope på vegne av Bergen AS (Kontroll-API: demo:kontroll.read, demo:kontroll.list). Utstedte token varer til de utløper.", "Endringen er angret"},
	"/nn": {"310 000 043 er Datahuset AS (AS)", "Datahuset AS er lagd til som leverandør", "via Trondheim AS, dagleg leiar", "Datahuset AS har no fått fullmakt til Kontroll-API",
		"Datahuset AS har ikkje lenger fullmakt til Kontroll-API", "Datahuset AS får ikkje lenger token for 2 scope på vegner av Bergen AS", "Endringa er angra"},
	"/en": {"310 000 043 is Datahuset AS (AS)", "Datahuset AS has been added as a supplier", "via Trondheim AS, Managing Director", "Datahuset AS has now been given authority to Control API",
		"Datahuset AS no longer has authority to Control API", "Datahuset AS no longer gets tokens for 2 scopes on behalf of Bergen AS", "The change has been undone"},
}

// TestJ5 is journey J5 in every language: a supplier is added, gets an API, is
// tried, loses it, and gets it back.
func TestJ5(t *testing.T) {
	for prefix, say := range supplierWords {
		s := demoSite(t, withTrial)
		kari := s.signIn("kari")
		list := prefix + bergenSuppliers
		one := list + "/310000043"

		s.get(list+"/add", http.StatusOK)
		wants(t, s.get(list+"/add?supplier=310000043", http.StatusOK), say.named)
		wants(t, s.does(kari, list+"/add?supplier=310+000+043"), say.added)

		found := s.get(one+"/give?q=kontroll", http.StatusOK)
		wants(t, found, "demo:kontroll.read", say.asked)
		if rest := shown(s.get(one+"/give?q=lakseoppdrett", http.StatusOK)); strings.Contains(rest, "demo:kontroll.read") {
			t.Errorf("a search for something else finds it:\n%s", rest)
		}
		page := s.does(kari, one+"/give/demo-kontroll-api", "until", "2027-07-01")
		wants(t, page, say.given, "2027", "Kari Nordmann", say.asked)
		wants(t, s.get(one+"/try?scheme=demo-kontroll-api", http.StatusOK), "0192:310000019", "0192:310000043", "delegation_source")

		end := one + "/end?scheme=demo-kontroll-api"
		wants(t, s.get(end, http.StatusOK), say.effect)
		page = s.does(kari, end)
		wants(t, page, say.gone)
		if strings.Contains(shown(page), "demo:kontroll.read") {
			t.Error("what was taken back still stands on the page")
		}
		wants(t, s.get(one+"/try?scheme=demo-kontroll-api", http.StatusOK), "invalid_grant")
		page = s.undoes(kari, one, page)
		wants(t, page, say.back, "demo:kontroll.read", "2027")
		wants(t, s.get(one+"/try?scheme=demo-kontroll-api", http.StatusOK), "0192:310000043")
	}
}

// withTrial tries scopes against the site's own register, in the words of the mock
// Maskinporten. That mock itself is tried in package cmd/fullmakt.
func withTrial(o *Options) {
	n := o.Node
	o.Trial = func(_ context.Context, supplier, consumer fullmakt.OrgNumber, scopes []string) (string, error) {
		s := n.Current()
		from, to := s.Organisation(consumer), s.Organisation(supplier)
		for _, scope := range scopes {
			if !delegation.CheckScope(s, n.Registry(s), from, to, scope, demoTime.Unix()).Allowed {
				return "", fullmakt.Errorf(fullmakt.CodeForbidden, "no token: invalid_grant: not delegated")
			}
		}
		payload := fmt.Sprintf(`{"consumer":{"ID":"0192:%s"},"supplier":{"ID":"0192:%s"},"delegation_source":"here","scope":%q,"exp":1}`, consumer, supplier, strings.Join(scopes, " "))
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".sig", nil
	}
}

// TestSupplierForms sends every form with what is wrong in it.
func TestSupplierForms(t *testing.T) {
	s := demoSite(t)
	kari := s.signIn("kari")
	one := bergenSuppliers + "/310000043"
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		bergenSuppliers + "/add?supplier=":                      {422, "Skriv et organisasjonsnummer."},
		bergenSuppliers + "/add?supplier=123":                   {422, "Dette er ikke et organisasjonsnummer"},
		bergenSuppliers + "/add?supplier=%3Cscript%3E":          {422, "Dette er ikke et organisasjonsnummer"},
		bergenSuppliers + "/add?supplier=310000175":             {422, "Ingen virksomhet i registeret har nummeret 310 000 175"},
		bergenSuppliers + "/add?supplier=310000019":             {422, "En virksomhet kan ikke gi fullmakt til seg selv."},
		bergenSuppliers + "/310000175":                          {404, "Virksomheten finnes ikke"},
		bergenSuppliers + "/nonsense":                           {404, "ikke et organisasjonsnummer"},
		bergenSuppliers + "/310000019/give":                     {200, "En virksomhet kan ikke gi fullmakt til seg selv."},
		one + "/give/nonsense":                                  {404, "API-et finnes ikke"},
		one + "/give/demo-skattemelding":                        {404, "API-et finnes ikke"},
		one + "/end?scheme=nonsense":                            {404, "API-et finnes ikke"},
		one + "/end?scheme=demo-kontroll-api":                   {200, "Det er slik allerede"},
		one + "/try?scheme=nonsense":                            {404, "API-et finnes ikke"},
		"/org/310000019/consumers/310000043/end":                {200, "Det er slik allerede"},
		bergenSuppliers + "?page=-1":                            {200, "ingen leverandører"},
		one + "/give?q=" + strings.Repeat("a", 5000):            {200, "Ingen API passer"},
		one + "/give?q=%22%3E%3Cimg+src%3Dx+onerror%3Dalert%3E": {200, "Ingen API passer"},
	} {
		page := s.get(path, want.status)
		wants(t, page, want.text)
		if strings.Contains(page, "<img src=x") || strings.Contains(page, "<script>") {
			t.Errorf("%s: what was typed is in the page as HTML", path)
		}
	}
	give := one + "/give/demo-kontroll-api"
	action, values := form(t, s.get(give, http.StatusOK))
	for typed, want := range map[string]string{
		"nonsense": "Dette er ikke en dato", "2026-02-30": "Dette er ikke en dato", "31.12.2025": "31. desember 2025 er allerede over", "9999999-01-01": "Dette er ikke en dato",
		"\"><b>x": "Dette er ikke en dato",
	} {
		values.Set("until", typed)
		_, page := s.post(kari, action, values, http.StatusUnprocessableEntity)
		wants(t, page, want)
		if !strings.Contains(page, "data-focus") || strings.Contains(page, "<b>x") {
			t.Errorf("until %q: the focus is not on the field, or the page has it as HTML", typed)
		}
	}
	values.Set("until", "31.12.2027")
	s.post(kari, action, values, http.StatusSeeOther)
	wants(t, s.get(one, http.StatusOK), "31. desember 2027")

	// A second time changes nothing, and says so.
	s.post(kari, action, values, http.StatusSeeOther)
	wants(t, s.get(one, http.StatusOK), "Det er slik allerede")
	// Another last day replaces the first.
	values.Set("until", "")
	s.post(kari, action, values, http.StatusSeeOther)
	wants(t, s.get(one, http.StatusOK), "ingen sluttdato")
	// Without what the form carries to show what was seen, nothing ends.
	s.post(kari, one+"/end", url.Values{"scheme": {"demo-kontroll-api"}}, http.StatusConflict)
	// Nor without the session's own token.
	s.post(nil, one+"/end", url.Values{"scheme": {"demo-kontroll-api"}, "csrf": {"nonsense"}}, http.StatusForbidden)
	wants(t, s.get(one, http.StatusOK), "demo:kontroll.read")
}

// TestWhatWouldEndHasChanged sends a form after somebody else has changed what it
// would end: nothing is lost, and the page says what would happen now.
func TestWhatWouldEndHasChanged(t *testing.T) {
	s := demoSite(t)
	kari := s.signIn("kari")
	one := bergenSuppliers + "/310000043"
	s.does(kari, bergenSuppliers+"/add?supplier=310000043")
	action, values := form(t, s.get(one+"/end", http.StatusOK))
	s.does(kari, one+"/give/demo-kontroll-api")
	_, page := s.post(kari, action, values, http.StatusConflict)
	wants(t, page, "Noe er endret siden du så dette", "får ikke lenger token", "Datahuset AS er ikke lenger leverandør")
	wants(t, s.get(one, http.StatusOK), "demo:kontroll.read")
	action, values = form(t, page)
	s.post(kari, action, values, http.StatusSeeOther)
	wants(t, s.get(bergenSuppliers, http.StatusOK), "Bergen AS har ingen leverandører")
	s.post(kari, action, values, http.StatusSeeOther) // again: it is so already
	wants(t, s.get(bergenSuppliers, http.StatusOK), "Det er slik allerede")
}

// TestScopesAreForThoseWhoLookAfterThem: Ola may not act for Bergen AS, and Silje
// leads only the supplier.
func TestScopesAreForThoseWhoLookAfterThem(t *testing.T) {
	s := demoSite(t)
	kari := s.signIn("kari")
	one := bergenSuppliers + "/310000043"
	s.does(kari, bergenSuppliers+"/add?supplier=310000043")
	giveAction, give := form(t, s.get(one+"/give/demo-kontroll-api", http.StatusOK))
	s.post(kari, giveAction, give, http.StatusSeeOther)
	endAction, end := form(t, s.get(one+"/end?scheme=demo-kontroll-api", http.StatusOK))

	ola := s.signIn("ola")
	wants(t, s.get(one, http.StatusOK), "Du administrerer ikke Maskinporten her")
	wants(t, s.get(one+"/give", http.StatusOK), "Du har ikke en pakke som lar deg gi dette API-et")
	wants(t, s.get(one+"/give/demo-kontroll-api", http.StatusForbidden), "Dette kan ikke gjøres")
	wants(t, s.get(one+"/end?scheme=demo-kontroll-api", http.StatusForbidden), "Du administrerer ikke Maskinporten her")
	s.get(one+"/try?scheme=demo-kontroll-api", http.StatusForbidden)
	s.post(ola, giveAction, give, http.StatusForbidden)
	s.post(ola, endAction, end, http.StatusForbidden)
	s.post(ola, bergenSuppliers+"/add", url.Values{"supplier": {"310000078"}}, http.StatusForbidden)
	wants(t, s.undoesRevision(ola, one, fmt.Sprint(s.node.Current().Seq())), "Endringen kan ikke angres")
	wants(t, s.get(one, http.StatusOK), "demo:kontroll.read")

	silje := s.signIn("silje")
	consumers := "/org/310000043/consumers"
	wants(t, s.get(consumers, http.StatusOK), "Bergen AS", "demo:kontroll.read", "Kari Nordmann")
	wants(t, s.does(silje, consumers+"/310000019/end?scheme=demo-kontroll-api"), "Fullmakten til Kontroll-API fra Bergen AS er gitt fra seg")
	// What the supplier gave up itself it cannot give itself again.
	wants(t, s.undoesRevision(silje, consumers, fmt.Sprint(s.node.Current().Seq())), "Endringen kan ikke angres", "Du har ikke en pakke")
}

// TestSuppliersAreNobodysWithoutSigningIn: where authentication is on, only those
// who administer Maskinporten see who supplies; and a visitor without a session is
// never taken for the operator.
func TestSuppliersAreNobodysWithoutSigningIn(t *testing.T) {
	s := demoSite(t)
	wants(t, s.get(bergenSuppliers, http.StatusOK), "Logg inn for å gjøre dette.")
	for _, path := range []string{"/add", "/310000043/give", "/310000043/give/demo-kontroll-api", "/310000043/end", "/310000043/try"} {
		wants(t, s.get(bergenSuppliers+path, http.StatusForbidden), "Du kan ikke logge inn her")
	}
	s.post(nil, bergenSuppliers+"/add", url.Values{"supplier": {"310000043"}}, http.StatusForbidden)
	s.post(nil, "/undo", url.Values{"seq": {"1"}}, http.StatusForbidden)

	s = demoSite(t, func(o *Options) { o.Open = false })
	s.get(bergenSuppliers, http.StatusForbidden)
	s.signIn("ola")
	s.get(bergenSuppliers, http.StatusForbidden)
	s.signIn("kari")
	s.get(bergenSuppliers, http.StatusOK)
}
