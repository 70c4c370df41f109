package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/text"
)

// Every page's template defines "main", and may define fragments that htmx asks
// for by the id of the element they go into. _layout.html is around them all, and
// other files that begin with an underline hold parts that several pages use.
//
//go:embed all:templates
var templateFiles embed.FS

// templates are the pages in one language, by name.
type templates map[string]*template.Template

// parse reads the templates for a language.
func (s *Server) parse(lang text.Lang) (templates, error) {
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	base := template.New("").Funcs(s.functions(lang))
	var pages []string
	for _, name := range names {
		if !strings.HasPrefix(path.Base(name), "_") {
			pages = append(pages, name)
			continue
		}
		if _, err := base.ParseFS(templateFiles, name); err != nil {
			return nil, err
		}
	}
	all := templates{}
	for _, name := range pages {
		t, err := base.Clone()
		if err == nil {
			t, err = t.ParseFS(templateFiles, name)
		}
		if err != nil {
			return nil, err
		}
		all[strings.TrimSuffix(path.Base(name), ".html")] = t
	}
	return all, nil
}

// functions are what templates can call. say fails for a key without a message, so
// that a test which shows the page finds it.
func (s *Server) functions(lang text.Lang) template.FuncMap {
	t := s.texts[lang]
	return template.FuncMap{
		"say": func(key string, pairs ...any) (string, error) {
			if !t.Knows(key) {
				return "", fmt.Errorf("no message %q", key)
			}
			return t.Say(key, pairs...), nil
		},
		"url":         func(path string, pairs ...string) string { return address(lang, path, pairs...) },
		"asset":       func(name string) (string, error) { return s.assetAddress(name) },
		"href":        func(p text.Party) string { return address(lang, partyPath(p)) },
		"ref":         partyRef,
		"packagePath": packagePath, "rolePath": rolePath, "areaPath": areaPath, "servicePath": servicePath,
		"orgnr":     grouped,
		"label":     func(p text.Party) string { return label(t, p) },
		"kind":      func(p text.Party) string { return t.Kind(p.Kind) },
		"state":     func(p text.Party) string { return t.State(p.State) },
		"name":      func(n catalogue.Names) string { return n.In(string(lang)) },
		"role":      t.RoleName,
		"day":       func(d fullmakt.Date) string { return t.Day(d) },
		"isoday":    func(d fullmakt.Date) string { return d.String() },
		"clock":     func(at time.Time) string { return text.Clock(at.In(s.oslo)) },
		"iso":       func(at time.Time) string { return at.In(s.oslo).Format(time.RFC3339) },
		"int":       func(n uint64) int { return int(n) },
		"whole":     func(f float64) int { return int(f) },
		"decimal":   func(number string) string { return strings.Replace(number, ".", t.Say("web.decimal"), 1) },
		"moment":    func(at time.Time) string { return at.In(s.oslo).Format("2006-01-02 15:04:05") },
		"errorKind": errorKind,
		"count":     func(n int) string { return thousands(n) },
		"yesno":     t.YesNo,
		"reason":    t.Reason,
		"why":       t.Why,
		"dict":      dict,
		"knows":     t.Knows,
		"yesterday": func(d fullmakt.Date) fullmakt.Date { return d - 1 },
		"add":       func(a, b int) int { return a + b },
		"join":      strings.Join,
		"langName":  func(l text.Lang) string { return s.texts[l].Say("web.language.name") },
	}
}

func (s *Server) assetAddress(name string) (string, error) {
	a, ok := s.assets.named[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return a, nil
}

// dict makes a map of names and values, for templates that take more than one.
func dict(pairs ...any) (map[string]any, error) {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("dict: a name is not a string")
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// thousands groups a number's digits by three with no-break spaces.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && d != '-' && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			out.WriteRune('\u00a0')
		}
		out.WriteRune(d)
	}
	return out.String()
}

// page is what the layout shows: a title, and the body that the page's own
// template reads.
type page struct {
	Title string
	// Menu is the path of the menu's item that the page belongs to; "" for none.
	Menu string
	// Crumbs lead from the front page to the page's parent.
	Crumbs []crumb
	// Status is said to those who hear the page when htmx swapped a part of it.
	Status string
	Body   any

	View *view
}

// crumb is one step of the way to a page.
type crumb struct{ Path, Name string }

