package api

import (
	"github.com/fullmakt/fullmakt/registry"
)

// resourceRefJSON names a resource in the answers about connections and scopes
// (Resource). Its UUIDs are derived from the names that the registry has.
type resourceRefJSON struct {
	ID          string               `json:"id"`
	ProviderID  string               `json:"providerId"`
	TypeID      string               `json:"typeId"`
	Name        string               `json:"name"`
	Description string               `json:"description"`
	RefID       string               `json:"refId"`
	Provider    *metaProviderJSON    `json:"provider"`
	Type        *resourceRefTypeJSON `json:"type"`
}

type resourceRefTypeJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func resourceRef(r *registry.Resource, lang string) resourceRefJSON {
	owner := r.HasCompetentAuthority
	provider := &metaProviderJSON{
		ID: derivedUUID("provider", owner.Orgcode), Name: owner.Name.In(lang), RefID: orNull(owner.Organization), Code: owner.Orgcode, TypeID: noUUID,
	}
	kind := &resourceRefTypeJSON{ID: derivedUUID("resource-type", r.ResourceType), Name: r.ResourceType}
	return resourceRefJSON{
		ID: derivedUUID("resource", r.Identifier), ProviderID: provider.ID, TypeID: kind.ID, Name: r.Title.In(lang), Description: r.Description.In(lang),
		RefID: r.Identifier, Provider: provider, Type: kind,
	}
}

// rightJSON names a right to a resource: an action on it or on a part of it.
type rightJSON struct {
	Key      string          `json:"key"`
	Name     string          `json:"name"`
	Resource []typeValueJSON `json:"resource"`
	Action   typeValueJSON   `json:"action"`
}

type typeValueJSON struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

func rightOut(r registry.Right) rightJSON {
	out := rightJSON{Key: r.Key, Name: r.Action.Value, Resource: []typeValueJSON{}, Action: typeValueJSON{r.Action.ID, r.Action.Value}}
	for _, a := range r.Resource {
		out.Resource = append(out.Resource, typeValueJSON{a.ID, a.Value})
	}
	return out
}

// rightCheckJSON tells whether the caller may give a right, and why.
type rightCheckJSON struct {
	Right       rightJSON `json:"right"`
	Result      bool      `json:"result"`
	ReasonCodes []string  `json:"reasonCodes"`
}

// resourceCheckJSON is the delegation check of a resource (ResourceCheck).
type resourceCheckJSON struct {
	Resource resourceRefJSON  `json:"resource"`
	Rights   []rightCheckJSON `json:"rights"`
}
