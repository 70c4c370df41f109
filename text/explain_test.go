package text_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/text"

	"github.com/google/go-cmp/cmp"
)

var (
	kari      = text.Party{No: 1, Kind: fullmakt.KindPerson, ID: "12817010065", Name: "Kari Nordmann"}
	ola       = text.Party{No: 2, Kind: fullmakt.KindPerson, ID: "03918510094", Name: "Ola Hansen"}
	bergen    = text.Party{No: 3, Kind: fullmakt.KindOrganisation, ID: "310000019", Name: "Bergen AS", Form: "AS"}
	trondheim = text.Party{No: 4, Kind: fullmakt.KindOrganisation, ID: "310000027", Name: "Trondheim AS"}
	oslo      = text.Party{No: 5, Kind: fullmakt.KindOrganisation, ID: "310000035", Name: "Oslo AS"}
	branch    = text.Party{No: 6, Kind: fullmakt.KindOrganisation, ID: "310000061", Name: "Bergen AS avd Voss"}
	dagl      = &text.Role{Code: fullmakt.DAGL, Names: catalogue.Names{NB: "Daglig leder", NN: "Dagleg leiar", EN: "Managing director"}}
	regn      = &text.Role{Code: fullmakt.REGN, Names: catalogue.Names{NB: "Regnskapsfører", NN: "Rekneskapsførar", EN: "Accountant"}}
	scopes    = &catalogue.Package{Code: "delegerbare-maskinporten-scopes", Names: catalogue.Names{NB: "Delegerbare Maskinporten scopes", NN: "Delegerbare Maskinporten scopes", EN: "Delegable Maskinporten scopes"}}
)

func role(at, holder text.Party, r *text.Role) text.Step {
	return text.Step{Kind: text.StepRole, At: at, Holder: holder, Role: r, Since: fullmakt.NewDate(2024, 1, 10)}
}

