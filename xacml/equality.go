package xacml

// equalityFunctions are those of appendix A.3.1.
func equalityFunctions() []*function {
	return []*function{
		equality[String](function1),
		binary(function3+"string-equal-ignore-case", func(_ *evaluation, a, b String) (Boolean, error) {
			return lowerCase(string(a)) == lowerCase(string(b)), nil
		}),
		equality[Boolean](function1),
		equality[Integer](function1),
		equality[Double](function1),
		equality[Date](function1),
		equality[Time](function1),
		equality[DateTime](function1),
		equality[DayTimeDuration](function3),
		equality[YearMonthDuration](function3),
		equality[AnyURI](function1),
		equality[X500Name](function1),
		equality[RFC822Name](function1),
		equality[HexBinary](function1),
		equality[Base64Binary](function1),
	}
}

// equality returns the function type-equal.
func equality[V Value](prefix string) *function {
	return binary(prefix+typeOf[V]().name()+"-equal", func(ev *evaluation, a, b V) (Boolean, error) {
		return Boolean(equal(ev, a, b)), nil
	})
}
