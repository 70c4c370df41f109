package xacml

import (
	"math"
	"strings"
	"unicode/utf8"
)

// xpathCore is a function of XPath's core library (XPath 1.0, section 4).
type xpathCore struct {
	least, most int  // arguments; most is -1 for any number
	nodes       bool // the first argument, if there is one, must give nodes
	typ         xpathType
	call        func(c *xpathContext, args []xpathResult) xpathResult
}

type xpathFunctionCall struct {
	function *xpathCore
	args     []xpathExpr
}

func (e *xpathFunctionCall) xpathType() xpathType { return e.function.typ }

func (e *xpathFunctionCall) eval(c *xpathContext) xpathResult {
	args := make([]xpathResult, len(e.args))
	for i, a := range e.args {
		args[i] = a.eval(c)
	}
	if !c.run.spend(1) {
		return xpathResult{typ: e.function.typ}
	}
	return e.function.call(c, args)
}

func xpathText(s string) xpathResult { return xpathResult{typ: xpathString, text: s} }

func xpathNumeric(f float64) xpathResult { return xpathResult{typ: xpathNumber, number: f} }

// textOr returns the string of the only argument, or of the context node.
func (c *xpathContext) textOr(args []xpathResult) string {
	if len(args) == 0 {
		return c.run.textOf(c.node)
	}
	return args[0].toText(c.run)
}

// ofFirst makes a function of the first node of its argument in document order,
// or of the context node; without any it gives "".
func ofFirst(get func(*xmlNode) string) *xpathCore {
	return &xpathCore{0, 1, true, xpathString, func(c *xpathContext, args []xpathResult) xpathResult {
		switch {
		case len(args) == 0:
			return xpathText(get(c.node))
		case len(args[0].nodes) == 0:
			return xpathText("")
		}
		return xpathText(get(args[0].nodes[0]))
	}}
}

// onTexts makes a function of strings.
func onTexts(n int, typ xpathType, call func(args []string) xpathResult) *xpathCore {
	return &xpathCore{n, n, false, typ, func(c *xpathContext, args []xpathResult) xpathResult {
		texts := make([]string, len(args))
		for i, a := range args {
			texts[i] = a.toText(c.run)
		}
		return call(texts)
	}}
}

// onNumber makes a function of a number.
func onNumber(call func(float64) float64) *xpathCore {
	return &xpathCore{1, 1, false, xpathNumber, func(c *xpathContext, args []xpathResult) xpathResult {
		return xpathNumeric(call(args[0].toNumber(c.run)))
	}}
}

// withoutArguments makes a function without arguments.
func withoutArguments(typ xpathType, get func(*xpathContext) xpathResult) *xpathCore {
	return &xpathCore{0, 0, false, typ, func(c *xpathContext, _ []xpathResult) xpathResult { return get(c) }}
}

// xpathLibrary holds XPath's functions by name: those of 1.0, and the few of 2.0 that
// policies use and that mean the same for the values of 1.0.
var xpathLibrary = map[string]*xpathCore{
	"last":     withoutArguments(xpathNumber, func(c *xpathContext) xpathResult { return xpathNumeric(float64(c.size)) }),
	"position": withoutArguments(xpathNumber, func(c *xpathContext) xpathResult { return xpathNumeric(float64(c.position)) }),
	"true":     withoutArguments(xpathBoolean, func(*xpathContext) xpathResult { return xpathTruth(true) }),
	"false":    withoutArguments(xpathBoolean, func(*xpathContext) xpathResult { return xpathTruth(false) }),
	"count": {1, 1, true, xpathNumber, func(_ *xpathContext, args []xpathResult) xpathResult {
		return xpathNumeric(float64(len(args[0].nodes)))
	}},
	"sum": {1, 1, true, xpathNumber, func(c *xpathContext, args []xpathResult) xpathResult {
		sum := 0.0
		for _, n := range args[0].nodes {
			sum += xpathText(c.run.textOf(n)).toNumber(c.run)
		}
		return xpathNumeric(sum)
	}},
	"id":            {1, 1, false, xpathNodes, xpathByID},
	"local-name":    ofFirst(localName),
	"namespace-uri": ofFirst(func(n *xmlNode) string { return n.space }),
	"name": ofFirst(func(n *xmlNode) string {
		if n.kind == xmlElement || n.kind == xmlAttribute {
			return n.name()
		}
		return localName(n)
	}),
	"string": {0, 1, false, xpathString, func(c *xpathContext, args []xpathResult) xpathResult {
		return xpathText(c.textOr(args))
	}},
	"number": {0, 1, false, xpathNumber, func(c *xpathContext, args []xpathResult) xpathResult {
		if len(args) == 0 {
			return xpathNumeric(xpathText(c.run.textOf(c.node)).toNumber(c.run))
		}
		return xpathNumeric(args[0].toNumber(c.run))
	}},
	"boolean": {1, 1, false, xpathBoolean, func(_ *xpathContext, args []xpathResult) xpathResult {
		return xpathTruth(args[0].toBoolean())
	}},
	"not": {1, 1, false, xpathBoolean, func(_ *xpathContext, args []xpathResult) xpathResult {
		return xpathTruth(!args[0].toBoolean())
	}},
	"concat": {2, -1, false, xpathString, func(c *xpathContext, args []xpathResult) xpathResult {
		var b strings.Builder
		for _, a := range args {
			text := a.toText(c.run)
			if !c.run.spend(len(text) / 16) {
				break
			}
			b.WriteString(text)
		}
		return xpathText(b.String())
	}},
	"starts-with": onTexts(2, xpathBoolean, func(s []string) xpathResult { return xpathTruth(strings.HasPrefix(s[0], s[1])) }),
	"contains":    onTexts(2, xpathBoolean, func(s []string) xpathResult { return xpathTruth(strings.Contains(s[0], s[1])) }),
	"substring-before": onTexts(2, xpathString, func(s []string) xpathResult {
		before, _, found := strings.Cut(s[0], s[1])
		if !found {
			before = ""
		}
		return xpathText(before)
	}),
	"substring-after": onTexts(2, xpathString, func(s []string) xpathResult {
		_, after, _ := strings.Cut(s[0], s[1])
		return xpathText(after)
	}),
	"ends-with":  onTexts(2, xpathBoolean, func(s []string) xpathResult { return xpathTruth(strings.HasSuffix(s[0], s[1])) }),
	"upper-case": onTexts(1, xpathString, func(s []string) xpathResult { return xpathText(strings.ToUpper(s[0])) }),
	"lower-case": onTexts(1, xpathString, func(s []string) xpathResult { return xpathText(lowerCase(s[0])) }),
	"exists": {1, 1, true, xpathBoolean, func(_ *xpathContext, args []xpathResult) xpathResult {
		return xpathTruth(len(args[0].nodes) > 0)
	}},
	"empty": {1, 1, true, xpathBoolean, func(_ *xpathContext, args []xpathResult) xpathResult {
		return xpathTruth(len(args[0].nodes) == 0)
	}},
	"abs":       onNumber(math.Abs),
	"substring": {2, 3, false, xpathString, xpathSubstring},
	"string-length": {0, 1, false, xpathNumber, func(c *xpathContext, args []xpathResult) xpathResult {
		return xpathNumeric(float64(utf8.RuneCountInString(c.textOr(args))))
	}},
	"normalize-space": {0, 1, false, xpathString, func(c *xpathContext, args []xpathResult) xpathResult {
		return xpathText(strings.Join(strings.FieldsFunc(c.textOr(args), isXMLSpace), " "))
	}},
	"translate": onTexts(3, xpathString, func(s []string) xpathResult { return xpathText(translate(s[0], s[1], s[2])) }),
	"lang": {1, 1, false, xpathBoolean, func(c *xpathContext, args []xpathResult) xpathResult {
		return xpathTruth(hasLanguage(c.node, args[0].toText(c.run)))
	}},
	"floor":   onNumber(math.Floor),
	"ceiling": onNumber(math.Ceil),
	"round": onNumber(func(f float64) float64 {
		if f != math.Trunc(f) { // not so for infinities and what is whole
			return math.Floor(f + 0.5)
		}
		return f
	}),
}

