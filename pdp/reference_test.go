package pdp_test

import (
	"slices"
	"strings"
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
		r.packages[i].Delegable = p.Delegable && holds(p.Valid)
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

// conferral is what a basis confers; of that what may be given on; what it would
// confer at a unit of another form; and the single right of a grant of one.
type conferral struct {
	use, give, otherForm packageSet
	right                string
}

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
	party, via fullmakt.PartyNo // via names the party again where there is an extension
	extension  fullmakt.Rule
	violations []fullmakt.Reason
}

// held lists what is held at a party: registered roles, roles derived from them
// (FORM-1), packages and single rights granted, and ECKEY. Revoked grants do not
// exist. A scope grant is nothing that is held (SCOPE-1).
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
		case g.From != at || g.Ended && g.Cause != fullmakt.CauseExpired:
		case g.Role == fullmakt.ECKEY:
			list = append(list, step{kind: "eckey", at: at, holder: g.To, role: fullmakt.ECKEY, valid: g.Valid})
		default:
			list = append(list, step{kind: "grant", at: at, holder: g.To, pkg: g.Package, right: rightOf(g), valid: g.Valid})
		}
	}
	for _, g := range r.scopes {
		if r.wrong.scopesConfer && g.From == at && !g.Ended {
			list = append(list, step{kind: "grant", at: at, holder: g.To, pkg: "delegerbare-maskinporten-scopes", valid: g.Valid})
		}
	}
	return list
}

// rightOf names the single right that a grant gives, "" for any other grant.
func rightOf(g fullmakt.Grant) string {
	if g.Resource == "" {
		return ""
	}
	return g.Resource + "/" + g.Right
}

// links lists what is held at the organisation that holds x, if it is one: its
// agents are among those who hold something there (NEST-4). Derived roles are no
// links.
func (r *reference) links(x step) []step {
	if r.party(x.holder).ID.Kind != fullmakt.KindOrganisation {
		return nil
	}
	list := slices.DeleteFunc(r.held(x.holder), func(l step) bool { return l.derived })
	for _, a := range r.agents {
		if a.Provider == x.holder && !a.Ended {
			list = append(list, step{kind: "agent", at: x.holder, holder: a.Agent})
		}
	}
	for _, d := range r.delegations {
		if r.wrong.clientHop && d.Client == x.holder && !d.Ended {
			list = append(list, step{kind: "client", at: x.holder, holder: d.Agent, role: fullmakt.DAGL})
		}
	}
	return list
}

// FORM-2: a mapping with a form confers only at units of that form.
func (r *reference) fits(m mapping, form fullmakt.OrgForm) bool {
	return m.form == "" || m.form == form || r.wrong.anyForm
}

// KEY-1, NEST-2, NEST-4: a link opens the hop when it is a key role, whoever
// holds it and in whatever form of organisation, or ECKEY. An ECKEY that the
// catalogue has ended has expired (TIME-1).
func (r *reference) key(link step) []fullmakt.Reason {
	if link.kind == "eckey" && !slices.Contains(r.keyRoles, fullmakt.ECKEY) {
		return []fullmakt.Reason{fullmakt.ReasonExpired}
	}
	return against(fullmakt.ReasonNotKeyRole, !slices.Contains(r.keyRoles, link.role) && !r.wrong.anyLink)
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
	if c.right = basis.right; c.right != "" && r.wrong.anyRight {
		c.right = "any"
	}
	for _, p := range r.packages {
		if basis.kind == "grant" && p.Code == basis.pkg {
			c.use[p.ID] = true
			c.give[p.ID] = p.Code != "hovedadministrator" // GIVE-2: only a register role gives it on
		}
	}
	return c
}

// against is a reason against something, where it holds.
func against(reason fullmakt.Reason, holds bool) []fullmakt.Reason {
	if holds {
		return []fullmakt.Reason{reason}
	}
	return nil
}

// LIFE-1: what is against a party that holds something.
func (r *reference) standing(no fullmakt.PartyNo) []fullmakt.Reason {
	return slices.Concat(
		against(fullmakt.ReasonHolderDeceased, r.dead(no) && !r.wrong.deadHolder),
		against(fullmakt.ReasonPartyDeleted, r.organisation(no).State&fullmakt.Deleted != 0 || r.endedUser(no)))
}

// LIFE-1, TIME-1: what is against a role or a grant in itself.
func (r *reference) lapsed(s step) []fullmakt.Reason {
	return slices.Concat(
		against(fullmakt.ReasonRoleDeregistered, s.ended),
		against(fullmakt.ReasonNotYetValid, s.valid.From != 0 && r.at < s.valid.From),
		against(fullmakt.ReasonExpired, s.valid.To != 0 && r.at >= s.valid.To))
}

// NEST-6: DTPR at an inter-municipal company never nests, at either end.
func (r *reference) iks(s step) []fullmakt.Reason {
	return against(fullmakt.ReasonIKSParticipant,
		s.role == fullmakt.DTPR && r.organisation(s.at).Form == fullmakt.FormIKS && !r.wrong.noIKS)
}

