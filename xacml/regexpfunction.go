package xacml

import "regexp"

// regexpFunctions are those of appendix A.3.13: whether a text, or a value written
// as text, has a part that a regular expression matches.
func regexpFunctions() []*function {
	return []*function{
		regexpMatch[String](function1),
		regexpMatch[AnyURI](function2),
		regexpMatch[IPAddress](function2),
		regexpMatch[DNSName](function2),
		regexpMatch[RFC822Name](function2),
		regexpMatch[X500Name](function2),
	}
}

// regexpMatch returns type-regexp-match. Its expression is compiled when the policy
// is loaded, where it stands in the policy.
func regexpMatch[V Value](prefix string) *function {
	f := binary(prefix+typeOf[V]().name()+"-regexp-match", func(ev *evaluation, pattern String, text V) (Boolean, error) {
		compiled, err := compileRegexp(string(pattern))
		if err != nil {
			return false, err
		}
		if err := ev.spend(len(compiled.String()) / 8); err != nil {
			return false, err
		}
		return ev.matches(compiled, len(pattern), text.String())
	})
	f.bind = func(first Value) *function {
		pattern, _ := first.(String)
		compiled, failure := compileRegexp(string(pattern))
		// A wrong expression stays an error of the evaluation that meets it, as the
		// standard has it.
		bound := *f
		bound.bind = nil
		bound.call = func(ev *evaluation, args []result) (result, error) {
			if failure != nil {
				return result{}, failure
			}
			return valueResult(ev.matches(compiled, len(pattern), args[1].value.String()))
		}
		return &bound
	}
	return f
}

// matches spends what it takes to match a text, which is in proportion to the
// lengths of both text and pattern.
func (ev *evaluation) matches(compiled *regexp.Regexp, pattern int, text string) (Boolean, error) {
	if err := ev.spend(len(text) * pattern / 64); err != nil {
		return false, err
	}
	return Boolean(compiled.MatchString(text)), nil
}