func localName(n *xmlNode) string {
	switch n.kind {
	case xmlElement, xmlAttribute, xmlInstruction:
		return n.local
	default:
		return ""
	}
}

// xpathByID gives the elements with one of the ids that its argument lists.
// Without a document type only xml:id is an id.
func xpathByID(c *xpathContext, args []xpathResult) xpathResult {
	wanted := map[string]bool{}
	texts := []string{}
	if args[0].typ == xpathNodes {
		for _, n := range args[0].nodes {
			texts = append(texts, c.run.textOf(n))
		}
	} else {
		texts = append(texts, args[0].toText(c.run))
	}
	for _, text := range texts {
		for _, id := range strings.FieldsFunc(text, isXMLSpace) {
			wanted[id] = true
		}
	}
	root := c.node
	for root.parent != nil {
		root = root.parent
	}
	var found []*xmlNode
	walkSubtree(root, func(n *xmlNode) bool {
		if id, ok := n.attributeNS(namespaceXML, "id"); ok && wanted[id] {
			delete(wanted, id) // the first element has it
			found = append(found, n)
		}
		return c.run.spend(1)
	})
	return xpathResult{nodes: found}
}

// xpathSubstring gives the characters whose position p, from 1, satisfies
// round(start) <= p < round(start) + round(length), in the arithmetic of doubles
// (XPath 1.0, section 4.2).
func xpathSubstring(c *xpathContext, args []xpathResult) xpathResult {
	round := func(f float64) float64 { return math.Floor(f + 0.5) }
	first, end := round(args[1].toNumber(c.run)), math.Inf(1)
	if len(args) == 3 {
		end = first + round(args[2].toNumber(c.run))
	}
	var b strings.Builder
	position := 1.0
	for _, r := range args[0].toText(c.run) {
		if position >= first && position < end {
			b.WriteRune(r)
		}
		position++
	}
	return xpathText(b.String())
}

// translate replaces each character of s that is in from by the one at the same
// place of to, and drops it where to is too short.
func translate(s, from, to string) string {
	change := map[rune]rune{}
	replacements := []rune(to)
	for i, r := range []rune(from) {
		if _, first := change[r]; first {
			continue
		}
		change[r] = -1
		if i < len(replacements) {
			change[r] = replacements[i]
		}
	}
	return strings.Map(func(r rune) rune {
		if other, ok := change[r]; ok {
			return other
		}
		return r
	}, s)
}

// hasLanguage tells whether the nearest xml:lang is this language or a variety of
// it.
func hasLanguage(n *xmlNode, language string) bool {
	for ; n != nil; n = n.parent {
		if lang, ok := n.attributeNS(namespaceXML, "lang"); ok {
			return strings.EqualFold(lang, language) ||
				len(lang) > len(language) && lang[len(language)] == '-' && strings.EqualFold(lang[:len(language)], language)
		}
	}
	return false
}
