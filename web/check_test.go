package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/text"
	"github.com/fullmakt/fullmakt/world"
)

// ask sends the form of a question and returns where it leads.
func (s *site) ask(t *testing.T, form url.Values) string {
	t.Helper()
	answer, _ := s.post(nil, "/check", form, http.StatusSeeOther)
	return answer.Header.Get("Location")
}

const scopes = "delegerbare-maskinporten-scopes"

// TestCheckSeedExamples asks the examples of the seed documents by the form, as a
// visitor would, and reads the answers in three languages.
func TestCheckSeedExamples(t *testing.T) {
	s := demoSite(t)
	for _, c := range []struct {
		subject, object, pkg string
		want                 map[string][]string
	}{
		{"kari", "Bergen AS", scopes, map[string][]string{
			"":    {"JA Kari Nordmann kan bruke Delegerbare Maskinporten scopes på vegne av Bergen AS", "Vei 1", "NEST", "Trondheim AS", "siden 10. januar 2024", "Gir rett til å bruke og gi videre.", "GIVE-1", "NEST-1"},
			"/nn": {"JA Kari Nordmann kan bruke", "på vegner av Bergen AS", "Veg 1"},
			"/en": {"YES Kari Nordmann may use", "on behalf of Bergen AS", "Path 1"},
		}},
		{"trondheim-integrasjon", "310000019", scopes, map[string][]string{
			"": {"JA trondheim-integrasjon kan bruke", "fullmakt for leverandør (ECKEY)", "gjelder fra 1. februar 2025", "NEST-2"},
		}},
		{"Ola Hansen", "310 000 019", scopes, map[string][]string{
			"":    {"NEI Ola Hansen kan ikke bruke", "mer enn ett ledd", "Nesten 1", "Stopper ved Oslo AS", "NEST-3", "Fullmakt går ett ledd videre, aldri to.", "Direkte rolle i Bergen AS: ingen.", "Gitt fullmakt fra Bergen AS: ingen.", "Slik blir det JA", "Bergen AS gir Ola Hansen", `fullmakt --demo grant ` + scopes + ` --from "Bergen AS" --to "Ola Hansen"`},
			"/nn": {"NEI Ola Hansen kan ikkje bruke", "meir enn eitt ledd"},
			"/en": {"NO Ola Hansen may not use", "Stops at Oslo AS"},
		}},
		{"liv", "fjord", "delegerbare-maskinporten-scopes-NUF", map[string][]string{"": {"JA Liv Berg", "kontaktperson NUF", "FORM-1"}}},
		{"petter", "Datahuset AS", scopes, map[string][]string{"": {"NEI Petter Lie", "Direkte rolle i Datahuset AS: kontaktperson, men det gir ikke dette."}}},
		{"ola", "Bergen AS", "", map[string][]string{"": {"NEI Ola Hansen kan ikke handle på vegne av Bergen AS", "Bergen AS gir Ola Hansen en tilgangspakke."}}},
		{"anne", "nina", "", map[string][]string{"": {"JA Anne Lund kan handle på vegne av Nina Dahl", "Kan bruke: 3 tilgangspakker", "NEST + ENK", "Vergemål er ikke med"}}},
		{"berit", "vannverket", "skatt-naering", map[string][]string{"": {"NEI Berit Aas", "NEST-6"}}},
	} {
		form := url.Values{"subject": {c.subject}, "for": {c.object}, "what": {"any"}, "package": {c.pkg}}
		if c.pkg != "" {
			form.Set("what", "package")
		}
		to := s.ask(t, form)
		for prefix, words := range c.want {
			wants(t, s.get(prefix+to, http.StatusOK), words...)
		}
	}
}

// TestCheckRole asks about a role, which no grant gives.
func TestCheckRole(t *testing.T) {
	s := demoSite(t)
	to := s.ask(t, url.Values{"subject": {"petter"}, "for": {"Bergen AS"}, "what": {"role"}, "role": {"dagl"}})
	wants(t, s.get(to, http.StatusOK), "NEI Petter Lie har ikke rollen daglig leder for Bergen AS", "ROLE", "Bergen AS registrerer Petter Lie som daglig leder i Enhetsregisteret.")
}

