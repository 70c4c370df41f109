package xacml

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyValue draws values of a type, and writes the same instants and numbers in
// several ways.
func anyValue(kind Type) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		var lexical string
		switch zone := rapid.SampledFrom([]string{"", "Z", "+01:00", "-01:00", "+14:00", "-12:00"}); kind {
		case TypeString:
			lexical = rapid.StringN(0, 3, -1).Draw(t, "string")
		case TypeBoolean:
			lexical = rapid.SampledFrom([]string{"true", "1", "false", "0"}).Draw(t, "boolean")
		case TypeInteger:
			return Integer(rapid.OneOf(rapid.Int64(), rapid.Int64Range(-2, 2)).Draw(t, "integer"))
		case TypeDouble:
			return Double(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, 1, 1.5})).Draw(t, "double"))
		case TypeTime:
			lexical = rapid.StringMatching(`(0[0-2]|23):[03]0:00(\.5)?`).Draw(t, "time") + zone.Draw(t, "zone")
		case TypeDate:
			lexical = rapid.StringMatching(`(2024|-0001|0001)-(01|12)-(0[1-3]|31)`).Draw(t, "date") + zone.Draw(t, "zone")
		case TypeDateTime:
			lexical = rapid.StringMatching(`(2024|-0001)-(01|12)-(01|31)T(0[0-2]|23):[03]0:00(\.5)?`).Draw(t, "dateTime") + zone.Draw(t, "zone")
		case TypeDayTimeDuration:
			lexical = rapid.StringMatching(`-?P[0-2]DT(24|0)H[0-9]{1,4}M[0-2](\.50?)?S`).Draw(t, "duration")
		case TypeYearMonthDuration:
			lexical = rapid.StringMatching(`-?P[0-3]Y[0-9]{1,2}M`).Draw(t, "duration")
		case TypeAnyURI:
			lexical = rapid.StringMatching(`urn:[a-c]{1,2}`).Draw(t, "URI")
		case TypeHexBinary:
			lexical = rapid.StringMatching(`([0aA][bB])?`).Draw(t, "octets")
		case TypeBase64Binary:
			lexical = rapid.StringMatching(`(Y[QgA] ?= =)?`).Draw(t, "octets")
		case TypeX500Name:
			lexical = rapid.StringMatching(`(CN=[aAb\\+]? ?[aA])?(\+O=[bB])?( , C=no)?`).Filter(func(s string) bool {
				_, err := ParseValue(kind, s)
				return err == nil
			}).Draw(t, "name")
		case TypeRFC822Name:
			lexical = rapid.StringMatching(`[aA]@[bB](\.[cC])?`).Draw(t, "address")
		default:
			t.Fatalf("no values of %s", kind)
		}
		v, err := ParseValue(kind, lexical)
		if err != nil {
			t.Fatalf("%q: %s", lexical, err)
		}
		return v
	})
}

func typesWithEquality() []Type {
	var all []Type
	for _, kind := range primitiveTypes {
		if hasEquality(kind) {
			all = append(all, kind)
		}
	}
	return all
}

// TestValueLaws holds, for each type with equality, that equality is an
// equivalence, and that what is written is read as the same value.
func TestValueLaws(t *testing.T) {
	for _, kind := range typesWithEquality() {
		t.Run(kind.name(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				ev := newTestEvaluation()
				values := rapid.SliceOfN(anyValue(kind), 3, 3).Draw(t, "values")
				a, b, c := values[0], values[1], values[2]
				isNaN := kind == TypeDouble && a.String() == "NaN"
				if equal(ev, a, a) == isNaN {
					t.Errorf("%s is not itself", a)
				}
				if equal(ev, a, b) != equal(ev, b, a) {
					t.Errorf("%s and %s are equal one way", a, b)
				}
				if equal(ev, a, b) && equal(ev, b, c) && !equal(ev, a, c) {
					t.Errorf("%s, %s and %s are equal in turn, and the first and last are not", a, b, c)
				}
				for _, written := range []string{a.String(), canonical(a)} {
					again, err := ParseValue(kind, written)
					if err != nil {
						t.Fatalf("%s: %s", written, err)
					}
					if kind == TypeTime && written != a.String() {
						continue // in UTC it may be of the day before or after, and time-equal tells those apart
					}
					if !equal(ev, a, again) && !isNaN {
						t.Errorf("%s is read as %s", written, again)
					}
				}
				if again, _ := ParseValue(kind, canonical(a)); canonical(again) != canonical(a) {
					t.Errorf("the canonical form of %s is not that of %s", canonical(a), a)
				}
			})
		})
	}
}

