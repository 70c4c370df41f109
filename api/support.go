package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
)

const scopeSupport = "fullmakt:support"

const supportPath = "/fullmakt/v1/support/lookup"

// supportRoutes lists the route of a support desk. It is a POST, since identity
// numbers do not belong in an address.
func supportRoutes() []route {
	return []route{{method: "POST", pattern: supportPath, scopes: []string{scopeSupport}, handle: (*Server).supportLookup}}
}

// The directions of a support desk's question.
const (
	actsFor     = "acts_for"     // for whom may the party act?
	actedForBy  = "acted_for_by" // who may act for the party?
	usualPage   = 50             // parties of a page
	biggestPage = 500            // parties of a page at most
	maxPurpose  = 200            // bytes of a purpose
)

// supportRequest is a support desk's question.
type supportRequest struct {
	Party     wireEntity  `json:"party"`
	Purpose   string      `json:"purpose"`
	Direction string      `json:"direction"`
	Other     *wireEntity `json:"other"` // only this other party, with the near misses
	Time      string      `json:"time"`
	Page      struct {
		Token string `json:"token"`
		Limit int    `json:"limit"`
	} `json:"page"`
}

// supportAnswer is what a support desk is told.
type supportAnswer struct {
	Party     supportParty  `json:"party"`
	Direction string        `json:"direction"`
	Time      string        `json:"time"`
	Revision  string        `json:"revision"`
	Items     []supportItem `json:"items"`
	// BusinessOnly tells that organisations which do no business are left out (rule
	// PRIV-1).
	BusinessOnly bool `json:"business_only,omitempty"`
	// GuardianshipCovered is false when a person is acted for: guardianship
	// (vergemål) is in no register that is read here.
	GuardianshipCovered *bool       `json:"guardianship_covered,omitempty"`
	Page                supportPage `json:"page"`
}

type supportPage struct {
	Next  string `json:"next_token"`
	Count int    `json:"count"`
}

// supportParty names a party. A person's identity number is not told.
type supportParty struct {
	wireEntity
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	State string `json:"state,omitempty"`
}

// supportItem is what stands between the party and another.
type supportItem struct {
	Party      supportParty     `json:"party"` // the other
	Packages   []supportPackage `json:"packages"`
	Roles      []string         `json:"roles"`
	Uncertain  bool             `json:"uncertain,omitempty"`
	Paths      []wirePath       `json:"paths"`
	NearMisses []wirePath       `json:"near_misses,omitempty"`
}

type supportPackage struct {
	URN     string `json:"urn"`
	Name    string `json:"name"`
	MayUse  bool   `json:"may_use"`
	MayGive bool   `json:"may_give"`
}

// supportLookup answers which packages and roles a party has, for whom and by which
// paths, or who has them for the party. It takes a purpose, and is not answered
// unless it is recorded (rule PRIV-1).
func (s *Server) supportLookup(c *call) error {
	c.lookup.Must = true
	if s.lookups == nil {
		return statusf(http.StatusServiceUnavailable, "support look-ups are answered only where each of them is recorded").
			hinted("the operator names the log's directory in the configuration, under lookups.dir")
	}
	q, err := c.supportRequest()
	if err != nil {
		return err
	}
	c.lookup.Purpose = q.Purpose
	if c.caller.limit != nil {
		return statusf(http.StatusForbidden, "this consumer may ask about some packages and roles only, and a support look-up shows all")
	}
	d, err := s.newDesk(c, q)
	if err != nil {
		return err
	}
	if d.forward {
		c.lookup.Subject, c.lookup.Object = d.whole, d.other
	} else {
		c.lookup.Subject, c.lookup.Object = d.other, d.whole
	}
	answer, err := d.answer(q)
	if err != nil {
		return err
	}
	c.lookup.Count, c.lookup.Revision = len(answer.Items), d.snap.Seq()
	return c.writeJSON(http.StatusOK, answer)
}

// supportRequest reads the question. Members that are not known are errors.
func (c *call) supportRequest() (q supportRequest, err error) {
	if !c.isJSON() {
		return q, statusf(http.StatusUnsupportedMediaType, "the Content-Type must be application/json")
	}
	body, err := c.body()
	if err != nil {
		return q, err
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&q); err != nil {
		return q, statusf(http.StatusBadRequest, "the body is not a support look-up").hinted("openapi.yaml shows one")
	}
	if _, err := dec.Token(); err != io.EOF {
		return q, statusf(http.StatusBadRequest, "there is more after the support look-up")
	}
	if q.Purpose = strings.TrimSpace(q.Purpose); q.Purpose == "" {
		q.Purpose = c.caller.purpose
	}
	switch {
	case q.Purpose == "":
		return q, statusf(http.StatusForbidden, "a support look-up takes a purpose (rule PRIV-1)").hinted("say why in purpose")
	case len(q.Purpose) > maxPurpose:
		return q, statusf(http.StatusBadRequest, "purpose is longer than %d bytes", maxPurpose)
	case q.Direction == "":
		q.Direction = actsFor
	case q.Direction != actsFor && q.Direction != actedForBy:
		return q, statusf(http.StatusBadRequest, "direction is %s or %s", actsFor, actedForBy)
	}
	if q.Page.Limit < 0 || q.Page.Limit > biggestPage {
		return q, statusf(http.StatusBadRequest, "page.limit is 1 to %d", biggestPage)
	}
	return q, nil
}

