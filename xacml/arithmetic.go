package xacml

import "math"

// arithmeticFunctions are those of appendices A.3.2 and, for the conversions
// between numbers, A.3.4.
func arithmeticFunctions() []*function {
	return []*function{
		fold(function1+"integer-add", addIntegers),
		fold(function1+"double-add", func(a, b Double) (Double, error) { return a + b, nil }),
		binary(function1+"integer-subtract", subtractIntegers),
		binary(function1+"double-subtract", func(_ *evaluation, a, b Double) (Double, error) { return a - b, nil }),
		fold(function1+"integer-multiply", multiplyIntegers),
		fold(function1+"double-multiply", func(a, b Double) (Double, error) { return a * b, nil }),
		binary(function1+"integer-divide", divideIntegers),
		binary(function1+"double-divide", divideDoubles),
		binary(function1+"integer-mod", remainder),
		unary(function1+"integer-abs", absoluteInteger),
		unary(function1+"double-abs", func(a Double) (Double, error) { return Double(math.Abs(float64(a))), nil }),
		// IEEE 754 rounds a half to the even neighbour.
		unary(function1+"round", func(a Double) (Double, error) { return Double(math.RoundToEven(float64(a))), nil }),
		unary(function1+"floor", func(a Double) (Double, error) { return Double(math.Floor(float64(a))), nil }),
		unary(function1+"double-to-integer", truncate),
		unary(function1+"integer-to-double", func(a Integer) (Double, error) { return Double(a), nil }),
	}
}

// fold returns a function of two values or more that are taken together from the
// left.
func fold[V Value](id string, apply func(a, b V) (V, error)) *function {
	f := &function{id: id, call: func(_ *evaluation, args []result) (result, error) {
		sum, err := argument[V](args, 0)
		for i := 1; i < len(args) && err == nil; i++ {
			var next V
			if next, err = argument[V](args, i); err == nil {
				sum, err = apply(sum, next)
			}
		}
		return valueResult(sum, err)
	}}
	f.check = takesMany(f.name(), single(typeOf[V]()), 2, single(typeOf[V]()))
	return f
}

func overflow() error { return processingError("the result does not fit an integer of 64 bits") }

func addIntegers(a, b Integer) (Integer, error) {
	sum := a + b
	if (sum > a) != (b > 0) && b != 0 {
		return 0, overflow()
	}
	return sum, nil
}

func subtractIntegers(_ *evaluation, a, b Integer) (Integer, error) {
	difference := a - b
	if (difference < a) != (b > 0) && b != 0 {
		return 0, overflow()
	}
	return difference, nil
}

func multiplyIntegers(a, b Integer) (Integer, error) {
	if a == 0 || b == 0 {
		return 0, nil
	}
	product := a * b
	if product/b != a || a == -1 && b == math.MinInt64 || b == -1 && a == math.MinInt64 {
		return 0, overflow()
	}
	return product, nil
}

// divideIntegers drops the fraction, towards zero.
func divideIntegers(_ *evaluation, a, b Integer) (Integer, error) {
	switch {
	case b == 0:
		return 0, divisionByZero()
	case a == math.MinInt64 && b == -1:
		return 0, overflow()
	}
	return a / b, nil
}

// remainder is what divideIntegers leaves, with the sign of the dividend.
func remainder(_ *evaluation, a, b Integer) (Integer, error) {
	if b == 0 {
		return 0, divisionByZero()
	}
	return a % b, nil
}

// divideDoubles is IEEE 754's division but for a divisor of zero, which the
// standard makes Indeterminate.
func divideDoubles(_ *evaluation, a, b Double) (Double, error) {
	if b == 0 {
		return 0, divisionByZero()
	}
	return a / b, nil
}

func divisionByZero() error { return processingError("a number is divided by zero") }

func absoluteInteger(a Integer) (Integer, error) {
	if a == math.MinInt64 {
		return 0, overflow()
	}
	return max(a, -a), nil
}

// truncate drops the fraction of a double.
func truncate(a Double) (Integer, error) {
	const bound = 1 << 63 // exact as a double, and one more than the largest integer
	if !(a >= -bound && a < bound) {
		return 0, processingError("%s does not fit an integer of 64 bits", a)
	}
	return Integer(a), nil
}
