package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
)

func TestExitCode(t *testing.T) {
	tests := []struct {
		err  error
		want int
	}{
		{nil, 0},
		{status(1), 1},
		{fullmakt.Errorf(fullmakt.CodeInvalid, "x"), 2},
		{&node.AmbiguousError{Ref: "kari"}, 2},
		{fmt.Errorf("find: %w", &node.AmbiguousError{Ref: "kari"}), 2},
		{fullmakt.Errorf(fullmakt.CodePartial, "x"), 3},
		{fullmakt.Errorf(fullmakt.CodeNotFound, "x"), 4},
		{fullmakt.Errorf(fullmakt.CodeForbidden, "x"), 5},
		{fullmakt.Errorf(fullmakt.CodeConflict, "x"), 5},
		{fullmakt.Errorf(fullmakt.CodeStale, "x"), 6},
		{fullmakt.Errorf(fullmakt.CodeUnavailable, "x"), 6},
		{errors.New("x"), 6},
		{fullmakt.Errorf(fullmakt.CodeUnavailable, "read: %w", context.Canceled), 130},
	}
	for _, tt := range tests {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("exitCode(%v) = %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"skatt-naering", "merverdiavgift", "maskinlesbare-hendelser", "toll", "DAGL"}
	tests := []struct {
		written string
		want    []string
	}{
		{"skatt-næring", []string{"skatt-naering"}},
		{"merverdi", []string{"merverdiavgift"}},
		{"TOL", []string{"toll"}},
		{"dagll", []string{"DAGL"}},
		{"noe helt annet", nil},
	}
	for _, tt := range tests {
		if got := nearest(tt.written, names); !slices.Equal(got, tt.want) {
			t.Errorf("nearest(%q) = %v, want %v", tt.written, got, tt.want)
		}
	}
	if got := editDistance("kitten", "sitting"); got != 3 {
		t.Errorf("editDistance = %d, want 3", got)
	}
}

func TestPageToken(t *testing.T) {
	want := pageToken{Query: 0xdeadbeef, Seq: 1 << 40, After: 4_000_000_000, At: -1}
	got, err := parsePageToken(want.String(), want.Query)
	if err != nil || got != want {
		t.Errorf("parsePageToken(%s) = %+v, %v; want %+v", want, got, err, want)
	}
	if _, err := parsePageToken(want.String(), 1); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("the token of another question: %v", err)
	}
}

// TestStalePage wants a token of another revision refused, and not answered from
// this one.
func TestStalePage(t *testing.T) {
	c := &listCmd{By: "anne"}
	_, out, _ := ask(t, "--demo", "list", "--by", "anne", "--page-size", "1", "--lang", "en")
	_, token, ok := strings.Cut(strings.TrimSpace(out), "--page ")
	if !ok {
		t.Fatalf("no token in %q", out)
	}
	l := &listing{forward: true}
	l.party.No, l.filter.Package = 20, 0xFFFF // Anne Lund in the demo register
	page, err := parsePageToken(token, c.fingerprint(l))
	if err != nil {
		t.Fatal(err)
	}
	page.Seq++
	code, _, errs := ask(t, "--demo", "list", "--by", "anne", "--page-size", "1", "--page", page.String(), "--lang", "en")
	if code != exitUnavailable || !strings.Contains(errs, "belongs to revision 2") || !strings.Contains(errs, "without --page") {
		t.Errorf("exit status %d: %s", code, errs)
	}
}

func FuzzPageToken(f *testing.F) {
	f.Add(pageToken{Query: 7, Seq: 1, After: 2, At: 3}.String())
	f.Add("")
	f.Add("AbF-cSoAAAAAAAAAAQAAAAgAAAAAawIcKA")
	f.Fuzz(func(t *testing.T, s string) {
		token, err := parsePageToken(s, 7)
		if err != nil {
			if fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
				t.Errorf("error %v", err)
			}
			return
		}
		if token.String() != s {
			t.Errorf("%q reads as %+v, which writes %q", s, token, token)
		}
	})
}

