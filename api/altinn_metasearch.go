package api

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/registry"
)

// metaHitJSON is a package that a search found.
type metaHitJSON struct {
	Object *metaPackageJSON   `json:"object"`
	Score  float64            `json:"score"`
	Fields []metaHitFieldJSON `json:"fields"`
}

// metaHitFieldJSON tells where the words of the search stand.
type metaHitFieldJSON struct {
	Field string            `json:"field"`
	Value string            `json:"value"`
	Score float64           `json:"score"`
	Words []metaHitWordJSON `json:"words"`
}

type metaHitWordJSON struct {
	Content          string  `json:"content"`
	LowercaseContent string  `json:"lowercaseContent"`
	IsMatch          bool    `json:"isMatch"`
	Score            float64 `json:"score"`
}

// metaSearch finds packages by words of their names and texts and of their
// areas'. With strict every word must be found whole; else the beginning of a word
// will do.
func (s *Server) metaSearch(c *call) error {
	m, q, err := c.meta()
	if err != nil {
		return err
	}
	strict, err := q.flag("strict", false)
	if err != nil {
		return err
	}
	if _, err := q.flag("simpleSearch", true); err != nil {
		return err
	}
	inResources, err := q.flag("searchInResources", false)
	if err != nil {
		return err
	}
	owners := q.all("resourceProviderCode")
	var of *policyResources
	if inResources || len(owners) > 0 {
		if of, err = c.policyResources(m); err != nil {
			return err
		}
	}
	kind := fullmakt.KindUnknown
	switch name := strings.ToLower(q.one("typeName")); name {
	case "":
	case "organisasjon", "organization", "organisation":
		kind = fullmakt.KindOrganisation
	case "person":
		kind = fullmakt.KindPerson
	default:
		return &altinnError{status: http.StatusBadRequest, code: amEntityType, detail: "there is no type of entity with this name"}
	}
	words := strings.Fields(strings.ToLower(q.one("term")))
	var hits []metaHitJSON
	for id := range m.v.Valid().All() {
		p := m.v.Package(id)
		if kind != fullmakt.KindUnknown && p.EntityType != kind {
			continue
		}
		var resources []*registry.Resource
		if of != nil {
			resources = of.find(registry.PackageSubjects(p))
		}
		if len(owners) > 0 && !slices.ContainsFunc(resources, func(r *registry.Resource) bool {
			return slices.ContainsFunc(owners, func(code string) bool { return strings.EqualFold(code, r.HasCompetentAuthority.Orgcode) })
		}) {
			continue
		}
		var titles []string
		if inResources {
			for _, r := range resources {
				titles = append(titles, r.Title.In(m.lang))
			}
		}
		if hit, ok := m.hit(p, words, strict, titles); ok {
			hits = append(hits, hit)
		}
	}
	slices.SortStableFunc(hits, func(a, b metaHitJSON) int { return cmp.Compare(b.Score, a.Score) })
	return writeOrNone(c, hits)
}

// hit looks for words in a package and in titles of resources that it opens; no
// words find every package.
func (m meta) hit(p *catalogue.Package, words []string, strict bool, titles []string) (metaHitJSON, bool) {
	hit := metaHitJSON{Object: m.pkgWithArea(p), Fields: []metaHitFieldJSON{}}
	fields := []struct {
		name, value string
		weight      float64
	}{
		{"name", hit.Object.Name, 4},
		{"description", hit.Object.Description, 1},
		{"area.name", "", 2},
		{"urn", altinnPackageCode(p), 3},
	}
	if hit.Object.Area != nil {
		fields[2].value = hit.Object.Area.Name
	}
	for _, title := range titles {
		fields = append(fields, struct {
			name, value string
			weight      float64
		}{"resources.name", title, 2})
	}
	found := make([]bool, len(words))
	for _, f := range fields {
		field := metaHitFieldJSON{Field: f.name, Value: f.value, Words: []metaHitWordJSON{}}
		for _, content := range strings.FieldsFunc(f.value, func(r rune) bool { return strings.ContainsRune(" ,.;:()/-", r) }) {
			word := metaHitWordJSON{Content: content, LowercaseContent: strings.ToLower(content)}
			for i, w := range words {
				if word.LowercaseContent == w || !strict && strings.HasPrefix(word.LowercaseContent, w) {
					word.IsMatch, found[i] = true, true
					word.Score = max(word.Score, f.weight*float64(len(w))/float64(len(word.LowercaseContent)))
				}
			}
			field.Score += word.Score
			field.Words = append(field.Words, word)
		}
		if field.Score > 0 {
			hit.Score += field.Score
			hit.Fields = append(hit.Fields, field)
		}
	}
	return hit, !slices.Contains(found, false)
}
