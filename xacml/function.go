package xacml

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The beginnings of the functions' identifiers, by the version of the standard that
// brought them.
const (
	function1 = "urn:oasis:names:tc:xacml:1.0:function:"
	function2 = "urn:oasis:names:tc:xacml:2.0:function:"
	function3 = "urn:oasis:names:tc:xacml:3.0:function:"
)

// functions are the functions of appendix A.3, by identifier.
var functions = allFunctions()

func allFunctions() map[string]*function {
	table := map[string]*function{}
	for _, family := range [][]*function{
		equalityFunctions(), arithmeticFunctions(), conversionFunctions(), logicalFunctions(),
		comparisonFunctions(), calendarFunctions(), stringFunctions(), bagFunctions(),
		setFunctions(), higherOrderFunctions(), regexpFunctions(), nameFunctions(), xpathFunctions(),
		accessPermittedFunction(),
	} {
		for _, f := range family {
			table[f.id] = f
		}
	}
	for replaced, id := range replacedFunctions() {
		f := *table[id]
		f.id = replaced
		table[replaced] = &f
	}
	return table
}

// replacedFunctions are the identifiers of earlier versions for functions that 3.0
// has under another (appendix A.4): those on durations, whose data-types changed
// their URIs, and the higher-order functions that 3.0 made more general.
func replacedFunctions() map[string]string {
	ids := map[string]string{function1 + "regexp-string-match": function1 + "string-regexp-match"} // in 1.0 and 1.1
	for _, name := range []string{
		"dateTime-add-dayTimeDuration", "dateTime-add-yearMonthDuration",
		"dateTime-subtract-dayTimeDuration", "dateTime-subtract-yearMonthDuration",
		"date-add-yearMonthDuration", "date-subtract-yearMonthDuration",
		"any-of", "all-of", "any-of-any", "map",
	} {
		ids[function1+name] = function3 + name
	}
	for _, t := range []Type{TypeDayTimeDuration, TypeYearMonthDuration} {
		for _, operation := range []string{
			"-equal", "-one-and-only", "-bag-size", "-is-in", "-bag",
			"-intersection", "-at-least-one-member-of", "-union", "-subset", "-set-equals",
		} {
			ids[function1+t.name()+operation] = function3 + t.name() + operation
		}
	}
	return ids
}

// lookupFunction returns the function of an identifier, or nil when the standard
// has none of that identifier.
func lookupFunction(id string) *function {
	return functions[id]
}

// functionIDs returns the identifiers of all functions, sorted.
func functionIDs() []string {
	return slices.Sorted(maps.Keys(functions))
}

// name returns the part of the identifier that tells functions apart to a reader.
func (f *function) name() string { return f.id[strings.LastIndexByte(f.id, ':')+1:] }

// String returns the type in words, such as "bag of string".
func (t exprType) String() string {
	switch {
	case t.Func != nil:
		return "function " + t.Func.name()
	case t.Bag:
		return "bag of " + t.Type.name()
	}
	return t.Type.name()
}

func single(t Type) exprType { return exprType{Type: t} }
func bagOf(t Type) exprType  { return exprType{Type: t, Bag: true} }

// takes returns the check of a function with these parameters.
func takes(name string, returns exprType, params ...exprType) func([]exprType) (exprType, error) {
	return func(args []exprType) (exprType, error) {
		if !slices.Equal(args, params) {
			return exprType{}, argumentError(name, typeList(params), args)
		}
		return returns, nil
	}
}

// takesMany returns the check of a function with at least so many parameters, all
// of one type.
func takesMany(name string, returns exprType, least int, param exprType) func([]exprType) (exprType, error) {
	return func(args []exprType) (exprType, error) {
		for _, arg := range args {
			if arg != param {
				return exprType{}, argumentError(name, fmt.Sprintf("arguments of type %s only", param), args)
			}
		}
		if len(args) < least {
			return exprType{}, argumentError(name, fmt.Sprintf("at least %d arguments of type %s", least, param), args)
		}
		return returns, nil
	}
}

// argumentError tells what a function takes and what it got.
func argumentError(name, wanted string, got []exprType) error {
	return syntaxError("the function %s takes %s, not %s", name, wanted, typeList(got))
}

func typeList(types []exprType) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = t.String()
	}
	return "(" + strings.Join(words, ", ") + ")"
}

// typeOf returns the data-type of a Go type of values.
func typeOf[V Value]() Type {
	var zero V
	return zero.Type()
}

// argument returns the value of an argument as the Go type that the check promised.
func argument[V Value](args []result, i int) (V, error) {
	v, ok := args[i].value.(V)
	if !ok {
		return v, processingError("argument %d is not a %s", i+1, typeOf[V]().name())
	}
	return v, nil
}

// unary returns a function of one value.
func unary[A, R Value](id string, apply func(A) (R, error)) *function {
	f := &function{id: id, call: func(_ *evaluation, args []result) (result, error) {
		a, err := argument[A](args, 0)
		if err != nil {
			return result{}, err
		}
		return valueResult(apply(a))
	}}
	f.check = takes(f.name(), single(typeOf[R]()), single(typeOf[A]()))
	return f
}

// binary returns a function of two values.
func binary[A, B, R Value](id string, apply func(*evaluation, A, B) (R, error)) *function {
	f := &function{id: id, call: func(ev *evaluation, args []result) (result, error) {
		a, err := argument[A](args, 0)
		if err != nil {
			return result{}, err
		}
		b, err := argument[B](args, 1)
		if err != nil {
			return result{}, err
		}
		return valueResult(apply(ev, a, b))
	}}
	f.check = takes(f.name(), single(typeOf[R]()), single(typeOf[A]()), single(typeOf[B]()))
	return f
}

// ternary returns a function of three values.
func ternary[A, B, C, R Value](id string, apply func(*evaluation, A, B, C) (R, error)) *function {
	f := &function{id: id, call: func(ev *evaluation, args []result) (result, error) {
		a, err := argument[A](args, 0)
		if err != nil {
			return result{}, err
		}
		b, err := argument[B](args, 1)
		if err != nil {
			return result{}, err
		}
		c, err := argument[C](args, 2)
		if err != nil {
			return result{}, err
		}
		return valueResult(apply(ev, a, b, c))
	}}
	f.check = takes(f.name(), single(typeOf[R]()), single(typeOf[A]()), single(typeOf[B]()), single(typeOf[C]()))
	return f
}

func valueResult[R Value](v R, err error) (result, error) {
	if err != nil {
		return result{}, err
	}
	return result{value: v}, nil
}
