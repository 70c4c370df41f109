package catalogue

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
)

// checkNames reports names or texts that are empty in a language, or that hold
// signs no Norwegian or English text has: control and format signs, and letters
// of other alphabets, which look alike and match nothing.
func (w *builder) checkNames(e entry, field string, n Names) {
	w.checkText(e, field, "nb", n.NB)
	w.checkText(e, field, "nn", n.NN)
	w.checkText(e, field, "en", n.EN)
}

func (w *builder) checkText(e entry, field, lang, s string) {
	if strings.TrimSpace(s) == "" {
		w.report(e, "%s: the text in %s is empty", field, lang)
		return
	}
	if s[0] == ' ' || s[len(s)-1] == ' ' {
		w.report(e, "%s: the text in %s begins or ends with a blank", field, lang)
	}
	for _, r := range s {
		switch {
		case r >= ' ' && r < unicode.MaxASCII:
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			w.report(e, "%s: the text in %s has the invisible sign %U", field, lang, r)
			return
		case unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r):
			w.report(e, "%s: the text in %s has the letter %q (%U) of another alphabet", field, lang, r, r)
			return
		}
	}
}

// partyKind reads the kind of party that an entry is for.
func (w *builder) partyKind(e entry, s string) fullmakt.PartyKind {
	switch s {
	case "organisation":
		return fullmakt.KindOrganisation
	case "person":
		return fullmakt.KindPerson
	}
	w.report(e, "unknown entity %q: want organisation or person", s)
	return fullmakt.KindUnknown
}

// index maps the names of entries of one kind to their number: as spelled, and in
// lower case. No two entries answer to the same name.
type index[ID comparable] struct {
	w   *builder
	ids map[string]ID
}

func newIndex[ID comparable](w *builder, size int) *index[ID] {
	return &index[ID]{w: w, ids: make(map[string]ID, size)}
}

// add lets names lead to id. Empty ones are passed over.
func (x *index[ID]) add(e entry, id ID, names ...string) {
	for _, name := range names {
		if name == "" {
			continue
		}
		folded := fold(name)
		if old, taken := x.ids[folded]; taken && old != id {
			x.w.report(e, "answers to %q, but another entry does, too", folded)
			continue
		}
		x.ids[folded] = id
		if name != folded {
			x.ids[name] = id
		}
	}
}
