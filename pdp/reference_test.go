package pdp_test

import (
	"slices"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// The reference evaluator: RULES.md written down once more, as loops over slices
// of facts and catalogue rows. It is the specification that the engine is held
// against (TestEngineIsReference), so it shares no code with it, has no index and
// no cleverness, and prefers being read to being fast.
type reference struct {
	facts
	at          int64     // the instant asked about
	wrong       wrongRule // none, but in TestPlantedWrongRulesAreCaught
	packages    []catalogue.Package
	mappings    []mapping           // those that hold at the instant
	roleMap     []roleMap           // likewise
	keyRoles    []fullmakt.RoleCode // likewise
	derivations []derivation
	business    []fullmakt.OrgForm // PRIV-1
}

// The rows of the catalogue, with codes in place of ids.
type mapping struct {
	catalogue.Mapping
	role fullmakt.RoleCode
	form fullmakt.OrgForm // "" for any
}
type roleMap struct{ has, gets fullmakt.RoleCode }
type derivation struct {
	from, to fullmakt.RoleCode
	form     fullmakt.OrgForm
}

// newReference takes the facts that stand, and of the catalogue what holds at
// the instant: whole days in Norway, open at both ends unless dated (TIME-1).
func newReference(c *catalogue.Catalogue, f facts, at int64) *reference {
	day := fullmakt.DateOf(time.Unix(at, 0).In(oslo))
	holds := func(v catalogue.Validity) bool { return (v.From == 0 || v.From <= day) && (v.To == 0 || day <= v.To) }
	r := &reference{facts: f, at: at, packages: slices.Clone(c.Packages())}
	for i, p := range r.packages {
		r.packages[i].Assignable = p.Assignable && holds(p.Valid)
	}
	roles, forms := map[catalogue.RoleID]catalogue.Role{}, map[catalogue.FormID]fullmakt.OrgForm{}
	for _, role := range c.Roles() {
		roles[role.ID] = role
		if role.Key && holds(role.Valid) {
			r.keyRoles = append(r.keyRoles, role.Code)
		}
	}
	for _, form := range c.Forms() {
		forms[form.ID] = form.Code
		if form.Business {
			r.business = append(r.business, form.Code)
		}
	}
	for _, m := range c.Mappings() {
		if holds(m.Valid) && holds(roles[m.Role].Valid) && holds(c.Packages()[m.Package].Valid) {
			r.mappings = append(r.mappings, mapping{m, roles[m.Role].Code, forms[m.Form]})
		}
	}
	for _, m := range c.RoleMaps() {
		if holds(m.Valid) && holds(roles[m.Has].Valid) && holds(roles[m.Gets].Valid) {
			r.roleMap = append(r.roleMap, roleMap{roles[m.Has].Code, roles[m.Gets].Code})
		}
	}
	for _, d := range c.Derivations() {
		r.derivations = append(r.derivations, derivation{roles[d.From].Code, roles[d.To].Code, forms[d.Form]})
	}
	return r
}

// packageSet is what a basis confers, by PackageID.
type packageSet [catalogue.MaxPackages]bool

// conferral is what a basis confers; of that what may be given on; and what it
// would confer at a unit of another form.
type conferral struct{ use, give, otherForm packageSet }

// candidate is anything of the shape of a path, with what is wrong with it (but
// for FORM-2, which depends on the package).
type candidate struct {
	trail
	*conferral
	violations []fullmakt.Reason
}

// unit is a party whose bases count for the one acted for: itself, or by an
// extension its main unit or sole proprietorship.
type unit struct {
	party      fullmakt.PartyNo
	extension  fullmakt.Rule
	violations []fullmakt.Reason
}

// held lists what is held at a party: registered roles, roles derived from them
// (FORM-1), packages granted, and ECKEY. Revoked grants do not exist.
func (r *reference) held(at fullmakt.PartyNo) (list []step) {
	org := r.organisation(at)
	for _, role := range org.Roles {
		s := step{kind: "role", at: at, holder: role.Holder, role: role.Code, since: role.Since, source: org.Source, ended: role.Ended}
		list = append(list, s)
		for _, d := range r.derivations {
			if d.from == role.Code && d.form == org.Form {
				s.role, s.derived = d.to, true
				list = append(list, s)
			}
		}
	}
	for _, g := range r.grants {
		switch {
		case g.From != at || g.Ended:
		case g.Role == fullmakt.ECKEY:
			list = append(list, step{kind: "eckey", at: at, holder: g.To, role: fullmakt.ECKEY, valid: g.Valid})
		default:
			list = append(list, step{kind: "grant", at: at, holder: g.To, pkg: g.Package, valid: g.Valid})
		}
	}
	return list
}

// links lists what is held at the organisation that holds x, if it is one.
// Derived roles are no links.
func (r *reference) links(x step) []step {
	if r.party(x.holder).ID.Kind != fullmakt.KindOrganisation {
		return nil
	}
	return slices.DeleteFunc(r.held(x.holder), func(l step) bool { return l.derived })
}

// FORM-2: a mapping with a form confers only at units of that form.
func (r *reference) fits(m mapping, form fullmakt.OrgForm) bool {
	return m.form == "" || m.form == form || r.wrong.anyForm
}

// KEY-1, NEST-2, NEST-4: a link opens the hop when it is a key role, whoever
// holds it and in whatever form of organisation, or ECKEY.
func (r *reference) key(link step) bool {
	return r.wrong.anyLink || slices.Contains(r.keyRoles, link.role)
}

// ROLE: a basis gives the role that it is and, one step, those mapped to it.
// Grants give packages, never roles.
func (r *reference) hasRole(basis step, role fullmakt.RoleCode) bool {
	return basis.registered() && (basis.role == role || slices.Contains(r.roleMap, roleMap{basis.role, role}))
}

// GIVE-1 (a), FORM-2: what a basis at a unit of a form confers. A mapping with
// hasAccess confers use, and with canDelegate giving; a grant what it names.
func (r *reference) confers(basis step, form fullmakt.OrgForm) *conferral {
	c := &conferral{}
	for _, m := range r.mappings {
		switch {
		case !basis.registered() || m.role != basis.role || !m.Access:
		case r.fits(m, form):
			c.use[m.Package] = true
			c.give[m.Package] = c.give[m.Package] || m.Delegate
		default:
			c.otherForm[m.Package] = true
		}
	}
	for _, p := range r.packages {
		if basis.kind == "grant" && p.Code == basis.pkg {
			c.use[p.ID] = true
			c.give[p.ID] = p.Code != "hovedadministrator" // GIVE-2: only a register role gives it on
		}
	}
	return c
}

// LIFE-1: what is against a party that holds something.
func (r *reference) standing(no fullmakt.PartyNo) (against []fullmakt.Reason) {
	if r.dead(no) && !r.wrong.deadHolder {
		against = append(against, fullmakt.ReasonHolderDeceased)
	}
	if r.organisation(no).State&fullmakt.Deleted != 0 || r.endedUser(no) {
		against = append(against, fullmakt.ReasonPartyDeleted)
	}
	return against
}

// LIFE-1, TIME-1: what is against a role or a grant in itself.
func (r *reference) lapsed(s step) (against []fullmakt.Reason) {
	if s.ended {
		against = append(against, fullmakt.ReasonRoleDeregistered)
	}
	if s.valid.From != 0 && r.at < s.valid.From {
		against = append(against, fullmakt.ReasonNotYetValid)
	}
	if s.valid.To != 0 && r.at >= s.valid.To {
		against = append(against, fullmakt.ReasonExpired)
	}
	return against
}

// NEST-6: DTPR at an inter-municipal company never nests, at either end.
func (r *reference) iks(s step) (against []fullmakt.Reason) {
	if s.role == fullmakt.DTPR && r.organisation(s.at).Form == fullmakt.FormIKS && !r.wrong.noIKS {
		against = append(against, fullmakt.ReasonIKSParticipant)
	}
	return against
}

// units lists the parties whose bases count for o.
func (r *reference) units(o fullmakt.PartyNo) []unit {
	list := []unit{{party: o}}
	if org := r.organisation(o); org.Form.SubUnit() && org.Parent != 0 { // SUB: one level down, never up
		u := unit{party: org.Parent, extension: fullmakt.RuleSub}
		if r.organisation(org.Parent).State&fullmakt.Deleted != 0 {
			u.violations = append(u.violations, fullmakt.ReasonPartyDeleted)
		}
		list = append(list, u)
	}
	for _, e := range r.orgs {
		if r.wrong.subUpwards && e.Form.SubUnit() && e.Parent == o {
			list = append(list, unit{party: e.Party, extension: fullmakt.RuleSub})
		}
		for _, role := range e.Roles { // ENK: o is a living person, INNH of a sole proprietorship e
			if e.Form != fullmakt.FormENK || role.Code != fullmakt.INNH || role.Holder != o || r.party(o).ID.Kind != fullmakt.KindPerson || r.wrong.noENK {
				continue
			}
			u := unit{party: e.Party, extension: fullmakt.RuleENK}
			if role.Ended {
				u.violations = append(u.violations, fullmakt.ReasonRoleDeregistered)
			}
			if r.dead(o) && !r.wrong.deadHolder {
				u.violations = append(u.violations, fullmakt.ReasonHolderDeceased)
			}
			if e.State&fullmakt.Deleted != 0 && (e.DeletedOn == 0 || r.at >= e.DeletedOn.Time(oslo).AddDate(2, 0, 0).Unix()) {
				u.violations = append(u.violations, fullmakt.ReasonPartyDeleted)
			}
			list = append(list, u)
		}
	}
	return list
}

// candidates lists everything from o to s that has the shape of a path, or of a
// path with one hop too many: each unit, basis and links once (NEST-7).
func (r *reference) candidates(s, o fullmakt.PartyNo) (list []candidate) {
	add := func(base fullmakt.Rule, u unit, c *conferral, steps ...step) {
		against := slices.Concat(u.violations, r.standing(s))
		for i, x := range steps {
			against = append(against, r.lapsed(x)...)
			if len(steps) > 1 {
				against = append(against, r.iks(x)...)
			}
			if i > 0 {
				against = append(against, r.standing(x.at)...)
			}
			if i > 0 && !r.key(x) {
				against = append(against, fullmakt.ReasonNotKeyRole)
			}
		}
		if len(steps) > 2 && !r.wrong.twoHops { // NEST, NEST-3: one hop, never more
			against = append(against, fullmakt.ReasonNestingLimit)
		}
		via := u.party
		if u.extension == "" {
			via = 0
		}
		list = append(list, candidate{trail{base: base, extension: u.extension, via: via, steps: steps}, c, against})
	}
	if s == o && r.party(s).ID.Kind == fullmakt.KindPerson { // SELF
		basis := step{kind: "self", at: s, holder: s, role: fullmakt.PrivatePerson}
		add(fullmakt.RuleSelf, unit{party: s}, r.confers(basis, ""), basis)
	}
	for _, u := range r.units(o) {
		for _, basis := range r.held(u.party) {
			if u.extension == fullmakt.RuleENK && basis.role != fullmakt.REGN && basis.role != fullmakt.REVI {
				continue
			}
			if basis.kind == "grant" && r.dead(u.party) && !r.wrong.deadHolder {
				continue // LIFE-1: grants from a person who died have ended
			}
			c := r.confers(basis, r.organisation(u.party).Form)
			if basis.holder == s {
				add(fullmakt.RuleDirect, u, c, basis)
			}
			for _, link := range r.links(basis) {
				if link.holder == s {
					add(fullmakt.RuleNest, u, c, basis, link)
				}
				for _, further := range r.links(link) {
					if further.holder == s {
						add(fullmakt.RuleNest, u, c, basis, link, further)
					}
				}
			}
		}
	}
	return list
}

// pair is what can be said of two parties before the question is known.
type pair struct {
	subject, onBehalfOf fullmakt.PartyNo
	candidates          []candidate
	gives               [catalogue.MaxPackages]fullmakt.Rule
}

func (r *reference) pair(s, o fullmakt.PartyNo) pair {
	candidates := r.candidates(s, o)
	return pair{s, o, candidates, r.gives(o, candidates)}
}

// ask answers a question about a pair.
func (r *reference) ask(q question, pair pair) answer {
	s, o := r.party(pair.subject), r.party(pair.onBehalfOf)
	a := answer{state: r.organisation(o.No).State, uncertain: s.ID.Uncertain() || o.ID.Uncertain()}
	if r.endedUser(o.No) {
		a.state = fullmakt.Deleted
	}
	switch {
	case s.No == 0 || o.No == 0:
		a.reason = fullmakt.ReasonUnknownParty
		return a
	case o.ID.Kind != fullmakt.KindOrganisation && o.ID.Kind != fullmakt.KindPerson:
		a.reason = fullmakt.ReasonWrongPartyType
		return a
	case s.No == o.No && o.ID.Kind == fullmakt.KindOrganisation: // SELF: an organisation has nothing over itself
		a.reason = fullmakt.ReasonNoRelation
		return a
	}
	a.reason = fullmakt.ReasonNoRelation
	for _, c := range pair.candidates {
		yes, otherForm := c.use != packageSet{}, c.otherForm != packageSet{}
		if q.pkg != catalogue.NoPackage {
			yes, otherForm = c.use[q.pkg], c.otherForm[q.pkg]
		}
		if q.role != "" { // ROLE: has no form condition
			yes, otherForm = r.hasRole(c.steps[0], q.role), false
		}
		against := c.violations
		if !yes && otherForm {
			against = append(slices.Clone(against), fullmakt.ReasonOrgForm)
		}
		switch {
		case !yes && !otherForm && len(against) == 0:
			a.reason = fullmakt.ReasonPackageNotHeld
		case !yes && !otherForm:
		case len(against) == 0:
			c.trail.give = q.role == "" && c.extension != fullmakt.RuleENK && c.conferral.give != packageSet{}
			if q.pkg != catalogue.NoPackage {
				c.trail.give = c.conferral.give[q.pkg] && c.extension != fullmakt.RuleENK
			}
			a.paths = append(a.paths, c.trail)
		case len(against) == 1: // with one condition lifted it would be a path
			c.reason = against[0]
			a.misses = append(a.misses, c.trail)
		}
	}
	if q.pkg != catalogue.NoPackage && r.packages[q.pkg].EntityType != o.ID.Kind {
		a.reason = fullmakt.ReasonWrongPartyType
	}
	for k, rule := range pair.gives {
		a.mayGive = a.mayGive || q.role == "" && q.pkg == catalogue.NoPackage && rule != ""
		if int(q.pkg) == k {
			a.mayGive, a.giveRule = rule != "", rule
		}
	}
	switch {
	case len(a.paths) > 0:
		a.allowed, a.misses = true, nil
		a.reason = permission(slices.MinFunc(a.paths, func(x, y trail) int { return rank(x) - rank(y) }))
	case len(a.misses) > 0:
		order := func(t trail) int { return slices.Index(denials, t.reason) }
		a.reason = slices.MinFunc(a.misses, func(x, y trail) int { return order(x) - order(y) }).reason
	}
	return a
}

// denials is the order of which a no takes the first that applies.
var denials = []fullmakt.Reason{"holder_deceased", "party_deleted", "role_deregistered", "not_yet_valid", "expired",
	"org_form", "iks_participant", "not_key_role", "nesting_limit"}

// rank is the order of which a yes takes the first: by base, then by extension.
func rank(t trail) int {
	base := slices.Index([]string{"SELF self", "DIRECT role", "DIRECT grant"}, string(t.base)+" "+t.steps[0].kind)
	if t.base == fullmakt.RuleNest {
		base = 3
	}
	return 3*base + slices.Index([]fullmakt.Rule{"", fullmakt.RuleSub, fullmakt.RuleENK}, t.extension)
}

// permission is the reason of a yes: the extension names it, else the base.
func permission(t trail) fullmakt.Reason {
	return [...]fullmakt.Reason{"self", "held_via_main_unit", "held_via_sole_proprietor",
		"held_via_role", "held_via_main_unit", "held_via_sole_proprietor",
		"held_via_grant", "held_via_main_unit", "held_via_sole_proprietor",
		"held_via_nesting", "held_via_main_unit", "held_via_sole_proprietor"}[rank(t)]
}

// gives tells by which rule each package may be given: GIVE-1, else GIVE-2.
func (r *reference) gives(o fullmakt.PartyNo, candidates []candidate) (rules [catalogue.MaxPackages]fullmakt.Rule) {
	var use, give, bound, fitting, adminSet packageSet
	self := false
	for _, c := range candidates {
		if len(c.violations) > 0 || c.extension == fullmakt.RuleENK { // DIRECT, NEST or SUB; ENK never counts
			continue
		}
		self = self || c.base == fullmakt.RuleSelf
		for k := range use {
			use[k], give[k] = use[k] || c.use[k], give[k] || c.conferral.give[k]
		}
	}
	for _, m := range r.mappings {
		fits := r.fits(m, r.organisation(o).Form)
		bound[m.Package] = bound[m.Package] || m.Access
		fitting[m.Package] = fitting[m.Package] || m.Access && fits
		adminSet[m.Package] = adminSet[m.Package] || m.role == fullmakt.MainAdministrator && m.Delegate && fits
	}
	administers, mainAdministrator := self, false
	for _, p := range r.packages {
		administers = administers || use[p.ID] && (p.Code == "tilgangsstyrer" || p.Code == "hovedadministrator")
		mainAdministrator = mainAdministrator || use[p.ID] && p.Code == "hovedadministrator"
	}
	for _, p := range r.packages {
		switch {
		case !p.Assignable || p.EntityType != r.party(o).ID.Kind:
		case give[p.ID] && administers && (fitting[p.ID] || !bound[p.ID]): // bound: FORM-2, its last sentence
			rules[p.ID] = "GIVE-1"
		case mainAdministrator && adminSet[p.ID]:
			rules[p.ID] = "GIVE-2"
		}
	}
	return rules
}
