package fullmakt

import (
	"errors"
	"fmt"
	"strings"
)

// Code is the machine-readable kind of an error. Every boundary (exit codes,
// HTTP statuses) maps codes, never texts.
type Code string

// The codes of errors. A denial is an answer, not an error, and has none.
const (
	CodeInvalid     Code = "invalid"     // the input is wrong; the caller must change it
	CodeNotFound    Code = "not_found"   // a party, package or role is not known
	CodeAmbiguous   Code = "ambiguous"   // a name fits several parties
	CodeConflict    Code = "conflict"    // the state has moved, or forbids the change
	CodeForbidden   Code = "forbidden"   // the caller may not
	CodeStale       Code = "stale"       // the wanted revision is not here yet
	CodePartial     Code = "partial"     // done in part; the rest was rejected and counted
	CodeUnavailable Code = "unavailable" // a store or server cannot be reached or used
	CodeInternal    Code = "internal"    // a defect here; the text is for the log only
)

// Error is an error with a code, a message for a person, and where there is one
// a hint that says what to do next.
type Error struct {
	Code    Code
	Message string
	Hint    string
	Err     error // the cause, or nil
}

// Errorf makes an Error. As with fmt.Errorf, a %w verb wraps its operand.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Err: errors.Unwrap(err)}
}

// WithHint sets the hint and returns e.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// Error returns the message without the hint.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the code of the first Error in err's chain, CodeInternal for
// any other error, and "" for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// ErrorHint returns the hint of the first Error in err's chain that has one.
func ErrorHint(err error) string {
	var e *Error
	for errors.As(err, &e) {
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// clip shortens input that is quoted in a message.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// trimFold trims blanks, one prefix and one suffix from s, in any letter case.
func trimFold(s, prefix, suffix string) string {
	s = strings.TrimSpace(s)
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		s = s[len(prefix):]
	}
	if len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix) {
		s = s[:len(s)-len(suffix)]
	}
	return strings.TrimSpace(s)
}
