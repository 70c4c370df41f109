package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/go-jose/go-jose/v4"
)

// keySet holds the public keys of one issuer, from a file or over HTTP.
type keySet struct {
	issuer string
	url    string // of the JWKS; "" until discovered
	file   string
	fixed  bool // our own keys, which come from nowhere else
	client *http.Client
	log    *slog.Logger

	fetching sync.Mutex // one goroutine fetches at a time; those that need it wait

	mu    sync.Mutex
	keys  []jose.JSONWebKey
	tried time.Time // when a fetch was last tried
	read  time.Time // when the keys were last read
}

const (
	// keysLast is for how long keys are used without a look whether they still are
	// the issuer's.
	keysLast = time.Hour
	// keysPause is the least time between two looks, however many tokens name a
	// key that is not there.
	keysPause  = 10 * time.Second
	keysWithin = 5 * time.Second
	mostKeys   = 1 << 20 // bytes
)

func newKeySet(cfg IssuerConfig, log *slog.Logger) (*keySet, error) {
	k := &keySet{issuer: cfg.Issuer, url: cfg.JWKSURL, file: cfg.JWKSFile, log: log}
	if k.url != "" && k.file != "" {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "jwks_url and jwks_file are both given")
	}
	if k.file != "" {
		var err error
		k.keys, err = readKeyFile(k.file)
		return k, err
	}
	address := k.url
	if address == "" {
		address = k.issuer
	}
	if !secureURL(address) {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "%q is not an https address to fetch keys from", address)
	}
	k.client = &http.Client{
		Timeout: keysWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("the address of the keys is redirected")
		},
	}
	return k, nil
}

// secureURL reports whether an address is one that keys may come from: https, or
// this machine.
func secureURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && loopbackName(u.Hostname()))
}

func readKeyFile(path string) ([]jose.JSONWebKey, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "keys: %w", err)
	}
	return parseKeys(data)
}

// parseKeys reads a JWKS and keeps the public keys for signatures.
func parseKeys(data []byte) ([]jose.JSONWebKey, error) {
	// A key of a kind that go-jose does not know is no reason to lose the others.
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "keys: not a JWKS: %w", err)
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(raw) != nil || !key.Valid() || !key.IsPublic() || key.Use == "enc" {
			continue
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "keys: the JWKS holds no public key for signatures")
	}
	return keys, nil
}

// find returns the key that a token names, looking again at the source when it is
// not among those at hand. A source that cannot be reached leaves the old keys
// good. Tokens with keys at hand never wait for the source.
func (k *keySet) find(ctx context.Context, id, alg string, now time.Time) (*jose.JSONWebKey, error) {
	if key, _, good := k.known(id, alg, now); good || k.fixed {
		return k.orRefuse(key, nil)
	}
	k.fetching.Lock()
	defer k.fetching.Unlock()
	key, tried, good := k.known(id, alg, now)
	if good || !tried.IsZero() && now.Sub(tried) < keysPause {
		return k.orRefuse(key, nil)
	}
	// The request that comes first fetches for all, so its end must not end this.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keysWithin)
	defer cancel()
	keys, err := k.fetch(ctx)
	if err != nil {
		k.log.Warn("the keys of an issuer cannot be read", "issuer", k.issuer, "error", err)
	}
	k.mu.Lock()
	if k.tried = now; err == nil {
		k.keys, k.read = keys, now
		key = k.pick(id, alg)
	}
	k.mu.Unlock()
	return k.orRefuse(key, err)
}

// known returns a key that is at hand, when the source was last tried, and whether
// the key is good without looking there.
func (k *keySet) known(id, alg string, now time.Time) (key *jose.JSONWebKey, tried time.Time, good bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key = k.pick(id, alg)
	return key, k.tried, key != nil && (k.fixed || k.file != "" || now.Sub(k.read) < keysLast)
}

func (k *keySet) orRefuse(key *jose.JSONWebKey, err error) (*jose.JSONWebKey, error) {
	switch {
	case key != nil:
		return key, nil
	case err != nil || k.never():
		return nil, statusf(http.StatusServiceUnavailable, "the keys of the token's issuer cannot be had now")
	}
	return nil, unauthorised("its key is not one of its issuer's")
}

// never reports whether the source has not been read yet.
func (k *keySet) never() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.keys) == 0
}

// pick returns the key with an id. A token without one means the only key there
// is.
func (k *keySet) pick(id, alg string) *jose.JSONWebKey {
	if id == "" && len(k.keys) != 1 {
		return nil
	}
	for i := range k.keys {
		key := &k.keys[i]
		if (id == "" || key.KeyID == id) && (key.Algorithm == "" || key.Algorithm == alg) {
			return key
		}
	}
	return nil
}

// fetch reads the keys from their source.
func (k *keySet) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	if k.file != "" {
		return readKeyFile(k.file)
	}
	if k.url == "" {
		found, err := k.discover(ctx)
		if err != nil {
			return nil, err
		}
		k.url = found
	}
	data, err := k.get(ctx, k.url)
	if err != nil {
		return nil, err
	}
	return parseKeys(data)
}

// discover finds the address of the keys in the issuer's own metadata: as OpenID
// Connect Discovery writes them, or as RFC 8414 does.
func (k *keySet) discover(ctx context.Context) (string, error) {
	base := strings.TrimSuffix(k.issuer, "/")
	u, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	path := u.Path
	u.Path = "/.well-known/oauth-authorization-server" + path
	for _, address := range []string{base + "/.well-known/openid-configuration", u.String()} {
		data, err := k.get(ctx, address)
		if err != nil {
			continue
		}
		var meta struct {
			Issuer string `json:"issuer"`
			JWKS   string `json:"jwks_uri"`
		}
		if err := json.Unmarshal(data, &meta); err != nil || meta.Issuer != k.issuer || !secureURL(meta.JWKS) {
			continue
		}
		return meta.JWKS, nil
	}
	return "", fullmakt.Errorf(fullmakt.CodeUnavailable, "the issuer %s has no metadata that name its keys", k.issuer)
}

func (k *keySet) get(ctx context.Context, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := k.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "%s answers %s", address, resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, mostKeys))
}
