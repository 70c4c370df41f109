package xacml

import (
	"cmp"
	"strings"
)

// comparisonFunctions are those of appendices A.3.6 to A.3.8 that order two values
// of a type.
func comparisonFunctions() []*function {
	var all []*function
	all = append(all, ordering(func(_ *evaluation, a, b Integer) (int, error) { return cmp.Compare(a, b), nil })...)
	all = append(all, doubleOrdering()...)
	all = append(all, ordering(func(_ *evaluation, a, b String) (int, error) {
		return strings.Compare(string(a), string(b)), nil // UTF-8 sorts as its characters do
	})...)
	all = append(all, ordering(compareTimes)...)
	all = append(all, ordering(func(ev *evaluation, a, b DateTime) (int, error) { return a.compare(ev, b.moment), nil })...)
	all = append(all, ordering(func(ev *evaluation, a, b Date) (int, error) { return a.compare(ev, b.moment), nil })...)
	return all
}

// ordering returns type-greater-than, -greater-than-or-equal, -less-than and
// -less-than-or-equal.
func ordering[V Value](compare func(ev *evaluation, a, b V) (int, error)) []*function {
	order := func(name string, holds func(sign int) bool) *function {
		return binary(function1+typeOf[V]().name()+name, func(ev *evaluation, a, b V) (Boolean, error) {
			sign, err := compare(ev, a, b)
			return Boolean(err == nil && holds(sign)), err
		})
	}
	return []*function{
		order("-greater-than", func(sign int) bool { return sign > 0 }),
		order("-greater-than-or-equal", func(sign int) bool { return sign >= 0 }),
		order("-less-than", func(sign int) bool { return sign < 0 }),
		order("-less-than-or-equal", func(sign int) bool { return sign <= 0 }),
	}
}

// doubleOrdering is apart from the others because NaN has no place in an order:
// by IEEE 754 each comparison with it is false.
func doubleOrdering() []*function {
	order := func(name string, holds func(a, b Double) bool) *function {
		return binary(function1+"double"+name, func(_ *evaluation, a, b Double) (Boolean, error) {
			return Boolean(holds(a, b)), nil
		})
	}
	return []*function{
		order("-greater-than", func(a, b Double) bool { return a > b }),
		order("-greater-than-or-equal", func(a, b Double) bool { return a >= b }),
		order("-less-than", func(a, b Double) bool { return a < b }),
		order("-less-than-or-equal", func(a, b Double) bool { return a <= b }),
	}
}

// compareTimes refuses to order a time with a zone and one without, as the standard
// does: time-in-range is for that.
func compareTimes(ev *evaluation, a, b Time) (int, error) {
	if a.zoned != b.zoned {
		return 0, processingError("the time %s cannot be compared with %s: only one has a time zone; use time-in-range", a, b)
	}
	return a.compare(ev, b.moment), nil
}