// units lists the parties whose bases count for o.
func (r *reference) units(o fullmakt.PartyNo) []unit {
	list := []unit{{party: o}}
	if org := r.organisation(o); org.Form.SubUnit() && org.Parent != 0 { // SUB: one level down, never up
		deleted := r.organisation(org.Parent).State&fullmakt.Deleted != 0
		list = append(list, unit{org.Parent, org.Parent, fullmakt.RuleSub, against(fullmakt.ReasonPartyDeleted, deleted)})
	}
	for _, e := range r.orgs {
		if r.wrong.subUpwards && e.Form.SubUnit() && e.Parent == o {
			list = append(list, unit{party: e.Party, via: e.Party, extension: fullmakt.RuleSub})
		}
		for _, role := range e.Roles { // ENK: o is a living person, INNH of a sole proprietorship e
			if e.Form != fullmakt.FormENK || role.Code != fullmakt.INNH || role.Holder != o || r.party(o).ID.Kind != fullmakt.KindPerson || r.wrong.noENK {
				continue
			}
			longGone := e.DeletedOn == 0 || r.at >= e.DeletedOn.Time(oslo).AddDate(2, 0, 0).Unix()
			list = append(list, unit{e.Party, e.Party, fullmakt.RuleENK, slices.Concat(
				against(fullmakt.ReasonRoleDeregistered, role.Ended),
				against(fullmakt.ReasonHolderDeceased, r.dead(o) && !r.wrong.deadHolder),
				against(fullmakt.ReasonPartyDeleted, e.State&fullmakt.Deleted != 0 && longGone))})
		}
	}
	return list
}

