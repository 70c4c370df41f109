package registry_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/registry"
)

// TestLibraryFollowsTheHead: what did not change is read and compiled once, what
// did is seen, and the past stays as it was.
func TestLibraryFollowsTheHead(t *testing.T) {
	var l registry.Library
	first := demoSnapshot(t)
	v1 := l.At(first)
	if l.At(first) != v1 {
		t.Error("one snapshot has two views")
	}
	kept, err := v1.Policy("demo-hendelser")
	if err != nil {
		t.Fatal(err)
	}
	changed, err := registry.PutPolicy(v1, registry.Operator, "demo-tilskudd", []byte(strings.Replace(policyOf(t, v1, "demo-tilskudd"), ">dagl<", ">lede<", 1)))
	if err != nil {
		t.Fatal(err)
	}
	second := after(first, changed)
	v2 := l.At(second)
	if again, err := v2.Policy("demo-hendelser"); err != nil || again != kept {
		t.Error("a policy that did not change was compiled again")
	}
	if p, err := v2.Policy("demo-tilskudd"); err != nil || p.Revision != second.Seq() {
		t.Errorf("the new version: %+v, %v", p, err)
	}
	lede, dagl := registry.Attribute{ID: registry.AttributeRole, Value: "LEDE"}, registry.Attribute{ID: registry.AttributeRole, Value: "DAGL"}
	if len(v2.BySubject(lede)) != 1 || len(v2.BySubject(dagl)) != 0 || len(l.At(first).BySubject(dagl)) != 1 {
		t.Error("the subjects are not those of the revision")
	}
	third := after(second, mustChange(t, func() ([]fullmakt.Change, error) {
		return registry.DeleteResource(v2, registry.Operator, "demo-hendelser")
	}))
	v3 := l.At(third)
	if _, ok := v3.Resource("demo-hendelser"); ok {
		t.Error("a resource that ended is there")
	}
	if _, err := v3.Policy("demo-hendelser"); fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		t.Errorf("the policy of a resource that ended: %v", err)
	}
	if _, ok := l.At(second).Resource("demo-hendelser"); !ok {
		t.Error("the past has changed")
	}
	if _, ok := l.At(third).AccessList("demo", "tilskudd"); !ok {
		t.Error("the access list is gone")
	}
}

// TestBadPolicyHindersNobodyElse: one that the store holds and that cannot be
// compiled is no policy of its resource, and nobody else's trouble.
func TestBadPolicyHindersNobodyElse(t *testing.T) {
	s := after(demoSnapshot(t), []fullmakt.Change{fullmakt.Document{Kind: fullmakt.DocumentPolicy, ID: "demo-tilskudd", Body: []byte("<Policy/>")}})
	v := viewOf(s)
	if _, err := v.Policy("demo-tilskudd"); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("a bad policy: %v", err)
	}
	if _, err := v.Policy("demo-hendelser"); err != nil {
		t.Error(err)
	}
	if got := v.BySubject(registry.Attribute{ID: registry.AttributePackage, Value: "skatt-naering"}); len(got) != 1 {
		t.Errorf("subjects of the others: %v", got)
	}
}

// TestMembersLeaveWhenPurged: the list stays.
func TestMembersLeaveWhenPurged(t *testing.T) {
	s := demoSnapshot(t)
	bergen := s.Organisation(310000019)
	s = after(s, []fullmakt.Change{fullmakt.Purge{Party: bergen}})
	l, ok := viewOf(s).AccessList("demo", "tilskudd")
	if !ok || len(l.Members) != 1 || l.Members[0].Party == bergen {
		t.Errorf("%+v", l)
	}
}

