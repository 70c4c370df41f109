package main

import (
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/registry"
)

type registryCmd struct {
	List   registryListCmd   `cmd:"" help:"List resources."`
	Show   registryShowCmd   `cmd:"" help:"Show a resource with the rights of its policy."`
	Diff   registryDiffCmd   `cmd:"" help:"Tell which decisions a new version of a policy would change."`
	Import registryImportCmd `cmd:"" help:"Read a directory of resources and policies into the store, or into a world file."`
}

// resources opens the register with its registry. The caller closes the node.
func (a *app) resources() (*node.Node, *index.Snapshot, *registry.View, error) {
	n, err := a.open()
	if err != nil {
		return nil, nil, nil, err
	}
	s, err := n.Snapshot(a.ctx)
	if err != nil {
		return nil, nil, nil, errors.Join(err, n.Close())
	}
	return n, s, n.Registry(s), nil
}

type registryListCmd struct {
	Type string `placeholder:"TYPE" help:"Only resources of this type, such as MaskinportenSchema."`
}

// wireResource is a line of registry list.
type wireResource struct {
	ID       string       `json:"id"`
	Title    string       `json:"title"`
	Type     string       `json:"type"`
	Owner    string       `json:"owner"`
	Revision fullmakt.Seq `json:"policy_revision"` // 0: no policy
}

// Run lists the resources.
func (c *registryListCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	n, _, v, err := a.resources()
	if err != nil {
		return err
	}
	defer n.Close()
	items := []wireResource{}
	for r := range v.Resources() {
		if c.Type != "" && !strings.EqualFold(c.Type, r.ResourceType) {
			continue
		}
		_, revision, _ := v.PolicySource(r.Identifier)
		items = append(items, wireResource{r.Identifier, r.Title.In(string(a.texts.Lang)), r.ResourceType, r.HasCompetentAuthority.Orgcode, revision})
	}
	if a.globals.wantsJSON() {
		return a.printJSON(map[string][]wireResource{"items": items})
	}
	for _, r := range items {
		a.printf("%-28s %-22s %s\n", r.ID, r.Type, r.Title)
	}
	if len(items) == 0 {
		a.say("%s", a.texts.Say("registry.empty"))
	}
	return nil
}

type registryShowCmd struct {
	ID     string `arg:"" name:"id" help:"The resource's identifier."`
	Policy bool   `help:"Print the XML of its policy."`
}

// wireResourcePage is the JSON of registry show.
type wireResourcePage struct {
	Resource *registry.Resource `json:"resource"`
	Revision fullmakt.Seq       `json:"policy_revision"`
	Rights   []wireRight        `json:"rights"`
}

type wireRight struct {
	Key      string     `json:"key"`
	Action   string     `json:"action"`
	Resource []string   `json:"resource"`
	Subjects [][]string `json:"subjects"` // each one alternative
}

// Run shows a resource.
func (c *registryShowCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	n, _, v, err := a.resources()
	if err != nil {
		return err
	}
	defer n.Close()
	r, ok := v.Resource(c.ID)
	if !ok {
		return fullmakt.Errorf(fullmakt.CodeNotFound, "there is no resource %s", strconv.Quote(c.ID)).WithHint("list them with: fullmakt registry list")
	}
	if c.Policy {
		source, _, ok := v.PolicySource(r.Identifier)
		if !ok {
			return fullmakt.Errorf(fullmakt.CodeNotFound, "the resource %s has no policy", r.Identifier)
		}
		_, err := a.out.Write(source)
		return err
	}
	page := wireResourcePage{Resource: r, Rights: []wireRight{}}
	p, err := v.Policy(r.Identifier)
	switch {
	case err == nil:
		page.Revision = p.Revision
		for _, right := range p.Rights() {
			page.Rights = append(page.Rights, wireRightOf(right))
		}
	case fullmakt.ErrorCode(err) != fullmakt.CodeNotFound:
		return err
	}
	if a.globals.wantsJSON() {
		return a.printJSON(page)
	}
	a.printResource(&page)
	return nil
}

func wireRightOf(r registry.Right) wireRight {
	out := wireRight{Key: r.Key, Action: r.Action.Value, Resource: urnsOf(r.Resource)}
	for _, s := range r.Subjects {
		out.Subjects = append(out.Subjects, urnsOf(s))
	}
	return out
}

func urnsOf(list []registry.Attribute) []string {
	out := []string{}
	for _, a := range list {
		out = append(out, a.URN())
	}
	return out
}

