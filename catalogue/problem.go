package catalogue

import (
	"fmt"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// Problem is one thing wrong with the catalogue's data.
type Problem struct {
	File  string `json:"file"`  // data/packages.json, or the overlay's file
	Entry string `json:"entry"` // package "skatt-naering"; "" when it is the file as a whole
	Text  string `json:"text"`
}

// String returns the problem on one line.
func (p Problem) String() string {
	if p.Entry == "" {
		return p.File + ": " + p.Text
	}
	return p.File + ": " + p.Entry + ": " + p.Text
}

// Problems is everything wrong with the data, in the order found. It is the cause
// of the error that Load returns for data that does not hold together.
type Problems []Problem

// Error returns every problem, a line each.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// err makes the error that Load returns, or nil where there is no problem.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	first := ps[0].String()
	if n := len(ps) - 1; n > 0 {
		first += fmt.Sprintf(" (and %d more)", n)
	}
	return &fullmakt.Error{
		Code:    fullmakt.CodeInvalid,
		Message: "catalogue: " + first,
		Hint:    "correct the entry that is named; \"fullmakt catalogue check\" lists every problem",
		Err:     ps,
	}
}
