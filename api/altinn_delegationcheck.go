package api

import (
	"net/http"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

// delegationCheckJSON tells whether the caller may give a package, and why.
type delegationCheckJSON struct {
	Package packageRefJSON        `json:"package"`
	Result  bool                  `json:"result"`
	Reasons []delegationCauseJSON `json:"reasons"`
}

type delegationCauseJSON struct {
	Description string  `json:"description"`
	RoleID      *string `json:"roleId"`
	RoleURN     *string `json:"roleUrn"`
	FromID      *string `json:"fromId"`
	FromName    *string `json:"fromName"`
	ToID        *string `json:"toId"`
	ToName      *string `json:"toName"`
	ViaID       *string `json:"viaId"`
	ViaName     *string `json:"viaName"`
	ViaRoleID   *string `json:"viaRoleId"`
	ViaRoleURN  *string `json:"viaRoleUrn"`
}

// packageDelegationCheck answers which packages the caller may give on behalf of
// a party: the same decisions as everywhere else (rules GIVE-1 and GIVE-2).
func (s *Server) packageDelegationCheck(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	u, err := queryUUID(q, "party")
	if err != nil {
		return err
	}
	if u == (fullmakt.UUID{}) {
		return invalidQuery(vldInvalidQuery, "party is required", "party")
	}
	wanted, err := wantedPackages(snap.Catalogue(), q)
	if err != nil {
		return err
	}
	own, err := s.actor(c, snap)
	if err != nil {
		return err
	}
	party, err := s.findParty(c.r.Context(), snap, partyUUIDKind, []byte(u.String()))
	if err != nil {
		return err
	}
	if ok, err := s.manages(c, snap, party); err != nil || !ok {
		return cmpError(err, errNotManager)
	}
	texts, err := text.New(text.Lang(c.altinnLang(q)))
	if err != nil {
		return err
	}
	c.lookup.Subject, c.lookup.Object = own, party
	check := delegationCheck{s: snap, texts: texts, own: own, party: party, at: c.now.Unix()}
	if check.names, err = s.altinnEntities(c, &connectionQuery{snap: snap, party: party}, []relation{{other: own, grounds: pdp.Grounds(snap, own, party, check.at)}}); err != nil {
		return err
	}
	acting := s.node.Acting(snap, own, check.at)
	var out []delegationCheckJSON
	limit := c.caller.limit
	for _, answer := range acting.CheckPackages(party, 0) {
		if (wanted == nil || wanted.Has(answer.Package)) && (limit == nil || limit.packages.Has(answer.Package)) {
			out = append(out, check.one(&answer))
		}
	}
	return c.writeJSON(http.StatusOK, pageOf(out))
}

// wantedPackages reads which packages are asked about; nil is all.
func wantedPackages(cat *catalogue.Catalogue, q altinnQuery) (*catalogue.PackageSet, error) {
	var set catalogue.PackageSet
	for _, name := range []string{"packageIds", "packages"} {
		for _, text := range q.all(name) {
			id, ok := cat.PackageID(text)
			if !ok {
				return nil, invalidQuery(vldPackageUnknown, "there is no such access package", name)
			}
			set.Add(id)
		}
	}
	if set.IsEmpty() {
		return nil, nil
	}
	return &set, nil
}

type delegationCheck struct {
	s          *index.Snapshot
	texts      *text.Texts
	names      *altinnEntities
	own, party fullmakt.PartyNo
	at         int64
}

func (d *delegationCheck) one(answer *delegation.Check) delegationCheckJSON {
	p := d.s.Catalogue().Package(answer.Package)
	out := delegationCheckJSON{Package: packageRef(d.s.Catalogue(), p), Result: answer.Give, Reasons: []delegationCauseJSON{}}
	if !answer.Give {
		out.Reasons = append(out.Reasons, delegationCauseJSON{Description: d.texts.Reason(answer.Reason)})
		return out
	}
	for _, path := range answer.Paths {
		out.Reasons = append(out.Reasons, d.cause(answer.Rule, path))
	}
	return out
}

// ends begins a cause: the rule, the party given for, and who gives.
func (d *delegationCheck) ends(rule fullmakt.Rule) delegationCauseJSON {
	r, _ := d.texts.Rule(rule)
	out := delegationCauseJSON{Description: r.Sentence}
	if e := d.names.alone(d.party); e != nil {
		out.FromID, out.FromName = &e.ID, &e.Name
	}
	if e := d.names.alone(d.own); e != nil {
		out.ToID, out.ToName = &e.ID, &e.Name
	}
	return out
}

func (d *delegationCheck) cause(rule fullmakt.Rule, path pdp.Path) delegationCauseJSON {
	out := d.ends(rule)
	role := func(id catalogue.RoleID) (uuid, urn *string) {
		if r := d.s.Catalogue().Role(id); r != nil {
			return orNull(r.UUID), orNull(r.URN)
		}
		return nil, nil
	}
	if len(path.Steps) > 0 {
		out.RoleID, out.RoleURN = role(path.Steps[0].Role)
	}
	via := path.Via
	if len(path.Steps) > 1 {
		via = path.Steps[1].At
		out.ViaRoleID, out.ViaRoleURN = role(path.Steps[1].Role)
	}
	if e := d.names.alone(via); e != nil {
		out.ViaID, out.ViaName = &e.ID, &e.Name
	}
	return out
}
