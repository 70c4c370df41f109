package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
)

// session is a browser that somebody signed in with. Sessions live in this process
// alone and end with it.
type session struct {
	key    [32]byte // SHA-256 of the id that the browser holds
	csrf   string   // a form of this session carries it
	person fullmakt.PartyNo

	mu      sync.Mutex
	began   time.Time
	seen    time.Time
	notices []notice
}

// notice is something to say on the next page that is shown: what a form did.
type notice struct {
	Kind string // success, info, warning or danger
	Text string
	// Undo, when not 0, is the revision that a button takes back.
	Undo fullmakt.Seq
}

// sessions are those that live.
type sessions struct {
	mu   sync.Mutex
	byID map[[32]byte]*session
}

func newSessions() *sessions { return &sessions{byID: map[[32]byte]*session{}} }

const (
	sessionCookie = "fullmakt-session"
	sessionIdle   = 30 * time.Minute // without a request
	sessionMost   = 8 * time.Hour    // in all
	mostSessions  = 10_000
)

// begin starts a session for a person and hands its id to the browser. What the
// browser held before ends, so that an id from before the sign-in is worth nothing.
func (v *view) begin(person fullmakt.PartyNo) *session {
	v.end()
	id := rand.Text() + rand.Text()
	s := &session{key: sha256.Sum256([]byte(id)), csrf: rand.Text(), person: person, began: v.now, seen: v.now}
	v.sessions.add(s, v.now)
	v.cookie(id, int(sessionMost/time.Second))
	v.session = s
	return s
}

// end ends the session of this browser.
func (v *view) end() {
	if v.session == nil {
		return
	}
	v.sessions.mu.Lock()
	delete(v.sessions.byID, v.session.key)
	v.sessions.mu.Unlock()
	v.session = nil
	v.cookie("", -1)
}

// cookie sets the session's cookie: out of reach of scripts and of other sites.
func (v *view) cookie(value string, maxAge int) {
	http.SetCookie(v.w, &http.Cookie{
		Name: sessionCookie, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(v.PublicURL, "https:"),
	})
}

// add keeps a session; those that are over go, and when there are too many the
// one that has been idle longest.
func (s *sessions) add(one *session, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var idlest *session
	for key, other := range s.byID {
		switch {
		case other.over(now):
			delete(s.byID, key)
		case idlest == nil || other.lastSeen().Before(idlest.lastSeen()):
			idlest = other
		}
	}
	if len(s.byID) >= mostSessions {
		delete(s.byID, idlest.key)
	}
	s.byID[one.key] = one
}

// of returns the session of a request; nil for none that lives.
func (s *sessions) of(r *http.Request, now time.Time) *session {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.byID[sha256.Sum256([]byte(cookie.Value))]
	switch {
	case found == nil:
		return nil
	case found.over(now):
		delete(s.byID, found.key)
		return nil
	}
	found.mu.Lock()
	found.seen = now
	found.mu.Unlock()
	return found
}

func (s *session) lastSeen() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

func (s *session) over(now time.Time) bool {
	return now.Sub(s.lastSeen()) > sessionIdle || now.Sub(s.began) > sessionMost
}

// notify says something on the next page that this session is shown.
func (s *session) notify(n notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notices = append(s.notices, n)
}

// take returns what is to be said, once.
func (s *session) take() []notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.notices
	s.notices = nil
	return list
}

// person returns who is signed in; 0 for nobody.
func (v *view) person() fullmakt.PartyNo {
	if v.session == nil {
		return 0
	}
	return v.session.person
}

// genuine reports whether a form was sent from a page of this session. Forms of
// visitors without a session change nothing that is anybody's; that they come from
// this origin has been seen to already.
func (v *view) genuine() bool {
	return v.session == nil || subtle.ConstantTimeCompare([]byte(v.r.PostForm.Get("csrf")), []byte(v.session.csrf)) == 1
}

// toSignIn tells a visitor to sign in first, and where the way leads afterwards.
func (v *view) toSignIn() error {
	if v.r.Method != http.MethodGet {
		return problem(http.StatusForbidden, "stale-form")
	}
	http.Redirect(v.w, v.r, v.url("/sign-in", "to", v.r.URL.RequestURI()), http.StatusSeeOther)
	return errShown
}

// localPath returns where to go on after the sign-in: a path of ours, or else the
// front page.
func localPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		return "/"
	}
	return to
}

// sessionRoutes lists the routes about sessions.
func sessionRoutes() []route {
	return []route{{method: "POST", pattern: "/sign-out", handle: signOut, free: true}}
}

func signOut(v *view) error {
	v.end()
	return v.redirect("/")
}
