package registry

import (
	"strings"

	"github.com/fullmakt/fullmakt"
)

// Invalid is all that is wrong with a resource or an access list, field by field.
// Its code is CodeInvalid.
type Invalid struct {
	What   string // which of them, for the message
	Fields []Field
}

// Field is one field that is wrong.
type Field struct {
	Path string // as the JSON names it: title.nb
	Why  string
}

func (e *Invalid) add(path, why string) { e.Fields = append(e.Fields, Field{path, why}) }

// err returns e, or nil when nothing is wrong.
func (e *Invalid) err() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// Error tells of every field.
func (e *Invalid) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Path + ": " + f.Why
	}
	return e.What + ": " + strings.Join(parts, "; ")
}

// Unwrap gives the error its code.
func (e *Invalid) Unwrap() error {
	return &fullmakt.Error{Code: fullmakt.CodeInvalid, Message: e.Error()}
}
