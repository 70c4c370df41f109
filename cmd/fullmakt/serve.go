package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/api"
	"github.com/fullmakt/fullmakt/node"
)

type serveCmd struct{ serveFlags }

// serveFlags are the settings of a server besides the global flags.
type serveFlags struct {
	guardFlags
	Addr   string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" env:"FULLMAKT_ADDR" help:"Where to listen. Port 0 takes a free one. Default: ${default}, this machine only."`
	Config string `placeholder:"FILE" env:"FULLMAKT_CONFIG" help:"Who may call the APIs, who signs visitors in, and limits: a JSON file, see docs/authzen.md and docs/signin.md. Without it anybody on this machine may, and nobody else."`

	AdminAddr      string        `placeholder:"HOST:PORT" env:"FULLMAKT_ADMIN_ADDR" help:"Where to serve /metrics and /debug/pprof/: a loopback address. Without it they are not served."`
	MaxRegisterAge time.Duration `placeholder:"DURATION" env:"FULLMAKT_MAX_REGISTER_AGE" help:"/readyz says no when nothing has come from the register for longer than this, such as 96h."`
}

// Help is shown by serve --help.
func (serveCmd) Help() string {
	return `Serves the APIs (OpenID AuthZEN, and Altinn's for reading), a front page that says what runs, and /healthz, which answers 200 when questions can be answered and 503 until then. /readyz answers 503 also when the register is too old or the key was changed. Revisions that other processes make become visible within a second. Ctrl+C stops it after the requests under way.

Without --config there is no authentication, and then it listens on this machine only.

Examples:
  fullmakt --demo serve
  fullmakt --data register serve --addr 127.0.0.1:9000`
}

const (
	// watchInterval is how often a server looks for revisions of other processes.
	watchInterval = 500 * time.Millisecond
	// shutdownTime is how long requests under way may last after Ctrl+C.
	shutdownTime = 10 * time.Second
	// garbagePercent lets the heap grow by a quarter before garbage is collected,
	// not by its double: nearly all of it is the register, which stays and which
	// the collector hardly reads. GOGC overrides it.
	garbagePercent = 25
)

// Run serves until interrupted.
func (c *serveCmd) Run(a *app) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if err := c.check(a); err != nil {
		return err
	}
	n, err := a.open()
	if err != nil {
		return err
	}
	defer n.Close()
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "listen on %s: %w", c.Addr, err).
			WithHint("another program may use that port; --addr 127.0.0.1:0 takes a free one")
	}
	defer listener.Close() // a second time after serving, which does nothing
	s := newServer(a, n)
	s.maxAge = c.MaxRegisterAge
	observe := api.WithObserver(s.traffic.observe)
	var admin net.Addr
	if c.AdminAddr != "" {
		adminListener, err := listenAdmin(c.AdminAddr)
		if err != nil {
			return err
		}
		m := newMetrics(s)
		admin = adminListener.Addr()
		defer a.serveAdmin(adminListener, adminRoutes(m))()
	}
	done, err := c.apis(a, s, listener.Addr(), observe)
	if err != nil {
		return err
	}
	defer done()
	// The watch ends before the store is closed.
	ctx, stop := context.WithCancel(a.ctx)
	watched := make(chan struct{})
	defer func() { stop(); <-watched }()
	go func() {
		defer close(watched)
		s.load(ctx)
		var others sync.WaitGroup
		others.Go(func() { a.sweep(ctx, n) })
		others.Go(func() { s.traffic.keep(ctx) })
		if a.dataDir() != "" { // a store in memory keeps its name index with each search
			others.Go(func() { n.KeepNames(ctx, watchInterval) })
		}
		n.Watch(ctx, watchInterval)
		others.Wait()
	}()
	if err := a.announce(s, listener.Addr(), admin); err != nil {
		return err
	}
	return a.serve(ctx, listener, s.routes(), s.stop)
}

// sweepInterval is how soon after a date has passed that is recorded.
const sweepInterval = 15 * time.Second

// sweep records the dates that pass, until ctx ends. A register that is made up
// stays as its file has it.
func (a *app) sweep(ctx context.Context, n *node.Node) {
	if a.dataDir() == "" {
		return
	}
	tick := time.NewTicker(sweepInterval)
	defer tick.Stop()
	for {
		if _, err := n.Sweep(ctx, time.Now()); err != nil && ctx.Err() == nil {
			a.log.Error("record the dates that have passed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// serve answers requests until ctx ends, and then lets those under way finish,
// after stop has ended those that would last.
func (a *app) serve(ctx context.Context, listener net.Listener, handler http.Handler, stop func()) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	server.RegisterOnShutdown(stop)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "serve: %w", err)
	case <-ctx.Done():
	}
	a.say("%s", a.texts.Say("serve.stopping"))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "stop: %w", err)
	}
	return nil
}

// announce says what runs and where. A big register's counts follow on the page
// once it is loaded, so that the address stands here within the first second.
func (a *app) announce(s *server, addr, admin net.Addr) error {
	n := s.n
	register, err := n.Register(a.ctx)
	if err != nil {
		return err
	}
	t := a.texts
	url := "http://" + addr.String()
	name := a.registerName()
	if a.dataDir() == "" { // small, and in memory already
		s, err := n.Snapshot(a.ctx)
		if err != nil {
			return err
		}
		stats := s.Stats()
		name = t.Say("serve.counts", "name", name, "organisations", stats.Organisations, "persons", stats.Persons)
	}
	a.printf("%s\n", t.Say("serve.banner", "version", release, "name", name, "revision", register.Revision))
	a.printf("%s\n", t.Say("serve.page", "url", url+"/"))
	if !s.public {
		a.printf("%s\n", t.Say("serve.authzen", "url", url+"/.well-known/authzen-configuration"))
	}
	a.printf("%s\n", t.Say("serve.health", "url", url+"/healthz"))
	if admin != nil {
		a.printf("%s\n", t.Say("serve.admin", "url", "http://"+admin.String()+"/metrics"))
	}
	if s.mock != nil {
		a.printf("%s\n", t.Say("serve.mock", "url", s.mock.Issuer()))
	}
	a.printf("%s\n", t.Say("serve.lookups", "dir", s.lookups))
	switch {
	case s.public:
		a.printf("%s\n", t.Say("serve.public"))
	case s.calls.Open():
		a.printf("%s\n", t.Say("serve.unguarded"))
	}
	if a.globals.Demo {
		a.printf("%s ", t.Say("serve.invented"))
	}
	a.printf("%s\n", t.Say("serve.stop"))
	if tcp, ok := addr.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() && !s.public {
		a.say("%s", t.Say("serve.open", "addr", addr))
	}
	return nil
}

// registerName names the register in words.
func (a *app) registerName() string {
	switch {
	case a.globals.Demo:
		return a.texts.Say("serve.demo")
	case a.globals.World != "":
		return a.texts.Say("serve.world", "file", filepath.Base(a.globals.World))
	}
	return a.texts.Say("serve.data", "dir", a.dataDir())
}
