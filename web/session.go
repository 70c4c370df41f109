package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// session is a browser that somebody signed in with. Sessions live in this process
// alone and end with it. An identity number is in none of them.
type session struct {
	key    [32]byte         // SHA-256 of the id that the browser holds
	csrf   string           // a form of this session carries it
	person fullmakt.PartyNo // 0 for somebody who is no person of the register
	began  time.Time

	// What the issuer said, which the session keeps to.
	subject    string // its own name for who signed in
	name       string // shown for somebody who is no person of the register
	sid        string // of the session there, which it may end
	caseWorker bool
	operator   bool

	mu      sync.Mutex
	seen    time.Time
	notices []notice
	purpose purpose
	persons map[fullmakt.PartyNo]bool // those that it has named rightly (rule GIVE-3)
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

// begin starts a session for a person, who is 0 for somebody else that the issuer
// knows, and hands its id to the browser. What the browser held before ends, so
// that an id from before the sign-in is worth nothing.
func (v *view) begin(person fullmakt.PartyNo, who identity) *session {
	v.end()
	id := rand.Text() + rand.Text()
	s := &session{
		key: sha256.Sum256([]byte(id)), csrf: rand.Text(), person: person, began: v.now, seen: v.now,
		subject: who.subject, name: who.name, sid: who.sid, caseWorker: who.caseWorker, operator: who.operator,
	}
	v.sessions.add(s, v.now)
	v.cookie(sessionCookie, id, sessionMost)
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
	v.cookie(sessionCookie, "", 0)
}

// cookie sets a cookie for a while, or drops it when that is 0. It is out of reach
// of scripts and of forms of other sites; behind https also of other hosts of the
// domain, which the name's prefix tells browsers.
func (v *view) cookie(name, value string, life time.Duration) {
	maxAge := int(life / time.Second)
	if maxAge == 0 {
		maxAge = -1
	}
	http.SetCookie(v.w, &http.Cookie{
		Name: v.cookieName(name), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.overTLS(),
	})
}

// cookieName is what a cookie is called where the server is reached.
func (s *Server) cookieName(name string) string {
	if s.overTLS() {
		return "__Host-" + name
	}
	return name
}

// overTLS reports whether browsers reach the server by https.
func (s *Server) overTLS() bool { return strings.HasPrefix(s.PublicURL, "https:") }

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

// of returns the session of the id that a browser holds; nil for none that lives.
func (s *sessions) of(id string, now time.Time) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.byID[sha256.Sum256([]byte(id))]
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

// drop ends the sessions that which holds for.
func (s *sessions) drop(which func(*session) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, one := range s.byID {
		if which(one) {
			delete(s.byID, key)
		}
	}
}

// count returns how many sessions of a person live.
func (s *sessions) count(person fullmakt.PartyNo, now time.Time) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.byID {
		if one.person == person && !one.over(now) {
			n++
		}
	}
	return n
}

// resume finds the session of this request. One whose person is dead or purged
// meanwhile ends.
func (v *view) resume() {
	cookie, err := v.r.Cookie(v.cookieName(sessionCookie))
	if err != nil {
		return
	}
	v.session = v.sessions.of(cookie.Value, v.now)
	snap := v.node.Current()
	if v.session != nil && v.session.person != 0 && snap != nil && !living(snap, v.session.person) {
		v.end()
	}
}

// living reports whether a party is a person that lives.
func living(s *index.Snapshot, p fullmakt.PartyNo) bool {
	n := s.Node(p)
	return n.Kind == fullmakt.KindPerson && n.Flags&index.Dead == 0
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
