package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/world"
)

// TestMeLists everybody that one may act for, by name, on pages that hold together.
func TestMeLists(t *testing.T) {
	const clients = 2*mePageSize + 7
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	var register strings.Builder
	register.WriteString("-- register --\nperson 12817010065 \"Kari Nordmann\"\norganisation 310000027 AS \"Trondheim AS\"\nrole DAGL at \"Trondheim AS\" holder kari\n")
	number := fullmakt.OrgNumber(311000000)
	for i := range clients {
		for number++; !number.Valid(); number++ {
		}
		fmt.Fprintf(&register, "organisation %s AS \"%c Client %03d AS\"\nrole DAGL at %s holder \"Trondheim AS\"\n", number, []rune("AÆØÅ")[i%4], i, number)
	}
	w, err := world.Parse("many", []byte(register.String()), cat)
	if err != nil {
		t.Fatal(err)
	}
	s := worldSite(t, w, cat)
	s.signIn("kari")
	var names []string
	path := "/en/me"
	for pages := 1; path != ""; pages++ {
		page := s.get(path, http.StatusOK)
		wants(t, page, fmt.Sprintf("of %d.", clients+1))
		for line := range strings.Lines(page) {
			if _, name, ok := strings.Cut(line, `<th scope="row"><a class="party" href="/en/org/`); ok {
				_, name, _ = strings.Cut(name, ">")
				name, _, _ = strings.Cut(name, "<")
				names = append(names, name)
			}
		}
		path = ""
		if _, next, ok := strings.Cut(page, `class="pages"`); ok && strings.Contains(next, "Next page") {
			path = fmt.Sprintf("/en/me?page=%d", pages+1)
			if !strings.Contains(next, path) {
				t.Fatalf("page %d does not lead to %s", pages, path)
			}
		}
	}
	if len(names) != clients+1 || !strings.HasPrefix(names[0], "A Client 000") || !strings.HasPrefix(names[27], "Trondheim") || !strings.HasPrefix(names[28], "Æ ") || !strings.HasPrefix(names[len(names)-1], "Å ") {
		t.Errorf("%d names: %q", len(names), names)
	}
	wants(t, s.get("/en/me?q=client+003", http.StatusOK), "Showing 1–1 of 1", "Å Client 003 AS")
	wants(t, s.get("/en/me?q=310+000+027", http.StatusOK), "Showing 1–1 of 1", "Trondheim AS")
	wants(t, s.get("/en/me?q=nowhere", http.StatusOK), "No party fits.")
	for _, page := range []string{"0", "99", "x", "-1"} {
		wants(t, s.get("/en/me?page="+page, http.StatusOK), "Showing 1–50")
	}
}

// TestSessionsElsewhere shows and ends them.
func TestSessionsElsewhere(t *testing.T) {
	s := demoSite(t)
	other := s.signIn("kari")
	s.signIn("ola")
	mine := s.signIn("kari")
	wants(t, s.get("/en/me", http.StatusOK), "Other places where you are signed in: 1.")
	s.post(mine, "/en/me/sign-out-elsewhere", nil, http.StatusSeeOther)
	page := s.get("/en/me", http.StatusOK)
	if wants(t, page, "You are signed out everywhere else."); strings.Contains(page, "Other places") {
		t.Error("the other session lives on")
	}
	if len(s.pages.sessions.byID) != 2 || s.pages.sessions.byID[other.key] != nil {
		t.Errorf("%d sessions live, want Ola's and this one", len(s.pages.sessions.byID))
	}
}
