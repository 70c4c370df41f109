package api

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

// attributeJSON is an attribute of a policy as Altinn writes it.
type attributeJSON struct {
	Type  string `json:"type"`
	Value string `json:"value"`
	URN   string `json:"urn"`
}

// attributeOut writes an attribute as the policy spells it, with its URN in lower case.
func attributeOut(a registry.Attribute) attributeJSON {
	return attributeJSON{Type: a.ID, Value: a.Value, URN: a.URN()}
}

func attributesOut(list []registry.Attribute) []attributeJSON {
	out := make([]attributeJSON, len(list))
	for i, a := range list {
		out[i] = attributeOut(a)
	}
	return out
}

// paginatedJSON is a list as the resource registry writes one: without a next page
// there is no link.
type paginatedJSON[T any] struct {
	Links struct{} `json:"links"`
	Data  []T      `json:"data"`
}

// pathPolicy returns the policy of the resource that the path names.
func (c *call) pathPolicy() (*registry.Policy, error) {
	_, v, err := c.registry()
	if err != nil {
		return nil, err
	}
	r, err := c.pathResource(v)
	if err != nil {
		return nil, err
	}
	p, err := v.Policy(r.Identifier)
	if fullmakt.ErrorCode(err) == fullmakt.CodeInvalid { // only what is stored can be wrong here
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "stored policy: %w", err)
	}
	return p, err
}

// resourcePolicy answers the XML of a policy; the version that it is of stands in ETag.
func (s *Server) resourcePolicy(c *call) error {
	_, v, err := c.registry()
	if err != nil {
		return err
	}
	r, err := c.pathResource(v)
	if err != nil {
		return err
	}
	source, revision, ok := v.PolicySource(r.Identifier)
	if !ok {
		return statusf(http.StatusNotFound, "the resource has no policy")
	}
	if !c.unchanged(revisionTag(revision)) {
		c.write(http.StatusOK, "application/xml", source)
	}
	return nil
}

func (s *Server) policySubjects(c *call) error {
	p, err := c.pathPolicy()
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, paginatedJSON[attributeJSON]{Data: attributesOut(p.Subjects())})
}

// policyRuleJSON is one combination of a policy.
type policyRuleJSON struct {
	Subject  []attributeJSON `json:"subject"`
	Action   attributeJSON   `json:"action"`
	Resource []attributeJSON `json:"resource"`
}

func (s *Server) policyRules(c *call) error {
	p, err := c.pathPolicy()
	if err != nil {
		return err
	}
	out := []policyRuleJSON{}
	for _, r := range p.Rules() {
		out = append(out, policyRuleJSON{attributesOut(r.Subject), attributeOut(r.Action), attributesOut(r.Resource)})
	}
	return c.writeJSON(http.StatusOK, out)
}

// policyRightJSON is a right of a policy.
type policyRightJSON struct {
	Action       attributeJSON       `json:"action"`
	Resource     []attributeJSON     `json:"resource"`
	Subjects     []policySubjectJSON `json:"subjects"`
	RightKey     string              `json:"rightKey"`
	SubjectTypes []string            `json:"subjectTypes"`
}

type policySubjectJSON struct {
	SubjectAttributes []attributeJSON `json:"subjectAttributes"`
}

func (s *Server) policyRights(c *call) error {
	p, err := c.pathPolicy()
	if err != nil {
		return err
	}
	out := []policyRightJSON{}
	for _, r := range p.Rights() {
		right := policyRightJSON{Action: attributeOut(r.Action), Resource: attributesOut(r.Resource), RightKey: r.Key, SubjectTypes: r.SubjectTypes()}
		for _, subject := range r.Subjects {
			right.Subjects = append(right.Subjects, policySubjectJSON{attributesOut(subject)})
		}
		out = append(out, right)
	}
	return c.writeJSON(http.StatusOK, out)
}

// subjectResourcesJSON is a subject with the resources whose policies name it.
type subjectResourcesJSON struct {
	Subject   attributeJSON   `json:"subject"`
	Resources []attributeJSON `json:"resources"`
}

// mostSubjects bounds the subjects of one question.
const mostSubjects = 1000

