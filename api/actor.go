package api

import (
	"crypto/sha1"
	"net/http"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// actor returns the party that a caller acts as when it gives or takes back: the
// end user or the system user of its token, else the organisation that the token
// was issued to. With authentication off it is the operator. 0 and an error is for
// a token that names none of them; a delegated token is such a one, since its
// supplier may use a scope for the consumer and not act as the consumer.
func (s *Server) actor(c *call, snap *index.Snapshot) (fullmakt.PartyNo, error) {
	if c.caller.open {
		return delegation.Operator, nil
	}
	own, err := s.ownParty(c, snap)
	switch {
	case own != 0:
		return own, nil
	case c.caller.systemUser != fullmakt.UUID{}:
		own, err = s.findParty(c.r.Context(), snap, systemUserKind, []byte(c.caller.systemUser.String()))
	case c.caller.organisation != 0 && c.caller.supplier == 0:
		own, err = snap.Organisation(c.caller.organisation), nil
	}
	if err == nil && own == 0 {
		err = errNoActor
	}
	return own, err
}

var errNoActor = statusf(http.StatusForbidden, "the token names nobody whom the register knows")

// findReference returns the party that a parameter names: by UUID, by organisation
// number, or by a URN with either. 0 is nobody.
func (s *Server) findReference(c *call, snap *index.Snapshot, text string) (fullmakt.PartyNo, error) {
	if i := strings.LastIndexByte(text, ':'); i >= 0 {
		return s.findParty(c.r.Context(), snap, idKindOf([]byte(text[:i])), []byte(text[i+1:]))
	}
	kind := partyUUIDKind
	if len(text) == 9 {
		kind = orgNumberKind
	}
	return s.findParty(c.r.Context(), snap, kind, []byte(strings.ToLower(text)))
}

// derivedUUID returns the UUID of something that has none of its own here, such as
// a resource: always the same for the same words (RFC 9562, version 5).
func derivedUUID(kind string, words ...string) string {
	sum := sha1.Sum([]byte("fullmakt/" + kind + "/" + strings.Join(words, "/")))
	u := fullmakt.UUID(sum[:16])
	u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
	return u.String()
}