// desk is the work on one support look-up: a search for pairs of parties, whose
// pages hold together as those of the AuthZEN searches do.
type desk struct {
	*search
	forward bool
}

func (s *Server) newDesk(c *call, q supportRequest) (*desk, error) {
	snap, err := c.snapshot()
	if err != nil {
		return nil, err
	}
	d := &desk{
		search: &search{
			evaluator: &evaluator{c: c, s: s, ctx: c.r.Context(), snap: snap, nowText: c.now.UTC().Format(time.RFC3339)},
			q:         &question{}, at: c.now.Unix(), limit: usualPage,
			act: act{pkg: catalogue.NoPackage},
		},
		forward: q.Direction == actsFor,
	}
	d.page = paging{limit: q.Page.Limit, hasLimit: q.Page.Limit > 0, token: []byte(q.Page.Token)}
	if q.Page.Limit > 0 {
		d.limit = q.Page.Limit
	}
	if q.Time != "" {
		at, err := time.Parse(time.RFC3339, q.Time)
		if err != nil {
			return nil, statusf(http.StatusBadRequest, "time is no RFC 3339 time")
		}
		d.search.q.context.dated, d.search.q.context.time, d.at = true, at, at.Unix()
		c.lookup.AskedAt = at.Unix()
	}
	if d.whole, err = d.known(q.Party, "party"); err != nil {
		return nil, err
	}
	if q.Other != nil {
		if d.other, err = d.known(*q.Other, "other"); err != nil {
			return nil, err
		}
	}
	if d.forward {
		d.business = d.private(q.Purpose)
	}
	return d, nil
}

// known finds a party that the question names.
func (d *desk) known(e wireEntity, member string) (fullmakt.PartyNo, error) {
	kind := idKindOf([]byte(e.Type))
	if kind == otherKind {
		return 0, statusf(http.StatusBadRequest, "%s.type names no kind of party", member)
	}
	p, err := d.s.findParty(d.ctx, d.snap, kind, []byte(e.ID))
	if err == nil && p == 0 {
		err = statusf(http.StatusNotFound, "%s is not known", member)
	}
	return p, err
}

// private applies rule PRIV-1 to the list of what a real person holds: only
// purposes on the operator's list cover organisations that do no business.
func (d *desk) private(purpose string) bool {
	id := d.snap.ID(d.whole)
	if id.Kind != fullmakt.KindPerson || id.Person != 0 && id.Person.Synthetic() {
		return false
	}
	return !slices.ContainsFunc(d.s.cfg.Purposes, func(p string) bool { return strings.EqualFold(strings.TrimSpace(p), purpose) })
}

// answer finds the pairs and tells of each.
func (d *desk) answer(q supportRequest) (*supportAnswer, error) {
	sought := "subject"
	if d.forward {
		sought = "resource"
	}
	if d.other != 0 {
		sought = "pair"
	}
	digest := d.digest("support/" + sought)
	var before *node.BeforeHistoryError
	if err := d.turn(sought, digest); errors.As(err, &before) {
		d.c.lookup.Reason = fullmakt.ReasonBeforeHistory
		return nil, statusf(http.StatusNotFound, "the register says nothing of that time")
	} else if err != nil {
		return nil, err
	}
	pairs, next := d.pairs()
	a := &supportAnswer{
		Direction: q.Direction, Time: time.Unix(d.at, 0).UTC().Format(time.RFC3339), Revision: revisionToken(d.snap.Seq()),
		Items: make([]supportItem, 0, len(pairs)), BusinessOnly: d.business, Page: supportPage{Count: len(pairs)},
	}
	if err := d.tell(a, pairs); err != nil {
		return nil, err
	}
	if next != 0 {
		d.s.pinned.keep(d.snap, d.c.now)
		a.Page.Next = pageToken{
			Question: digest, Seq: d.snap.Seq(), RevisionAt: d.snap.At().Unix(), At: d.at, After: uint32(next), Limit: uint32(d.limit),
		}.seal(d.s.pageKey)
	}
	return a, nil
}

