package registry

import (
	"encoding/json"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// Resource is a service that a policy protects, as Altinn's resource registry
// describes one. Its JSON is the body of its document and what the HTTP API reads
// and writes; absent lists and texts are written empty, so that a client that
// wants an object gets one.
type Resource struct {
	Identifier                string             `json:"identifier"`
	Version                   *string            `json:"version"`
	Title                     Texts              `json:"title"`
	Description               Texts              `json:"description"`
	RightDescription          Texts              `json:"rightDescription"` // what one gives away with it
	Homepage                  *string            `json:"homepage"`
	Status                    string             `json:"status"` // one of Statuses
	Spatial                   []string           `json:"spatial"`
	ContactPoints             []ContactPoint     `json:"contactPoints"`
	Produces                  []string           `json:"produces"`
	IsPartOf                  *string            `json:"isPartOf"`
	ThematicAreas             []string           `json:"thematicAreas"`
	ResourceReferences        []Reference        `json:"resourceReferences"`
	Delegable                 bool               `json:"delegable"`
	Visible                   bool               `json:"visible"`
	HasCompetentAuthority     CompetentAuthority `json:"hasCompetentAuthority"`
	Keywords                  []Keyword          `json:"keywords"`
	AccessListMode            string             `json:"accessListMode"` // AccessListsOff or AccessListsOn
	SelfIdentifiedUserEnabled bool               `json:"selfIdentifiedUserEnabled"`
	EnterpriseUserEnabled     bool               `json:"enterpriseUserEnabled"`
	ResourceType              string             `json:"resourceType"` // one of ResourceTypes
	AvailableForType          []string           `json:"availableForType"`
	ConsentTemplate           *string            `json:"consentTemplate,omitempty"`
	ConsentText               Texts              `json:"consentText,omitempty"`
	IsOneTimeConsent          bool               `json:"isOneTimeConsent,omitempty"`
}

// Texts is a text by language: nb, nn and en.
type Texts map[string]string

// In returns the text in a language, else in bokmål, else in any that there is.
func (t Texts) In(lang string) string {
	for _, l := range []string{lang, "nb", "nn", "en"} {
		if s := t[l]; s != "" {
			return s
		}
	}
	return ""
}

// ContactPoint is where one asks about a resource.
type ContactPoint struct {
	Category    string `json:"category"`
	Email       string `json:"email"`
	Telephone   string `json:"telephone"`
	ContactPage string `json:"contactPage"`
}

// Reference names the same thing elsewhere: an app, a service of Altinn 2, a
// Maskinporten scope.
type Reference struct {
	ReferenceSource string `json:"referenceSource"`
	Reference       string `json:"reference"`
	ReferenceType   string `json:"referenceType"`
}

// ScopeReference is the type of a reference that is a Maskinporten scope.
const ScopeReference = "MaskinportenScope"

// CompetentAuthority is who owns a resource.
type CompetentAuthority struct {
	Name         Texts  `json:"name"`
	Organization string `json:"organization"` // its organisation number
	Orgcode      string `json:"orgcode"`      // its short name as a service owner, such as skd
}

// Keyword is a word that a resource is found by.
type Keyword struct {
	Word     string `json:"word"`
	Language string `json:"language"`
}

// The types of resource that mean something here.
const (
	TypeGeneric            = "GenericAccessResource"
	TypeMaskinportenSchema = "MaskinportenSchema" // a scheme of scopes, see Scheme
	TypeApp                = "AltinnApp"
)

// ResourceTypes are the types that a resource may have.
var ResourceTypes = []string{
	"Default", "Systemresource", TypeMaskinportenSchema, "Altinn2Service", TypeApp, TypeGeneric,
	"BrokerService", "CorrespondenceService", "Consent",
}

// Statuses are the states of development that a resource may be in. They decide
// nothing.
var Statuses = []string{"Completed", "Deprecated", "UnderDevelopment", "Withdrawn"}

// What AccessListMode may be. With AccessListsOn, a resource is for organisations
// on one of its access lists alone.
const (
	AccessListsOff = "Disabled"
	AccessListsOn  = "Enabled"
)

// Attribute ids that resources and policies use.
const (
	AttributeResource = "urn:altinn:resource"
	AttributeOrg      = "urn:altinn:org"
	AttributeApp      = "urn:altinn:app"
	AttributeRole     = "urn:altinn:rolecode"
	AttributePackage  = "urn:altinn:accesspackage"
	// The type of a party, organization or person, and the access lists it is on, as
	// policies about resources without a party ask for them.
	AttributePartyType  = "urn:altinn:partytype"
	AttributeAccessList = "urn:altinn:access-list"
	AttributeAction     = "urn:oasis:names:tc:xacml:1.0:action:action-id"
)

// ParseResource reads a resource from JSON. Letter case of keys does not matter,
// unknown ones are ignored, and what a resource says nothing of gets Altinn's
// default: it is visible, delegable, and for everybody that the policy lets in.
// The error has code CodeInvalid. What it says is not checked; see Check.
func ParseResource(data []byte) (*Resource, error) {
	r := Resource{Delegable: true, Visible: true, Status: Statuses[0], AccessListMode: AccessListsOff, ResourceType: TypeGeneric}
	if err := readJSON(data, "resource", &r); err != nil {
		return nil, err
	}
	r.complete()
	return &r, nil
}

// complete gives absent lists and texts their empty value, words that have a list
// of choices the spelling of the list, and the owner its one spelling.
func (r *Resource) complete() {
	for _, t := range []*Texts{&r.Title, &r.Description, &r.RightDescription, &r.HasCompetentAuthority.Name} {
		if *t == nil {
			*t = Texts{}
		}
	}
	for _, l := range []*[]string{&r.Spatial, &r.Produces, &r.ThematicAreas, &r.AvailableForType} {
		if *l == nil {
			*l = []string{}
		}
	}
	if r.ContactPoints == nil {
		r.ContactPoints = []ContactPoint{}
	}
	if r.ResourceReferences == nil {
		r.ResourceReferences = []Reference{}
	}
	if r.Keywords == nil {
		r.Keywords = []Keyword{}
	}
	r.Status = spelled(r.Status, Statuses)
	r.ResourceType = spelled(r.ResourceType, ResourceTypes)
	r.AccessListMode = spelled(r.AccessListMode, []string{AccessListsOff, AccessListsOn})
	owner := &r.HasCompetentAuthority
	owner.Orgcode = strings.ToLower(strings.TrimSpace(owner.Orgcode))
	if n, err := fullmakt.ParseOrgNumber(owner.Organization); err == nil {
		owner.Organization = n.String()
	}
	for i := range r.ResourceReferences {
		ref := &r.ResourceReferences[i]
		ref.ReferenceType = spelled(ref.ReferenceType, []string{ScopeReference})
	}
}

// document returns the resource as a change of the log.
func (r *Resource) document() (fullmakt.Document, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return fullmakt.Document{}, fullmakt.Errorf(fullmakt.CodeInternal, "write the resource %s: %w", r.Identifier, err)
	}
	return fullmakt.Document{Kind: fullmakt.DocumentResource, ID: r.Identifier, Body: body}, nil
}

// Scopes returns the Maskinporten scopes that the resource refers to.
func (r *Resource) Scopes() (scopes []string) {
	for _, ref := range r.ResourceReferences {
		if ref.ReferenceType == ScopeReference {
			scopes = append(scopes, ref.Reference)
		}
	}
	return scopes
}

// Attributes returns the attributes that name the resource in a request and in a
// policy: its identifier, or of an app its owner and name as well.
func (r *Resource) Attributes() []Attribute {
	own := Attribute{AttributeResource, r.Identifier}
	if org, app, ok := appOf(r.Identifier); ok {
		return []Attribute{own, {AttributeOrg, org}, {AttributeApp, app}}
	}
	return []Attribute{own}
}
