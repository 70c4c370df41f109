package xacml

// maxInquiries bounds how often access-permitted is called in one evaluation, by
// the policy and by those that it asks in turn.
const maxInquiries = 16

// accessPermittedFunction is access-permitted (appendix A.3.16): whether the same
// request would be permitted with other attributes in a category.
func accessPermittedFunction() []*function {
	return []*function{binary(function3+"access-permitted", func(ev *evaluation, category AnyURI, content String) (Boolean, error) {
		other, err := readCategoryContent(string(category), string(content))
		if err != nil {
			return false, err
		}
		request := *ev.request
		request.Categories = nil
		for _, c := range ev.request.Categories {
			if c.Category != string(category) {
				request.Categories = append(request.Categories, c)
			}
		}
		request.Categories = append(request.Categories, other)
		return ev.inquire(&request)
	})}
}

// readCategoryContent reads what stands inside an Attributes element.
func readCategoryContent(category, content string) (Category, error) {
	document, err := parseXML([]byte(`<Attributes xmlns="`+namespaceXACML+`" Category="">`+content+`</Attributes>`), sentXML)
	if err != nil {
		return Category{}, syntaxError("the second argument of access-permitted is not what an Attributes element holds: %s", err.Error())
	}
	c, err := readCategoryXML(document.root())
	c.Category = category
	return c, err
}

// inquire tells whether the engine's policies permit another request. The
// evaluation of it is apart from this one, but for what both may take: the steps,
// and the number of such inquiries. When there are too many, none of those that led
// to the last has an answer.
func (ev *evaluation) inquire(request *Request) (Boolean, error) {
	inner := &evaluation{
		request: request, now: ev.now, engine: ev.engine,
		steps: ev.steps, depth: ev.engine.options.Limits.Depth, inquiries: ev.inquiries + 1,
	}
	permitted := false
	if inner.inquiries <= maxInquiries {
		o := ev.engine.evaluate(inner)
		permitted = o.decision() == Permit
		for _, f := range inner.frames {
			f.release()
		}
	}
	ev.steps, ev.inquiries = inner.steps, inner.inquiries
	if ev.inquiries > maxInquiries {
		return false, processingError("access-permitted is called more than %d times: the policies may be asking each other in a circle", maxInquiries)
	}
	return Boolean(permitted), ev.spend(0)
}
