package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// content is a data file as it is written: any of these sections, and a source
// that every entry without one of its own comes from. All text; what it means is
// worked out when the catalogue is built. The export has the same shape.
type content struct {
	Source      string          `json:"source,omitempty"`
	Sources     []Source        `json:"sources,omitempty"`
	Groups      []rawGroup      `json:"groups,omitempty"`
	Areas       []rawArea       `json:"areas,omitempty"`
	Packages    []rawPackage    `json:"packages,omitempty"`
	Roles       []rawRole       `json:"roles,omitempty"`
	Mappings    []rawMapping    `json:"mappings,omitempty"`
	RoleMap     []rawRoleMap    `json:"rolemap,omitempty"`
	Forms       []rawForm       `json:"forms,omitempty"`
	Derivations []rawDerivation `json:"derivations,omitempty"`
}

// stamp is what every entry carries: when it holds (first and last day,
// "2026-06-19", both optional), where it comes from, and the file it stood in.
type stamp struct {
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
	Source string `json:"source,omitempty"`
	file   string
}

func (s *stamp) stampOf() *stamp { return s }

type rawGroup struct {
	Code   string `json:"code"`
	UUID   string `json:"uuid,omitempty"`
	Entity string `json:"entity,omitempty"`
	Names  Names  `json:"names"`
	stamp
}

type rawArea struct {
	Code  string `json:"code"`
	URN   string `json:"urn,omitempty"` // accesspackage:area:CODE when left out
	UUID  string `json:"uuid,omitempty"`
	Group string `json:"group,omitempty"`
	Names Names  `json:"names"`
	Texts Names  `json:"texts"`
	stamp
}

type rawPackage struct {
	Code         string   `json:"code"`
	URN          string   `json:"urn,omitempty"`        // urn:altinn:accesspackage:CODE when left out
	AltinnURN    string   `json:"altinn_urn,omitempty"` // the URN when left out
	Aliases      []string `json:"aliases,omitempty"`
	UUID         string   `json:"uuid,omitempty"`
	Area         string   `json:"area,omitempty"`
	Entity       string   `json:"entity,omitempty"`
	Provider     string   `json:"provider,omitempty"`
	Assignable   bool     `json:"assignable"`
	Delegable    bool     `json:"delegable"`
	ServiceOwner bool     `json:"service_owner"`
	Names        Names    `json:"names"`
	Texts        Names    `json:"texts"`
	stamp
}

type rawRole struct {
	Code         string   `json:"code"`
	AltinnCode   string   `json:"altinn_code,omitempty"` // the code when left out
	URN          string   `json:"urn,omitempty"`
	LegacyURN    string   `json:"legacy_urn,omitempty"`
	Aliases      []string `json:"aliases,omitempty"`
	UUID         string   `json:"uuid,omitempty"`
	Provider     string   `json:"provider,omitempty"`
	Entity       string   `json:"entity,omitempty"`
	Key          bool     `json:"key,omitempty"`
	Assignable   bool     `json:"assignable,omitempty"`
	ServiceOwner bool     `json:"service_owner,omitempty"`
	Names        Names    `json:"names"`
	stamp
}

// rawMapping is the mappings of one package. A role is written by its code, and
// with "@FORM" after it where the mapping holds for one organisation form only:
// "FFØR@NUF".
type rawMapping struct {
	Package    string   `json:"package"`
	UseAndGive []string `json:"use_and_give,omitempty"` // hasAccess and canDelegate
	UseOnly    []string `json:"use_only,omitempty"`     // hasAccess
	GiveOnly   []string `json:"give_only,omitempty"`    // canDelegate
	Assign     []string `json:"assign,omitempty"`       // those of the above with canAssign
	Roles      []string `json:"roles,omitempty"`        // in "end" only: the mappings to end; none = all
	stamp
}

type rawRoleMap struct {
	Has  string   `json:"has"`
	Gets []string `json:"gets,omitempty"`
	stamp
}

type rawForm struct {
	Code     string   `json:"code"`
	UUID     string   `json:"uuid,omitempty"`
	Entity   string   `json:"entity,omitempty"`
	SubUnit  bool     `json:"sub_unit,omitempty"`
	Business bool     `json:"business,omitempty"`
	Roles    []string `json:"roles,omitempty"` // that occur at it
	Names    Names    `json:"names"`
	stamp
}

type rawDerivation struct {
	Role  string `json:"role"`
	Form  string `json:"form"`
	Gives string `json:"gives"`
	stamp
}

// decode reads one data file into v, which is a *content or an *overlay.
// Unknown fields are errors, since they are misspelt ones.
func decode(file string, data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		err = errors.New("something follows the end of the object")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the file ends too early")
	}
	at := d.InputOffset()
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &wrong):
		at = wrong.Offset
	}
	line := 1 + bytes.Count(data[:min(max(at, 0), int64(len(data)))], []byte("\n"))
	return fullmakt.Errorf(fullmakt.CodeInvalid, "%s line %d: %w", file, line, err).
		WithHint("the file must hold one JSON object in the shape that the package documents")
}

// mark gives every entry of c its file, and its source where it has none.
func (c *content) mark(file string) {
	mark := func(s *stamp) {
		s.file = file
		if s.Source == "" {
			s.Source = c.Source
		}
	}
	for i := range c.Sources {
		c.Sources[i].file = file
	}
	for i := range c.Groups {
		mark(&c.Groups[i].stamp)
	}
	for i := range c.Areas {
		mark(&c.Areas[i].stamp)
	}
	for i := range c.Packages {
		mark(&c.Packages[i].stamp)
	}
	for i := range c.Roles {
		mark(&c.Roles[i].stamp)
	}
	for i := range c.Mappings {
		mark(&c.Mappings[i].stamp)
	}
	for i := range c.RoleMap {
		mark(&c.RoleMap[i].stamp)
	}
	for i := range c.Forms {
		mark(&c.Forms[i].stamp)
	}
	for i := range c.Derivations {
		mark(&c.Derivations[i].stamp)
	}
}

// fold brings a name to the form in which names are compared.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// splitRole takes "FFØR@NUF" apart.
func splitRole(s string) (role, form string) {
	role, form, _ = strings.Cut(s, "@")
	return role, form
}

// contains reports whether list names s, in any letter case.
func contains(list []string, s string) bool {
	return slices.ContainsFunc(list, func(t string) bool { return strings.EqualFold(s, t) })
}