// TestOrderLaws holds that the comparisons of each ordered type agree with each
// other and with equality.
func TestOrderLaws(t *testing.T) {
	for _, kind := range []Type{TypeString, TypeInteger, TypeDouble, TypeTime, TypeDate, TypeDateTime} {
		t.Run(kind.name(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				a, b := anyValue(kind).Draw(t, "a"), anyValue(kind).Draw(t, "b")
				var failure error
				is := func(name string, a, b Value) bool {
					r, err := lookupFunction(function1+kind.name()+name).call(newTestEvaluation(), []result{{value: a}, {value: b}})
					if err != nil {
						failure = err
						return false
					}
					return bool(r.value.(Boolean))
				}
				less, more, same := is("-less-than", a, b), is("-greater-than", a, b), is("-equal", a, b)
				lessOrSame, moreOrSame := is("-less-than-or-equal", a, b), is("-greater-than-or-equal", a, b)
				turned := is("-greater-than", b, a)
				if failure != nil {
					if kind != TypeTime || strings.ContainsAny(a.String(), "Z+-") == strings.ContainsAny(b.String(), "Z+-") {
						t.Fatal(failure)
					}
					return
				}
				if n := btoi(less) + btoi(more) + btoi(same); n != 1 && a.String() != "NaN" && b.String() != "NaN" {
					t.Errorf("%s and %s: less %t, more %t, same %t", a, b, less, more, same)
				}
				if lessOrSame != (less || same) || moreOrSame != (more || same) || less != turned {
					t.Errorf("%s and %s: the comparisons do not agree", a, b)
				}
			})
		})
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestSetLaws holds the laws of sets for the set functions of each type.
func TestSetLaws(t *testing.T) {
	for _, kind := range typesWithEquality() {
		t.Run(kind.name(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				ev := newTestEvaluation()
				bags := rapid.SliceOfN(rapid.SliceOfN(anyValue(kind).Filter(func(v Value) bool { return v.String() != "NaN" }), 0, 4), 2, 2).Draw(t, "bags")
				a, b := result{bag: bags[0], isBag: true}, result{bag: bags[1], isBag: true}
				call := func(name string, args ...result) result {
					r, err := lookupFunction(bagPrefix(kind)+kind.name()+name).call(ev, args)
					if err != nil {
						t.Fatal(err)
					}
					return r
				}
				is := func(name string, args ...result) bool { return bool(call(name, args...).value.(Boolean)) }
				both, either := call("-intersection", a, b), call("-union", a, b)
				if !is("-set-equals", both, call("-intersection", b, a)) || !is("-set-equals", either, call("-union", b, a)) {
					t.Error("the order of two bags changes what they have in common, or together")
				}
				for _, set := range []result{both, either} {
					for i, v := range set.bag {
						if contains(ev, set.bag[:i], v) {
							t.Errorf("%s is there twice", v)
						}
					}
				}
				for _, v := range append(append([]Value{}, a.bag...), b.bag...) {
					inA, inB := is("-is-in", result{value: v}, a), is("-is-in", result{value: v}, b)
					if is("-is-in", result{value: v}, both) != (inA && inB) {
						t.Errorf("%s in one, the other or both", v)
					}
					if !is("-is-in", result{value: v}, either) {
						t.Errorf("%s is not in the union", v)
					}
				}
				if is("-at-least-one-member-of", a, b) != (len(both.bag) > 0) {
					t.Error("at-least-one-member-of and intersection do not agree")
				}
				if is("-subset", a, b) != is("-set-equals", both, a) || is("-subset", a, b) != is("-set-equals", either, b) {
					t.Error("subset does not agree with intersection and union")
				}
				if is("-set-equals", a, b) != (is("-subset", a, b) && is("-subset", b, a)) {
					t.Error("set-equals is not subset both ways")
				}
			})
		})
	}
}
