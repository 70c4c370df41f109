package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

func init() {
	maps.Copy(examples, map[string][]example{
		"/org/{number}/users":                                  {{path: "/org/310000019/users"}, {path: "/org/310000027/users?q=kari", as: "kari"}},
		"/org/{number}/users/new":                              {{path: "/org/310000019/users/new", as: "kari"}},
		"/org/{number}/users/{other}":                          {{path: "/org/310000019/users/310000027", as: "kari"}},
		"/org/{number}/users/{other}/give":                     {{path: "/org/310000019/users/310000078/give", as: "kari"}, {path: "/org/310000019/users/310000078/give?q=skatt", as: "kari"}},
		"/org/{number}/users/{other}/give/package/{package}":   {{path: "/org/310000019/users/310000078/give/package/skatt-naering", as: "kari"}},
		"/org/{number}/users/{other}/give/resource/{resource}": {{path: "/org/310000019/users/310000078/give/resource/demo-skattemelding", as: "kari"}},
		"/org/{number}/users/{other}/end":                      {{path: "/org/310000019/users/310000078/end?package=skatt-naering", as: "kari"}},
		"/org/{number}/received":                               {{path: "/org/310000019/received", as: "kari"}},
		"/org/{number}/received/{other}/end":                   {{path: "/org/310000019/received/310000027/end?package=skatt-naering", as: "kari"}},
		"/me/received":                                         {{path: "/me/received", as: "kari"}},
		"/me/received/{other}/end":                             {{path: "/me/received/310000019/end?package=skatt-naering", as: "kari"}},
	})
}

const bergenUsers = "/org/310000019/users"

// ref names a person of the demo as paths do.
func (s *site) ref(person string) string {
	s.t.Helper()
	p, err := s.node.Find(s.t.Context(), person)
	if err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf("p%d", p.No)
}

// TestUsersTellWhatComesFromTheRegister: it stands apart from what was given, and
// cannot be deleted, which is said.
func TestUsersTellWhatComesFromTheRegister(t *testing.T) {
	s := demoSite(t)
	s.signIn("kari")
	wants(t, s.get(bergenUsers, http.StatusOK), "Trondheim AS", "daglig leder", "1 brukere")
	page := s.get(bergenUsers+"/310000027", http.StatusOK)
	wants(t, page, "Fra Enhetsregisteret", "kommer fra Enhetsregisteret og kan ikke slettes her", "Ingen fullmakter er gitt.")
	wants(t, s.get(bergenUsers+"/310000027/end?package=delegerbare-maskinporten-scopes", http.StatusConflict), "Dette kommer fra Enhetsregisteret og kan bare endres der.")
	wants(t, s.get(bergenUsers+"/310000027/end?all=1", http.StatusConflict), "Dette kommer fra Enhetsregisteret")
	wants(t, s.get("/org/310000027/users?q=jonas", http.StatusOK), "Jonas Vik")
	if strings.Contains(shown(s.get("/org/310000027/users?q=jonas", http.StatusOK)), "Oslo AS") {
		t.Error("the search lets others through")
	}
}

// TestGivePersonAPackage names Grete by identity number and last name, gives her a
// package, lets her renounce it, and gives it back by undo.
func TestGivePersonAPackage(t *testing.T) {
	for prefix, say := range map[string]struct{ given, gone, renounced, undone, not string }{
		"":    {"Grete Nes har nå fått fullmakten Skatt næring", "Grete Nes mister fullmakten Skatt næring fra Bergen AS", "Gitt fra seg: Skatt næring fra Bergen AS", "Endringen er angret", "Endringen kan ikke angres"},
		"/nn": {"Grete Nes har no fått fullmakta Skatt næring", "Grete Nes mistar fullmakta Skatt næring frå Bergen AS", "Gitt frå seg: Skatt næring frå Bergen AS", "Endringa er angra", "Endringa kan ikkje angrast"},
		"/en": {"Grete Nes has now been given the authority Business tax", "Grete Nes loses the authority Business tax from Bergen AS", "Renounced: Business tax from Bergen AS", "The change has been undone", "The change cannot be undone"},
	} {
		s := demoSite(t)
		kari := s.signIn("kari")
		users := prefix + bergenUsers
		grete := s.ref("grete")
		s.get(users+"/"+grete, http.StatusNotFound) // nobody to do with Bergen AS
		answer, _ := s.post(kari, users+"/new", url.Values{"identity": {"088265 10065"}, "last-name": {"nes"}}, http.StatusSeeOther)
		if got := answer.Header.Get("Location"); got != users+"/"+grete {
			t.Fatalf("naming leads to %q", got)
		}
		give := users + "/" + grete + "/give/package/skatt-naering"
		wants(t, s.get(users+"/"+grete+"/give?q=skatt", http.StatusOK), "via Trondheim AS")
		page := s.does(kari, give, "until", "2026-12-31")
		wants(t, page, say.given, "2026")
		if strings.Contains(page, "08826510065") {
			t.Error("the page has the identity number")
		}

		grete2 := s.signIn("grete")
		wants(t, s.get(prefix+"/me/received", http.StatusOK), "Bergen AS", "Kari Nordmann")
		end := prefix + "/me/received/310000019/end?package=skatt-naering"
		wants(t, s.get(end, http.StatusOK), say.gone)
		page = s.does(grete2, end)
		wants(t, page, say.renounced)
		if strings.Contains(page, `name="seq"`) {
			t.Error("the page offers to undo what the visitor may not give again")
		}

		// The administrator gives it back as it was; Grete may not do that herself.
		seq := fmt.Sprint(s.node.Current().Seq())
		wants(t, s.undoesRevision(grete2, prefix+"/me/received", seq), say.not)
		kari = s.signIn("kari")
		wants(t, s.undoesRevision(kari, users, seq), say.undone, "Grete Nes")
	}
}

