package xacml

import (
	"errors"
	"fmt"
)

// PolicyError says why a policy is refused: it cannot be parsed, it is not what
// the schema allows, or its expressions are not of the types they must be. The
// policy is then not used at all.
type PolicyError struct {
	File   string // as it was given to ParsePolicy
	Line   int    // counted from 1; 0 when the whole document is meant
	Reason string
	// Code is the status of what needs the policy: StatusProcessingError where its
	// data-types are invalid or a function is unknown, and else StatusSyntaxError,
	// which "" stands for too (sections 7.19.1 and 7.19.2).
	Code StatusCode
}

func (e *PolicyError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
}

// refusedXML returns the error of a policy that is not well-formed XML.
func refusedXML(file string, err error) *PolicyError {
	if fault, ok := errors.AsType[*xmlFault](err); ok {
		return &PolicyError{File: file, Line: fault.line, Reason: "XML: " + fault.reason}
	}
	return &PolicyError{File: file, Reason: err.Error()}
}

// Unwrap returns the error as an evaluation that needs the policy reports it.
func (e *PolicyError) Unwrap() error {
	if e.Code == "" {
		return syntaxError("%s", e.Error())
	}
	return &Error{Code: e.Code, Message: e.Error()}
}
