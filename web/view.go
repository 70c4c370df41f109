package web

import (
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/text"
)

// view is one request on its way to its page.
type view struct {
	*Server
	w       http.ResponseWriter
	r       *http.Request
	route   *route
	lang    text.Lang
	texts   *text.Texts
	now     time.Time       // of the request, and of its decisions
	snap    *index.Snapshot // that the whole page is answered from; nil on free pages
	session *session        // nil for a visitor without one
	// lookup is what the page tells about whom; handlers fill it and show records
	// it. Pages that show nobody leave it alone.
	lookup audit.Record
}

// serve is what every request passes on its way to its handler.
func (s *Server) serve(rt route, lang text.Lang) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &view{Server: s, w: w, r: r, route: &rt, lang: lang, texts: s.texts[lang], now: s.now()}
		secure(w.Header())
		defer func() {
			if defect := recover(); defect != nil {
				if defect == http.ErrAbortHandler {
					panic(defect)
				}
				s.log.Error("page panicked", "page", rt.pattern, "stack", string(debug.Stack()))
				v.fail(problem(http.StatusInternalServerError, "internal"))
			}
		}()
		if err := v.admit(); err != nil {
			v.fail(err)
			return
		}
		if err := rt.handle(v); err != nil {
			v.fail(err)
		}
	})
}

// admit readies a view for its handler, or says why it may not go on.
func (v *view) admit() error {
	v.resume()
	if v.r.Method == http.MethodPost {
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostForm)
		if err := v.r.ParseForm(); err != nil {
			return problem(http.StatusBadRequest, "form")
		}
		if !v.genuine() {
			return problem(http.StatusForbidden, "stale-form")
		}
	}
	if v.route.signedIn && v.person() == 0 || !v.route.free && !v.Open && v.session == nil {
		return v.toSignIn()
	}
	if v.route.free {
		v.snap = v.node.Current() // may be nil
		return nil
	}
	if v.snap = v.node.Current(); v.snap == nil {
		return problem(http.StatusServiceUnavailable, "loading")
	}
	return nil
}

// mostForm bounds the bytes of a form.
const mostForm = 256 << 10

// secure sets what every page carries: nothing comes from elsewhere, is framed,
// guessed at or kept. Images may be data, as the style sheet's own icons are.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
}

// teller tells what the engine found in this page's snapshot. A person is shown by
// birth date, never by identity number.
func (v *view) teller() *text.Teller {
	return &text.Teller{Snapshot: v.snap, Zone: v.oslo, PersonID: fullmakt.NationalID.BirthDate}
}

// party returns a party as it is shown.
func (v *view) party(p fullmakt.PartyNo) text.Party { return v.teller().Party(p) }

// at is the instant that a page's decisions are made for: now.
func (v *view) at() int64 { return v.now.Unix() }

// say returns a message in the page's language.
func (v *view) say(key string, pairs ...any) string { return v.texts.Say(key, pairs...) }

// url returns the address of a page in the visitor's language, with a query of
// names and values; empty values are left out.
func (v *view) url(path string, pairs ...string) string { return address(v.lang, path, pairs...) }

func address(lang text.Lang, path string, pairs ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Add(pairs[i], pairs[i+1])
		}
	}
	if encoded := query.Encode(); encoded != "" {
		path += "?" + encoded
	}
	if lang != text.NB && path == "/" {
		return prefix(lang) + "/"
	}
	return prefix(lang) + path
}

// redirect sends the browser on to a page of ours after a form.
func (v *view) redirect(path string) error {
	return v.redirectTo(v.url(path))
}

// goTo sends a visitor to another page in place of this one. htmx, which would put
// that page into this one, is told to leave it.
func (v *view) goTo(address string) error {
	if v.r.Header.Get("HX-Request") == "true" {
		v.w.Header().Set("HX-Redirect", address)
		v.w.WriteHeader(http.StatusOK)
		return errShown
	}
	http.Redirect(v.w, v.r, address, http.StatusSeeOther)
	return errShown
}

// redirectTo sends the browser on to an address as it is.
func (v *view) redirectTo(address string) error {
	http.Redirect(v.w, v.r, address, http.StatusSeeOther)
	return nil
}

// record puts the look-up of this page into the log, before the page goes out. What
// cannot be recorded is not shown.
func (v *view) record(status int) error {
	r := &v.lookup
	why := v.purpose()
	shows := r.Must || r.Subject != 0 || r.Object != 0 || len(r.Items) > 0 || r.What != ""
	if v.Lookups == nil || !shows && (why == "" || v.route.free) {
		return nil
	}
	r.Time, r.Client, r.User = v.now, "page", v.person()
	if v.session != nil && r.User == 0 {
		r.Client += " " + v.session.subject
	}
	if why != "" { // whatever the level of the log
		r.Purpose, r.Must = why, true
	}
	r.API, r.Operation = "page", strings.TrimPrefix(v.route.pattern, "/")
	if v.snap != nil {
		r.Revision = v.snap.Seq()
	}
	switch {
	case status >= http.StatusBadRequest:
		r.Outcome = audit.Failed
	case r.Outcome == "":
		r.Outcome = audit.Listed
	}
	return v.Lookups.Add(v.r.Context(), *r)
}
