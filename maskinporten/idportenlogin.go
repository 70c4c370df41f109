package maskinporten

import (
	"crypto/rand"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
)

//go:embed idporten
var loginFiles embed.FS

var loginPages = template.Must(template.ParseFS(loginFiles, "idporten/*.html"))

func loginStyle(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, loginFiles, "idporten/style.css")
}

// mostLogins bounds the list of the login page; the search field finds the others.
const mostLogins = 100

// mostLoginForm bounds the bytes of the login page's form.
const mostLoginForm = 16 << 10

// authorization is a request to sign somebody in, whose client and address to go
// back to are known to be good.
type authorization struct {
	client    RelyingParty
	redirect  string
	state     string
	nonce     string
	challenge string
	level     string
	lang      string
}

// signedIn is what a code stands for: somebody chosen, for a request.
type signedIn struct {
	authorization
	login   Login
	session string // the claim sid
	at      int64
}

// authorize shows the login page, and takes the choice.
func (p *IDPorten) authorize(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, mostLoginForm)
	if err := r.ParseForm(); err != nil {
		p.problem(w, r, "form")
		return
	}
	a, wrong, description := p.authorization(r.Form)
	switch {
	case a == nil: // nobody to send back to
		p.problem(w, r, wrong)
		return
	case wrong != "":
		p.back(w, r, a, "error", wrong, "error_description", description)
		return
	}
	logins, err := p.logins(r)
	if err != nil {
		p.back(w, r, a, "error", unavailable, "error_description", "the persons cannot be listed now")
		return
	}
	if r.Method != http.MethodPost {
		p.page(w, r, a, logins)
		return
	}
	chosen := slices.IndexFunc(logins, func(l Login) bool { return l.Ref == r.PostForm.Get("login") })
	if chosen < 0 {
		p.back(w, r, a, "error", "access_denied", "error_description", "nobody was chosen")
		return
	}
	p.back(w, r, a, "code", p.newCode(signedIn{authorization: *a, login: logins[chosen], session: rand.Text(), at: p.o.Now().Unix()}))
}

// authorization reads the parameters of a request. Without a known client and
// redirect_uri there is none, and wrong names the parameter; otherwise wrong is
// OAuth's word for what is not as it must be.
func (p *IDPorten) authorization(f url.Values) (a *authorization, wrong, description string) {
	client, ok := p.clients[f.Get("client_id")]
	if !ok {
		return nil, "client_id", ""
	}
	if !slices.Contains(client.Redirects, f.Get("redirect_uri")) {
		return nil, "redirect_uri", ""
	}
	a = &authorization{client: client, redirect: f.Get("redirect_uri"), state: f.Get("state"), nonce: f.Get("nonce"), challenge: f.Get("code_challenge"), level: levels[0], lang: localeOf(f.Get("ui_locales"))}
	if asked := strings.Fields(f.Get("acr_values")); len(asked) > 0 {
		a.level = asked[0]
	}
	challenge, err := base64.RawURLEncoding.DecodeString(a.challenge)
	switch {
	case f.Get("response_type") != "code":
		return a, "unsupported_response_type", "response_type must be code"
	case !slices.Contains(strings.Fields(f.Get("scope")), "openid"):
		return a, "invalid_scope", "scope must hold openid"
	case a.state == "" || a.nonce == "":
		return a, "invalid_request", "state and nonce are required"
	case f.Get("code_challenge_method") != "S256" || err != nil || len(challenge) != 32:
		return a, "invalid_request", "code_challenge is required, with code_challenge_method S256"
	case !slices.Contains(levels, a.level):
		return a, "invalid_request", "acr_values must be one of " + strings.Join(levels, ", ")
	}
	return a, "", ""
}

// back sends the browser back to the client with an answer.
func (p *IDPorten) back(w http.ResponseWriter, r *http.Request, a *authorization, pairs ...string) {
	http.Redirect(w, r, withQuery(a.redirect, append(pairs, "state", a.state, "iss", p.o.Issuer)...), http.StatusSeeOther)
}

// logins lists who may be chosen: persons whose numbers are made up.
func (p *IDPorten) logins(r *http.Request) ([]Login, error) {
	all, err := p.o.Logins(r.Context())
	return slices.DeleteFunc(slices.Clone(all), func(l Login) bool { return l.Person != 0 && !l.Person.Synthetic() }), err
}

