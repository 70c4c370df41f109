package node

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
)

// Reject is one record that was not stored, as the rejects file has it.
type Reject struct {
	File   string `json:"file"`
	Record int    `json:"record,omitempty"` // place in the file, from 1; 0 when only the unit is known
	Line   int    `json:"line,omitempty"`
	Unit   string `json:"unit,omitempty"` // organisation number
	Path   string `json:"path,omitempty"`
	Reason string `json:"reason"`
}

// String is the reject as one line for a terminal.
func (r Reject) String() string {
	s := "rejected: " + filepath.Base(r.File)
	if r.Record != 0 {
		s += fmt.Sprintf(", record %d", r.Record)
	}
	if r.Line != 0 {
		s += fmt.Sprintf(", line %d", r.Line)
	}
	for _, part := range [...]string{r.Unit, r.Path} {
		if part != "" {
			s += ", " + part
		}
	}
	return s + ": " + r.Reason
}

// rejected tells whether err is about one record only, and which.
func rejected(err error) (Reject, bool) {
	var r *enhetsregisteret.Reject
	if !errors.As(err, &r) {
		return Reject{}, false
	}
	out := Reject{Record: r.Record, Line: r.Line, Path: r.Path, Reason: r.Reason}
	if r.Org != 0 {
		out.Unit = r.Org.String()
	}
	return out, true
}

func (r *Reject) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(r.Record))
	b = binary.AppendUvarint(b, uint64(r.Line))
	b = appendText(b, r.Unit)
	b = appendText(b, r.Path)
	return appendText(b, r.Reason)
}

func decodeReject(payload []byte) (Reject, bool) {
	d := decoder{rest: payload}
	r := Reject{Record: int(d.uint()), Line: int(d.uint()), Unit: d.text(), Path: d.text(), Reason: d.text()}
	return r, !d.bad
}

// writeRejects writes one line of JSON for each reject.
func writeRejects(w io.Writer, rejects []Reject) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for i := range rejects {
		if err := out.Encode(&rejects[i]); err != nil {
			return fullmakt.Errorf(fullmakt.CodeUnavailable, "writing the rejects: %w", err)
		}
	}
	return nil
}
