package api

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/text"
)

// What all endpoints that Altinn's clients know have in common: camelCase out with
// nulls written, letter case ignored in, unknown parameters and keys ignored, and
// two shapes of error.

// altinn makes a route of one of Altinn's endpoints.
func altinn(method, pattern string, scopes []string, handle func(*Server, *call) error) route {
	return route{method: method, pattern: pattern, scopes: scopes, handle: handle, fail: failAltinn}
}

// altinnOpen makes a route of an endpoint that needs no token.
func altinnOpen(method, pattern string, handle func(*Server, *call) error) route {
	return route{method: method, pattern: pattern, anonymous: true, handle: handle, fail: failAltinn}
}

// altinnPage is a list with room for a link to the next page. There is never one: a list
// is answered whole.
type altinnPage[T any] struct {
	Links struct {
		Next *string `json:"next"`
	} `json:"links"`
	Data []T `json:"data"`
}

func pageOf[T any](items []T) altinnPage[T] {
	if items == nil {
		items = []T{}
	}
	return altinnPage[T]{Data: items}
}

// orNull returns what writes s, or null for an empty one.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// altinnQuery holds the query parameters, their names in lower case.
type altinnQuery map[string][]string

// altinnQuery reads the query string. A query that cannot be taken apart is an error, and not
// a list without its filter.
func (c *call) altinnQuery() (altinnQuery, error) {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "the query string cannot be read")
	}
	p := altinnQuery{}
	for _, spelled := range slices.Sorted(maps.Keys(values)) { // in one order, so that the first value is always the same
		name := strings.ToLower(spelled)
		p[name] = append(p[name], values[spelled]...)
	}
	return p, nil
}

// one returns the first value of a parameter, "" where there is none.
func (p altinnQuery) one(name string) string {
	if list := p[strings.ToLower(name)]; len(list) > 0 {
		return strings.TrimSpace(list[0])
	}
	return ""
}