// TestNameRightly: a person is named by number and last name together, in the body
// of a form, and only so many times wrongly.
func TestNameRightly(t *testing.T) {
	s := demoSite(t)
	kari := s.signIn("kari")
	for _, wrong := range []url.Values{
		{"identity": {"08826510065"}, "last-name": {"Hansen"}}, {"identity": {"08826510065"}, "last-name": {""}}, {"identity": {"01896210099"}, "last-name": {"Nes"}},
	} {
		_, page := s.post(kari, bergenUsers+"/new", wrong, http.StatusUnprocessableEntity)
		wants(t, page, "Ingen person har dette fødselsnummeret og etternavnet")
		if strings.Contains(page, wrong.Get("identity")) || !strings.Contains(page, "data-focus") {
			t.Error("the page has the identity number, or the focus is not on the field")
		}
	}
	for identity, want := range map[string]string{"": "Dette er ikke et fødselsnummer", "12345678901": "Dette er ikke et fødselsnummer", "<script>": "Dette er ikke et fødselsnummer"} {
		_, page := s.post(kari, bergenUsers+"/new", url.Values{"identity": {identity}, "last-name": {"\"><script>x"}}, http.StatusUnprocessableEntity)
		wants(t, page, want)
		if strings.Contains(page, "<script>x") {
			t.Error("what was typed is in the page as HTML")
		}
	}
	for range 2 {
		s.post(kari, bergenUsers+"/new", url.Values{"identity": {"08826510065"}, "last-name": {"Feil"}}, http.StatusUnprocessableEntity)
	}
	_, page := s.post(kari, bergenUsers+"/new", url.Values{"identity": {"08826510065"}, "last-name": {"Nes"}}, http.StatusTooManyRequests)
	wants(t, page, "Vent en time")
	_, page = s.post(kari, bergenUsers+"/new", url.Values{"number": {"123"}}, http.StatusUnprocessableEntity)
	wants(t, page, "Dette er ikke et organisasjonsnummer")
	s.post(kari, bergenUsers+"/new", url.Values{"number": {"310 000 078"}}, http.StatusSeeOther)
}

// TestGiveForms sends what is wrong to the forms that give and take back.
func TestGiveForms(t *testing.T) {
	s := demoSite(t)
	kari := s.signIn("kari")
	one := bergenUsers + "/310000078"
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		one + "/give/package/nonsense":                        {404, "Pakken finnes ikke"},
		one + "/give/resource/nonsense":                       {404, "Tjenesten finnes ikke"},
		one + "/give/package/hovedadministrator":              {422, "Denne typen mottaker kan ikke få dette."},
		one + "/give/resource/demo-kontroll-api":              {404, "Tjenesten finnes ikke"},
		one + "/end":                                          {400, "Spørsmålet kan ikke leses"},
		one + "/end?package=nonsense":                         {404, "Tilgangspakken eller rollen er ukjent"},
		one + "/end?package=skatt-naering":                    {200, "Det er slik allerede"},
		bergenUsers + "/310000019/give/package/skatt-naering": {422, "En virksomhet kan ikke gi fullmakt til seg selv."},
		bergenUsers + "/p999999":                              {404, "finnes ikke"},
		one + "/give?q=%3Cimg+src%3Dx%3E":                     {200, "0 funnet"},
	} {
		wants(t, s.get(path, want.status), want.text)
	}
	// What may not be given is there, with the reason.
	wants(t, s.get(one+"/give", http.StatusOK), "Denne pakken kan ikke gis til noen", "du kan gi")

	// Single rights: one of two is chosen.
	action, values := form(t, s.get(one+"/give/resource/demo-skattemelding", http.StatusOK))
	rights := values["right"]
	if len(rights) < 2 {
		t.Fatalf("rights %q", rights)
	}
	values["right"] = nil
	_, page := s.post(kari, action, values, http.StatusUnprocessableEntity)
	wants(t, page, "Velg minst én.")
	values["right"] = []string{"nonsense"}
	_, page = s.post(kari, action, values, http.StatusNotFound)
	wants(t, page, "Dette kan ikke gjøres", "Ressursen er ukjent")
	values["right"] = rights[:1]
	s.post(kari, action, values, http.StatusSeeOther)
	page = s.get(one, http.StatusOK)
	wants(t, page, "i Skattemelding for virksomheter")
	s.post(kari, action, values, http.StatusSeeOther)
	wants(t, s.get(one, http.StatusOK), "Det er slik allerede")
	wants(t, s.does(kari, one+"/end?all=1"), "Slettet for Regnskap AS: alle fullmakter")
}