// resourcesBySubjects answers, for each subject of a list of URNs, the resources
// whose policies name it. A subject that none names is left out.
func (s *Server) resourcesBySubjects(c *call) error {
	var urns []string
	if err := c.readJSON(&urns); err != nil {
		return err
	}
	if len(urns) > mostSubjects {
		return statusf(http.StatusBadRequest, "ask about at most %d subjects at a time", mostSubjects)
	}
	_, v, err := c.registry()
	if err != nil {
		return err
	}
	out := paginatedJSON[subjectResourcesJSON]{Data: []subjectResourcesJSON{}}
	for _, urn := range urns {
		subject, ok := registry.ParseSubject(urn)
		if !ok {
			return invalidField("$", "want URNs such as urn:altinn:rolecode:dagl")
		}
		ids := v.BySubject(subject)
		if len(ids) == 0 {
			continue
		}
		item := subjectResourcesJSON{Subject: attributeOut(subject)}
		for _, id := range ids {
			item.Resources = append(item.Resources, attributeOut(registry.Attribute{ID: registry.AttributeResource, Value: id}))
		}
		out.Data = append(out.Data, item)
	}
	return c.writeJSON(http.StatusOK, out)
}

// putPolicy stores a new version of a policy, or with dryRun=true tells what it
// would change and stores nothing.
func (s *Server) putPolicy(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	dry, err := q.flag("dryRun", false)
	if err != nil {
		return err
	}
	source, err := c.policyBody()
	if err != nil {
		return err
	}
	id := c.r.PathValue("id")
	command := func(_ *index.Snapshot, v *registry.View) ([]fullmakt.Change, error) {
		_, revision, exists := v.PolicySource(id)
		if err := c.ifMatch(revisionTag(revision), exists); err != nil {
			return nil, err
		}
		return registry.PutPolicy(v, c.author(), id, source)
	}
	if dry {
		return c.tryPolicy(id, source, command)
	}
	if err := c.changeRegistry("policy of "+id, command); err != nil {
		return err
	}
	_, v, err := c.registry()
	if err != nil {
		return err
	}
	_, revision, _ := v.PolicySource(id)
	c.w.Header().Set("ETag", revisionTag(revision))
	c.status = http.StatusCreated // as Altinn answers both methods
	c.w.WriteHeader(http.StatusCreated)
	return nil
}

// policyTrialJSON tells what a new version of a policy would change.
type policyTrialJSON struct {
	Pairs           int                `json:"pairs"` // of subject and party that were tried
	Actions         []string           `json:"actions"`
	Changes         []policyChangeJSON `json:"changes"`
	UnknownSubjects []attributeJSON    `json:"unknownSubjects"`
}

type policyChangeJSON struct {
	Action   string          `json:"action"`
	Before   string          `json:"before"`
	After    string          `json:"after"`
	Pairs    int             `json:"pairs"`
	Subjects []attributeJSON `json:"subjects"`
}

// trialPairs is how many pairs a new version of a policy is tried on.
const trialPairs = 2000

// tryPolicy checks a command that stores a policy, without running it, and answers
// what the policy would change.
func (c *call) tryPolicy(id string, source []byte, command func(*index.Snapshot, *registry.View) ([]fullmakt.Change, error)) error {
	s, v, err := c.registry()
	if err != nil {
		return err
	}
	if _, err := command(s, v); err != nil {
		return registryError(err)
	}
	after, err := registry.ParsePolicy(id, id+".xml", source)
	if err != nil {
		return err
	}
	before, err := v.Policy(id)
	if fullmakt.ErrorCode(err) == fullmakt.CodeNotFound {
		before, err = nil, nil
	}
	if err != nil {
		return err
	}
	t := registry.Try(s, before, after, c.now, trialPairs)
	out := policyTrialJSON{Pairs: t.Pairs, Actions: t.Actions, Changes: []policyChangeJSON{}, UnknownSubjects: attributesOut(t.Unknown)}
	if out.Actions == nil {
		out.Actions = []string{}
	}
	for _, change := range t.Changes {
		out.Changes = append(out.Changes, policyChangeJSON{change.Action, change.Before.String(), change.After.String(), change.Pairs, attributesOut(change.Subjects)})
	}
	return c.writeJSON(http.StatusOK, out)
}

// policyBody reads the policy: the body itself, or the file of a form, which is how
// Altinn's clients send it.
func (c *call) policyBody() ([]byte, error) {
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	media, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	switch {
	case err == nil && media == "multipart/form-data" && params["boundary"] != "":
		form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
		for {
			part, err := form.NextPart()
			if err != nil {
				return nil, invalidField("policyFile", "the form holds no file")
			}
			if part.FileName() != "" || strings.EqualFold(part.FormName(), "policyFile") {
				source, err := io.ReadAll(part)
				if err != nil {
					return nil, invalidField("policyFile", "the file did not arrive whole")
				}
				return source, nil
			}
		}
	case err == nil && (media == "application/xml" || media == "text/xml" || media == "application/xacml+xml"):
		return body, nil
	}
	return nil, statusf(http.StatusUnsupportedMediaType, "the body must be application/xml, or a form with the policy as a file")
}