// menuItem is a line of the menu.
type menuItem struct {
	URL, Name string
	Current   bool
}

// Items returns the menu, without what is not for the visitor.
func (p *page) Items() []menuItem {
	list := make([]menuItem, 0, len(menu))
	for _, item := range menu {
		if item.path == "/me" && p.View.session == nil || item.path == menuOperations && !p.View.operator() {
			continue
		}
		list = append(list, menuItem{p.View.url(item.path), p.View.say(item.key), item.path == p.Menu})
	}
	return list
}

// Lang is the page's language.
func (p *page) Lang() text.Lang { return p.View.lang }

// Languages are the addresses of this page in all languages.
func (p *page) Languages() (list []menuItem) {
	here := strings.TrimPrefix(p.View.here(), prefix(p.View.lang))
	if p.View.r.Method != http.MethodGet || !strings.HasPrefix(here, "/") {
		here = "/"
	}
	for _, l := range text.Langs() {
		list = append(list, menuItem{address(l, here), string(l), l == p.View.lang})
	}
	return list
}

// Notices are what the last form of this session did.
func (p *page) Notices() []notice {
	if p.View.session == nil {
		return nil
	}
	return p.View.session.take()
}

// Who names who has signed in; "" for nobody.
func (p *page) Who() string {
	switch s := p.View.session; {
	case s == nil:
		return ""
	case s.person != 0 && p.View.snap != nil:
		return p.View.party(s.person).Label()
	case s.name != "":
		return s.name
	}
	return p.View.say("web.me.unnamed")
}

// SignIn is where a visitor signs in and comes back from to this page; "" where
// nobody can, or the visitor has.
func (p *page) SignIn() string {
	if p.View.issuer == nil || p.View.session != nil {
		return ""
	}
	to := "" // after a form, or a sign-in that failed: the front page
	if p.View.r.Method == http.MethodGet && p.View.route.pattern != "/sign-in/callback" && p.View.route.pattern != "/signed-out" {
		to = p.View.here()
	}
	return p.View.url("/sign-in", "to", to)
}

// Purpose is why a case worker looks at others; "" for none.
func (p *page) Purpose() string { return p.View.purpose() }

// PurposeUntil is until when.
func (p *page) PurposeUntil() string { return text.Clock(p.View.purposeUntil().In(p.View.oslo)) }

// CSRF is what forms carry to show that a page of this session sent them.
func (p *page) CSRF() string {
	if p.View.session == nil {
		return ""
	}
	return p.View.session.csrf
}

// show answers with a page.
func (v *view) show(name string, p *page) error { return v.write(http.StatusOK, name, p) }

// write answers with a page and a status. To htmx, which names the element that
// is to be filled, goes the fragment of that name where the page has one.
func (v *view) write(status int, name string, p *page) error {
	t, ok := v.pages[v.lang][name]
	if !ok {
		return fullmakt.Errorf(fullmakt.CodeInternal, "there is no page %q", name)
	}
	p.View = v
	block := "layout"
	if target := v.r.Header.Get("HX-Target"); v.r.Header.Get("HX-Request") == "true" && target != "" && t.Lookup("fragment-"+target) != nil {
		block = "fragment-" + target
	}
	var body bytes.Buffer
	if err := t.ExecuteTemplate(&body, block, p); err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "page %s: %w", name, err)
	}
	if err := v.record(status); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(v.lang))
	h.Add("Vary", "HX-Request, HX-Target, Accept-Encoding")
	v.send(status, body.Bytes())
	return nil
}

// leastZipped is how many bytes are worth compressing.
const leastZipped = 1400

// send sends a body, compressed where that helps and the browser takes it.
func (v *view) send(status int, body []byte) {
	h := v.w.Header()
	if len(body) < leastZipped || !acceptsGzip(v.r) {
		h.Set("Content-Length", strconv.Itoa(len(body)))
		v.w.WriteHeader(status)
		_, _ = v.w.Write(body) // a browser that has gone needs no answer
		return
	}
	h.Del("Content-Length")
	h.Set("Content-Encoding", "gzip")
	v.w.WriteHeader(status)
	z, _ := gzip.NewWriterLevel(v.w, gzip.BestSpeed) // the level is one that there is
	_, _ = z.Write(body)
	_ = z.Close()
}
