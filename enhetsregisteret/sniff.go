package enhetsregisteret

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/fullmakt/fullmakt"
)

// Kind tells what a file is.
type Kind uint8

// The kinds that Sniff tells apart. The first four can be read; the others are
// recognised so that the refusal can say what was given.
const (
	KindUnknown     Kind = iota
	KindUnits            // enheter: the bulk file, one unit, or a page of a search
	KindSubUnits         // underenheter, likewise
	KindRoles            // roller/totalbestand, or the roles of one unit
	KindCCR              // a CCR batch file of fixed columns
	KindCCRXML           // Altinn's XML form of the CCR batch
	KindUnitUpdates      // a page of oppdateringer/enheter or oppdateringer/underenheter
	KindRoleUpdates      // a page of oppdateringer/roller
	KindLegalRoles       // juridiskeroller: where one organisation holds roles
	KindEmptyPage        // a search page without a result
	KindTable            // CSV
)

var kindNames = [...]string{
	"an unknown file", "open data, units (enheter)", "open data, sub-units (underenheter)",
	"open data, roles (roller/totalbestand)", "a CCR batch file", "a CCR batch in Altinn's XML form",
	"a page of the update feed of units", "a page of the update feed of roles",
	"a reverse list of roles (juridiskeroller)", "a search page without results", "a CSV file",
}

// String describes the kind in a few words.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[0]
}

// Readable reports whether files of the kind can be read.
func (k Kind) Readable() bool { return k >= KindUnits && k <= KindCCR }

const accepted = "give one of the open-data files enheter, underenheter or roller/totalbestand (JSON, plain, gzip or zip), or a CCR batch file (baj00001.txt)"

// Sniff reads the start of a file of the given size, through gzip and zip, and
// tells what it is. The error (CodeInvalid, with a hint that tells what to give
// instead) is nil exactly when the kind is Readable; a read error has
// CodeUnavailable.
func Sniff(r io.ReaderAt, size int64) (Kind, error) {
	head, err := start(r, size)
	if err != nil && len(head) == 0 {
		return KindUnknown, openError(err)
	}
	return sniffText(head)
}

// sniffSize is how much text is looked at: enough to hold an element's keys.
const sniffSize = 256 << 10

// start returns the first decompressed bytes of a file.
func start(r io.ReaderAt, size int64) ([]byte, error) {
	text, err := decompress(r, size, func() {})
	if err != nil {
		return nil, err
	}
	head := make([]byte, sniffSize)
	n, err := io.ReadFull(text, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil // a file that ends early is found when it is read
	}
	return head[:n], err
}

var (
	gzipMark = []byte{0x1f, 0x8b}
	zipMark  = []byte("PK\x03\x04")
)

// decompress looks at the first bytes and returns the text behind them: of a
// zip file the first entry, which may be gzip in turn. located is called when the
// directory of a zip file, which stands at its end, has been read.
func decompress(at io.ReaderAt, size int64, located func()) (io.Reader, error) {
	plain := io.NewSectionReader(at, 0, size)
	var mark [4]byte
	n, err := at.ReadAt(mark[:], 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(mark[:n], gzipMark):
		return gzip.NewReader(plain)
	case bytes.HasPrefix(mark[:n], zipMark):
		archive, err := zip.NewReader(at, size)
		if err != nil {
			return nil, err
		}
		located()
		for _, f := range archive.File {
			if f.FileInfo().IsDir() {
				continue
			}
			entry, err := f.Open()
			if err != nil {
				return nil, err
			}
			if strings.HasSuffix(strings.ToLower(f.Name), ".gz") {
				return gzip.NewReader(entry)
			}
			return entry, nil
		}
		return nil, zip.ErrFormat
	}
	return plain, nil
}

// sniffText tells what the decompressed text is.
func sniffText(text []byte) (Kind, error) {
	text = text[len(utf8Mark(text)):]
	body := bytes.TrimLeft(text, " \t\r\n")
	kind := KindUnknown
	switch {
	case len(body) == 0:
		return kind, fullmakt.Errorf(fullmakt.CodeInvalid, "the file is empty").WithHint(accepted)
	case isCCRHead(text):
		kind = KindCCR
	case body[0] == '<':
		if bytes.Contains(body, []byte("<batchAjourholdXML")) {
			kind = KindCCRXML
		}
	case body[0] == '[' || body[0] == '{':
		kind = examine(body).kind
	case looksLikeCSV(body):
		kind = KindTable
	}
	return kind, refusal(kind, body)
}

// isCCRHead reports whether text starts with the head record of a batch file.
func isCCRHead(text []byte) bool {
	if len(text) < 20 || string(text[:4]) != "HEAD" {
		return false
	}
	for _, b := range text[7:20] {
		if b < '0' || b > '9' {
			return false
		}
	}
	return true
}

func looksLikeCSV(body []byte) bool {
	line, _, _ := bytes.Cut(body, []byte{'\n'})
	fields := bytes.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ';' })
	return len(fields) >= 3 && bytes.Contains(line, []byte("organisasjonsnummer"))
}

func refusal(kind Kind, body []byte) error {
	if kind.Readable() {
		return nil
	}
	hint := accepted
	switch kind {
	case KindUnknown:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "no register file: it starts with %q", clip(body)).WithHint("%s", hint)
	case KindCCRXML:
		hint = "give the batch file itself (baj00001.txt); its XML form is not read"
	case KindUnitUpdates, KindRoleUpdates:
		hint = "an update page tells only which units changed, not what; use follow, which fetches the units too"
	case KindLegalRoles:
		hint = "a reverse list names no group and no date and is not a unit's whole role set; give roller/totalbestand"
	case KindEmptyPage:
		hint = "the search found nothing; " + accepted
	case KindTable:
		hint = "the CSV files lack fields that the JSON files have; give the JSON download"
	}
	return fullmakt.Errorf(fullmakt.CodeInvalid, "%s cannot be imported", kind).WithHint("%s", hint)
}
