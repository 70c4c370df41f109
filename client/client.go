package client

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Client asks one server.
type Client struct {
	// URL is the server's address, with the path of a tenant where it has one.
	URL string
	// HTTP sends the requests; nil means http.DefaultClient.
	HTTP *http.Client
	// Token returns the bearer token of a request; nil sends none. It is asked for
	// every request, so it should remember a token while that is good.
	Token func(context.Context) (string, error)
}

// StatusError is an answer other than 200.
type StatusError struct {
	Status     int           // of HTTP
	Message    string        // the server's words
	RequestID  string        // finds the request in the server's log
	RetryAfter time.Duration // how long to wait before asking again; 0 when the server does not say
}

// Error tells the status and the server's words.
func (e *StatusError) Error() string {
	if e.Message == "" {
		return strconv.Itoa(e.Status) + " " + http.StatusText(e.Status)
	}
	return strconv.Itoa(e.Status) + ": " + e.Message
}

// longestError bounds what is read of an answer that is no success.
const longestError = 64 << 10

// ask sends one request and decodes the answer into v. A nil question sends no
// body.
func (c *Client) ask(ctx context.Context, method, path string, question, v any) error {
	var body io.Reader
	if question != nil {
		data, err := json.Marshal(question)
		if err != nil {
			return fullmakt.Errorf(fullmakt.CodeInvalid, "%s: %w", path, err)
		}
		body = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+path, body)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the server's URL: %w", err)
	}
	r.Header.Set("Accept", "application/json")
	if question != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.Token != nil {
		token, err := c.Token(ctx)
		if err != nil {
			return fullmakt.Errorf(fullmakt.CodeForbidden, "a token for %s: %w", r.URL.Host, err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
	web := c.HTTP
	if web == nil {
		web = http.DefaultClient
	}
	resp, err := web.Do(r)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "%w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return refused(path, resp)
	}
	if err := json.NewDecoder(resp.Body).Decode(v); err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "%s: the answer cannot be read: %w", path, err)
	}
	return nil
}

// refused makes an error of an answer that is no success.
func refused(path string, resp *http.Response) error {
	e := &StatusError{Status: resp.StatusCode, RequestID: resp.Header.Get("X-Request-Id")}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, longestError)) // what has come must do
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	var code fullmakt.Code
	e.Message, code = words(media, body)
	if code == "" {
		code = codeOf(e.Status)
	}
	return fullmakt.Errorf(code, "%s: %w", path, e)
}

// words returns what a server says of an error: AuthZEN's errors are a string,
// the others problem details (RFC 9457), with the wrong fields where Altinn's
// clients expect them.
func words(media string, body []byte) (message string, code fullmakt.Code) {
	if !strings.HasSuffix(media, "json") {
		return "", ""
	}
	if json.Unmarshal(body, &message) == nil {
		return message, ""
	}
	var problem struct {
		Title, Detail string
		Code          string
		Errors        map[string][]string
	}
	if json.Unmarshal(body, &problem) != nil {
		return "", ""
	}
	if message = problem.Detail; message == "" {
		message = problem.Title
	}
	for _, field := range slices.Sorted(maps.Keys(problem.Errors)) {
		message += "; " + field + ": " + strings.Join(problem.Errors[field], ", ")
	}
	switch code := fullmakt.Code(problem.Code); code {
	case fullmakt.CodeInvalid, fullmakt.CodeNotFound, fullmakt.CodeAmbiguous, fullmakt.CodeConflict,
		fullmakt.CodeForbidden, fullmakt.CodeStale, fullmakt.CodePartial, fullmakt.CodeUnavailable:
		return message, code
	}
	return message, "" // a code of Altinn's own
}

func codeOf(status int) fullmakt.Code {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fullmakt.CodeForbidden
	case status == http.StatusNotFound:
		return fullmakt.CodeNotFound
	case status == http.StatusConflict:
		return fullmakt.CodeConflict
	case status == http.StatusTooManyRequests, status >= 500:
		return fullmakt.CodeUnavailable
	}
	return fullmakt.CodeInvalid
}

// Metadata are the addresses of a decision point.
type Metadata struct {
	PDP            string `json:"policy_decision_point"`
	Evaluation     string `json:"access_evaluation_endpoint"`
	Evaluations    string `json:"access_evaluations_endpoint"`
	SearchSubject  string `json:"search_subject_endpoint"`
	SearchResource string `json:"search_resource_endpoint"`
	SearchAction   string `json:"search_action_endpoint"`
}

// Metadata asks the server what it calls itself. An answer about another address
// than the client's is an error, as AuthZEN demands: somebody else speaks for the
// server.
func (c *Client) Metadata(ctx context.Context) (Metadata, error) {
	const path = "/.well-known/authzen-configuration"
	u, err := url.Parse(c.URL)
	if err != nil {
		return Metadata{}, fullmakt.Errorf(fullmakt.CodeInvalid, "the server's URL: %w", err)
	}
	// The path of a tenant follows the well-known one.
	tenant := strings.TrimSuffix(u.EscapedPath(), "/")
	u.Path, u.RawPath = "", ""
	root := &Client{URL: u.String(), HTTP: c.HTTP} // open to all: no token
	var m Metadata
	if err := root.ask(ctx, http.MethodGet, path+tenant, nil, &m); err != nil {
		return Metadata{}, err
	}
	if want := strings.TrimSuffix(c.URL, "/"); m.PDP != want {
		return Metadata{}, fullmakt.Errorf(fullmakt.CodeConflict, "the metadata at %s are of %s", want, m.PDP).
			WithHint("ask the server by the address that it is configured with")
	}
	return m, nil
}
