package api

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
	"time"

	"github.com/fullmakt/fullmakt"
)

// Config is what an operator decides about the HTTP side. As a file it is JSON
// with the names given here; see LoadConfig.
type Config struct {
	// PublicURL is the address that clients use, such as
	// https://fullmakt.example.no/tenant: what the metadata say comes from here,
	// never from a request. Required when authentication is on.
	PublicURL string `json:"public_url"`
	// Listen is the address the server listens on. It decides whether
	// authentication may be off.
	Listen string `json:"-"`

	Authentication Authentication `json:"authentication"`
	Limits         Limits         `json:"limits"`

	// AllowUncertain lets a yes stand that rests on a person known only by birth
	// date and name (rule OPEN-1). Otherwise it is a no, with reason
	// uncertain_identity.
	AllowUncertain bool `json:"allow_uncertain"`
	// ServiceOwners are those that give packages on behalf of others, or ask for
	// them; without an entry a service owner may not.
	ServiceOwners []ServiceOwnerConfig `json:"service_owners"`
	// Lookups is the log of look-ups.
	Lookups LookupsConfig `json:"lookups"`
	// Webhooks is the sending of events.
	Webhooks WebhooksConfig `json:"webhooks"`
	// Purposes are those for which lists of what a real person holds also cover
	// organisations that do no business (rule PRIV-1).
	Purposes []string `json:"purposes"`
	// SignIn says who signs visitors of the pages in. It is package web's to read.
	SignIn json.RawMessage `json:"sign_in,omitempty"`
	// Tenants decide by policies of their own over what requests say.
	Tenants []TenantConfig `json:"tenants"`
}

// Authentication says who may call.
type Authentication struct {
	// Off lets everybody in who can reach a loopback address. Only there.
	Off       bool             `json:"off"`
	Issuers   []IssuerConfig   `json:"issuers"`
	Consumers []ConsumerConfig `json:"consumers"`
}

// IssuerConfig describes one issuer of tokens.
type IssuerConfig struct {
	Name string `json:"name"` // for logs and messages
	// Issuer is the value that the claim iss must have, to the letter.
	Issuer string `json:"issuer"`
	// Keys come from one of these; without either, from the JWKS that the
	// issuer's own metadata name.
	JWKSURL  string `json:"jwks_url"`
	JWKSFile string `json:"jwks_file"`
	// Audiences are the values of which the claim aud must hold one. Required:
	// a token made for somebody else is no token for us.
	Audiences []string `json:"audiences"`
	// Algorithms are the signatures allowed; RS256 when empty.
	Algorithms []string `json:"algorithms"`
	// Kind gives the claims their places: maskinporten, idporten, altinn or oauth
	// (the default). Claims overrides single ones.
	Kind   string            `json:"kind"`
	Claims map[string]string `json:"claims"`
	// Scopes are given to every caller of this issuer besides those of its token,
	// for issuers that know nothing of our scopes.
	Scopes []string `json:"scopes"`
}

// ConsumerConfig limits what one consumer may ask about. A consumer that is not
// named has no limit but its scopes.
type ConsumerConfig struct {
	// Client or Organisation names the consumer: the token's client id, or the
	// organisation number of its consumer.
	Client       string `json:"client"`
	Organisation string `json:"organisation"`
	// Packages, Roles and Resources are all it may ask about. What one may ask about
	// by packages and roles alone, one does not learn by way of resources either.
	Packages  []string `json:"packages"`
	Roles     []string `json:"roles"`
	Resources []string `json:"resources"`
	// Purpose is what it lists the authority of real persons for (rule PRIV-1),
	// when its requests do not say.
	Purpose string `json:"purpose"`
}

// Limits bound what one request and one client may take. A zero means the
// default, a negative rate means no limit.
type Limits struct {
	BodyBytes         int64   `json:"body_bytes"`          // 1 MiB
	Depth             int     `json:"depth"`               // of nested JSON: 32
	Batch             int     `json:"batch"`               // evaluations in a request: 1000
	Page              int     `json:"page"`                // results of a page at most: 10000
	TimeoutSeconds    float64 `json:"timeout_seconds"`     // of one request: 10
	RequestsPerSecond float64 `json:"requests_per_second"` // of one client: 2000
	Burst             int     `json:"burst"`               // of one client: twice the rate
}

