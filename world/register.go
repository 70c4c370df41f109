package world

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// registerStatement reads one line of the register section as far as it can be
// read before all parties are declared, and leaves the rest for later.
func (p *parser) registerStatement(l *line) error {
	switch {
	case l.keyword("organisation"):
		return p.organisation(l)
	case l.keyword("person"):
		return p.person(l)
	case l.keyword("enterprise-user"):
		p.users = append(p.users, pass{l, func() error { return p.enterpriseUser(l) }})
	case l.keyword("system-user"):
		p.users = append(p.users, pass{l, func() error { return p.systemUser(l) }})
	case l.keyword("role"):
		p.later = append(p.later, pass{l, func() error { return p.role(l) }})
		return p.noteUnlisted(l)
	case l.keyword("open-data"):
		if err := l.expect("role"); err != nil {
			return err
		}
		p.later = append(p.later, pass{l, func() error { return p.openDataRole(l) }})
		return p.noteUnlisted(l)
	case l.keyword("eckey"):
		p.later = append(p.later, pass{l, func() error { return p.grant(l, grantsECKEY) }})
	case l.keyword("grant"):
		p.later = append(p.later, pass{l, func() error { return p.grant(l, grantsPackage) }})
	case l.keyword("grant-right"):
		p.later = append(p.later, pass{l, func() error { return p.grant(l, grantsRight) }})
	case l.keyword("agent"):
		p.later = append(p.later, pass{l, func() error { return p.agent(l) }})
	case l.keyword("delegate"):
		p.later = append(p.later, pass{l, func() error { return p.delegate(l) }})
	case l.keyword("scopes"):
		p.later = append(p.later, pass{l, func() error { return p.scopes(l) }})
	default:
		return l.unknown("organisation, person, enterprise-user, system-user, role, open-data role, eckey, grant, grant-right, agent, delegate or scopes")
	}
	return nil
}

func (p *parser) organisation(l *line) error {
	text, err := l.value("the organisation number")
	if err != nil {
		return err
	}
	number, err := fullmakt.ParseOrgNumber(text)
	if err != nil {
		return err
	}
	if !number.Synthetic() {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s may be the number of a real organisation", number).
			WithHint("use a synthetic number, which starts with 2 or 3")
	}
	if text, err = l.value("the organisation form"); err != nil {
		return err
	}
	form := fullmakt.OrgForm(strings.ToUpper(text))
	if p.catalogue.FormID(form) == 0 {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s is not an organisation form", show(text)).
			WithHint("write the number, the form and the name, as in organisation 310000019 AS \"Bergen AS\"")
	}
	name, err := l.name()
	if err != nil {
		return err
	}
	change := fullmakt.RegisterChange{
		Source: fullmakt.SourceWorld,
		Org:    number,
		Has:    fullmakt.HasName | fullmakt.HasForm | fullmakt.HasParent | fullmakt.HasState | fullmakt.HasRoles,
		Name:   name,
		Form:   form,
		Where:  p.where(l.no),
	}
	state := func(s fullmakt.OrgState) func() error {
		return func() error { change.State |= s; return nil }
	}
	parent := ""
	err = l.clauses("parent ORG, deleted, bankrupt, winding-up or forced-winding-up", map[string]func() error{
		"parent": func() (err error) { parent, err = l.value("the main unit"); return err },
		"deleted": func() (err error) {
			change.State |= fullmakt.Deleted
			if l.isDate() {
				change.DeletedOn, err = l.date("the date of deletion")
			}
			return err
		},
		"bankrupt":          state(fullmakt.Bankrupt),
		"winding-up":        state(fullmakt.WindingUp),
		"forced-winding-up": state(fullmakt.ForcedWindingUp),
	})
	if err != nil {
		return err
	}
	if err := p.parties.declare(l.no, fullmakt.OrganisationID(number), name); err != nil {
		return err
	}
	index := len(p.world.Register)
	p.units[number] = index
	p.world.Register = append(p.world.Register, change)
	if parent != "" {
		p.later = append(p.later, pass{l, func() error {
			id, err := p.party(parent, fullmakt.KindOrganisation)
			if err == nil && id.Org == number {
				err = fullmakt.Errorf(fullmakt.CodeInvalid, "an organisation cannot be its own parent").
					WithHint("name the main unit, or remove the parent")
			}
			p.world.Register[index].Parent = id.Org
			return err
		}})
	}
	return nil
}

