package enhetsregisteret

import (
	"github.com/fullmakt/fullmakt"
)

// DecodeUnit reads the answer of /enheter/{orgnr} (kind KindUnits) or
// /underenheter/{orgnr} (KindSubUnits). The error is a *Reject when the answer is
// JSON that cannot be used, else a *fullmakt.Error with CodeInvalid.
func DecodeUnit(kind Kind, body []byte) (fullmakt.RegisterChange, error) {
	if kind != KindUnits && kind != KindSubUnits {
		return fullmakt.RegisterChange{}, fullmakt.Errorf(fullmakt.CodeInvalid, "%s is not a kind of unit", kind)
	}
	return decodeOne(kind, 0, body)
}

// DecodeRoles reads the answer of /enheter/{orgnr}/roller, which is the whole
// role set of org. Errors are those of DecodeUnit.
func DecodeRoles(org fullmakt.OrgNumber, body []byte) (fullmakt.RegisterChange, error) {
	return decodeOne(KindRoles, org, body)
}

func decodeOne(kind Kind, org fullmakt.OrgNumber, body []byte) (fullmakt.RegisterChange, error) {
	d := newDecoder()
	d.text = body[len(utf8Mark(body)):]
	d.decode(kind)
	if d.state != sound || d.peek() != 0 {
		return fullmakt.RegisterChange{}, fullmakt.Errorf(fullmakt.CodeInvalid, "the answer is not JSON, or breaks off (byte %d)", d.at)
	}
	if org != 0 && d.change.Org == 0 && d.path == "organisasjonsnummer" {
		d.change.Org, d.trouble = org, false
	}
	line := window{text: d.text}
	if d.trouble {
		return fullmakt.RegisterChange{}, &Reject{Record: 1, Offset: int64(d.troubleAt), Line: line.line(d.troubleAt), Org: d.change.Org, Path: d.path, Reason: d.reason}
	}
	return d.change, nil
}
