package web

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/world"
)

// pathOf returns the address of a party's page, named as the worlds name it.
func (s *site) pathOf(t *testing.T, ref string) string {
	t.Helper()
	p, err := s.node.Find(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("/party/%d", p.No)
}

// corpusSite serves a world of the decision corpus.
func corpusSite(t *testing.T, name string, change ...func(*Options)) *site {
	t.Helper()
	c, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("../testdata/worlds/" + name)
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Parse(name, data, c)
	if err != nil {
		t.Fatal(err)
	}
	return worldSite(t, w, c, change...)
}

func TestPartyPages(t *testing.T) {
	s := demoSite(t)
	kari := s.pathOf(t, "kari")
	page := s.get(kari, http.StatusOK)
	wants(t, page, "Kari Nordmann", "person", "født", "Hvem kan Kari Nordmann handle på vegne av?", "Trondheim AS", "Bergen AS", "Fisketorget Utsalg")
	if strings.Contains(page, "12817010065") {
		t.Error("the page holds an identity number")
	}
	wants(t, s.get("/en"+kari, http.StatusOK), "For whom may Kari Nordmann act?")
	wants(t, s.get("/nn"+kari, http.StatusOK), "handle på vegner av?")
	if page := shown(s.get(kari+"?q=fiske", http.StatusOK)); !strings.Contains(page, "Fisketorget") || strings.Contains(page, "Kari Nordmann daglig leder → Trondheim AS daglig leder") {
		t.Errorf("looked for fiske: %s", page)
	}
	wants(t, s.get(s.pathOf(t, "ola"), http.StatusOK), "Oslo AS", "mer enn ett ledd", "NEST-3")
	wants(t, s.get(s.pathOf(t, "trondheim-integrasjon"), http.StatusOK), "virksomhetsbruker", "Tilhører Trondheim AS", "ECKEY", "gjelder fra 1. februar 2025", "Bergen AS", "Hva en systembruker trenger i stedet", "Trenger")
	wants(t, s.get(s.pathOf(t, "ivar"), http.StatusOK), "død")
	wants(t, s.get("/party/9999", http.StatusNotFound), "Parten finnes ikke")
	answer, err := s.client.Get(s.URL + "/nn" + s.pathOf(t, "310000019"))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := answer.Header.Get("Location"); got != "/nn/org/310000019" {
		t.Errorf("an organisation leads to %q", got)
	}
	last := s.lookups()
	if r := last[len(last)-1]; r.Operation != "party/{no}" || r.Subject == 0 || r.Object != 0 {
		t.Errorf("recorded %+v", r)
	}
}

// TestSystemUserPage shows a system user with what it belongs to.
func TestSystemUserPage(t *testing.T) {
	s := corpusSite(t, "CLIENT.txtar")
	found := 0
	snap := s.node.Current()
	for no := fullmakt.PartyNo(1); no <= snap.Last(); no++ {
		if snap.Kind(no) != fullmakt.KindSystemUser {
			continue
		}
		found++
		page := s.get(fmt.Sprintf("/party/%d", no), http.StatusOK)
		wants(t, page, "systembruker", "Tilhører Regnskapshuset AS", "Fagsystem", map[bool]string{true: "for klienter", false: "for egen virksomhet"}[strings.HasPrefix(snap.ID(no).Name, "regnskapsprogram")])
		if strings.HasSuffix(snap.ID(no).Name, "gammel") {
			wants(t, page, "avsluttet")
		}
	}
	if found != 3 {
		t.Errorf("%d system users, want 3", found)
	}
}

// TestPartyPagePRIV1 leaves organisations that do no business out of the list of a
// real person, says so, and keeps the look-up in the log.
func TestPartyPagePRIV1(t *testing.T) {
	c, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Parse("real.txtar", []byte(`A person known from open data.
-- register --
organisation 310000019 AS  "Butikken AS"
organisation 310000027 FLI "Turlaget"
organisation 310000035 FLI "Sanglaget"
person born 1970-01-12 "Kari Nordmann"
role DAGL at "Butikken AS" holder "Kari Nordmann"
role LEDE at "Turlaget" holder "Kari Nordmann"
role MEDL at "Sanglaget" holder "Kari Nordmann"
`), c)
	if err != nil {
		t.Fatal(err)
	}
	s := worldSite(t, w, c)
	page := s.get(s.pathOf(t, "Kari Nordmann"), http.StatusOK)
	wants(t, page, "Butikken AS", "PRIV-1", "enhetsregisterloven § 22", "usikker identitet")
	for _, left := range []string{"Turlaget", "Sanglaget"} {
		if strings.Contains(page, left) {
			t.Errorf("%s is in the list", left)
		}
	}
}

func TestPartyInABrowser(t *testing.T) {
	s := demoSite(t)
	ctx := browser(t)
	looksRight(t, ctx, "party-person", s.URL+s.pathOf(t, "kari"))
	looksRight(t, ctx, "party-refused", s.URL+s.pathOf(t, "ola"))
	looksRight(t, ctx, "party-user", s.URL+s.pathOf(t, "trondheim-integrasjon"))
}
