package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/xacml"
)

// serviceType is the AuthZEN type of a resource that is a service, with its
// identifier for id and the party it is asked about for in properties.party.
const serviceType = registry.AttributeResource

// serviceVerdict is what a verdict about a service has beside others.
type serviceVerdict struct {
	resource, version string // of the policy; "" when there is none
	obligations       []wireObligation
	explained         *serviceProof
}

// wireObligation is an obligation as AuthZEN's draft profile of obligations has it.
// A minimum level of authentication is of the type step-up.
type wireObligation struct {
	ID         string            `json:"id"`
	Type       string            `json:"type"`
	Properties map[string]string `json:"properties"`
}

func (v *serviceVerdict) append(out []byte) []byte {
	if v.version != "" {
		out = appendText(append(out, `,"policy":{"resource":`...), v.resource)
		out = appendText(append(out, `,"version":`...), v.version)
		out = append(out, '}')
	}
	if len(v.obligations) > 0 {
		out = appendMember(out, "obligations", v.obligations)
	}
	if v.explained != nil {
		out = appendMember(out, "explanation", v.explained)
	}
	return out
}

func appendMember(out []byte, name string, value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		return out
	}
	out = appendText(append(out, ','), name)
	return append(append(out, ':'), text...)
}

// serviceProperties are the properties of a resource that is a service.
type serviceProperties struct {
	Party *wireEntity `json:"party"`
}

// levels are the levels of authentication by the names that ID-porten gives them.
var levels = map[string]string{"idporten-loa-low": "0", "idporten-loa-substantial": "3", "idporten-loa-high": "4", "Level3": "3", "Level4": "4"}

// decideService makes one evaluation about an action on a resource, as the policy
// decision point does: the question is read another way, and decided the same.
func (e *evaluator) decideService(q *question, v verdict) verdict {
	id := string(q.resource.id)
	if !e.c.caller.limit.allowsResource(id) {
		return e.fail(v, statusf(http.StatusForbidden, "this consumer may not ask about that resource"))
	}
	ask, err := e.serviceQuestion(q, &v)
	if err != nil {
		return e.fail(v, err)
	}
	if v.subject == 0 || ask.named && v.object == 0 {
		v.reason, v.service = fullmakt.ReasonUnknownParty, &serviceVerdict{}
		return v
	}
	d, err := e.decider(&v)
	var before *node.BeforeHistoryError
	switch {
	case errors.As(err, &before):
		v.reason, v.service = fullmakt.ReasonBeforeHistory, &serviceVerdict{}
		return v
	case err != nil:
		return e.fail(v, err)
	}
	v.service = &serviceVerdict{}
	var a registry.Answer
	if q.context.explain {
		x := d.Explain(&ask.Question)
		a, v.reason = x.Answer, x.Reason
		if v.service.explained, err = e.s.proveService(e.ctx, d, &ask.Question, &x); err != nil {
			return e.fail(v, err)
		}
	} else {
		a, v.reason = d.DecideReason(&ask.Question)
	}
	v.allowed, v.uncertain, v.what = a.Decision == xacml.Permit, a.Uncertain, serviceCode(&ask.Question, &a)
	v.state, v.stated = d.Snapshot.State(v.object), d.Snapshot.Kind(v.object) == fullmakt.KindOrganisation
	v.service.obligations = obligationsOut(a.Obligations)
	if a.Policy != nil {
		v.service.resource, v.service.version = a.Policy.Resource, strconv.FormatUint(uint64(a.Policy.Revision), 10)
	}
	return v
}

// decider returns the decision point as of the verdict's time: the authority that
// was held then, under the policies that hold now.
func (e *evaluator) decider(v *verdict) (*registry.Decider, error) {
	var around []fullmakt.PartyNo
	for _, p := range []fullmakt.PartyNo{v.subject, v.object} {
		if p != 0 {
			around = append(around, p)
		}
	}
	snap, err := e.asOf(v, around...)
	if err != nil {
		return nil, err
	}
	return &registry.Decider{Snapshot: snap, View: e.s.node.Registry(e.snap), AllowUncertain: e.s.cfg.AllowUncertain}, nil
}

// serviceQuestion is a question about a service, and whether it names a party.
type serviceQuestion struct {
	registry.Question
	named bool
}

// serviceQuestion reads a question about a service, and notes in the verdict the
// parties it names.
func (e *evaluator) serviceQuestion(q *question, v *verdict) (serviceQuestion, error) {
	ask := serviceQuestion{Question: registry.Question{Resource: string(q.resource.id), Action: string(q.action.name), At: time.Unix(v.at, 0)}}
	party, err := q.party()
	if err != nil {
		return ask, err
	}
	if q.subject.hasID {
		if v.subject, err = e.s.findParty(e.ctx, e.snap, q.subject.kind, q.subject.id); err != nil {
			return ask, err
		}
	}
	if party != nil {
		ask.named = true
		if v.object, err = e.s.findParty(e.ctx, e.snap, idKindOf([]byte(party.Type)), []byte(party.ID)); err != nil {
			return ask, err
		}
	}
	ask.Subject, ask.For = v.subject, v.object
	ask.Request, err = q.attributes()
	return ask, err
}

