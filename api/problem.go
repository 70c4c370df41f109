package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/fullmakt/fullmakt"
)

// statusError is an error whose HTTP status does not follow from a code.
type statusError struct {
	status int
	err    *fullmakt.Error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

// statusf makes an error with a status of its own.
func statusf(status int, format string, args ...any) *statusError {
	code := fullmakt.CodeInvalid
	switch {
	case status == http.StatusNotFound:
		code = fullmakt.CodeNotFound
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		code = fullmakt.CodeForbidden
	case status >= http.StatusInternalServerError:
		code = fullmakt.CodeUnavailable
	}
	return &statusError{status: status, err: fullmakt.Errorf(code, format, args...)}
}

// hinted adds what the caller can do about it.
func (e *statusError) hinted(format string, args ...any) *statusError {
	e.err.Hint = fmt.Sprintf(format, args...)
	return e
}

// statusOf is the one place where codes become statuses.
func statusOf(err error) int {
	var s *statusError
	if errors.As(err, &s) {
		return s.status
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable
	}
	switch fullmakt.ErrorCode(err) {
	case fullmakt.CodeInvalid, fullmakt.CodeAmbiguous:
		return http.StatusBadRequest
	case fullmakt.CodeNotFound:
		return http.StatusNotFound
	case fullmakt.CodeConflict:
		return http.StatusConflict
	case fullmakt.CodeForbidden:
		return http.StatusForbidden
	case fullmakt.CodeStale, fullmakt.CodeUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// inside reports whether an error is a matter of this server alone: a defect, or
// a store that cannot be used. Its text is for the log.
func inside(err error) bool {
	var s *statusError
	if errors.As(err, &s) {
		return s.status == http.StatusInternalServerError
	}
	return statusOf(err) >= http.StatusInternalServerError && fullmakt.ErrorCode(err) != fullmakt.CodeStale
}

// messageOf returns what a caller is told: never what went wrong inside.
func messageOf(err error) string {
	switch {
	case inside(err) && statusOf(err) == http.StatusServiceUnavailable:
		return "the register cannot be used now; the request id finds the reason in the log"
	case inside(err):
		return "something went wrong here; the request id finds it in the log"
	}
	message := err.Error()
	if hint := fullmakt.ErrorHint(err); hint != "" {
		message += ": " + hint
	}
	return message
}

// problem is an error as RFC 9457 writes it, with the members that Altinn's
// clients read.
type problem struct {
	Type    string        `json:"type"`
	Title   string        `json:"title"`
	Status  int           `json:"status"`
	Detail  string        `json:"detail,omitempty"`
	Code    fullmakt.Code `json:"code,omitempty"`
	TraceID string        `json:"traceId"`
}

// fail answers with an error, as the route's family writes them.
func (c *call) fail(err error) {
	status := statusOf(err)
	if inside(err) && c.r.Context().Err() != context.Canceled { // a client that has gone away is no trouble
		c.log().Error("request failed", "error", err)
	}
	h := c.w.Header()
	switch status {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		if h.Get("Retry-After") == "" {
			h.Set("Retry-After", "1")
		}
	}
	if c.route.fail != nil {
		c.route.fail(c, err)
		return
	}
	c.writeProblem(problem{Title: http.StatusText(status), Status: status, Detail: messageOf(err), Code: fullmakt.ErrorCode(err)})
}

// writeProblem answers with problem details.
func (c *call) writeProblem(p problem) {
	if p.Type == "" {
		p.Type = "about:blank"
	}
	if p.TraceID == "" {
		if p.TraceID = c.traceID(); p.TraceID == "" {
			p.TraceID = c.requestID
		}
	}
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"type":"about:blank","title":"Internal Server Error","status":500}`)
	}
	c.write(p.Status, "application/problem+json", body)
}
