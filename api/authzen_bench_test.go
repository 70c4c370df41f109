package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// plainRoutes are endpoints behind the same steps as AuthZEN's that only decode
// the request and encode an answer of the same shape: what HTTP and JSON cost.
func plainRoutes() []route {
	type part struct {
		Type, ID, Name string
		Properties     map[string]any
	}
	type question struct {
		Subject, Action, Resource part
		Context                   map[string]any
	}
	type request struct {
		question
		Evaluations []question
	}
	type reasons struct {
		NB string `json:"nb"`
		NN string `json:"nn"`
		EN string `json:"en"`
	}
	type context struct {
		Reason       string  `json:"reason"`
		ReasonUser   reasons `json:"reason_user"`
		MayGive      bool    `json:"may_give"`
		State        string  `json:"state"`
		Revision     string  `json:"revision"`
		EvaluatedAt  string  `json:"evaluated_at"`
		EvaluationID string  `json:"evaluation_id"`
	}
	type decision struct {
		Decision bool    `json:"decision"`
		Context  context `json:"context"`
	}
	var user reasons
	if err := json.Unmarshal([]byte(`{"nb":"Fullmakten går ett ledd videre, gjennom en virksomhet der parten har en nøkkelrolle.","nn":"Fullmakta går eitt ledd vidare, gjennom ei verksemd der parten har ei nøkkelrolle.","en":"The authority passes on one hop, through an organisation where the party has a key role."}`), &user); err != nil {
		panic(err)
	}
	answer := func(s *Server, c *call) decision {
		return decision{true, context{"held_via_nesting", user, true, "active", "AQAAAAAAAAAB", c.now.UTC().Format(time.RFC3339), s.newID()}}
	}
	handle := func(s *Server, c *call) error {
		body, err := c.body()
		if err != nil {
			return err
		}
		var r request
		if err := json.Unmarshal(body, &r); err != nil {
			return err
		}
		if len(r.Evaluations) == 0 {
			return c.writeJSON(200, answer(s, c))
		}
		out := struct {
			Evaluations []decision `json:"evaluations"`
		}{make([]decision, len(r.Evaluations))}
		for i := range out.Evaluations {
			out.Evaluations[i] = answer(s, c)
		}
		return c.writeJSON(200, out)
	}
	return []route{
		{method: "POST", pattern: "/plain/evaluation", scopes: []string{scopeEvaluate}, handle: handle, fail: authzenFail},
		{method: "POST", pattern: "/plain/evaluations", scopes: []string{scopeEvaluate}, handle: handle, fail: authzenFail},
	}
}

// benchRequests are a single evaluation and a batch of a hundred.
func benchRequests(b *testing.B) (single, batch []byte) {
	b.Helper()
	var items []obj
	for i := range 100 {
		items = append(items, obj{"resource": org([]string{bergen, trondheim, oslo}[i%3])})
	}
	single, err := json.Marshal(question1)
	if err != nil {
		b.Fatal(err)
	}
	batch, err = json.Marshal(obj{"subject": person(kari), "action": obj{"name": seed}, "evaluations": items})
	if err != nil {
		b.Fatal(err)
	}
	return single, batch
}

// BenchmarkEvaluation compares AuthZEN's endpoints with ones that only decode and
// encode the same JSON behind the same steps: over HTTP/1.1 with kept connections,
// and without the network.
func BenchmarkEvaluation(b *testing.B) {
	s, err := New(demoNode(b), openConfig())
	if err != nil {
		b.Fatal(err)
	}
	mux := s.mount(append(s.routes, plainRoutes()...))
	single, batch := benchRequests(b)
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, bench := range []struct {
		name, path string
		body       []byte
	}{
		{"single", "/access/v1/evaluation", single}, {"single/json-only", "/plain/evaluation", single},
		{"batch-100", "/access/v1/evaluations", batch}, {"batch-100/json-only", "/plain/evaluations", batch},
	} {
		b.Run("handler/"+bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest("POST", "http://localhost"+bench.path, bytes.NewReader(bench.body))
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				mux.ServeHTTP(w, r)
				if w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
		b.Run("http/"+bench.name, func(b *testing.B) {
			benchHTTP(b, server.Listener.Addr().String(), bench.path, bench.body)
		})
	}
}

// benchHTTP sends the same request over one kept connection, with a client that
// does as little as it can, so that it is the server that is measured.
func benchHTTP(b *testing.B, addr, path string, body []byte) {
	b.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	request := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
	buffer := make([]byte, 256<<10)
	for b.Loop() {
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		if err := readAnswer(conn, buffer); err != nil {
			b.Fatal(err)
		}
	}
}

// readAnswer reads one answer with a Content-Length.
func readAnswer(conn io.Reader, buffer []byte) error {
	have := 0
	for {
		n, err := conn.Read(buffer[have:])
		if err != nil {
			return err
		}
		have += n
		head, rest, found := bytes.Cut(buffer[:have], []byte("\r\n\r\n"))
		if !found {
			continue
		}
		if !bytes.HasPrefix(head, []byte("HTTP/1.1 200 ")) {
			return fmt.Errorf("answered %s", head)
		}
		_, after, _ := bytes.Cut(head, []byte("Content-Length: "))
		var length int
		if _, err := fmt.Sscanf(string(after), "%d", &length); err != nil {
			return err
		}
		for want := have - len(rest) + length; have < want; have += n {
			if n, err = conn.Read(buffer[have:want]); err != nil {
				return err
			}
		}
		return nil
	}
}

// BenchmarkReadAsked is the decoding alone.
func BenchmarkReadAsked(b *testing.B) {
	single, batch := benchRequests(b)
	limits := Limits{}.withDefaults()
	for name, body := range map[string][]byte{"single": single, "batch-100": batch} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := readAsked(body, limits); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFirstPage is the first page of whom a key holder of an accountant with
// 13,000 clients may act for.
func BenchmarkFirstPage(b *testing.B) {
	if testing.Short() {
		b.Skip("the world takes a while to make")
	}
	s, err := New(worldNode(b, pagingWorld(13_000)), openConfig())
	if err != nil {
		b.Fatal(err)
	}
	for _, limit := range []int{100, 10_000} {
		body, err := json.Marshal(with(evaluation(person(anne), accounting, obj{"type": orgURN}), "page", obj{"limit": limit}))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(limit), func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest("POST", "http://localhost"+resourcePath, bytes.NewReader(body))
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				s.Handler().ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
