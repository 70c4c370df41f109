package xacml

// Request is a decision request (section 5.42), whatever notation it came in.
type Request struct {
	ReturnPolicyIDList bool
	CombinedDecision   bool
	XPathVersion       string // of RequestDefaults; "" when absent
	Categories         []Category
	// References are the individual requests of the Multiple Decision Profile:
	// each names the categories it consists of by their ID.
	References [][]string

	fault *Error // why this individual request cannot be decided
}

// Category is one Attributes element of a request.
type Category struct {
	Category   string   // its URI
	ID         string   // xml:id, for References; "" when absent
	Content    *Content // XML about the category; nil when absent
	Attributes []Attribute
}

// Attribute is one attribute with its values, which may be of several types.
type Attribute struct {
	ID, Issuer      string
	IncludeInResult bool
	Values          []Value
}

// The categories of the standard (appendix B.2).
const (
	CategoryAccessSubject       = "urn:oasis:names:tc:xacml:1.0:subject-category:access-subject"
	CategoryRecipientSubject    = "urn:oasis:names:tc:xacml:1.0:subject-category:recipient-subject"
	CategoryIntermediarySubject = "urn:oasis:names:tc:xacml:1.0:subject-category:intermediary-subject"
	CategoryCodebase            = "urn:oasis:names:tc:xacml:1.0:subject-category:codebase"
	CategoryRequestingMachine   = "urn:oasis:names:tc:xacml:1.0:subject-category:requesting-machine"
	CategoryResource            = "urn:oasis:names:tc:xacml:3.0:attribute-category:resource"
	CategoryAction              = "urn:oasis:names:tc:xacml:3.0:attribute-category:action"
	CategoryEnvironment         = "urn:oasis:names:tc:xacml:3.0:attribute-category:environment"
)
