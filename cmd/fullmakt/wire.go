package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/text"
)

// The JSON of answers is a stable contract, documented in docs/cli-json.md:
// fields are added, never renamed, removed or given another meaning.

// wireAnswer is what check and explain print.
type wireAnswer struct {
	Allowed    bool            `json:"allowed"`
	MayGive    bool            `json:"may_give"`
	Reason     fullmakt.Reason `json:"reason"`
	Uncertain  bool            `json:"uncertain"`
	At         string          `json:"at"`
	Revision   fullmakt.Seq    `json:"revision"`
	Subject    wireParty       `json:"subject"`
	For        wireParty       `json:"for"`
	Package    string          `json:"package,omitempty"`
	Role       string          `json:"role,omitempty"`
	Right      string          `json:"right,omitempty"`
	Resource   string          `json:"resource,omitempty"`
	Paths      []wirePath      `json:"paths"`
	NearMisses []wireNearMiss  `json:"near_misses"`
	Remedies   []wireRemedy    `json:"remedies"`
	Register   wireRegister    `json:"register"`
	GiveRule   fullmakt.Rule   `json:"give_rule,omitempty"`
	GiveReason fullmakt.Reason `json:"give_reason,omitempty"`
	Catalogue  string          `json:"catalogue"`
}

type wireParty struct {
	Type  string           `json:"type"`
	ID    string           `json:"id"`
	Name  string           `json:"name"`
	State string           `json:"state,omitempty"` // of an organisation
	Form  fullmakt.OrgForm `json:"form,omitempty"`
	Party fullmakt.PartyNo `json:"party,omitempty"`
}

type wirePath struct {
	Rule      fullmakt.Rule `json:"rule"`
	Extension fullmakt.Rule `json:"extension,omitempty"`
	Via       string        `json:"via,omitempty"`
	Steps     []wireStep    `json:"steps"`
	Give      bool          `json:"give"`
}

type wireStep struct {
	Kind     string            `json:"kind"`
	At       string            `json:"at"`
	Role     fullmakt.RoleCode `json:"role,omitempty"`
	Package  string            `json:"package,omitempty"`
	Right    string            `json:"right,omitempty"`
	Resource string            `json:"resource,omitempty"`
	Holder   string            `json:"holder"`
	Source   string            `json:"source"`
	Since    string            `json:"since,omitempty"`
	Derived  bool              `json:"derived,omitempty"`
	From     string            `json:"valid_from,omitempty"`
	To       string            `json:"valid_to,omitempty"`
}

type wireNearMiss struct {
	Rule      fullmakt.Rule   `json:"rule"`
	Reason    fullmakt.Reason `json:"reason"`
	Steps     []wireStep      `json:"steps"`
	Base      fullmakt.Rule   `json:"base"`
	Extension fullmakt.Rule   `json:"extension,omitempty"`
	Via       string          `json:"via,omitempty"`
}

type wireRemedy struct {
	Kind    string              `json:"kind"`
	By      []wireParty         `json:"by"`
	Command string              `json:"command"`
	From    *wireParty          `json:"from,omitempty"`
	To      *wireParty          `json:"to,omitempty"`
	Client  *wireParty          `json:"client,omitempty"`
	Roles   []fullmakt.RoleCode `json:"roles,omitempty"`
	Text    string              `json:"text"`
}

type wireRegister struct {
	ImportedAt *string `json:"imported_at"`
	Stale      bool    `json:"stale"`
	StaleWhy   string  `json:"stale_why,omitempty"`
}

// wirePair is an item of a list without a package in its question.
type wirePair struct {
	Subject   wireParty  `json:"subject"`
	For       wireParty  `json:"for"`
	Packages  []string   `json:"packages"`
	Give      []string   `json:"give"`
	Rights    bool       `json:"rights,omitempty"`
	Paths     []wirePath `json:"paths"`
	Uncertain bool       `json:"uncertain"`
}

// wireList is what list prints. Items are wirePair, or wireAnswer when the
// question names a package.
type wireList struct {
	Items        []any        `json:"items"`
	Next         string       `json:"next,omitempty"`
	Refused      []wireAnswer `json:"refused,omitempty"`
	Revision     fullmakt.Seq `json:"revision"`
	At           string       `json:"at"`
	BusinessOnly bool         `json:"business_only,omitempty"`
	Register     wireRegister `json:"register"`
}

func wireTime(t time.Time) string { return t.Format(time.RFC3339) }

