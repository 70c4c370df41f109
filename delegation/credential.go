package delegation

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"

	"github.com/fullmakt/fullmakt"
	"golang.org/x/crypto/argon2"
)

// Credential is what is kept of an enterprise user's password: a hash by argon2id,
// never the password. It stands in a document of its own kind, in no feed and no
// answer.
type Credential struct {
	Salt    []byte `json:"salt"`
	Hash    []byte `json:"hash"`
	Passes  uint32 `json:"passes"`
	Memory  uint32 `json:"memory"` // KiB
	Threads uint8  `json:"threads"`
	Since   int64  `json:"since"` // when the password was made, Unix seconds
	// LockedUntil is until when no password is tried, Unix seconds; 0 for not locked.
	LockedUntil int64 `json:"locked_until,omitempty"`
}

// What hashes are made with now: the second recommendation of OWASP for argon2id.
// A credential carries what its own was made with.
const (
	hashPasses  = 2
	hashMemory  = 19 << 10 // KiB
	hashThreads = 1
	hashBytes   = 32
)

// NewPassword makes a password with more than 128 random bits, and the credential
// that it fits. The password is told once and kept nowhere.
func NewPassword(at int64) (string, Credential) {
	password := rand.Text()
	c := Credential{Salt: make([]byte, 16), Passes: hashPasses, Memory: hashMemory, Threads: hashThreads, Since: at}
	rand.Read(c.Salt)
	c.Hash = c.hash(password)
	return password, c
}

func (c *Credential) hash(password string) []byte {
	return argon2.IDKey([]byte(password), c.Salt, c.Passes, c.Memory, c.Threads, hashBytes)
}

// Fits reports whether a password is the credential's. It takes the same time for
// all of them, and 19 MiB.
func (c *Credential) Fits(password string) bool {
	return subtle.ConstantTimeCompare(c.hash(password), c.Hash) == 1
}

// Locked reports whether the credential is locked at an instant.
func (c *Credential) Locked(at int64) bool { return at < c.LockedUntil }

// FindCredential returns the credential of an enterprise user; false for one that
// has none.
func (a *Acting) FindCredential(user fullmakt.PartyNo) (id string, c Credential, ok bool) {
	for d := range a.Snapshot.DocumentsOf(fullmakt.DocumentCredential, user) {
		if len(d.Parties) == 1 && d.Parties[0] == user && json.Unmarshal(d.Body, &c) == nil {
			return d.ID, c, true
		}
	}
	return "", c, false
}

// SetPassword gives an enterprise user a new credential, in place of the one it
// had, and with that ends a lock. By who administers the organisation that owns
// the user.
func (a *Acting) SetPassword(u User, c Credential) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) {
		a.owns(&rs, u.Owner)
	}
	a.hasUser(&rs, u)
	if len(rs) == 0 {
		a.sound(&rs, "/name", u.No)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	return &Outcome{Changes: []fullmakt.Change{u.WithCredential(c)}}, nil
}

// LockCredential locks the credential of an enterprise user until an instant.
// Whoever tried too many passwords brought it about, so it is nobody's command.
func (a *Acting) LockCredential(u User, until int64) *Outcome {
	id, c, ok := a.FindCredential(u.No)
	if !ok || c.LockedUntil >= until {
		return &Outcome{}
	}
	c.LockedUntil = until
	d := u.WithCredential(c)
	d.ID = id
	return &Outcome{Changes: []fullmakt.Change{d}}
}

// WithCredential returns a user's credential as the log keeps it.
func (u User) WithCredential(c Credential) fullmakt.Document {
	return document(fullmakt.DocumentCredential, u.UUID.String(), c, u.No)
}

// document returns a document with a body of plain fields.
func document(kind fullmakt.DocumentKind, id string, body any, parties ...fullmakt.PartyNo) fullmakt.Document {
	data, err := json.Marshal(body)
	if err != nil {
		panic("delegation: a document of plain fields cannot be written: " + err.Error())
	}
	return fullmakt.Document{Kind: kind, ID: id, Parties: parties, Body: data}
}
