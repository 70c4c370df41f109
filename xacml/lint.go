package xacml

import (
	"cmp"
	"slices"
	"strings"
)

// Remark is what Lint has to say about a line of a policy.
type Remark struct {
	File    string
	Line    int  // counted from 1; 0 when the whole document is meant
	Warning bool // doubtful; the policy is refused for what is not a warning
	Text    string
}

// Lint checks policy documents, each by itself and for what they say of each other:
// every reason for which one is refused, and as warnings what is allowed and hardly
// meant. It returns its remarks by file, in the order given, and line.
func Lint(sources []Source) []Remark {
	l := &linter{attributes: map[string][]place{}}
	for _, s := range sources {
		l.file = s.Name
		l.document(s)
	}
	l.references()
	l.nearMisses()
	order := map[string]int{}
	for i, s := range sources {
		order[s.Name] = i
	}
	slices.SortStableFunc(l.remarks, func(a, b Remark) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line), strings.Compare(a.Text, b.Text))
	})
	return slices.Compact(l.remarks)
}

type linter struct {
	file       string // the one that is looked at
	remarks    []Remark
	policies   []lintedPolicy
	attributes map[string][]place // the attributes that are asked for, by category and id
}

type place struct {
	file string
	line int
	typ  string // the data-type asked for
}

// lintedPolicy is a policy somewhere in the documents, with the references in it.
type lintedPolicy struct {
	place
	policy *Policy
	refs   []lintedReference
}

type lintedReference struct {
	place
	ref Reference
}

func (l *linter) warn(at *xmlNode, text string) {
	l.remarks = append(l.remarks, Remark{File: l.file, Line: at.line, Warning: true, Text: text})
}

// document checks one document.
func (l *linter) document(s Source) {
	document, err := parseXML(s.Text, policyXML)
	if err != nil {
		l.refused(refusedXML(s.Name, err))
		return
	}
	var problems []*PolicyError
	r := &policyReader{file: s.Name, program: &program{slots: map[string]int{}}, problems: &problems}
	var policy *Policy
	r.attempt(func() { policy = r.document(document.root()) })
	for _, p := range problems {
		l.refused(p)
	}
	if policy != nil {
		at := place{file: s.Name, line: policy.line}
		l.policies = append(l.policies, lintedPolicy{place: at, policy: policy, refs: l.referencesIn(document.root())})
		l.look(document.root())
	}
}

func (l *linter) refused(p *PolicyError) {
	l.remarks = append(l.remarks, Remark{File: p.File, Line: p.Line, Text: p.Reason})
}

// referencesIn returns the references of a document. Those that cannot be read have
// been told already.
func (l *linter) referencesIn(e *xmlNode) (refs []lintedReference) {
	for _, c := range e.children {
		if c.kind != xmlElement {
			continue
		}
		if c.local == "PolicyIdReference" || c.local == "PolicySetIdReference" {
			var problems []*PolicyError
			r := &policyReader{file: l.file, problems: &problems}
			r.attempt(func() {
				refs = append(refs, lintedReference{place{file: l.file, line: c.line}, *r.reference(c)})
			})
		}
		refs = append(refs, l.referencesIn(c)...)
	}
	return refs
}

// look walks a document for what is doubtful.
func (l *linter) look(e *xmlNode) {
	switch e.local {
	case "Policy":
		l.policy(e)
	case "PolicySet":
		l.algorithm(e, "PolicyCombiningAlgId", "rule")
	case "Rule":
		l.rule(e)
	case "AttributeDesignator":
		category, _ := e.attribute("Category")
		id, _ := e.attribute("AttributeId")
		typ, _ := e.attribute("DataType")
		l.attributes[category+" "+id] = append(l.attributes[category+" "+id], place{l.file, e.line, typ})
	case "Apply":
		l.function(e, "FunctionId")
	case "Function":
		l.function(e, "FunctionId")
	case "Match":
		l.function(e, "MatchId")
	}
	for _, c := range e.children {
		if c.kind == xmlElement {
			l.look(c)
		}
	}
}

// policy looks at a Policy: variables that nothing uses, rules with the same id, and
// rules that are never reached.
func (l *linter) policy(e *xmlNode) {
	l.algorithm(e, "RuleCombiningAlgId", "policy")
	used, rules := map[string]bool{}, map[string]bool{}
	var uses func(e *xmlNode)
	uses = func(e *xmlNode) {
		if e.local == "VariableReference" {
			id, _ := e.attribute("VariableId")
			used[id] = true
		}
		for _, c := range e.children {
			uses(c)
		}
	}
	uses(e)
	algorithm, _ := e.attribute("RuleCombiningAlgId")
	always := "" // a rule that always applies, after which no other is reached
	for _, c := range e.children {
		switch id, _ := c.attribute("VariableId"); c.local {
		case "VariableDefinition":
			if !used[id] {
				l.warn(c, "nothing uses the variable "+id)
			}
		case "Rule":
			id, _ := c.attribute("RuleId")
			if rules[id] {
				l.warn(c, "another rule of this policy is called "+id+" too")
			}
			rules[id] = true
			if always != "" {
				l.warn(c, "the rule "+id+" is never reached: "+always+" applies to every request before it")
			} else if strings.HasSuffix(algorithm, ":first-applicable") && unconditional(c) {
				always = "the rule " + id
			}
		}
	}
}

// unconditional tells whether a rule applies to every request.
func unconditional(rule *xmlNode) bool {
	for _, c := range rule.children {
		if c.local == "Condition" || c.local == "Target" && slices.ContainsFunc(c.children, func(e *xmlNode) bool { return e.kind == xmlElement }) {
			return false
		}
	}
	return true
}

