package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/google/uuid"
)

// system is what Datahuset AS, the demo's supplier, has registered.
const system = "310000043_lonn"

// act carries out a command as a party of the demo, named as its lines name parties;
// "" is the operator.
func (s *site) act(who string, run func(*delegation.Acting) (*delegation.Outcome, error)) {
	s.t.Helper()
	actor := delegation.Operator
	if who != "" {
		actor = s.no(who)
	}
	_, err := s.node.Do(context.Background(), s.pages.now(), "test", func(snap *index.Snapshot) ([]fullmakt.Change, error) {
		out, err := run(s.node.Acting(snap, actor, s.pages.now().Unix()))
		if err != nil {
			return nil, err
		}
		return out.Changes, nil
	})
	if err != nil {
		s.t.Fatalf("%s: %v", who, err)
	}
}

// no returns the number of a party that the demo's lines name.
func (s *site) no(name string) fullmakt.PartyNo {
	s.t.Helper()
	party, err := s.node.Find(context.Background(), name)
	if err != nil {
		s.t.Fatal(err)
	}
	return party.No
}

// vendorAsks has Datahuset AS ask Bergen AS for a system user by a request with an
// id, and returns the address of the page that answers.
func (s *site) vendorAsks(id, reference, title string, packages ...string) string {
	s.t.Helper()
	s.act("310000043", func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.PutSystem(delegation.System{
			ID: system, Vendor: s.no("310000043"), Name: map[string]string{"nb": "Lønnsystemet", "nn": "Lønssystemet", "en": "The payroll system"},
			Redirects: []string{"https://datahuset.example/"}, Clients: []string{"client"}, Packages: []string{"skatt-naering", "delegerbare-maskinporten-scopes", "maskinlesbare-hendelser"},
		})
	})
	s.act("310000043", func(a *delegation.Acting) (*delegation.Outcome, error) {
		k := delegation.SystemAsk{ID: id, System: system, Owner: s.no("310000019"), Reference: reference, Title: title, Packages: packages, Redirect: "https://datahuset.example/"}
		made, err := s.node.NewSystemUser(context.Background(), a.Snapshot, k, fullmakt.UUID{})
		if err != nil {
			return nil, err
		}
		_, out, err := a.AskForSystemUser(k, made)
		return out, err
	})
	return "/system-user-request/" + id
}

// seen is the form of a page that asks: what it showed of what ends.
func seen(page string) url.Values {
	_, rest, _ := strings.Cut(page, `name="seen" value="`)
	digest, _, _ := strings.Cut(rest, `"`)
	return url.Values{"seen": {digest}}
}

// TestSystemUserFromRequestToEnd walks J8: the vendor's link, the approval, the
// list, and the end.
func TestSystemUserFromRequestToEnd(t *testing.T) {
	s := demoSite(t)
	address := s.vendorAsks(uuid.NewString(), "lonn", "Lønn Bergen", "skatt-naering", "maskinlesbare-hendelser")
	kari := s.signIn("kari")
	id := strings.TrimPrefix(address, "/system-user-request/")
	if answer, err := s.client.Get(s.URL + "/accessmanagement/ui/systemuser/request?id=" + id); err != nil || answer.Header.Get("Location") != address {
		t.Fatalf("confirmUrl leads to %q, %v", answer.Header.Get("Location"), err)
	}
	page := s.get(address, http.StatusOK)
	wants(t, page, "Datahuset AS ber om å få en systembruker", "Lønnsystemet", "Lønn Bergen", "venter på svar", "Maskinlesbare hendelser", "Du kan gi denne")
	wants(t, s.get("/nn"+address, http.StatusOK), "Datahuset AS bed om å få ein systembrukar", "Lønssystemet")
	wants(t, s.get("/en"+address, http.StatusOK), "Datahuset AS asks for a system user", "The payroll system")
	wants(t, s.get("/org/310000019/system-users", http.StatusOK), "Venter på svar", "Lønn Bergen", "ingen systembrukere")

	s.post(kari, address+"/approve", seen(page), http.StatusSeeOther)
	wants(t, s.get(address, http.StatusOK), "Forespørselen er godkjent", "godkjent · Kari Nordmann", "Tilbake til Datahuset AS")
	list := s.get("/org/310000019/system-users", http.StatusOK)
	wants(t, list, "Lønn Bergen", "Har disse fullmaktene:", "Maskinlesbare hendelser", "Slett systembruker")
	// A second answer finds it answered.
	s.post(kari, address+"/reject", nil, http.StatusConflict)

	end := list[strings.Index(list, "/org/310000019/system-users/"):]
	end = end[:strings.Index(end, `"`)]
	page = s.get(end, http.StatusOK)
	wants(t, page, "Slette systembrukeren Lønn Bergen?", "Dette skjer", "mister fullmakten")
	s.post(kari, end, seen(page), http.StatusSeeOther)
	wants(t, s.get("/org/310000019/system-users", http.StatusOK), "er slettet", "ingen systembrukere")
	s.get(end, http.StatusNotFound)
}

func TestSystemUserRequestIsForThoseItConcerns(t *testing.T) {
	s := demoSite(t)
	address := s.vendorAsks(uuid.NewString(), "a", "A", "maskinlesbare-hendelser")
	for _, who := range []string{"ola", "liv", "jonas"} {
		one := s.signIn(who)
		wants(t, s.get(address, http.StatusNotFound), "Forespørselen finnes ikke")
		s.post(one, address+"/approve", nil, http.StatusNotFound)
		s.get("/org/310000019/system-users", http.StatusForbidden)
	}
	kari := s.signIn("kari")
	s.post(nil, address+"/approve", nil, http.StatusForbidden) // without the session's token
	s.post(kari, address+"/other", nil, http.StatusNotFound)
	s.post(kari, address+"/reject", nil, http.StatusSeeOther)
	wants(t, s.get(address, http.StatusOK), "Forespørselen er avvist", "avvist · Kari Nordmann")
}

// TestSystemUserRequestTellsWhatIsMissing has somebody look who may use one of the
// packages for Bergen AS and give none.
func TestSystemUserRequestTellsWhatIsMissing(t *testing.T) {
	s := demoSite(t)
	s.act("kari", func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.Give(delegation.Give{From: s.no("Bergen AS"), To: s.no("grete"), Identified: true, Items: []delegation.Item{{Package: "maskinlesbare-hendelser"}}})
	})
	address := s.vendorAsks(uuid.NewString(), "b", "B", "maskinlesbare-hendelser", "skatt-naering")
	grete := s.signIn("grete")
	page := s.get(address, http.StatusOK)
	wants(t, page, "Du administrerer ikke fullmakter her", "Send videre til tilgangsstyrer")
	if strings.Contains(page, address+"/approve") {
		t.Error("the page offers an approval that would be refused")
	}
	s.post(grete, address+"/escalate", nil, http.StatusSeeOther)
	wants(t, s.get(address, http.StatusOK), "Sendt videre til tilgangsstyrer")
}
