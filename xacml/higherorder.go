package xacml

import "slices"

// higherOrderFunctions are those of appendix A.3.12, whose first argument is a
// function.
func higherOrderFunctions() []*function {
	return []*function{
		overOneBag("any-of", anyTrue),
		overOneBag("all-of", allTrue),
		anyOfAny(),
		// Each value of the first bag with any of the second.
		overTwoBags("all-of-any", func(ev *evaluation, a, b int, holds func(i, k int) (bool, error)) (bool, error) {
			return allTrue(ev, a, func(i int) (bool, error) {
				return anyTrue(ev, b, func(k int) (bool, error) { return holds(i, k) })
			})
		}),
		// Each value of the second bag with any of the first: not the same as any of the
		// first with each of the second, as its name might say.
		overTwoBags("any-of-all", func(ev *evaluation, a, b int, holds func(i, k int) (bool, error)) (bool, error) {
			return allTrue(ev, b, func(k int) (bool, error) {
				return anyTrue(ev, a, func(i int) (bool, error) { return holds(i, k) })
			})
		}),
		// Each value of the first bag with each of the second.
		overTwoBags("all-of-all", func(ev *evaluation, a, b int, holds func(i, k int) (bool, error)) (bool, error) {
			return allTrue(ev, a, func(i int) (bool, error) {
				return allTrue(ev, b, func(k int) (bool, error) { return holds(i, k) })
			})
		}),
		mapFunction(),
	}
}

// quantifier is anyTrue or allTrue.
type quantifier func(ev *evaluation, n int, condition func(i int) (bool, error)) (bool, error)

// overOneBag returns any-of or all-of: a function of one bag and any number of
// values, which says whether the predicate is true for any, or all, of the values
// in the bag.
func overOneBag(name string, holds quantifier) *function {
	f := &function{id: function3 + name}
	f.check = func(args []exprType) (exprType, error) {
		if bags := countBags(args); bags != 1 {
			return exprType{}, argumentError(name, "a function and then values, of which one is a bag", args)
		}
		return checkPredicate(name, args)
	}
	f.call = func(ev *evaluation, args []result) (result, error) {
		predicate, values := args[0].fn, slices.Clone(args[1:])
		at := slices.IndexFunc(values, func(r result) bool { return r.isBag })
		bag := values[at].bag
		v, err := holds(ev, len(bag), func(i int) (bool, error) {
			values[at] = result{value: bag[i]}
			return predicate.holds(ev, values)
		})
		return valueResult(Boolean(v), err)
	}
	return f
}

// anyOfAny says whether the predicate is true for any choice of one value from each
// of its bags.
func anyOfAny() *function {
	f := &function{id: function3 + "any-of-any"}
	f.check = func(args []exprType) (exprType, error) { return checkPredicate("any-of-any", args) }
	f.call = func(ev *evaluation, args []result) (result, error) {
		predicate, given := args[0].fn, args[1:]
		choices := 1
		for _, arg := range given {
			if arg.isBag {
				if choices *= len(arg.bag); choices > 1<<31 {
					return result{}, processingError("the bags of any-of-any have too many combinations")
				}
			}
		}
		values := slices.Clone(given)
		v, err := anyTrue(ev, choices, func(i int) (bool, error) {
			for k, arg := range given {
				if arg.isBag {
					values[k] = result{value: arg.bag[i%len(arg.bag)]}
					i /= len(arg.bag)
				}
			}
			return predicate.holds(ev, values)
		})
		return valueResult(Boolean(v), err)
	}
	return f
}

// pairs quantifies over two bags of a and b values, of which holds tells whether
// the predicate is true for the i-th of the first and the k-th of the second.
type pairs func(ev *evaluation, a, b int, holds func(i, k int) (bool, error)) (bool, error)

// overTwoBags returns all-of-any, any-of-all or all-of-all.
func overTwoBags(name string, over pairs) *function {
	f := &function{id: function1 + name}
	f.check = func(args []exprType) (exprType, error) {
		if len(args) != 3 || countBags(args) != 2 {
			return exprType{}, argumentError(name, "a function and two bags", args)
		}
		return checkPredicate(name, args)
	}
	f.call = func(ev *evaluation, args []result) (result, error) {
		predicate, a, b := args[0].fn, args[1].bag, args[2].bag
		values := make([]result, 2)
		v, err := over(ev, len(a), len(b), func(i, k int) (bool, error) {
			values[0], values[1] = result{value: a[i]}, result{value: b[k]}
			return predicate.holds(ev, values)
		})
		return valueResult(Boolean(v), err)
	}
	return f
}

// mapFunction returns map: the bag of what a function gives for each of the values
// in a bag.
func mapFunction() *function {
	f := &function{id: function3 + "map"}
	f.check = func(args []exprType) (exprType, error) {
		if bags := countBags(args); bags != 1 {
			return exprType{}, argumentError("map", "a function and then values, of which one is a bag", args)
		}
		returns, err := checkApplied("map", args)
		if err == nil && (returns.Bag || returns.Func != nil) {
			err = syntaxError("the function map takes a function that gives a single value, and %s gives a %s", args[0].Func.name(), returns)
		}
		return bagOf(returns.Type), err
	}
	f.call = func(ev *evaluation, args []result) (result, error) {
		fn, values := args[0].fn, slices.Clone(args[1:])
		at := slices.IndexFunc(values, func(r result) bool { return r.isBag })
		bag := values[at].bag
		mapped := make([]Value, len(bag))
		for i, v := range bag {
			if err := ev.spend(1); err != nil {
				return result{}, err
			}
			values[at] = result{value: v}
			r, err := fn.apply(ev, values)
			if err != nil {
				return result{}, err
			}
			mapped[i] = r.value
		}
		return result{bag: mapped, isBag: true}, nil
	}
	return f
}

func countBags(args []exprType) int {
	n := 0
	for _, arg := range args {
		if arg.Bag {
			n++
		}
	}
	return n
}

// checkApplied returns what the function that is the first argument gives for the
// others, with one value in the place of each bag.
func checkApplied(name string, args []exprType) (exprType, error) {
	if len(args) < 2 || args[0].Func == nil {
		return exprType{}, argumentError(name, "a function and then at least one argument for it", args)
	}
	params := slices.Clone(args[1:])
	for i := range params {
		params[i].Bag = false
	}
	return args[0].Func.check(params)
}

// checkPredicate is checkApplied for a function that must give a boolean.
func checkPredicate(name string, args []exprType) (exprType, error) {
	returns, err := checkApplied(name, args)
	if err == nil && returns != single(TypeBoolean) {
		err = syntaxError("the function %s takes a function that gives a boolean, and %s gives a %s", name, args[0].Func.name(), returns)
	}
	return returns, err
}

// apply calls a function with values.
func (f *function) apply(ev *evaluation, args []result) (result, error) {
	if f.call != nil {
		return f.call(ev, args)
	}
	evaluated := make([]expression, len(args))
	for i, arg := range args {
		evaluated[i] = constant{arg.value}
	}
	return f.lazy(ev, evaluated)
}

// holds calls a function that gives a boolean.
func (f *function) holds(ev *evaluation, args []result) (bool, error) {
	r, err := f.apply(ev, args)
	if err != nil {
		return false, err
	}
	b, err := argument[Boolean]([]result{r}, 0)
	return bool(b), err
}
