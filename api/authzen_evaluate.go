package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
)

// evaluate answers POST /access/v1/evaluation.
func (s *Server) evaluate(c *call) error {
	a, err := c.asked()
	if err != nil {
		return err
	}
	e, err := c.evaluator(a)
	if err != nil {
		return err
	}
	return e.single(&a.question)
}

// evaluateMany answers POST /access/v1/evaluations. A request without items is a
// single evaluation, and answered as one.
func (s *Server) evaluateMany(c *call) error {
	a, err := c.asked()
	if err != nil {
		return err
	}
	e, err := c.evaluator(a)
	if err != nil {
		return err
	}
	if len(a.items) == 0 {
		return e.single(&a.question)
	}
	for _, fault := range []string{a.subject.fault, a.resource.fault, a.action.fault, a.context.fault} {
		if fault != "" {
			return statusf(http.StatusBadRequest, "%s", fault)
		}
	}
	const usual = 640 // bytes of an answer
	out := append(make([]byte, 0, usual*len(a.items)+32), `{"evaluations":[`...)
	for i := range a.items {
		if err := e.ctx.Err(); err != nil {
			return statusf(http.StatusServiceUnavailable, "the batch takes longer than a request may").hinted("ask fewer at a time")
		}
		q := &a.items[i]
		q.inherit(&a.question)
		v := e.decide(q)
		if v.failed != nil && inside(v.failed) {
			c.log().Error("evaluation failed", "item", i, "error", v.failed)
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = s.appendVerdict(out, &v, e.nowText)
		c.accountItem(q, &v)
		if v.allowed && a.semantic == permitOnFirstPermit || !v.allowed && a.semantic == denyOnFirstDeny {
			break
		}
	}
	authzenOK(c, append(out, ']', '}'))
	return nil
}

// inherit takes over the parts that an item leaves out. A part is taken whole:
// properties of the default are not merged into an item's own.
func (q *question) inherit(defaults *question) {
	if !q.subject.given {
		q.subject = defaults.subject
	}
	if !q.resource.given {
		q.resource = defaults.resource
	}
	if !q.action.given {
		q.action = defaults.action
	}
	if !q.context.given {
		q.context = defaults.context
	}
}

// asked reads the body of an AuthZEN request. Another content type than JSON is a
// bad request there, not an unsupported one.
func (c *call) asked() (*asked, error) {
	if !c.isJSON() {
		return nil, statusf(http.StatusBadRequest, "the Content-Type must be application/json")
	}
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	return readAsked(body, c.server.cfg.Limits)
}

// evaluator makes the evaluations of one request, all at one revision.
type evaluator struct {
	c       *call
	s       *Server
	ctx     context.Context
	snap    *index.Snapshot
	nowText string
	tenant  *tenant // whose policies decide; nil for the registers

	// The action of the item before: most batches ask about one.
	named []byte
	act   act
	known bool
}

// findAct returns what an action name means.
func (e *evaluator) findAct(name []byte) (act, bool) {
	if e.named == nil || !bytes.Equal(name, e.named) {
		e.named = name
		e.act, e.known = findAct(e.snap, name)
	}
	return e.act, e.known
}

// evaluator readies the evaluation of a request. When a part of it wants a newer
// revision than the one at hand, the log is looked at, once.
func (c *call) evaluator(a *asked) (*evaluator, error) {
	tenant, err := c.tenant()
	if err != nil {
		return nil, err
	}
	snap, err := c.snapshot()
	if err != nil {
		return nil, err
	}
	wanted, _ := parseRevision(a.context.fresh)
	for i := range a.items {
		seq, _ := parseRevision(a.items[i].context.fresh)
		wanted = max(wanted, seq)
	}
	if wanted > snap.Seq() {
		if snap, err = c.server.node.Snapshot(c.r.Context()); err != nil {
			return nil, err
		}
		c.snap = snap
	}
	return &evaluator{c: c, s: c.server, ctx: c.r.Context(), snap: snap, nowText: c.now.UTC().Format(time.RFC3339), tenant: tenant}, nil
}

// single answers a request that is one evaluation.
func (e *evaluator) single(q *question) error {
	v := e.decide(q)
	e.c.accountVerdict(q, &v)
	if v.failed != nil {
		return v.failed
	}
	e.leadToPage(q, &v)
	const usual = 768
	authzenOK(e.c, e.s.appendVerdict(make([]byte, 0, usual), &v, e.nowText))
	return nil
}

// fail is the verdict of an evaluation that could not be made.
func (e *evaluator) fail(v verdict, err error) verdict {
	v.allowed, v.failed = false, err
	if v.reason = fullmakt.ReasonIndeterminate; fullmakt.ErrorCode(err) == fullmakt.CodeStale {
		v.reason = fullmakt.ReasonStale
	}
	return v
}

// decide makes one evaluation.
func (e *evaluator) decide(q *question) verdict {
	v := verdict{revision: e.snap.Seq(), at: e.c.now.Unix()}
	if wrong := q.wrong(); wrong != "" {
		return e.fail(v, statusf(http.StatusBadRequest, "%s", wrong))
	}
	if e.tenant != nil {
		return e.decideTenant(q, v)
	}
	if q.context.explain && !e.c.caller.may(scopeExplain) {
		return e.fail(v, statusf(http.StatusForbidden, "context.explain needs the scope %s", scopeExplain))
	}
	if err := e.fresh(q); err != nil {
		return e.fail(v, err)
	}
	if v.dated = q.context.dated; v.dated {
		v.at = q.context.time.Unix()
	}
	if string(q.resource.typ) == serviceType {
		return e.decideService(q, v)
	}
	// What a consumer may not ask about it is not told either.
	a, known := e.findAct(q.action.name)
	if limit := e.c.caller.limit; limit != nil && (!known || !limit.allows(a)) {
		return e.fail(v, statusf(http.StatusForbidden, "this consumer may not ask about that action"))
	}
	if !known {
		v.reason = fullmakt.ReasonUnknownPackage
		return v
	}
	if q.resource.kind == otherKind {
		v.reason = fullmakt.ReasonNoResource
		return v
	}
	subject, err := e.s.findParty(e.ctx, e.snap, q.subject.kind, q.subject.id)
	if err != nil {
		return e.fail(v, err)
	}
	object, err := e.s.findParty(e.ctx, e.snap, q.resource.kind, q.resource.id)
	if err != nil {
		return e.fail(v, err)
	}
	v.subject, v.object, v.what = subject, object, a.code(e.snap)
	if subject == 0 || object == 0 {
		v.reason = fullmakt.ReasonUnknownParty
		return v
	}
	snap, err := e.asOf(&v, subject, object)
	var before *node.BeforeHistoryError
	switch {
	case errors.As(err, &before):
		v.reason = fullmakt.ReasonBeforeHistory
		return v
	case err != nil:
		return e.fail(v, err)
	}
	query := pdp.Query{Subject: subject, For: object, Package: a.pkg, Role: a.role, At: v.at}
	if a.role != 0 && snap != e.snap {
		// Codes that the catalogue lacks are numbered by each snapshot.
		query.Role = snap.RoleID(e.snap.RoleCode(a.role))
	}
	v.take(pdp.Decide(snap, query), snap, object, e.s.cfg.AllowUncertain)
	if q.context.explain {
		if v.proof, err = e.s.prove(e.ctx, snap, query); err != nil {
			return e.fail(v, err)
		}
	}
	return v
}

// wrong returns what is wrong with a question, or "".
func (q *question) wrong() string {
	if q.fault != "" {
		return q.fault
	}
	if wrong := q.subject.missing("subject"); wrong != "" {
		return wrong
	}
	if wrong := q.action.missing(); wrong != "" {
		return wrong
	}
	if wrong := q.resource.missing("resource"); wrong != "" {
		return wrong
	}
	return q.context.fault
}

// take reads a decision into the verdict. A yes that rests on a person known only
// by birth date and name stands only where the operator has decided so (rule
// OPEN-1).
func (v *verdict) take(d pdp.Decision, snap *index.Snapshot, object fullmakt.PartyNo, allowUncertain bool) {
	v.allowed, v.mayGive, v.uncertain = d.Allowed, d.MayGive, d.Uncertain
	v.reason, v.revision = d.Reason, d.Revision
	v.state, v.stated = d.State, snap.Kind(object) == fullmakt.KindOrganisation
	if v.uncertain && !allowUncertain {
		if v.allowed {
			v.reason = fullmakt.ReasonUncertain
		}
		v.allowed, v.mayGive = false, false
	}
}

// fresh checks that the revision at hand is at least the one that a question
// wants.
func (e *evaluator) fresh(q *question) error { return e.s.fresh(e.snap, q.context.fresh) }

func (s *Server) fresh(snap *index.Snapshot, token []byte) error {
	if len(token) == 0 {
		return nil
	}
	seq, ok := parseRevision(token)
	if !ok {
		return statusf(http.StatusBadRequest, "context.at_least_as_fresh is no revision that was given here")
	}
	if seq > snap.Seq() {
		return fullmakt.Errorf(fullmakt.CodeStale, "the revision asked for is not here yet").WithHint("ask again in a moment")
	}
	return nil
}

// asOf returns the register as it was at the verdict's time: the one at hand, or
// for a time before that was made the organisations around the question.
func (e *evaluator) asOf(v *verdict, nos ...fullmakt.PartyNo) (*index.Snapshot, error) {
	if !v.dated || v.at >= e.snap.At().Unix() {
		return e.snap, nil
	}
	return e.s.node.Around(e.ctx, time.Unix(v.at, 0), nos...)
}
