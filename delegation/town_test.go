package delegation_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

// noon is "now" in the tests.
var noon = time.Date(2026, time.June, 15, 12, 0, 0, 0, fullmakt.Oslo()).Unix()

var embedded = sync.OnceValues(catalogue.Embedded)

// town is a small register under way, with parties by name.
type town struct {
	t     testing.TB
	s     *index.Snapshot
	names map[string]fullmakt.PartyNo
	orgs  map[fullmakt.PartyNo]fullmakt.Organisation
	last  []fullmakt.Change // of the last revision, ends included
}

func newTown(t testing.TB) *town {
	c, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	return &town{
		t: t, s: index.NewBuilder(c).Build(0, time.Unix(noon, 0)),
		names: map[string]fullmakt.PartyNo{}, orgs: map[fullmakt.PartyNo]fullmakt.Organisation{},
	}
}

// store makes changes a revision, with what ends by them, as node.Do does.
func (w *town) store(changes ...fullmakt.Change) {
	w.last = append(changes, delegation.Ends(w.s, changes)...)
	for _, ch := range w.last {
		if o, ok := ch.(fullmakt.Organisation); ok {
			w.orgs[o.Party] = o
		}
	}
	w.s = w.s.Apply(w.s.Seq()+1, time.Unix(noon, 0).Add(time.Duration(w.s.Seq())*time.Second), w.last)
}

func (w *town) new(name string, id fullmakt.PartyID) fullmakt.PartyNo {
	no := fullmakt.PartyNo(len(w.names) + 1)
	w.names[name] = no
	w.store(fullmakt.Party{No: no, ID: id, Name: name})
	return no
}

// org adds organisations of a form.
func (w *town) org(form fullmakt.OrgForm, names ...string) {
	for _, name := range names {
		no := w.new(name, fullmakt.OrganisationID(fullmakt.NextOrgNumber(31_000_000+uint32(len(w.names))*10)))
		w.store(fullmakt.Organisation{Party: no, Form: form, Source: fullmakt.SourceCCR})
	}
}

// person adds living persons known by identity number.
func (w *town) person(names ...string) {
	for _, name := range names {
		for individual := len(w.names); ; individual += 97 {
			if id, ok := fullmakt.SyntheticNationalID(1+individual%28, 1+individual%12, 70+individual%30, individual%1000); ok {
				w.new(name, fullmakt.PersonID(id))
				break
			}
		}
	}
}

func (w *town) user(owner string, names ...string) {
	for _, name := range names {
		no := w.new(name, fullmakt.EnterpriseUserID(w.s.ID(w.no(owner)).Org, name))
		w.store(fullmakt.EnterpriseUser{Party: no, Owner: w.no(owner)})
	}
}

func (w *town) system(owner, name string, agent bool) {
	no := w.new(name, fullmakt.SystemUserID(w.s.ID(w.no(owner)).Org, "system", name))
	w.store(fullmakt.SystemUser{Party: no, Owner: w.no(owner), Agent: agent})
}

// vendor makes a system user one of a vendor's system, which may ask for any package
// and for all of a resource.
func (w *town) vendor(vendor, user, resource string) {
	w.t.Helper()
	no := w.no(user)
	system := w.s.ID(w.no(vendor)).Org.String() + "_system"
	var packages []string
	for _, p := range w.s.Catalogue().Packages() {
		packages = append(packages, p.Code)
	}
	w.do(w.asks("").PutSystem(delegation.System{ID: system, Vendor: w.no(vendor), Packages: packages, Rights: []delegation.SystemRight{{Resource: resource}}}))
	u := delegation.SystemUser{Party: no, Owner: w.s.Node(no).Parent, System: system, Reference: user, Since: noon}
	body, err := json.Marshal(u)
	if err != nil {
		w.t.Fatal(err)
	}
	parties := []fullmakt.PartyNo{u.Owner, no}
	slices.Sort(parties)
	w.store(fullmakt.Document{Kind: fullmakt.DocumentSystemUser, ID: w.systemUser(), Parties: parties, Body: body})
}

// systemUser is the UUID of the system user that vendor makes.
func (w *town) systemUser() string { return uuid(251) }

// role registers roles: "Kari DAGL Bergen AS".
func (w *town) role(lines ...string) {
	for _, line := range lines {
		holder, code, org := w.cut(line)
		o := w.orgs[org]
		o.Roles = append(slices.Clone(o.Roles), fullmakt.Role{Code: code, Holder: holder})
		o.Roles = fullmakt.SortRoles(o.Roles)
		w.store(o)
	}
}

