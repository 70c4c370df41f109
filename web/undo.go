package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

func undoRoutes() []route {
	return []route{{method: "POST", pattern: "/undo", handle: undoRevision, signedIn: true}}
}

// undoRevision takes a revision back by a new change, however old it is, if the visitor may
// make that change, and goes back to the page that asked. What was changed since
// stays, and the page says so.
func undoRevision(v *view) error {
	seq, err := strconv.ParseUint(v.r.PostForm.Get("seq"), 10, 64)
	if err != nil {
		return problem(http.StatusBadRequest, "invalid")
	}
	back := v.cameFrom()
	var out *delegation.Outcome
	done, err := v.node.Do(v.r.Context(), v.now, "undo", func(s *index.Snapshot) ([]fullmakt.Change, error) {
		v.snap = s
		var err error
		if out, err = v.undo(s, fullmakt.Seq(seq)); err != nil {
			return nil, err
		}
		return out.Changes, nil
	})
	if why := v.refusals(err, "", nil); why != nil {
		var told []string
		for _, r := range why {
			told = append(told, r.Text)
		}
		v.session.notify(notice{Kind: "warning", Text: v.say("web.undo.not", "why", strings.Join(told, " "))})
		return v.redirectTo(back)
	}
	if err != nil {
		return err
	}
	v.tell(out, done, v.say("web.undo.done"))
	return v.redirectTo(back)
}

// undo works out what would take a revision back on a snapshot.
func (v *view) undo(s *index.Snapshot, seq fullmakt.Seq) (*delegation.Outcome, error) {
	did, err := v.node.Undo(v.r.Context(), seq)
	if err != nil {
		return nil, err
	}
	did.Schemes = v.schemes(s)
	return v.acting(s).Undo(did)
}

// cameFrom is the address of the page whose form came, if it is one of ours; else
// the front page.
func (v *view) cameFrom() string {
	u, err := url.Parse(v.r.Referer())
	if err != nil || u.Host != v.r.Host || u.Path == "" {
		return v.url("/")
	}
	return localPath((&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String())
}
