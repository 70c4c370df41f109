package maskinporten

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/fullmakt/fullmakt"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
)

// NewKey makes a private RSA key to sign grants with, under a kid of its own.
func NewKey() (jose.JSONWebKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return jose.JSONWebKey{}, fullmakt.Errorf(fullmakt.CodeInternal, "make a key: %w", err)
	}
	return jose.JSONWebKey{Key: private, KeyID: uuid.NewString(), Algorithm: string(jose.RS256), Use: "sig"}, nil
}

// newSigner makes a key of a server's own, and what signs its tokens.
func newSigner() (jose.JSONWebKey, jose.Signer, error) {
	key, err := NewKey()
	if err != nil {
		return key, nil, err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return key, nil, fullmakt.Errorf(fullmakt.CodeInternal, "use the key: %w", err)
	}
	return key, signer, nil
}

// NewClient makes a client of an organisation with a new id, and its private key.
// Prefixes are those of scopes that belong to the organisation. Errors are
// RegisterClient's.
func NewClient(org fullmakt.OrgNumber, scopes []string, prefixes ...string) (Client, jose.JSONWebKey, error) {
	key, err := NewKey()
	if err != nil {
		return Client{}, key, err
	}
	c := Client{ID: uuid.NewString(), Organisation: org, Scopes: scopes, Prefixes: prefixes, Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}}}
	return c, key, c.check()
}

var nameForm = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]{0,63}$`)

// ClientFiles returns the paths of a client's two files in a directory: what is
// registered, which anybody may read, and the private key, which only the client
// may. It returns an error with code CodeInvalid when the name cannot name files.
func ClientFiles(dir, name string) (client, key string, err error) {
	if !nameForm.MatchString(name) {
		return "", "", fullmakt.Errorf(fullmakt.CodeInvalid, "%q cannot name a client", name).WithHint("a name has letters, digits, dots, hyphens and underscores, up to 64")
	}
	return filepath.Join(dir, name+clientSuffix), filepath.Join(dir, name+keySuffix), nil
}

// WriteClient writes a client and its private key to two files in a directory,
// which is made when it does not exist. It returns an error with code CodeConflict
// when there is a client of that name.
func WriteClient(dir, name string, c Client, key jose.JSONWebKey) error {
	clientPath, keyPath, err := ClientFiles(dir, name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "make the clients' directory: %w", err)
	}
	// The key first: what is registered without a key is of no use.
	if err := writeNew(keyPath, key, 0o600); err != nil {
		return err
	}
	if err := writeNew(clientPath, c, 0o644); err != nil {
		_ = os.Remove(keyPath)
		return err
	}
	return nil
}

func writeNew(path string, v any, mode fs.FileMode) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "write %s: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return fullmakt.Errorf(fullmakt.CodeConflict, "there is a file %s", path).WithHint("give the client another name, or remove that one's files first")
	}
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "write the client: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(path)
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "write the client: %w", err)
	}
	return nil
}

// ReadClient reads what WriteClient wrote. It returns an error with code
// CodeNotFound when there is no client of that name.
func ReadClient(dir, name string) (Client, jose.JSONWebKey, error) {
	var key jose.JSONWebKey
	clientPath, keyPath, err := ClientFiles(dir, name)
	if err != nil {
		return Client{}, key, err
	}
	c, err := readClientFile(clientPath)
	if errors.Is(err, fs.ErrNotExist) {
		return c, key, fullmakt.Errorf(fullmakt.CodeNotFound, "there is no client %s in %s", name, dir).
			WithHint("make one with: fullmakt client new %s --org 310000019 --scope fullmakt:evaluate", name)
	}
	if err != nil {
		return c, key, err
	}
	text, err := os.ReadFile(keyPath)
	if err != nil {
		return c, key, fullmakt.Errorf(fullmakt.CodeUnavailable, "read the client's key: %w", err)
	}
	if err := json.Unmarshal(text, &key); err != nil || key.IsPublic() || !key.Valid() {
		return c, key, fullmakt.Errorf(fullmakt.CodeInvalid, "%s holds no private key", keyPath)
	}
	return c, key, nil
}
