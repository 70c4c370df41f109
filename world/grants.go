package world

import (
	"github.com/fullmakt/fullmakt"
)

// granted is what a grant statement gives.
type granted uint8

const (
	grantsPackage granted = iota
	grantsRight
	grantsECKEY
)

// grant reads a grant of a package, of a single right, or of the key role.
func (p *parser) grant(l *line, what granted) (err error) {
	grant := Grant{Where: p.where(l.no)}
	givers := []fullmakt.PartyKind{fullmakt.KindOrganisation, fullmakt.KindPerson}
	receivers := []fullmakt.PartyKind{fullmakt.KindOrganisation, fullmakt.KindPerson, fullmakt.KindEnterpriseUser, fullmakt.KindSystemUser}
	switch what {
	case grantsPackage:
		grant.Package, err = p.packageOf(l)
	case grantsRight:
		grant.Resource, grant.Right, err = l.right()
	case grantsECKEY:
		grant.Role = fullmakt.ECKEY
		givers, receivers = givers[:1], receivers[2:3]
	}
	if err != nil {
		return err
	}
	to, err := p.ends(l, &grant.From, &grant.To, givers, receivers)
	if err != nil {
		return err
	}
	if grant.To.Kind == fullmakt.KindEnterpriseUser && grant.To.Org != grant.From.Org {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the enterprise user %s belongs to another organisation", show(to)).
			WithHint("only %s can give to it (rule GIVE-3)", grant.To.Org)
	}
	if err := p.given(l, &grant.Valid, &grant.GivenBy, &grant.Revoked); err != nil {
		return err
	}
	type key struct {
		from, to             fullmakt.PartyID
		pkg, resource, right string
	}
	if err := p.once(l, key{grant.From, grant.To, grant.Package, grant.Resource, grant.Right}, "this grant"); err != nil {
		return err
	}
	p.world.Grants = append(p.world.Grants, grant)
	return nil
}

// ends reads who gives to whom, and returns how the receiver is called.
func (p *parser) ends(l *line, from, to *fullmakt.PartyID, givers, receivers []fullmakt.PartyKind) (receiver string, err error) {
	giver, err := l.after("from", "who gives it")
	if err != nil {
		return "", err
	}
	if receiver, err = l.after("to", "who is given it"); err != nil {
		return "", err
	}
	if *from, err = p.party(giver, givers...); err != nil {
		return "", err
	}
	if *to, err = p.party(receiver, receivers...); err != nil {
		return "", err
	}
	if *from == *to {
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "%s gives to itself", show(giver)).WithHint("name another receiver")
	}
	return receiver, nil
}

// given reads the clauses of a grant: how long it lasts, who gave it, and whether
// it was taken back.
func (p *parser) given(l *line, valid *fullmakt.Interval, by *fullmakt.PartyID, revoked *bool) error {
	var last fullmakt.Date
	err := l.clauses("from DATE, until DATE, by PARTY or revoked", map[string]func() error{
		"from": func() error {
			first, err := l.date("the first day")
			valid.From = first.Time(fullmakt.Oslo()).Unix()
			return err
		},
		"until": func() (err error) {
			last, err = l.date("the last day")
			valid.To = fullmakt.Through(last, fullmakt.Oslo())
			return err
		},
		"by":      func() error { return p.by(l, by) },
		"revoked": func() error { *revoked = true; return nil },
	})
	if err == nil && valid.To != 0 && valid.To <= valid.From {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the last day, %s, is before the first", last).
			WithHint("until is the last day on which it may be used")
	}
	return err
}

// by reads who gave something.
func (p *parser) by(l *line, by *fullmakt.PartyID) error {
	text, err := l.value("who gave it")
	if err == nil {
		*by, err = p.party(text)
	}
	return err
}

// scopes reads a scope grant (rule SCOPE-1).
func (p *parser) scopes(l *line) (err error) {
	grant := ScopeGrant{Where: p.where(l.no)}
	if grant.Scheme, err = l.value("the id of the scheme"); err != nil {
		return err
	}
	organisations := []fullmakt.PartyKind{fullmakt.KindOrganisation}
	if _, err := p.ends(l, &grant.From, &grant.To, organisations, organisations); err != nil {
		return err
	}
	if err := p.given(l, &grant.Valid, &grant.GivenBy, &grant.Revoked); err != nil {
		return err
	}
	type key struct {
		from, to fullmakt.PartyID
		scheme   string
	}
	if err := p.once(l, key{grant.From, grant.To, grant.Scheme}, "this scope grant"); err != nil {
		return err
	}
	p.world.ScopeGrants = append(p.world.ScopeGrants, grant)
	return nil
}

// right reads a single right, "RIGHT of RESOURCE".
func (l *line) right() (resource, right string, err error) {
	if right, err = l.value("the right"); err != nil {
		return "", "", err
	}
	resource, err = l.after("of", "the resource that it is a right to")
	return resource, right, err
}

// packageOf reads a package.
func (p *parser) packageOf(l *line) (string, error) {
	text, err := l.value("the package")
	if err != nil {
		return "", err
	}
	return p.packageCode(text)
}

// partyAfter reads a keyword and the party after it, which is of one of the kinds.
func (p *parser) partyAfter(l *line, keyword, what string, kinds ...fullmakt.PartyKind) (fullmakt.PartyID, error) {
	text, err := l.after(keyword, what)
	if err != nil {
		return fullmakt.PartyID{}, err
	}
	return p.party(text, kinds...)
}
