package registry

import (
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/xacml"
)

// Decider decides whether a subject may do an action on a resource on behalf of a
// party, at one revision. It may be used for many questions one after the other,
// and not by several goroutines.
type Decider struct {
	Snapshot *index.Snapshot
	View     *View
	// AllowUncertain lets authority count that rests on a person known only by birth
	// date and name (rule OPEN-1).
	AllowUncertain bool

	held pdp.Holdings
}

// Question asks whether a subject may do an action on a resource on behalf of a
// party.
type Question struct {
	Subject fullmakt.PartyNo
	// For is the party that the resource belongs to; 0 for a question without one, in
	// which the subject is asked about by its type and access lists alone.
	For      fullmakt.PartyNo
	Resource string // its identifier, in any letter case
	Action   string
	At       time.Time
	// Request is all that was asked, for policies that look at more than roles and
	// packages; nil when it is no more than the above. What it says of these is
	// replaced by what the registers know.
	Request *xacml.Request
}

// Basis tells which part of a decision point decided.
type Basis uint8

// The bases, in the order in which they are looked at.
const (
	ByNothing    Basis = iota // there is no policy that could
	ByPolicy                  // the resource's policy
	ByGrant                   // a single right that somebody gave
	ByAccessList              // the policy or a grant permits, and the party is on no access list
)

// Answer is what was decided, and by which version of which policy.
type Answer struct {
	xacml.Result
	Basis    Basis
	Resource *Resource // nil when it is not known
	Policy   *Policy   // nil when the resource has none that can be used
	// By is what the subject holds that the Permit rests on. Where a policy had to be
	// evaluated in full, Explain tells it and Decide does not.
	By       Held
	Revision fullmakt.Seq // of the registers
	// Refused is why nothing that anybody holds could count: a party that is not
	// known, or that nobody acts for; "" otherwise.
	Refused fullmakt.Reason
	// Uncertain tells that a party is known only by birth date and name (rule
	// OPEN-1).
	Uncertain bool
}

// Decide decides in three steps: the resource's policy, with the subject's roles
// and packages for attributes; when that is not applicable, the single rights that
// somebody gave the subject; and for a resource that asks for an access list,
// whether the party is on one that counts for the action, without which a Permit
// becomes a Deny.
//
// A resource or a policy that is not known, or cannot be used, is Indeterminate. A
// policy that names nothing but roles and packages is decided without evaluation
// and without allocation.
func (d *Decider) Decide(q *Question) Answer { return d.decide(q, nil) }

func (d *Decider) decide(q *Question, trace *xacml.Trace) Answer {
	a := Answer{Revision: d.Snapshot.Seq(), By: Held{Package: catalogue.NoPackage}}
	r, ok := d.View.Resource(q.Resource)
	if !ok {
		return a.fail(xacml.StatusProcessingError, "the resource is not known")
	}
	a.Resource = r
	p, err := d.View.Policy(r.Identifier)
	if err != nil {
		return a.fail(xacml.StatusProcessingError, "the resource has no policy that can be used")
	}
	a.Policy, a.Basis = p, ByPolicy
	d.hold(q, &a)
	reduced, simple := p.Reduce(d.Snapshot.Catalogue())
	if simple = simple && trace == nil && (q.Request == nil || !q.Request.ReturnPolicyIDList); simple {
		if by, ok := reduced.permits(q.Action, &d.held); ok {
			a.By, a.Decision, a.Obligations, a.Advice = by, xacml.Permit, reduced.obligations, reduced.advice
		}
	} else {
		d.evaluate(q, &a, trace)
	}
	if a.Decision == xacml.NotApplicable {
		d.grants(q, &a)
	}
	if a.Decision == xacml.Permit && r.AccessListMode == AccessListsOn && !d.listed(q, r) {
		a.Result = xacml.Result{Decision: xacml.Deny, Policies: a.Policies}
		a.Basis = ByAccessList
	}
	return a
}

func (a Answer) fail(code xacml.StatusCode, message string) Answer {
	a.Result = xacml.Result{Decision: xacml.Indeterminate, Status: xacml.Status{Code: code, Message: message}}
	return a
}

// hold finds what the subject holds on behalf of the party: nothing without a
// party, and nothing that rests on a person known by birth date and name, unless
// that is allowed.
func (d *Decider) hold(q *Question, a *Answer) {
	if q.For == 0 {
		d.held = pdp.Holdings{Rights: d.held.Rights[:0]}
		return
	}
	pdp.Hold(d.Snapshot, q.Subject, q.For, q.At.Unix(), &d.held)
	a.Refused, a.Uncertain = d.held.Refused, d.held.Uncertain
	if a.Uncertain && !d.AllowUncertain {
		d.held = pdp.Holdings{Rights: d.held.Rights[:0]}
	}
}

// evaluate evaluates the whole policy.
func (d *Decider) evaluate(q *Question, a *Answer, trace *xacml.Trace) {
	req := d.request(q, a)
	var response *xacml.Response
	if trace == nil {
		response = a.Policy.engine.Evaluate(req, q.At)
	} else {
		var t *xacml.Trace
		response, t = a.Policy.engine.Explain(req, q.At)
		*trace = *t
	}
	if len(response.Results) != 1 {
		*a = a.fail(xacml.StatusProcessingError, "the request asks for several decisions in one")
		return
	}
	a.Result = response.Results[0]
	a.Categories = nil // they are those of the request as it was asked
}

