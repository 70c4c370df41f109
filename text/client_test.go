package text_test

import (
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/text"
)

// TestClientDelegationsAreTold: the path, the agent that is one no more, and what
// would make it a yes, in all three languages.
func TestClientDelegationsAreTold(t *testing.T) {
	payroll := &catalogue.Package{Code: "regnskapsforer-lonn", Names: catalogue.Names{NB: "Regnskapsfører lønn", NN: "Rekneskapsførar løn", EN: "Accountant salary"}}
	steps := []text.Step{role(bergen, trondheim, regn), {Kind: text.StepClient, At: trondheim, Holder: kari, Package: payroll}}
	answer := &text.Answer{
		Subject: kari, For: bergen, Package: payroll, Reason: fullmakt.ReasonNoRelation,
		NearMisses: []text.Path{{Base: fullmakt.RuleClient, Rule: fullmakt.RuleClient, Reason: fullmakt.ReasonNoRelation, Steps: steps}},
		Remedies: []text.Remedy{
			{Kind: text.RemedyAgent, From: trondheim, To: kari, Client: bergen, By: []text.Party{ola}},
			{Kind: text.RemedyClient, From: trondheim, To: kari, Client: bergen, By: []text.Party{ola}},
		},
	}
	for lang, want := range map[text.Lang][]string{
		text.NB: {"Kari Nordmann ─klientdelegering av Regnskapsfører lønn→ Trondheim AS ─regnskapsfører→ Bergen AS", "ikke lenger agent",
			"Trondheim AS legger til Kari Nordmann som agent (igjen): Bergen AS er alt delegert.",
			"Trondheim AS delegerer Regnskapsfører lønn for klienten Bergen AS til agenten Kari Nordmann."},
		text.NN: {"─klientdelegering av Rekneskapsførar løn→ Trondheim AS", "ikkje lenger agent", "Trondheim AS legg til Kari Nordmann"},
		text.EN: {"─client delegation of Accountant salary→ Trondheim AS ─Accountant→ Bergen AS", "no longer an agent",
			"Trondheim AS delegates Accountant salary for its client Bergen AS to its agent Kari Nordmann."},
	} {
		texts, err := text.New(lang)
		if err != nil {
			t.Fatal(err)
		}
		got := joined(texts.Long(answer))
		for _, line := range want {
			if !strings.Contains(got, line) {
				t.Errorf("%s: no %q in\n%s", lang, line, got)
			}
		}
	}
}

// TestRightsAreTold: a question about a single right, and the grant of one.
func TestRightsAreTold(t *testing.T) {
	read := text.Right{Resource: "skattemelding", Right: "read"}
	answer := &text.Answer{
		Subject: kari, For: bergen, Right: read, Allowed: true, Reason: fullmakt.ReasonGrant, GiveReason: fullmakt.ReasonNotAdmin,
		Paths: []text.Path{{Rule: fullmakt.RuleDirect, Base: fullmakt.RuleDirect, Steps: []text.Step{{Kind: text.StepGrant, At: bergen, Holder: kari, Right: read}}}},
	}
	got := joined(nb(t).Long(answer))
	for _, want := range []string{
		"Kari Nordmann kan bruke rettigheten read til skattemelding på vegne av Bergen AS",
		"Kari Nordmann ─gitt rettigheten read til skattemelding→ Bergen AS", string(fullmakt.ReasonNotAdmin),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	answer = &text.Answer{Subject: kari, For: bergen, Right: read, Reason: fullmakt.ReasonNoRelation, Remedies: []text.Remedy{{Kind: text.RemedyGrant, From: bergen, To: kari}}}
	if got, want := joined(nb(t).Long(answer)), "Bergen AS gir Kari Nordmann rettigheten read til skattemelding."; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}