// TestGivingIsForAdministrators: Ola may not act for Bergen AS.
func TestGivingIsForAdministrators(t *testing.T) {
	s := demoSite(t)
	kari := s.signIn("kari")
	one := bergenUsers + "/310000078"
	action, values := form(t, s.get(one+"/give/package/skatt-naering", http.StatusOK))
	s.post(kari, action, values, http.StatusSeeOther)
	wants(t, s.get(one, http.StatusOK), "Skatt næring", "gjennom en nøkkelrolle")
	endAction, end := form(t, s.get(one+"/end?package=skatt-naering", http.StatusOK))

	ola := s.signIn("ola")
	wants(t, s.get(one, http.StatusOK), "Du administrerer ikke fullmakter her")
	wants(t, s.get(one+"/give/package/skatt-naering", http.StatusForbidden), "Dette kan ikke gjøres")
	wants(t, s.get(one+"/end?package=skatt-naering", http.StatusForbidden), "Du administrerer ikke fullmakter her")
	s.get(bergenUsers+"/new", http.StatusForbidden)
	s.post(ola, action, values, http.StatusForbidden)
	s.post(ola, endAction, end, http.StatusForbidden)
	s.post(ola, bergenUsers+"/new", url.Values{"identity": {"08826510065"}, "last-name": {"Nes"}}, http.StatusForbidden)
	g := s.node.Current().Grants(s.node.Current().Organisation(310000019), s.node.Current().Organisation(310000078))
	if len(g) != 1 {
		t.Errorf("%d grants, want 1", len(g))
	}

	s = demoSite(t, func(o *Options) { o.Open = false })
	s.signIn("ola")
	s.get(bergenUsers, http.StatusForbidden)
	s.get("/org/310000019/received", http.StatusForbidden)
	s.signIn("jonas") // a member of the board of Trondheim AS administers nothing there
	s.get("/org/310000027/users", http.StatusForbidden)
	s.signIn("kari")
	s.get(bergenUsers, http.StatusOK)
}

// delegate makes a person the agent of a provider and lets it use a package for a
// client, over a grant.
func (s *site) delegate(provider, client fullmakt.OrgNumber, person, code string) {
	s.t.Helper()
	agent, err := s.node.Find(s.t.Context(), person)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, run := range []func(*delegation.Acting) (*delegation.Outcome, error){
		func(a *delegation.Acting) (*delegation.Outcome, error) {
			return a.AddAgent(delegation.AddAgent{Provider: a.Snapshot.Organisation(provider), Agent: agent.No, Identified: true})
		},
		func(a *delegation.Acting) (*delegation.Outcome, error) {
			return a.DelegateClients(delegation.DelegateClients{
				Provider: a.Snapshot.Organisation(provider), Clients: []fullmakt.PartyNo{a.Snapshot.Organisation(client)}, Agents: []fullmakt.PartyNo{agent.No},
				Values: []delegation.Delegable{{Role: delegation.OverGrant, Packages: []string{code}}},
			})
		},
	} {
		_, err := s.node.Do(s.t.Context(), demoTime, "test", func(snap *index.Snapshot) ([]fullmakt.Change, error) {
			out, err := run(s.node.Acting(snap, delegation.Operator, demoTime.Unix()))
			if err != nil {
				return nil, err
			}
			return out.Changes, nil
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// TestEndShowsWhatRestsOnIt: what an accountant passed on to its agent over a grant
// ends with the grant, and the page says so first.
func TestEndShowsWhatRestsOnIt(t *testing.T) {
	s := demoSite(t)
	kari := s.signIn("kari")
	one := bergenUsers + "/310000078"
	s.does(kari, one+"/give/package/skatt-naering")
	s.delegate(310000078, 310000019, "grete", "skatt-naering")
	page := s.get(one+"/end?package=skatt-naering", http.StatusOK)
	wants(t, page, "Regnskap AS mister fullmakten Skatt næring fra Bergen AS.", "Grete Nes kan ikke lenger bruke Skatt næring for klienten Bergen AS gjennom Regnskap AS.", "(bygger på det du tar bort)")
	page = s.does(kari, one+"/end?package=skatt-naering")
	wants(t, page, "Slettet for Regnskap AS: Skatt næring")
	if strings.Contains(page, `name="seq"`) { // the agent is the accountant's to give to
		t.Error("the page offers to undo what the visitor may not give again")
	}
}
