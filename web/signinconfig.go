package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/go-jose/go-jose/v4"
)

// SignInConfig says who signs visitors in: an OpenID Connect issuer such as
// ID-porten. It is the member sign_in of the server's configuration file.
type SignInConfig struct {
	// Issuer is the issuer's address, to the letter as in the claim iss.
	Issuer string `json:"issuer"`
	// ClientID is the name that the issuer knows this server by.
	ClientID string `json:"client_id"`
	// KeyFile holds the private key, a JWK, by which the server proves itself
	// (private_key_jwt), as ID-porten demands; SecretFile holds a secret
	// (client_secret) for issuers that want that. One of them.
	KeyFile    string `json:"key_file"`
	SecretFile string `json:"secret_file"`
	// Level is the least level of authentication that is asked for and accepted
	// (acr); idporten-loa-high when empty. Those of ID-porten have an order, others
	// must be matched to the letter. AnyLevel accepts all.
	Level string `json:"acr"`
	// PersonClaim holds the identity number; pid when empty.
	PersonClaim string `json:"person_claim"`
	// CaseWorkers may look at others once they have said why, Operators see
	// operations. Without these there are none.
	CaseWorkers ClaimValue `json:"case_workers"`
	Operators   ClaimValue `json:"operators"`

	// Key and Secret are what the files hold.
	Key    jose.JSONWebKey `json:"-"`
	Secret string          `json:"-"`
}

// ClaimValue is a value that a claim of the ID token must have, or hold among
// others.
type ClaimValue struct {
	Claim string `json:"claim"`
	Value string `json:"value"`
}

// AnyLevel accepts every level of authentication.
const AnyLevel = "any"

// levels are those of ID-porten, lowest first: a higher one will do where a lower
// one is asked for.
var levels = []string{"idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high"}

// ReadSignInConfig reads the member sign_in of a configuration file, and the files
// that it names from the directory dir. None, or null, is no sign-in: nil. Errors
// have code CodeInvalid.
func ReadSignInConfig(text json.RawMessage, dir string) (*SignInConfig, error) {
	if len(text) == 0 || string(text) == "null" {
		return nil, nil
	}
	c := &SignInConfig{}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(c); err != nil {
		return nil, signInError("%w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, signInError("there is more after the object")
	}
	if (c.KeyFile == "") == (c.SecretFile == "") {
		return nil, signInError("name either key_file or secret_file").WithHint("ID-porten wants a key, which fullmakt client new makes; other issuers may give a secret")
	}
	name := c.KeyFile + c.SecretFile
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, signInError("%w", err)
	}
	if c.SecretFile != "" {
		c.Secret = strings.TrimSpace(string(data))
	} else if err := json.Unmarshal(data, &c.Key); err != nil {
		return nil, signInError("%s is no private key as a JWK", name).WithHint("what it holds is not repeated here")
	}
	return c, c.check()
}

// check refuses what would leave a door open or cannot work, and fills in defaults.
func (c *SignInConfig) check() error {
	if c.Level == "" {
		c.Level = levels[len(levels)-1]
	}
	if c.PersonClaim == "" {
		c.PersonClaim = "pid"
	}
	switch {
	case !secureAddress(c.Issuer):
		return signInError("issuer %q: want an https address without query or fragment", c.Issuer)
	case c.ClientID == "":
		return signInError("client_id is missing")
	case c.Key.Key == nil && c.Secret == "":
		return signInError("the secret is empty")
	case c.Key.Key != nil && (c.Key.IsPublic() || !c.Key.Valid()):
		return signInError("key_file holds no private key")
	}
	if c.Key.Key != nil {
		if _, err := c.assertions(); err != nil {
			return err
		}
	}
	for member, v := range map[string]ClaimValue{"case_workers": c.CaseWorkers, "operators": c.Operators} {
		if (v.Claim == "") != (v.Value == "") {
			return signInError("%s: want both claim and value", member)
		}
	}
	return nil
}

func signInError(format string, args ...any) *fullmakt.Error {
	return fullmakt.Errorf(fullmakt.CodeInvalid, "configuration: sign_in: "+format, args...).WithHint("docs/signin.md shows a whole one")
}

// secureAddress reports whether nobody on the way can read or change what goes to
// an address: https, or this machine.
func secureAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && (u.Scheme == "https" || u.Scheme == "http" && loopbackName(u.Hostname()))
}

// loopbackName reports whether a host name or address, without port, always means
// this machine.
func loopbackName(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// in reports whether the claims of a token have the value.
func (v ClaimValue) in(claims map[string]any) bool {
	if v.Claim == "" {
		return false
	}
	switch got := claims[v.Claim].(type) {
	case string:
		return got == v.Value
	case []any:
		for _, one := range got {
			if one == v.Value {
				return true
			}
		}
	}
	return false
}

// reaches reports whether a level of authentication is high enough.
func (c *SignInConfig) reaches(got string) bool {
	if c.Level == AnyLevel || got == c.Level {
		return true
	}
	wanted := -1
	for i, l := range levels {
		switch l {
		case c.Level:
			wanted = i
		case got:
			return wanted >= 0 // it comes after the one wanted
		}
	}
	return false
}
