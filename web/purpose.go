package web

import (
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

func purposeRoutes() []route {
	return []route{
		{method: "GET", pattern: "/purpose", handle: askPurpose, free: true},
		{method: "POST", pattern: "/purpose", handle: setPurpose, free: true},
	}
}

// purposePage asks a case worker why it looks at others.
type purposePage struct {
	To     string
	Text   string // as it was given
	Wrong  string // what is wrong with it
	Listed []string
	Until  time.Time
}

const (
	leastPurpose = 5   // characters
	mostPurpose  = 200 // bytes
)

// purposeWanted reports who is no case worker, and where look-ups could not be
// recorded.
func (v *view) purposeWanted() error {
	switch {
	case v.session == nil:
		return v.toSignIn()
	case !v.caseWorker():
		return problem(http.StatusForbidden, "forbidden")
	case v.Lookups == nil:
		return problem(http.StatusServiceUnavailable, "unrecorded")
	}
	return nil
}

func askPurpose(v *view) error {
	if err := v.purposeWanted(); err != nil {
		return err
	}
	body := purposePage{To: localPath(v.r.URL.Query().Get("to")), Text: v.purpose(), Listed: v.Purposes}
	return v.show("purpose", &page{Title: v.say("web.purpose.title"), Body: body})
}

// setPurpose keeps a purpose in the session for an hour. An empty one ends it.
func setPurpose(v *view) error {
	if err := v.purposeWanted(); err != nil {
		return err
	}
	to, given := localPath(v.r.PostForm.Get("to")), strings.Join(strings.Fields(v.r.PostForm.Get("purpose")), " ")
	wrong := ""
	switch {
	case v.r.PostForm.Get("end") != "":
		v.session.state(purpose{})
		return v.redirect("/me")
	case utf8.RuneCountInString(given) < leastPurpose || !utf8.ValidString(given):
		wrong = "web.purpose.short"
	case len(given) > mostPurpose:
		wrong = "web.purpose.long"
	case holdsNationalID(given):
		wrong, given = "web.purpose.number", ""
	}
	if wrong != "" {
		body := purposePage{To: to, Text: given, Wrong: v.say(wrong), Listed: v.Purposes}
		return v.write(http.StatusUnprocessableEntity, "purpose", &page{Title: v.say("web.purpose.title"), Body: body})
	}
	v.session.state(purpose{text: given, until: v.now.Add(purposeLife)})
	return v.redirectTo(to)
}

// state keeps why a case worker looks at others.
func (s *session) state(p purpose) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.purpose = p
}
