package client_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/api"
	"github.com/fullmakt/fullmakt/client"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const pkg = "delegerbare-maskinporten-scopes"

var (
	kari   = client.Entity{Type: client.Person, ID: "12817010065"}
	ola    = client.Entity{Type: client.Person, ID: "03918510094"}
	bergen = client.Entity{Type: client.Organisation, ID: "310000019"}
)

// start serves the demo world and returns a client of it.
func start(t *testing.T, cfg api.Config) *client.Client {
	t.Helper()
	server, stop, err := demo(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	t.Cleanup(server.Client().CloseIdleConnections)
	return &client.Client{URL: server.URL, HTTP: server.Client()}
}

var open = api.Config{Authentication: api.Authentication{Off: true}}

// TestEvaluate: a no is an answer, with what stopped it; another time is another
// question.
func TestEvaluate(t *testing.T) {
	c := start(t, open)
	no, err := c.Evaluate(t.Context(), client.Question{Subject: ola, Action: pkg, For: bergen, Context: client.Context{Explain: true}})
	if err != nil {
		t.Fatal(err)
	}
	if no.Allowed || no.Context.Reason != fullmakt.ReasonNestingLimit || len(no.Context.NearMisses) == 0 || no.Context.ReasonUser["nb"] == "" {
		t.Errorf("%+v", no)
	}
	if since := no.Context.NearMisses[0].Steps[0].Since; since.String() != "2024-01-10" {
		t.Errorf("a step of the near miss is since %s", since)
	}
	if no.Context.EvaluatedAt.IsZero() || !no.Context.Time.IsZero() || no.Context.Revision == "" || no.Context.EvaluationID == "" {
		t.Errorf("%+v", no.Context)
	}
	then := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	yes, err := c.Evaluate(t.Context(), client.Question{
		Subject: kari, Action: pkg, For: bergen, Context: client.Context{Time: then, AtLeastAsFresh: no.Context.Revision}})
	if err != nil {
		t.Fatal(err)
	}
	if !yes.Allowed || !yes.Context.MayGive || !yes.Context.Time.Equal(then) || yes.Context.State == "" {
		t.Errorf("%+v", yes)
	}
}

// TestEvaluateAll: answers in order, a part that fails beside parts that do not,
// and a semantic that ends early.
func TestEvaluateAll(t *testing.T) {
	c := start(t, open)
	batch := []client.Question{
		{Subject: kari, Action: pkg, For: bergen},
		{Subject: kari, For: bergen}, // names no action
		{Subject: ola, Action: pkg, For: bergen},
		{Subject: kari, Action: pkg, For: bergen},
	}
	list, err := c.EvaluateAll(t.Context(), batch, client.ExecuteAll)
	if err != nil {
		t.Fatal(err)
	}
	var got []bool
	for _, a := range list {
		got = append(got, a.Allowed)
	}
	if want := []bool{true, false, false, true}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if e := list[1].Context.Error; e == nil || e.Status != 400 || !strings.Contains(e.Message, "action") {
		t.Errorf("the failed part tells %+v", e)
	}
	if list, err = c.EvaluateAll(t.Context(), batch, client.PermitOnFirstPermit); err != nil || len(list) != 1 {
		t.Errorf("%d answers (%v), want the first alone", len(list), err)
	}
	if list, err = c.EvaluateAll(t.Context(), nil, client.ExecuteAll); err != nil || list != nil {
		t.Errorf("no questions: %v, %v", list, err)
	}
}

// TestSearchPages: every page size gives the same list, and a reader may stop.
func TestSearchPages(t *testing.T) {
	c := start(t, open)
	for _, search := range []struct {
		what string
		list func(size int) ([]string, error)
		want int
	}{
		{"subjects", func(size int) (out []string, err error) {
			for e, err := range c.SearchSubjects(t.Context(), client.Search{
				Question: client.Question{Subject: client.Entity{Type: client.Party}, Action: pkg, For: bergen}, PageSize: size}) {
				if err != nil {
					return nil, err
				}
				out = append(out, e.ID)
			}
			return out, nil
		}, 4},
		{"actions", func(size int) (out []string, err error) {
			for a, err := range c.SearchActions(t.Context(), client.Search{Question: client.Question{Subject: kari, For: bergen}, PageSize: size}) {
				if err != nil {
					return nil, err
				}
				out = append(out, a)
			}
			return out, nil
		}, 0},
	} {
		whole, err := search.list(0)
		if err != nil {
			t.Fatal(err)
		}
		if len(whole) == 0 || search.want != 0 && len(whole) != search.want {
			t.Errorf("%s: %d results, want %d", search.what, len(whole), search.want)
		}
		for _, size := range []int{1, 3} {
			got, err := search.list(size)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole, got); diff != "" {
				t.Errorf("%s by %d (-whole +paged):\n%s", search.what, size, diff)
			}
		}
	}
	for range c.SearchResources(t.Context(), client.Search{
		Question: client.Question{Subject: kari, Action: pkg, For: client.Entity{Type: client.Organisation}}, PageSize: 1}) {
		break
	}
}

