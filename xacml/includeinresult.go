package xacml

// includeInResult returns the attributes that a request wants back in its result
// (section 5.46): those with IncludeInResult, under their categories. Content is
// never sent back.
func includeInResult(req *Request) []Category {
	var out []Category
	for _, c := range req.Categories {
		var wanted []Attribute
		for _, a := range c.Attributes {
			if a.IncludeInResult {
				wanted = append(wanted, a)
			}
		}
		if len(wanted) > 0 {
			out = append(out, Category{Category: c.Category, ID: c.ID, Attributes: wanted})
		}
	}
	return out
}