// party returns the party that a service is asked about for; nil for none.
func (q *question) party() (*wireEntity, error) {
	var p serviceProperties
	if q.resource.properties == nil {
		return nil, nil
	}
	if err := json.Unmarshal(q.resource.properties, &p); err != nil || p.Party != nil && (p.Party.Type == "" || p.Party.ID == "") {
		return nil, statusf(http.StatusBadRequest, "resource.properties.party must be an object with type and id")
	}
	return p.Party, nil
}

// attributes returns what else a question says, as policies may look at it: the
// level of authentication that the subject's acr stands for. Nil for nothing.
func (q *question) attributes() (*xacml.Request, error) {
	if q.subject.properties == nil {
		return nil, nil
	}
	var p struct {
		ACR string `json:"acr"`
	}
	if err := json.Unmarshal(q.subject.properties, &p); err != nil {
		return nil, statusf(http.StatusBadRequest, "subject.properties.acr must be a string")
	}
	level, ok := levels[p.ACR]
	if !ok {
		return nil, nil
	}
	return &xacml.Request{Categories: []xacml.Category{{
		Category: xacml.CategoryAccessSubject, Attributes: []xacml.Attribute{{ID: "urn:altinn:authlevel", Values: []xacml.Value{xacml.String(level)}}},
	}}}, nil
}

// obligationsOut writes obligations. Those of a minimum level of authentication are
// to step up to an acr.
func obligationsOut(list []xacml.Directive) (out []wireObligation) {
	for _, d := range list {
		for _, a := range d.Assignments {
			o := wireObligation{ID: d.ID, Type: "xacml", Properties: map[string]string{"attribute": a.AttributeID, "category": a.Category, "value": a.Value.String()}}
			if a.Category == "urn:altinn:minimum-authenticationlevel" {
				o.Type = "step-up"
				o.Properties = map[string]string{"acr_value": acrOf(a.Value.String()), "level": a.Value.String()}
			}
			out = append(out, o)
		}
	}
	return out
}

// acrOf returns the acr of a level of authentication.
func acrOf(level string) string {
	switch level {
	case "0", "1", "2":
		return "idporten-loa-low"
	case "3":
		return "idporten-loa-substantial"
	}
	return "idporten-loa-high"
}

// services answers a search in which the resource is a service: the actions that a
// subject may do on it for a party, the services that it may do an action on, or
// who may. The list comes whole, on one page.
func (x *search) services() error {
	v := verdict{at: x.at, dated: x.q.context.dated}
	ask, err := x.serviceQuestion(x.q, &v)
	if err != nil {
		return err
	}
	x.other, x.whole = v.object, v.subject
	if x.sought == "subject" {
		x.whole = v.object
	}
	if x.sought != "resource" && !x.c.caller.limit.allowsResource(ask.Resource) {
		return statusf(http.StatusForbidden, "this consumer may not ask about that resource")
	}
	if ask.named && v.object == 0 || x.sought != "subject" && v.subject == 0 || x.sought == "subject" && !ask.named {
		return x.answer(found{}, "")
	}
	d, err := x.decider(&v)
	var before *node.BeforeHistoryError
	switch {
	case errors.As(err, &before):
		return x.answer(found{}, "")
	case err != nil:
		return err
	}
	var out found
	add := func(element []byte) {
		if out.count > 0 {
			out.results = append(out.results, ',')
		}
		out.results = append(out.results, element...)
		out.count++
	}
	permitted := func() bool { a := d.Decide(&ask.Question); return a.Decision == xacml.Permit }
	switch x.sought {
	case "action":
		p, err := d.View.Policy(ask.Resource)
		if err != nil {
			break
		}
		for _, ask.Action = range p.Actions() {
			if permitted() {
				add(append(appendText([]byte(`{"name":`), ask.Action), '}'))
			}
		}
	case "resource":
		for r := range d.View.Resources() {
			if x.ctx.Err() != nil {
				return statusf(http.StatusServiceUnavailable, "the search takes longer than a request may")
			}
			ask.Resource = r.Identifier
			if x.c.caller.limit.allowsResource(r.Identifier) && permitted() {
				add(append(appendText([]byte(`{"type":"`+serviceType+`","id":`), r.Identifier), '}'))
			}
		}
	case "subject":
		var parties []fullmakt.PartyNo
		for p := range pdp.GroundsFor(d.Snapshot, v.object, x.at) {
			if x.ctx.Err() != nil {
				return statusf(http.StatusServiceUnavailable, "the search takes longer than a request may")
			}
			if ask.Subject = p; x.nameable(x.q.subject.kind, p) && permitted() {
				parties = append(parties, p)
			}
		}
		if len(parties) > x.s.cfg.Limits.Page {
			return statusf(http.StatusRequestEntityTooLarge, "more than %d may; ask about each", x.s.cfg.Limits.Page)
		}
		slices.Sort(parties)
		ids, err := x.ids(x.q.subject.kind, parties)
		if err != nil {
			return err
		}
		for _, id := range ids {
			add([]byte(`{"type":"` + kindURNs[x.q.subject.kind] + `","id":"` + id + `"}`))
		}
	}
	return x.answer(out, "")
}
