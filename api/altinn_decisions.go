package api

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/xacml"
)

const authorization = "/authorization/api/v1"

// Headers beside a XACML answer, whose body has no place for them.
const (
	headerRevision    = "X-Fullmakt-Revision"
	headerPolicy      = "X-Fullmakt-Policy"
	headerExplain     = "X-Fullmakt-Explain"
	headerExplanation = "X-Fullmakt-Explanation"
)

// decisionRoutes lists the routes of Altinn's policy decision point.
func decisionRoutes() []route {
	return []route{
		altinn("POST", authorization+"/authorize", authorize, (*Server).authorize),
		altinn("POST", authorization+"/decision", authorize, (*Server).decision),
		altinnOpen("GET", authorization+"/policies/roleswithaccess/{org}/{app}", (*Server).rolesWithAccess),
	}
}

// authorize answers a request in JSON.
func (s *Server) authorize(c *call) error {
	if !c.isJSON() {
		return statusf(http.StatusUnsupportedMediaType, "the body must be application/json")
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	return c.answerXACML(body, false, true)
}

// decision answers a request in JSON or XML. Persons are not named by identity
// number here, as they are not in Altinn.
func (s *Server) decision(c *call) error {
	media, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	inXML := slices.Contains([]string{"application/xml", "text/xml", "application/xacml+xml"}, media)
	if !inXML && !c.isJSON() {
		return statusf(http.StatusUnsupportedMediaType, "the body must be application/json or application/xml")
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	return c.answerXACML(body, inXML, false)
}

// answerXACML decides a request and answers in its own notation. A request that
// cannot be used has one result, Indeterminate.
func (c *call) answerXACML(body []byte, inXML, numbers bool) error {
	c.lookup.Outcome = audit.Failed // until there are results
	var request *xacml.Request
	var dialect xacml.Dialect
	var err error
	if inXML {
		request, err = xacml.ParseRequestXML(body)
	} else {
		request, dialect, err = xacml.ParseRequestJSON(bytes.TrimPrefix(body, []byte("\ufeff")))
	}
	var response *xacml.Response
	if err != nil {
		response = xacml.Refusal(err)
	} else {
		var notes *xacmlNotes
		if response, notes, err = c.decideXACML(request, numbers); err != nil {
			return err
		}
		notes.write(c)
	}
	if inXML {
		c.write(http.StatusOK, "application/xml", response.XML())
	} else {
		c.write(http.StatusOK, "application/json", response.JSON(dialect))
	}
	return nil
}

// xacmlNotes are what the headers tell of the results.
type xacmlNotes struct {
	revision fullmakt.Seq
	policies []string
	pages    []string // that explain, or none
	explain  []*serviceProof
}

// mostPages bounds the header that leads to explanations, in bytes, of the 8000 that
// common servers take for all.
const mostPages = 2000

func (n *xacmlNotes) write(c *call) {
	h := c.w.Header()
	h.Set(headerRevision, revisionToken(n.revision))
	h.Set(headerPolicy, strings.Join(n.policies, ", "))
	if slices.ContainsFunc(n.pages, func(page string) bool { return page != "none" }) {
		if list := strings.Join(n.pages, ", "); len(list) <= mostPages {
			h.Set(headerExplanationPage, list)
		}
	}
	if n.explain != nil {
		h.Set(headerExplanation, explanationHeader(n.explain))
	}
}

// decideXACML decides every individual request that a request stands for, each by
// the policy of its own resource. One that is wrong is Indeterminate and does not
// touch the others; an error is of the server's.
func (c *call) decideXACML(request *xacml.Request, numbers bool) (*xacml.Response, *xacmlNotes, error) {
	snap, view, err := c.registry()
	if err != nil {
		return nil, nil, err
	}
	explain := strings.EqualFold(c.r.Header.Get(headerExplain), "true")
	if explain {
		if err := c.require(scopeExplain); err != nil {
			return nil, nil, err
		}
	}
	if len(request.References) == 1 && !refersToCategories(request) {
		request.References = nil // one reference, or none: the whole is one decision
	}
	requests, err := request.Individual()
	if err == nil && len(requests) > c.server.cfg.Limits.Batch {
		err = &xacml.Error{Code: xacml.StatusProcessingError, Message: "the request asks for more than " + strconv.Itoa(c.server.cfg.Limits.Batch) + " decisions"}
	}
	notes := &xacmlNotes{revision: snap.Seq()}
	if err != nil {
		return xacml.Refusal(err), notes, nil
	}
	d := &registry.Decider{Snapshot: snap, View: view, AllowUncertain: c.server.cfg.AllowUncertain}
	results := make([]xacml.Result, len(requests))
	for i, r := range requests {
		if c.r.Context().Err() != nil {
			return nil, nil, statusf(http.StatusServiceUnavailable, "the requests take longer than one request may").hinted("ask fewer at a time")
		}
		answer, page, proof, err := c.decideOne(d, r, numbers, explain)
		if err != nil {
			return nil, nil, err
		}
		results[i] = answer.Result
		notes.policies = append(notes.policies, policyNote(&answer))
		notes.pages = append(notes.pages, page)
		if explain {
			notes.explain = append(notes.explain, proof)
		}
	}
	if request.CombinedDecision {
		results = []xacml.Result{xacml.Combine(results)}
	}
	return &xacml.Response{Results: results}, notes, nil
}

// decideOne decides an individual request, and names the page
// that explains a no. One that is wrong, or about a resource
// that the caller may not ask about, is Indeterminate.
func (c *call) decideOne(d *registry.Decider, r *xacml.Request, numbers, explain bool) (registry.Answer, string, *serviceProof, error) {
	answer := registry.Answer{Revision: d.Snapshot.Seq()}
	reason := fullmakt.ReasonIndeterminate
	var proof *serviceProof
	q, err := registry.Ask(r, c.partyFinder(numbers), c.now)
	if err == nil {
		err = c.mayAskAbout(q.Resource)
	}
	var invalid *xacml.Error
	switch {
	case errors.As(err, &invalid):
		answer.Result = xacml.Result{Decision: xacml.Indeterminate, Status: xacml.StatusOf(invalid)}
	case err != nil:
		return answer, "", nil, err
	case explain:
		x := d.Explain(&q)
		answer, reason = x.Answer, x.Reason
		if proof, err = c.server.proveService(c.r.Context(), d, &q, &x); err != nil {
			return answer, "", nil, err
		}
	case c.server.lookups != nil:
		answer, reason = d.DecideReason(&q)
	default:
		answer = d.Decide(&q)
	}
	answer.Categories = r.Included()
	c.accountService(&q, &answer, reason)
	return answer, c.pageOf(d.Snapshot, &q, &answer), proof, nil
}

// refersToCategories reports whether every id of a request's only reference is that
// of a category.
func refersToCategories(r *xacml.Request) bool {
	return !slices.ContainsFunc(r.References[0], func(id string) bool {
		return !slices.ContainsFunc(r.Categories, func(c xacml.Category) bool { return c.ID == id })
	})
}

// partyFinder finds parties by the attributes of XACML requests that are the types
// of AuthZEN; persons by identity number only where numbers are allowed.
func (c *call) partyFinder(numbers bool) registry.PartyFinder {
	return func(id, value string) (fullmakt.PartyNo, bool, error) {
		kind := otherKind
		if strings.HasPrefix(id, "urn:") {
			kind = idKindOf([]byte(id))
		}
		if kind == otherKind {
			return 0, false, nil
		}
		if kind == personNumberKind && !numbers {
			return 0, true, &xacml.Error{Code: xacml.StatusProcessingError, Message: "persons are not named by identity number here; use urn:altinn:person:uuid, or ask at /authorize"}
		}
		snap, err := c.snapshot()
		if err != nil {
			return 0, true, err
		}
		p, err := c.server.findParty(c.r.Context(), snap, kind, []byte(value))
		return p, true, err
	}
}

// mayAskAbout refuses a resource that is none of those that a limited consumer may
// ask about.
func (c *call) mayAskAbout(resource string) error {
	if c.caller.limit.allowsResource(resource) {
		return nil
	}
	return &xacml.Error{Code: xacml.StatusProcessingError, Message: "this consumer may not ask about that resource"}
}

// policyNote names the version of the policy that decided.
func policyNote(a *registry.Answer) string {
	if a.Policy == nil {
		return "none"
	}
	return a.Policy.Resource + ";version=" + strconv.FormatUint(uint64(a.Policy.Revision), 10)
}

// accountService puts a decision over a resource into the call's look-up: one that
// is the first by itself, and several as a batch.
func (c *call) accountService(q *registry.Question, a *registry.Answer, reason fullmakt.Reason) {
	if c.server.lookups == nil {
		return
	}
	item := audit.Item{Subject: q.Subject, Object: q.For, What: serviceCode(q, a), Outcome: serviceOutcome(a.Decision), Reason: reason}
	r := &c.lookup
	r.Revision = a.Revision
	if r.Count++; r.Count == 1 {
		r.Subject, r.Object, r.What, r.Outcome, r.Reason = item.Subject, item.Object, item.What, item.Outcome, item.Reason
	}
	r.Items = append(r.Items, item)
	if r.Count > 1 {
		r.Subject, r.Object, r.What, r.Reason = 0, 0, "", ""
		r.Outcome = audit.OutcomeOfItems(r.Items)
	}
}

// serviceCode is what was asked about as the log of look-ups writes it: no text of
// the caller's, but the resource and an action that its policy names.
func serviceCode(q *registry.Question, a *registry.Answer) string {
	switch {
	case a.Resource == nil:
		return ""
	case a.Policy != nil:
		for _, action := range a.Policy.Actions() {
			if strings.EqualFold(action, q.Action) {
				return a.Resource.Identifier + ":" + action
			}
		}
	}
	return a.Resource.Identifier
}

func serviceOutcome(d xacml.Decision) audit.Outcome {
	if d == xacml.Indeterminate {
		return audit.Failed
	}
	return audit.OutcomeOf(d == xacml.Permit)
}

// rolesWithAccess answers the codes of the roles that the policy of an app names.
func (s *Server) rolesWithAccess(c *call) error {
	_, v, err := c.registry()
	if err != nil {
		return err
	}
	p, err := v.Policy(registry.AppResource(c.r.PathValue("org"), c.r.PathValue("app")))
	if err != nil {
		return statusf(http.StatusNotFound, "no valid policy found for this app")
	}
	roles := []string{}
	for _, a := range p.Subjects() {
		if a.ID == registry.AttributeRole {
			roles = append(roles, a.Value)
		}
	}
	return c.writeJSON(http.StatusOK, roles)
}
