package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
)

// The exit statuses.
const (
	exitOK          = 0
	exitNo          = 1 // also: a difference or a failed assertion was found
	exitUsage       = 2
	exitPartial     = 3
	exitUnknown     = 4
	exitForbidden   = 5
	exitUnavailable = 6
	exitInterrupted = 130
)

// status is an exit status that needs no words: the result has been printed.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// reasoned is an error that stands for one of the reasons of an answer, such as
// unknown_party, and may know what was meant.
type reasoned struct {
	err    *fullmakt.Error
	reason fullmakt.Reason
	likely []string
}

func (e *reasoned) Error() string { return e.err.Error() }

func (e *reasoned) Unwrap() error { return e.err }

// exitCode maps an error to the exit status.
func exitCode(err error) int {
	var s status
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &s):
		return int(s)
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	var ambiguous *node.AmbiguousError
	if errors.As(err, &ambiguous) {
		return exitUsage
	}
	switch fullmakt.ErrorCode(err) {
	case fullmakt.CodeInvalid, fullmakt.CodeAmbiguous:
		return exitUsage
	case fullmakt.CodePartial:
		return exitPartial
	case fullmakt.CodeNotFound:
		return exitUnknown
	case fullmakt.CodeForbidden, fullmakt.CodeConflict:
		return exitForbidden
	}
	return exitUnavailable
}

// wireError is the JSON of an error.
type wireError struct {
	Code       fullmakt.Code   `json:"code"`
	Reason     fullmakt.Reason `json:"reason,omitempty"`
	Message    string          `json:"message"`
	Hint       string          `json:"hint,omitempty"`
	Candidates []wireParty     `json:"candidates,omitempty"`
	Likely     []string        `json:"likely,omitempty"`
	Refusals   []wireRefusal   `json:"refusals,omitempty"` // of a command that gives or takes back
}

// fail tells an error, as JSON on standard output when that was asked for and
// else in words on standard error, and returns the exit status.
func (a *app) fail(err error) int {
	code := exitCode(err)
	var s status
	if err == nil || errors.As(err, &s) {
		return code
	}
	if a.ctx != nil && a.ctx.Err() != nil {
		code = exitInterrupted // whatever broke off because of it
	}
	if code == exitInterrupted {
		fmt.Fprintln(a.errs, "fullmakt: interrupted; nothing is half done")
		return code
	}
	w := wireError{Code: fullmakt.ErrorCode(err), Message: err.Error(), Hint: fullmakt.ErrorHint(err)}
	var r *reasoned
	if errors.As(err, &r) {
		w.Reason, w.Likely = r.reason, r.likely
	}
	var refused *refusedError
	if errors.As(err, &refused) {
		w.Refusals, w.Reason = refused.refusals, refused.refusals[0].Reason
		if w.Hint == "" && w.Code == fullmakt.CodeForbidden {
			w.Hint = "fullmakt explain tells what a party may use and give; list --for PARTY shows who may"
		}
	}
	var ambiguous *node.AmbiguousError
	if errors.As(err, &ambiguous) {
		w.Code = fullmakt.CodeAmbiguous
		for _, p := range ambiguous.Candidates {
			w.Candidates = append(w.Candidates, a.wireParty(a.storedParty(p)))
		}
		if w.Hint == "" {
			w.Hint = "use a number or the whole name"
		}
	}
	if a.globals != nil && a.globals.wantsJSON() {
		_ = json.NewEncoder(a.out).Encode(map[string]wireError{"error": w})
		return code
	}
	fmt.Fprintf(a.errs, "fullmakt: %s\n", w.Message)
	for _, c := range w.Candidates {
		fmt.Fprintf(a.errs, "  %-12s %-16s %s\n", c.ID, c.Type, c.Name)
	}
	for _, r := range w.Refusals {
		if len(w.Refusals) == 1 {
			r.Message = "refused" // the message stands above
		}
		fmt.Fprintf(a.errs, "  %s (%s)\n", r.Message, strings.TrimSpace(string(r.Rule)+" "+string(r.Reason)))
		for _, line := range r.lines {
			fmt.Fprintf(a.errs, "    %s\n", line)
		}
	}
	if len(w.Likely) > 0 {
		fmt.Fprintf(a.errs, "  did you mean %s?\n", strings.Join(w.Likely, ", "))
	}
	if w.Hint != "" {
		fmt.Fprintf(a.errs, "  %s\n", w.Hint)
	}
	return code
}
