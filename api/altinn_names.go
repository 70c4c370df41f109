package api

import (
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// How Altinn spells what the catalogue and the register know.

const (
	packageURNPrefix = "urn:altinn:accesspackage:"
	legacyURNPrefix  = "urn:altinn:rolecode:"
)

// altinnPackageCode is the bare code of a package: what follows the prefix of its
// URN in Altinn, which for a few is another name than ours.
func altinnPackageCode(p *catalogue.Package) string {
	return strings.TrimPrefix(p.AltinnURN, packageURNPrefix)
}

// legacyCode is a role's code in Altinn 2, in lower case, or "": dagl, utinn.
func legacyCode(r *catalogue.Role) string {
	if code, ok := strings.CutPrefix(r.LegacyURN, legacyURNPrefix); ok {
		return code
	}
	if code, ok := strings.CutPrefix(r.URN, legacyURNPrefix); ok {
		return code
	}
	return ""
}

// partyType is what an authorized party is called.
func partyType(k fullmakt.PartyKind) string {
	switch k {
	case fullmakt.KindOrganisation:
		return "Organization"
	case fullmakt.KindPerson:
		return "Person"
	}
	return "None"
}

// The types of entity in Altinn, by our name for them.
var entityTypes = map[string]struct{ id, name string }{
	"organisation":    {"8c216e2f-afdd-4234-9ba2-691c727bb33d", "Organisasjon"},
	"person":          {"bfe09e70-e868-44b3-8d81-dfe0e13e058a", "Person"},
	"enterprise_user": {"870be6c4-b68f-4918-b897-12cdeae246de", "Virksomhetbruker"},
	"system_user":     {"fe643898-2f47-4080-85e3-86bf6fe39630", "Systembruker"},
	"self_identified": {"fef80481-a798-4407-9e28-8fd167824434", "Selvidentifisert"},
}

// The providers of roles and packages in Altinn, by their codes.
var providers = map[string]struct{ id, name string }{
	"sys-altinn2": {"0195ea92-2080-777d-8626-69c91ea2a05d", "Altinn 2"},
	"sys-altinn3": {"0195ea92-2080-7e7c-bbe3-bb0521c1e51a", "Altinn 3"},
	"sys-resreg":  {"0195ea92-2080-79d8-9859-0b26375f145e", "Ressursregisteret"},
	"sys-ccr":     {"0195ea92-2080-758b-89db-7735c4f68320", "Enhetsregisteret"},
	"sys-cra":     {"019bbcab-449f-749a-bc13-4218549b8e93", "Sivilrettsforvaltningen"},
}

// variantOf is the variant of a party's entity: an organisation's form.
func variantOf(s *index.Snapshot, p fullmakt.PartyNo) string {
	switch s.Kind(p) {
	case fullmakt.KindOrganisation:
		return string(s.Form(p))
	case fullmakt.KindPerson:
		return "Person"
	case fullmakt.KindEnterpriseUser:
		return "Virksomhetsbruker"
	}
	return ""
}