func (a *app) printResource(page *wireResourcePage) {
	r, lang := page.Resource, string(a.texts.Lang)
	a.printf("%s\n%s\n\n", a.paint(bold, r.Title.In(lang)), r.Description.In(lang))
	fact := func(label, value string) { a.printf("  %s%s\n", pad(a.texts.Say("registry."+label), 11), value) }
	fact("id", r.Identifier)
	fact("type", r.ResourceType)
	fact("owner", r.HasCompetentAuthority.Orgcode+" "+r.HasCompetentAuthority.Organization)
	fact("delegable", a.texts.YesNo(r.Delegable))
	fact("status", r.Status)
	if r.AccessListMode == registry.AccessListsOn {
		fact("access", a.texts.Say("registry.access.list"))
	}
	for _, scope := range r.Scopes() {
		fact("scope", scope)
	}
	if page.Revision == 0 {
		a.printf("\n%s\n", a.texts.Say("registry.nopolicy"))
		return
	}
	fact("policy", a.texts.Say("registry.revision", "revision", page.Revision))
	for _, right := range page.Rights {
		a.printf("\n%s  %s\n", a.paint(bold, right.Action), right.Key)
		for _, s := range right.Subjects {
			a.printf("  %s\n", a.texts.List(s))
		}
	}
}

type registryDiffCmd struct {
	ID    string `arg:"" name:"id" help:"The resource's identifier."`
	File  string `arg:"" name:"file" help:"The new version of its policy, as XACML XML."`
	Pairs int    `default:"2000" help:"How many pairs of somebody and an organisation to try. Default: ${default}."`
}

// Help is shown by registry diff --help.
func (registryDiffCmd) Help() string {
	return `Decides about a sample of the register by the policy in force and by the new one, and tells which decisions differ, for those with which roles and packages. Nothing is stored. Exit status 1 when decisions differ.

Example:
  fullmakt --demo registry diff demo-tilskudd new-policy.xml`
}

// wireTrial is the JSON of registry diff.
type wireTrial struct {
	Pairs   int               `json:"pairs"`
	Actions []string          `json:"actions"`
	Changes []wireTrialChange `json:"changes"`
	Unknown []string          `json:"unknown_subjects"`
}

type wireTrialChange struct {
	Action   string   `json:"action"`
	Before   string   `json:"before"`
	After    string   `json:"after"`
	Pairs    int      `json:"pairs"`
	Subjects []string `json:"subjects"`
}

// Run compares two versions of a policy.
func (c *registryDiffCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	source, err := os.ReadFile(c.File)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "policy: %w", err)
	}
	n, s, v, err := a.resources()
	if err != nil {
		return err
	}
	defer n.Close()
	if _, err := registry.PutPolicy(v, registry.Operator, c.ID, source); err != nil {
		return err
	}
	after, err := registry.ParsePolicy(c.ID, c.File, source)
	if err != nil {
		return err
	}
	before, err := v.Policy(c.ID)
	if err != nil && fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		return err
	}
	at, err := a.at()
	if err != nil {
		return err
	}
	if at.IsZero() {
		at = a.now
	}
	t := registry.Try(s, before, after, at, c.Pairs)
	out := wireTrial{Pairs: t.Pairs, Actions: append([]string{}, t.Actions...), Changes: []wireTrialChange{}, Unknown: urnsOf(t.Unknown)}
	for _, ch := range t.Changes {
		out.Changes = append(out.Changes, wireTrialChange{ch.Action, ch.Before.String(), ch.After.String(), ch.Pairs, urnsOf(ch.Subjects)})
	}
	if err := a.printTrial(&out); err != nil {
		return err
	}
	if len(out.Changes) > 0 {
		return status(exitNo)
	}
	return nil
}

func (a *app) printTrial(t *wireTrial) error {
	if a.globals.wantsJSON() {
		return a.printJSON(t)
	}
	for _, urn := range t.Unknown {
		a.tell("registry.unknown", "urn", urn)
	}
	for _, ch := range t.Changes {
		a.tell("registry.changes", "action", ch.Action, "before", ch.Before, "after", ch.After, "pairs", ch.Pairs, "subjects", strings.Join(ch.Subjects, ", "))
	}
	if len(t.Changes) == 0 {
		a.tell("registry.same")
	}
	a.tell("registry.tried", "pairs", t.Pairs, "actions", strings.Join(t.Actions, ", "))
	return nil
}

// stubResource is a resource of which nothing is known but its policy.
func stubResource(id string) ([]byte, error) {
	owner := "lokal"
	if rest, ok := strings.CutPrefix(id, "app_"); ok {
		owner, _, _ = strings.Cut(rest, "_")
	}
	texts := map[string]string{"nb": id, "nn": id, "en": id}
	return json.MarshalIndent(map[string]any{
		"identifier": id, "title": texts, "description": texts, "rightDescription": texts, "resourceType": registry.TypeApp,
		"hasCompetentAuthority": map[string]string{"orgcode": owner},
	}, "", "  ")
}