func (p *parser) person(l *line) error {
	var id fullmakt.PartyID
	var born fullmakt.Date
	var err error
	open := l.keyword("born")
	if open {
		if born, err = l.date("the birth date"); err != nil {
			return err
		}
	} else {
		text, err := l.value("the identity number")
		if err != nil {
			return err
		}
		number, err := fullmakt.ParseNationalID(text)
		if err != nil {
			return fullmakt.Errorf(fullmakt.CodeInvalid, "%w", err).
				WithHint("write person IDENTITY-NUMBER NAME or person born DATE NAME")
		}
		if !number.Synthetic() {
			return fullmakt.Errorf(fullmakt.CodeInvalid, "this may be the identity number of a real person").
				WithHint("use a synthetic number, whose month is raised by 80 or 40")
		}
		id = fullmakt.PersonID(number)
	}
	name, err := l.name()
	if err != nil {
		return err
	}
	if open {
		id = fullmakt.OpenPersonID(born, name)
	}
	person := Person{ID: id, Name: name, Where: p.where(l.no)}
	err = l.clauses("dead", map[string]func() error{
		"dead": func() error { person.Dead = true; return nil },
	})
	if err != nil {
		return err
	}
	p.dead[id] = person.Dead
	p.world.Persons = append(p.world.Persons, person)
	return p.parties.declare(l.no, id, name)
}

func (p *parser) enterpriseUser(l *line) error {
	name, err := l.name()
	if err != nil {
		return err
	}
	if strings.ContainsAny(name, "@ \t") {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the user name %s holds a blank or an @", show(name)).
			WithHint("write it in one word, as trondheim-integrasjon")
	}
	text, err := l.after("of", "the organisation that owns the user")
	if err != nil {
		return err
	}
	owner, err := p.party(text, fullmakt.KindOrganisation)
	if err != nil {
		return err
	}
	user := EnterpriseUser{ID: fullmakt.EnterpriseUserID(owner.Org, name), Name: name, Where: p.where(l.no)}
	err = l.clauses("ended", map[string]func() error{
		"ended": func() error { user.Ended = true; return nil },
	})
	if err != nil {
		return err
	}
	p.world.EnterpriseUsers = append(p.world.EnterpriseUsers, user)
	return p.parties.declare(l.no, user.ID, name)
}

// noteUnlisted remembers a code, the next word, that the file says no catalogue
// knows, so that questions may use it wherever they stand.
func (p *parser) noteUnlisted(l *line) error {
	if l.words[len(l.words)-1].bare("unlisted") && len(l.words) > l.next+1 {
		code := fullmakt.RoleCode(l.words[l.next].text)
		if known, ok := p.catalogue.FindRole(string(code)); ok {
			return fullmakt.Errorf(fullmakt.CodeInvalid, "the catalogue knows the role %s", known.Code).
				WithHint("remove the word unlisted")
		}
		p.unlisted[code] = true
	}
	return nil
}

// role reads a role that the register has.
func (p *parser) role(l *line) error {
	unit, role, err := p.roleOf(l)
	if err != nil {
		return err
	}
	if err := p.once(l, roleKey{fullmakt.SourceWorld, role.Code, unit, role.Holder}, "this role"); err != nil {
		return err
	}
	change := &p.world.Register[p.units[unit.Org]]
	change.Roles = append(change.Roles, role)
	return nil
}

// openDataRole reads a role that open data states: one of the whole set that it
// states for the unit.
func (p *parser) openDataRole(l *line) error {
	unit, role, err := p.roleOf(l)
	if err != nil {
		return err
	}
	if err := p.once(l, roleKey{fullmakt.SourceOpenData, role.Code, unit, role.Holder}, "this role of open data"); err != nil {
		return err
	}
	isUnit := func(c fullmakt.RegisterChange) bool { return c.Org == unit.Org }
	index := slices.IndexFunc(p.world.OpenData, isUnit)
	if index < 0 {
		index = len(p.world.OpenData)
		p.world.OpenData = append(p.world.OpenData, fullmakt.RegisterChange{
			Source: fullmakt.SourceOpenData,
			Org:    unit.Org,
			Has:    fullmakt.HasRoles,
			Where:  p.where(l.no),
		})
	}
	change := &p.world.OpenData[index]
	change.Roles = append(change.Roles, role)
	return nil
}