// TestCheckService asks about an action on a service, which takes the policy's half
// too.
func TestCheckService(t *testing.T) {
	s := demoSite(t)
	form := url.Values{"subject": {"ola"}, "for": {"Bergen AS"}, "what": {"service"}, "resource": {"demo-skattemelding"}, "action": {"sign"}}
	wants(t, s.get(s.ask(t, form), http.StatusOK), "NEI Ola Hansen kan ikke gjøre sign i", "Hva tjenesten krever", "Det mangler én av disse", "nei: Skatt næring", "NEST-3", "--action sign --resource demo-skattemelding")
	form.Set("subject", "kari")
	form.Set("action", "read")
	wants(t, s.get(s.ask(t, form), http.StatusOK), "JA Kari Nordmann kan gjøre read i", "Regelen ber om, og parten har")
	form.Set("action", "fly")
	wants(t, s.get(s.ask(t, form), http.StatusOK), "NEI", "Policyen har regler for")
}

// TestCheckCandidates names somebody by a name that fits several, nobody, and a
// number with a wrong check digit.
func TestCheckCandidates(t *testing.T) {
	c, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Parse("two.txtar", []byte(`Two of one name.
-- register --
organisation 310000019 AS "Bergen AS"
person 12817010065 "Kari Nordmann"
person 03918510094 "Kari Nordmann"
role DAGL at "Bergen AS" holder 12817010065
`), c)
	if err != nil {
		t.Fatal(err)
	}
	s := worldSite(t, w, c)
	_, page := s.post(nil, "/check", url.Values{"subject": {"Kari Nordmann"}, "for": {"310000019"}}, http.StatusUnprocessableEntity)
	wants(t, page, "passer på flere", "født")
	links := regexp.MustCompile(`<li><a href="(/check\?[^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(links) != 2 {
		t.Fatalf("%d candidates, want 2:\n%s", len(links), shown(page))
	}
	yes := 0
	for _, link := range links {
		if answer := s.get(strings.ReplaceAll(link[1], "&amp;", "&"), http.StatusOK); strings.Contains(shown(answer), "JA Kari") {
			yes++
		}
	}
	if yes != 1 {
		t.Errorf("%d of the two may act, want 1", yes)
	}
	for name, want := range map[string]string{"Nobody Such": "Ingen i registeret", "310000018": "kontrollsifferet", "": "Skriv hvem"} {
		_, page := s.post(nil, "/check", url.Values{"subject": {name}, "for": {"310000019"}}, http.StatusUnprocessableEntity)
		wants(t, page, want)
	}
	for _, path := range []string{"/check?subject=p999&for=310000019", "/check?subject=310000027&for=310000019"} {
		wants(t, s.get(path, http.StatusNotFound), "Adressen nevner en part som ikke finnes")
	}
}

// TestCheckKeepsIdentityNumbersOut types identity numbers into every field and
// address, and finds none in what comes back, where it leads or what is logged.
func TestCheckKeepsIdentityNumbersOut(t *testing.T) {
	s := demoSite(t)
	const number = "12817010065"
	clean := func(what, text string) {
		t.Helper()
		for _, bad := range []string{number, "128170 10065", "128170+10065", "128170%2010065"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds an identity number: %s", what, text)
			}
		}
	}
	for _, field := range []string{"subject", "for", "package", "role", "resource", "action"} {
		for _, written := range []string{number, "128170 10065"} {
			form := url.Values{"subject": {"kari"}, "for": {"Bergen AS"}}
			switch field {
			case "resource", "action":
				form.Set("what", "service")
				form.Set("resource", "demo-skattemelding")
				form.Set("action", "read")
			case "package", "role":
				form.Set("what", field)
			}
			form.Set(field, written)
			answer, err := s.client.PostForm(s.URL+"/check", form)
			if err != nil {
				t.Fatal(err)
			}
			clean("the place that "+field+" leads to", answer.Header.Get("Location"))
			if to := answer.Header.Get("Location"); to != "" {
				clean("the answer", s.get(to, http.StatusOK))
			}
			status := answer.StatusCode
			if page := s.read(answer, "/check", status); field != "action" && field != "resource" {
				clean("the page", page)
			}
			answer, err = s.client.Get(s.URL + "/check?" + url.Values{"subject": {"p14"}, "for": {"310000019"}, field: {written}}.Encode())
			if err != nil {
				t.Fatal(err)
			}
			clean("the place that an address leads to", answer.Header.Get("Location"))
			clean("the page", s.read(answer, "/check?…", http.StatusSeeOther))
		}
	}
	for _, r := range s.lookups() {
		clean("the log", fmt.Sprintf("%+v", r))
	}
}

// lookups returns the log of look-ups.
func (s *site) lookups() (list []audit.Record) {
	s.t.Helper()
	log := s.pages.Lookups
	if err := log.Sync(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	page, err := audit.Query(s.t.Context(), log.Dir(), audit.Filter{Limit: audit.MaxPage})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range page.Entries {
		list = append(list, e.Record)
	}
	return list
}

// TestCheckIsRecorded finds a question and its answer in the log of look-ups.
func TestCheckIsRecorded(t *testing.T) {
	s := demoSite(t)
	s.get(s.ask(t, url.Values{"subject": {"ola"}, "for": {"Bergen AS"}, "what": {"package"}, "package": {scopes}}), http.StatusOK)
	list := s.lookups()
	if len(list) == 0 {
		t.Fatal("nothing is recorded")
	}
	last := list[len(list)-1]
	if last.Subject == 0 || last.Object == 0 || last.What != scopes || last.Outcome != "deny" || last.Reason != fullmakt.ReasonNestingLimit || last.Operation != "check" {
		t.Errorf("recorded %+v", last)
	}
}

// TestCheckCorpus asks every question of the decision corpus on the page, at its
// own time, and wants the answer that the file expects, in words, and no message's
// key. Over all of them every reason of an answer and every rule that a decision can
// rest on is seen. Quick runs ask a part of it.
func TestCheckCorpus(t *testing.T) {
	c, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../testdata/worlds/*.txtar")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	seen := map[string]bool{}
	codes := regexp.MustCompile(`<code>([A-Z]+(?:-\d)?)</code>`)
	for n, file := range files {
		if testing.Short() && n%6 != 0 {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		w, err := world.Parse(filepath.Base(file), data, c)
		if err != nil {
			t.Fatal(err)
		}
		now := demoTime
		s := worldSite(t, w, c, func(o *Options) { o.Now = func() time.Time { return now } })
		refs := s.references(t)
		for i, q := range w.Questions {
			if q.Kind != world.Check {
				continue
			}
			now = time.Unix(cmp.Or(q.At, demoTime.Unix()), 0)
			prefix := []string{"", "/nn", "/en"}[i%3]
			query := url.Values{"subject": {refs[q.Subject]}, "for": {refs[q.For]}, "package": {q.Package}, "role": {string(q.Role)}, "resource": {q.Resource}, "right": {q.Right}}
			page := s.get(prefix+"/check?"+query.Encode(), http.StatusOK)
			read := shown(page)
			word := map[string][2]string{"": {"NEI", "JA"}, "/nn": {"NEI", "JA"}, "/en": {"NO", "YES"}}[prefix]
			want, other := word[0], word[1]
			if q.Want.Allowed {
				want, other = other, want
			}
			h1 := shown(regexp.MustCompile(`(?s)<h1>.*?</h1>`).FindString(page))
			if !strings.Contains(h1, want+" ") || strings.Contains(h1, other+" ") {
				t.Errorf("%s: %s\n\tthe headline is %q, want %s", q.Where, q.Text, h1, want)
			}
			texts := s.pages.texts[map[string]text.Lang{"": text.NB, "/nn": text.NN, "/en": text.EN}[prefix]]
			if q.Want.Reason != "" {
				if sentence := texts.Reason(q.Want.Reason); !strings.Contains(read, sentence) {
					t.Errorf("%s: %s\n\tthe page lacks %q", q.Where, q.Text, sentence)
				}
				seen[string(q.Want.Reason)] = true
			}
			for _, reason := range q.Want.Misses {
				if !strings.Contains(read, texts.Why(reason)) && reason != fullmakt.ReasonNoRelation { // which is of an agent there, and told so
					t.Errorf("%s: %s\n\tthe page lacks %q", q.Where, q.Text, texts.Why(reason))
				}
				seen[string(reason)] = true
			}
			if key := regexp.MustCompile(`\b(web|line|reason|why|step|rule|note|remedy|head|source|state|kind)\.[a-zA-Z_.-]+\b|\{[a-z]+\}`).FindString(read); key != "" {
				t.Errorf("%s: %s\n\tthe page shows the key %q", q.Where, q.Text, key)
			}
			for _, rule := range codes.FindAllStringSubmatch(page, -1) {
				seen[rule[1]] = true
			}
		}
	}
	if testing.Short() {
		return
	}
	for _, want := range []string{
		"self", "held_via_role", "held_via_grant", "held_via_nesting", "held_via_client", "held_via_main_unit", "held_via_sole_proprietor",
		"holder_deceased", "party_deleted", "role_deregistered", "not_yet_valid", "expired", "org_form", "iks_participant", "not_key_role",
		"nesting_limit", "not_delegable", "package_not_held", "no_relation", "wrong_party_type",
		"SELF", "DIRECT", "NEST", "CLIENT", "SUB", "ENK", "NEST-1", "NEST-2", "NEST-3", "NEST-4", "NEST-5", "NEST-6", "NEST-8",
		"KEY-1", "FORM-1", "FORM-2", "ROLE", "LIFE-1", "LIFE-2", "TIME-1", "OPEN-1", "GIVE-1", "GIVE-2", "GIVE-3", "CLIENT-1",
	} {
		if !seen[want] {
			t.Errorf("no question of the corpus shows %s", want)
		}
	}
}

// references returns how addresses name every party of the register.
func (s *site) references(t *testing.T) map[fullmakt.PartyID]string {
	t.Helper()
	snap, err := s.node.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := &view{Server: s.pages, snap: snap}
	refs := map[fullmakt.PartyID]string{}
	for no := fullmakt.PartyNo(1); no <= snap.Last(); no++ {
		refs[snap.ID(no)] = partyRef(v.party(no))
	}
	return refs
}

// TestCheckHostileNames shows names that are HTML, quotes, spells for a terminal and
// two hundred letters long, and finds them inert.
func TestCheckHostileNames(t *testing.T) {
	c, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	hostile := []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'; rm -rf ~; echo '`, "\u202eSA nevkeR", strings.Repeat("Ø", 200)}
	file := "Hostile names.\n-- register --\n"
	numbers := []string{"310000019", "310000027", "310000035", "310000043", "310000051"}
	for i := range hostile {
		file += fmt.Sprintf("organisation %s AS %q\n", numbers[i], fmt.Sprintf("Navn %d AS", i))
		if i > 0 {
			file += fmt.Sprintf("role DAGL at %s holder %s\n", numbers[i-1], numbers[i])
		}
	}
	w, err := world.Parse("hostile.txtar", []byte(file), c)
	if err != nil {
		t.Fatal(err)
	}
	for i := range w.Register {
		w.Register[i].Name = hostile[slices.Index(numbers, w.Register[i].Org.String())]
	}
	s := worldSite(t, w, c)
	for _, path := range []string{"/check?subject=310000027&for=310000019", "/check?subject=310000043&for=310000019", "/check?subject=310000051&for=310000043", "/check?subject=310000035"} {
		page := s.get(path, http.StatusOK)
		for _, bad := range []string{"<script>alert", "<img", "--to '; rm", `"><img`, "\u202e"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s has %q in it", path, bad)
			}
		}
	}
	if testing.Short() {
		return
	}
	ctx := browser(t)
	looksRight(t, ctx, "check-hostile", s.URL+"/check?subject=310000051&for=310000043")
	looksRight(t, ctx, "check-hostile-no", s.URL+"/check?subject=310000043&for=310000019")
}

