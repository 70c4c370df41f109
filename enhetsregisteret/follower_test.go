package enhetsregisteret_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
)

var start = time.Date(2026, 8, 5, 6, 0, 0, 0, time.UTC)

// register starts a register and a follower of it that does not wait; the waits
// it would have made are kept.
func register(t *testing.T) (*enhetsregisteret.Rehearsal, *enhetsregisteret.Follower, *[]time.Duration) {
	t.Helper()
	s := enhetsregisteret.NewRehearsal(start)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	waits := new([]time.Duration)
	return s, &enhetsregisteret.Follower{
		BaseURL:   web.URL,
		FromStart: true,
		Sleep: func(_ context.Context, d time.Duration) error {
			*waits = append(*waits, d)
			return nil
		},
		Now:    func() time.Time { return start.Add(time.Hour) },
		Random: func() float64 { return 0.5 },
	}, waits
}

func number(n int) fullmakt.OrgNumber { return fullmakt.NextOrgNumber(uint32(31_000_000 + n)) }

func unitBody(org fullmakt.OrgNumber, name, form, extra string) string {
	return fmt.Sprintf(`{"organisasjonsnummer":"%s","navn":"%s","organisasjonsform":{"kode":"%s"}%s,"_links":{"self":{"href":"x"}}}`, org, name, form, extra)
}

func roleBody(code, first, last string) string {
	return fmt.Sprintf(`{"rollegrupper":[{"type":{"kode":"STYR"},"sistEndret":"2019-01-01","roller":[{"type":{"kode":"%s"},
		"person":{"fodselsdato":"1981-01-01","navn":{"fornavn":"%s","etternavn":"%s"},"erDoed":false},"avregistrert":false}]}],"_links":{}}`, code, first, last)
}

// poll collects all batches of a poll.
func poll(t *testing.T, f *enhetsregisteret.Follower, from enhetsregisteret.Cursors) []enhetsregisteret.Batch {
	t.Helper()
	var batches []enhetsregisteret.Batch
	for b, err := range f.Poll(t.Context(), from) {
		if err != nil {
			t.Fatalf("Poll: %v", err)
		}
		batches = append(batches, b)
	}
	return batches
}

func TestPollFetchesWhatChanged(t *testing.T) {
	s, f, _ := register(t)
	a, b, c, d, e := number(1), number(2), number(3), number(4), number(5)
	sub := number(6)
	s.Put(enhetsregisteret.FeedUnits, a, unitBody(a, "FØRSTE AS", "AS", ""))
	s.Put(enhetsregisteret.FeedUnits, a, unitBody(a, "FØRSTE NYE AS", "AS", `,"konkurs":true`))
	s.Put(enhetsregisteret.FeedUnits, b, unitBody(b, "ANDRE AS", "AS", ""))
	s.Delete(enhetsregisteret.FeedUnits, b, fullmakt.NewDate(2026, 8, 1))
	s.Remove(enhetsregisteret.FeedUnits, c)
	s.Announce(enhetsregisteret.FeedUnits, d.String(), "Endring")  // not there: 404
	s.Announce(enhetsregisteret.FeedUnits, e.String(), "Sletting") // not there, and surely deleted
	s.Announce(enhetsregisteret.FeedUnits, "123456789", "Endring") // no organisation number
	s.Put(enhetsregisteret.FeedSubUnits, sub, unitBody(sub, "AVDELING", "BEDR", `,"overordnetEnhet":"`+a.String()+`"`))
	s.Put(enhetsregisteret.FeedRoles, a, roleBody("LEDE", "Ove", "Olsen"))
	s.Put(enhetsregisteret.FeedRoles, a, roleBody("LEDE", "Kari", "Olsen"))
	s.Announce(enhetsregisteret.FeedRoles, b.String(), "") // deleted: its last known roles stay
	s.Announce(enhetsregisteret.FeedRoles, d.String(), "") // nowhere: no roles

	batches := poll(t, f, enhetsregisteret.Cursors{})
	if len(batches) != 3 {
		t.Fatalf("got %d batches, want one per feed", len(batches))
	}
	units, roles := batches[0], batches[2]
	opt := cmp.Comparer(func(a, b fullmakt.PartyID) bool { return a == b })
	want := []fullmakt.RegisterChange{
		{Source: fullmakt.SourceOpenData, Org: a, Name: "FØRSTE NYE AS", Form: "AS", State: fullmakt.Bankrupt,
			Has: fullmakt.HasName | fullmakt.HasForm | fullmakt.HasParent | fullmakt.HasState},
		{Source: fullmakt.SourceOpenData, Org: b, Name: "SLETTET ENHET", Form: "AS", State: fullmakt.Deleted, DeletedOn: fullmakt.NewDate(2026, 8, 1),
			Has: fullmakt.HasName | fullmakt.HasForm | fullmakt.HasState},
		{Source: fullmakt.SourceOpenData, Org: c, Has: fullmakt.HasGone},
		{Source: fullmakt.SourceOpenData, Org: e, Has: fullmakt.HasStateBits, StateSet: fullmakt.Deleted, DeletedOn: fullmakt.NewDate(2026, 8, 5)},
	}
	got := slices.Clone(units.Changes)
	for i := range got {
		if !strings.HasPrefix(got[i].Where, "updates/enheter ") {
			t.Errorf("change %d: Where = %q", i, got[i].Where)
		}
		got[i].Where = ""
	}
	if diff := cmp.Diff(want, got, opt); diff != "" {
		t.Errorf("changes of units (-want +got):\n%s", diff)
	}
	if units.Entries != 8 || units.Deleted != 2 || units.Gone != 1 || units.Missing != 2 || len(units.Rejects) != 1 {
		t.Errorf("counts: %d entries, %d deleted, %d gone, %d missing, %d rejected; want 8, 2, 1, 2, 1",
			units.Entries, units.Deleted, units.Gone, units.Missing, len(units.Rejects))
	}
	if got := batches[1].Changes; len(got) != 1 || got[0].Parent != a || got[0].Has&fullmakt.HasParent == 0 {
		t.Errorf("sub-unit: %+v, want its main unit", got)
	}
	if len(roles.Changes) != 3 {
		t.Fatalf("got %d changes of roles, want 3", len(roles.Changes))
	}
	if got := roles.Changes[0]; got.Org != a || got.Has != fullmakt.HasRoles || len(got.Roles) != 1 || got.Roles[0].HolderName != "Kari Olsen" {
		t.Errorf("roles of the first: %+v", got)
	}
	if got := roles.Changes[1]; got.Org != b || got.Has&fullmakt.HasRoles != 0 || got.State != fullmakt.Deleted {
		t.Errorf("roles of a deleted unit must stay: %+v", got)
	}
	if got := roles.Changes[2]; got.Org != d || got.Has != fullmakt.HasRoles || len(got.Roles) != 0 {
		t.Errorf("roles of a unit that is nowhere: %+v", got)
	}
	last := batches[2].Cursors
	if last != (enhetsregisteret.Cursors{Units: s.Last(enhetsregisteret.FeedUnits), SubUnits: s.Last(enhetsregisteret.FeedSubUnits), Roles: s.Last(enhetsregisteret.FeedRoles)}) {
		t.Errorf("cursors %+v are not the feeds' last ids", last)
	}
	if n := len(slices.DeleteFunc(s.Requests(), func(r string) bool { return r != "/enheter/"+a.String() })); n != 1 {
		t.Errorf("the unit with two entries was fetched %d times, want once", n)
	}
	if more := poll(t, f, last); len(more) != 0 {
		t.Errorf("a second poll gave %d batches, want none", len(more))
	}
}

