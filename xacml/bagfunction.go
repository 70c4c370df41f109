package xacml

// bagFunctions are those of appendix A.3.10, for each data-type: type-one-and-only,
// type-bag-size and type-bag, and type-is-in where the standard has equality for
// the type.
func bagFunctions() []*function {
	var all []*function
	for _, t := range primitiveTypes {
		prefix := bagPrefix(t) + t.name()
		all = append(all, oneAndOnly(prefix, t), bagSize(prefix, t), bagFrom(prefix, t))
		if hasEquality(t) {
			all = append(all, isIn(prefix, t))
		}
	}
	return all
}

// bagPrefix returns the beginning of the identifiers of a type's bag and set
// functions: that of the version that brought the type.
func bagPrefix(t Type) string {
	switch t {
	case TypeIPAddress, TypeDNSName:
		return function2
	case TypeDayTimeDuration, TypeYearMonthDuration, TypeXPathExpression:
		return function3
	}
	return function1
}

// hasEquality tells whether the standard has an equality function for the type.
func hasEquality(t Type) bool {
	return t != TypeIPAddress && t != TypeDNSName && t != TypeXPathExpression
}

func oneAndOnly(prefix string, t Type) *function {
	f := &function{id: prefix + "-one-and-only"}
	f.check = takes(f.name(), single(t), bagOf(t))
	f.call = func(_ *evaluation, args []result) (result, error) {
		if n := len(args[0].bag); n != 1 {
			return result{}, processingError("%s takes a bag of one value, and this one has %d", f.name(), n)
		}
		return result{value: args[0].bag[0]}, nil
	}
	return f
}

func bagSize(prefix string, t Type) *function {
	f := &function{id: prefix + "-bag-size"}
	f.check = takes(f.name(), single(TypeInteger), bagOf(t))
	f.call = func(_ *evaluation, args []result) (result, error) {
		return result{value: Integer(len(args[0].bag))}, nil
	}
	return f
}

func bagFrom(prefix string, t Type) *function {
	f := &function{id: prefix + "-bag"}
	f.check = takesMany(f.name(), bagOf(t), 0, single(t))
	f.call = func(_ *evaluation, args []result) (result, error) {
		bag := make([]Value, len(args))
		for i, arg := range args {
			bag[i] = arg.value
		}
		return result{bag: bag, isBag: true}, nil
	}
	return f
}

func isIn(prefix string, t Type) *function {
	f := &function{id: prefix + "-is-in"}
	f.check = takes(f.name(), single(TypeBoolean), single(t), bagOf(t))
	f.call = func(ev *evaluation, args []result) (result, error) {
		if err := ev.spend(len(args[1].bag)); err != nil {
			return result{}, err
		}
		return result{value: Boolean(contains(ev, args[1].bag, args[0].value))}, nil
	}
	return f
}

// contains tells whether a value equal to v is in the bag. A valueSet does it faster
// for many values.
func contains(ev *evaluation, bag []Value, v Value) bool {
	for _, member := range bag {
		if equal(ev, v, member) {
			return true
		}
	}
	return false
}