// unrole takes roles out of the register.
func (w *town) unrole(lines ...string) {
	for _, line := range lines {
		holder, code, org := w.cut(line)
		o := w.orgs[org]
		o.Roles = slices.DeleteFunc(slices.Clone(o.Roles), func(r fullmakt.Role) bool { return r.Holder == holder && r.Code == code })
		w.store(o)
	}
}

// cut reads "HOLDER CODE ORG".
func (w *town) cut(line string) (holder fullmakt.PartyNo, code fullmakt.RoleCode, org fullmakt.PartyNo) {
	w.t.Helper()
	for name, no := range w.names {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			if word, at, ok := strings.Cut(rest, " "); ok && w.names[at] != 0 {
				return no, fullmakt.RoleCode(word), w.names[at]
			}
		}
	}
	w.t.Fatalf("no such role: %q", line)
	return
}

func (w *town) no(name string) fullmakt.PartyNo {
	w.t.Helper()
	if name == "" {
		return 0
	}
	no, ok := w.names[name]
	if !ok {
		w.t.Fatalf("nobody is called %q", name)
	}
	return no
}

// by returns who acts; "" is the operator.
func (w *town) by(name string) *delegation.Acting {
	return &delegation.Acting{Snapshot: w.s, Actor: w.no(name), At: noon}
}

// do stores the outcome of a command, which must succeed.
func (w *town) do(out *delegation.Outcome, err error) *delegation.Outcome {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v: %+v", err, delegation.Refusals(err))
	}
	w.store(out.Changes...)
	return out
}

// refused checks that a command is refused for these: "PATH REASON RULE".
func (w *town) refused(out *delegation.Outcome, err error) func(want ...string) {
	w.t.Helper()
	return func(want ...string) {
		w.t.Helper()
		var got []string
		for _, r := range delegation.Refusals(err) {
			got = append(got, strings.TrimSpace(fmt.Sprint(r.Path, " ", r.Reason, " ", r.Rule)))
		}
		if out != nil || !slices.Equal(got, want) {
			w.t.Errorf("refused for\n  %s (%v)\nwant\n  %s", strings.Join(got, "\n  "), err, strings.Join(want, "\n  "))
		}
	}
}

// give returns a command that gives packages.
func (w *town) give(from, to string, packages ...string) delegation.Give {
	w.t.Helper()
	return delegation.Give{From: w.no(from), To: w.no(to), Identified: true, Items: items(packages...)}
}

func items(packages ...string) (list []delegation.Item) {
	for _, p := range packages {
		switch resource, right, isRight := strings.Cut(p, "#"); {
		case p == "ECKEY":
			list = append(list, delegation.Item{ECKEY: true})
		case isRight:
			list = append(list, delegation.Item{Resource: resource, Right: right})
		default:
			list = append(list, delegation.Item{Package: p})
		}
	}
	return list
}

