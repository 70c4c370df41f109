package client

import (
	"context"
	"net/http"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Types of entities that a server knows, and searches answer with.
const (
	Organisation   = "urn:altinn:organization:identifier-no" // id: organisation number
	Person         = "urn:altinn:person:identifier-no"       // id: fødselsnummer or D-number
	PersonUUID     = "urn:altinn:person:uuid"
	Party          = "urn:altinn:party:uuid" // of any kind
	EnterpriseUser = "urn:altinn:enterpriseuser:uuid"
	SystemUser     = "urn:altinn:systemuser:uuid"
)

// Entity names a party: a type and the id that it has there.
type Entity struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// Question asks whether Subject may act on behalf of For in the way that Action
// names: a package or a role, by any of its names.
type Question struct {
	Subject Entity
	Action  string
	For     Entity
	Context Context
}

// Context is what else a question may say.
type Context struct {
	// Time asks about another instant than now.
	Time time.Time `json:"time,omitzero"`
	// AtLeastAsFresh is the Revision of an earlier answer: an older register is not
	// good enough. A server that does not have it yet answers CodeUnavailable.
	AtLeastAsFresh string `json:"at_least_as_fresh,omitempty"`
	// Explain asks for the paths and near misses; it needs the scope fullmakt:explain.
	Explain bool `json:"explain,omitempty"`
	// Purpose is why a real person's authority is listed (rule PRIV-1).
	Purpose string `json:"purpose,omitempty"`
}

// Answer is the answer to a Question.
type Answer struct {
	Allowed bool          `json:"decision"`
	Context AnswerContext `json:"context"`
}

// AnswerContext is what a server tells beside yes or no.
type AnswerContext struct {
	Reason fullmakt.Reason `json:"reason"`
	// ReasonUser are the same in words, by language: nb, nn, en.
	ReasonUser map[string]string `json:"reason_user"`
	// MayGive tells that the package may be given on.
	MayGive bool `json:"may_give"`
	// Uncertain tells that a party is known only by birth date and name (rule OPEN-1).
	Uncertain bool `json:"uncertain"`
	// State is that of the organisation acted for; "" for other parties.
	State string `json:"state"`
	// Time is the instant asked about; zero when that was now.
	Time         time.Time `json:"time"`
	Revision     string    `json:"revision"`
	EvaluatedAt  time.Time `json:"evaluated_at"`
	EvaluationID string    `json:"evaluation_id"`
	// Error tells, in a batch, that this question could not be answered; then
	// Allowed is false and says nothing.
	Error *ItemError `json:"error"`
	// Authority are all paths of a yes, NearMisses those of a no, when Explain was set.
	Authority  []Path          `json:"authority"`
	NearMisses []Path          `json:"near_misses"`
	GiveRule   fullmakt.Rule   `json:"give_rule"`
	GiveReason fullmakt.Reason `json:"give_reason"`
}

// ItemError is why one question of a batch could not be answered.
type ItemError struct {
	Status  int    `json:"status"`
	Message string `json:"message"`
}

// Path is a way by which authority reaches the subject, or would have but for one
// condition.
type Path struct {
	Rule      fullmakt.Rule   `json:"rule"`
	Extension fullmakt.Rule   `json:"extension"` // "" for none
	Via       *Entity         `json:"via"`       // where the extension leads
	Steps     []Step          `json:"steps"`
	Grants    string          `json:"grants"`
	MayGive   bool            `json:"may_give"`
	Reason    fullmakt.Reason `json:"reason"`     // of a near miss
	StoppedBy fullmakt.Rule   `json:"stopped_by"` // of a near miss
}

// Step leads from the party acted for towards the subject.
type Step struct {
	From      Entity        `json:"from"`
	To        Entity        `json:"to"`
	By        string        `json:"by"` // role:daglig-leder, package:CODE
	KeyRole   bool          `json:"key_role"`
	Derived   bool          `json:"derived"`
	Source    string        `json:"source"`
	Since     fullmakt.Date `json:"since"`
	ValidFrom time.Time     `json:"valid_from"`
	ValidTo   time.Time     `json:"valid_to"`
}

// wireQuestion is a question as AuthZEN writes it.
type wireQuestion struct {
	Subject  *wireEntity `json:"subject,omitempty"`
	Action   *wireAction `json:"action,omitempty"`
	Resource *wireEntity `json:"resource,omitempty"`
	Context  Context     `json:"context,omitzero"`
}

// wireEntity is an entity whose id is left out where it is sought.
type wireEntity struct {
	Type string `json:"type"`
	ID   string `json:"id,omitempty"`
}

type wireAction struct {
	Name string `json:"name"`
}

func wire(q Question) wireQuestion {
	w := wireQuestion{Subject: (*wireEntity)(&q.Subject), Resource: (*wireEntity)(&q.For), Context: q.Context}
	if q.Action != "" {
		w.Action = &wireAction{q.Action}
	}
	return w
}

// Evaluate asks one question.
func (c *Client) Evaluate(ctx context.Context, q Question) (Answer, error) {
	var a Answer
	if err := c.ask(ctx, http.MethodPost, "/access/v1/evaluation", wire(q), &a); err != nil {
		return Answer{}, err
	}
	return a, nil
}

// Semantic is how a batch is evaluated.
type Semantic string

// The semantics of a batch. After the first deny or permit, the others have
// no answer.
const (
	ExecuteAll          Semantic = "execute_all"
	DenyOnFirstDeny     Semantic = "deny_on_first_deny"
	PermitOnFirstPermit Semantic = "permit_on_first_permit"
)

// EvaluateAll asks several questions, all answered at one revision and in their
// order. A server takes up to 1000 unless it is configured otherwise. There are as
// many answers as questions, or fewer where the semantic says so.
func (c *Client) EvaluateAll(ctx context.Context, list []Question, s Semantic) ([]Answer, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var body struct {
		Evaluations []wireQuestion `json:"evaluations"`
		Options     struct {
			Semantic Semantic `json:"evaluations_semantic,omitempty"`
		} `json:"options,omitzero"`
	}
	for _, q := range list {
		body.Evaluations = append(body.Evaluations, wire(q))
	}
	body.Options.Semantic = s
	var told struct {
		Evaluations []Answer `json:"evaluations"`
	}
	const path = "/access/v1/evaluations"
	if err := c.ask(ctx, http.MethodPost, path, body, &told); err != nil {
		return nil, err
	}
	n := len(told.Evaluations)
	if n == 0 || n > len(list) || n < len(list) && (s == "" || s == ExecuteAll) {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "%s: %d questions have %d answers", path, len(list), n)
	}
	return told.Evaluations, nil
}
