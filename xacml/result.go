package xacml

// exprType is what an expression gives: a value or a bag of values of a
// data-type, or a function to apply.
type exprType struct {
	Type Type
	Bag  bool
	Func *function // set when the expression is a Function element
}

// result is what an expression gave: one value, a bag, or a function.
type result struct {
	value Value   // of a single value
	bag   []Value // of a bag, in no particular order
	isBag bool
	fn    *function
}

// expression is a compiled expression, whose type was checked when it was loaded.
type expression interface {
	exprType() exprType
	eval(*evaluation) (result, error)
}

// function is a function of the standard (appendix A.3). check tells the type of
// the result for arguments of these types, or why the function does not take
// them. Exactly one of call and lazy is set: call gets the values of its
// arguments, none of which failed; lazy gets the arguments themselves, for
// functions that need not evaluate them all.
type function struct {
	id    string
	check func(args []exprType) (exprType, error)
	call  func(ev *evaluation, args []result) (result, error)
	lazy  func(ev *evaluation, args []expression) (result, error)
	// bind, where it is set, returns the function for a first argument that is known
	// when the policy is loaded, so that what can be made of it is made once.
	bind func(first Value) *function
}
