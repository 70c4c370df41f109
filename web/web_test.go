package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/text"
	"github.com/fullmakt/fullmakt/world"
	"golang.org/x/net/html"
)

// demoTime is when the tests' visitors look, unless they bring a clock.
var demoTime = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// site is a real server with the demo register, and a browser of sorts.
type site struct {
	*httptest.Server
	t      *testing.T
	pages  *Server
	node   *node.Node
	client *http.Client
}

// demoSite serves the demo register to anybody, as serve --demo does.
func demoSite(t *testing.T, change ...func(*Options)) *site {
	t.Helper()
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Demo(cat)
	if err != nil {
		t.Fatal(err)
	}
	return worldSite(t, w, cat, change...)
}

// worldSite serves a world.
func worldSite(t *testing.T, w *world.World, cat *catalogue.Catalogue, change ...func(*Options)) *site {
	t.Helper()
	n, err := node.Open(context.Background(), node.Options{Catalogue: cat, World: w})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	if _, err := n.Snapshot(context.Background()); err != nil {
		t.Fatal(err)
	}
	lookups, err := audit.Open(t.TempDir(), audit.Options{Level: audit.LevelAll}, demoTime)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lookups.Close() })
	server := httptest.NewUnstartedServer(nil)
	o := Options{
		PublicURL: "http://" + server.Listener.Addr().String(),
		Node:      n, Lookups: lookups, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: func() time.Time { return demoTime }, Open: true, Demo: true, Invented: true,
		Version: "test", RegisterName: func(*text.Texts) string { return "demo" }, CommandLine: "--demo",
	}
	for _, c := range change {
		c(&o)
	}
	pages, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = pages.Handler(http.NotFoundHandler())
	server.Start()
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &site{Server: server, t: t, pages: pages, node: n, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Visitors that signIn knows besides persons.
const aCaseWorker, anOperator = "a case worker", "an operator"

// signIn gives the client the session of a person, named as the demo's lines name
// it, past the sign-in that has tests of its own.
func (s *site) signIn(person string) *session {
	s.t.Helper()
	id := rand.Text() + rand.Text()
	one := &session{key: sha256.Sum256([]byte(id)), csrf: rand.Text(), began: s.pages.now(), seen: s.pages.now()}
	switch person {
	case aCaseWorker:
		one.name, one.caseWorker = person, true
	case anOperator:
		one.name, one.operator = person, true
	default:
		party, err := s.node.Find(context.Background(), person)
		if err != nil {
			s.t.Fatal(err)
		}
		one.person = party.No
	}
	s.pages.sessions.add(one, s.pages.now())
	u, err := url.Parse(s.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	s.client.Jar.SetCookies(u, []*http.Cookie{{Name: sessionCookie, Value: id, Path: "/"}})
	return one
}

// get fetches a page and wants a status.
func (s *site) get(path string, status int) string {
	s.t.Helper()
	answer, err := s.client.Get(s.URL + path)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.read(answer, path, status)
}

// post sends a form of the session, and wants a status.
func (s *site) post(one *session, path string, form url.Values, status int) (*http.Response, string) {
	s.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	if one != nil {
		form.Set("csrf", one.csrf)
	}
	answer, err := s.client.PostForm(s.URL+path, form)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer, s.read(answer, path, status)
}

func (s *site) read(answer *http.Response, path string, status int) string {
	s.t.Helper()
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if answer.StatusCode != status {
		s.t.Fatalf("%s: status %d, want %d\n%s", path, answer.StatusCode, status, shown(string(body)))
	}
	return string(body)
}

// shown returns the text of a page as a person reads it, spaces folded.
func shown(page string) string {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return page
	}
	var out strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "head") {
			return
		}
		if n.Type == html.TextNode {
			out.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return strings.Join(strings.Fields(out.String()), " ")
}

// wants fails unless a page's text has all of some words.
func wants(t *testing.T, page string, words ...string) {
	t.Helper()
	read := shown(page)
	for _, w := range words {
		if !strings.Contains(read, w) {
			t.Errorf("the page lacks %q:\n%s", w, read)
		}
	}
}
