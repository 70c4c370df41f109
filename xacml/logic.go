package xacml

// logicalFunctions are those of appendix A.3.5.
func logicalFunctions() []*function {
	or := &function{id: function1 + "or", lazy: func(ev *evaluation, args []expression) (result, error) {
		v, err := anyTrue(ev, len(args), func(i int) (bool, error) { return truth(ev, args[i]) })
		return valueResult(Boolean(v), err)
	}}
	or.check = takesMany("or", single(TypeBoolean), 0, single(TypeBoolean))
	and := &function{id: function1 + "and", lazy: func(ev *evaluation, args []expression) (result, error) {
		v, err := allTrue(ev, len(args), func(i int) (bool, error) { return truth(ev, args[i]) })
		return valueResult(Boolean(v), err)
	}}
	and.check = takesMany("and", single(TypeBoolean), 0, single(TypeBoolean))
	nOf := &function{id: function1 + "n-of", check: checkNOf, lazy: nOf}
	not := unary(function1+"not", func(b Boolean) (Boolean, error) { return !b, nil })
	return []*function{or, nOf, and, not}
}

// truth evaluates an expression that gives a boolean.
func truth(ev *evaluation, e expression) (bool, error) {
	r, err := e.eval(ev)
	if err != nil {
		return false, err
	}
	b, ok := r.value.(Boolean)
	if !ok {
		return false, processingError("an expression that must give a boolean does not")
	}
	return bool(b), nil
}

// anyTrue tells whether any of n conditions is true. They are asked in order, and
// none after the first that is true. One that fails does not hide a true one after
// it; where none is true, its error is the answer.
func anyTrue(ev *evaluation, n int, condition func(i int) (bool, error)) (bool, error) {
	var failure error
	for i := range n {
		if err := ev.spend(1); err != nil {
			return false, err
		}
		switch is, err := condition(i); {
		case err != nil && failure == nil:
			failure = err
		case is && err == nil:
			return true, nil
		}
	}
	return false, failure
}

// allTrue tells whether all of n conditions are true. They are asked in order, and
// none after the first that is false. One that fails does not hide a false one
// after it; where none is false, its error is the answer.
func allTrue(ev *evaluation, n int, condition func(i int) (bool, error)) (bool, error) {
	found, err := anyTrue(ev, n, func(i int) (bool, error) {
		is, err := condition(i)
		return !is, err
	})
	return !found && err == nil, err
}

func checkNOf(args []exprType) (exprType, error) {
	wrong := len(args) == 0
	for i, arg := range args {
		wrong = wrong || i == 0 && arg != single(TypeInteger) || i > 0 && arg != single(TypeBoolean)
	}
	if wrong {
		return exprType{}, argumentError("n-of", "(integer, boolean, …)", args)
	}
	return single(TypeBoolean), nil
}

// nOf tells whether at least as many of its conditions are true as its first
// argument says. It asks for no more of them than it needs to know, and fails when
// it has fewer than must be true.
func nOf(ev *evaluation, args []expression) (result, error) {
	first, err := args[0].eval(ev)
	if err != nil {
		return result{}, err
	}
	wanted, err := argument[Integer]([]result{first}, 0)
	if err != nil {
		return result{}, err
	}
	conditions := args[1:]
	if wanted < 0 || wanted > Integer(len(conditions)) {
		return result{}, processingError("n-of asks for %d true arguments of %d", wanted, len(conditions))
	}
	var failure error
	failed := 0
	need := int(wanted)
	for i, condition := range conditions {
		left := len(conditions) - i
		if need == 0 || need > failed+left {
			break
		}
		if err := ev.spend(1); err != nil {
			return result{}, err
		}
		switch is, err := truth(ev, condition); {
		case err != nil:
			failed++
			if failure == nil {
				failure = err
			}
		case is:
			need--
		}
	}
	switch {
	case need == 0:
		return result{value: Boolean(true)}, nil
	case need > failed: // even if all that failed were true
		return result{value: Boolean(false)}, nil
	}
	return result{}, failure
}