// candidates lists everything from o to s that has the shape of a path, or of a
// path with one hop too many: each unit, basis and links once (NEST-7).
func (r *reference) candidates(s, o fullmakt.PartyNo) (list []candidate) {
	add := func(base fullmakt.Rule, u unit, c *conferral, steps ...step) {
		violations := slices.Concat(u.violations, r.standing(s))
		for i, x := range steps {
			violations = append(violations, r.lapsed(x)...)
			if len(steps) > 1 { // not DIRECT
				violations = append(violations, r.iks(x)...)
			}
			if i > 0 { // a link, at an organisation in the middle
				violations = slices.Concat(violations, r.standing(x.at), r.key(x))
			}
		}
		violations = append(violations, against(fullmakt.ReasonNestingLimit, len(steps) > 2 && !r.wrong.twoHops)...) // NEST-3: one hop
		list = append(list, candidate{trail{base: base, extension: u.extension, via: u.via, steps: steps}, c, violations})
	}
	if s == o && r.party(s).ID.Kind == fullmakt.KindPerson { // SELF
		basis := step{kind: "self", at: s, holder: s, role: fullmakt.PrivatePerson}
		add(fullmakt.RuleSelf, unit{party: s}, r.confers(basis, ""), basis)
	}
	for _, u := range r.units(o) {
		for _, basis := range r.held(u.party) {
			if u.extension == fullmakt.RuleENK && basis.role != fullmakt.REGN && basis.role != fullmakt.REVI && (basis.kind != "grant" || !r.wrong.enkGrant) {
				continue
			}
			if basis.kind == "grant" && r.dead(u.party) && !r.wrong.deadHolder {
				continue // LIFE-1: grants from a person who died have ended
			}
			c := r.confers(basis, r.organisation(u.party).Form)
			for _, d := range r.restingOn(basis, s) { // CLIENT
				violations := slices.Concat(u.violations, r.standing(s), r.lapsed(basis), r.clientViolations(d))
				list = append(list, candidate{trail{base: fullmakt.RuleClient, extension: u.extension, via: u.via, steps: []step{basis, delegated(d)}}, r.only(c, d.Package), violations})
			}
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

type pair struct {
	subject, onBehalfOf fullmakt.PartyNo
	candidates          []candidate
	gives               [catalogue.MaxPackages]fullmakt.Rule
	administers         bool // GIVE-1 (c)
}

// pair is what can be said of two parties before the question is known.
func (r *reference) pair(s, o fullmakt.PartyNo) pair {
	candidates := r.candidates(s, o)
	gives, administers := r.gives(o, candidates)
	return pair{s, o, candidates, gives, administers}
}

// ask answers a question about a pair.
func (r *reference) ask(q question, pair pair) answer {
	s, o := r.party(pair.subject), r.party(pair.onBehalfOf)
	a := answer{state: r.organisation(o.No).State, uncertain: s.ID.Uncertain() || o.ID.Uncertain()}
	switch {
	case s.No == 0 || o.No == 0:
		a.reason = fullmakt.ReasonUnknownParty
	case o.ID.Kind != fullmakt.KindOrganisation && o.ID.Kind != fullmakt.KindPerson:
		a.reason = fullmakt.ReasonWrongPartyType
	case s.No == o.No && o.ID.Kind == fullmakt.KindOrganisation: // SELF: an organisation has nothing over itself
		a.reason = fullmakt.ReasonNoRelation
	}
	if a.reason != "" {
		return a
	}
	a.reason = fullmakt.ReasonNoRelation
	for _, c := range pair.candidates {
		yes, otherForm := c.use != packageSet{} || c.right != "", c.otherForm != packageSet{}
		if q.pkg != catalogue.NoPackage {
			yes, otherForm = c.use[q.pkg], c.otherForm[q.pkg]
		}
		if q.role != "" { // ROLE: has no form condition
			yes, otherForm = c.base != fullmakt.RuleClient && r.hasRole(c.steps[0], q.role), false
		}
		if q.right != "" { // only a grant of the very right gives it
			yes, otherForm = c.right == q.right || c.right != "" && r.wrong.anyRight, false
		}
		violations := slices.Concat(c.violations, against(fullmakt.ReasonOrgForm, !yes && otherForm))
		switch {
		case !yes && !otherForm && len(violations) == 0:
			a.reason = fullmakt.ReasonPackageNotHeld
		case !yes && !otherForm:
		case len(violations) == 0:
			give := c.right != "" && q.pkg == catalogue.NoPackage
			for k := range c.conferral.give {
				give = give || c.conferral.give[k] && q.right == "" && (q.pkg == catalogue.NoPackage || int(q.pkg) == k)
			}
			c.trail.give = give && q.role == "" && r.countsForGiving(c)
			a.paths = append(a.paths, c.trail)
		case len(violations) == 1: // with one condition lifted it would be a path
			c.reason = violations[0]
			a.misses = append(a.misses, c.trail)
		}
	}
	if q.pkg != catalogue.NoPackage && r.packages[q.pkg].EntityType != o.ID.Kind {
		a.reason = fullmakt.ReasonWrongPartyType
	}
	for k, rule := range pair.gives {
		a.mayGive = a.mayGive || q.role == "" && q.right == "" && q.pkg == catalogue.NoPackage && rule != ""
		if int(q.pkg) == k {
			a.mayGive, a.giveRule = rule != "", rule
		}
	}
	for _, p := range a.paths { // GIVE-1 for single rights: to hold one and to administer
		if pair.administers && p.give && p.steps[0].right != "" {
			a.mayGive = true
			if q.right != "" {
				a.giveRule = "GIVE-1"
			}
		}
	}
	for _, reason := range slices.Backward(denials) {
		if slices.ContainsFunc(a.misses, func(t trail) bool { return t.reason == reason }) {
			a.reason = reason
		}
	}
	for _, p := range slices.Backward(permissions) {
		if slices.ContainsFunc(a.paths, func(t trail) bool {
			return strings.HasPrefix(string(t.base)+" "+t.steps[0].kind, p.base) && string(t.extension) == p.extension
		}) {
			a.allowed, a.misses, a.reason = true, nil, p.reason
		}
	}
	return a
}

// denials is the order of which a no takes the first that applies.
var denials = []fullmakt.Reason{"holder_deceased", "party_deleted", "role_deregistered", "not_yet_valid", "expired",
	"org_form", "iks_participant", "not_key_role", "nesting_limit", "not_delegable"}

// permissions are the reasons of a yes in the order of which the first is taken:
// by base, then by extension, which names the reason where there is one.
var permissions = []struct {
	base, extension string
	reason          fullmakt.Reason
}{
	{"SELF self", "", "self"},
	{"DIRECT role", "", "held_via_role"}, {"DIRECT role", "SUB", "held_via_main_unit"}, {"DIRECT role", "ENK", "held_via_sole_proprietor"},
	{"DIRECT grant", "", "held_via_grant"}, {"DIRECT grant", "SUB", "held_via_main_unit"},
	{"NEST", "", "held_via_nesting"}, {"NEST", "SUB", "held_via_main_unit"}, {"NEST", "ENK", "held_via_sole_proprietor"},
	{"CLIENT", "", "held_via_client"}, {"CLIENT", "SUB", "held_via_main_unit"}, {"CLIENT", "ENK", "held_via_sole_proprietor"},
}

// GIVE-1 (a): DIRECT, NEST or SUB count for giving; CLIENT and ENK never.
func (r *reference) countsForGiving(c candidate) bool {
	return c.extension != fullmakt.RuleENK && (c.base != fullmakt.RuleClient || r.wrong.clientGives)
}

// gives tells by which rule each package may be given: GIVE-1, else GIVE-2; and
// whether s administers o.
func (r *reference) gives(o fullmakt.PartyNo, candidates []candidate) (rules [catalogue.MaxPackages]fullmakt.Rule, administers bool) {
	var use, give, bound, fitting, adminSet packageSet
	self := false
	for _, c := range candidates {
		if len(c.violations) > 0 || !r.countsForGiving(c) {
			continue
		}
		self = self || c.base == fullmakt.RuleSelf
		for k := range use {
			use[k], give[k] = use[k] || c.use[k], give[k] || c.conferral.give[k]
		}
	}
	for _, m := range r.mappings {
		fits := r.fits(m, r.organisation(o).Form)
		bound[m.Package], fitting[m.Package] = true, fitting[m.Package] || fits
		adminSet[m.Package] = adminSet[m.Package] || m.role == fullmakt.MainAdministrator && m.Delegate && fits
	}
	administers = self
	mainAdministrator := false
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
	return rules, administers
}
