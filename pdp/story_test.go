package pdp_test

import (
	"sync"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// A story is a small world made by hand, under the real catalogue, and asked
// through the engine. Parties are known by name.
type story struct {
	t       *testing.T
	c       *catalogue.Catalogue
	numbers map[string]fullmakt.PartyNo
	parties []fullmakt.Party
	orgs    map[string]*fullmakt.Organisation
	others  []fullmakt.Change
	at      int64
}

// anyPackage is the package of a question that names none.
const anyPackage = ""

var embedded = sync.OnceValues(catalogue.Embedded) // read once; a Catalogue never changes

func tell(t *testing.T) *story {
	t.Helper()
	c, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	return &story{t: t, c: c, numbers: map[string]fullmakt.PartyNo{}, orgs: map[string]*fullmakt.Organisation{}, at: noon}
}

func (s *story) party(name string, id fullmakt.PartyID) fullmakt.PartyNo {
	if no, ok := s.numbers[name]; ok { // named before as somebody's holder
		s.parties[no-1].ID = id
		return no
	}
	no := fullmakt.PartyNo(len(s.parties) + 1)
	s.numbers[name] = no
	s.parties = append(s.parties, fullmakt.Party{No: no, ID: id, Name: name})
	return no
}

// no returns the number of a party, and makes a person of a name not yet known.
func (s *story) no(name string) fullmakt.PartyNo {
	if no, ok := s.numbers[name]; ok {
		return no
	}
	return s.party(name, fullmakt.PersonID(syntheticPerson(len(s.parties))))
}

// org makes an organisation; roles are pairs of code and holder.
func (s *story) org(name string, form fullmakt.OrgForm, roles ...string) *fullmakt.Organisation {
	o, ok := s.orgs[name]
	if !ok {
		number := fullmakt.NextOrgNumber(31_000_000 + uint32(len(s.parties))*10)
		o = &fullmakt.Organisation{Party: s.party(name, fullmakt.OrganisationID(number)), Form: form, Source: fullmakt.SourceCCR}
		s.orgs[name] = o
	}
	for i := 0; i < len(roles); i += 2 {
		o.Roles = append(o.Roles, fullmakt.Role{Code: fullmakt.RoleCode(roles[i]), Holder: s.no(roles[i+1])})
	}
	return o
}

// ended is org with roles that the register has deregistered.
func (s *story) ended(name string, roles ...string) {
	o := s.org(name, "", roles...)
	for i := range len(roles) / 2 {
		o.Roles[len(o.Roles)-1-i].Ended = true
	}
}

// user makes an enterprise user of an organisation.
func (s *story) user(name, owner string) {
	id := fullmakt.PartyID{Kind: fullmakt.KindEnterpriseUser, Org: s.parties[s.no(owner)-1].ID.Org, Name: fullmakt.FoldName(name)}
	s.others = append(s.others, fullmakt.EnterpriseUser{Party: s.party(name, id), Owner: s.no(owner)})
}

func (s *story) eckey(from, to string, valid ...fullmakt.Interval) {
	g := fullmakt.Grant{From: s.no(from), To: s.no(to), Role: fullmakt.ECKEY}
	for _, v := range valid {
		g.Valid = v
	}
	s.others = append(s.others, g)
}

func (s *story) grant(from, to, pkg string, valid ...fullmakt.Interval) {
	g := fullmakt.Grant{From: s.no(from), To: s.no(to), Package: pkg}
	for _, v := range valid {
		g.Valid = v
	}
	s.others = append(s.others, g)
}

// systemUser makes a system user of an organisation.
func (s *story) systemUser(name, owner string, agent bool) {
	id := fullmakt.SystemUserID(s.parties[s.no(owner)-1].ID.Org, "system", name)
	s.others = append(s.others, fullmakt.SystemUser{Party: s.party(name, id), Owner: s.no(owner), Agent: agent})
}

func (s *story) agent(provider, agent string) {
	s.others = append(s.others, fullmakt.Agent{Provider: s.no(provider), Agent: s.no(agent)})
}

func (s *story) agentEnds(provider, agent string) {
	s.others = append(s.others, fullmakt.Agent{Provider: s.no(provider), Agent: s.no(agent), Ended: true})
}

// delegate makes a client delegation over a role, or over a grant with role "".
func (s *story) delegate(provider, client, agent, pkg string, role fullmakt.RoleCode) {
	s.others = append(s.others, fullmakt.ClientDelegation{Provider: s.no(provider), Client: s.no(client), Agent: s.no(agent), Package: pkg, Role: role})
}

func (s *story) dies(name string) {
	s.others = append(s.others, fullmakt.Person{Party: s.no(name), Dead: true})
}

func (s *story) log() (log []fullmakt.Change) {
	for _, p := range s.parties {
		log = append(log, p)
	}
	for _, p := range s.parties {
		if o, ok := s.orgs[p.Name]; ok {
			version := *o
			version.Roles = fullmakt.SortRoles(append([]fullmakt.Role(nil), o.Roles...))
			log = append(log, version)
		}
	}
	return append(log, s.others...)
}

func (s *story) snapshot() *index.Snapshot { return build(s.c, s.log()) }

func (s *story) explain(subject, object, pkg string) pdp.Explanation {
	q := pdp.Ask(s.no(subject), s.no(object), s.at)
	if pkg != anyPackage {
		q.Package = packageID(s.c, pkg)
	}
	return pdp.Explain(s.snapshot(), q)
}

// yes and no check an answer and its reason.
func (s *story) yes(reason fullmakt.Reason, subject, object, pkg string) {
	s.t.Helper()
	if x := s.explain(subject, object, pkg); !x.Allowed || x.Reason != reason {
		s.t.Errorf("%s for %s with %q: %t, %s; want yes, %s", subject, object, pkg, x.Allowed, x.Reason, reason)
	}
}

func (s *story) deny(reason fullmakt.Reason, subject, object, pkg string) {
	s.t.Helper()
	if x := s.explain(subject, object, pkg); x.Allowed || x.Reason != reason {
		s.t.Errorf("%s for %s with %q: %t, %s; want no, %s", subject, object, pkg, x.Allowed, x.Reason, reason)
	}
}

// gives checks by which rule a package may be given; "" when it may not.
func (s *story) gives(rule fullmakt.Rule, subject, object, pkg string) {
	s.t.Helper()
	if x := s.explain(subject, object, pkg); x.MayGive != (rule != "") || x.GiveRule != rule {
		s.t.Errorf("%s may give %s for %s: %t by %q; want by %q (else %s)", subject, pkg, object, x.MayGive, x.GiveRule, rule, x.GiveReason)
	}
}

// role reports whether subject has a role for object.
func (s *story) role(subject, object string, code fullmakt.RoleCode) bool {
	snapshot := s.snapshot()
	q := pdp.Ask(s.no(subject), s.no(object), s.at)
	q.Role = snapshot.RoleID(code)
	return q.Role != 0 && pdp.Decide(snapshot, q).Allowed
}

// uses is everything a subject may use for an object, and give.
func (s *story) uses(subject, object string) (use, give catalogue.PackageSet) {
	no := s.no(object)
	pairs, _ := pdp.ActsFor(s.snapshot(), s.no(subject), s.at, pdp.All, no-1, 1)
	if len(pairs) == 1 && pairs[0].For == no {
		return pairs[0].Use, pairs[0].Give
	}
	return use, give
}

// sameAs checks that one party may use and give exactly what another may.
func (s *story) sameAs(subject, other, object string) {
	s.t.Helper()
	use, give := s.uses(subject, object)
	wantUse, wantGive := s.uses(other, object)
	if use != wantUse || give != wantGive || use.IsEmpty() {
		s.t.Errorf("%s may use %d and give %d packages for %s; want the %d and %d of %s", subject, use.Len(), give.Len(), object, wantUse.Len(), wantGive.Len(), other)
	}
}

// actsFor and whoActsFor are the lists, by name.
func (s *story) actsFor(subject string) (list []string) {
	pairs, _ := pdp.ActsFor(s.snapshot(), s.no(subject), s.at, pdp.All, 0, 100)
	for _, p := range pairs {
		list = append(list, s.parties[p.For-1].Name)
	}
	return list
}

func (s *story) whoActsFor(object string) (list []string) {
	pairs, _ := pdp.WhoActsFor(s.snapshot(), s.no(object), s.at, pdp.All, 0, 100)
	for _, p := range pairs {
		list = append(list, s.parties[p.Subject-1].Name)
	}
	return list
}

// day is an instant of a day in Norway, given as "2026-06-15 12:00:00".
func day(t *testing.T, s string) int64 {
	t.Helper()
	at, err := time.ParseInLocation(time.DateTime, s, oslo)
	if err != nil {
		t.Fatal(err)
	}
	return at.Unix()
}