// TestPollReadsEveryEntryOnce reads a feed in small pages and tells an inclusive
// id from an exclusive one: no entry twice, none missed.
func TestPollReadsEveryEntryOnce(t *testing.T) {
	s, f, _ := register(t)
	f.PageSize = 2
	for n := range 5 {
		org := number(n)
		s.Put(enhetsregisteret.FeedUnits, org, unitBody(org, "NAVN", "AS", ""))
		s.Put(enhetsregisteret.FeedRoles, org, roleBody("LEDE", "Ove", "Olsen"))
	}
	seen := map[string]int{}
	at := enhetsregisteret.Cursors{}
	for _, b := range poll(t, f, at) {
		for _, c := range b.Changes {
			seen[b.Feed+" "+c.Org.String()]++
		}
		if b.Entries > 2 {
			t.Errorf("a batch of %d entries, want at most 2", b.Entries)
		}
		if b.Cursors.Of(b.Feed) <= at.Of(b.Feed) {
			t.Errorf("%s: the cursor did not move", b.Feed)
		}
		at = b.Cursors
	}
	if len(seen) != 10 {
		t.Errorf("saw %d changes, want 10", len(seen))
	}
	for what, n := range seen {
		if n != 1 {
			t.Errorf("%s was read %d times", what, n)
		}
	}
}

func TestPollRefusesAReplay(t *testing.T) {
	s, f, _ := register(t)
	s.Put(enhetsregisteret.FeedUnits, number(1), unitBody(number(1), "NAVN", "AS", ""))
	f.FromStart = false
	for _, err := range f.Poll(t.Context(), enhetsregisteret.Cursors{Units: 1, SubUnits: 1}) {
		if fullmakt.ErrorCode(err) != fullmakt.CodeInvalid || fullmakt.ErrorHint(err) == "" {
			t.Errorf("err = %v, want invalid with a hint", err)
		}
	}
	if len(s.Requests()) != 0 {
		t.Errorf("requests were made: %v", s.Requests())
	}
}

