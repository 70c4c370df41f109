package xacml

import (
	"maps"
	"slices"
)

// xpathValue is a value of the data-type xpathExpression: an XPath expression
// with the namespaces of the element it was written in, to be applied to the
// Content of one category (section A.2 and appendix A.3.15).
type xpathValue struct {
	category   string
	text       string
	namespaces map[string]string
	path       *xpath
}

// newXPathValue makes a value of an XPath expression. Names of namespaces are
// those bound where it was written; the default namespace does not apply to names
// without prefix, as XPath has it.
func newXPathValue(category, text string, namespaces map[string]string) (*xpathValue, error) {
	path, err := compileXPath(text, namespaces)
	if err != nil {
		return nil, err
	}
	return &xpathValue{category, text, namespaces, path}, nil
}

// Type returns TypeXPathExpression.
func (*xpathValue) Type() Type { return TypeXPathExpression }

// String returns the expression, without its category and namespaces.
func (v *xpathValue) String() string { return v.text }

// json writes the value as an object (JSON Profile 1.1, section 4.2.5).
func (v *xpathValue) json() jsonNode {
	var n jsonNode
	n.set("XPathCategory", jsonText(v.category))
	if prefixes := slices.Sorted(maps.Keys(v.namespaces)); len(prefixes) > 0 {
		n.set("Namespaces", jsonList(prefixes, func(prefix string) jsonNode {
			var binding jsonNode
			if prefix != "" {
				binding.set("Prefix", jsonText(prefix))
			}
			binding.set("Namespace", jsonText(v.namespaces[prefix]))
			return binding
		}))
	}
	n.set("XPath", jsonText(v.text))
	return n
}
