package maskinporten

import (
	"bytes"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/go-jose/go-jose/v4"
)

// Client is a registered client: who it is, what it may ask for, and the public
// keys that it signs with. As a file it is JSON with these names.
type Client struct {
	ID           string             `json:"client_id"`
	Organisation fullmakt.OrgNumber `json:"organisation"`
	Scopes       []string           `json:"scopes"`
	Prefixes     []string           `json:"prefixes,omitempty"` // of scopes, that belong to the organisation
	Keys         jose.JSONWebKeySet `json:"jwks"`
}

func (c Client) has(scope string) bool { return slices.Contains(c.Scopes, scope) }

var scopeForm = regexp.MustCompile(`^[a-z0-9]+(?:[:/._-][a-z0-9]+)*$`)

var prefixForm = regexp.MustCompile(`^[a-z0-9]+(?:[._-][a-z0-9]+)*$`)

// check refuses clients that cannot be.
func (c Client) check() error {
	bad := func(format string, args ...any) *fullmakt.Error {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "client %q: "+format, append([]any{c.ID}, args...)...)
	}
	switch {
	case c.ID == "" || len(c.ID) > 128:
		return bad("its id has 1 to 128 bytes")
	case !c.Organisation.Valid() || !c.Organisation.Synthetic():
		return bad("%s is not a synthetic organisation number", c.Organisation).
			WithHint("the mock knows synthetic organisations only, whose numbers begin with 2 or 3, as 310000019")
	case len(c.Scopes) == 0:
		return bad("it has no scopes")
	case len(c.Keys.Keys) == 0:
		return bad("it has no keys")
	}
	for _, scope := range c.Scopes {
		if !scopeForm.MatchString(scope) {
			return bad("%q is not a scope", scope).WithHint("a scope looks like fullmakt:evaluate or altinn:accessmanagement/authorizedparties.resourceowner")
		}
	}
	for _, prefix := range c.Prefixes {
		if !prefixForm.MatchString(prefix) {
			return bad("%q is not the prefix of scopes", prefix).WithHint("the prefix of demo:kontroll.read is demo")
		}
	}
	for _, k := range c.Keys.Keys {
		public, ok := k.Key.(*rsa.PublicKey)
		switch {
		case !ok:
			return bad("its keys must be public RSA keys")
		case public.N.BitLen() < keyBits:
			return bad("its keys must have %d bits", keyBits)
		case k.KeyID == "":
			return bad("its keys must have a kid")
		}
	}
	return nil
}

// RegisterClient adds a client, or replaces the one with its id. Of a private key
// only the public part is kept. It returns an error with code CodeInvalid when the
// organisation is not synthetic, a scope is not one, or a key is not an RSA key
// with a kid.
func (s *Server) RegisterClient(c Client) error {
	keys := make([]jose.JSONWebKey, 0, len(c.Keys.Keys))
	for _, k := range c.Keys.Keys {
		keys = append(keys, k.Public())
	}
	c.Keys.Keys = keys
	if err := c.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients[c.ID] = c
	return nil
}

// client finds a client, in the directory too.
func (s *Server) client(id string) (Client, bool) {
	s.mu.Lock()
	c, ok := s.clients[id]
	s.mu.Unlock()
	if ok || s.o.Clients == "" {
		return c, ok
	}
	if err := s.readClients(); err != nil {
		return Client{}, false // a bad file of somebody else's; New told of those at the start
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok = s.clients[id]
	return c, ok
}

// clientSuffix and keySuffix end the names of a client's two files.
const (
	clientSuffix = ".client.json"
	keySuffix    = ".private.jwk"
)

// readClients registers the clients of the directory; one that does not exist has
// none yet.
func (s *Server) readClients() error {
	entries, err := os.ReadDir(s.o.Clients)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "read the clients: %w", err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), clientSuffix) {
			continue
		}
		c, err := readClientFile(filepath.Join(s.o.Clients, e.Name()))
		if err == nil {
			err = s.RegisterClient(c)
		}
		if err != nil {
			return fullmakt.Errorf(fullmakt.ErrorCode(err), "%s: %w", e.Name(), err)
		}
	}
	return nil
}

func readClientFile(path string) (Client, error) {
	var c Client
	text, err := os.ReadFile(path)
	if err != nil {
		return c, fullmakt.Errorf(fullmakt.CodeUnavailable, "read the client: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return c, fullmakt.Errorf(fullmakt.CodeInvalid, "read the client: %w", err)
	}
	return c, nil
}
