package xacml

import "slices"

// The attributes of the Multiple Decision Profile that ask for several nodes.
const (
	attributeContentSelector         = "urn:oasis:names:tc:xacml:3.0:content-selector"
	attributeMultipleContentSelector = "urn:oasis:names:tc:xacml:3.0:profile:multiple:content-selector"
	attributeScope                   = "urn:oasis:names:tc:xacml:2.0:resource:scope"
)

// maxIndividual is how many decisions one request may ask for.
const maxIndividual = 10_000

// maxSelectorSteps is what the multiple content selectors of one request may cost
// together, in the steps of an evaluation.
const maxSelectorSteps = 250_000

// individual returns the individual decision requests that a request stands for,
// by the Multiple Decision Profile: those that MultiRequests refers to, of each
// the combinations of categories that occur several times, and of those one for
// each node that a multiple content selector gives. The request itself stands for
// one when it asks for nothing of the kind. One that cannot be decided has a fault,
// and does not touch the others; the error is of the request as a whole.
//
// The resource's scope attribute asks for the children or descendants of a
// resource that only the context handler knows: it has to ask for each by itself.
func (r *Request) individual() ([]*Request, error) {
	requests, err := r.referenced()
	if err != nil {
		return nil, err
	}
	ev := &evaluation{steps: maxSelectorSteps}
	selected := func(r *Request, most int) ([]*Request, error) { return r.selected(ev, most) }
	for _, expand := range []func(*Request, int) ([]*Request, error){(*Request).combinations, selected} {
		var expanded []*Request
		for _, req := range requests {
			more := []*Request{req}
			if req.fault == nil {
				if more, err = expand(req, maxIndividual-len(expanded)); err != nil {
					return nil, err
				}
			}
			expanded = append(expanded, more...)
		}
		requests = expanded
	}
	for _, req := range requests {
		if req.fault == nil && req.hasScope() {
			req.fault = syntaxError("the scope of a resource is not supported; ask for each resource")
		}
	}
	return requests, nil
}

// Individual returns the individual decision requests that a request stands for,
// as an Engine makes them itself, for a decision point that has a policy of its own
// for each. Where one has a Fault, that is its answer.
func (r *Request) Individual() ([]*Request, error) {
	if r.alone() {
		return []*Request{r}, nil
	}
	return r.individual()
}

// Fault tells why an individual request cannot be decided; nil where it can.
func (r *Request) Fault() error {
	if r.fault == nil {
		return nil
	}
	return r.fault
}

// Included returns the attributes that the request wants back in its result
// (section 5.46), under their categories.
func (r *Request) Included() []Category { return includeInResult(r) }

// Combine makes one result of those of the individual requests, as a request with
// CombinedDecision wants it: the decision that all have, else Indeterminate.
func Combine(results []Result) Result { return combineResults(results) }

// StatusOf returns the status of a result that is Indeterminate for an error.
func StatusOf(err error) Status { return statusOf(asError(err)) }

// alone tells whether a request stands for itself only, so that individual would
// return it alone. Most do.
func (r *Request) alone() bool {
	if r.CombinedDecision || len(r.References) > 0 || r.hasScope() {
		return false
	}
	for i := range r.Categories {
		c := &r.Categories[i]
		if slices.ContainsFunc(r.Categories[:i], func(before Category) bool { return before.Category == c.Category }) ||
			slices.ContainsFunc(c.Attributes, func(a Attribute) bool { return a.ID == attributeMultipleContentSelector }) {
			return false
		}
	}
	return true
}

func errTooMany() error {
	return processingError("the request asks for more than %d decisions", maxIndividual)
}

// with returns an individual request of these categories.
func (r *Request) with(categories []Category) *Request {
	return &Request{ReturnPolicyIDList: r.ReturnPolicyIDList, XPathVersion: r.XPathVersion, Categories: categories}
}

// referenced returns a request for each reference of MultiRequests, or the whole
// request without any.
func (r *Request) referenced() ([]*Request, error) {
	if len(r.References) == 0 {
		return []*Request{r.with(r.Categories)}, nil
	}
	if len(r.References) > maxIndividual {
		return nil, errTooMany()
	}
	byID := make(map[string]int, len(r.Categories))
	for i, c := range r.Categories {
		if c.ID == "" {
			continue
		}
		if _, twice := byID[c.ID]; twice {
			return nil, syntaxError("two categories have the same Id")
		}
		byID[c.ID] = i
	}
	requests := make([]*Request, len(r.References))
	for i, ids := range r.References {
		var categories []Category
		var fault *Error
		for _, id := range ids {
			at, known := byID[id]
			if !known {
				fault = syntaxError("the reference %d names an Id that no category has", i+1)
				break
			}
			categories = append(categories, r.Categories[at])
		}
		if fault == nil && len(ids) == 0 {
			fault = syntaxError("the reference %d names no category", i+1)
		}
		requests[i] = r.with(categories)
		requests[i].fault = fault
	}
	return requests, nil
}