// roleKey is what only one line may state.
type roleKey struct {
	source       fullmakt.Source
	code         fullmakt.RoleCode
	unit, holder fullmakt.PartyID
}

// roleOf reads a role, from its code on, and the unit that it is a role at.
func (p *parser) roleOf(l *line) (unit fullmakt.PartyID, role fullmakt.RegisterRole, err error) {
	text, err := l.value("the role code")
	if err != nil {
		return unit, role, err
	}
	if role.Code, err = p.roleCode(text); err != nil {
		return unit, role, err
	}
	if text, err = l.after("at", "the organisation"); err != nil {
		return unit, role, err
	}
	if unit, err = p.party(text, fullmakt.KindOrganisation); err != nil {
		return unit, role, err
	}
	if text, err = l.after("holder", "who holds the role"); err != nil {
		return unit, role, err
	}
	if role.Holder, err = p.party(text, fullmakt.KindOrganisation, fullmakt.KindPerson); err != nil {
		return unit, role, err
	}
	role.HolderName = p.parties.name[role.Holder]
	role.HolderDead = p.dead[role.Holder]
	err = l.clauses("since DATE, deregistered, or as the last word unlisted", map[string]func() error{
		"since":        func() (err error) { role.Since, err = l.date("the date of the role"); return err },
		"deregistered": func() error { role.Ended = true; return nil },
		"unlisted":     func() error { return nil },
	})
	return unit, role, err
}

// name reads a name, which must hold something.
func (l *line) name() (string, error) {
	text, err := l.value("the name")
	if err == nil && strings.TrimSpace(text) == "" {
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "the name is empty").WithHint("write a name in the quotes")
	}
	return strings.TrimSpace(text), err
}

// party finds a declared party that is of one of the kinds, or of any when none
// is given.
func (p *parser) party(text string, kinds ...fullmakt.PartyKind) (fullmakt.PartyID, error) {
	id, err := p.parties.find(text)
	if err != nil {
		return id, err
	}
	for _, kind := range kinds {
		if id.Kind == kind {
			return id, nil
		}
	}
	if len(kinds) == 0 {
		return id, nil
	}
	var want []string
	for _, kind := range kinds {
		want = append(want, plain(kind))
	}
	return fullmakt.PartyID{}, fullmakt.Errorf(fullmakt.CodeInvalid, "%s is %s", show(text), plain(id.Kind)).
		WithHint("what may stand here is %s", strings.Join(want, " or "))
}

func plain(kind fullmakt.PartyKind) string {
	switch kind {
	case fullmakt.KindOrganisation:
		return "an organisation"
	case fullmakt.KindPerson:
		return "a person"
	case fullmakt.KindSystemUser:
		return "a system user"
	}
	return "an enterprise user"
}

// roleCode finds a role by any of its names.
func (p *parser) roleCode(text string) (fullmakt.RoleCode, error) {
	if role, ok := p.catalogue.FindRole(text); ok {
		return role.Code, nil
	}
	if p.unlisted[fullmakt.RoleCode(text)] {
		return fullmakt.RoleCode(text), nil
	}
	return "", fullmakt.Errorf(fullmakt.CodeNotFound, "the catalogue has no role %s", show(text)).
		WithHint("fullmakt catalogue list names the roles; to use a code that is none of them, end its role line with the word unlisted")
}

// packageCode finds a package by any of its names.
func (p *parser) packageCode(text string) (string, error) {
	if pkg, ok := p.catalogue.FindPackage(text); ok {
		return pkg.Code, nil
	}
	return "", fullmakt.Errorf(fullmakt.CodeNotFound, "the catalogue has no package %s", show(text)).
		WithHint("fullmakt catalogue list names the packages")
}