// pairs lists the pairs of a page.
func (d *desk) pairs() ([]pdp.Pair, fullmakt.PartyNo) {
	f := pdp.Filter{Package: catalogue.NoPackage, BusinessOnly: d.business}
	switch {
	case d.other != 0:
		return d.pair(f), 0
	case d.forward:
		return pdp.ActsFor(d.snap, d.whole, d.at, f, fullmakt.PartyNo(d.after), d.limit)
	}
	return pdp.WhoActsFor(d.snap, d.whole, d.at, f, fullmakt.PartyNo(d.after), d.limit)
}

// pair returns the one pair that is asked about, also when nothing stands between
// its parties; none when rule PRIV-1 leaves it out.
func (d *desk) pair(f pdp.Filter) []pdp.Pair {
	subject, object := d.other, d.whole
	if d.forward {
		subject, object = d.whole, d.other
	}
	found, _ := pdp.ActsFor(d.snap, subject, d.at, f, object-1, 1)
	if len(found) == 1 && found[0].For == object {
		return found
	}
	if f.BusinessOnly {
		f.BusinessOnly = false
		if found, _ = pdp.ActsFor(d.snap, subject, d.at, f, object-1, 1); len(found) == 1 && found[0].For == object {
			return nil
		}
	}
	return []pdp.Pair{{Subject: subject, For: object}}
}

// tell fills an answer with what there is to tell of pairs.
func (d *desk) tell(a *supportAnswer, pairs []pdp.Pair) error {
	explained := make([]pdp.Explanation, len(pairs))
	named := map[fullmakt.PartyNo]bool{d.whole: true}
	for i, p := range pairs {
		if d.ctx.Err() != nil {
			return statusf(http.StatusServiceUnavailable, "the look-up takes longer than a request may").hinted("ask with a smaller page.limit")
		}
		explained[i] = pdp.Explain(d.snap, pdp.Ask(p.Subject, p.For, d.at))
		named[p.Subject], named[p.For] = true, true
		for _, path := range explained[i].Paths {
			named[path.Via] = true
			for _, step := range path.Steps {
				named[step.At], named[step.Holder] = true, true
			}
		}
		for _, miss := range explained[i].NearMisses {
			named[miss.Via] = true
			for _, step := range miss.Steps {
				named[step.At], named[step.Holder] = true, true
			}
		}
	}
	delete(named, 0)
	entities, err := d.s.entities(d.ctx, d.snap, named)
	if err != nil {
		return err
	}
	w := &prover{snap: d.snap, view: d.snap.Catalogue().At(d.at), entities: entities}
	a.Party = d.party(d.whole, entities)
	covered := false
	for i, p := range pairs {
		if d.snap.Kind(p.For) == fullmakt.KindPerson {
			a.GuardianshipCovered = &covered
		}
		other := p.Subject
		if d.forward {
			other = p.For
		}
		item := supportItem{Party: d.party(other, entities), Packages: d.packages(p), Roles: d.roles(p), Uncertain: p.Uncertain || explained[i].Uncertain, Paths: []wirePath{}}
		for _, path := range explained[i].Paths {
			item.Paths = append(item.Paths, wirePath{Rule: path.Rule, Extension: path.Extension, Via: w.via(path.Via), Steps: w.steps(path.Steps), MayGive: path.Give})
		}
		if d.other != 0 {
			for _, miss := range explained[i].NearMisses {
				item.NearMisses = append(item.NearMisses, wirePath{
					Rule: miss.Base, Extension: miss.Extension, Via: w.via(miss.Via), Steps: w.steps(miss.Steps), Reason: miss.Reason, StoppedBy: miss.Rule,
				})
			}
		}
		a.Items = append(a.Items, item)
	}
	return nil
}

func (d *desk) party(p fullmakt.PartyNo, entities map[fullmakt.PartyNo]wireEntity) supportParty {
	kind := d.snap.Kind(p)
	w := supportParty{wireEntity: entities[p], Kind: kind.String(), Name: d.snap.Name(p)}
	if kind == fullmakt.KindOrganisation {
		w.State = d.snap.State(p).String()
	}
	return w
}

// packages lists what a pair may use and what it may give.
func (d *desk) packages(p pdp.Pair) []supportPackage {
	list := []supportPackage{}
	for id := range p.Use.Union(p.Give).All() {
		if pkg := d.snap.Catalogue().Package(id); pkg != nil {
			list = append(list, supportPackage{URN: pkg.URN, Name: pkg.Names.In(string(d.c.lang())), MayUse: p.Use.Has(id), MayGive: p.Give.Has(id)})
		}
	}
	return list
}

// roles lists the roles of a pair (rule ROLE), by the register's code or Altinn's.
func (d *desk) roles(p pdp.Pair) []string {
	_, roles := sumGrounds(d.snap, pdp.Grounds(d.snap, p.Subject, p.For, d.at), d.at)
	list := make([]string, 0, len(roles))
	for _, id := range roles {
		list = append(list, string(d.snap.RoleCode(id)))
	}
	return list
}
