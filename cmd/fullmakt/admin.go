package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/api"
)

// checkAdmin refuses an address for metrics and profiles that is not this
// machine's alone: what stands there is for those who run the server.
func checkAdmin(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	if err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return notLoopback(addr)
	}
	return nil
}

func notLoopback(addr string) error {
	return fullmakt.Errorf(fullmakt.CodeInvalid, "--admin-addr %s: want a loopback address", addr).
		WithHint("metrics and profiles are for this machine alone, such as 127.0.0.1:9090; a collector of metrics elsewhere needs a tunnel or a proxy that knows who asks")
}

// listenAdmin opens the address for metrics and profiles.
func listenAdmin(addr string) (net.Listener, error) {
	if err := checkAdmin(addr); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "listen on %s: %w", addr, err).
			WithHint("another program may use that port; --admin-addr 127.0.0.1:0 takes a free one")
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return nil, errors.Join(notLoopback(addr), listener.Close()) // localhost means something else here
	}
	return listener, nil
}

// adminRoutes answers /metrics and /debug/pprof/, and that only by a loopback
// name, so that no web page can read them through a browser.
func adminRoutes(m *metrics) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.handler())
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return secured(api.LoopbackOnly(mux))
}

// serveAdmin answers on listener until stop is called, which waits for its end.
func (a *app) serveAdmin(listener net.Listener, handler http.Handler) (stop func()) {
	// Without a limit on writing: a profile takes as long as it is asked to.
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("metrics and profiles are no longer served", "error", err)
		}
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // whoever reads a profile now does without
		}
		<-ended
	}
}
