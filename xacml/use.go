package xacml

// Use is how a policy looks at an attribute of requests.
type Use uint8

// The uses, each saying more than the one before.
const (
	Unused   Use = iota // nothing in the policy names the attribute
	Compared            // matches compare it with constants for equality, and nothing else looks at it
	Examined            // something looks at its values in another way
)

// Uses tells how a policy looks at the string values of an attribute, together with
// the other policies of its document. A context handler that supplies an attribute
// need not supply one that is Unused; and of one that is Compared only the values
// that the policy Distinguishes, so long as one value at least is there.
func (p *Policy) Uses(category, id string) Use {
	use := Unused
	for _, s := range p.program.sources {
		switch {
		case s.category != category:
		case s.selects() && s.contextSelector == id:
			return Examined
		case s.selects() || s.id != id || s.typ != TypeString:
		case s.examined:
			return Examined
		default:
			use = Compared
		}
	}
	return use
}

// Distinguishes reports whether a policy could decide otherwise with a string among
// the values of an attribute than with another one in its place: whether it compares
// the attribute with that string, or looks at it in another way.
func (p *Policy) Distinguishes(category, id, value string) bool {
	for _, s := range p.program.sources {
		if s.category == category && !s.selects() && s.id == id && s.typ == TypeString &&
			(s.examined || len(s.compared.exact[value])+len(s.compared.ignoringCase(value)) > 0) {
			return true
		}
	}
	return p.Uses(category, id) == Examined
}