// combinations returns a request for each way to take one of every category, of a
// category that occurs several times each in turn; the last changes fastest.
func (r *Request) combinations(most int) ([]*Request, error) {
	var names []string
	choices := map[string][]Category{}
	for _, c := range r.Categories {
		if _, known := choices[c.Category]; !known {
			names = append(names, c.Category)
		}
		choices[c.Category] = append(choices[c.Category], c)
	}
	if len(names) == len(r.Categories) {
		if most < 1 {
			return nil, errTooMany()
		}
		return []*Request{r}, nil
	}
	combined := [][]Category{nil}
	for _, name := range names {
		of := choices[name]
		if len(combined)*len(of) > most {
			return nil, errTooMany()
		}
		var longer [][]Category
		for _, c := range combined {
			for _, choice := range of {
				longer = append(longer, append(slices.Clone(c), choice))
			}
		}
		combined = longer
	}
	requests := make([]*Request, len(combined))
	for i, categories := range combined {
		requests[i] = r.with(categories)
	}
	return requests, nil
}

// selected returns a request for each node that the multiple content selectors of
// its categories give: there the attribute content-selector with a path to that
// node stands in place of the multiple one.
func (r *Request) selected(ev *evaluation, most int) ([]*Request, error) {
	requests := []*Request{r}
	for i := range r.Categories {
		c := &r.Categories[i]
		at := slices.IndexFunc(c.Attributes, func(a Attribute) bool { return a.ID == attributeMultipleContentSelector })
		if at < 0 {
			continue
		}
		selectors, err := c.selectedNodes(ev, c.Attributes[at])
		if err != nil {
			r.fault = asError(err)
			return []*Request{r}, nil
		}
		if len(requests)*len(selectors) > most {
			return nil, errTooMany()
		}
		var more []*Request
		for _, req := range requests {
			for _, selector := range selectors {
				one := c.Attributes[at]
				one.ID, one.Values = attributeContentSelector, []Value{selector}
				categories := slices.Clone(req.Categories)
				categories[i].Attributes = slices.Clone(c.Attributes)
				categories[i].Attributes[at] = one
				more = append(more, r.with(categories))
			}
		}
		requests = more
	}
	if len(requests) > most {
		return nil, errTooMany()
	}
	return requests, nil
}

// selectedNodes returns a path to each node that a multiple content selector gives.
func (c *Category) selectedNodes(ev *evaluation, selector Attribute) ([]*xpathValue, error) {
	if len(selector.Values) != 1 {
		return nil, syntaxError("a multiple content selector has %d values, and must have one", len(selector.Values))
	}
	x, ok := selector.Values[0].(*xpathValue)
	switch {
	case !ok:
		return nil, syntaxError("a multiple content selector is not an xpathExpression")
	case x.category != c.Category:
		return nil, syntaxError("a multiple content selector is about another category than its own")
	case c.Content == nil:
		return nil, syntaxError("a category has a multiple content selector and no Content")
	}
	nodes, err := x.path.nodes(ev, c.Content.document)
	if err != nil {
		return nil, err
	}
	if len(nodes) == 0 {
		return nil, syntaxError("a multiple content selector gives no node")
	}
	if len(nodes) > maxIndividual {
		return nil, errTooMany()
	}
	selectors := make([]*xpathValue, len(nodes))
	for i, n := range nodes {
		if selectors[i], err = newXPathValue(c.Category, n.pathTo(), n.pathNamespaces()); err != nil {
			return nil, err
		}
	}
	return selectors, nil
}

// hasScope tells whether the request asks for more than the resource itself.
func (r *Request) hasScope() bool {
	for _, c := range r.Categories {
		if c.Category != CategoryResource {
			continue
		}
		for _, a := range c.Attributes {
			if a.ID == attributeScope && slices.ContainsFunc(a.Values, func(v Value) bool { return v.String() != "Immediate" }) {
				return true
			}
		}
	}
	return false
}

// combineResults makes one result of those of the individual requests, where
// CombinedDecision asks for it: the decision that all of them have. Results that
// differ, or one that is Indeterminate or has obligations or advice, make it
// Indeterminate, because one decision could not carry them.
func combineResults(results []Result) Result {
	refuse := func(reason string) Result {
		return Result{Decision: Indeterminate, Status: Status{Code: StatusProcessingError, Message: reason}}
	}
	if len(results) == 0 {
		return refuse("there is no decision to combine")
	}
	for _, r := range results {
		switch {
		case r.Decision == Indeterminate:
			return refuse("a decision cannot be combined with others: it is Indeterminate")
		case len(r.Obligations)+len(r.Advice) > 0:
			return refuse("a decision cannot be combined with others: it has obligations or advice")
		case r.Decision != results[0].Decision:
			return refuse("the decisions differ")
		}
	}
	return Result{Decision: results[0].Decision, Status: Status{Code: StatusOK}}
}
