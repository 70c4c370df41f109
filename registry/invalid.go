package registry

import (
	"bytes"
	"encoding/json"
	"errors"
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

// readJSON reads a JSON object into v; the error says what is wrong with it, as
// *Invalid where that is a field.
func readJSON(data []byte, what string, v any) error {
	err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), v)
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong) && wrong.Field != "":
		return &Invalid{What: what, Fields: []Field{{wrong.Field, "is a JSON " + wrong.Value + ", and that does not fit there"}}}
	case errors.As(err, &syntax):
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the %s is no JSON: at byte %d %s", what, syntax.Offset, syntax)
	}
	return fullmakt.Errorf(fullmakt.CodeInvalid, "the %s is no JSON object", what)
}
