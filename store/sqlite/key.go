package sqlite

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io/fs"
	"os"
	"strings"
	"sync"

	"github.com/fullmakt/fullmakt"
)

// Key is the secret of a store: 256 random bits from which the keys that encrypt
// and look up identities are derived. Without it the store does not open.
type Key [32]byte

// String hides the key, so that it cannot reach a log by accident.
func (Key) String() string { return "key(…)" }

// GoString hides the key.
func (Key) GoString() string { return "key(…)" }

const keyFileHint = "a key file holds 64 hexadecimal digits; keep it apart from the store and its backups"

// LoadKey reads a key file: 64 hexadecimal digits, with blanks around them
// allowed. The error has code CodeNotFound when there is no such file, and
// CodeInvalid when it holds anything else.
func LoadKey(file string) (Key, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, fullmakt.Errorf(fullmakt.CodeNotFound, "key file %s: %w", file, fs.ErrNotExist).WithHint(keyFileHint)
	}
	if err != nil {
		return Key{}, fullmakt.Errorf(fullmakt.CodeUnavailable, "key file: %w", err)
	}
	b, err := hex.DecodeString(strings.TrimSpace(string(text)))
	var key Key
	if err != nil || len(b) != len(key) {
		return Key{}, fullmakt.Errorf(fullmakt.CodeInvalid, "key file %s: not 64 hexadecimal digits", file).WithHint(keyFileHint)
	}
	copy(key[:], b)
	return key, nil
}

// CreateKey writes a new random key to a file that only its owner may read. The
// error has code CodeConflict when the file exists: a key is never replaced,
// since the identities in its store could not be read again.
func CreateKey(file string) (Key, error) {
	key := newKey()
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return Key{}, fullmakt.Errorf(fullmakt.CodeConflict, "key file %s: %w", file, fs.ErrExist).
			WithHint("a key is never overwritten; use the file as it is, or name another")
	}
	if err != nil {
		return Key{}, fullmakt.Errorf(fullmakt.CodeUnavailable, "key file: %w", err)
	}
	_, err = f.WriteString(hex.EncodeToString(key[:]) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return Key{}, fullmakt.Errorf(fullmakt.CodeUnavailable, "key file: %w", err)
	}
	return key, nil
}

func newKey() Key {
	var key Key
	rand.Read(key[:]) // never fails
	return key
}

// secrets are the keys derived from a Key, one for each use.
type secrets struct {
	check [sha256.Size]byte // proves that a store was made with this key
	aead  cipher.AEAD
	macs  sync.Pool // of hash.Hash, keyed for identities
}

func newSecrets(key Key) (*secrets, error) {
	derive := func(use string) ([]byte, error) {
		return hkdf.Key(sha256.New, key[:], nil, "fullmakt store: "+use, 32)
	}
	checkKey, err1 := derive("key check")
	macKey, err2 := derive("identity look-up")
	sealKey, err3 := derive("identity encryption")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "derive keys: %w", err)
	}
	block, err := aes.NewCipher(sealKey)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "derive keys: %w", err)
	}
	s := &secrets{}
	if s.aead, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "derive keys: %w", err)
	}
	m := hmac.New(sha256.New, checkKey)
	m.Write([]byte("this store"))
	m.Sum(s.check[:0])
	s.macs.New = func() any { return hmac.New(sha256.New, macKey) }
	return s, nil
}

// ident is the keyed hash by which an identity is looked up.
type ident [16]byte

// identOf hashes an encoded identity.
func (s *secrets) identOf(encoded []byte) (id ident) {
	m := s.macs.Get().(hash.Hash)
	m.Reset()
	m.Write(encoded)
	var sum [sha256.Size]byte
	m.Sum(sum[:0])
	s.macs.Put(m)
	copy(id[:], sum[:])
	return id
}
