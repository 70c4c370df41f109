package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

// Every change goes the same way: a page that says what would happen, worked out
// without carrying it out; its form; the page that one came from, with a notice of
// what was done and a button that takes it back.

// command is a command of package delegation, in the hands of who acts.
type command func(*delegation.Acting) (*delegation.Outcome, error)

// question is a change that a visitor is asked to confirm.
type question struct {
	Title   string
	Lead    string // what it is about, in a sentence; "" for none
	Extra   string // said beside what it would do; "" for nothing
	Button  string // what the button does, in the imperative
	Danger  bool   // something is taken away
	Done    string // said when it is done
	Back    string // path of the page to go back to
	Crumbs  []crumb
	Fields  []field       // what the form carries
	Until   *untilField   // a last day that may be set; nil where there is none
	Message *messageField // a message that may be sent along; nil where there is none
	Picks   []pick        // what the form lets one choose among; none for nothing to choose
	Legend  string        // over Picks
	Wrong   []fieldError
	Items   []string // what the command's items are called, for refusals
	// Path is where the form goes; "" is the page's own address.
	Path string

	rule    fullmakt.Rule // by whose words a refusal is told; "" for those of the rule that refuses
	note    string        // in the log of changes
	command command
}

// field is a value that a form carries, unseen.
type field struct{ Name, Value string }

// untilField is the field of a last day.
type untilField struct {
	Value string // as it was typed
	Error string
}

// messageField is the field of a message.
type messageField struct{ Value, Error string }

// pick is one of several things that a form lets one choose.
type pick struct {
	Name, Value, Label, Note string
	Chosen                   bool
	Why                      string // not "": it cannot be chosen, for this reason
}

// fieldError tells what is wrong with a field of a form.
type fieldError struct{ Field, Text string }

// effect is one thing that a change does.
type effect struct {
	Text  string
	Ends  bool // something ends
	Along bool // it was not asked for, and ends because it rests on what was
}

// refusalShown is one thing that stands in the way, in words.
type refusalShown struct {
	Item  string // what it is about; "" for the whole
	Text  string
	Rests []effect
}

// confirmPage is what the template shows of a question.
type confirmPage struct {
	question
	Action   string
	Effects  []effect
	Notes    []string
	Refusals []refusalShown
	Seen     string // a digest of what ends, which the form brings back
	Moved    bool   // what ends is no longer what the visitor was shown
	Nothing  bool   // all is so already
}

// Blocked tells that the button would do nothing, whatever the form's fields are.
func (c *confirmPage) Blocked() bool {
	if slices.ContainsFunc(c.Picks, func(p pick) bool { return p.Why == "" }) {
		return false
	}
	return len(c.Refusals) > 0 && (c.Until == nil || len(c.Picks) > 0) || c.Nothing && c.Until == nil
}

// errMoved says that something else would end than the visitor was shown.
var errMoved = errors.New("what would end has changed")

// acting is the visitor as one who gives and takes back; nil for somebody who has
// not signed in, and who must never be taken for the operator.
func (v *view) acting(s *index.Snapshot) *delegation.Acting {
	if v.person() == 0 {
		return nil
	}
	return v.node.Acting(s, v.person(), v.at())
}

// ask shows the page that asks, and carries the change out when its form comes
// back. The route must be one for visitors who have signed in.
func (v *view) ask(q *question) error {
	c := &confirmPage{question: *q, Action: v.url(strings.TrimPrefix(v.r.URL.Path, prefix(v.lang)))}
	if q.Path != "" {
		c.Action = v.url(q.Path)
	}
	if v.r.Method != http.MethodPost {
		out, err := q.command(v.acting(v.snap))
		return v.confirm(c, out, err, http.StatusOK)
	}
	if len(q.Wrong) > 0 || q.Until != nil && q.Until.Error != "" {
		out, err := q.command(v.acting(v.snap))
		return v.confirm(c, out, err, http.StatusUnprocessableEntity)
	}
	out, seq, err := v.carryOut(q.note, v.r.PostForm.Get("seen"), q.command)
	switch {
	case errors.Is(err, errMoved):
		c.Moved = true
		return v.confirm(c, out, nil, http.StatusConflict)
	case err != nil:
		return v.confirm(c, nil, err, statusOf(err))
	}
	v.tell(out, seq, q.Done)
	return v.redirect(q.Back)
}

// carryOut runs a command on the head, unless it would end something else than
// what was seen; then the error is errMoved, and the page's snapshot is that head.
func (v *view) carryOut(note, seen string, run command) (out *delegation.Outcome, seq fullmakt.Seq, err error) {
	seq, err = v.node.Do(v.r.Context(), v.now, note, func(s *index.Snapshot) ([]fullmakt.Change, error) {
		var err error
		if out, err = run(v.acting(s)); err != nil {
			v.snap = s
			return nil, err
		}
		if len(out.Changes) > 0 && seen != endsDigest(out) {
			v.snap = s
			return nil, errMoved
		}
		return out.Changes, nil
	})
	return out, seq, err
}

// tell leaves a notice of what was done, with the button that takes it back where
// the visitor may do that.
func (v *view) tell(out *delegation.Outcome, seq fullmakt.Seq, done string) {
	n := notice{Kind: "success", Text: done}
	switch {
	case len(out.Changes) == 0:
		n = notice{Kind: "info", Text: v.say("web.change.already")}
	case undoable(out):
		if _, err := v.undo(v.node.Current(), seq); err == nil {
			n.Undo = seq
		} else {
			n.Text += " " + v.say("web.undo.other")
		}
	}
	v.session.notify(n)
}

