package api

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/google/uuid"
)

// enterpriseUserHeader carries the user name and password of an enterprise user,
// base64 of NAME:PASSWORD, beside a token of Maskinporten's.
const enterpriseUserHeader = "X-Altinn-EnterpriseUser-Authentication"

// exchangeRoutes lists the routes by which a token of Maskinporten's becomes one of
// ours.
func exchangeRoutes() []route {
	const exchange = "/authentication/api/v1/exchange/maskinporten"
	return []route{
		altinn("GET", exchange, nil, (*Server).exchange),
		altinnOpen("GET", openidPath+".well-known/openid-configuration", (*Server).openidConfiguration),
		altinnOpen("GET", openidPath+".well-known/openid-configuration/jwks", (*Server).openidKeys),
	}
}

// hashing bounds how many passwords are hashed at once, by the memory it takes.
var hashing = make(chan struct{}, 4)

// exchange answers with a token of our own: for the organisation of the caller's
// token, or with the header for an enterprise user of it.
func (s *Server) exchange(c *call) error {
	if s.own == nil {
		return errNoOwn
	}
	who := c.caller
	if who.kind != "maskinporten" || who.organisation == 0 {
		c.w.Header().Set("WWW-Authenticate", `Bearer realm="fullmakt"`)
		return statusf(http.StatusUnauthorized, "only a token of Maskinporten's is exchanged")
	}
	claims := map[string]any{
		"scope": strings.Join(who.scopes, " "), "client_id": who.client, "consumer": orgClaim(who.organisation),
		"urn:altinn:orgNumber": who.organisation.String(), "urn:altinn:authenticatemethod": "maskinporten", "urn:altinn:authlevel": 3,
	}
	if who.supplier != 0 {
		claims["supplier"] = orgClaim(who.supplier)
	}
	if who.ownerCode != "" {
		claims["urn:altinn:org"] = who.ownerCode
	}
	if who.systemUser != (fullmakt.UUID{}) {
		claims["authorization_details"] = []any{map[string]any{
			"type": "urn:altinn:systemuser", "systemuser_id": []string{who.systemUser.String()}, "systemuser_org": orgClaim(who.systemUserOrg),
		}}
	}
	if headers := c.r.Header.Values(enterpriseUserHeader); len(headers) > 0 {
		user, err := s.enterpriseUserOf(c, headers)
		if err != nil {
			return err
		}
		claims["urn:altinn:authenticatemethod"] = "virksomhetsbruker"
		claims["urn:altinn:userid"], claims["urn:altinn:partyid"], claims["urn:altinn:party:uuid"] = user.No, user.No, user.UUID.String()
		claims["urn:altinn:username"] = user.Name
	}
	token, err := s.own.sign(claims, uuid.NewString(), c.now)
	if err != nil {
		return err
	}
	c.write(http.StatusOK, "text/plain; charset=utf-8", []byte(token))
	return nil
}

// orgClaim names an organisation as Maskinporten does.
func orgClaim(n fullmakt.OrgNumber) map[string]string {
	return map[string]string{"authority": "iso6523-actorid-upis", "ID": "0192:" + n.String()}
}

// errWrongPassword tells nothing of which it was.
var errWrongPassword = statusf(http.StatusUnauthorized, "the organisation has no enterprise user with this name and password")

// enterpriseUserOf returns the enterprise user whose name and password a header
// has. Once the operator's catalogue has ended the arrangement, the answer is 410.
func (s *Server) enterpriseUserOf(c *call, headers []string) (u delegation.User, err error) {
	snap, err := c.snapshot()
	if err != nil {
		return u, err
	}
	if snap.Catalogue().At(c.now.Unix()).Role(snap.Terms().ECKEY) == nil {
		return u, &altinnError{status: http.StatusGone, detail: "enterprise users (virksomhetsbruker) are not in use any more; use a system user"}
	}
	name, password, ok := credentialsIn(headers)
	if !ok {
		return u, statusf(http.StatusBadRequest, "the header %s is not base64 of a user name, a colon and a password", enterpriseUserHeader)
	}
	owner := c.caller.organisation
	key := owner.String() + "\x00" + fullmakt.FoldName(name)
	if u, err = s.node.EnterpriseUser(c.r.Context(), snap, owner, name); err != nil {
		return u, err
	}
	c.lookup.Subject, c.lookup.Object = u.No, u.Owner
	n, may := s.tries.take(key, c.now)
	acting := delegation.Acting{Snapshot: snap, At: c.now.Unix()}
	_, credential, has := acting.FindCredential(u.No)
	if !may || has && credential.Locked(c.now.Unix()) {
		c.w.Header().Set("Retry-After", strconv.Itoa(int(lockTime.Seconds())))
		return u, statusf(http.StatusTooManyRequests, "too many wrong passwords: the enterprise user is locked").
			hinted("try again later, or give it a new password")
	}
	if !has || snap.State(u.No)&fullmakt.Deleted != 0 || snap.Kind(u.No) != fullmakt.KindEnterpriseUser {
		has, credential = false, nobodysCredential() // as long in coming as a wrong password
	}
	fits, err := fitsPassword(c.r.Context(), &credential, password)
	switch {
	case err != nil:
		return u, err
	case fits && has:
		s.tries.forget(key)
		return u, nil
	case has && n >= mostTries:
		if err := s.lockUser(c, u); err != nil {
			return u, err
		}
	}
	return u, errWrongPassword
}

// nobodysCredential fits no password.
var nobodysCredential = sync.OnceValue(func() delegation.Credential {
	_, c := delegation.NewPassword(0)
	return c
})

// fitsPassword checks a password, when its turn comes.
func fitsPassword(ctx context.Context, credential *delegation.Credential, password string) (bool, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
		return credential.Fits(password), nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// lockUser makes a lock hold in other processes and after a start anew.
func (s *Server) lockUser(c *call, u delegation.User) error {
	_, err := s.node.Do(c.r.Context(), c.now, "enterprise user locked", func(snap *index.Snapshot) ([]fullmakt.Change, error) {
		acting := delegation.Acting{Snapshot: snap, At: c.now.Unix()}
		return acting.LockCredential(u, c.now.Add(lockTime).Unix()).Changes, nil
	})
	return err
}

// credentialsIn reads the header of an enterprise user, with or without the word
// Basic.
func credentialsIn(headers []string) (name, password string, ok bool) {
	const most = 1024
	if len(headers) != 1 || len(headers[0]) > most {
		return "", "", false
	}
	text := strings.TrimSpace(headers[0])
	if scheme, rest, found := strings.Cut(text, " "); found && strings.EqualFold(scheme, "Basic") {
		text = strings.TrimSpace(rest)
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !utf8.Valid(decoded) {
		return "", "", false
	}
	name, password, ok = strings.Cut(string(decoded), ":")
	return name, password, ok && name != "" && password != ""
}

// newUUID makes a UUID for something that a command makes.
func newUUID() fullmakt.UUID {
	u, err := uuid.NewV7()
	if err != nil {
		panic(fmt.Sprintf("api: no random bits: %v", err))
	}
	return fullmakt.UUID(u)
}