// rule looks at a Rule: obligations and advice for the decision that it never has.
func (l *linter) rule(e *xmlNode) {
	effect, _ := e.attribute("Effect")
	for _, list := range e.children {
		for _, c := range list.children {
			for _, name := range []string{"FulfillOn", "AppliesTo"} {
				if on, ok := c.attribute(name); ok && on != effect {
					l.warn(c, "the rule is never "+on+", so this never comes with it")
				}
			}
		}
	}
}

// algorithm looks at the identifier of a combining algorithm.
func (l *linter) algorithm(e *xmlNode, attr, other string) {
	id, _ := e.attribute(attr)
	if strings.Contains(id, ":"+other+"-combining-algorithm:") {
		l.warn(e, attr+" is the algorithm for the other kind, "+id+": this engine takes it, others may not")
	}
}

// function looks at a function's identifier: an older one that 3.0 replaced.
func (l *linter) function(e *xmlNode, attr string) {
	id, _ := e.attribute(attr)
	if now := replacedFunctions()[id]; now != "" {
		l.warn(e, id+" is of an older version of the standard; 3.0 has "+now)
	}
}

// references follows the references between the documents.
func (l *linter) references() {
	var all []*Policy
	ids := map[PolicyRef]place{}
	for _, p := range l.policies {
		ref := p.policy.Ref()
		if first, twice := ids[ref]; twice {
			l.remarks = append(l.remarks, Remark{File: p.file, Line: p.line, Warning: true, Text: ref.ID + ", version " + ref.Version + ", is in " + first.file + " too"})
		} else {
			ids[ref] = p.place
		}
		all = append(all, p.policy)
	}
	next := map[*Policy][]lintedReference{}
	for _, p := range l.policies {
		for _, r := range p.refs {
			if r.ref.Choose(all) == nil {
				l.remarks = append(l.remarks, Remark{File: r.file, Line: r.line, Warning: true, Text: l.unresolved(r.ref, all)})
				continue
			}
			next[p.policy] = append(next[p.policy], r)
		}
	}
	for _, p := range l.policies {
		for _, r := range next[p.policy] {
			if l.leadsTo(r.ref.Choose(all), p.policy, next, all, map[*Policy]bool{}) {
				l.remarks = append(l.remarks, Remark{File: r.file, Line: r.line, Text: "this reference leads back to " + p.policy.id + ": what follows it is Indeterminate"})
			}
		}
	}
}

// unresolved says why a reference means nothing here.
func (l *linter) unresolved(ref Reference, all []*Policy) string {
	for _, p := range all {
		switch {
		case p.id == ref.ID && p.set != ref.Set:
			return ref.String() + " is not among these documents; one of the other kind has that identifier"
		case p.id == ref.ID:
			return ref.String() + " is not among these documents; there is version " + p.version
		}
	}
	return ref.String() + " is not among these documents"
}

func (l *linter) leadsTo(from, to *Policy, next map[*Policy][]lintedReference, all []*Policy, seen map[*Policy]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	for _, r := range next[from] {
		if l.leadsTo(r.ref.Choose(all), to, next, all, seen) {
			return true
		}
	}
	return false
}

// standardAttributes are attributes of appendix B that policies often ask for.
var standardAttributes = []string{
	CategoryAccessSubject + " urn:oasis:names:tc:xacml:1.0:subject:subject-id",
	CategoryResource + " urn:oasis:names:tc:xacml:1.0:resource:resource-id",
	CategoryAction + " urn:oasis:names:tc:xacml:1.0:action:action-id",
	CategoryEnvironment + " urn:oasis:names:tc:xacml:1.0:environment:current-time",
	CategoryEnvironment + " urn:oasis:names:tc:xacml:1.0:environment:current-date",
	CategoryEnvironment + " urn:oasis:names:tc:xacml:1.0:environment:current-dateTime",
}

// nearMisses warns of attributes that are asked for under almost the same name, or
// with two data-types: an attribute of a request is found by its exact name and type.
func (l *linter) nearMisses() {
	var names []string
	for name := range l.attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	plain := map[string]string{} // by what is left without letter case and signs
	for _, name := range standardAttributes {
		plain[plainName(name)] = name
	}
	// Of two spellings, the one that is asked for more often is taken as meant.
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(len(l.attributes[b]), len(l.attributes[a])) })
	for _, name := range names {
		places := l.attributes[name]
		if meant, ok := plain[plainName(name)]; !ok {
			plain[plainName(name)] = name
		} else if meant != name {
			l.warnAll(places, "is the attribute "+attributeText(meant, name)+" meant?")
		}
		for _, p := range places[1:] {
			if p.typ != places[0].typ {
				l.warnAll([]place{p}, "the attribute is asked for as "+p.typ+" here, and as "+places[0].typ+" elsewhere; a request's value has one type")
			}
		}
	}
}

func (l *linter) warnAll(places []place, text string) {
	for _, p := range places {
		l.remarks = append(l.remarks, Remark{File: p.file, Line: p.line, Warning: true, Text: text})
	}
}

// attributeText writes an attribute's category and id, the category only where it
// is not that of the other attribute.
func attributeText(name, other string) string {
	category, id, _ := strings.Cut(name, " ")
	if strings.HasPrefix(other, category+" ") {
		return id
	}
	return id + " of " + category
}

// plainName is a name without letter case and the signs between words.
func plainName(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "", ":", "").Replace(name))
}

// Refused tells whether any remark is more than a warning.
func Refused(remarks []Remark) bool {
	return slices.ContainsFunc(remarks, func(r Remark) bool { return !r.Warning })
}

// String returns the remark as a compiler would write it.
func (r Remark) String() string {
	kind := "error: "
	if r.Warning {
		kind = "warning: "
	}
	return (&PolicyError{File: r.File, Line: r.Line, Reason: kind + r.Text}).Error()
}