func TestCheckInABrowser(t *testing.T) {
	s := demoSite(t)
	ctx := browser(t)
	for name, form := range map[string]url.Values{
		"check-yes":     {"subject": {"kari"}, "for": {"Bergen AS"}, "what": {"package"}, "package": {scopes}},
		"check-no":      {"subject": {"ola"}, "for": {"Bergen AS"}, "what": {"package"}, "package": {scopes}},
		"check-none":    {"subject": {"petter"}, "for": {"Bergen AS"}, "what": {"role"}, "role": {"DAGL"}},
		"check-any":     {"subject": {"anne"}, "for": {"nina"}},
		"check-service": {"subject": {"ola"}, "for": {"Bergen AS"}, "what": {"service"}, "resource": {"demo-skattemelding"}, "action": {"sign"}},
	} {
		looksRight(t, ctx, name, s.URL+s.ask(t, form))
	}
	looksRight(t, ctx, "check-form", s.URL+"/check")
}

// TestCheckVeilsStrangers asks with authentication on. Kari, who may look at Bergen AS,
// is told of a person that has to do with it, and not of one that has not, though
// its number stands in the address; and she finds no person by name.
func TestCheckVeilsStrangers(t *testing.T) {
	s := demoSite(t, closed)
	one := s.signIn("kari")
	number := func(name string) string { return "p" + strings.TrimPrefix(s.pathOf(t, name), "/party/") }
	wants(t, s.get("/check?subject="+number("ola")+"&for=310000019", http.StatusOK), "Ola Hansen", "mer enn ett ledd")
	for _, path := range []string{"/check?subject=" + number("petter") + "&for=310000019", "/check?subject=" + number("petter")} {
		page := s.get(path, http.StatusOK)
		wants(t, page, "Personen du spør om")
		if strings.Contains(page, "Petter") || strings.Contains(page, "15.11.56") {
			t.Errorf("%s tells of a stranger: %s", path, shown(page))
		}
	}
	s.get("/check?subject="+number("petter")+"&for=310000043", http.StatusForbidden) // neither is hers to look at
	_, page := s.post(one, "/check", url.Values{"subject": {"Petter Lie"}, "for": {"310000019"}}, http.StatusUnprocessableEntity)
	wants(t, page, "Ingen i registeret")
	if strings.Contains(page, "15.11.56") {
		t.Errorf("a person is found by name: %s", shown(page))
	}
	answer, _ := s.post(one, "/check", url.Values{"subject": {"15915610150"}, "for": {"310000019"}}, http.StatusSeeOther)
	if to := answer.Header.Get("Location"); to != "/check?for=310000019&subject="+number("petter") {
		t.Errorf("led to %q", to)
	}
	_, page = s.post(one, "/check", url.Values{"subject": {"310000019"}, "for": {"15915610150"}}, http.StatusUnprocessableEntity)
	wants(t, page, "Ingen i registeret")
}

