package xacml

// Decision is the decision of a result (section 5.53).
type Decision uint8

// The decisions.
const (
	NotApplicable Decision = iota
	Permit
	Deny
	Indeterminate
)

var decisionNames = [...]string{"NotApplicable", "Permit", "Deny", "Indeterminate"}

// String returns the decision as the standard spells it.
func (d Decision) String() string { return decisionNames[d&3] }

// Response answers a request: one result, or one for each individual request.
type Response struct {
	Results []Result
}

// Result is the answer to one individual request (section 5.48).
type Result struct {
	Decision    Decision
	Status      Status
	Obligations []Directive
	Advice      []Directive
	Categories  []Category  // the attributes that the request wants back (IncludeInResult)
	Policies    []PolicyRef // those that were found applicable, where ReturnPolicyIDList asks for them
}

// Status tells how the evaluation went (section 5.54). The zero Code stands for
// StatusOK.
type Status struct {
	Code    StatusCode
	Minor   []StatusCode // nested codes, outermost first
	Message string
	Missing []MissingAttribute
}

// Directive is an obligation or a piece of advice with its values (sections 5.34
// and 5.35).
type Directive struct {
	ID          string
	Assignments []Assignment
}

// Assignment is one value of an obligation or of advice (section 5.36). An
// expression that gives a bag of n values makes n of them.
type Assignment struct {
	AttributeID, Category, Issuer string
	Value                         Value
}

// PolicyRef names a policy or policy set and its version.
type PolicyRef struct {
	ID, Version string
	Set         bool
}
