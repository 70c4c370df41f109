package node_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
)

// memory opens a node in memory that holds changes.
func memory(t *testing.T, changes ...fullmakt.Change) *node.Node {
	t.Helper()
	c, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), node.Options{Catalogue: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	do(t, n, morning, changes...)
	return n
}

// searches returns the names that a search finds, in order.
func searches(t *testing.T, n *node.Node, text string, kinds ...fullmakt.PartyKind) []string {
	t.Helper()
	r, err := n.Search(t.Context(), node.SearchQuery{Text: text, Kinds: kinds})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, h := range r.Hits {
		names = append(names, h.Name)
	}
	return names
}

// town is a register of organisations with names that are much alike. Each is an
// AS with as many roles as its place in the list from the end tells, so that
// the first ones are bigger.
func town(names ...string) (changes []fullmakt.Change) {
	number := uint32(31_000_001)
	var last fullmakt.OrgNumber
	for i, name := range names {
		no := fullmakt.PartyNo(i + 1)
		last = fullmakt.NextOrgNumber(number)
		number = uint32(last)/10 + 1
		org := fullmakt.Organisation{Party: no, Form: "AS", Source: fullmakt.SourceCCR}
		if rest, ok := strings.CutPrefix(name, "†"); ok {
			name, org.State = rest, fullmakt.Deleted
		}
		if rest, ok := strings.CutPrefix(name, "↳"); ok {
			name, org.Parent, org.Form = rest, 1, "BEDR"
		}
		for range len(names) - i {
			org.Roles = append(org.Roles, fullmakt.Role{Code: fullmakt.RoleCode(fmt.Sprintf("X%03d", len(org.Roles))), Holder: 1})
		}
		changes = append(changes, fullmakt.Party{No: no, ID: fullmakt.OrganisationID(last), Name: name}, org)
	}
	return changes
}