// loginPage is what the login page shows.
type loginPage struct {
	Lang   string
	Text   map[string]string
	Style  string
	Action string
	Hidden []hiddenField
	Search string
	Many   bool // there are more than the page lists
	Logins []loginChoice
	Wrong  string
}

type hiddenField struct{ Name, Value string }

type loginChoice struct{ Ref, Label, Detail string }

// page shows the persons to choose from.
func (p *IDPorten) page(w http.ResponseWriter, r *http.Request, a *authorization, logins []Login) {
	t := loginTexts[a.lang]
	shown := loginPage{Lang: a.lang, Text: t, Style: p.o.Issuer + "/style.css", Action: p.o.Issuer + "/authorize", Search: strings.TrimSpace(r.Form.Get("find"))}
	for _, name := range []string{"client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "acr_values", "ui_locales"} {
		if v := r.Form.Get(name); v != "" {
			shown.Hidden = append(shown.Hidden, hiddenField{name, v})
		}
	}
	shown.Many = len(logins) > mostLogins
	for _, l := range logins {
		if len(shown.Logins) == mostLogins {
			break
		}
		if strings.Contains(fullmakt.FoldName(l.Name), fullmakt.FoldName(shown.Search)) {
			shown.Logins = append(shown.Logins, loginChoice{l.Ref, strings.ReplaceAll(t["as"], "{name}", l.Name), l.Detail})
		}
	}
	// A browser follows the answer to the form only where the policy allows.
	p.write(w, http.StatusOK, "login", shown, origin(a.redirect))
}

// problem shows what is wrong with a request that has nowhere to go back to.
func (p *IDPorten) problem(w http.ResponseWriter, r *http.Request, what string) {
	lang := localeOf(r.FormValue("ui_locales"))
	p.write(w, http.StatusBadRequest, "problem", loginPage{Lang: lang, Text: loginTexts[lang], Style: p.o.Issuer + "/style.css", Wrong: what}, "")
}

func (p *IDPorten) write(w http.ResponseWriter, status int, name string, shown loginPage, formsTo string) {
	var body strings.Builder
	if err := loginPages.ExecuteTemplate(&body, name+".html", shown); err != nil {
		http.Error(w, "the login page cannot be shown", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", shown.Lang)
	h.Set("Content-Security-Policy", strings.TrimSpace("default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "+formsTo))
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	fmt.Fprint(w, body.String())
}

// origin returns the scheme and host of an address.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// localeOf returns the first of the languages that the login page speaks.
func localeOf(locales string) string {
	for _, l := range strings.Fields(locales) {
		if _, ok := loginTexts[l]; ok {
			return l
		}
	}
	return "nb"
}

// loginTexts are the words of the login page.
var loginTexts = map[string]map[string]string{
	"nb": {
		"title": "Logg inn i demoen", "demo": "Demo: dette er ikke ID-porten. Alle personer er oppdiktet, og ingen trenger passord.",
		"choose": "Hvem vil du være?", "as": "Logg inn som {name}", "cancel": "Avbryt", "find": "Finn en person", "search": "Søk", "many": "Listen er lang. Søk på et navn.",
		"none": "Ingen passer.", "wrong": "Innloggingen kan ikke begynne", "why": "Det tjenesten ba om, er ikke som det skal:", "next": "Gå tilbake til tjenesten og begynn på nytt.",
	},
	"nn": {
		"title": "Logg inn i demoen", "demo": "Demo: dette er ikkje ID-porten. Alle personane er oppdikta, og ingen treng passord.",
		"choose": "Kven vil du vere?", "as": "Logg inn som {name}", "cancel": "Avbryt", "find": "Finn ein person", "search": "Søk", "many": "Lista er lang. Søk på eit namn.",
		"none": "Ingen passar.", "wrong": "Innlogginga kan ikkje ta til", "why": "Det tenesta bad om, er ikkje som det skal:", "next": "Gå tilbake til tenesta og begynn på nytt.",
	},
	"en": {
		"title": "Sign in to the demo", "demo": "Demo: this is not ID-porten. Everybody is made up, and nobody needs a password.",
		"choose": "Who do you want to be?", "as": "Sign in as {name}", "cancel": "Cancel", "find": "Find a person", "search": "Search", "many": "The list is long. Search for a name.",
		"none": "Nobody fits.", "wrong": "The sign-in cannot begin", "why": "What the service asked for is not as it must be:", "next": "Go back to the service and begin again.",
	},
}
