package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/xacml"
)

// TenantConfig is a tenant that decides by XACML policies of its own, over what a
// request itself says, and by nothing of the registers.
type TenantConfig struct {
	Name     string `json:"name"`     // part of its address: /tenants/NAME/access/v1/evaluation
	Policies string `json:"policies"` // a directory of policies, *.xml
}

// tenantsPath is what the addresses of tenants begin with.
const tenantsPath = "/tenants/"

// Categories and attributes by which a tenant's policies see an AuthZEN request.
// Properties have categories of their own, so that no policy takes what a request
// says of a subject for what is known of it.
const (
	attributeSubjectID   = "urn:oasis:names:tc:xacml:1.0:subject:subject-id"
	attributeResourceID  = "urn:oasis:names:tc:xacml:1.0:resource:resource-id"
	attributeActionID    = "urn:oasis:names:tc:xacml:1.0:action:action-id"
	attributeEntityType  = "urn:fullmakt:authzen:type"
	categorySubjectSays  = "urn:fullmakt:authzen:subject-properties"
	categoryResourceSays = "urn:fullmakt:authzen:resource-properties"
	categoryActionSays   = "urn:fullmakt:authzen:action-properties"
)

// tenant is a tenant with its policies compiled.
type tenant struct {
	name   string
	engine *xacml.Engine
}

// newTenants reads the policies of tenants. One that cannot be read keeps the
// server from starting, so that no tenant decides by half its policies.
func newTenants(list []TenantConfig) (map[string]*tenant, error) {
	tenants := map[string]*tenant{}
	for _, cfg := range list {
		if cfg.Name == "" || strings.Trim(cfg.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || tenants[cfg.Name] != nil {
			return nil, configError("tenants: the name %q; want letters a to z, digits and hyphens, and each name once", cfg.Name)
		}
		files, err := filepath.Glob(filepath.Join(cfg.Policies, "*.xml"))
		if err != nil || len(files) == 0 {
			return nil, configError("tenants: %s has no policies (*.xml)", cfg.Name).WithHint("policies names the directory they lie in")
		}
		slices.Sort(files)
		var roots []*xacml.Policy
		for _, f := range files {
			source, err := os.ReadFile(f)
			if err != nil {
				return nil, configError("tenants: %s: %w", cfg.Name, err)
			}
			p, err := xacml.ParsePolicy(filepath.Base(f), source)
			if err != nil {
				return nil, configError("tenants: %s: %w", cfg.Name, err)
			}
			roots = append(roots, p)
		}
		tenants[cfg.Name] = &tenant{cfg.Name, xacml.NewEngine(xacml.Options{Roots: roots})}
	}
	return tenants, nil
}

// tenantRoutes lists the routes of tenants: evaluations, and no searches, since only
// what a request says is known there.
func tenantRoutes() []route {
	const base = tenantsPath + "{tenant}"
	return []route{
		{method: "POST", pattern: base + evaluationPath, scopes: []string{scopeEvaluate}, handle: (*Server).evaluate, fail: authzenFail},
		{method: "POST", pattern: base + evaluationsPath, scopes: []string{scopeEvaluate}, handle: (*Server).evaluateMany, fail: authzenFail},
	}
}

// tenant returns the tenant whose address is asked; nil for the registers' own.
func (c *call) tenant() (*tenant, error) {
	if !strings.HasPrefix(c.route.pattern, tenantsPath) {
		return nil, nil
	}
	t := c.server.tenants[c.r.PathValue("tenant")]
	if t == nil {
		return nil, statusf(http.StatusNotFound, "there is no such tenant")
	}
	return t, nil
}

// decideTenant makes one evaluation by a tenant's policies.
func (e *evaluator) decideTenant(q *question, v verdict) verdict {
	req, err := q.says()
	if err != nil {
		return e.fail(v, err)
	}
	v.what = "tenant:" + e.tenant.name
	req.ReturnPolicyIDList = true
	result := e.tenant.engine.Evaluate(req, e.c.now).Results[0]
	v.allowed = result.Decision == xacml.Permit
	v.reason = map[xacml.Decision]fullmakt.Reason{
		xacml.Permit: fullmakt.ReasonPolicy, xacml.Deny: fullmakt.ReasonDenied, xacml.NotApplicable: fullmakt.ReasonNoRule, xacml.Indeterminate: fullmakt.ReasonIndeterminate,
	}[result.Decision]
	v.service = &serviceVerdict{obligations: obligationsOut(result.Obligations)}
	if len(result.Policies) > 0 {
		v.service.resource, v.service.version = result.Policies[0].ID, result.Policies[0].Version
	}
	return v
}

// says returns a question as a tenant's policies see it.
func (q *question) says() (*xacml.Request, error) {
	text := func(id string, value []byte) xacml.Attribute {
		return xacml.Attribute{ID: id, Values: []xacml.Value{xacml.String(value)}}
	}
	req := &xacml.Request{Categories: []xacml.Category{
		{Category: xacml.CategoryAccessSubject, Attributes: []xacml.Attribute{text(attributeSubjectID, q.subject.id), text(attributeEntityType, q.subject.typ)}},
		{Category: xacml.CategoryResource, Attributes: []xacml.Attribute{text(attributeResourceID, q.resource.id), text(attributeEntityType, q.resource.typ)}},
		{Category: xacml.CategoryAction, Attributes: []xacml.Attribute{text(attributeActionID, q.action.name)}},
	}}
	for _, p := range []struct {
		category string
		json     []byte
	}{{categorySubjectSays, q.subject.properties}, {categoryResourceSays, q.resource.properties}, {categoryActionSays, q.action.properties}} {
		if p.json == nil {
			continue
		}
		d := json.NewDecoder(bytes.NewReader(p.json))
		d.UseNumber()
		var members map[string]any
		if err := d.Decode(&members); err != nil {
			return nil, statusf(http.StatusBadRequest, "properties cannot be read")
		}
		req.Categories = append(req.Categories, xacml.Category{Category: p.category, Attributes: says(nil, "", members)})
	}
	return req, nil
}

// says appends properties as attributes by their names: the members of an object
// by both names with a dot between, an array as several values.
func says(list []xacml.Attribute, prefix string, members map[string]any) []xacml.Attribute {
	for name, value := range members {
		if inner, ok := value.(map[string]any); ok {
			list = says(list, prefix+name+".", inner)
			continue
		}
		several, ok := value.([]any)
		if !ok {
			several = []any{value}
		}
		a := xacml.Attribute{ID: prefix + name}
		for _, v := range several {
			if v := valueOf(v); v != nil {
				a.Values = append(a.Values, v)
			}
		}
		if len(a.Values) > 0 {
			list = append(list, a)
		}
	}
	return list
}

// valueOf returns a JSON value as one of XACML: a string, a boolean, an integer or a
// double. Others have none.
func valueOf(v any) xacml.Value {
	switch v := v.(type) {
	case string:
		return xacml.String(v)
	case bool:
		return xacml.Boolean(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return xacml.Integer(n)
		}
		if f, err := v.Float64(); err == nil {
			return xacml.Double(f)
		}
	}
	return nil
}
