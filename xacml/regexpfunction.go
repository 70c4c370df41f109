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
	f := binary(prefix+typeOf[V]().name()+"-regexp-match", func(_ *evaluation, pattern String, text V) (Boolean, error) {
		compiled, err := compileRegexp(string(pattern))
		if err != nil {
			return false, err
		}
		return Boolean(compiled.MatchString(text.String())), nil
	})
	f.bind = func(first Value) *function {
		pattern, _ := first.(String)
		compiled, err := compileRegexp(string(pattern))
		return bound(f, compiled, err)
	}
	return f
}

// bound returns a regexp-match function whose first argument is known. An
// expression that is wrong stays an error of the evaluation that meets it, as the
// standard has it.
func bound(f *function, compiled *regexp.Regexp, failure error) *function {
	b := *f
	b.bind = nil
	b.call = func(_ *evaluation, args []result) (result, error) {
		if failure != nil {
			return result{}, failure
		}
		return result{value: Boolean(compiled.MatchString(args[1].value.String()))}, nil
	}
	return &b
}
