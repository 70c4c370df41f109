package registry

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
)

// languages are those that a text must have.
var languages = []string{"nb", "nn", "en"}

// scopeForm is what a Maskinporten scope looks like: the prefix of its owner, a
// colon, and its own name.
var scopeForm = regexp.MustCompile(`^[a-zæøå0-9._-]+:[a-zA-ZæøåÆØÅ0-9._:/-]+$`)

const (
	longestText = 4000 // characters
	longestList = 1000 // entries
)

// Check tells whether a resource may stand in the registry; the error is *Invalid
// and names every field that is wrong.
func (r *Resource) Check() error {
	e := &Invalid{What: "resource " + strconv.Quote(clip(r.Identifier))}
	if longNumber.MatchString(r.Identifier) {
		e.add("identifier", "holds a number as long as a person's identity number; identifiers stand in logs")
	}
	if !identifierForm.MatchString(r.Identifier) {
		e.add("identifier", "want 4 to 128 characters among a-z, æøå, 0-9, - and _")
	}
	if strings.HasPrefix(r.Identifier, appPrefix) {
		if org, _, ok := appOf(r.Identifier); !ok {
			e.add("identifier", "an identifier that begins with app_ is that of an app: app_ORG_APP")
		} else if !strings.EqualFold(org, r.HasCompetentAuthority.Orgcode) {
			e.add("identifier", "the app is of another owner than hasCompetentAuthority.orgcode says")
		}
	}
	r.checkTexts(e, "title", r.Title, true)
	r.checkTexts(e, "description", r.Description, false)
	r.checkTexts(e, "rightDescription", r.RightDescription, false)
	if r.Delegable && len(r.RightDescription) == 0 {
		e.add("rightDescription", "a resource that may be delegated says what is given away with it")
	}
	choice(e, "status", r.Status, Statuses)
	choice(e, "resourceType", r.ResourceType, ResourceTypes)
	choice(e, "accessListMode", r.AccessListMode, []string{AccessListsOff, AccessListsOn})
	r.checkAuthority(e)
	r.checkReferences(e)
	for path, n := range map[string]int{"contactPoints": len(r.ContactPoints), "keywords": len(r.Keywords), "spatial": len(r.Spatial),
		"produces": len(r.Produces), "thematicAreas": len(r.ThematicAreas), "availableForType": len(r.AvailableForType)} {
		if n > longestList {
			e.add(path, "too many entries")
		}
	}
	slices.SortStableFunc(e.Fields, func(a, b Field) int { return strings.Compare(a.Path, b.Path) })
	return e.err()
}

// checkTexts wants a text in every language, or where it need not be there, in
// none.
func (r *Resource) checkTexts(e *Invalid, path string, t Texts, needed bool) {
	for lang, s := range t {
		switch {
		case !slices.Contains(languages, lang):
			e.add(path, "the languages are nb, nn and en, not "+strconv.Quote(clip(lang)))
		case utf8.RuneCountInString(s) > longestText:
			e.add(path+"."+lang, "want at most "+strconv.Itoa(longestText)+" characters")
		}
	}
	if len(t) == 0 && !needed {
		return
	}
	for _, lang := range languages {
		if strings.TrimSpace(t[lang]) == "" {
			e.add(path+"."+lang, "is missing")
		}
	}
}

func choice(e *Invalid, path, s string, choices []string) {
	if !slices.Contains(choices, s) {
		e.add(path, "want one of "+strings.Join(choices, ", "))
	}
}

func (r *Resource) checkAuthority(e *Invalid) {
	a := r.HasCompetentAuthority
	if _, err := fullmakt.ParseOrgNumber(a.Organization); err != nil && a.Organization != "" {
		e.add("hasCompetentAuthority.organization", err.Error())
	}
	if !ownerForm.MatchString(a.Orgcode) {
		e.add("hasCompetentAuthority.orgcode", "want the service owner's short name, such as skd")
	}
}

func (r *Resource) checkReferences(e *Invalid) {
	if len(r.ResourceReferences) > longestList {
		e.add("resourceReferences", "too many entries")
		return
	}
	seen := map[string]bool{}
	for i, ref := range r.ResourceReferences {
		path := "resourceReferences[" + strconv.Itoa(i) + "]"
		switch {
		case ref.ReferenceType != ScopeReference:
		case !scopeForm.MatchString(ref.Reference):
			e.add(path, "is no Maskinporten scope: want PREFIX:NAME, such as demo:kontroll.read")
		case seen[ref.Reference]:
			e.add(path, "the scope is there twice")
		default:
			seen[ref.Reference] = true
		}
	}
	if r.ResourceType == TypeMaskinportenSchema && len(seen) == 0 {
		e.add("resourceReferences", "a MaskinportenSchema names its scopes, as references of type "+ScopeReference)
	}
}

// clip shortens what is quoted in a message, and masks what may be the identity
// number of a person.
func clip(s string) string {
	const most = 60
	s = longNumber.ReplaceAllStringFunc(s, func(digits string) string { return strings.Repeat("*", len(digits)) })
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// longNumber is a row of digits as long as an identity number.
var longNumber = regexp.MustCompile(`[0-9][0-9 ]{9,}[0-9]`)
