package world

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// parties finds the declared parties by what a person may call them.
type parties struct {
	line   map[fullmakt.PartyID]int    // where it is declared
	name   map[fullmakt.PartyID]string // as written
	byName map[string][]fullmakt.PartyID
	byWord map[string][]fullmakt.PartyID // first word of a name of several
}

func newParties() parties {
	return parties{
		line:   make(map[fullmakt.PartyID]int),
		name:   make(map[fullmakt.PartyID]string),
		byName: make(map[string][]fullmakt.PartyID),
		byWord: make(map[string][]fullmakt.PartyID),
	}
}

// declare adds a party, which no other line may declare.
func (p *parties) declare(line int, id fullmakt.PartyID, name string) error {
	if first := p.line[id]; first != 0 {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s is declared already on line %d", describe(id, p.name[id]), first).
			WithHint("remove one of the two lines, or give one another number")
	}
	p.line[id] = line
	p.name[id] = name
	folded := fullmakt.FoldName(name)
	p.byName[folded] = append(p.byName[folded], id)
	if first, _, several := strings.Cut(folded, " "); several {
		p.byWord[first] = append(p.byWord[first], id)
	}
	return nil
}

// find returns the one party that text names.
func (p *parties) find(text string) (fullmakt.PartyID, error) {
	var none fullmakt.PartyID
	if id, ok, err := numbered(text); err != nil {
		return none, err
	} else if ok {
		if p.line[id] == 0 {
			return none, fullmakt.Errorf(fullmakt.CodeNotFound, "no line declares %s", show(text)).
				WithHint("add an organisation or person line with that number to the register section")
		}
		return id, nil
	}
	folded := fullmakt.FoldName(text)
	found := p.byName[folded]
	if len(found) == 0 {
		found = p.byWord[folded]
	}
	if len(found) == 0 {
		found = p.qualified(folded)
	}
	switch len(found) {
	case 0:
		return none, fullmakt.Errorf(fullmakt.CodeNotFound, "no line declares a party called %s", show(text)).
			WithHint("correct the name, or declare the party in the register section")
	case 1:
		return found[0], nil
	}
	var names []string
	for _, id := range found {
		names = append(names, describe(id, p.name[id]))
	}
	slices.Sort(names)
	return none, fullmakt.Errorf(fullmakt.CodeAmbiguous, "%s may be %s", show(text), strings.Join(names, " or ")).
		WithHint("write the number, USERNAME@NUMBER, or \"NAME born DATE\"")
}

// numbered reads an organisation number or an identity number; ok is false when
// text is neither and so must be a name.
func numbered(text string) (id fullmakt.PartyID, ok bool, err error) {
	digits := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(text)
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return id, false, nil
	}
	if len(digits) == 11 {
		person, err := fullmakt.ParseNationalID(digits)
		return fullmakt.PersonID(person), err == nil, err
	}
	org, err := fullmakt.ParseOrgNumber(digits)
	return fullmakt.OrganisationID(org), err == nil, err
}

// qualified finds "name born 1989-03-12" and "username@310000027".
func (p *parties) qualified(folded string) []fullmakt.PartyID {
	if name, date, ok := strings.Cut(folded, " born "); ok {
		if born, err := parseDay(date); err == nil {
			if id := fullmakt.OpenPersonID(born, name); p.line[id] != 0 {
				return []fullmakt.PartyID{id}
			}
		}
	}
	if user, owner, ok := strings.Cut(folded, "@"); ok {
		if org, err := fullmakt.ParseOrgNumber(owner); err == nil {
			if id := fullmakt.EnterpriseUserID(org, user); p.line[id] != 0 {
				return []fullmakt.PartyID{id}
			}
			system, reference, _ := strings.Cut(user, "/")
			if id := fullmakt.SystemUserID(org, system, reference); p.line[id] != 0 {
				return []fullmakt.PartyID{id}
			}
		}
	}
	return nil
}

// describe names a party so that the description can be used to name it.
func describe(id fullmakt.PartyID, name string) string {
	switch {
	case id.Kind == fullmakt.KindOrganisation:
		return fmt.Sprintf("%s (%s)", id.Org, name)
	case id.Kind == fullmakt.KindEnterpriseUser || id.Kind == fullmakt.KindSystemUser:
		return fmt.Sprintf("%s@%s", name, id.Org)
	case id.Uncertain():
		return fmt.Sprintf("\"%s born %s\"", name, id.Born)
	}
	return fmt.Sprintf("%s (%s)", id.Person.Reveal(), name) // declared ones are synthetic
}

// Find returns the party that text names, as a world file may name it: by
// number, name, first word of a name or user name. The error has code
// CodeInvalid, CodeNotFound or CodeAmbiguous.
func (w *World) Find(text string) (fullmakt.PartyID, error) {
	p := newParties()
	for i := range w.Register {
		if err := p.declare(i+1, fullmakt.OrganisationID(w.Register[i].Org), w.Register[i].Name); err != nil {
			return fullmakt.PartyID{}, err
		}
	}
	for i, person := range w.Persons {
		if err := p.declare(i+1, person.ID, person.Name); err != nil {
			return fullmakt.PartyID{}, err
		}
	}
	for i, user := range w.EnterpriseUsers {
		if err := p.declare(i+1, user.ID, user.Name); err != nil {
			return fullmakt.PartyID{}, err
		}
	}
	for i, user := range w.SystemUsers {
		if err := p.declare(i+1, user.ID, user.Name); err != nil {
			return fullmakt.PartyID{}, err
		}
	}
	return p.find(text)
}