// TestSearchRanks: the best comes first: by number, the whole name, its beginning,
// words of it, misspelt words; then what is there before what was deleted, main
// units before sub-units, bigger ones before smaller.
func TestSearchRanks(t *testing.T) {
	n := memory(t, town(
		"Bergen Holding AS",        // 310000019
		"Berg AS",                  //
		"Bergen AS",                //
		"Bergenhus Bakeri AS",      //
		"Bakeriet i Bergen ANS",    //
		"†Bergen Blikk AS",         //
		"↳Bergen Båt",              //
		"Bergen ASA",               //
		"Nye Berg og Dal Bergverk", //
		"Bergan Rør AS",            //
		"Fjell AS",                 //
	)...)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"bergen as", []string{"Bergen AS", "Bergen ASA", "Bergen Holding AS", "Bergen Båt", "Bergen Blikk AS", "Bergenhus Bakeri AS", "Bakeriet i Bergen ANS"}},
		{"BERGEN", []string{"Bergen AS", "Bergen ASA", "Bergen Holding AS", "Bergen Båt", "Bergen Blikk AS", "Bergenhus Bakeri AS", "Bakeriet i Bergen ANS"}},
		{"Bergen ASA", []string{"Bergen ASA", "Bergen AS", "Bergen Holding AS", "Bergen Båt", "Bergen Blikk AS", "Bergenhus Bakeri AS", "Bakeriet i Bergen ANS"}},
		{"berg", []string{"Berg AS", "Bergen Holding AS", "Bergen AS", "Bergenhus Bakeri AS", "Bergen ASA", "Bergan Rør AS", "Bergen Båt", "Bergen Blikk AS",
			"Nye Berg og Dal Bergverk", "Bakeriet i Bergen ANS"}},
		{"bergen b", []string{"Bergen Båt", "Bergen Blikk AS", "Bergenhus Bakeri AS", "Bakeriet i Bergen ANS"}},
		{"bergan", []string{"Bergan Rør AS", "Bergen AS", "Bergen ASA", "Bergen Holding AS", "Bergen Båt", "Bergen Blikk AS", "Bakeriet i Bergen ANS"}},
		{"bergen h", []string{"Bergen Holding AS", "Bergenhus Bakeri AS"}},
		{"bakeri berg", []string{"Bergenhus Bakeri AS", "Bakeriet i Bergen ANS"}},
		{"dal berg", []string{"Nye Berg og Dal Bergverk"}},
		{"310 000 019", []string{"Bergen Holding AS"}},
		{"NO 310000019 MVA", []string{"Bergen Holding AS"}},
		{"Bergen Holding AS (310 000 019)", []string{"Bergen Holding AS"}},
		{"f", []string{"Fjell AS"}},
		{"", []string{}},
		{" - ", []string{}},
		{"zzz", []string{}},
		{"310000018", []string{}}, // a wrong check digit is no beginning either
	} {
		if diff := cmp.Diff(c.want, searches(t, n, c.text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
	whole := searches(t, n, "31")
	if len(whole) != 11 || whole[0] != "Bergen Holding AS" || whole[10] != "Bergen Blikk AS" {
		t.Errorf("the beginning of all numbers finds %q", whole)
	}
	if got, want := searches(t, n, "as")[0], "Bergen Holding AS"; got != want {
		t.Errorf("a form alone finds %q first, want %q", got, want)
	}
}

// TestSearchForgives: Norwegian names are found however their letters, accents,
// hyphens and forms are typed, and with a letter or two wrong.
func TestSearchForgives(t *testing.T) {
	n := memory(t, town(
		"Brønnøysund Rør & Varme A/S", "Ålesund Æresport AS", "Nord-Norge Båt DA", "Hansson og Sønner AS", "Datahuset AS", "D'Angelo Café AS",
		"Håkon Kjærgård Eiendomsutvikling AS", "Wessel Thomassen Rederi AS", "H&M Tøy AS", "Fjell AS", "Müller Straße GmbH", "Ивановъ AS", "Bø Ås AS",
	)...)
	for want, typed := range map[string][]string{
		"Brønnøysund Rør & Varme A/S": {"brønnøysund rør og varme as", "broennoeysund", "BRÖNNÖYSUND", "bronnoysund", "bronoysund", "brønøysnd", "brønnøysund rør & varme", "rør brønnøysun", "brønnøsyund", "bro\u0308nno\u0308ysund", "brønnøy sund"},
		"Ålesund Æresport AS":         {"aalesund", "alesund", "åelsund", "ålesund eresport", "äresport", "aeresport", "A\u030alesund"},
		"Nord-Norge Båt DA":           {"nord norge", "nordnorge", "nord-norge båt", "nordnorge baat", "nordnorge båt da", "norge nord"},
		"Hansson og Sønner AS":        {"hanson", "hannson", "hanssen", "hansson & sønner", "hansson og sonner", "sønner hansson"},
		"Datahuset AS":                {"data huset", "datahuset", "datahust", "data-huset", "dathuset", "datahuset ans"},
		"D'Angelo Café AS":            {"d angelo", "dangelo", "d’angelo cafe", "cafe angello"},
		"Håkon Kjærgård Eiendomsutvikling AS": {"haakon kjaergaard", "hakon kjergard", "eiendomsutvikling hå", "eindomsutvikling", "eiendomsutviklng håkon", "eiendomsutviklnig",
			"kjærgaard"},
		"Wessel Thomassen Rederi AS": {"vessel tomasen", "wesel", "thomasen rederi", "tommassen"},
		"H&M Tøy AS":                 {"h&m", "hm", "H.M. tøy", "hm toy"},
		"Müller Straße GmbH":         {"muller", "müller", "strasse"},
		"Ивановъ AS":                 {"ивановъ", "ИВАН"},
		"Bø Ås AS":                   {"boe aas", "bø as", "bø ås as", "bo"},
	} {
		for _, text := range typed {
			if got := searches(t, n, text); len(got) == 0 || got[0] != want {
				t.Errorf("%q finds %q, want %q first", text, got, want)
			}
		}
	}
	// What is nothing like a name finds nothing: a short word is no misspelling.
	for _, text := range []string{"fjo", "fjael s", "xyzzy", "ab", "fjell zzzz", "qqqqqqqq"} {
		if got := searches(t, n, text); len(got) > 0 {
			t.Errorf("%q finds %q, want nothing", text, got)
		}
	}
}

// TestSearchKinds: each kind of party is found, with what tells it from others, and
// only the kinds that are asked for.
func TestSearchKinds(t *testing.T) {
	changes := append(accountant(),
		fullmakt.Party{No: 8, ID: fullmakt.EnterpriseUserID(310000019, "bergen-integrasjon"), Name: "bergen-integrasjon"},
		fullmakt.EnterpriseUser{Party: 8, Owner: 1, Ended: true},
		fullmakt.Person{Party: 3, Dead: true})
	n := memory(t, changes...)
	hits := func(q node.SearchQuery) []node.Hit {
		t.Helper()
		r, err := n.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Hits {
			if r.Hits[i].UUID == (fullmakt.UUID{}) {
				t.Errorf("%s has no UUID", r.Hits[i].Name)
			}
			r.Hits[i].UUID = fullmakt.UUID{}
		}
		return r.Hits
	}
	want := map[string][]node.Hit{
		"nordmann": {
			{Party: 4, Kind: fullmakt.KindOrganisation, Name: "Ola Nordmann ENK", Match: node.MatchWords, Number: 310000035, Form: "ENK"},
			{Party: 5, Kind: fullmakt.KindPerson, Name: "Ola Nordmann", Match: node.MatchWords, Born: 30_000, Uncertain: true},
			{Party: 3, Kind: fullmakt.KindPerson, Name: "Kari Nordmann", Match: node.MatchWords, Born: fullmakt.NewDate(1970, 1, 12), Dead: true},
		},
		"avd voss": {{Party: 7, Kind: fullmakt.KindOrganisation, Name: "Bergen AS avd. Voss", Match: node.MatchWords, Number: 310000043, Form: "BEDR", Parent: 1, ParentName: "Bergen AS"}},
		"integrasjon": {{Party: 8, Kind: fullmakt.KindEnterpriseUser, Name: "bergen-integrasjon", Match: node.MatchWords, Number: 310000019,
			State: fullmakt.Deleted, Parent: 1, ParentName: "Bergen AS"}},
		"fagsystem": {{Party: 6, Kind: fullmakt.KindSystemUser, Name: "fagsystem/regnskap", Match: node.MatchStart, Number: 310000027, Parent: 2, ParentName: "Trondheim Regnskap AS"}},
	}
	for text, hit := range want {
		if diff := cmp.Diff(hit, hits(node.SearchQuery{Text: text})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	for kind, text := range map[fullmakt.PartyKind]string{
		fullmakt.KindOrganisation: "nordmann", fullmakt.KindPerson: "nordmann", fullmakt.KindEnterpriseUser: "bergen", fullmakt.KindSystemUser: "regnskap",
	} {
		for _, h := range hits(node.SearchQuery{Text: text, Kinds: []fullmakt.PartyKind{kind}}) {
			if h.Kind != kind {
				t.Errorf("%q among kind %s finds a %s", text, kind, h.Kind)
			}
		}
	}
	if got := hits(node.SearchQuery{Text: "310000019", Kinds: []fullmakt.PartyKind{fullmakt.KindPerson}}); len(got) > 0 {
		t.Errorf("a number among persons finds %v", got)
	}
	if got := hits(node.SearchQuery{Text: "n", Limit: 1}); len(got) != 2 {
		t.Errorf("a limit of 1 of each kind finds %v", got)
	}
}

// TestSearchTellsOnlyWhatIsTyped: an exact name or number names one party; half a
// name, or one that two share, does not.
func TestSearchNamesOne(t *testing.T) {
	n := memory(t, town("Bergen AS", "Bergen Bakeri AS", "Voss AS", "Voss AS")...)
	for text, want := range map[string]string{
		"bergen as": "Bergen AS", "310000019": "Bergen AS", "BERGEN  AS": "Bergen AS", "bergen": "", "bergen b": "", "voss as": "", "bergn as": "", "": "",
	} {
		r, err := n.Search(t.Context(), node.SearchQuery{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		if h, _ := r.Only(); h.Name != want {
			t.Errorf("%q names %q, want %q", text, h.Name, want)
		}
	}
}

// TestSearchAndIdentityNumbers: a number as long as an identity number is told
// apart and finds nobody, whatever stands around it and however it is written.
func TestSearchAndIdentityNumbers(t *testing.T) {
	n := memory(t, accountant()...)
	for text, want := range map[string]bool{
		"12817010065": true, "128170 10065": true, "Kari Nordmann 12817010065": true, "128170-10065": true, "1281701006": true, "12.81.70.10065": true,
		"12 81 70 10 06 5": true, "128170100651": true, "128170": false, "310000019": false, "310 000 019": false, "Kari": false, "310000019 310000027": false,
	} {
		r, err := n.Search(t.Context(), node.SearchQuery{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		if r.IdentityNumber != want {
			t.Errorf("%q: identity number %v, want %v", text, r.IdentityNumber, want)
		}
		if want && len(r.Hits) > 0 {
			t.Errorf("%q finds %d parties, want none", text, len(r.Hits))
		}
	}
}

// TestSearchRefuses: a text that is too long and a limit out of bounds are errors
// that do not repeat the text.
func TestSearchRefuses(t *testing.T) {
	n := memory(t, bergen()...)
	for _, q := range []node.SearchQuery{{Text: strings.Repeat("Kari ", 50)}, {Text: "Kari", Limit: -1}, {Text: "Kari", Limit: 101}} {
		_, err := n.Search(t.Context(), q)
		if fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("%v: error %v, want one that says it is invalid", q.Limit, err)
		} else if strings.Contains(err.Error(), "Kari") {
			t.Errorf("the error repeats what was typed: %v", err)
		}
	}
	// Whatever is typed is no query of SQLite's.
	for _, text := range []string{`"`, `" OR *`, "NEAR(bergen)", "bergen*", "-bergen", "words:bergen", "^bergen", "'; DROP TABLE doc; --", "\x00bergen", "\xff\xfe", "_bergen", strings.Repeat("a ", 100)} {
		if _, err := n.Search(t.Context(), node.SearchQuery{Text: text}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestSearchFollowsTheLog: new parties, new names and purges show in searches at
// once, and a state that changes moves a party.
func TestSearchFollowsTheLog(t *testing.T) {
	n := memory(t, town("Bergen AS", "Bergen Blikk AS", "Voss AS")...)
	step := func(i int, want []string, changes ...fullmakt.Change) {
		t.Helper()
		if changes != nil {
			do(t, n, morning.Add(time.Duration(i)*time.Hour), changes...)
		}
		if diff := cmp.Diff(want, searches(t, n, "bergen")); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", i, diff)
		}
	}
	s := snapshot(t, n)
	step(0, []string{"Bergen AS", "Bergen Blikk AS"})
	step(1, []string{"Bergen AS", "Bergen Voss AS", "Bergen Blikk AS"}, fullmakt.Party{No: 3, ID: s.ID(3), Name: "Bergen Voss AS"}, fullmakt.Organisation{Party: 3, Form: "AS", Source: fullmakt.SourceCCR,
		Roles: []fullmakt.Role{{Code: "X1", Holder: 1}, {Code: "X2", Holder: 1}, {Code: "X3", Holder: 1}, {Code: "X4", Holder: 1}}})
	step(2, []string{"Bergen AS", "Bergen Blikk AS", "Bergen Voss AS"}, fullmakt.Organisation{Party: 3, Form: "AS", State: fullmakt.Deleted, Source: fullmakt.SourceCCR})
	step(3, []string{"Bergen AS", "Bergen Blikk AS", "Bergen Ny AS", "Bergen Voss AS"}, fullmakt.Party{No: 4, ID: fullmakt.OrganisationID(fullmakt.NextOrgNumber(31_900_000)), Name: "Bergen Ny AS"},
		fullmakt.Organisation{Party: 4, Form: "AS", Source: fullmakt.SourceCCR})
	step(4, []string{"Bergen Blikk AS", "Bergen Ny AS", "Bergen Voss AS"}, fullmakt.Purge{Party: 1})
	if got := searches(t, n, "voss"); !slices.Equal(got, []string{"Bergen Voss AS"}) {
		t.Errorf("the old name still finds: %q", got)
	}
}