// TestResourceCheck: every field that is wrong is named.
func TestResourceCheck(t *testing.T) {
	for _, c := range []struct{ json, path string }{
		{`{"identifier":"x"}`, "identifier"},
		{`{"identifier":"with blank"}`, "identifier"},
		{`{"identifier":"r-12817010065"}`, "identifier"},
		{`{"identifier":"app_ttd"}`, "identifier"},
		{`{"title":{"nb":"x","nn":"x"}}`, "title.en"},
		{`{"title":{"nb":"x","nn":"x","en":"x","de":"x"}}`, "title"},
		{`{"rightDescription":{}}`, "rightDescription"},
		{`{"status":"Done"}`, "status"},
		{`{"resourceType":"Thing"}`, "resourceType"},
		{`{"accessListMode":"Maybe"}`, "accessListMode"},
		{`{"hasCompetentAuthority":{"organization":"310000019"}}`, "hasCompetentAuthority.orgcode"},
		{`{"hasCompetentAuthority":{"orgcode":"demo","organization":"123"}}`, "hasCompetentAuthority.organization"},
		{`{"resourceType":"MaskinportenSchema"}`, "resourceReferences"},
		{`{"resourceReferences":[{"referenceType":"maskinportenscope","reference":"no scope"}]}`, "resourceReferences[0]"},
		{`{"resourceReferences":[{"referenceType":"MaskinportenScope","reference":"a:b"},{"referenceType":"MaskinportenScope","reference":"a:b"}]}`, "resourceReferences[1]"},
	} {
		r, err := registry.ParseResource([]byte(c.json))
		if err != nil {
			t.Fatalf("%s: %v", c.json, err)
		}
		var invalid *registry.Invalid
		if !errors.As(r.Check(), &invalid) || fullmakt.ErrorCode(invalid) != fullmakt.CodeInvalid {
			t.Fatalf("%s is taken", c.json)
		}
		found := false
		for _, f := range invalid.Fields {
			found = found || f.Path == c.path
		}
		if !found {
			t.Errorf("%s: %v does not name %s", c.json, invalid, c.path)
		}
	}
}

// TestOwnersByNumber: a token without a code owns what carries its number, and
// cannot take a code that is another's.
func TestOwnersByNumber(t *testing.T) {
	v := viewOf(demoSnapshot(t))
	const demo, other = fullmakt.OrgNumber(310000167), fullmakt.OrgNumber(310000019)
	resource := func(code string, n fullmakt.OrgNumber) *registry.Resource {
		texts := registry.Texts{"nb": "x", "nn": "x", "en": "x"}
		return &registry.Resource{Identifier: "ny-tjeneste", Title: texts, RightDescription: texts, Status: "Completed", ResourceType: registry.TypeGeneric,
			AccessListMode: registry.AccessListsOff, HasCompetentAuthority: registry.CompetentAuthority{Orgcode: code, Organization: n.String()}}
	}
	for _, c := range []struct {
		name string
		by   registry.Author
		r    *registry.Resource
		want fullmakt.Code
	}{
		{"its own", registry.Author{Organisation: demo}, resource("demo", demo), ""},
		{"a new code", registry.Author{Organisation: other}, resource("ny", other), ""},
		{"another's code", registry.Author{Organisation: other}, resource("demo", other), fullmakt.CodeForbidden},
		{"another's number", registry.Author{Organisation: other}, resource("demo", demo), fullmakt.CodeForbidden},
		{"its code, whatever number", registry.Author{Code: "demo", Organisation: other}, resource("demo", demo), ""},
		{"another code", registry.Author{Code: "ny", Organisation: demo}, resource("demo", demo), fullmakt.CodeForbidden},
		{"nobody", registry.Author{}, resource("demo", 0), fullmakt.CodeForbidden},
	} {
		if c.r.HasCompetentAuthority.Organization == fullmakt.OrgNumber(0).String() {
			c.r.HasCompetentAuthority.Organization = ""
		}
		if _, err := registry.CreateResource(v, c.by, c.r); fullmakt.ErrorCode(err) != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestReferencesAreRefused: the policy of a resource stands alone.
func TestReferencesAreRefused(t *testing.T) {
	set := `<PolicySet xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicySetId="s" Version="1.0" PolicyCombiningAlgId="urn:oasis:names:tc:xacml:3.0:policy-combining-algorithm:deny-overrides"><Target/>`
	if _, err := registry.ParsePolicy("demo-x", "f.xml", []byte(set+`<PolicyIdReference>p</PolicyIdReference></PolicySet>`)); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("a reference: %v", err)
	}
	within := policyXML(denyOverrides, ruleXML("r", "Permit", []string{exact + registry.AttributeRole + " dagl"}, []string{exact + registry.AttributeAction + " read"}))
	p, err := registry.ParsePolicy("demo-x", "f.xml", []byte(set+within+`</PolicySet>`))
	if err != nil || len(p.Rights()) != 1 {
		t.Errorf("a policy within: %+v, %v", p, err)
	}
}

func policyOf(t *testing.T, v *registry.View, id string) string {
	t.Helper()
	source, _, ok := v.PolicySource(id)
	if !ok {
		t.Fatalf("%s has no policy", id)
	}
	return string(source)
}

func mustChange(t *testing.T, command func() ([]fullmakt.Change, error)) []fullmakt.Change {
	t.Helper()
	changes, err := command()
	if err != nil {
		t.Fatal(err)
	}
	return changes
}