func TestParseTime(t *testing.T) {
	oslo := fullmakt.Oslo()
	tests := []struct{ in, want string }{
		{"2026-03-03", "2026-03-03T00:00:00+01:00"},
		{"2026-07-03 14:30", "2026-07-03T14:30:00+02:00"},
		{"2026-07-03T14:30", "2026-07-03T14:30:00+02:00"},
		{"2026-07-03T14:30:00Z", "2026-07-03T16:30:00+02:00"},
		{"03.03.2026", ""}, {"2026-02-30", ""}, {"", ""},
	}
	for _, tt := range tests {
		got, err := parseTime(tt.in, oslo)
		switch {
		case tt.want == "":
			if fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
				t.Errorf("parseTime(%q): %v", tt.in, err)
			}
		case err != nil || wireTime(got) != tt.want:
			t.Errorf("parseTime(%q) = %s, %v; want %s", tt.in, wireTime(got), err, tt.want)
		}
	}
}

// TestEveryCommandHasHelp walks the grammar: every command, argument and flag
// says what it is, in a sentence.
func TestEveryCommandHasHelp(t *testing.T) {
	parser, err := newParser(&cli{}, &bytes.Buffer{}, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	sentence := func(what, help string) {
		if !strings.HasSuffix(help, ".") || len(help) < 8 {
			t.Errorf("%s: help %q is no sentence", what, help)
		}
	}
	commands := 0
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, flag := range n.Flags {
			sentence(n.Path()+" --"+flag.Name, flag.Help)
		}
		for _, arg := range n.Positional {
			sentence(n.Path()+" "+arg.Name, arg.Help)
		}
		for _, child := range n.Children {
			commands++
			sentence(child.Path(), child.Help)
			walk(child)
		}
	}
	walk(parser.Model.Node)
	if commands < 24 {
		t.Errorf("walked %d commands", commands)
	}
}

func TestQuoted(t *testing.T) {
	for in, want := range map[string]string{"robot": "robot", "my robot": "'my robot'", "o'neil": `'o'\''neil'`, "": "''", "$(x)": "'$(x)'"} {
		if got := quoted(in); got != want {
			t.Errorf("quoted(%q) = %s, want %s", in, got, want)
		}
	}
}

// TestProgressLines wants a line at once for every task, and then one each five
// seconds, where there is no terminal.
func TestProgressLines(t *testing.T) {
	var errs bytes.Buffer
	p := newApp(t.Context(), testNow, &globals{}, nil, &errs).progress()
	now := testNow
	p.now = func() time.Time { return now }
	for range 60 {
		p.show("reading", 50, 100, 1000)
		now = now.Add(200 * time.Millisecond)
	}
	p.show("storing", 0, 0, 0)
	want := "reading: 50 %, 1000/s\nreading: 50 %, 1000/s\nreading: 50 %, 1000/s\nstoring\n"
	if errs.String() != want {
		t.Errorf("progress:\n%swant:\n%s", errs.String(), want)
	}
}

// TestNarrowTable wants the long column on a line of its own where the terminal
// is too narrow, and only there.
func TestNarrowTable(t *testing.T) {
	tab := table{head: []string{"WHO", "PATH", "SINCE"}, long: 1}
	tab.add("Kari", "Kari ─DAGL→ Bergen AS", "2024-01-10")
	for width, want := range map[int]string{
		80: "WHO   PATH                   SINCE\nKari  Kari ─DAGL→ Bergen AS  2024-01-10\n",
		20: "WHO   SINCE\nKari  2024-01-10\n    Kari ─DAGL→ Bergen AS\n",
	} {
		var out bytes.Buffer
		a := newApp(t.Context(), testNow, &globals{}, &out, nil)
		a.columns = width
		tab.print(a)
		if out.String() != want {
			t.Errorf("%d columns:\n%swant:\n%s", width, out.String(), want)
		}
	}
}

// TestNamesAreNotObeyed wants no control character of a register's name to reach
// the terminal.
func TestNamesAreNotObeyed(t *testing.T) {
	a := newApp(t.Context(), testNow, &globals{}, nil, nil)
	party := a.storedParty(fullmakt.Party{No: 1, ID: fullmakt.OrganisationID(310000019), Name: "Bergen\x1b[31m\r\n\u009b AS Ærø"})
	if want := "Bergen[31m AS Ærø"; party.Name != want {
		t.Errorf("name %q, want %q", party.Name, want)
	}
}
