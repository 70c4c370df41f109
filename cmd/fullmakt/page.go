package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/api"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/maskinporten"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/text"
)

//go:embed page.html
var pageTemplate string

//go:embed page.css
var pageStyle []byte

// mostListed bounds the parties that the front page names. A register of real
// size is counted, not listed.
const mostListed = 100

// server answers the HTTP requests of serve.
type server struct {
	a     *app
	n     *node.Node
	page  *template.Template
	calls *api.Server
	mock  *maskinporten.Server // nil for a register that is not made up
	ready atomic.Bool          // the register is loaded

	lookups string // directory of the log of look-ups

	maxAge time.Duration // of the register, for /readyz; 0 for any
	now    func() time.Time
}

func newServer(a *app, n *node.Node) *server {
	return &server{a: a, n: n, now: time.Now, page: template.Must(template.New("page").Parse(pageTemplate))}
}

// load reads the register into memory, trying until it can, and leaves a
// snapshot file for the next start.
func (s *server) load(ctx context.Context) {
	for ctx.Err() == nil {
		if _, err := s.n.Snapshot(ctx); err == nil {
			debug.FreeOSMemory() // what reading it took
			s.ready.Store(true)
			if err := s.n.KeepSnapshot(ctx); err != nil && ctx.Err() == nil {
				s.a.log.Warn("the snapshot file was not written", "error", err)
			}
			return
		} else if ctx.Err() == nil {
			s.a.log.Error("load the register", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(watchInterval):
		}
	}
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.front)
	mux.HandleFunc("GET /style.css", s.style)
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /readyz", s.readyz)
	if s.mock != nil {
		mux.Handle(mockPath, s.mock)
	}
	mux.Handle("/", s.calls.Handler())
	if s.calls.Open() {
		return secured(api.LoopbackOnly(mux))
	}
	return secured(mux)
}

// secured sets the headers that every answer carries: nothing is loaded from
// elsewhere, framed, guessed at or kept.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// health answers whether questions can be answered.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	answer := struct {
		Status   string       `json:"status"`
		Revision fullmakt.Seq `json:"revision"`
		Stale    bool         `json:"stale"`
	}{Status: "ok"}
	code := http.StatusOK
	register, err := s.n.Register(r.Context())
	switch {
	case err != nil:
		s.a.log.Error("health", "error", err)
		answer.Status, code = "unavailable", http.StatusServiceUnavailable
	case !s.ready.Load():
		answer.Status, code = "starting", http.StatusServiceUnavailable
	}
	answer.Revision, answer.Stale = register.Revision, register.Stale != ""
	body, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(body, '\n')) // a client that has gone needs no answer
}

func (s *server) style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(pageStyle)
}

// frontPage is what the template shows.
type frontPage struct {
	Lang     text.Lang
	Langs    []text.Lang
	Version  string
	Register string
	Demo     bool
	Invented bool
	Ready    bool
	Open     bool // the APIs ask nobody who they are
	Stats    index.Stats
	Revision fullmakt.Seq
	Imported string
	Stale    string
	Counts   string // of the catalogue
	Digest   string
	Asks     []frontAsk
	Parties  []frontParty
	say      *text.Texts
}

// Say is the template's way to the texts.
func (p frontPage) Say(key string, pairs ...any) string { return p.say.Say(key, pairs...) }

type frontAsk struct{ Question, Command string }

type frontParty struct{ Name, Kind, Number, Form, State string }

func (s *server) front(w http.ResponseWriter, r *http.Request) {
	lang, ok := text.ParseLang(r.URL.Query().Get("lang"))
	if !ok {
		lang = text.NB
	}
	page, err := s.frontPage(r.Context(), lang)
	var body bytes.Buffer
	if err == nil {
		err = s.page.Execute(&body, page)
	}
	if err != nil {
		s.a.log.Error("front page", "error", err)
		http.Error(w, "the page cannot be shown now; the log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", string(lang))
	_, _ = body.WriteTo(w)
}

func (s *server) frontPage(ctx context.Context, lang text.Lang) (frontPage, error) {
	texts, err := text.New(lang)
	if err != nil {
		return frontPage{}, err
	}
	register, err := s.n.Register(ctx)
	if err != nil {
		return frontPage{}, err
	}
	speaking := *s.a // the same run, in the reader's language
	speaking.texts = texts
	counts := s.n.Catalogue().Counts()
	p := frontPage{
		Lang: lang, Langs: text.Langs(), Version: release, Register: speaking.registerName(), say: texts,
		Demo: s.a.globals.Demo, Invented: s.a.globals.Demo, Ready: s.ready.Load(), Open: s.calls.Open(),
		Revision: register.Revision, Stale: register.Stale, Digest: s.n.Catalogue().Digest()[:12],
		Counts: texts.Say("page.catalogue.counts", "packages", counts.Packages, "areas", counts.Areas, "roles", counts.Roles),
	}
	if !register.ImportedAt.IsZero() {
		p.Imported = text.Clock(register.ImportedAt.In(s.a.oslo))
	}
	if p.Ready {
		snapshot, err := s.n.Snapshot(ctx)
		if err != nil {
			return p, err
		}
		p.Stats = snapshot.Stats()
		if s.a.dataDir() == "" && p.Stats.Parties <= mostListed {
			p.Parties = speaking.frontParties(snapshot)
		}
	}
	where := "--data " + quoted(s.a.dataDir())
	if p.Demo {
		where = "--demo"
	} else if s.a.globals.World != "" {
		where = "--world " + quoted(s.a.globals.World)
	}
	p.Asks = asks(texts, where, p.Demo)
	return p, nil
}

// asks are commands to copy. Those about the demo's own parties stand only there.
func asks(texts *text.Texts, where string, demo bool) []frontAsk {
	subject, ola, object := "PERSON", "PERSON", "310000019"
	if demo {
		subject, ola, object = "kari", "ola", `"Bergen AS"`
	}
	lang := " --lang " + string(texts.Lang)
	return []frontAsk{
		{texts.Say("page.ask.check"), "fullmakt " + where + " check " + subject + " --for " + object + " --package delegerbare-maskinporten-scopes" + lang},
		{texts.Say("page.ask.explain"), "fullmakt " + where + " explain " + ola + " --for " + object + lang},
		{texts.Say("page.ask.list"), "fullmakt " + where + " list --for " + object + lang},
	}
}

func (a *app) frontParties(s *index.Snapshot) []frontParty {
	var list []frontParty
	t := a.teller(s, node.RegisterStatus{})
	for no := fullmakt.PartyNo(1); no <= s.Last(); no++ {
		if s.Kind(no) == fullmakt.KindUnknown {
			continue
		}
		party := t.Party(no)
		row := frontParty{Name: party.Label(), Kind: a.texts.Kind(party.Kind), Number: party.ID, Form: string(party.Form)}
		if party.Kind == fullmakt.KindOrganisation {
			row.State = a.texts.State(party.State)
			if n, err := strconv.ParseUint(party.ID, 10, 32); err == nil {
				row.Number = fullmakt.OrgNumber(n).Grouped()
			}
		}
		list = append(list, row)
	}
	return list
}