// TestParties: the filter and the options reach the server.
func TestParties(t *testing.T) {
	c := start(t, open)
	list, err := c.AuthorizedParties(t.Context(), kari, client.PartyOptions{Packages: true, WithoutSubParties: true, Only: []client.Entity{bergen}})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].OrganisationNumber != bergen.ID || len(list[0].Subunits) != 0 || len(list[0].Roles) != 0 || !slices.Contains(list[0].Packages, "maskinporten-scopes") {
		t.Errorf("%+v", list)
	}
	list, err = c.AuthorizedParties(t.Context(), kari, client.PartyOptions{WithoutKeyRoles: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if p.OrganisationNumber == bergen.ID {
			t.Error("Bergen AS is there without key roles")
		}
		if p.Type == "Person" && (p.PersonID != kari.ID || p.DateOfBirth.String() != "1970-01-12") {
			t.Errorf("%+v", p)
		}
	}
	if list, err = c.AuthorizedParties(t.Context(), kari, client.PartyOptions{Only: []client.Entity{}}); err != nil || len(list) != 0 {
		t.Errorf("a filter for nobody: %v, %v", list, err)
	}
}

// TestMetadata: the addresses, and what speaks for another server refused.
func TestMetadata(t *testing.T) {
	c := start(t, open)
	m, err := c.Metadata(t.Context())
	if err != nil || m.PDP != c.URL || m.SearchAction != c.URL+"/access/v1/search/action" {
		t.Errorf("%+v, %v", m, err)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(c.URL, "http://"), ":")
	other := &client.Client{URL: "http://localhost:" + port, HTTP: c.HTTP}
	if _, err := other.Metadata(t.Context()); fullmakt.ErrorCode(err) != fullmakt.CodeConflict {
		t.Errorf("metadata of another address: %v", err)
	}

	tenant := open
	tenant.PublicURL = "http://127.0.0.1:9/tenant"
	c = start(t, tenant)
	c.URL += "/tenant/"
	if _, err := c.Metadata(t.Context()); fullmakt.ErrorCode(err) != fullmakt.CodeConflict || !strings.Contains(err.Error(), tenant.PublicURL) {
		t.Errorf("a tenant's metadata: %v", err)
	}
}

// TestErrors: codes, the server's words, and what finds the request again.
func TestErrors(t *testing.T) {
	c := start(t, open)
	_, err := c.Evaluate(t.Context(), client.Question{Subject: kari, For: bergen})
	wantError(t, err, fullmakt.CodeInvalid, 400, "action")

	_, err = c.AuthorizedParties(t.Context(), client.Entity{Type: client.Person, ID: "1"}, client.PartyOptions{})
	wantError(t, err, fullmakt.CodeInvalid, 400, "Value: ")

	for _, err := range c.SearchResources(t.Context(), client.Search{Question: client.Question{Subject: kari, For: bergen}}) {
		wantError(t, err, fullmakt.CodeInvalid, 400, "action")
	}
	_, err = c.Evaluate(t.Context(), client.Question{Subject: kari, Action: pkg, For: bergen, Context: client.Context{AtLeastAsFresh: "AQAAAAAAAAB_"}})
	wantError(t, err, fullmakt.CodeUnavailable, 503, "revision")

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Evaluate(cancelled, client.Question{}); !errors.Is(err, context.Canceled) || fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
		t.Errorf("cancelled: %v", err)
	}
}

