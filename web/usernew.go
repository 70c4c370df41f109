package web

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

// newUserPage asks whom to give to.
type newUserPage struct {
	*place
	Action                      string
	Number, NumberError         string
	LastName, PersonError, Wait string
}

// newUser finds the one that is to be given something: an organisation by its
// number, or a person by identity number and last name (rule GIVE-3). The identity
// number is in the body of a form and nowhere else; whom the visitor has named
// rightly the session remembers.
func newUser(v *view) error {
	p, err := v.place(partUsers)
	if err != nil {
		return err
	}
	body := &newUserPage{place: p, Action: v.url(p.Path + partUsers + "/new")}
	pg := &page{Title: v.say("web.users.new.title", "name", p.Name), Crumbs: append(p.Crumbs, crumb{p.Path + partUsers, v.say("web.users.title")}), Body: body}
	if !p.Manages {
		return problem(http.StatusForbidden, "not-manager")
	}
	if v.r.Method == http.MethodGet {
		return v.show("usernew", pg)
	}
	if v.has("number") {
		body.Number = strings.TrimSpace(v.value("number"))
		other := v.byRef(body.Number)
		if other == 0 || v.snap.Kind(other) != fullmakt.KindOrganisation {
			body.NumberError = v.numberError(body.Number)
			return v.write(http.StatusUnprocessableEntity, "usernew", pg)
		}
		return v.redirect(p.Path + partUsers + "/" + partyRef(v.party(other)))
	}
	body.LastName = clipped(v.value("last-name"))
	if v.wrongNames.blocked(v.person(), v.now) {
		body.PersonError = v.say("web.person.wait")
		return v.write(http.StatusTooManyRequests, "usernew", pg)
	}
	id, err := fullmakt.ParseNationalID(strings.Join(strings.Fields(v.value("identity")), ""))
	if err != nil {
		body.PersonError = v.say("web.person.number")
		return v.write(http.StatusUnprocessableEntity, "usernew", pg)
	}
	// That the number is unknown and that the name does not fit is one answer.
	person := v.snap.Person(id)
	if person == 0 || !delegation.LastNameFits(v.snap.Name(person), body.LastName) {
		v.wrongNames.add(v.person(), v.now)
		body.PersonError = v.say("web.person.unknown")
		return v.write(http.StatusUnprocessableEntity, "usernew", pg)
	}
	v.lookup.Subject = person
	v.session.remember(person)
	return v.redirect(p.Path + partUsers + "/" + partyRef(v.party(person)))
}

// named reports whether the visitor has named a person rightly in this session.
func (v *view) named(p fullmakt.PartyNo) bool {
	if v.session == nil {
		return false
	}
	v.session.mu.Lock()
	defer v.session.mu.Unlock()
	return v.session.persons[p]
}

// remember keeps that a person was named rightly.
func (s *session) remember(p fullmakt.PartyNo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.persons == nil {
		s.persons = map[fullmakt.PartyNo]bool{}
	}
	s.persons[p] = true
}

// wrongNames counts who has named persons wrongly, so that nobody finds out by
// trying which identity number is whose.
type wrongNames struct {
	mu sync.Mutex
	by map[fullmakt.PartyNo]wrongCount
}

type wrongCount struct {
	times int
	since time.Time
}

// How many wrong names block further ones, and for how long from the first.
const (
	mostWrongNames = 5
	wrongNamesLast = time.Hour
)

// blocked reports whether somebody must wait.
func (w *wrongNames) blocked(who fullmakt.PartyNo, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.by[who]
	return n.times >= mostWrongNames && now.Sub(n.since) < wrongNamesLast
}

// add counts a wrong name, and forgets those of long ago.
func (w *wrongNames) add(who fullmakt.PartyNo, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[fullmakt.PartyNo]wrongCount{}
	}
	for other, n := range w.by {
		if now.Sub(n.since) >= wrongNamesLast {
			delete(w.by, other)
		}
	}
	n, there := w.by[who]
	if !there {
		n.since = now
	}
	n.times++
	w.by[who] = n
}
