package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
)

// TestClientsFromAgentToEnd has an accountant add an agent, give it a client, and
// take both back.
func TestClientsFromAgentToEnd(t *testing.T) {
	s := demoSite(t)
	anne := s.signIn("anne")
	const base = "/org/310000078"
	wants(t, s.get(base+"/clients", http.StatusOK), "Fjellheim AS", "Blomster Nina", "regnskapsfører", "ingen")
	wants(t, s.get(base+"/clients?q=fjell", http.StatusOK), "Fjellheim AS")
	if page := s.get(base+"/clients?q=fjell", http.StatusOK); strings.Contains(shown(page), "Havblikk") {
		t.Error("the search shows others too")
	}
	wants(t, s.get(base+"/agents", http.StatusOK), "ingen agenter ennå")

	page := s.get(base+"/agents/add", http.StatusOK)
	wants(t, page, "Hvem skal være agent for Regnskap AS?", "Anne Lund")
	ref := "p" + party(s.no("anne"))
	none := seen(page)
	s.post(anne, base+"/agents/add", none, http.StatusUnprocessableEntity)
	chosen := seen(page)
	chosen.Set("agent", ref)
	s.post(anne, base+"/agents/add", chosen, http.StatusSeeOther)
	wants(t, s.get(base+"/agents", http.StatusOK), "Lagt til som agent", "Anne Lund", "klienter: 0")

	client := base + "/clients/310000108"
	wants(t, s.get(client, http.StatusOK), "Fjellheim AS", "Det klienten har gitt Regnskap AS", "Har ingenting for denne klienten")
	page = s.get(client+"/"+ref+"/give", http.StatusOK)
	wants(t, page, "Hva skal Anne Lund kunne bruke for Fjellheim AS?", "Regnskapsfører lønn")
	give := seen(page)
	s.post(anne, client+"/"+ref+"/give", give, http.StatusUnprocessableEntity)
	give.Set("package", "REGN regnskapsforer-lonn")
	s.post(anne, client+"/"+ref+"/give", give, http.StatusSeeOther)
	wants(t, s.get(client, http.StatusOK), "Anne Lund kan nå bruke pakkene for Fjellheim AS.", "Angre")
	wants(t, s.get(base+"/agents/"+ref, http.StatusOK), "Fjellheim AS", "Regnskapsfører lønn")

	page = s.get(client+"/"+ref+"/end", http.StatusOK)
	wants(t, page, "Ta bort Fjellheim AS fra Anne Lund?", "kan ikke lenger bruke")
	s.post(anne, client+"/"+ref+"/end", seen(page), http.StatusSeeOther)
	wants(t, s.get(client, http.StatusOK), "har ikke lenger klienten", "Har ingenting for denne klienten")

	page = s.get(base+"/agents/"+ref+"/end", http.StatusOK)
	s.post(anne, base+"/agents/"+ref+"/end", seen(page), http.StatusSeeOther)
	wants(t, s.get(base+"/agents", http.StatusOK), "er ikke lenger agent", "ingen agenter ennå")
	s.get(base+"/agents/"+ref, http.StatusNotFound)
	s.get(base+"/clients/310000019", http.StatusNotFound)
}

func TestClientsAreForThoseWhoAdministerThem(t *testing.T) {
	s := demoSite(t)
	for _, who := range []string{"kari", "ola", "grete"} {
		one := s.signIn(who)
		for _, path := range []string{"/clients", "/agents", "/agents/add", "/clients/310000108"} {
			s.get("/org/310000078"+path, http.StatusForbidden)
		}
		s.post(one, "/org/310000078/agents/add", url.Values{"agent": {"p" + party(s.no("anne"))}}, http.StatusForbidden)
	}
}

func party(no fullmakt.PartyNo) string { return strconv.FormatUint(uint64(no), 10) }
