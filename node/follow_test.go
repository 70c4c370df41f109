package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
)

// feedServer is a register's API over a small world that tests change.
type feedServer struct {
	mu     sync.Mutex
	down   bool
	units  map[string]string // "/enheter/310000019", "…/roller" → answer; "410" → gone
	events map[string][]string
	ids    map[string]int64
}

func newFeedServer() *feedServer {
	return &feedServer{units: map[string]string{}, events: map[string][]string{}, ids: map[string]int64{}}
}

// change sets what a path answers and enters it in a feed.
func (s *feedServer) change(feed string, n fullmakt.OrgNumber, kind, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids[feed] += 3 // ids have holes
	id := s.ids[feed]
	at := noon.Add(time.Duration(id) * time.Minute).Format(time.RFC3339)
	path := "/" + feed + "/" + n.String()
	if feed == "roller" {
		path = "/enheter/" + n.String() + "/roller"
		s.events[feed] = append(s.events[feed], fmt.Sprintf(`{"specversion":"1.0","id":"%d","time":%q,"data":{"organisasjonsnummer":%q}}`, id, at, n))
	} else {
		s.events[feed] = append(s.events[feed], fmt.Sprintf(`{"oppdateringsid":%d,"dato":%q,"organisasjonsnummer":%q,"endringstype":%q}`, id, at, n, kind))
	}
	s.units[path] = body
}

func (s *feedServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	feed, isFeed := strings.CutPrefix(r.URL.Path, "/oppdateringer/")
	if !isFeed {
		switch body, ok := s.units[r.URL.Path]; {
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		case body == "410":
			w.WriteHeader(http.StatusGone)
		default:
			fmt.Fprint(w, body)
		}
		return
	}
	q := r.URL.Query()
	first := int64(0) // the first id wanted
	if id, err := strconv.ParseInt(q.Get("oppdateringsid"), 10, 64); err == nil {
		first = id
	}
	if id, err := strconv.ParseInt(q.Get("afterId"), 10, 64); err == nil {
		first = id + 1
	}
	size, err := strconv.Atoi(q.Get("size"))
	if err != nil {
		size = 20
	}
	var page []string
	for i, event := range s.events[feed] {
		if id := int64(i+1) * 3; id >= first && len(page) < size {
			page = append(page, event)
		}
	}
	list := "[" + strings.Join(page, ",") + "]"
	switch {
	case feed == "roller":
		fmt.Fprint(w, list)
	case len(page) == 0:
		fmt.Fprint(w, `{"page":{"size":20,"totalElements":0}}`)
	default:
		name := "oppdaterte" + strings.ToUpper(feed[:1]) + feed[1:]
		fmt.Fprintf(w, `{"_embedded":{%q:%s},"page":{"size":20}}`, name, list)
	}
}

func (r *register) follow(server *httptest.Server, adjust func(*FollowOptions)) error {
	r.t.Helper()
	opts := FollowOptions{
		Feeds: &enhetsregisteret.Follower{BaseURL: server.URL, HTTP: server.Client(), PageSize: 2, Attempts: 1},
		Once:  true,
		Now:   func() time.Time { return noon },
	}
	if adjust != nil {
		adjust(&opts)
	}
	return Follow(r.t.Context(), r.db, opts)
}

