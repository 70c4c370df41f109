package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/api"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/maskinporten"
	"github.com/fullmakt/fullmakt/text"
	"github.com/fullmakt/fullmakt/web"
)

// mockPath and loginPath are where the mock Maskinporten and the mock ID-porten
// stand.
const (
	mockPath  = "/maskinporten/"
	loginPath = "/idporten"
)

// guardFlags say who is let in to a register that is made up, and where look-ups
// are recorded.
type guardFlags struct {
	Lookups      string `placeholder:"DIR" env:"FULLMAKT_LOOKUPS" help:"Where the log of look-ups is kept. Default: what the configuration says, else lookups in the store's directory; with --demo or --world a directory that is removed at the end."`
	Public       bool   `env:"FULLMAKT_PUBLIC" help:"With --demo or --world: show the pages to everybody, on any address. Nobody can sign in to them, and no API stands beside them."`
	RequireToken bool   `env:"FULLMAKT_REQUIRE_TOKEN" help:"With --demo or --world: let only those in who have a token of the mock Maskinporten (fullmakt client new, fullmakt token)."`
	Clients      string `default:"clients" placeholder:"DIR" env:"FULLMAKT_CLIENTS" help:"With --demo or --world: the directory of the mock Maskinporten's test clients. Default: ${default}."`
}

// openLookups opens the log of look-ups. done closes it, after the last request.
func (c *serveFlags) openLookups(a *app, cfg *api.Config) (log *audit.Log, done func(), err error) {
	temporary := ""
	switch {
	case c.Lookups != "":
		cfg.Lookups.Dir = c.Lookups
	case cfg.Lookups.Dir != "":
	case a.dataDir() != "":
		cfg.Lookups.Dir = filepath.Join(a.dataDir(), lookupsDir)
	default:
		if temporary, err = os.MkdirTemp("", "fullmakt-lookups-"); err != nil {
			return nil, nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "log of look-ups: %w", err)
		}
		cfg.Lookups.Dir = temporary
	}
	log, err = cfg.Lookups.Open(a.now)
	if err != nil {
		return nil, nil, err
	}
	return log, func() {
		if err := log.Close(); err != nil {
			a.log.Error("close the log of look-ups", "error", err)
		}
		if temporary != "" {
			if err := os.RemoveAll(temporary); err != nil {
				a.log.Warn("remove the log of look-ups", "error", err)
			}
		}
	}, nil
}

// mock makes the mock Maskinporten of a register that is made up; nil for a real
// one, and where the address is not this machine's alone. With --require-token it
// becomes the one whose tokens are believed.
func (c *serveFlags) mock(a *app, addr net.Addr, cfg *api.Config) (*maskinporten.Server, error) {
	tcp, ok := addr.(*net.TCPAddr)
	invented := a.dataDir() == "" && ok && tcp.IP.IsLoopback() && !c.Public
	if !invented {
		if c.RequireToken {
			return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "--require-token goes with --demo or --world on this machine").
				WithHint("for a register of your own, name the issuers whose tokens you believe in the file that --config names")
		}
		return nil, nil
	}
	origin := "http://" + addr.String()
	m, err := maskinporten.New(maskinporten.Options{Issuer: origin + mockPath, Clients: c.Clients, Source: origin})
	if err != nil || !c.RequireToken {
		return m, err
	}
	cfg.PublicURL = origin
	cfg.Authentication.Off = false
	cfg.Authentication.Issuers = append(cfg.Authentication.Issuers, api.IssuerConfig{
		Name: "mock Maskinporten", Issuer: m.Issuer(), Kind: "maskinporten", Audiences: []string{origin}, JWKSURL: m.Issuer() + "jwk",
	})
	return m, nil
}

// apis makes the server of the APIs with all that stands around it. done ends
// what must end after the last request.
func (c *serveFlags) apis(a *app, s *server, addr net.Addr, opts ...api.Option) (done func(), err error) {
	s.public = c.Public
	cfg, err := c.apiConfig(addr.String())
	if err != nil {
		return nil, err
	}
	if s.mock, err = c.mock(a, addr, &cfg); err != nil {
		return nil, err
	}
	signIn, err := c.signIn(a, s, addr, &cfg)
	if err != nil {
		return nil, err
	}
	lookups, closeLookups, err := c.openLookups(a, &cfg)
	if err != nil {
		return nil, err
	}
	if s.calls, err = api.New(s.n, cfg, append(opts, api.WithLog(a.log), api.WithLookups(lookups), api.WithPages())...); err == nil {
		o := a.pageOptions(s, lookups, cfg.PublicURL)
		if o.Public = c.Public; o.Public {
			o.PublicURL = "" // as the visitor reached it
		}
		o.SignIn, o.Purposes, o.AllowUncertain = signIn, cfg.Purposes, cfg.AllowUncertain
		s.pages, err = web.New(o)
	}
	if err != nil {
		closeLookups()
		return nil, err
	}
	ctx, stop := context.WithCancel(a.ctx)
	pruned := make(chan struct{})
	go func() {
		defer close(pruned)
		a.pruneLookups(ctx, lookups)
	}()
	delivered := make(chan struct{})
	go func() {
		defer close(delivered)
		s.calls.Deliver(ctx)
	}()
	s.lookups = cfg.Lookups.Dir
	return func() {
		stop()
		<-pruned
		<-delivered
		closeLookups()
	}, nil
}

// pageOptions says what pages are made for.
func (a *app) pageOptions(s *server, lookups *audit.Log, publicURL string) web.Options {
	o := web.Options{
		Node: s.n, Lookups: lookups, Log: a.log, Open: s.calls.Open(), Demo: a.globals.Demo, Invented: a.dataDir() == "",
		Version: release, PublicURL: publicURL, Trial: trial(s.mock), CommandLine: "--data " + quoted(a.dataDir()),
		Traffic: s.traffic.lately,
		RegisterName: func(t *text.Texts) string {
			speaking := *a // the same run, in the reader's language
			speaking.texts = t
			return speaking.registerName()
		},
	}
	switch {
	case a.globals.Demo:
		o.CommandLine = "--demo"
	case a.globals.World != "":
		o.CommandLine = "--world " + quoted(a.globals.World)
	}
	return o
}

// pruneLookups drops, once a day until ctx ends, what the configuration does not
// keep longer.
func (a *app) pruneLookups(ctx context.Context, log *audit.Log) {
	day := time.NewTicker(24 * time.Hour)
	defer day.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-day.C:
			if err := log.Prune(ctx, now); err != nil && ctx.Err() == nil {
				a.log.Error("drop old look-ups", "error", err)
			}
		}
	}
}
