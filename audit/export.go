package audit

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Format is a form of export.
type Format string

// The forms of export.
const (
	JSONL Format = "jsonl" // a JSON object per line
	CSV   Format = "csv"   // a row per look-up under a head, a batch's parts as JSON in the last column
)

// csvHead names the columns of a CSV export.
var csvHead = []string{
	"n", "time", "kind", "request", "client", "organisation", "supplier", "user", "api", "operation", "subject", "object",
	"what", "asked_at", "purpose", "outcome", "reason", "revision", "count", "items",
}

// Export writes every entry that a filter chooses, oldest first, and returns how
// many; Filter.Limit does not count. Errors are those of Query, and CodeInvalid
// for an unknown format.
func Export(ctx context.Context, dir string, f Filter, format Format, w io.Writer) (int, error) {
	out := bufio.NewWriter(w)
	var n int
	var err error
	switch format {
	case JSONL:
		n, err = exportJSONL(Entries(ctx, dir, f), out)
	case CSV:
		n, err = exportCSV(Entries(ctx, dir, f), out)
	default:
		return 0, fullmakt.Errorf(fullmakt.CodeInvalid, "export format %q is neither jsonl nor csv", format)
	}
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	var known *fullmakt.Error
	if err != nil && !errors.As(err, &known) && ctx.Err() == nil {
		err = fullmakt.Errorf(fullmakt.CodeUnavailable, "write the export: %w", err)
	}
	return n, err
}

func exportJSONL(entries iter.Seq2[Entry, error], w io.Writer) (n int, err error) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for e, err := range entries {
		if err != nil {
			return n, err
		}
		if err := encoder.Encode(e); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func exportCSV(entries iter.Seq2[Entry, error], w io.Writer) (n int, err error) {
	out := csv.NewWriter(w)
	if err := out.Write(csvHead); err != nil {
		return 0, err
	}
	for e, err := range entries {
		if err != nil {
			return n, err
		}
		row, err := csvRow(&e)
		if err != nil {
			return n, err
		}
		if err := out.Write(row); err != nil {
			return n, err
		}
		n++
	}
	out.Flush()
	return n, out.Error()
}

func csvRow(e *Entry) ([]string, error) {
	number := func(v uint64) string {
		if v == 0 {
			return ""
		}
		return strconv.FormatUint(v, 10)
	}
	var items []byte
	var err error
	switch {
	case e.Note != nil:
		items, err = json.Marshal(e.Note)
	case len(e.Items) > 0:
		items, err = json.Marshal(e.Items)
	}
	if err != nil {
		return nil, err
	}
	asked := ""
	if e.AskedAt != 0 {
		asked = time.Unix(e.AskedAt, 0).UTC().Format(time.RFC3339)
	}
	return []string{
		number(e.N), e.Time.UTC().Format(time.RFC3339Nano), string(e.Kind), inert(e.Request), inert(e.Client),
		number(uint64(e.Organisation)), number(uint64(e.Supplier)), number(uint64(e.User)), inert(e.API), inert(e.Operation),
		number(uint64(e.Subject)), number(uint64(e.Object)), inert(e.What), asked, inert(e.Purpose),
		string(e.Outcome), string(e.Reason), number(uint64(e.Revision)), number(uint64(e.Count)), string(items),
	}, nil
}

// inert keeps a spreadsheet from taking what a caller wrote for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