func (a *app) wireAnswer(answer *text.Answer) wireAnswer {
	w := wireAnswer{
		Allowed: answer.Allowed, MayGive: answer.MayGive, Reason: answer.Reason, Uncertain: answer.Uncertain,
		At: wireTime(answer.At), Revision: answer.Revision,
		Subject: a.wireParty(answer.Subject), For: a.wireParty(answer.For),
		Paths: a.wirePaths(answer.Paths), NearMisses: []wireNearMiss{}, Remedies: []wireRemedy{},
		Register: wireRegisterOf(answer),
		GiveRule: answer.GiveRule, GiveReason: answer.GiveReason, Catalogue: answer.Catalogue,
		Right: answer.Right.Right, Resource: answer.Right.Resource,
	}
	if answer.Package != nil {
		w.Package = answer.Package.URN
	}
	if answer.Role != nil {
		w.Role = string(answer.Role.Code)
	}
	for _, m := range answer.NearMisses {
		w.NearMisses = append(w.NearMisses, wireNearMiss{
			Rule: m.Rule, Reason: m.Reason, Steps: a.wireSteps(m.Steps), Base: m.Base, Extension: m.Extension, Via: wireID(m.Via),
		})
	}
	for _, r := range answer.Remedies {
		remedy := wireRemedy{Kind: r.Kind, By: []wireParty{}, Command: r.Command, Text: a.texts.Remedy(answer, r)}
		for _, by := range r.By {
			remedy.By = append(remedy.By, a.wireParty(by))
		}
		if r.From.No != 0 {
			from := a.wireParty(r.From)
			remedy.From = &from
		}
		if r.To.No != 0 {
			to := a.wireParty(r.To)
			remedy.To = &to
		}
		if r.Client.No != 0 {
			client := a.wireParty(r.Client)
			remedy.Client = &client
		}
		for _, role := range r.Roles {
			remedy.Roles = append(remedy.Roles, role.Code)
		}
		w.Remedies = append(w.Remedies, remedy)
	}
	return w
}

func wireRegisterOf(answer *text.Answer) wireRegister {
	register := wireRegister{Stale: answer.Stale != "", StaleWhy: answer.Stale}
	if !answer.ImportedAt.IsZero() {
		at := wireTime(answer.ImportedAt)
		register.ImportedAt = &at
	}
	return register
}

func (a *app) wireParty(p text.Party) wireParty {
	w := wireParty{Type: p.Kind.String(), ID: wireID(p), Name: p.Name, Party: p.No}
	if p.Kind == fullmakt.KindOrganisation && p.StateKnown() {
		w.State, w.Form = p.State.String(), p.Form
	}
	return w
}

// wireID is how a party is referred to. A person known only from open data has
// no number of its own but the store's.
func wireID(p text.Party) string {
	if p.Uncertain {
		return fmt.Sprintf("urn:altinn:partyid:%d", p.No)
	}
	return p.ID
}

func (a *app) wirePaths(paths []text.Path) []wirePath {
	list := make([]wirePath, 0, len(paths))
	for _, p := range paths {
		list = append(list, wirePath{
			Rule: p.Rule, Extension: p.Extension, Via: wireID(p.Via), Steps: a.wireSteps(p.Steps), Give: p.Give,
		})
	}
	return list
}

func (a *app) wireSteps(steps []text.Step) []wireStep {
	list := make([]wireStep, 0, len(steps))
	for _, s := range steps {
		w := wireStep{
			Kind: s.Kind, At: wireID(s.At), Holder: wireID(s.Holder), Source: s.Source.String(), Since: s.Since.String(), Derived: s.Derived,
		}
		if s.Role != nil {
			w.Role = s.Role.Code
		}
		if s.Package != nil {
			w.Package = s.Package.URN
		}
		w.Right, w.Resource = s.Right.Right, s.Right.Resource
		if s.Valid.From != 0 {
			w.From = wireTime(time.Unix(s.Valid.From, 0).In(a.oslo))
		}
		if s.Valid.To != 0 {
			w.To = wireTime(time.Unix(s.Valid.To, 0).In(a.oslo))
		}
		list = append(list, w)
	}
	return list
}

// urns returns the URNs of a set of packages, sorted.
func urns(c *catalogue.Catalogue, set catalogue.PackageSet) []string {
	list := []string{}
	for id := range set.All() {
		if p := c.Package(id); p != nil {
			list = append(list, p.URN)
		}
	}
	slices.Sort(list)
	return list
}

// quoted puts quotes around an argument that a shell would split.
func quoted(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t\"'\\$`&|;<>()*?!#~") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
