package xacml

import "slices"

// setFunctions are those of appendix A.3.11, for each data-type that has equality.
// They take bags as sets: how often a value is in one is of no account.
func setFunctions() []*function {
	var all []*function
	for _, t := range primitiveTypes {
		if !hasEquality(t) {
			continue
		}
		prefix := bagPrefix(t) + t.name()
		all = append(all,
			setFunction(prefix+"-intersection", t, bagOf(t), func(ev *evaluation, a, b []Value) result {
				in := newValueSet(ev, b)
				var common []Value
				for _, v := range a {
					if in.has(v) {
						common = append(common, v)
					}
				}
				return result{bag: distinct(ev, common), isBag: true}
			}),
			setFunction(prefix+"-at-least-one-member-of", t, single(TypeBoolean), func(ev *evaluation, a, b []Value) result {
				return result{value: Boolean(slices.ContainsFunc(a, newValueSet(ev, b).has))}
			}),
			union(prefix+"-union", t),
			setFunction(prefix+"-subset", t, single(TypeBoolean), func(ev *evaluation, a, b []Value) result {
				return result{value: Boolean(isSubset(ev, a, b))}
			}),
			setFunction(prefix+"-set-equals", t, single(TypeBoolean), func(ev *evaluation, a, b []Value) result {
				return result{value: Boolean(isSubset(ev, a, b) && isSubset(ev, b, a))}
			}),
		)
	}
	return all
}

// setFunction returns a function of two bags of t.
func setFunction(id string, t Type, returns exprType, apply func(ev *evaluation, a, b []Value) result) *function {
	f := &function{id: id, call: func(ev *evaluation, args []result) (result, error) {
		a, b := args[0].bag, args[1].bag
		if err := ev.spend(1 + len(a) + len(b)); err != nil {
			return result{}, err
		}
		return apply(ev, a, b), nil
	}}
	f.check = takes(f.name(), returns, bagOf(t), bagOf(t))
	return f
}

// union returns type-union, which takes two bags or more.
func union(id string, t Type) *function {
	f := &function{id: id, call: func(ev *evaluation, args []result) (result, error) {
		var all []Value
		for _, arg := range args {
			all = append(all, arg.bag...)
		}
		if err := ev.spend(1 + len(all)); err != nil {
			return result{}, err
		}
		return result{bag: distinct(ev, all), isBag: true}, nil
	}}
	f.check = takesMany(f.name(), bagOf(t), 2, bagOf(t))
	return f
}

// distinct returns the values of a bag, each of those that are equal once.
func distinct(ev *evaluation, bag []Value) []Value {
	seen := newValueSet(ev, nil)
	var all []Value
	for _, v := range bag {
		if key := equalityKey(ev, v); !seen.members[key] {
			seen.members[key] = true
			all = append(all, v)
		}
	}
	return all
}

// isSubset tells whether each value of a is in b.
func isSubset(ev *evaluation, a, b []Value) bool {
	in := newValueSet(ev, b)
	return !slices.ContainsFunc(a, func(v Value) bool { return !in.has(v) })
}