func (l Limits) withDefaults() Limits {
	if l.BodyBytes == 0 {
		l.BodyBytes = 1 << 20
	}
	if l.Depth == 0 {
		l.Depth = 32
	}
	if l.Batch == 0 {
		l.Batch = 1000
	}
	if l.Page == 0 {
		l.Page = 10_000
	}
	if l.TimeoutSeconds == 0 {
		l.TimeoutSeconds = 10
	}
	if l.RequestsPerSecond == 0 {
		l.RequestsPerSecond = 2000
	}
	if l.Burst == 0 { // of no use without a rate
		l.Burst = max(1, int(2*l.RequestsPerSecond))
	}
	return l
}

func (l Limits) timeout() time.Duration {
	return time.Duration(l.TimeoutSeconds * float64(time.Second))
}

// LoadConfig reads a configuration file. A member that it does not know is an
// error, so that a misspelt limit is no limit lost.
func LoadConfig(path string) (Config, error) {
	var c Config
	data, err := os.ReadFile(path)
	if err != nil {
		return c, fullmakt.Errorf(fullmakt.CodeInvalid, "configuration: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return c, fullmakt.Errorf(fullmakt.CodeInvalid, "configuration %s: %w", path, err).WithHint("docs/authzen.md shows a whole file")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return c, fullmakt.Errorf(fullmakt.CodeInvalid, "configuration %s: there is more after the first object", path)
	}
	for i := range c.Tenants {
		if dir := &c.Tenants[i].Policies; !filepath.IsAbs(*dir) {
			*dir = filepath.Join(filepath.Dir(path), *dir)
		}
	}
	for i := range c.Authentication.Issuers {
		// Files are named from where the configuration lies.
		if file := &c.Authentication.Issuers[i].JWKSFile; *file != "" && !filepath.IsAbs(*file) {
			*file = filepath.Join(filepath.Dir(path), *file)
		}
	}
	return c, nil
}

// Checked returns the configuration as New would use it, with its defaults, or an
// error with code CodeInvalid when it would be open by mistake or contradicts
// itself. What its issuers say of themselves is for New to check.
func (c Config) Checked() (Config, error) {
	err := c.check()
	return c, err
}

// check refuses configurations that would be open by mistake, and completes c.
func (c *Config) check() error {
	if c.Authentication.Off && c.Limits.RequestsPerSecond == 0 {
		c.Limits.RequestsPerSecond = -1 // all of this machine is one client there
	}
	c.Limits = c.Limits.withDefaults()
	if c.Limits.BodyBytes < 0 || c.Limits.Depth < 0 || c.Limits.Batch < 0 || c.Limits.Page < 0 || c.Limits.TimeoutSeconds < 0 || c.Limits.Burst < 0 {
		return configError("limits: only requests_per_second may be negative")
	}
	if c.Authentication.Off {
		if len(c.Authentication.Issuers) > 0 {
			return configError("authentication is off and there are issuers; decide on one of them")
		}
		if !loopbackAddr(c.Listen) {
			return configError("authentication is off, and %q is not a loopback address", c.Listen).
				WithHint("listen on 127.0.0.1, or name an issuer of tokens in the configuration")
		}
		if c.PublicURL == "" {
			c.PublicURL = "http://" + c.Listen
		}
	} else if len(c.Authentication.Issuers) == 0 {
		return configError("authentication is on and there is no issuer").WithHint("name one under authentication.issuers")
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && loopbackName(u.Hostname())) {
		return configError("public_url %q: want an https address without query or fragment", c.PublicURL)
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	return nil
}

func configError(format string, args ...any) *fullmakt.Error {
	return fullmakt.Errorf(fullmakt.CodeInvalid, "configuration: "+format, args...)
}

// loopbackAddr reports whether host:port is an address of this machine alone.
func loopbackAddr(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	return loopbackName(host)
}

// loopbackName reports whether a host name or address, without port, always means
// this machine. Only spellings that no resolver is asked about count.
func loopbackName(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}
