package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(asWriter); dir != "" {
		writeUntilKilled(dir)
	}
	goleak.VerifyTestMain(m)
}

// noon is when the tests begin.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// sample returns the i-th of many look-ups; the parties and outcomes vary.
func sample(i int) Record {
	return Record{
		Time: noon.Add(time.Duration(i) * time.Millisecond), Request: fmt.Sprint("r", i),
		Client: "client-" + fmt.Sprint(i%3), Organisation: 310000019,
		API: "authzen", Operation: "evaluation",
		Subject: fullmakt.PartyNo(1 + i%5), Object: fullmakt.PartyNo(10 + i%7), What: "skatt-naering",
		Outcome: OutcomeOf(i%2 == 0), Reason: fullmakt.ReasonRole, Revision: 4,
	}
}

func open(t *testing.T, dir string, o Options) *Log {
	t.Helper()
	l, err := Open(dir, o, noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func add(t *testing.T, l *Log, records ...Record) {
	t.Helper()
	for _, r := range records {
		if err := l.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
}

func closeLog(t *testing.T, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// write makes a log of n look-ups and returns its directory.
func write(t *testing.T, n int, o Options) string {
	t.Helper()
	dir := t.TempDir()
	l := open(t, dir, o)
	for i := range n {
		add(t, l, sample(i))
	}
	closeLog(t, l)
	return dir
}

// verified verifies a log that must hold.
func verified(t *testing.T, dir string) Report {
	t.Helper()
	r, err := Verify(t.Context(), dir, Head{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Broken != nil {
		t.Fatalf("broken: %s", r.Broken)
	}
	return r
}

func all(t *testing.T, dir string, f Filter) []Entry {
	t.Helper()
	var list []Entry
	for e, err := range Entries(t.Context(), dir, f) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

func TestWhatIsAddedComesBack(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	full := Record{
		Time: noon, Request: "5f", Client: "klient \"æøå\"\n\x00\xff", Organisation: 310000019, Supplier: 310000027, User: 7,
		API: "support", Operation: "lookup", Subject: 3, Object: 4, What: "skatt-naering", AskedAt: 1_700_000_000,
		Purpose: "credit <check> & 'more'", Outcome: Mixed, Reason: fullmakt.ReasonNesting, Revision: 12, Count: 3,
		Items: []Item{{Subject: 1, Object: 2, What: "x", Outcome: Permit, Reason: fullmakt.ReasonRole}, {}, {Outcome: Deny}},
	}
	add(t, l, full, Record{Time: noon})
	closeLog(t, l)
	got := all(t, dir, Filter{})
	want := full
	want.Client = "klient \"æøå\"\n\x00\ufffd"
	if len(got) != 2 {
		t.Fatalf("%d entries", len(got))
	}
	if diff := cmp.Diff(Entry{N: 3, Kind: KindLookup, Record: want}, got[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Entry{N: 4, Kind: KindLookup, Record: Record{Time: noon}}, got[1]); diff != "" {
		t.Error(diff)
	}
	r := verified(t, dir)
	if r.Lookups != 2 || r.Entries != 5 || r.Segments != 1 || r.Last.N != 5 || r.First.N != 1 {
		t.Errorf("report %+v", r)
	}
}

// TestLevels: each level keeps what it says, and what must be kept.
func TestLevels(t *testing.T) {
	for _, tt := range []struct {
		level string
		want  int
	}{{"off", 1}, {"denials", 6}, {"all", 11}, {"1/5", 3}} {
		level, sampleOf, err := ParseLevel(tt.level)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		l := open(t, dir, Options{Level: level, Sample: sampleOf})
		for i := range 10 {
			add(t, l, sample(i))
		}
		must := sample(10)
		must.Must = true
		add(t, l, must)
		closeLog(t, l)
		if got := len(all(t, dir, Filter{})); got != tt.want {
			t.Errorf("level %s keeps %d, want %d", tt.level, got, tt.want)
		}
	}
	for _, bad := range []string{"", "some", "1/0", "1/x", "2/3", "ALL", "1/-1"} {
		if _, _, err := ParseLevel(bad); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("level %q: %v", bad, err)
		}
	}
}

// TestNoIdentityNumbers: identity numbers in what callers write are masked, and
// what only looks a little like one is not.
func TestNoIdentityNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"case 12817010065 again":          "case *********** again",
		"case 128170 10065":               "case ****** *****",
		"x12817010065x":                   "x***********x",
		"99912817010065111":               "999***********111",
		"310000019 and 12817010066":       "310000019 and 12817010066",
		"0031 0000 0190":                  "0031 0000 0190",
		"":                                "",
		"client 310000019":                "client 310000019",
		strings.Repeat("1281701006", 30):  strings.Repeat("1281701006", 30)[:maxText],
		strings.Repeat("æ", 200):          strings.Repeat("æ", 128),
		"a12.81.70.100.65 03918510094 12": "a**.**.**.***.** *********** 12",
	} {
		if got := cleaned(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
	dir := t.TempDir()
	l := open(t, dir, Options{})
	add(t, l, Record{
		Time: noon, Request: "12817010065", Client: "12817010065", What: "12817010065", Purpose: "about 12817010065",
		Items: []Item{{What: "128170 10065"}},
	})
	closeLog(t, l)
	text, err := os.ReadFile(filepath.Join(dir, segmentName(1)))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("10065")) || !bytes.Contains(text, []byte("about ***********")) {
		t.Errorf("the log shows the number: %s", text)
	}
}

func TestQuery(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{Segment: 2000})
	for i := range 40 {
		r := sample(i)
		if i == 20 {
			r.User, r.Supplier, r.API = 99, 310000027, "support"
		}
		if i == 30 {
			r.Items = []Item{{Subject: 50, Object: 51, Outcome: Permit}, {Subject: 52, Object: 53, Outcome: Deny}}
			r.Subject, r.Object, r.Outcome, r.Operation = 0, 0, OutcomeOfItems(r.Items), "evaluations"
		}
		add(t, l, r)
	}
	closeLog(t, l)
	tests := []struct {
		name string
		f    Filter
		want []string // the requests
	}{
		{"party as user", Filter{Party: 99}, []string{"r20"}},
		{"supplier", Filter{Organisation: 310000027}, []string{"r20"}},
		{"api", Filter{API: "support"}, []string{"r20"}},
		{"operation", Filter{Operation: "evaluations"}, []string{"r30"}},
		{"part of a batch", Filter{Party: 53}, []string{"r30"}},
		{"subject and object of one part", Filter{Subject: 52, Object: 53}, []string{"r30"}},
		{"of different parts", Filter{Subject: 50, Object: 53}, nil},
		{"outcome of a part", Filter{Subject: 52, Outcome: Deny}, []string{"r30"}},
		{"another outcome", Filter{Subject: 52, Outcome: Permit}, nil},
		{"request", Filter{Request: "r7"}, []string{"r7"}},
		{"times", Filter{From: noon.Add(5 * time.Millisecond), To: noon.Add(7 * time.Millisecond)}, []string{"r5", "r6"}},
		{"client and party", Filter{Client: "client-1", Party: 3, Outcome: Permit}, []string{"r22"}},
	}
	for _, tt := range tests {
		var got []string
		for _, e := range all(t, dir, tt.f) {
			got = append(got, e.Request)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	whole := all(t, dir, Filter{})
	for _, limit := range []int{1, 7, 40, 41} {
		var paged []Entry
		f := Filter{Limit: limit}
		for {
			page, err := Query(t.Context(), dir, f)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Entries) > limit {
				t.Fatalf("%d entries on a page of %d", len(page.Entries), limit)
			}
			paged = append(paged, page.Entries...)
			if f.After = page.Next; f.After == 0 {
				break
			}
		}
		if diff := cmp.Diff(whole, paged); diff != "" || len(paged) != 40 {
			t.Errorf("pages of %d: %s", limit, diff)
		}
	}
	if notes := all(t, dir, Filter{Notes: true}); len(notes) <= len(whole) {
		t.Error("the log's notes are not among all its entries")
	}
	for _, limit := range []int{-1, MaxPage + 1} {
		if _, err := Query(t.Context(), dir, Filter{Limit: limit}); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	if _, err := Query(t.Context(), filepath.Join(dir, "x"), Filter{}); fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		t.Errorf("no log: %v", err)
	}
}

func TestExport(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	r := sample(0)
	r.Purpose, r.AskedAt = `=HYPERLINK("x"), "quoted"`, noon.Unix()
	r.Items = []Item{{Subject: 1}}
	add(t, l, r, sample(1))
	closeLog(t, l)
	var out bytes.Buffer
	n, err := Export(t.Context(), dir, Filter{}, JSONL, &out)
	if err != nil || n != 2 || strings.Count(out.String(), "\n") != 2 {
		t.Fatalf("%d, %v: %s", n, err, out.String())
	}
	var first Entry
	if err := json.NewDecoder(&out).Decode(&first); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, first.Record); diff != "" {
		t.Error(diff)
	}
	out.Reset()
	if n, err = Export(t.Context(), dir, Filter{Notes: true}, CSV, &out); err != nil || n != 5 {
		t.Fatalf("%d, %v", n, err)
	}
	for _, want := range []string{
		"n,time,kind,request,", `,"'=HYPERLINK(""x""), ""quoted""",permit,`, "2026-11-21T12:00:00Z,", `[{""subject"":1}]`, `{""level"":""all""`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
	if _, err := Export(t.Context(), dir, Filter{}, "xml", &out); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("xml: %v", err)
	}
}

func TestRotation(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{Segment: 1500})
	for i := range 50 {
		r := sample(i)
		if i >= 45 { // the next day
			r.Time = r.Time.Add(12 * time.Hour)
		}
		add(t, l, r)
	}
	closeLog(t, l)
	report := verified(t, dir)
	numbers, err := segments(dir)
	if err != nil || len(numbers) < 6 || report.Segments != len(numbers) || report.Lookups != 50 {
		t.Fatalf("segments %v, %v, report %+v", numbers, err, report)
	}
	for _, n := range numbers {
		var days []fullmakt.Date
		if err := readFile(filepath.Join(dir, segmentName(n)), func(l *line, err error) error {
			days = append(days, fullmakt.DateOf(l.entry.Time))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, d := range days {
			if d != days[0] {
				t.Errorf("segment %d holds two days", n)
			}
		}
	}
	// It goes on where it ended.
	l = open(t, dir, Options{Segment: 1500})
	add(t, l, sample(60))
	closeLog(t, l)
	if again := verified(t, dir); again.Lookups != 51 || again.Entries != report.Entries+3 && again.Entries != report.Entries+4 {
		t.Errorf("report %+v after %+v", again, report)
	}
}

// TestRetention: dropped segments leave a checkpoint, and the rest still holds,
// also when segments are dropped over and over.
func TestRetention(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{Retain: 48 * time.Hour})
	var early Head
	for day := range 10 {
		for i := range 3 {
			r := sample(i)
			r.Time = r.Time.Add(time.Duration(day) * 24 * time.Hour)
			add(t, l, r)
		}
		if err := l.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		if day == 0 {
			early = l.Stats().Head
		}
	}
	late := l.Stats().Head
	closeLog(t, l)
	report := verified(t, dir)
	if report.Checkpoint == nil || report.Segments != 3 || report.First.N < 10 {
		t.Fatalf("report %+v", report)
	}
	if c := report.Checkpoint.Note; c.To != report.Checkpoint.Note.From || c.Last.N != report.First.N-1 {
		t.Errorf("checkpoint %+v", c)
	}
	for _, known := range []Head{early, late} {
		if r, err := Verify(t.Context(), dir, known); err != nil || r.Broken != nil {
			t.Errorf("with head %s: %v, %v", known, r.Broken, err)
		}
	}
	// The old segments are dropped at a start too.
	l, err := Open(dir, Options{Retain: 48 * time.Hour}, noon.Add(30*24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	closeLog(t, l)
	if report = verified(t, dir); report.Segments != 1 {
		t.Errorf("%d segments are left", report.Segments)
	}
	// And on demand.
	l = open(t, dir, Options{Retain: time.Hour, Segment: 200})
	r := sample(0)
	r.Time = noon.Add(31 * 24 * time.Hour)
	add(t, l, r, r, r)
	if err := l.Prune(t.Context(), noon.Add(40*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	closeLog(t, l)
	if report = verified(t, dir); report.Segments != 1 && report.Segments != 2 {
		t.Errorf("%d segments are left", report.Segments)
	}
	// What is dropped by hand is missed.
	dir = write(t, 50, Options{Segment: 1500})
	if err := os.Remove(filepath.Join(dir, segmentName(1))); err != nil {
		t.Fatal(err)
	}
	broken, err := Verify(t.Context(), dir, Head{})
	if err != nil || broken.Broken == nil || !strings.Contains(broken.Broken.Why, "no checkpoint") {
		t.Errorf("%v, %v", broken.Broken, err)
	}
}

func TestOnlyOneWriter(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	if _, err := Open(dir, Options{}, noon); fullmakt.ErrorCode(err) != fullmakt.CodeConflict || fullmakt.ErrorHint(err) == "" {
		t.Errorf("a second writer: %v", err)
	}
	closeLog(t, l)
	if err := l.Add(t.Context(), sample(0)); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
		t.Errorf("added to a closed log: %v", err)
	}
	if err := l.Sync(t.Context()); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
		t.Errorf("synced a closed log: %v", err)
	}
	for _, o := range []Options{{Level: "x"}, {Level: LevelSampled}, {Overflow: "x"}, {Queue: -1}} {
		if _, err := Open(dir, o, noon); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestVerifyWhileWriting: a reader of a log that is written finds it whole.
func TestVerifyWhileWriting(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{Segment: 20_000})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 3000 {
			if err := l.Add(context.Background(), sample(i)); err != nil {
				t.Error(err)
			}
		}
	}()
	for writing := true; writing; {
		select {
		case <-done:
			writing = false
		default:
		}
		verified(t, dir)
	}
	closeLog(t, l)
	if r := verified(t, dir); r.Lookups != 3000 {
		t.Errorf("%d look-ups", r.Lookups)
	}
}

func TestEmptyReport(t *testing.T) {
	if _, err := Verify(t.Context(), t.TempDir(), Head{}); fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff(Stats{Queue: 8192}, open(t, t.TempDir(), Options{}).Stats(), cmpopts.IgnoreFields(Stats{}, "Head")); diff != "" {
		t.Error(diff)
	}
}

func TestHead(t *testing.T) {
	h := Head{N: 17, Hash: strings.Repeat("ab", 32)}
	if back, err := ParseHead(h.String()); err != nil || back != h {
		t.Errorf("%v, %v", back, err)
	}
	for _, bad := range []string{"", "17", "0:" + h.Hash, "17:ab", "x:" + h.Hash, "17:" + strings.ToUpper(h.Hash)} {
		if _, err := ParseHead(bad); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