// undoable reports whether an outcome has what delegation.Undo puts back.
func undoable(out *delegation.Outcome) bool {
	return slices.ContainsFunc(out.Changes, func(ch fullmakt.Change) bool {
		switch ch.(type) {
		case fullmakt.Grant, fullmakt.ScopeGrant, fullmakt.Agent, fullmakt.ClientDelegation:
			return true
		}
		return false
	})
}

// confirm shows a question with what it would do, or why it cannot be done.
func (v *view) confirm(c *confirmPage, out *delegation.Outcome, err error, status int) error {
	if err != nil {
		c.Refusals = v.refusals(err, c.rule, c.Items)
		if c.Refusals == nil {
			return err
		}
		if status == http.StatusOK {
			status = statusOf(err)
		}
	} else {
		c.Effects, c.Notes = v.effects(out)
		if c.Extra != "" && len(c.Effects) > 0 {
			c.Notes = append(c.Notes, c.Extra)
		}
		c.Seen, c.Nothing = endsDigest(out), len(out.Changes) == 0
	}
	return v.write(status, "confirm", &page{Title: c.Title, Crumbs: c.Crumbs, Body: c})
}

// statusOf is the HTTP status of a page that says why a command is refused.
func statusOf(err error) int {
	switch fullmakt.ErrorCode(err) {
	case fullmakt.CodeForbidden:
		return http.StatusForbidden
	case fullmakt.CodeNotFound:
		return http.StatusNotFound
	case fullmakt.CodeConflict:
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

// refusals tells everything that stands in the way; nil for an error that is no
// refusal.
func (v *view) refusals(err error, rule fullmakt.Rule, items []string) (list []refusalShown) {
	for _, r := range delegation.Refusals(err) {
		shown := refusalShown{Text: v.whyNot(r.Reason, cmp.Or(rule, r.Rule))}
		var i int
		if _, err := fmt.Sscanf(r.Path[strings.LastIndexByte(r.Path, '/')+1:], "%d", &i); err == nil && i >= 0 && i < len(items) {
			shown.Item = items[i]
		}
		for _, ch := range r.Rests {
			if told := v.told(ch); told != "" {
				shown.Rests = append(shown.Rests, effect{Text: told, Ends: true})
			}
		}
		if !slices.ContainsFunc(list, func(have refusalShown) bool { return have.Item == shown.Item && have.Text == shown.Text }) {
			list = append(list, shown)
		}
	}
	return list
}

// whyNot tells a visitor why something cannot be given or taken back: in words for
// the one who asks, where the general ones speak of a party.
func (v *view) whyNot(r fullmakt.Reason, rule fullmakt.Rule) string {
	for _, key := range []string{"web.not." + string(r) + "." + string(rule), "web.not." + string(r)} {
		if v.texts.Knows(key) {
			return v.say(key)
		}
	}
	return v.texts.Reason(r)
}

// effects tells what a change does, and what it does not do although one might
// think so.
func (v *view) effects(out *delegation.Outcome) (list []effect, notes []string) {
	for _, ch := range out.Changes {
		if told := v.told(ch); told != "" {
			list = append(list, effect{Text: told, Ends: ends(ch), Along: slices.ContainsFunc(out.Ended, func(e fullmakt.Change) bool { return same(e, ch) })})
		}
	}
	for _, item := range out.Items {
		if g, ok := item.Change.(fullmakt.Grant); ok && item.StillHeld {
			notes = append(notes, v.say("web.change.still", "to", v.label(g.To), "what", v.given(g)))
		}
	}
	return list, notes
}

// endsDigest stands for what a change ends: what the visitor must have seen.
func endsDigest(out *delegation.Outcome) string {
	var lines []string
	for _, ch := range out.Changes {
		if ends(ch) {
			lines = append(lines, fmt.Sprintf("%T %+v", ch, ch))
		}
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:12])
}

// ends reports whether a change ends something.
func ends(ch fullmakt.Change) bool {
	switch c := ch.(type) {
	case fullmakt.Grant:
		return c.Ended
	case fullmakt.ScopeGrant:
		return c.Ended
	case fullmakt.Agent:
		return c.Ended
	case fullmakt.ClientDelegation:
		return c.Ended
	case fullmakt.SystemUser:
		return c.Ended
	case fullmakt.EnterpriseUser:
		return c.Ended
	case fullmakt.Document:
		return c.Ended
	}
	return false
}

// same reports whether two changes are one.
func same(a, b fullmakt.Change) bool {
	return fmt.Sprintf("%T %+v", a, a) == fmt.Sprintf("%T %+v", b, b)
}

// schemes finds the schemes of scopes in the registry of a snapshot.
func (v *view) schemes(s *index.Snapshot) func(string) (delegation.Scheme, bool) {
	view := v.node.Registry(s)
	return func(id string) (delegation.Scheme, bool) {
		scheme, ok := view.Scheme(id)
		if !ok {
			return delegation.Scheme{}, false
		}
		return delegation.SchemeOf(s, scheme), true
	}
}

// label names a party in a sentence.
func (v *view) label(p fullmakt.PartyNo) string { return label(v.texts, v.party(p)) }

// title names a resource; by its identifier when it has left the registry.
func (v *view) title(r *registry.Resource, id string) string {
	if r == nil {
		return id
	}
	return cmp.Or(r.Title.In(string(v.lang)), id)
}
