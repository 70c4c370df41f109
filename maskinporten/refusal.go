package maskinporten

import (
	"fmt"
	"net/http"
)

// The codes of errors. They stand at the end of error_description and in
// error_uri, where a page says what they mean.
const (
	codeRequest = "MP-100"
	codeClient  = "MP-110"
	codeScope   = "MP-120"
	codeDetails = "MP-121"
)

// unavailable is OAuth's word for a refusal that may be another answer later.
const unavailable = "temporarily_unavailable"

var codeTexts = []struct{ code, text string }{
	{codeRequest, "The request or the grant in it is not as it must be: a parameter, a claim, a time, or a claim that is not known."},
	{codeClient, "The client is not known, or the grant is not signed with a key of its."},
	{codeScope, "The client does not have the scope, or the consumer has not delegated it to the client's organisation."},
	{codeDetails, "The authorization details are not as they must be, or there is no such system user."},
}

// refusal is an error answer.
type refusal struct {
	code        string // ours
	kind        string // OAuth's
	description string
}

func refused(code, kind, format string, args ...any) *refusal {
	return &refusal{code: code, kind: kind, description: fmt.Sprintf(format, args...)}
}

// wireRefusal is the JSON of an error.
type wireRefusal struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
	URI         string `json:"error_uri"`
}

func (s *Server) refuse(w http.ResponseWriter, status int, r *refusal) {
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, status, wireRefusal{
		Error: r.kind, Description: r.description + " (" + r.code + ")", URI: s.o.Issuer + "errors#" + r.code,
	})
}

// errorPage says what the codes mean.
func errorPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, "<!doctype html><html lang=en><title>Errors of the mock Maskinporten</title><h1>Errors</h1><dl>")
	for _, c := range codeTexts {
		fmt.Fprintf(w, "<dt id=%s>%s<dd>%s", c.code, c.code, c.text)
	}
	fmt.Fprint(w, "</dl></html>\n")
}
