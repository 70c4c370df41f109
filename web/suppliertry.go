package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Trial asks a Maskinporten for a delegated token as a supplier of a consumer
// would. An error with the code CodeForbidden says why there is none, in
// Maskinporten's own words.
type Trial func(ctx context.Context, supplier, consumer fullmakt.OrgNumber, scopes []string) (token string, err error)

// tryPage shows what a supplier gets from Maskinporten.
type tryPage struct {
	Head    *orgHead
	Other   otherShown
	Schemes []menuItem // to choose between
	Chosen  string     // the title of the one that is tried; "" for none
	Scopes  []string
	Here    bool // there is a Maskinporten to try
	Grant   string
	Refused string
	Claims  []claimShown
	Whole   string // all claims of the token
}

// claimShown is one claim of a token, with what it says.
type claimShown struct{ Name, Value, About string }

// tryScopes fetches a token as the supplier, in the demo from its mock Maskinporten;
// elsewhere it tells how a supplier does.
func tryScopes(v *view) error {
	no, other, head, path, err := v.betweenScopes(giver)
	if err != nil {
		return err
	}
	if a := v.acting(v.snap); !a.AdministersScopes(no) && !a.AdministersScopes(other) {
		return problem(http.StatusForbidden, "not-scope-manager")
	}
	p := &tryPage{Head: head, Other: v.otherShown(giver, no, other), Here: v.Trial != nil}
	pg := &page{Title: v.say("web.try.title", "name", v.label(other)), Crumbs: v.scopeCrumbs(head, giver, other, path), Body: p}
	chosen := v.value("scheme")
	for _, scheme := range v.node.Registry(v.snap).Schemes() {
		title := v.title(scheme.Resource, scheme.ID)
		p.Schemes = append(p.Schemes, menuItem{v.url(path+"/try", "scheme", scheme.ID), title, scheme.ID == chosen})
		if scheme.ID == chosen {
			p.Chosen, p.Scopes = title, scheme.Scopes
		}
	}
	if p.Chosen == "" {
		if chosen != "" {
			return problem(http.StatusNotFound, "no-scheme")
		}
		return v.show("try", pg)
	}
	v.lookup.What = chosen
	consumer := v.snap.ID(no).Org
	grant, err := json.MarshalIndent(map[string]any{
		"aud": "{issuer}", "iss": "{client_id}", "scope": strings.Join(p.Scopes, " "), "consumer_org": consumer.String(), "iat": v.at(), "exp": v.at() + 120, "jti": "{uuid}",
	}, "", "  ")
	if err != nil {
		return err
	}
	p.Grant = string(grant)
	if !p.Here {
		return v.show("try", pg)
	}
	token, err := v.Trial(v.r.Context(), v.snap.ID(other).Org, consumer, p.Scopes)
	switch {
	case fullmakt.ErrorCode(err) == fullmakt.CodeForbidden:
		p.Refused = err.Error()
	case err != nil:
		return err
	default:
		if p.Claims, p.Whole, err = v.claims(token); err != nil {
			return err
		}
	}
	return v.show("try", pg)
}

// claims reads a token: those claims that tell of the delegation, and all of them.
func (v *view) claims(token string) (list []claimShown, whole string, err error) {
	var c struct {
		Consumer, Supplier struct{ ID string }
		Source             string `json:"delegation_source"`
		Scope              string
		Expires            int64 `json:"exp"`
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, "", fullmakt.Errorf(fullmakt.CodeInternal, "the token has %d parts", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(payload, &c)
	}
	var pretty bytes.Buffer
	if err == nil {
		err = json.Indent(&pretty, payload, "", "  ")
	}
	if err != nil {
		return nil, "", fullmakt.Errorf(fullmakt.CodeInternal, "the token cannot be read: %w", err)
	}
	for _, one := range []claimShown{
		{Name: "consumer", Value: c.Consumer.ID}, {Name: "supplier", Value: c.Supplier.ID}, {Name: "delegation_source", Value: c.Source},
		{Name: "scope", Value: c.Scope}, {Name: "exp", Value: time.Unix(c.Expires, 0).In(v.oslo).Format("15:04:05")},
	} {
		one.About = v.say("web.try.claim." + one.Name)
		list = append(list, one)
	}
	return list, pretty.String(), nil
}
