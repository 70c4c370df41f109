package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/fullmakt/fullmakt"
)

// AuthorizedParty is a party that somebody may represent, as Altinn's clients know
// it.
type AuthorizedParty struct {
	UUID               string `json:"partyUuid"`
	Name               string `json:"name"`
	OrganisationNumber string `json:"organizationNumber"` // "" for persons
	// PersonID is a person's identity number, "" for others. Handle it as such.
	PersonID    string        `json:"personId"`
	DateOfBirth fullmakt.Date `json:"dateOfBirth"`
	ParentUUID  string        `json:"parentId"` // of a sub-unit
	ID          uint32        `json:"partyId"`
	Type        string        `json:"type"`     // Organization, Person
	UnitType    string        `json:"unitType"` // AS, BEDR
	Deleted     bool          `json:"isDeleted"`
	// NoAccess tells that the party stands here only as the main unit of the
	// sub-units below it.
	NoAccess bool              `json:"onlyHierarchyElementWithNoAccess"`
	Packages []string          `json:"authorizedAccessPackages"` // bare codes
	Roles    []string          `json:"authorizedRoles"`          // legacy codes
	Subunits []AuthorizedParty `json:"subunits"`
}

// PartyOptions say what of authorized parties is shown. The zero value shows no
// roles and no packages, of every party that is not left out.
type PartyOptions struct {
	Roles    bool
	Packages bool
	// WithoutKeyRoles leaves out authority through linked organisations,
	// WithoutSubParties that over sub-units, WithoutDeleted deleted organisations.
	WithoutKeyRoles, WithoutSubParties, WithoutDeleted bool
	// Only are the parties that are asked about; nil asks about all.
	Only []Entity
}

// AuthorizedParties lists whom a subject may represent, as a service owner asks.
// The scope is altinn:accessmanagement/authorizedparties.resourceowner.
func (c *Client) AuthorizedParties(ctx context.Context, subject Entity, o PartyOptions) ([]AuthorizedParty, error) {
	type party struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	}
	body := struct {
		party
		Filter []party `json:"partyFilter,omitempty"`
	}{party: party{subject.Type, subject.ID}}
	if o.Only != nil && len(o.Only) == 0 {
		return nil, nil // nobody is asked about
	}
	for _, p := range o.Only {
		body.Filter = append(body.Filter, party{p.Type, p.ID})
	}
	q := url.Values{}
	for name, yes := range map[string]bool{
		"includeRoles": o.Roles, "includeAccessPackages": o.Packages, "includePartiesViaKeyRoles": !o.WithoutKeyRoles,
		"includeSubParties": !o.WithoutSubParties, "includeInactiveParties": !o.WithoutDeleted,
	} {
		q.Set(name, map[bool]string{true: "true", false: "false"}[yes])
	}
	var list []AuthorizedParty
	err := c.ask(ctx, http.MethodPost, "/accessmanagement/api/v1/resourceowner/authorizedparties?"+q.Encode(), body, &list)
	return list, err
}
