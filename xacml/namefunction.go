package xacml

// nameFunctions are the matching of names, of appendix A.3.14.
func nameFunctions() []*function {
	return []*function{
		binary(function1+"x500Name-match", func(_ *evaluation, end, name X500Name) (Boolean, error) {
			return Boolean(end.isTerminalOf(name)), nil
		}),
		binary(function1+"rfc822Name-match", func(_ *evaluation, pattern String, name RFC822Name) (Boolean, error) {
			return Boolean(name.matches(string(pattern))), nil
		}),
	}
}
