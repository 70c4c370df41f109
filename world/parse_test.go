package world_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/world"
)

func mustParse(t *testing.T, text string) *world.World {
	t.Helper()
	w, err := world.Parse("test", []byte(text), mustCatalogue(t))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestParseReadsEveryStatement(t *testing.T) {
	w := mustParse(t, `A comment
of two lines.

-- register --
enterprise-user "Robot" of bergen ended          # a later line declares its owner
role DAGL at "Bergen AS" holder kari since 2024-01-10
role xyzz at bergen holder "Ola Åpen" deregistered unlisted
open-data role REGN at 310000027 holder bergen
open-data role dagl at bergen holder "Ola Åpen born 1989-03-12" since 2024-01-10
open-data role zyxx at 310000027 holder kari deregistered unlisted
organisation 310000019 as "Bergen AS" bankrupt winding-up
organisation "310 000 027" BEDR "Bergens \"Bod\"" parent 310000019 deleted 2025-02-03
person 12817010065 "Kari Nordmann"
person born 1989-03-12 "Ola Åpen" dead
eckey from bergen to robot from 2025-02-01 until 2025-03-30 by kari
grant maskinporten-scopes from bergen to "Ola Åpen" revoked
-- questions --
check kari for bergen package Delegerbare-Maskinporten-Scopes at 2026-03-03T12:00:00+01:00: yes held_via_role, may give by GIVE-1, paths DIRECT NEST+SUB, state bankrupt, certain
check "Ola Åpen" for "Bergens \"Bod\"" role xyzz: no holder_deceased, may not give not_administrator, misses holder_deceased party_deleted, uncertain
at 2026-07-01
list by kari package skatt-naering rule NEST business-only: bergen, 310000027
list for "Bergens \"Bod\"" role DAGL at 2026-03-03: nobody
check kari for bergen: no misses none`)

	bergen, bod := fullmakt.OrganisationID(310000019), fullmakt.OrganisationID(310000027)
	kari := fullmakt.PersonID(12817010065)
	ola := fullmakt.OpenPersonID(fullmakt.NewDate(1989, 3, 12), "Ola Åpen")
	robot := fullmakt.EnterpriseUserID(310000019, "robot")
	unix := func(s string) int64 {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at.Unix()
	}
	const has = fullmakt.HasName | fullmakt.HasForm | fullmakt.HasParent | fullmakt.HasState | fullmakt.HasRoles
	want := &world.World{
		Name:    "test",
		Comment: "A comment\nof two lines.",
		Register: []fullmakt.RegisterChange{
			{
				Source: fullmakt.SourceWorld, Org: 310000019, Has: has, Name: "Bergen AS", Form: "AS",
				State: fullmakt.Bankrupt | fullmakt.WindingUp, Where: "test:11",
				Roles: []fullmakt.RegisterRole{
					{Code: fullmakt.DAGL, Holder: kari, HolderName: "Kari Nordmann", Since: fullmakt.NewDate(2024, 1, 10)},
					{Code: "xyzz", Holder: ola, HolderName: "Ola Åpen", HolderDead: true, Ended: true},
				},
			},
			{
				Source: fullmakt.SourceWorld, Org: 310000027, Has: has, Name: `Bergens "Bod"`, Form: "BEDR", Parent: 310000019,
				State: fullmakt.Deleted, DeletedOn: fullmakt.NewDate(2025, 2, 3), Where: "test:12",
			},
		},
		OpenData: []fullmakt.RegisterChange{
			{
				Source: fullmakt.SourceOpenData, Org: 310000027, Has: fullmakt.HasRoles, Where: "test:8",
				Roles: []fullmakt.RegisterRole{
					{Code: "REGN", Holder: bergen, HolderName: "Bergen AS"},
					{Code: "zyxx", Holder: kari, HolderName: "Kari Nordmann", Ended: true},
				},
			},
			{
				Source: fullmakt.SourceOpenData, Org: 310000019, Has: fullmakt.HasRoles, Where: "test:9",
				Roles: []fullmakt.RegisterRole{
					{Code: fullmakt.DAGL, Holder: ola, HolderName: "Ola Åpen", HolderDead: true, Since: fullmakt.NewDate(2024, 1, 10)},
				},
			},
		},
		Persons: []world.Person{
			{ID: kari, Name: "Kari Nordmann", Where: "test:13"},
			{ID: ola, Name: "Ola Åpen", Dead: true, Where: "test:14"},
		},
		EnterpriseUsers: []world.EnterpriseUser{{ID: robot, Name: "Robot", Ended: true, Where: "test:5"}},
		Grants: []world.Grant{
			{
				From: bergen, To: robot, Role: fullmakt.ECKEY, GivenBy: kari, Where: "test:15",
				// The last day ends as summer time has begun.
				Valid: fullmakt.Interval{From: unix("2025-02-01T00:00:00+01:00"), To: unix("2025-03-31T00:00:00+02:00")},
			},
			{From: bergen, To: ola, Package: "delegerbare-maskinporten-scopes", Revoked: true, Where: "test:16"},
		},
		Questions: []world.Question{
			{
				Kind: world.Check, Subject: kari, For: bergen, Package: "delegerbare-maskinporten-scopes",
				At: unix("2026-03-03T11:00:00Z"), Where: "test:18",
				Text: "check kari for bergen package Delegerbare-Maskinporten-Scopes at 2026-03-03T12:00:00+01:00: yes held_via_role may give by GIVE-1 paths DIRECT NEST+SUB state bankrupt certain",
				Want: world.Answer{
					Allowed: true, Reason: fullmakt.ReasonRole, Give: world.Yes, GiveRule: "GIVE-1", HasPaths: true,
					Paths: []world.PathKind{{Base: "DIRECT"}, {Base: "NEST", Extension: "SUB"}}, State: "bankrupt", Uncertain: world.No,
				},
			},
			{
				Kind: world.Check, Subject: ola, For: bod, Role: "xyzz", Where: "test:19",
				Text: `check "Ola Åpen" for "Bergens \"Bod\"" role xyzz: no holder_deceased may not give not_administrator misses holder_deceased party_deleted uncertain`,
				Want: world.Answer{
					Reason: fullmakt.ReasonHolderDeceased, Give: world.No, GiveReason: fullmakt.ReasonNotAdmin, HasMisses: true,
					Misses: []fullmakt.Reason{fullmakt.ReasonHolderDeceased, fullmakt.ReasonPartyDeleted}, Uncertain: world.Yes,
				},
			},
			{
				Kind: world.ListBy, Subject: kari, Package: "skatt-naering", Rule: fullmakt.RuleNest, BusinessOnly: true,
				At: unix("2026-07-01T00:00:00+02:00"), WantParties: []fullmakt.PartyID{bergen, bod}, Where: "test:21",
				Text: "list by kari package skatt-naering rule NEST business-only: bergen 310000027",
			},
			{
				Kind: world.ListFor, For: bod, Role: fullmakt.DAGL, At: unix("2026-03-03T00:00:00+01:00"), Where: "test:22",
				Text: `list for "Bergens \"Bod\"" role DAGL at 2026-03-03: nobody`,
			},
			{
				Kind: world.Check, Subject: kari, For: bergen, At: unix("2026-07-01T00:00:00+02:00"), Where: "test:23",
				Text: "check kari for bergen: no misses none", Want: world.Answer{HasMisses: true},
			},
		},
	}
	// Identity numbers print masked, so show the values in a form that tells.
	if diff := cmp.Diff(want, w, cmp.Transformer("id", func(n fullmakt.NationalID) string { return n.Reveal() })); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestParseTellsWhatIsWrong(t *testing.T) {
	const facts = `-- register --
organisation 310000019 AS "Bergen AS"
organisation 310000027 AS "Trondheim AS"
organisation 310000035 AS "Bergen Bod AS"
person 12817010065 "Kari Nordmann"
person 03918510094 "Kari Nordmann"
enterprise-user robot of "Trondheim AS"
enterprise-user robot of "Bergen AS"
`
	c := mustCatalogue(t)
	for _, tt := range []struct{ line, want string }{
		{`company 310000043 AS "Oslo AS"`, `test:9: "company" is not understood here (what may follow is organisation, person, enterprise-user, system-user, role, open-data role, eckey, grant, grant-right, agent, delegate or scopes)`},
		{`organisation 310000044 AS "Oslo AS"`, `test:9: organisation number "310000044": the check digit is wrong (`},
		{`organisation 310000043 XX "Oslo AS"`, `test:9: "XX" is not an organisation form (`},
		{`organisation 310000043 AS`, `test:9: the name is missing at the end (write the name after "organisation 310000043 AS")`},
		{`organisation 310000043 AS " "`, `test:9: the name is empty (`},
		{`organisation 310000043 AS Oslo AS`, `test:9: "AS" is not understood here (what may follow is parent ORG, deleted`},
		{`organisation 310000019 AS "Oslo AS"`, `test:9: 310000019 (Bergen AS) is declared already on line 2 (`},
		{`organisation 310000043 AS "Oslo AS" parent 310000043`, `test:9: an organisation cannot be its own parent (`},
		{`organisation 310000043 AS "Oslo AS" parent robot@310000027`, `test:9: "robot@310000027" is an enterprise user (what may stand here is an organisation)`},
		{`organisation 310000043 AS "Oslo AS" dead`, `test:9: "dead" is not understood here (`},
		{`organisation 310000043 AS "Oslo AS" bankrupt bankrupt`, `test:9: "bankrupt" stands twice (`},
		{`organisation 310000043 AS "Oslo`, `test:9: the quote before "Oslo" is not closed (`},
		{`organisation 310000043 AS "Os\lo"`, `test:9: a backslash in quotes stands before neither a quote nor a backslash (`},
		{`organisation 310000043 AS "Oslo"AS`, `test:9: text follows the closing quote of "Oslo" (`},
		{`organisation 310000043 AS Os"lo"`, `test:9: a quote stands inside the word "Os"lo"" (`},
		{`person 12817010066 "Per"`, `test:9: identity number (fødselsnummer or D-number): a check digit is wrong (`},
		{`person born 12.03.1989 "Per"`, `test:9: "12.03.1989" is not a date (write year, month and day as 2026-03-03`},
		{`person born 1989-02-30 "Per"`, `test:9: "1989-02-30" is not a date (`},
		{`enterprise-user "my robot" of "Trondheim AS"`, `test:9: the user name "my robot" holds a blank or an @ (`},
		{`enterprise-user robot of trondheim`, `test:9: robot@310000027 is declared already on line 7 (`},
		{`enterprise-user other from "Trondheim AS"`, `test:9: "from" stands where the word "of" should (`},
		{`role DGAL at trondheim holder 12817010065`, `test:9: the catalogue has no role "DGAL" (`},
		{`role DAGL at trondheim holder 12817010065 unlisted`, `test:9: the catalogue knows the role DAGL (remove the word unlisted)`},
		{`role DAGL at trondheim holder kari`, `test:9: "kari" may be 03918510094 (Kari Nordmann) or 12817010065 (Kari Nordmann) (write the number,`},
		{`role DAGL at bergen holder trondheim`, `test:9: "bergen" may be 310000019 (Bergen AS) or 310000035 (Bergen Bod AS) (`},
		{`role DAGL at stavanger holder trondheim`, `test:9: no line declares a party called "stavanger" (`},
		{`role DAGL at 310000043 holder trondheim`, `test:9: no line declares "310000043" (`},
		{`role DAGL at trondheim holder robot@310000027`, `test:9: "robot@310000027" is an enterprise user (what may stand here is an organisation or a person)`},
		{`role DAGL at trondheim`, `test:9: the word "holder" is missing at the end (write holder after "role DAGL at trondheim")`},
		{"role DAGL at trondheim holder trondheim\nrole dagl at 310000027 holder 310000027 deregistered", `test:10: this role is stated already on line 9 (`},
		{`open-data DAGL at trondheim holder 12817010065`, `test:9: "DAGL" stands where the word "role" should (`},
		{`open-data`, `test:9: the word "role" is missing at the end (write role after "open-data")`},
		{`open-data role`, `test:9: the role code is missing at the end (`},
		{`open-data role DGAL at trondheim holder 12817010065`, `test:9: the catalogue has no role "DGAL" (`},
		{`open-data role DAGL at trondheim holder 12817010065 unlisted`, `test:9: the catalogue knows the role DAGL (remove the word unlisted)`},
		{`open-data role DAGL at trondheim holder robot@310000027`, `test:9: "robot@310000027" is an enterprise user (`},
		{`open-data role DAGL at 310000043 holder trondheim`, `test:9: no line declares "310000043" (`},
		{`open-data role DAGL at trondheim holder 12817010065 dead`, `test:9: "dead" is not understood here (what may follow is since DATE`},
		{"role DAGL at trondheim holder trondheim\nopen-data role DAGL at trondheim holder trondheim\nopen-data role dagl at 310000027 holder 310000027 deregistered", `test:11: this role of open data is stated already on line 10 (`},
		{`eckey from trondheim to robot@310000019`, `test:9: the enterprise user "robot@310000019" belongs to another organisation (only 310000019 can give to it`},
		{`eckey from trondheim to 12817010065`, `test:9: "128170*****" is a person (what may stand here is an enterprise user)`},
		{`eckey from trondheim to robot@310000027 from 2026-03-03 until 2026-03-02`, `test:9: the last day, 2026-03-02, is before the first (`},
		{`grant lots from trondheim to 12817010065`, `test:9: the catalogue has no package "lots" (`},
		{`grant skatt-naering from trondheim to "Trondheim AS"`, `test:9: "trondheim" gives to itself (`},
		{"grant skatt-naering from trondheim to 12817010065\ngrant SKATT-NAERING from trondheim to 12817010065 until 2026-01-01", `test:10: this grant is stated already on line 9 (`},
		{`grant-right read from trondheim to 12817010065`, `test:9: "from" stands where the word "of" should (`},
		{"grant-right read of x from trondheim to 12817010065\ngrant-right read of x from trondheim to 12817010065 revoked", `test:10: this grant is stated already on line 9 (`},
		{`system-user robot of trondheim`, `test:9: the system user "robot" does not name its system and its reference there (`},
		{`system-user sys/1 of 12817010065 agent`, `test:9: "128170*****" is a person (what may stand here is an organisation)`},
		{`agent robot@310000027 of trondheim`, `test:9: "robot@310000027" is an enterprise user (what may stand here is a person or a system user)`},
		{"agent 12817010065 of trondheim\nagent 12817010065 of trondheim ended", `test:10: this agent is stated already on line 9 (`},
		{`delegate skatt-naering for trondheim from trondheim to 12817010065 over REGN`, `test:9: "Trondheim AS" is named as its own client (`},
		{`delegate skatt-naering for "Bergen AS" from trondheim to 12817010065`, `test:9: the word "over" is missing at the end (`},
		{`delegate skatt-naering for "Bergen AS" from trondheim to 12817010065 over RENG`, `test:9: the catalogue has no role "RENG" (`},
		{"delegate skatt-naering for \"Bergen AS\" from trondheim to 12817010065 over grant\ndelegate skatt-naering for \"Bergen AS\" from trondheim to 12817010065 over grant ended", `test:10: this client delegation is stated already on line 9 (`},
		{`scopes ordningen from trondheim to 12817010065`, `test:9: "128170*****" is a person (what may stand here is an organisation)`},
		{"scopes ordningen from trondheim to \"Bergen AS\"\nscopes ordningen from trondheim to \"Bergen AS\" revoked", `test:10: this scope grant is stated already on line 9 (`},
		{"-- questions --\ncheck trondheim for trondheim right read: no", `test:10: ":" stands where the word "of" should (`},
		{"-- question --", `test:9: unknown section "question" (the sections are register, questions, and the files resource/ID.json, policy/ID.xml and access-list/OWNER/ID.json)`},
		{"-- register --", `test:9: a second section "register"; the first begins on line 1 (`},
		{"-- questions --\nask trondheim for trondheim: yes", `test:10: "ask" is not understood here (what may follow is check, list or at)`},
		{"-- questions --\ncheck trondheim for trondheim", `test:10: the question does not end in a colon (`},
		{"-- questions --\ncheck trondheim for trondheim:", `test:10: the answer is missing (`},
		{"-- questions --\ncheck trondheim for trondheim: maybe", `test:10: "maybe" is not understood here (what may follow is yes or no)`},
		{"-- questions --\ncheck trondheim for trondheim: yes nesting_limit", `test:10: "nesting_limit" is not understood here (`},
		{"-- questions --\ncheck trondheim for trondheim: no paths NEST", `test:10: a no has no paths (`},
		{"-- questions --\ncheck trondheim for trondheim: yes misses none", `test:10: a yes has no near misses (`},
		{"-- questions --\ncheck trondheim for trondheim: yes paths SUB", `test:10: no path is named (`},
		{"-- questions --\ncheck trondheim for trondheim: no misses ended", `test:10: no near miss is named (`},
		{"-- questions --\ncheck trondheim for trondheim: yes state gone", `test:10: "gone" is not understood (the state may be active, deleted, bankrupt, winding_up, forced_winding_up)`},
		{"-- questions --\ncheck trondheim for trondheim: yes may give by NEST", `test:10: "NEST" is not understood (the rule may be GIVE-1, GIVE-2)`},
		{"-- questions --\ncheck trondheim for trondheim: yes may take", `test:10: "take" stands where the word "give" should (`},
		{"-- questions --\ncheck trondheim for trondheim package skatt-naering role DAGL: no", `test:10: the question names more than one of a package, a role and a right (`},
		{"-- questions --\ncheck trondheim for trondheim rule NEST: no", `test:10: "rule" is not understood here (`},
		{"-- questions --\nlist trondheim: nobody", `test:10: a list is by someone or for someone (`},
		{"-- questions --\nlist by trondheim:", `test:10: the list does not say whom it holds (`},
		{"-- questions --\nlist by trondheim: nobody trondheim", `test:10: "trondheim" is not understood here (what may follow is the end of the line)`},
		{"-- questions --\nlist by trondheim: trondheim 310000027", `test:10: the list names "310000027" twice (`},
		{"-- questions --\nlist by trondheim rule GIVE-1: nobody", `test:10: "GIVE-1" is not understood (the rule may be SELF, DIRECT, NEST, CLIENT, SUB, ENK)`},
		{"-- questions --\nat noon", `test:10: "noon" is not a time (`},
	} {
		t.Run(tt.line, func(t *testing.T) {
			w, err := world.Parse("test", []byte(facts+tt.line+"\n"), c)
			if err == nil || w != nil {
				t.Fatalf("read %v", w)
			}
			if fullmakt.ErrorCode(err) != fullmakt.CodeInvalid || fullmakt.ErrorHint(err) == "" {
				t.Errorf("code %q, hint %q", fullmakt.ErrorCode(err), fullmakt.ErrorHint(err))
			}
			if !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got  %s\nwant %s", err, tt.want)
			}
		})
	}
}

func TestParseReportsAllWrongLinesInOrder(t *testing.T) {
	_, err := world.Parse("all.txtar", []byte("\xef\xbb\xbf-- questions --\r\ncheck a for b: yes\r\n-- register --\r\nrole DAGL at c holder d\r\norganisation 1 AS X\r\n"), mustCatalogue(t))
	if err == nil {
		t.Fatal("no error")
	}
	var at []string
	for line := range strings.Lines(err.Error()) {
		where, _, _ := strings.Cut(line, ": ")
		at = append(at, where)
	}
	if diff := cmp.Diff([]string{"all.txtar:2", "all.txtar:4", "all.txtar:5"}, at); diff != "" {
		t.Errorf("%s\n%v", diff, err)
	}
	for text, want := range map[string]string{
		"":                     "f: there is no register section (begin it with a line \"-- register --\")",
		"only a comment":       "f: there is no register section (",
		"-- register --\n\xff": "f: the file is not UTF-8 text (",
	} {
		if _, err := world.Parse("f", []byte(text), mustCatalogue(t)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestParseRefusesRealNumbers uses numbers that nobody has: of a person born in
// 2039, and of a series of organisation numbers that is not given out.
func TestParseRefusesRealNumbers(t *testing.T) {
	var someones string
	for tail := range 100_000 {
		if s := fmt.Sprintf("311239%05d", 50_000+tail); len(s) == 11 {
			if id, err := fullmakt.ParseNationalID(s); err == nil && !id.Synthetic() {
				someones = s
				break
			}
		}
	}
	for _, line := range []string{
		"person " + someones + ` "Per"`,
		`person "` + someones[:6] + " " + someones[6:] + `" "Per"`,
		`role DAGL at "A" holder ` + someones,
		`grant skatt-naering from "A" to "Per ` + someones + `"`,
		someones,
	} {
		_, err := world.Parse("f", []byte("-- register --\norganisation 310000019 AS \"A\"\n"+line), mustCatalogue(t))
		if err == nil || !strings.HasPrefix(err.Error(), "f:3: ") {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if strings.Contains(strings.ReplaceAll(err.Error(), " ", ""), someones[6:]) {
			t.Errorf("the error shows the number: %v", err)
		}
	}
	if _, err := world.Parse("f", []byte("-- register --\nperson "+someones+` "Per"`), mustCatalogue(t)); err == nil ||
		!strings.Contains(err.Error(), "may be the identity number of a real person") {
		t.Errorf("%v", err)
	}
	organisation := fullmakt.NextOrgNumber(60_000_000)
	if _, err := world.Parse("f", fmt.Appendf(nil, "-- register --\norganisation %s AS X", organisation), mustCatalogue(t)); err == nil ||
		!strings.Contains(err.Error(), organisation.String()+" may be the number of a real organisation") {
		t.Errorf("%v", err)
	}
}

func TestFindNamesParties(t *testing.T) {
	w := mustParse(t, `-- register --
organisation 310000019 AS "Bergen AS"
organisation 310000027 AS "Bergen"
person born 1989-03-12 "Ola Åpen"
person born 1989-03-13 "ola åpen"
enterprise-user robot of "Bergen AS"
enterprise-user robot of "Bergen"
`)
	for text, want := range map[string]fullmakt.PartyID{
		"310 000 019":              fullmakt.OrganisationID(310000019),
		" bergen  as ":             fullmakt.OrganisationID(310000019),
		"BERGEN":                   fullmakt.OrganisationID(310000027), // a whole name before a first word
		"OLA Åpen born 1989-03-13": fullmakt.OpenPersonID(fullmakt.NewDate(1989, 3, 13), "ola åpen"),
		"Robot@310000027":          fullmakt.EnterpriseUserID(310000027, "robot"),
	} {
		if got, err := w.Find(text); err != nil || got != want {
			t.Errorf("Find(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]fullmakt.Code{
		"ola":                      fullmakt.CodeAmbiguous,
		"Ola Åpen":                 fullmakt.CodeAmbiguous,
		"robot":                    fullmakt.CodeAmbiguous,
		"robot@310000035":          fullmakt.CodeNotFound,
		"Ola Åpen born 1989-03-14": fullmakt.CodeNotFound,
		"310000035":                fullmakt.CodeNotFound,
		"310000036":                fullmakt.CodeInvalid,
		"":                         fullmakt.CodeNotFound,
	} {
		if got, err := w.Find(text); fullmakt.ErrorCode(err) != want {
			t.Errorf("Find(%q) = %v, %v; want %s", text, got, err, want)
		}
	}
}

// TestDocumentedExample reads the example of docs/world-files.md.
func TestDocumentedExample(t *testing.T) {
	page, err := os.ReadFile("../docs/world-files.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, ok := strings.Cut(string(page), "```txtar\n")
	example, _, end := strings.Cut(example, "```")
	if !ok || !end {
		t.Fatal("the page has no example")
	}
	if w := mustParse(t, example); len(w.Questions) != 6 {
		t.Errorf("%d questions", len(w.Questions))
	}
}

func FuzzParse(f *testing.F) {
	c := mustCatalogue(f)
	f.Add([]byte("-- register --\norganisation 310000019 AS \"Bergen AS\" deleted 2024-01-01\n-- questions --\nlist by bergen: nobody\n"))
	f.Add([]byte("c\n-- register --\nperson born 1989-03-12 \"Ola \\\"Å\\\"\" dead # c\nrole X at Y holder Z unlisted\n"))
	f.Add([]byte("-- register --\nenterprise-user r of b\norganisation 310000019 AS b\neckey from b to r until 2026-03-03\n-- questions --\nat 2026-03-03\ncheck r for b: no, misses none\n"))
	f.Add([]byte("-- register --\norganisation 310000019 AS b\nperson born 1989-03-12 \"Ola Åpen\"\nopen-data role XY at b holder ola since 2024-01-10 deregistered unlisted\nopen-data role REGN at b holder b\n-- questions --\nlist for b role XY: nobody\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := world.Parse("fuzz", data, c)
		if err != nil {
			if w != nil || fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
				t.Fatalf("%v, %v", w, err)
			}
			return
		}
		// What was read names only declared parties, and only synthetic ones.
		changes := w.Facts()
		for _, change := range changes {
			if p, ok := change.(fullmakt.Party); ok {
				if p.ID.Org != 0 && !p.ID.Org.Synthetic() || p.ID.Person != 0 && !p.ID.Person.Synthetic() {
					t.Fatalf("%v is not synthetic", p.ID)
				}
			}
		}
		declared := make(map[fullmakt.PartyID]bool)
		for _, change := range changes {
			if p, ok := change.(fullmakt.Party); ok {
				declared[p.ID] = true
			}
		}
		stated := make(map[fullmakt.OrgNumber]bool)
		for _, c := range w.OpenData {
			if stated[c.Org] || !declared[fullmakt.OrganisationID(c.Org)] || len(c.Roles) == 0 {
				t.Fatalf("open data states %+v", c)
			}
			stated[c.Org] = true
			for _, r := range c.Roles {
				if !declared[r.Holder] || r.Code == "" {
					t.Fatalf("open data states the role %+v", r)
				}
			}
		}
		for _, q := range w.Questions {
			// A question's text reads as the same question again.
			again, err := world.Parse("fuzz", []byte(register(data)+"\n-- questions --\n"+q.Text+"\n"), c)
			if err != nil {
				t.Fatalf("%q: %v", q.Text, err)
			}
			if len(again.Questions) != 1 || again.Questions[0].Text != q.Text {
				t.Fatalf("%q read again as %v", q.Text, again.Questions)
			}
		}
	})
}

// register returns the register section of a file, with its marker.
func register(data []byte) string {
	keep := false
	var b strings.Builder
	for line := range strings.Lines(string(data)) {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(line, "-- ") && strings.HasSuffix(text, " --") {
			keep = strings.TrimSpace(text[2:len(text)-2]) == "register"
		}
		if keep {
			b.WriteString(line)
		}
	}
	return b.String()
}