// TestCheckLeadsToGiving follows the link of a remedy to the page where it is done.
func TestCheckLeadsToGiving(t *testing.T) {
	s := demoSite(t, closed)
	s.signIn("kari")
	page := s.get("/check?subject=310000043&for=310000019&package="+scopes, http.StatusOK)
	link := regexp.MustCompile(`href="(/org/310000019/users/[^"]*)"`).FindStringSubmatch(page)
	if link == nil {
		t.Fatalf("no link to give:\n%s", shown(page))
	}
	wants(t, s.get(link[1], http.StatusOK), "Datahuset AS", "Delegerbare Maskinporten scopes")
	ola := strings.TrimPrefix(s.pathOf(t, "ola"), "/party/")
	if page := s.get("/check?subject=p"+ola+"&for=310000019&package="+scopes, http.StatusOK); !strings.Contains(page, `href="/org/310000019/users/new"`) {
		t.Errorf("no link to name a person:\n%s", shown(page))
	}
}

// TestCheckSuggests offers names like the one that was typed.
func TestCheckSuggests(t *testing.T) {
	s := demoSite(t)
	if err := s.node.FillNames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	_, page := s.post(nil, "/check", url.Values{"subject": {"kari"}, "for": {"Bergn"}}, http.StatusUnprocessableEntity)
	wants(t, page, "Mener du en av disse?", "Bergen AS")
	if !strings.Contains(page, `href="/check?for=310000019&amp;subject=p14"`) {
		t.Errorf("no way on with Bergen AS:\n%s", page)
	}
}
