package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// Our own scopes.
const (
	scopeEvaluate       = "fullmakt:evaluate"
	scopeSearchSubject  = "fullmakt:search.subject"
	scopeSearchResource = "fullmakt:search.resource"
	scopeSearchAction   = "fullmakt:search.action"
	scopeExplain        = "fullmakt:explain"
)

const (
	evaluationPath  = "/access/v1/evaluation"
	evaluationsPath = "/access/v1/evaluations"
	subjectPath     = "/access/v1/search/subject"
	resourcePath    = "/access/v1/search/resource"
	actionPath      = "/access/v1/search/action"
	metadataPath    = "/.well-known/authzen-configuration"
)

// authzenRoutes lists the routes of the OpenID AuthZEN Authorization API 1.0.
func authzenRoutes() []route {
	return []route{
		{method: "POST", pattern: evaluationPath, scopes: []string{scopeEvaluate}, handle: (*Server).evaluate, fail: authzenFail},
		{method: "POST", pattern: evaluationsPath, scopes: []string{scopeEvaluate}, handle: (*Server).evaluateMany, fail: authzenFail},
		{method: "POST", pattern: subjectPath, scopes: []string{scopeSearchSubject}, handle: (*Server).searchSubject, fail: authzenFail},
		{method: "POST", pattern: resourcePath, scopes: []string{scopeSearchResource}, handle: (*Server).searchResource, fail: authzenFail},
		{method: "POST", pattern: actionPath, scopes: []string{scopeSearchAction}, handle: (*Server).searchAction, fail: authzenFail},
		{method: "GET", pattern: metadataPath + "/{tenant...}", anonymous: true, handle: (*Server).authzenMetadata, fail: authzenFail},
		{method: "GET", pattern: metadataPath, anonymous: true, handle: (*Server).authzenMetadata, fail: authzenFail},
	}
}

// authzenMetadata answers with the addresses of this decision point. They come
// from the configuration alone: a Host header could send a client elsewhere.
func (s *Server) authzenMetadata(c *call) error {
	tenant := strings.TrimSuffix(strings.TrimPrefix(c.r.URL.Path, metadataPath), "/")
	public, err := url.Parse(s.cfg.PublicURL)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "public URL: %w", err)
	}
	if name, ok := strings.CutPrefix(tenant, public.Path+tenantsPath); ok && s.tenants[name] != nil {
		return s.tenantMetadata(c, s.cfg.PublicURL+tenantsPath+name)
	}
	if public.Path != tenant {
		return statusf(http.StatusNotFound, "there is no decision point at this address")
	}
	base := s.cfg.PublicURL
	body, err := json.Marshal(struct {
		PDP        string `json:"policy_decision_point"`
		Evaluation string `json:"access_evaluation_endpoint"`
		Many       string `json:"access_evaluations_endpoint"`
		Subject    string `json:"search_subject_endpoint"`
		Resource   string `json:"search_resource_endpoint"`
		Action     string `json:"search_action_endpoint"`
	}{base, base + evaluationPath, base + evaluationsPath, base + subjectPath, base + resourcePath, base + actionPath})
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "write the metadata: %w", err)
	}
	c.w.Header().Set("Cache-Control", "public, max-age=3600")
	authzenOK(c, body)
	return nil
}

// tenantMetadata answers with the addresses of a tenant, which has no searches.
func (s *Server) tenantMetadata(c *call, base string) error {
	body, err := json.Marshal(struct {
		PDP        string `json:"policy_decision_point"`
		Evaluation string `json:"access_evaluation_endpoint"`
		Many       string `json:"access_evaluations_endpoint"`
	}{base, base + evaluationPath, base + evaluationsPath})
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "write the metadata: %w", err)
	}
	c.w.Header().Set("Cache-Control", "public, max-age=3600")
	authzenOK(c, body)
	return nil
}