// all returns every value of a parameter that is not empty.
func (p altinnQuery) all(name string) []string {
	return slices.DeleteFunc(slices.Clone(p[strings.ToLower(name)]), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// flag reads true or false, in any letter case.
func (p altinnQuery) flag(name string, fallback bool) (bool, error) {
	switch v := p.one(name); {
	case v == "":
		return fallback, nil
	case strings.EqualFold(v, "true"):
		return true, nil
	case strings.EqualFold(v, "false"):
		return false, nil
	}
	return false, invalidField(name, "want true or false")
}

// choice reads true, false or auto. Auto asks the server to choose; there is no
// profile of a user here to choose by, and a list is never quietly short, so it
// means true.
func (p altinnQuery) choice(name string) (bool, error) {
	if strings.EqualFold(p.one(name), "auto") {
		return true, nil
	}
	yes, err := p.flag(name, true)
	if err != nil {
		return false, invalidField(name, "want true, false or auto")
	}
	return yes, nil
}

// uuids reads every value of a parameter as a UUID.
func (p altinnQuery) uuids(name string) (list []fullmakt.UUID, err error) {
	for _, v := range p.all(name) {
		u, err := fullmakt.ParseUUID(strings.TrimSpace(v))
		if err != nil {
			return nil, invalidField(name, "want a UUID")
		}
		list = append(list, u)
	}
	return list, nil
}

// altinnLang returns the language of names: the parameter language, else the
// header.
func (c *call) altinnLang(p altinnQuery) string {
	if lang, ok := text.ParseLang(strings.TrimPrefix(strings.ToLower(p.one("language")), "no_")); ok {
		return string(lang)
	}
	return string(c.lang())
}

// readJSON reads the body, an object, into v.
func (c *call) readJSON(v any) error {
	if !c.isJSON() {
		return statusf(http.StatusUnsupportedMediaType, "the body must be application/json")
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	dec := json.NewDecoder(strings.NewReader(string(body)))
	if err := dec.Decode(v); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field != "" {
			return invalidField("$."+wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:], "want another type of value than "+wrong.Value)
		}
		return invalidField("$", "the body is not the JSON object that is wanted")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return invalidField("$", "there is more after the JSON object")
	}
	return nil
}

// fieldErrors are what is wrong with a request, as ASP.NET tells it: by field.
type fieldErrors map[string][]string

func invalidField(field, why string) error { return fieldErrors{field: {why}} }

// Error names the fields.
func (f fieldErrors) Error() string {
	var parts []string
	for field, why := range f {
		parts = append(parts, field+": "+strings.Join(why, ", "))
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

// Unwrap gives the error its code, and with it its status.
func (f fieldErrors) Unwrap() error {
	return &fullmakt.Error{Code: fullmakt.CodeInvalid, Message: f.Error()}
}

// altinnError is an error with a code of Altinn's catalogue.
type altinnError struct {
	status int
	code   string // AM-00023
	title  string // "" for that of the status
	detail string
	fields []altinnField // of a validation error, whose code is STD-00000
}

// altinnField is one thing that is wrong with a request.
type altinnField struct {
	code  string   // AM.VLD-00009
	paths []string // QUERY/party
	text  string
}

func (e *altinnError) Error() string { return e.detail }

// Unwrap gives the error its status.
func (e *altinnError) Unwrap() error { return statusf(e.status, "%s", e.detail) }

// The codes of Altinn's catalogue that we answer with.
const (
	amValidation      = "STD-00000"
	amEntityType      = "AM-00018"
	amPartyNotFound   = "AM-00023"
	amMayNotDelegate  = "AM-00028"
	vldInvalidQuery   = "AM.VLD-00009"
	vldPackageUnknown = "AM.VLD-00011"

	vldInvalidResource      = "AM.VLD-00002"
	vldNoEntity             = "AM.VLD-00006"
	vldEntityType           = "AM.VLD-00008"
	vldActiveConnections    = "AM.VLD-00010"
	vldNoResource           = "AM.VLD-00012"
	vldResourceNotDelegable = "AM.VLD-00049"

	notImplemented = "AUTHZ-00000"
)

// invalidQuery says that query parameters are wrong, in Altinn's own shape.
func invalidQuery(code, why string, names ...string) error {
	paths := make([]string, len(names))
	for i, n := range names {
		paths[i] = "QUERY/" + n
	}
	return &altinnError{status: http.StatusBadRequest, code: amValidation, detail: "One or more validation errors occurred.",
		fields: []altinnField{{code: code, paths: paths, text: why}}}
}

// altinnProblem is a problem as Altinn's clients read it.
type altinnProblem struct {
	Type    string              `json:"type"`
	Title   string              `json:"title"`
	Status  int                 `json:"status"`
	Detail  *string             `json:"detail"`
	TraceID string              `json:"traceId"`
	Code    *string             `json:"code"`
	Errors  fieldErrors         `json:"errors,omitempty"`
	Fields  []altinnFieldOnWire `json:"validationErrors,omitempty"`
}

type altinnFieldOnWire struct {
	Code        string   `json:"code"`
	Detail      string   `json:"detail"`
	Description string   `json:"description"` // the frontend's name for detail
	Paths       []string `json:"paths"`
}

// failAltinn writes an error as Altinn does.
func failAltinn(c *call, err error) {
	status := statusOf(err)
	p := altinnProblem{Type: "about:blank", Title: http.StatusText(status), Status: status, TraceID: c.traceID()}
	if p.TraceID == "" {
		p.TraceID = c.requestID
	}
	var fields fieldErrors
	var am *altinnError
	switch {
	case errors.As(err, &fields):
		p.Title, p.Errors = "One or more validation errors occurred.", fields
	case errors.As(err, &am):
		p.Code, p.Detail = orNull(am.code), orNull(am.detail)
		if am.title != "" {
			p.Title = am.title
		}
		for _, f := range am.fields {
			p.Fields = append(p.Fields, altinnFieldOnWire{Code: f.code, Detail: f.text, Description: f.text, Paths: f.paths})
		}
	default:
		p.Detail = orNull(messageOf(err))
	}
	body, err := json.Marshal(p)
	if err != nil {
		c.log().Error("a problem cannot be written", "error", err)
		body = []byte(`{"type":"about:blank","title":"Internal Server Error","status":500}`)
	}
	c.write(status, "application/problem+json", body)
}

// appendJSONString appends s as a JSON string, as encoding/json writes it.
func appendJSONString(b []byte, s string) []byte {
	for i := range len(s) {
		if ch := s[i]; ch < ' ' || ch == '"' || ch == '\\' || ch >= 0x7f || ch == '<' || ch == '>' || ch == '&' {
			return appendJSONSlow(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func appendJSONSlow(b []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil { // no string fails
		return strconv.AppendQuoteToASCII(b, s)
	}
	return append(b, text...)
}
