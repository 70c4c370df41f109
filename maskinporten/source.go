package maskinporten

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/google/uuid"
)

// source is the server that a mock asks, by the two endpoints that Maskinporten
// asks Altinn by.
type source struct {
	mock *Server
	url  string // without a slash at the end
}

// The scopes of the two endpoints.
const (
	delegationsScope = "altinn:maskinporten/delegations.admin"
	systemUserScope  = "altinn:maskinporten/systemuser.read"
)

// sourceTime is how long the source may take to answer.
const sourceTime = 5 * time.Second

// delegation asks whether a consumer has delegated a scope to a supplier. What the
// source names in its answer must be what was asked about.
func (s *source) delegation(ctx context.Context, consumer, supplier fullmakt.OrgNumber, scope string) (Delegation, bool, error) {
	var list []struct {
		Consumer string   `json:"consumer_org"`
		Supplier string   `json:"supplier_org"`
		Scopes   []string `json:"scopes"`
	}
	query := url.Values{"consumerOrg": {consumer.String()}, "supplierOrg": {supplier.String()}, "scope": {scope}}
	status, err := s.get(ctx, "/accessmanagement/api/v1/maskinporten/delegations", query, delegationsScope, &list)
	if err == nil && status != http.StatusOK {
		err = s.answered(status)
	}
	for _, d := range list {
		if err == nil && d.Consumer == consumer.String() && d.Supplier == supplier.String() && slices.Contains(d.Scopes, scope) {
			return Delegation{Source: s.url + "/"}, true, nil
		}
	}
	return Delegation{}, false, err
}

// systemUser asks for the system user that an owner has for a client.
func (s *source) systemUser(ctx context.Context, client string, provider, owner fullmakt.OrgNumber, externalRef string) (SystemUser, bool, error) {
	var found struct {
		ID       string `json:"id"`
		SystemID string `json:"systemId"`
	}
	query := url.Values{"clientId": {client}, "systemProviderOrgNo": {provider.String()}, "systemUserOwnerOrgNo": {owner.String()}}
	if externalRef != "" {
		query.Set("externalRef", externalRef)
	}
	status, err := s.get(ctx, "/authentication/api/v1/systemuser/byExternalId", query, systemUserScope, &found)
	switch {
	case err != nil:
		return SystemUser{}, false, err
	case status == http.StatusNotFound:
		return SystemUser{}, false, nil
	case status != http.StatusOK:
		return SystemUser{}, false, s.answered(status)
	}
	id, err := fullmakt.ParseUUID(found.ID)
	return SystemUser{ID: id, SystemID: found.SystemID}, err == nil, err
}

func (s *source) answered(status int) error {
	return fullmakt.Errorf(fullmakt.CodeUnavailable, "%s answered with status %d", s.url, status).
		WithHint("it must believe tokens of %s that are for %s", s.mock.o.Issuer, s.url)
}

// get asks the source as the mock itself, by a token of its own making, and reads
// the JSON of a good answer.
func (s *source) get(ctx context.Context, path string, query url.Values, scope string, v any) (status int, err error) {
	now := s.mock.o.Now()
	token, err := s.mock.sign(&accessClaims{
		Audience: s.url, Scope: scope, Issuer: s.mock.o.Issuer, TokenType: "Bearer", ClientID: "mock-maskinporten", ID: uuid.NewString(),
		Issued: now.Unix(), Expires: now.Add(s.mock.o.Lifetime).Unix(),
	})
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path+"?"+query.Encode(), nil)
	if err != nil {
		return 0, fullmakt.Errorf(fullmakt.CodeInvalid, "the source's address: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	// A connection for each question: the source may stop and start meanwhile.
	client := &http.Client{Timeout: sourceTime, Transport: &http.Transport{DisableKeepAlives: true}}
	return sendTo("the source of delegations", client, r, v)
}