func TestLine(t *testing.T) {
	enk := text.Party{No: 7, Kind: fullmakt.KindOrganisation, ID: "310000094", Name: "Per Snekker"}
	per := text.Party{No: 8, Kind: fullmakt.KindPerson, Name: "Per Vik"}
	user := text.Party{No: 9, Kind: fullmakt.KindEnterpriseUser, ID: "integrasjon"}
	nested := text.Path{Base: fullmakt.RuleNest, Steps: []text.Step{role(bergen, trondheim, dagl), role(trondheim, kari, dagl)}}
	sub := nested
	sub.Extension, sub.Via = fullmakt.RuleSub, bergen
	tests := []struct {
		name         string
		path         text.Path
		subject, org text.Party
		want         string
	}{
		{"nested", nested, kari, bergen, "Kari Nordmann ─daglig leder→ Trondheim AS ─daglig leder→ Bergen AS"},
		{"sub-unit", sub, kari, branch, "Kari Nordmann ─daglig leder→ Trondheim AS ─daglig leder→ Bergen AS ─hovedenhet til→ Bergen AS avd Voss"},
		{"proprietor", text.Path{Base: fullmakt.RuleDirect, Extension: fullmakt.RuleENK, Via: enk, Steps: []text.Step{role(enk, oslo, regn)}}, oslo, per,
			"Oslo AS ─regnskapsfører→ Per Snekker ←innehaver─ Per Vik"},
		{"ECKEY", text.Path{Base: fullmakt.RuleNest, Steps: []text.Step{role(bergen, trondheim, dagl), {Kind: text.StepECKEY, At: trondheim, Holder: user}}}, user, bergen,
			"integrasjon ─fullmakt for leverandør (ECKEY)→ Trondheim AS ─daglig leder→ Bergen AS"},
		{"grant", text.Path{Base: fullmakt.RuleDirect, Steps: []text.Step{{Kind: text.StepGrant, At: bergen, Holder: kari, Package: scopes}}}, kari, bergen,
			"Kari Nordmann ─gitt Delegerbare Maskinporten scopes→ Bergen AS"},
		{"derived", text.Path{Base: fullmakt.RuleDirect, Steps: []text.Step{{Kind: text.StepRole, At: bergen, Holder: kari, Derived: true,
			Role: &text.Role{Code: "KNUF", Names: catalogue.Names{NB: "Kontaktperson NUF"}}}}}, kari, bergen, "Kari Nordmann ─kontaktperson NUF, avledet→ Bergen AS"},
		{"unknown role", text.Path{Base: fullmakt.RuleDirect, Steps: []text.Step{role(bergen, kari, &text.Role{Code: "XYZZ"})}}, kari, bergen, "Kari Nordmann ─XYZZ→ Bergen AS"},
		{"self", text.Path{Base: fullmakt.RuleSelf}, kari, kari, "Kari Nordmann for seg selv"},
	}
	texts := nb(t)
	for _, tt := range tests {
		if got := texts.Line(tt.path, tt.subject, tt.org); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func nb(t *testing.T) *text.Texts {
	t.Helper()
	texts, err := text.New(text.NB)
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestLongOfADenial(t *testing.T) {
	at := time.Date(2026, 11, 21, 20, 30, 0, 0, time.UTC)
	answer := &text.Answer{
		Subject: ola, For: bergen, Package: scopes, Reason: fullmakt.ReasonNestingLimit, GiveReason: fullmakt.ReasonNotAdmin,
		NearMisses: []text.Path{{
			Rule: fullmakt.RuleNestLimit, Base: fullmakt.RuleNest, Reason: fullmakt.ReasonNestingLimit,
			Steps: []text.Step{role(bergen, trondheim, dagl), role(trondheim, oslo, dagl), role(oslo, ola, dagl)},
		}},
		Remedies: []text.Remedy{
			{Kind: text.RemedyGrant, From: bergen, To: ola, By: []text.Party{trondheim, kari}},
			{Kind: text.RemedyGrant, From: bergen, To: oslo},
		},
		At: at, Revision: 1, ImportedAt: at,
	}
	want := []string{
		"Ola Hansen kan ikke bruke Delegerbare Maskinporten scopes på vegne av Bergen AS: mer enn ett ledd",
		"kan bruke: nei · kan gi videre: nei",
		"Grunn: Fullmakter går bare ett ledd videre; her trengs flere. [nesting_limit]",
		"Kan ikke gi videre: Parten administrerer ikke fullmakter her (verken tilgangsstyrer eller hovedadministrator). [not_administrator]",
		"spurt om 2026-11-21 20:30 · revisjon 1",
		"Veier som nesten gir fullmakt:",
		"✖ nesten 1  Ola Hansen ─daglig leder→ Oslo AS ─daglig leder→ Trondheim AS ─daglig leder→ Bergen AS",
		"stopper: mer enn ett ledd [regel NEST-3]",
		"For å få JA (velg én):",
		"a) Bergen AS gir Ola Hansen Delegerbare Maskinporten scopes.",
		"Det kan gjøres av: Trondheim AS og Kari Nordmann.",
		"b) Bergen AS gir Oslo AS Delegerbare Maskinporten scopes.",
		"Ingen kjent part kan gjøre det i dag.",
		"Regler:",
		"NEST-3: Fullmakt går ett ledd videre, aldri to. Kilde: Altinn, «Fullmakter fra Enhetsregisteret som knytter virksomheter sammen».",
		"Status for Bergen AS: aktiv.",
		"Register: lest inn 2026-11-21 20:30.",
	}
	var got []string
	for _, line := range nb(t).Long(answer) {
		got = append(got, line.Text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestEveryAnswerShowsUseAndGive holds the rule that may use and may give stand
// apart in every answer about authority, in every language.
func TestEveryAnswerShowsUseAndGive(t *testing.T) {
	for _, lang := range text.Langs() {
		texts, err := text.New(lang)
		if err != nil {
			t.Fatal(err)
		}
		answer := &text.Answer{Subject: kari, For: bergen, Allowed: true, MayGive: false, Reason: fullmakt.ReasonRole}
		for name, lines := range map[string][]text.Line{"short": texts.Short(answer), "long": texts.Long(answer)} {
			want := texts.Say("line.use", "answer", texts.YesNo(true)) + " · " + texts.Say("line.give", "answer", texts.YesNo(false))
			if !strings.Contains(joined(lines), want) {
				t.Errorf("%s, %s: no line %q in\n%s", lang, name, want, joined(lines))
			}
		}
	}
}

func TestNotes(t *testing.T) {
	dead := bergen
	dead.State = fullmakt.Deleted
	got := joined(nb(t).Short(&text.Answer{Subject: kari, For: dead, Reason: fullmakt.ReasonNoRelation, Stale: "kjøring 7 mangler"}))
	for _, want := range []string{"Status for Bergen AS: slettet.", "Registeret er ikke oppdatert: kjøring 7 mangler."} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	got = joined(nb(t).Short(&text.Answer{Subject: kari, For: kari, Allowed: true, Uncertain: true, Reason: fullmakt.ReasonSelf, Paths: []text.Path{{Base: fullmakt.RuleSelf}}}))
	for _, want := range []string{"Vergemål er ikke med i svaret.", "OPEN-1", "Kari Nordmann for seg selv"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func joined(lines []text.Line) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line.Text + "\n")
	}
	return b.String()
}
