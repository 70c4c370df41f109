package api

import (
	"slices"
	"time"

	"github.com/fullmakt/fullmakt"
)

// caller is who makes a request, as a verified token says. It does not change
// once made and is shared by all requests with the same token.
type caller struct {
	issuer       string             // an IssuerConfig's name; "" with authentication off
	kind         string             // an IssuerConfig's kind
	client       string             // the client id
	organisation fullmakt.OrgNumber // the consumer; 0 when the token names none
	supplier     fullmakt.OrgNumber // who acts for the consumer; 0 for none
	ownerCode    string             // urn:altinn:org, the service owner's code
	scopes       []string
	prefixes     []string // of scopes, that belong to the organisation

	// The end user or system user, when the token is one's.
	person     fullmakt.NationalID
	partyUUID  fullmakt.UUID
	partyID    fullmakt.PartyNo
	systemUser fullmakt.UUID
	// systemUserOrg is the organisation that a system user belongs to.
	systemUserOrg fullmakt.OrgNumber
	acr           string // level of authentication, as the issuer writes it
	authLevel     int    // urn:altinn:authlevel

	expires time.Time
	limit   *consumerLimit // what it may ask about; nil for everything
	purpose string         // why it lists real persons' authority (rule PRIV-1)
	open    bool           // authentication is off: it may do everything
}

// may reports whether the caller has any one of the scopes.
func (c *caller) may(scopes ...string) bool {
	if c.open {
		return true
	}
	for _, s := range scopes {
		if slices.Contains(c.scopes, s) {
			return true
		}
	}
	return false
}

// key tells clients apart where each has a share of its own.
func (c *caller) key() string {
	if c.client != "" {
		return c.issuer + "\x00" + c.client
	}
	return c.issuer + "\x00" + c.organisation.String()
}

// nobody is the caller of an anonymous route.
var nobody = &caller{}

// everybody is the caller while authentication is off.
var everybody = &caller{client: "loopback", open: true}