// in lists what is in force between parties, for comparison.
func (w *town) in() []string {
	var lines []string
	name := map[fullmakt.PartyNo]string{0: "operator"}
	for n, no := range w.names {
		name[no] = n
	}
	for _, from := range w.names {
		_, holders, _ := w.s.Look(from)
		for _, e := range holders {
			switch {
			case e.Grant():
				for _, g := range w.s.Grants(from, e.Party) {
					if g.Recorded {
						continue
					}
					what := g.Unknown
					if g.Package != catalogue.NoPackage {
						what = w.s.Catalogue().Package(g.Package).Code
					} else if g.ECKEY {
						what = "ECKEY"
					} else if g.Right != 0 {
						resource, right := w.s.RightName(g.Right)
						what = resource + " " + right
					}
					lines = append(lines, fmt.Sprintf("%s gives %s %s", name[from], name[e.Party], what))
				}
			case e.Agent():
				lines = append(lines, fmt.Sprintf("%s has agent %s", name[from], name[e.Party]))
			case e.Client():
				for _, d := range w.s.Delegations(from, e.Party) {
					lines = append(lines, fmt.Sprintf("%s lets %s use %s for %s over %s", name[d.Provider], name[d.Agent],
						w.s.Catalogue().Package(d.Package).Code, name[d.Client], cmp.Or(string(w.s.RoleCode(d.Role)), "a grant")))
				}
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func (w *town) want(lines ...string) {
	w.t.Helper()
	slices.Sort(lines)
	if got := w.in(); !slices.Equal(got, lines) {
		w.t.Errorf("in force:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(lines, "\n  "))
	}
}

// bergen is a town with Bergen AS (Kari its director) and others to give to.
func bergen(t testing.TB) *town {
	w := newTown(t)
	w.org("AS", "Bergen AS", "Trondheim AS", "Oslo AS")
	w.org("BEDR", "Bergen lager")
	w.person("Kari Lie", "Ola Dal", "Nina Vik")
	w.user("Bergen AS", "bergen-bruker")
	w.system("Bergen AS", "bergen-system", false)
	w.role("Kari Lie DAGL Bergen AS")
	return w
}

func (w *town) pkg(name string) catalogue.PackageID {
	w.t.Helper()
	p, ok := w.s.Catalogue().PackageID(name)
	if !ok {
		w.t.Fatalf("no package %q", name)
	}
	return p
}

// set returns a set of packages.
func (w *town) set(names ...string) (set catalogue.PackageSet) {
	w.t.Helper()
	for _, name := range names {
		set.Add(w.pkg(name))
	}
	return set
}

// registry returns the registry as the town has it.
func (w *town) registry() *registry.View { return new(registry.Library).At(w.s) }

// opens is one rule of a policy: who may do an action, by any of some attributes,
// each "ATTRIBUTE=VALUE", or just a package; several joined by " and " are wanted
// together.
type opens struct {
	action   string
	subjects []string
}

// scheme puts a scheme of scopes into the registry, opened by packages.
func (w *town) scheme(id string, scopes []string, packages ...string) {
	w.t.Helper()
	w.resource(id, registry.TypeMaskinportenSchema, scopes, opens{"ScopeAccess", packages})
}

// resource puts a resource with a policy into the registry.
func (w *town) resource(id, kind string, scopes []string, rules ...opens) {
	w.t.Helper()
	texts := registry.Texts{"nb": id, "nn": id, "en": id}
	r := &registry.Resource{
		Identifier: id, Title: texts, Description: texts, RightDescription: texts, Status: "Completed", AccessListMode: registry.AccessListsOff,
		Delegable: true, ResourceType: kind, HasCompetentAuthority: registry.CompetentAuthority{Orgcode: "demo"},
	}
	for _, s := range scopes {
		r.ResourceReferences = append(r.ResourceReferences, registry.Reference{ReferenceType: registry.ScopeReference, Reference: s})
	}
	w.registered(registry.CreateResource(w.registry(), registry.Operator, r))
	match := func(category, attribute, value string) string {
		return `<Match MatchId="urn:oasis:names:tc:xacml:1.0:function:string-equal"><AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">` + value +
			`</AttributeValue><AttributeDesignator Category="` + category + `" AttributeId="` + attribute + `" DataType="http://www.w3.org/2001/XMLSchema#string" MustBePresent="false"/></Match>`
	}
	policy := `<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0" RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides"><Target/>`
	for _, rule := range rules {
		var subjects string
		for _, subject := range rule.subjects {
			subjects += "<AllOf>"
			for one := range strings.SplitSeq(subject, " and ") {
				attribute, value, other := strings.Cut(one, "=")
				if !other {
					attribute, value = registry.AttributePackage, one
				}
				subjects += match("urn:oasis:names:tc:xacml:1.0:subject-category:access-subject", attribute, value)
			}
			subjects += "</AllOf>"
		}
		policy += `<Rule RuleId="` + rule.action + `" Effect="Permit"><Target><AnyOf>` + subjects + `</AnyOf><AnyOf><AllOf>` +
			match("urn:oasis:names:tc:xacml:3.0:attribute-category:resource", registry.AttributeResource, id) +
			match("urn:oasis:names:tc:xacml:3.0:attribute-category:action", registry.AttributeAction, rule.action) + `</AllOf></AnyOf></Target></Rule>`
	}
	w.registered(registry.PutPolicy(w.registry(), registry.Operator, id, []byte(policy+`</Policy>`)))
}

func (w *town) registered(changes []fullmakt.Change, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	w.store(changes...)
}

// schemeOf returns a scheme of the registry.
func (w *town) schemeOf(id string) delegation.Scheme {
	w.t.Helper()
	r, ok := w.registry().Scheme(id)
	if !ok {
		w.t.Fatalf("no scheme %q", id)
	}
	return delegation.SchemeOf(w.s, r)
}
