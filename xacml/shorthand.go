package xacml

import (
	"regexp"
	"strings"
)

// shorthands are the prefixes that a suite may write instead of the standard's
// long identifiers, and what each stands for. "xs:string" is easier to read in a
// table of cases than the URI of XML Schema's string.
var shorthands = map[string]string{
	"xs":     "http://www.w3.org/2001/XMLSchema#",
	"f":      "urn:oasis:names:tc:xacml:1.0:function:",
	"f2":     "urn:oasis:names:tc:xacml:2.0:function:",
	"f3":     "urn:oasis:names:tc:xacml:3.0:function:",
	"rule":   "urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:",
	"rule1":  "urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:",
	"rule11": "urn:oasis:names:tc:xacml:1.1:rule-combining-algorithm:",
	"pol":    "urn:oasis:names:tc:xacml:3.0:policy-combining-algorithm:",
	"pol1":   "urn:oasis:names:tc:xacml:1.0:policy-combining-algorithm:",
	"pol11":  "urn:oasis:names:tc:xacml:1.1:policy-combining-algorithm:",
	"status": "urn:oasis:names:tc:xacml:1.0:status:",
}

// namedShorthands are those where the long identifier does not follow from the
// prefix alone.
var namedShorthands = map[string]string{
	"type:rfc822Name":      string(TypeRFC822Name),
	"type:x500Name":        string(TypeX500Name),
	"type:ipAddress":       string(TypeIPAddress),
	"type:dnsName":         string(TypeDNSName),
	"type:xpathExpression": string(TypeXPathExpression),

	"cat:subject":      CategoryAccessSubject,
	"cat:recipient":    CategoryRecipientSubject,
	"cat:intermediary": CategoryIntermediarySubject,
	"cat:codebase":     CategoryCodebase,
	"cat:machine":      CategoryRequestingMachine,
	"cat:resource":     CategoryResource,
	"cat:action":       CategoryAction,
	"cat:environment":  CategoryEnvironment,

	"id:subject-id":       "urn:oasis:names:tc:xacml:1.0:subject:subject-id",
	"id:resource-id":      "urn:oasis:names:tc:xacml:1.0:resource:resource-id",
	"id:action-id":        "urn:oasis:names:tc:xacml:1.0:action:action-id",
	"id:current-time":     "urn:oasis:names:tc:xacml:1.0:environment:current-time",
	"id:current-date":     "urn:oasis:names:tc:xacml:1.0:environment:current-date",
	"id:current-dateTime": "urn:oasis:names:tc:xacml:1.0:environment:current-dateTime",
	"id:content-selector": "urn:oasis:names:tc:xacml:3.0:content-selector",
}

// longhand returns the identifier that a shorthand stands for, or the word itself
// when it is none.
func longhand(word string) string {
	if long, ok := namedShorthands[word]; ok {
		return long
	}
	if prefix, rest, ok := strings.Cut(word, ":"); ok {
		if base, ok := shorthands[prefix]; ok {
			return base + rest
		}
	}
	return word
}

var (
	quotedWord  = regexp.MustCompile(`"[a-z0-9]+:[A-Za-z0-9-]+"`)
	rootElement = regexp.MustCompile(`<(Policy|PolicySet|Request)([\s>])`)
)

const xacmlNamespace = "urn:oasis:names:tc:xacml:3.0:core:schema:wd-17"

// expandShorthands writes out the shorthands of a policy or request in a suite:
// whole quoted words, and the standard's namespace on a document that declares
// none. Lines stay where they are.
func expandShorthands(src []byte) []byte {
	text := quotedWord.ReplaceAllStringFunc(string(src), func(q string) string {
		return `"` + longhand(q[1:len(q)-1]) + `"`
	})
	if at := rootElement.FindStringSubmatchIndex(text); at != nil {
		tag, _, _ := strings.Cut(text[at[0]:], ">")
		if !strings.Contains(tag, "xmlns=") {
			text = text[:at[3]] + ` xmlns="` + xacmlNamespace + `"` + text[at[3]:]
		}
	}
	return []byte(text)
}
