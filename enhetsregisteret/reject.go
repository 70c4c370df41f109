package enhetsregisteret

import (
	"fmt"

	"github.com/fullmakt/fullmakt"
)

// Reject is the error for one record of a feed that cannot be used. The record
// is left out as a whole, never half applied, and reading goes on behind it.
// It unwraps to a *fullmakt.Error with code CodeInvalid.
type Reject struct {
	Record int                // the record's place in its feed, from 1: a list element, a unit of a batch file, an answer of the API
	Offset int64              // bytes from the start of the (decompressed) feed to the trouble
	Line   int                // the line of the trouble, from 1
	Org    fullmakt.OrgNumber // the unit the record is about; 0 when that is not known
	Path   string             // where in the record: "rollegrupper[0].roller[1].person", or a CCR record type; "" for the whole
	Reason string             // what is wrong; never an identity number
}

// Error tells where the record stands and what is wrong with it.
func (r *Reject) Error() string {
	s := fmt.Sprintf("record %d, line %d", r.Record, r.Line)
	if r.Org != 0 {
		s += ", unit " + r.Org.String()
	}
	if r.Path != "" {
		s += ", " + r.Path
	}
	return s + ": " + r.Reason
}

// Unwrap gives the error its code.
func (r *Reject) Unwrap() error { return fullmakt.Errorf(fullmakt.CodeInvalid, "%s", r.Reason) }
