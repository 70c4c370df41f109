package api

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzEvaluation: no body, whatever it is, brings the server down, and what is
// taken is JSON, as are the answers.
func FuzzEvaluation(f *testing.F) {
	s, err := New(demoNode(f), openConfig())
	if err != nil {
		f.Fatal(err)
	}
	good, err := json.Marshal(question1)
	if err != nil {
		f.Fatal(err)
	}
	batch, err := json.Marshal(obj{"subject": person(kari), "action": obj{"name": seed}, "evaluations": []obj{{"resource": org(bergen)}, {}}})
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range []string{
		string(good), string(batch), "", "null", "[]", "{", `{"a":1,"a":2}`, strings.Repeat("[", 100),
		`{"subject":{"type":"` + personURN + `","id":"\ud800"}}`,
		`{"subject":1,"action":[],"resource":true,"evaluations":{"a":1},"page":"x","options":0,"context":[]}`,
		`{"subject":{"type":"person","id":"\u0031"},"action":{"name":"DAGL"},"resource":{"type":"org","id":""},"page":{"limit":2,"token":"x"},"context":{"explain":true,"time":"2026-01-01T00:00:00Z"}}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, path := range []string{evaluationPath, evaluationsPath, subjectPath, resourcePath, actionPath} {
			r := httptest.NewRequest("POST", "http://localhost"+path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if w.Code != 200 && w.Code != 400 && w.Code != 413 && w.Code != 503 || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
			if w.Code == 200 && !json.Valid([]byte(body)) {
				t.Errorf("%s took what is no JSON: %q", path, body)
			}
		}
	})
}

// TestErrorsInside: what goes wrong inside is in the log, and not in the answer.
func TestErrorsInside(t *testing.T) {
	var log bytes.Buffer
	s, err := New(demoNode(t), openConfig(), WithLog(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	mux := s.mount([]route{{method: "GET", pattern: "/error", anonymous: true, handle: func(*Server, *call) error { return io.ErrUnexpectedEOF }}})
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/error", nil))
	if w.Code != 500 || strings.Contains(w.Body.String(), "EOF") || w.Header().Get("X-Request-ID") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "unexpected EOF") {
		t.Error(log.String())
	}
}