func TestFollow(t *testing.T) {
	r := newRegister(t)
	api := newFeedServer()
	server := httptest.NewServer(api)
	defer server.Close()

	if err := r.follow(server, nil); fullmakt.ErrorCode(err) != fullmakt.CodeConflict {
		t.Fatalf("an empty store: error = %v, want a conflict", err)
	}
	r.imports(firstDay(r)...)

	// What was published since the bulk files, and some of it before.
	api.change("enheter", bergen, "Endring", unit(bergen, "ASA", "BERGEN ASA", ""))
	api.change("enheter", oslo, "Ny", unit(oslo, "AS", "OSLO AS", ""))
	api.change("enheter", bergen, "Endring", unit(bergen, "ASA", "BERGEN ALLMENN ASA", ""))
	api.change("enheter", trondheim, "Sletting", unit(trondheim, "AS", "TRONDHEIM AS", `, "slettedato" : "2026-11-21"`))
	api.change("underenheter", sub, "Fjernet", "410")
	api.change("roller", bergen, "", roleSet(bergen, byOrg("DAGL", oslo, "OSLO AS")))
	api.change("roller", trondheim, "", "")
	delete(api.units, "/enheter/310000027/roller")

	var batches []FollowReport
	if err := r.follow(server, func(o *FollowOptions) { o.OnBatch = func(b FollowReport) { batches = append(batches, b) } }); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"310000019":                 "BERGEN ALLMENN ASA (ASA) active, open-data; DAGL 310000035",
		"310000027":                 "TRONDHEIM AS (AS) deleted 2026-11-21, open-data; DAGL 1970-01-12 kari nordmann; MEDL 1950-02-01 ola nordmann",
		"310000035":                 "OSLO AS (AS) active, open-data",
		"1950-02-01 ola nordmann":   "dead",
		"feed bulk":                 "enheter=2026-11-20T12:00:00Z underenheter=2026-11-20T12:00:00Z roller=2026-11-20T12:00:00Z ",
		"feed updates/enheter":      "12 ",
		"feed updates/underenheter": "3 ",
		"feed updates/roller":       "6 ",
	}
	if diff := cmp.Diff(want, state(t, r.db)); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if len(batches) != 4 || batches[0].Entries != 2 || batches[2].Purged != 1 {
		t.Errorf("batches = %+v, want 4 of up to 2 entries, the third with a purge", batches)
	}

	t.Run("again from the cursors finds nothing", func(t *testing.T) {
		before, _ := r.db.Head(t.Context())
		if err := r.follow(server, nil); err != nil {
			t.Fatal(err)
		}
		if after, err := r.db.Head(t.Context()); err != nil || after.Seq != before.Seq {
			t.Errorf("head = %d, %v, want %d", after.Seq, err, before.Seq)
		}
	})
	t.Run("a bulk file of an earlier day is caught up with", func(t *testing.T) {
		before := state(t, r.db)
		r.imports(r.file("e.json", unit(bergen, "AS", "BERGEN AS", ""), unit(oslo, "AS", "OSLO AS", "")))
		if r.org(bergen) == before[bergen.String()] {
			t.Fatal("the file says nothing older, so the test shows nothing")
		}
		if err := r.follow(server, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, state(t, r.db)); diff != "" {
			t.Errorf("state (-before the file +after following):\n%s", diff)
		}
	})
	t.Run("also while it follows", func(t *testing.T) {
		before := state(t, r.db)
		stop := errors.New("enough")
		pauses := 0
		err := r.follow(server, func(o *FollowOptions) {
			o.Once = false
			o.Sleep = func(context.Context, time.Duration) error {
				if pauses++; pauses == 2 {
					return stop
				}
				r.imports(r.file("e.json", unit(bergen, "AS", "BERGEN AS", ""), unit(oslo, "AS", "OSLO AS", "")))
				return nil
			}
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, state(t, r.db)); diff != "" {
			t.Errorf("state (-before the file +after following):\n%s", diff)
		}
	})
	t.Run("an answer that cannot be used is listed", func(t *testing.T) {
		api.change("enheter", oslo, "Endring", `{"organisasjonsnummer":"310000018"}`)
		var rejects bytes.Buffer
		if err := r.follow(server, func(o *FollowOptions) { o.RejectsTo = &rejects }); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(rejects.String(), oslo.String()) || strings.Count(rejects.String(), "\n") != 1 {
			t.Errorf("rejects = %q", &rejects)
		}
	})
	t.Run("a feed that cannot be read makes the register stale", func(t *testing.T) {
		api.down = true
		stop := errors.New("enough")
		seen := ""
		pauses := 0
		err := r.follow(server, func(o *FollowOptions) {
			o.Once = false
			o.Sleep = func(context.Context, time.Duration) error {
				pauses++
				switch pauses {
				case 1:
					seen = state(t, r.db)["feed updates/enheter"]
					api.mu.Lock()
					api.down = false
					api.mu.Unlock()
					return nil
				}
				return stop
			}
		})
		if !errors.Is(err, stop) {
			t.Fatalf("error = %v", err)
		}
		if !strings.HasPrefix(seen, "15 the feed cannot be read") {
			t.Errorf("while down the feed is %q", seen)
		}
		if got := state(t, r.db)["feed updates/enheter"]; got != "15 " {
			t.Errorf("afterwards the feed is %q", got)
		}
	})
}
