package xacml

import "fmt"

// StatusCode is a status code of a result (appendix B.8).
type StatusCode string

// The status codes of the standard.
const (
	StatusOK               StatusCode = "urn:oasis:names:tc:xacml:1.0:status:ok"
	StatusMissingAttribute StatusCode = "urn:oasis:names:tc:xacml:1.0:status:missing-attribute"
	StatusSyntaxError      StatusCode = "urn:oasis:names:tc:xacml:1.0:status:syntax-error"
	StatusProcessingError  StatusCode = "urn:oasis:names:tc:xacml:1.0:status:processing-error"
)

// Error says why something cannot be read or evaluated. While deciding it makes
// the expression that met it Indeterminate; it never permits.
type Error struct {
	Code    StatusCode
	Message string
	Missing []MissingAttribute // of StatusMissingAttribute
	Err     error              // the cause, if another error
}

// MissingAttribute names an attribute that evaluation needed and did not find
// (section 5.57).
type MissingAttribute struct {
	Category, ID, Issuer string
	Type                 Type
	Values               []Value // acceptable ones, where they are known
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func syntaxError(format string, args ...any) *Error {
	return &Error{Code: StatusSyntaxError, Message: fmt.Sprintf(format, args...)}
}

func processingError(format string, args ...any) *Error {
	return &Error{Code: StatusProcessingError, Message: fmt.Sprintf(format, args...)}
}
