package xacml

// includeInResult returns the attributes that a request wants back in its result
// (section 5.46): those with IncludeInResult, under their categories. One without
// values, as JSON can have it, has no form in XML and is left out. Content is never
// sent back.
func includeInResult(req *Request) []Category {
	var out []Category
	for _, c := range req.Categories {
		var wanted []Attribute
		for _, a := range c.Attributes {
			if a.IncludeInResult && len(a.Values) > 0 {
				wanted = append(wanted, a)
			}
		}
		if len(wanted) > 0 {
			out = append(out, Category{Category: c.Category, ID: c.ID, Attributes: wanted})
		}
	}
	return out
}