func wantError(t *testing.T, err error, code fullmakt.Code, status int, words string) {
	t.Helper()
	var told *client.StatusError
	if fullmakt.ErrorCode(err) != code || !errors.As(err, &told) || told.Status != status || !strings.Contains(told.Message, words) || told.RequestID == "" {
		t.Errorf("%v (code %s), want %s, %d and %q", err, fullmakt.ErrorCode(err), code, status, words)
	}
	if status == 503 && told.RetryAfter != time.Second {
		t.Errorf("503 says to wait %s", told.RetryAfter)
	}
}

// TestToken: the token is sent, its lack is CodeForbidden, and the error of its
// source is passed on.
func TestToken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.json")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "ES256", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, keys, 0o600); err != nil {
		t.Fatal(err)
	}
	c := start(t, api.Config{PublicURL: "https://fullmakt.example", Authentication: api.Authentication{
		Issuers: []api.IssuerConfig{{Name: "test", Issuer: "https://issuer.example/", JWKSFile: file, Algorithms: []string{"ES256"}, Audiences: []string{"https://fullmakt.example"}}}}})
	_, err = c.Evaluate(t.Context(), client.Question{Subject: kari, Action: pkg, For: bergen})
	wantError(t, err, fullmakt.CodeForbidden, 401, "bearer token")
	c.Token = func(context.Context) (string, error) { return "no.good.token", nil }
	_, err = c.Evaluate(t.Context(), client.Question{Subject: kari, Action: pkg, For: bergen})
	wantError(t, err, fullmakt.CodeForbidden, 401, "not taken")
	failed := errors.New("the issuer is away")
	c.Token = func(context.Context) (string, error) { return "", failed }
	if _, err := c.Evaluate(t.Context(), client.Question{}); !errors.Is(err, failed) {
		t.Errorf("%v", err)
	}
}

// TestOddServers: answers that are none of a server's are errors.
func TestOddServers(t *testing.T) {
	for _, odd := range []struct {
		what string
		code fullmakt.Code
		do   http.HandlerFunc
	}{
		{"a page of a proxy", fullmakt.CodeUnavailable, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			io.WriteString(w, "<h1>Bad gateway</h1>")
		}},
		{"no JSON", fullmakt.CodeUnavailable, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }},
		{"a list that does not move on", fullmakt.CodeUnavailable, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"page":{"next_token":"same"},"results":[{"type":"a","id":"b"}]}`)
		}},
		{"a code of another kind", fullmakt.CodeNotFound, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, `{"title":"Not Found","code":"AM-00023"}`)
		}},
	} {
		server := httptest.NewServer(odd.do)
		c := &client.Client{URL: server.URL, HTTP: server.Client()}
		var err error
		for _, e := range c.SearchSubjects(t.Context(), client.Search{}) {
			err = e
		}
		if fullmakt.ErrorCode(err) != odd.code {
			t.Errorf("%s: %v, code %s", odd.what, err, fullmakt.ErrorCode(err))
		}
		server.Client().CloseIdleConnections()
		server.Close()
	}
	answers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"evaluations":[]}`) }))
	defer answers.Close()
	c := &client.Client{URL: answers.URL, HTTP: answers.Client()}
	if _, err := c.EvaluateAll(t.Context(), []client.Question{{}}, ""); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
		t.Errorf("an answer too few: %v", err)
	}
	answers.Client().CloseIdleConnections()
}
