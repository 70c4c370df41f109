package api

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const tenantPolicy = `<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="todo" Version="1.3"
 RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides"><Target/>
<Rule RuleId="editors" Effect="Permit"><Target><AnyOf><AllOf>
<Match MatchId="urn:oasis:names:tc:xacml:1.0:function:string-equal"><AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">editor</AttributeValue>
<AttributeDesignator Category="urn:fullmakt:authzen:subject-properties" AttributeId="roles" DataType="http://www.w3.org/2001/XMLSchema#string" MustBePresent="false"/></Match>
</AllOf></AnyOf></Target></Rule>
<Rule RuleId="locked" Effect="Deny"><Target><AnyOf><AllOf>
<Match MatchId="urn:oasis:names:tc:xacml:1.0:function:boolean-equal"><AttributeValue DataType="http://www.w3.org/2001/XMLSchema#boolean">true</AttributeValue>
<AttributeDesignator Category="urn:fullmakt:authzen:resource-properties" AttributeId="state.locked" DataType="http://www.w3.org/2001/XMLSchema#boolean" MustBePresent="false"/></Match>
</AllOf></AnyOf></Target></Rule></Policy>`

// TestTenant: in a tenant of its own, ordinary policies decide by what a request
// says of subject and resource; elsewhere that decides nothing.
func TestTenant(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "todo.xml"), []byte(tenantPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := openConfig()
	cfg.Tenants = []TenantConfig{{Name: "todo", Policies: dir}}
	a := serveAPI(t, demoNode(t), cfg)
	body := func(role string, locked bool) obj {
		return obj{"subject": obj{"type": "user", "id": "x", "properties": obj{"roles": []string{"viewer", role}}}, "action": obj{"name": "edit"},
			"resource": obj{"type": "list", "id": "1", "properties": obj{"state": obj{"locked": locked}}}}
	}
	var v struct {
		Decision bool
		Context  struct {
			Reason string
			Policy struct{ Version string }
		}
	}
	for _, c := range []struct {
		role   string
		locked bool
		reason string
	}{{"editor", false, "permitted_by_policy"}, {"editor", true, "denied_by_policy"}, {"reader", false, "no_rule"}} {
		a.json(a.do("POST", "/tenants/todo"+evaluationPath, body(c.role, c.locked)), 200, &v)
		if v.Decision != (c.reason == "permitted_by_policy") || v.Context.Reason != c.reason || v.Decision && v.Context.Policy.Version != "1.3" {
			t.Errorf("%+v: %+v", c, v)
		}
	}
	a.json(a.do("POST", evaluationPath, body("editor", false)), 200, &v)
	if v.Decision {
		t.Error("properties decide where the registers do")
	}
	var many struct{ Evaluations []struct{ Decision bool } }
	b := body("editor", false)
	b["evaluations"] = []obj{{}, {"subject": obj{"type": "user", "id": "x"}}}
	a.json(a.do("POST", "/tenants/todo"+evaluationsPath, b), 200, &many)
	if len(many.Evaluations) != 2 || !many.Evaluations[0].Decision || many.Evaluations[1].Decision {
		t.Errorf("batch %+v", many)
	}
	if got := a.do("POST", "/tenants/other"+evaluationPath, body("editor", false)); got.StatusCode != 404 {
		t.Errorf("another tenant: %d", got.StatusCode)
	}
	got := a.do("GET", metadataPath+"/tenants/todo", nil)
	if got.StatusCode != 200 || !strings.Contains(string(got.body), `/tenants/todo/access/v1/evaluation"`) || strings.Contains(string(got.body), "search") {
		t.Errorf("metadata %d %s", got.StatusCode, got.body)
	}
	if _, err := New(a.server.node, Config{Listen: cfg.Listen, Authentication: cfg.Authentication, Tenants: []TenantConfig{{Name: "x", Policies: t.TempDir()}}}); err == nil {
		t.Error("a tenant without policies is taken")
	}
}
