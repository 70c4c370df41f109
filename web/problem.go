package web

import (
	"errors"
	"net/http"

	"github.com/fullmakt/fullmakt"
)

// pageError is something that went wrong, told to the visitor as a page: what, why
// and what to do next. Its texts are the messages web.problem.KEY.title, .text and
// .next.
type pageError struct {
	status int
	key    string
	pairs  []any
	cause  error
}

// problem makes an error that is shown as a page.
func problem(status int, key string, pairs ...any) *pageError {
	for i, value := range pairs { // what a visitor has written is repeated, but no identity number
		if s, ok := value.(string); ok && holdsNationalID(s) {
			pairs[i] = "…"
		}
	}
	return &pageError{status: status, key: key, pairs: pairs}
}

// Error names the problem for the log.
func (p *pageError) Error() string { return "page problem " + p.key }

// Unwrap returns what caused it.
func (p *pageError) Unwrap() error { return p.cause }

// errShown says that the answer has gone out already.
var errShown = errors.New("answered already")

// problemOf turns an error from behind the pages into one to show.
func problemOf(err error) *pageError {
	var p *pageError
	if errors.As(err, &p) {
		return p
	}
	switch fullmakt.ErrorCode(err) {
	case fullmakt.CodeNotFound:
		p = problem(http.StatusNotFound, "not-found")
	case fullmakt.CodeInvalid, fullmakt.CodeAmbiguous:
		p = problem(http.StatusBadRequest, "invalid")
	case fullmakt.CodeForbidden:
		p = problem(http.StatusForbidden, "forbidden")
	case fullmakt.CodeConflict, fullmakt.CodeStale:
		p = problem(http.StatusConflict, "conflict")
	case fullmakt.CodeUnavailable:
		p = problem(http.StatusServiceUnavailable, "unavailable")
	default:
		p = problem(http.StatusInternalServerError, "internal")
	}
	p.cause = err
	return p
}

// problemPage is what the template shows of a problem.
type problemPage struct {
	Title, Text, Next string
	Status            int
	Retry             bool // the page tries again by itself
}

// fail shows an error as a page.
func (v *view) fail(err error) {
	if errors.Is(err, errShown) {
		return
	}
	p := problemOf(err)
	if p.status == http.StatusInternalServerError {
		v.log.Error("page", "page", v.route.pattern, "error", err)
	}
	key := "web.problem." + p.key
	shown := problemPage{
		Title: v.say(key+".title", p.pairs...), Text: v.say(key+".text", p.pairs...), Next: v.say(key+".next", p.pairs...),
		Status: p.status, Retry: p.key == "loading",
	}
	if shown.Retry {
		v.w.Header().Set("Retry-After", "1")
		v.w.Header().Set("Refresh", "2")
	}
	if err := v.write(p.status, "problem", &page{Title: shown.Title, Body: shown}); err != nil {
		v.log.Error("page of a problem", "page", v.route.pattern, "error", err)
		http.Error(v.w, "internal error", http.StatusInternalServerError)
	}
}

// nothingHere answers for addresses that no page has.
func nothingHere(*view) error { return problem(http.StatusNotFound, "no-page") }
