// Package api is the HTTP side: OpenID AuthZEN and the APIs that clients of
// Altinn Authorization know, all of them codecs over the same query and decision.
//
// A family of endpoints is a file (or a few, with the same beginning of name) with
// a function that lists its routes:
//
//	server.go     Config → Server → http.Handler; the table of all routes
//	route.go      one route: method, pattern, scopes, handler
//	call.go       one request on its way through its route
//	problem.go    errors: a code becomes a status in one place
//	auth*.go      who calls: tokens, issuers, scopes, what a consumer may ask about
//	altinn_*.go   what clients of Altinn Authorization read; docs/compatibility.md
//	authzen*.go   OpenID AuthZEN Authorization API 1.0
//
// Every route passes the same steps in serve: request id, loopback guard,
// authentication, rate limit, scopes, handler. What goes over the wire lives here
// only; nothing is decided here.
package api
