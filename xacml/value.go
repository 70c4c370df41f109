package xacml

// Type is the URI of a data-type (appendix B.3).
type Type string

// The data-types of the standard.
const (
	TypeString            Type = "http://www.w3.org/2001/XMLSchema#string"
	TypeBoolean           Type = "http://www.w3.org/2001/XMLSchema#boolean"
	TypeInteger           Type = "http://www.w3.org/2001/XMLSchema#integer"
	TypeDouble            Type = "http://www.w3.org/2001/XMLSchema#double"
	TypeTime              Type = "http://www.w3.org/2001/XMLSchema#time"
	TypeDate              Type = "http://www.w3.org/2001/XMLSchema#date"
	TypeDateTime          Type = "http://www.w3.org/2001/XMLSchema#dateTime"
	TypeDayTimeDuration   Type = "http://www.w3.org/2001/XMLSchema#dayTimeDuration"
	TypeYearMonthDuration Type = "http://www.w3.org/2001/XMLSchema#yearMonthDuration"
	TypeAnyURI            Type = "http://www.w3.org/2001/XMLSchema#anyURI"
	TypeHexBinary         Type = "http://www.w3.org/2001/XMLSchema#hexBinary"
	TypeBase64Binary      Type = "http://www.w3.org/2001/XMLSchema#base64Binary"
	TypeRFC822Name        Type = "urn:oasis:names:tc:xacml:1.0:data-type:rfc822Name"
	TypeX500Name          Type = "urn:oasis:names:tc:xacml:1.0:data-type:x500Name"
	TypeXPathExpression   Type = "urn:oasis:names:tc:xacml:3.0:data-type:xpathExpression"
	TypeIPAddress         Type = "urn:oasis:names:tc:xacml:2.0:data-type:ipAddress"
	TypeDNSName           Type = "urn:oasis:names:tc:xacml:2.0:data-type:dnsName"
)

// Value is one value of a data-type. Whether two are equal is for the equality
// function of their type to say, not for ==.
type Value interface {
	// Type returns the data-type.
	Type() Type
	// String returns the value as XML and JSON write it.
	String() string
}
