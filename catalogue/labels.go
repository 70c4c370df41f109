package catalogue

import (
	"fmt"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// The words of the documents.
var (
	wordPackage       = Names{"Tilgangspakke", "Tilgangspakke", "Access package"}
	wordPackagesHere  = Names{"Tilgangspakker i kategorien", "Tilgangspakkar i kategorien", "Access packages in the category"}
	wordRegisterRoles = Names{"Enhetsregisterroller", "Einingsregisterroller", "Roles in Enhetsregisteret"}
	wordRoles         = Names{"Roller", "Roller", "Roles"}
	wordRole          = Names{"Rolle", "Rolle", "Role"}
	wordMayGiveOn     = Names{"Delegerbar", "Delegerbar", "Delegable"}
	wordDescription   = Names{"Beskrivelse", "Skildring", "Description"}
	wordWhoHas        = Names{"Roller som gir tilgangspakken", "Roller som gir tilgangspakka", "Roles that give the access package"}
	wordUseAndGive    = Names{"Hvem kan bruke, og hvem kan gi", "Kven kan bruke, og kven kan gi", "Who may use, and who may give"}
	wordMayUse        = Names{"Kan bruke", "Kan bruke", "May use"}
	wordMayGive       = Names{"Kan gi", "Kan gi", "May give"}
	wordAssignable    = Names{"Kan gis til andre", "Kan givast til andre", "Can be given"}
	wordClient        = Names{"Klientdelegering", "Klientdelegering", "Client delegation"}
	wordServiceOwner  = Names{"For tjenesteeiere", "For tenesteeigarar", "For service owners"}
	wordForms         = Names{"Bare for", "Berre for", "Only for"}
	wordForm          = Names{"Organisasjonsform", "Organisasjonsform", "Organisation form"}
	wordCode          = Names{"Kode", "Kode", "Code"}
	wordAltinnCode    = Names{"Kode i Altinn", "Kode i Altinn", "Code in Altinn"}
	wordAltinnURN     = Names{"URN i Altinn", "URN i Altinn", "URN in Altinn"}
	wordOldURN        = Names{"Eldre URN", "Eldre URN", "Older URN"}
	wordAliases       = Names{"Andre navn", "Andre namn", "Other names"}
	wordArea          = Names{"Fullmaktsområde", "Fullmaktsområde", "Area"}
	wordAreas         = Names{"Fullmaktsområder", "Fullmaktsområde", "Areas"}
	wordPackages      = Names{"Tilgangspakker", "Tilgangspakkar", "Access packages"}
	wordMappings      = Names{"Koblinger fra rolle til pakke", "Koplingar frå rolle til pakke", "Mappings from role to package"}
	wordRoleMap       = Names{"Koblinger fra rolle til rolle", "Koplingar frå rolle til rolle", "Mappings from role to role"}
	wordGroup         = Names{"Gruppe", "Gruppe", "Group"}
	wordOnBehalfOf    = Names{"På vegne av", "På vegner av", "On behalf of"}
	wordProvider      = Names{"Forvaltes av", "Blir forvalta av", "Kept by"}
	wordValid         = Names{"Gjelder", "Gjeld", "Holds"}
	wordSource        = Names{"Kilde", "Kjelde", "Source"}
	wordKey           = Names{"Nøkkelrolle", "Nøkkelrolle", "Key role"}
	wordRoleMapFrom   = Names{"Gir også rollene", "Gir også rollene", "Also gives the roles"}
	wordRoleMapTo     = Names{"Følger av rollene", "Følgjer av rollene", "Follows from the roles"}
	wordDerivedFrom   = Names{"Avledes av", "Blir avleidd av", "Derived from"}
	wordDerives       = Names{"Blir til", "Blir til", "Becomes"}
	wordNames         = Names{"Navn", "Namn", "Name"}
	wordYes           = Names{"Ja", "Ja", "Yes"}
	wordNo            = Names{"Nei", "Nei", "No"}
	wordOrganisation  = Names{"virksomhet", "verksemd", "organisation"}
	wordPerson        = Names{"privatperson", "privatperson", "person"}
	wordAlways        = Names{"alltid", "alltid", "always"}
	wordFrom          = Names{"fra og med", "frå og med", "from"}
	wordTo            = Names{"til og med", "til og med", "to and including"}
	wordOnly          = Names{"bare", "berre", "only"}
	wordProblem       = Names{"Feil", "Feil", "Problem"}
	wordFile          = Names{"Fil", "Fil", "File"}
	wordEntry         = Names{"Oppføring", "Oppføring", "Entry"}
	wordNote          = Names{"Merknad", "Merknad", "Note"}
	wordChange        = Names{"Endring", "Endring", "Change"}
	wordField         = Names{"Felt", "Felt", "Field"}
	wordBefore        = Names{"Før", "Før", "Before"}
	wordAfter         = Names{"Etter", "Etter", "After"}
	wordAdded         = Names{"lagt til", "lagt til", "added"}
	wordRemoved       = Names{"fjernet", "fjerna", "removed"}
	wordChanged       = Names{"endret", "endra", "changed"}
)

// yes returns the word for a flag.
func yes(is bool, lang string) string {
	if is {
		return wordYes.In(lang)
	}
	return wordNo.In(lang)
}

// onBehalfOf returns the word for the kind of party that an entry is for.
func onBehalfOf(kind fullmakt.PartyKind, lang string) string {
	if kind == fullmakt.KindPerson {
		return wordPerson.In(lang)
	}
	return wordOrganisation.In(lang)
}

// in returns the validity in words.
func (v Validity) in(lang string) string {
	if v.Open() {
		return wordAlways.In(lang)
	}
	var parts []string
	if v.From != 0 {
		parts = append(parts, wordFrom.In(lang)+" "+v.From.String())
	}
	if v.To != 0 {
		parts = append(parts, wordTo.In(lang)+" "+v.To.String())
	}
	return strings.Join(parts, " ")
}

// source returns the source of an entry for people: title, publisher, date.
func (c *Catalogue) source(id string) *Source {
	for i := range c.sources {
		if c.sources[i].ID == id {
			return &c.sources[i]
		}
	}
	return &Source{ID: id}
}

// String returns the source in one line.
func (s *Source) String() string {
	if s.Title == "" {
		return s.ID
	}
	return fmt.Sprintf("%s (%s, %s)", s.Title, s.Publisher, s.Date)
}

// MarshalText writes the validity as the data files have it, "" where it is open,
// and "2026-01-01/2026-06-19" with either side left out where that is open.
func (v Validity) MarshalText() ([]byte, error) {
	if v.Open() {
		return nil, nil
	}
	return []byte(v.From.String() + "/" + v.To.String()), nil
}
