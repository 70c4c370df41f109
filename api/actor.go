package api

import (
	"crypto/sha1"
	"net/http"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// actor returns the party that a caller acts as: the end user of its token (one of
// Altinn's, or a person of ID-porten's), else its system user, else the organisation
// that it was issued to. With authentication off it is the operator, and only then:
// a token of somebody whom the register does not know gives errStranger, and one
// that names nobody errNobody. A delegated token is such a one, since its supplier
// may use a scope for the consumer and not act as the consumer.
func (s *Server) actor(c *call, snap *index.Snapshot) (own fullmakt.PartyNo, err error) {
	switch who := c.caller; {
	case who.open:
		return delegation.Operator, nil
	case who.partyUUID != fullmakt.UUID{}:
		own, err = s.findParty(c.r.Context(), snap, partyUUIDKind, []byte(who.partyUUID.String()))
	case who.person != 0:
		own = snap.Person(who.person)
	case who.partyID != 0:
		if snap.Kind(who.partyID) != fullmakt.KindUnknown {
			own = who.partyID
		}
	case who.systemUser != fullmakt.UUID{}:
		own, err = s.findParty(c.r.Context(), snap, systemUserKind, []byte(who.systemUser.String()))
	case who.organisation != 0 && who.supplier == 0:
		own = snap.Organisation(who.organisation)
	default:
		return 0, errNobody
	}
	if err == nil && own == 0 {
		err = errStranger
	}
	return own, err
}

var (
	errStranger = statusf(http.StatusForbidden, "the token names nobody whom the register knows")
	errNobody   = statusf(http.StatusForbidden, "the token names nobody who could act").
			hinted("it is an end user's (urn:altinn:party:uuid, urn:altinn:partyid or pid), a system user's, or an organisation's own")
	// errNobodysOwn is the answer, with authentication off, of endpoints that answer
	// about whom the token names.
	errNobodysOwn = statusf(http.StatusForbidden, "with authentication off, there is no token that names somebody").
			hinted("this endpoint answers about whom the token names")
)

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
