package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/world"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testNow is when the tests' requests are made, unless they say otherwise.
var testNow = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// demoNode opens the demo world, loaded.
func demoNode(t testing.TB) *node.Node {
	t.Helper()
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Demo(cat)
	if err != nil {
		t.Fatal(err)
	}
	return openWorld(t, cat, w)
}

// worldNode opens a register written as the world files are, loaded.
func worldNode(t testing.TB, register string) *node.Node {
	t.Helper()
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Parse(t.Name(), []byte("-- register --\n"+register), cat)
	if err != nil {
		t.Fatal(err)
	}
	return openWorld(t, cat, w)
}

func openWorld(t testing.TB, cat *catalogue.Catalogue, w *world.World) *node.Node {
	t.Helper()
	n, err := node.Open(context.Background(), node.Options{Catalogue: cat, World: w})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	if _, err := n.Snapshot(context.Background()); err != nil {
		t.Fatal(err)
	}
	return n
}

// openConfig is a configuration without authentication and without limits of rate.
func openConfig() Config {
	return Config{
		Listen: "127.0.0.1:8080", Authentication: Authentication{Off: true},
		Limits: Limits{RequestsPerSecond: -1},
	}
}

// client talks to a server under test.
type apitest struct {
	*testing.T
	server *Server
	http   *httptest.Server
	// header is sent with every request.
	header http.Header
	// unchecked leaves out the comparison with openapi.yaml.
	unchecked bool
}

// serveAPI starts a server on a node.
func serveAPI(t *testing.T, n *node.Node, cfg Config, opts ...Option) *apitest {
	t.Helper()
	opts = append([]Option{WithClock(func() time.Time { return testNow })}, opts...)
	s, err := New(n, cfg, opts...)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		h.Client().CloseIdleConnections()
		h.Close()
	})
	return &apitest{T: t, server: s, http: h, header: http.Header{}}
}

// answer is what came back.
type answer struct {
	*http.Response
	body []byte
}

// do sends a request and checks the exchange against openapi.yaml. A body that is a string goes as it is, nil sends none, and
// anything else goes as JSON. Headers come in pairs of name and value.
func (a *apitest) do(method, path string, body any, headers ...string) answer {
	a.Helper()
	var reader io.Reader
	var sent []byte
	switch b := body.(type) {
	case nil:
	case string:
		sent = []byte(b)
	default:
		var err error
		if sent, err = json.Marshal(b); err != nil {
			a.Fatal(err)
		}
	}
	if body != nil {
		reader = bytes.NewReader(sent)
	}
	r, err := http.NewRequest(method, a.http.URL+path, reader)
	if err != nil {
		a.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range a.header {
		r.Header[k] = v
	}
	for i := 0; i+1 < len(headers); i += 2 {
		switch headers[i+1] {
		case "":
			r.Header.Del(headers[i])
		default:
			r.Header.Set(headers[i], headers[i+1])
		}
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	resp, err := a.http.Client().Do(r)
	if err != nil {
		a.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		a.Fatal(err)
	}
	got := answer{resp, data}
	if !a.unchecked {
		conforms(a, r, sent, got)
	}
	return got
}

// json decodes an answer whose status must be as wanted.
func (a *apitest) json(got answer, status int, into any) {
	a.Helper()
	if got.StatusCode != status {
		a.Fatalf("status %d, want %d: %s", got.StatusCode, status, got.body)
	}
	if err := json.Unmarshal(got.body, into); err != nil {
		a.Fatalf("%v: %s", err, got.body)
	}
}