func TestBootstrap(t *testing.T) {
	s, f, _ := register(t)
	f.FromStart = false
	if _, err := f.Tip(t.Context()); fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		t.Errorf("Tip of empty feeds: %v, want not found", err)
	}
	for n := range 4 {
		s.Put(enhetsregisteret.FeedUnits, number(n), unitBody(number(n), "NAVN", "AS", ""))
		s.Put(enhetsregisteret.FeedSubUnits, number(n+10), unitBody(number(n+10), "NAVN", "BEDR", ""))
		s.Put(enhetsregisteret.FeedRoles, number(n), roleBody("LEDE", "Ove", "Olsen"))
	}
	tip, err := f.Tip(t.Context())
	want := enhetsregisteret.Cursors{Units: s.Last(enhetsregisteret.FeedUnits), SubUnits: s.Last(enhetsregisteret.FeedSubUnits), Roles: s.Last(enhetsregisteret.FeedRoles)}
	if err != nil || tip != want {
		t.Fatalf("Tip = %+v, %v; want %+v", tip, err, want)
	}
	if got := poll(t, f, tip); len(got) != 0 {
		t.Errorf("a poll from the tip gave %d batches", len(got))
	}
	// Entries of the seconds 6 to 11 are from that time on: two of each feed.
	since, err := f.Since(t.Context(), start.Add(6*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range poll(t, f, since) {
		if b.Entries != 2 {
			t.Errorf("%s: %d entries since then, want 2", b.Feed, b.Entries)
		}
	}
	if got, err := f.Since(t.Context(), start.Add(time.Hour)); err != nil || got != want {
		t.Errorf("Since after the last entry = %+v, %v; want the tip", got, err)
	}
}

func TestFetchRetries(t *testing.T) {
	tests := []struct {
		name       string
		status     int
		times      int
		retryAfter string
		want       []time.Duration // waits; nil for an error
	}{
		{"a bare burst of 503", 503, 3, "", []time.Duration{375 * time.Millisecond, 750 * time.Millisecond, 1500 * time.Millisecond}},
		{"seconds", 429, 1, "7", []time.Duration{7 * time.Second}},
		{"a date", 503, 1, start.Add(time.Hour + 90*time.Second).Format("Mon, 02 Jan 2006 15:04:05 GMT"), []time.Duration{90 * time.Second}},
		{"a date that is past", 503, 1, start.Format("Mon, 02 Jan 2006 15:04:05 GMT"), []time.Duration{375 * time.Millisecond}},
		{"too long a delay", 503, 1, "86400", nil},
		{"too many", 500, 6, "", nil},
		{"a wrong request", 400, 1, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, f, waits := register(t)
			s.Put(enhetsregisteret.FeedUnits, number(1), unitBody(number(1), "NAVN", "AS", ""))
			s.Fail(tt.times, tt.status, tt.retryAfter)
			var last error
			for _, err := range f.Poll(t.Context(), enhetsregisteret.Cursors{}) {
				last = err
			}
			switch {
			case tt.want == nil && fullmakt.ErrorCode(last) != fullmakt.CodeUnavailable:
				t.Errorf("err = %v, want unavailable", last)
			case tt.want != nil && last != nil:
				t.Errorf("err = %v", last)
			case tt.want != nil:
				if diff := cmp.Diff(tt.want, *waits); diff != "" {
					t.Errorf("waits (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestPollEndsWithItsContext(t *testing.T) {
	s, f, _ := register(t)
	s.Put(enhetsregisteret.FeedUnits, number(1), unitBody(number(1), "NAVN", "AS", ""))
	ctx, cancel := context.WithCancel(t.Context())
	s.Fail(3, 503, "")
	f.Sleep = func(ctx context.Context, d time.Duration) error { cancel(); return ctx.Err() }
	var last error
	for _, err := range f.Poll(ctx, enhetsregisteret.Cursors{}) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("err = %v, want canceled", last)
	}
}

// TestPollGoesOnBehindASpoiledAnswer gets an answer about another unit and one
// that is not JSON: both are told, and the rest is read.
func TestPollGoesOnBehindASpoiledAnswer(t *testing.T) {
	s, f, _ := register(t)
	s.Put(enhetsregisteret.FeedUnits, number(1), unitBody(number(2), "EN ANNEN", "AS", ""))
	s.Put(enhetsregisteret.FeedUnits, number(3), "<html>")
	s.Put(enhetsregisteret.FeedUnits, number(4), unitBody(number(4), "NAVN", "AS", ""))
	batches := poll(t, f, enhetsregisteret.Cursors{})
	if len(batches) != 1 || len(batches[0].Changes) != 1 || len(batches[0].Rejects) != 2 {
		t.Fatalf("batches = %+v, want one change and two rejects", batches)
	}
	for i, want := range []int{1, 3} {
		if got := batches[0].Rejects[i].Org; got != number(want) {
			t.Errorf("reject %d is about %v, want %v", i, got, number(want))
		}
	}
	if at := batches[0].Cursors.Units; at != s.Last(enhetsregisteret.FeedUnits) {
		t.Errorf("cursor %d, want %d", at, s.Last(enhetsregisteret.FeedUnits))
	}
}