// grants looks for a right among those that grants give the subject: one of the
// policy's own for the action on the resource, and on no part of it that the
// request does not name. What obliges in the policy itself obliges here too.
func (d *Decider) grants(q *Question, a *Answer) {
	if len(d.held.Rights) == 0 {
		return
	}
	p := a.Policy
	for i := range p.Rights() {
		right := &p.Rights()[i]
		if !strings.EqualFold(right.Action.Value, q.Action) || !p.names(right.Resource, q.Request) {
			continue
		}
		id := d.Snapshot.Right(p.Resource, right.Key)
		if id == 0 || !slices.Contains(d.held.Rights, id) {
			continue
		}
		a.Decision, a.Basis, a.By.Right = xacml.Permit, ByGrant, id
		a.Status = xacml.Status{}
		a.Obligations, a.Advice = permitted(p.Compiled.Obligations()), permitted(p.Compiled.Advice())
		return
	}
}

// names reports whether a request names all of these attributes of a resource. The
// policy's own resource it names in any case.
func (p *Policy) names(resource []Attribute, req *xacml.Request) bool {
	for _, want := range canonical(resource) {
		if want.ID == AttributeResource && strings.EqualFold(want.Value, p.Resource) {
			continue
		}
		if req == nil || !slices.ContainsFunc(valuesOf(req, xacml.CategoryResource, want.ID), func(v string) bool { return strings.EqualFold(v, want.Value) }) {
			return false
		}
	}
	return true
}

// listed reports whether the party of a question is an organisation on an access
// list of the resource that counts for the action.
func (d *Decider) listed(q *Question, r *Resource) bool {
	return d.Snapshot.Kind(q.For) == fullmakt.KindOrganisation && d.View.Listed(r.Identifier, q.For, q.Action)
}

// request returns the request that a policy is evaluated for: what was asked, with
// everything about the subject's authority, the party and the resource as the
// registers have it.
func (d *Decider) request(q *Question, a *Answer) *xacml.Request {
	out := &xacml.Request{}
	asked := q.Request
	if asked == nil {
		asked = &xacml.Request{}
	}
	out.ReturnPolicyIDList, out.XPathVersion = asked.ReturnPolicyIDList, asked.XPathVersion
	take := func(name string, drop func(id string) bool) xacml.Category {
		c := xacml.Category{Category: name}
		for _, given := range asked.Categories {
			if given.Category == name {
				c.ID, c.Content = given.ID, given.Content
				c.Attributes = slices.DeleteFunc(slices.Clone(given.Attributes), func(at xacml.Attribute) bool { return drop(at.ID) })
			}
		}
		return c
	}
	subject := take(xacml.CategoryAccessSubject, ours)
	subject.Attributes = a.Policy.enrich(subject.Attributes, d.Snapshot, &d.held)
	if q.For == 0 {
		subject.Attributes = d.standing(subject.Attributes, q.Subject)
	}
	own := a.Resource.Attributes()
	resource := take(xacml.CategoryResource, func(id string) bool {
		return strings.EqualFold(id, attributePartyID) || strings.EqualFold(id, AttributeResource) ||
			slices.ContainsFunc(own, func(at Attribute) bool { return strings.EqualFold(id, at.ID) })
	})
	for _, at := range own {
		resource.Attributes = appendStrings(resource.Attributes, at.ID, at.Value)
	}
	if q.For != 0 {
		resource.Attributes = appendStrings(resource.Attributes, attributePartyID, partyID(q.For))
	}
	action := take(xacml.CategoryAction, func(id string) bool { return strings.EqualFold(id, AttributeAction) })
	action.Attributes = appendStrings(action.Attributes, AttributeAction, q.Action)
	out.Categories = []xacml.Category{subject, resource, action}
	for _, c := range asked.Categories {
		switch c.Category {
		case xacml.CategoryAccessSubject, xacml.CategoryResource, xacml.CategoryAction:
		case xacml.CategoryEnvironment: // the time is the server's own
		default:
			out.Categories = append(out.Categories, c)
		}
	}
	return out
}

// standing appends what a subject is asked about where no party is named: its type,
// and the access lists that it is on, by name and by URN.
func (d *Decider) standing(list []xacml.Attribute, subject fullmakt.PartyNo) []xacml.Attribute {
	switch d.Snapshot.Kind(subject) {
	case fullmakt.KindOrganisation:
		list = appendStrings(list, AttributePartyType, "organization")
	case fullmakt.KindPerson:
		list = appendStrings(list, AttributePartyType, "person")
	}
	var on []string
	for _, l := range d.View.ListsOf(subject) {
		on = append(on, l.Owner+":"+l.Identifier, l.URN())
	}
	if len(on) > 0 {
		list = appendStrings(list, AttributeAccessList, on...)
	}
	return list
}
