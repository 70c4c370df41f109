package fullmakt

import (
	"encoding/hex"
	"fmt"
)

// UUID is a party's universally unique identifier, as Altinn's APIs name
// parties. The zero value means "none".
type UUID [16]byte

// ParseUUID reads the usual 36 characters in any letter case.
func ParseUUID(s string) (UUID, error) {
	var u UUID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return u, Errorf(CodeInvalid, "UUID %q: want 8-4-4-4-12 hexadecimal digits", clip(s))
	}
	plain := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	if _, err := hex.Decode(u[:], []byte(plain)); err != nil {
		return u, Errorf(CodeInvalid, "UUID %q: want hexadecimal digits", clip(s))
	}
	return u, nil
}

// String returns the 36 characters in lower case.
func (u UUID) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// MarshalText writes the UUID as String does.
func (u UUID) MarshalText() ([]byte, error) { return []byte(u.String()), nil }
