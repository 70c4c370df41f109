package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/maskinporten"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

// TestToken makes a client while a mock Maskinporten runs, and gets tokens for it.
func TestToken(t *testing.T) {
	clients := filepath.Join(t.TempDir(), "clients")
	var mock *maskinporten.Server
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { mock.ServeHTTP(w, r) }))
	defer web.Close()
	issuer := web.URL + "/maskinporten/"
	var err error
	mock, err = maskinporten.New(maskinporten.Options{
		Issuer: issuer, Clients: clients, Now: func() time.Time { return testNow },
		Delegation: func(_ context.Context, consumer, _ fullmakt.OrgNumber, _ string) (maskinporten.Delegation, bool, error) {
			return maskinporten.Delegation{Source: web.URL}, consumer == 310000019, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if code, _, errs := ask(t, "client", "new", "payroll", "--clients", clients, "--org", "310000027", "--scope", "fullmakt:evaluate", "--scope", "fullmakt:audit"); code != 0 {
		t.Fatal(errs)
	}
	flags := []string{"token", "payroll", "--clients", clients, "--issuer", issuer}
	tests := []struct {
		name string
		args []string
		code int
		want map[string]any // some claims, or with a code other than 0 nothing
	}{
		{"all scopes", nil, 0, map[string]any{"scope": "fullmakt:audit fullmakt:evaluate", "aud": web.URL, "consumer": wireConsumer("310000027")}},
		{"one scope", []string{"--scope", "fullmakt:audit", "--resource", "http://other"}, 0, map[string]any{"scope": "fullmakt:audit", "aud": "http://other"}},
		{"delegated", []string{"--consumer", "310000019"}, 0, map[string]any{"consumer": wireConsumer("310000019"), "supplier": wireConsumer("310000027")}},
		{"not delegated", []string{"--consumer", "310000035"}, exitForbidden, nil},
		{"no such system user", []string{"--system-user", "310000019"}, exitForbidden, nil},
		{"another's scope", []string{"--scope", "fullmakt:admin"}, exitForbidden, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, out, errs := ask(t, append(flags, tt.args...)...)
			if code != tt.code {
				t.Fatalf("exit status %d, want %d: %s", code, tt.code, errs)
			}
			if code != 0 {
				if !strings.Contains(errs, issuer+"errors#MP-") || out != "" {
					t.Errorf("told %q and %q", out, errs)
				}
				return
			}
			jws, err := jose.ParseSignedCompact(strings.TrimSuffix(out, "\n"), []jose.SignatureAlgorithm{jose.RS256})
			if err != nil {
				t.Fatalf("%v: %q", err, out)
			}
			payload, err := jws.Verify(mock.Keys().Keys[0])
			if err != nil {
				t.Fatal(err)
			}
			var claims map[string]any
			if err := json.Unmarshal(payload, &claims); err != nil {
				t.Fatal(err)
			}
			for claim, want := range tt.want {
				if diff := cmp.Diff(want, claims[claim]); diff != "" {
					t.Errorf("%s: %s", claim, diff)
				}
			}
		})
	}
	if code, out, _ := ask(t, append(flags, "-o", "json")...); code != 0 || !strings.Contains(out, `"token_type":"Bearer","expires_in":120`) {
		t.Errorf("JSON: %s", out)
	}
}

func wireConsumer(number string) map[string]any {
	return map[string]any{"authority": "iso6523-actorid-upis", "ID": "0192:" + number}
}
