package api

import (
	"net"
	"net/http"
	"net/url"
)

// guardLoopback refuses what a web page elsewhere could make a browser send to an
// open server on this machine. A page can let its own name point here (DNS
// rebinding), which the Host header tells, or send a request across origins, which
// the Origin header or Sec-Fetch-Site tells.
func guardLoopback(r *http.Request) error {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if !loopbackName(host) {
		return statusf(http.StatusForbidden, "authentication is off, and this server answers only to the name localhost and loopback addresses")
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || u.Host != r.Host || !loopbackName(u.Hostname()) {
			return statusf(http.StatusForbidden, "authentication is off, and this server does not answer pages of another origin")
		}
	}
	// Following a link is all right: the page that has it cannot read the answer.
	if site := r.Header.Get("Sec-Fetch-Site"); (site == "cross-site" || site == "same-site") && r.Header.Get("Sec-Fetch-Mode") != "navigate" {
		return statusf(http.StatusForbidden, "authentication is off, and this server does not answer pages of another site")
	}
	return nil
}

// LoopbackOnly wraps the pages that are served beside an open API, so that they
// too answer only requests that nobody elsewhere can have caused.
func LoopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := guardLoopback(r); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
