package xacml

import "github.com/antchfx/xmlquery"

// Content is the XML document of a category (section 5.45), parsed when the
// request was read.
type Content struct {
	Text string // as it came
	root *xmlquery.Node
}
