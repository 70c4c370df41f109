package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// document is openapi.yaml with a router over it, loaded once.
var document = sync.OnceValues(func() (routers.Router, error) {
	// What the registry keeps of policies is their text.
	openapi3filter.RegisterBodyDecoder("application/xml", openapi3filter.FileBodyDecoder)
	doc, err := openapi3.NewLoader().LoadFromData(openapiYAML)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	return legacy.NewRouter(doc)
})

// conforms checks an exchange against openapi.yaml: the answer always, and the
// request when it was taken, since many tests send what must not be.
func conforms(t testing.TB, r *http.Request, body []byte, got answer) {
	t.Helper()
	// A huge answer has the shape of a small one, and takes seconds to check.
	const most = 64 << 10
	if len(got.body) > most {
		return
	}
	router, err := document()
	if err != nil {
		t.Fatalf("openapi.yaml: %v", err)
	}
	plain := &http.Request{Method: r.Method, URL: &url.URL{Path: r.URL.Path, RawQuery: r.URL.RawQuery}, Header: r.Header.Clone(), Body: io.NopCloser(bytes.NewReader(body))}
	found, params, err := router.FindRoute(plain)
	if err != nil {
		return // TestEveryRouteIsDocumented sees to it that it is no route of ours
	}
	input := &openapi3filter.RequestValidationInput{
		Request: plain, PathParams: params, Route: found,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	// A XACML request that cannot be used is answered 200 too, with a result.
	refused := strings.HasPrefix(r.URL.Path, authorization) && bytes.Contains(got.body, []byte("Indeterminate"))
	if got.StatusCode < 300 && !refused {
		if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
			t.Errorf("%s %s: the request is not as openapi.yaml has it: %v\n%s", r.Method, r.URL.Path, err, body)
		}
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: got.StatusCode, Header: got.Header, Body: io.NopCloser(bytes.NewReader(got.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
	if err != nil {
		t.Errorf("%s %s: the answer %d is not as openapi.yaml has it: %v\n%s", r.Method, r.URL.Path, got.StatusCode, err, got.body)
	}
}

var routeWildcard = regexp.MustCompile(`\{(\w+)(\.\.\.)?\}`)

// TestEveryRouteIsDocumented: openapi.yaml has every route, and no other.
func TestEveryRouteIsDocumented(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(openapiYAML)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	for _, rt := range openDemo(t).server.routes {
		for _, path := range rt.paths() {
			path = strings.TrimSuffix(routeWildcard.ReplaceAllString(path, "{$1}"), "{$}")
			served[rt.method+" "+path] = true
			if item := doc.Paths.Value(path); item == nil || item.GetOperation(rt.method) == nil {
				t.Errorf("%s %s is not in openapi.yaml", rt.method, path)
			} else if public := item.GetOperation(rt.method).Security != nil; public != rt.anonymous {
				t.Errorf("%s %s is open: %t, and in openapi.yaml %t", rt.method, path, rt.anonymous, public)
			}
		}
	}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if !served[method+" "+path] {
				t.Errorf("openapi.yaml has %s %s, which is not served", method, path)
			}
		}
	}
}

// TestOpenAPIIsServed: as YAML and as JSON, both the same document.
func TestOpenAPIIsServed(t *testing.T) {
	a := openDemo(t)
	if got := a.do("GET", "/openapi.yaml", nil); got.StatusCode != 200 || !bytes.Equal(got.body, openapiYAML) {
		t.Errorf("openapi.yaml: %d", got.StatusCode)
	}
	var doc struct {
		OpenAPI string                     `json:"openapi"`
		Paths   map[string]json.RawMessage `json:"paths"`
	}
	a.json(a.do("GET", "/openapi.json", nil), 200, &doc)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Paths[evaluationPath] == nil {
		t.Errorf("%s with %d paths", doc.OpenAPI, len(doc.Paths))
	}
}

// TestReferencePage: every operation and schema stands on it, it loads nothing
// from elsewhere, and it says when authentication is off.
func TestReferencePage(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(openapiYAML)
	if err != nil {
		t.Fatal(err)
	}
	open := openDemo(t).do("GET", "/reference", nil)
	is := newTestIssuer(t, "/nothing")
	guarded := guarded(t, nil, is.config()).do("GET", "/reference", nil)
	for _, page := range []answer{open, guarded} {
		text := string(page.body)
		if page.StatusCode != 200 || strings.Contains(text, "http://") || strings.Contains(text, "<script") || page.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%d %s", page.StatusCode, page.Header)
		}
		for path := range doc.Paths.Map() {
			if !strings.Contains(text, "<code>"+path+"</code>") {
				t.Errorf("%s is not on the page", path)
			}
		}
		for name := range doc.Components.Schemas {
			if !strings.Contains(text, `id="schema-`+name+`"`) {
				t.Errorf("schema %s is not on the page", name)
			}
		}
	}
	const off = "Authentication is off"
	if !bytes.Contains(open.body, []byte(off)) || bytes.Contains(guarded.body, []byte(off)) {
		t.Error("the page does not tell whether authentication is off")
	}
}
