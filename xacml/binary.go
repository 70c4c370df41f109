package xacml

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
)

// HexBinary is a value of xs:hexBinary: the octets themselves.
type HexBinary string

// Type returns TypeHexBinary.
func (HexBinary) Type() Type { return TypeHexBinary }

// String returns the octets in upper-case hexadecimal digits.
func (h HexBinary) String() string { return strings.ToUpper(hex.EncodeToString([]byte(h))) }

func parseHexBinary(s string) (HexBinary, error) {
	octets, err := hex.DecodeString(s)
	if err != nil {
		return "", errors.New("it must be an even number of hexadecimal digits")
	}
	return HexBinary(octets), nil
}

// Base64Binary is a value of xs:base64Binary: the octets themselves.
type Base64Binary string

// Type returns TypeBase64Binary.
func (Base64Binary) Type() Type { return TypeBase64Binary }

// String returns the octets in Base64 with padding and without white space.
func (b Base64Binary) String() string { return base64.StdEncoding.EncodeToString([]byte(b)) }

// parseBase64Binary reads Base64 with padding; white space may stand anywhere in it.
func parseBase64Binary(s string) (Base64Binary, error) {
	s = strings.Join(strings.FieldsFunc(s, isXMLSpace), "")
	octets, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return "", errors.New("it must be Base64 with its padding")
	}
	return Base64Binary(octets), nil
}
