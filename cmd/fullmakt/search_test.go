package main

import (
	"strings"
	"testing"
)

// TestSearch finds parties in the demo, with an exit status that tells whether.
func TestSearch(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		want []string // in either output
	}{
		{"berg", exitOK, []string{"Bergen AS  310 000 019 AS", "Liv Berg", "født 1978-08-21, part 19"}},
		{"bergn as --lang en", exitOK, []string{"Bergen AS", "organisation"}},
		{"310 000 019", exitOK, []string{"Bergen AS"}},
		{"berg --kind organisation --limit 1", exitOK, []string{"Bergen AS"}},
		{"fisketorget", exitOK, []string{"BEDR, under Bergen AS"}},
		{"havblikk", exitOK, []string{"konkurs"}},
		{"ivar", exitOK, []string{"død"}},
		{"trondheim", exitOK, []string{"trondheim-integrasjon@310000027"}},
		{"zzzz", exitUnknown, []string{"Ingen treff"}},
		{"12817010065", exitUsage, []string{"identity number is not searched for"}},
		{"berg --limit 0", exitUsage, []string{"1 to 100"}},
		{"berg --limit 101", exitUsage, []string{"1 to 100"}},
		{"berg -o markdown", exitUsage, []string{"no markdown"}},
	} {
		code, out, errs := ask(t, append([]string{"--demo", "--lang", "nb", "search"}, strings.Fields(c.args)...)...)
		if code != c.code {
			t.Errorf("search %s: exit status %d, want %d\n%s", c.args, code, c.code, errs)
		}
		for _, w := range c.want {
			if !strings.Contains(out+errs, w) {
				t.Errorf("search %s lacks %q:\n%s%s", c.args, w, out, errs)
			}
		}
		if strings.Contains(out+errs, "12817010065") {
			t.Errorf("search %s repeats an identity number", c.args)
		}
	}
}
