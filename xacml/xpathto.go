package xacml

import (
	"fmt"
	"slices"
	"strings"
)

// pathTo returns an XPath expression that gives this node and no other of its
// document. Prefixes are those of pathNamespaces.
func (n *xmlNode) pathTo() string {
	var steps []string
	for ; n.parent != nil; n = n.parent {
		steps = append(steps, n.stepTo())
	}
	slices.Reverse(steps)
	return "/" + strings.Join(steps, "/")
}

// stepTo returns the step from the parent to the node.
func (n *xmlNode) stepTo() string {
	switch n.kind {
	case xmlAttribute:
		return "@" + n.testName()
	case xmlText:
		return fmt.Sprintf("text()[%d]", n.place())
	case xmlComment:
		return fmt.Sprintf("comment()[%d]", n.place())
	case xmlInstruction:
		return fmt.Sprintf("processing-instruction()[%d]", n.place())
	default:
		return fmt.Sprintf("%s[%d]", n.testName(), n.place())
	}
}

// place counts the node among its siblings of the same kind, and for elements of
// the same name, from 1.
func (n *xmlNode) place() int {
	place := 1
	before, _ := n.siblings()
	for _, s := range before {
		if s.kind == n.kind && (n.kind != xmlElement || s.space == n.space && s.local == n.local) {
			place++
		}
	}
	return place
}

// testName returns the name test for the node: a namespace's prefix is nsN, N the
// node's depth, or atN for an attribute.
func (n *xmlNode) testName() string {
	if n.space == "" || n.space == namespaceXML {
		return n.name()
	}
	return n.pathPrefix() + ":" + n.local
}

func (n *xmlNode) pathPrefix() string {
	if n.kind == xmlAttribute {
		return "at"
	}
	depth := 0
	for up := n.parent; up != nil; up = up.parent {
		depth++
	}
	return fmt.Sprintf("ns%d", depth)
}

// pathNamespaces returns the namespaces of the prefixes that pathTo uses.
func (n *xmlNode) pathNamespaces() map[string]string {
	namespaces := map[string]string{}
	for ; n.parent != nil; n = n.parent {
		if (n.kind == xmlElement || n.kind == xmlAttribute) && n.space != "" && n.space != namespaceXML {
			namespaces[n.pathPrefix()] = n.space
		}
	}
	return namespaces
}
