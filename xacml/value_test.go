package xacml

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestParseValue has what is a value of each data-type, as "lexical => as written",
// and what is not, as "lexical =>".
func TestParseValue(t *testing.T) {
	for _, test := range []struct {
		kind  Type
		cases string
	}{
		{TypeBoolean, `
			true => true
			1 => true
			false => false
			0 => false
			TRUE =>
			yes =>
			=>`},
		{TypeInteger, `
			0 => 0
			-0 => 0
			+7 => 7
			007 => 7
			-9223372036854775808 => -9223372036854775808
			9223372036854775807 => 9223372036854775807
			9223372036854775808 =>
			1.0 =>
			1e3 =>
			1_000 =>
			0x1 =>
			+-1 =>
			- =>
			٣ =>
			=>`},
		{TypeDouble, `
			0 => 0.0E0
			-0 => -0.0E0
			1 => 1.0E0
			-1E4 => -1.0E4
			1267.43233E12 => 1.26743233E15
			12.78e-2 => 1.278E-1
			.5 => 5.0E-1
			5. => 5.0E0
			INF => INF
			-INF => -INF
			NaN => NaN
			1e400 => INF
			-1e400 => -INF
			1e-400 => 0.0E0
			+INF =>
			inf =>
			Infinity =>
			0x1p4 =>
			1_0 =>
			1e =>
			e1 =>
			. =>
			1e1.0 =>
			=>`},
		{TypeTime, `
			13:20:00 => 13:20:00
			13:20:00-05:00 => 13:20:00-05:00
			13:20:00+00:00 => 13:20:00Z
			13:20:00.500 => 13:20:00.5
			13:20:00.123456789 => 13:20:00.123456789
			24:00:00 => 00:00:00
			13:20:00+14:00 => 13:20:00+14:00
			13:20:00+14:01 =>
			13:20:00+01 =>
			13:20:00+01:60 =>
			24:00:01 =>
			24:00:00.1 =>
			25:00:00 =>
			13:60:00 =>
			23:59:60 =>
			13:20 =>
			13:20:00. =>
			13:20:00.1234567891 =>
			1:20:00 =>
			13:20:00z =>
			-13:20:00 =>
			=>`},
		{TypeDate, `
			2002-10-10 => 2002-10-10
			2002-10-10+13:00 => 2002-10-10+13:00
			2002-10-10Z => 2002-10-10Z
			-0001-12-31 => -0001-12-31
			12002-10-10 => 12002-10-10
			2024-02-29 => 2024-02-29
			2026-02-29 =>
			1900-02-29 =>
			2000-02-29 => 2000-02-29
			0000-01-01 =>
			02002-10-10 =>
			999-10-10 =>
			1000000000-10-10 =>
			2002-13-01 =>
			2002-00-01 =>
			2002-1-1 =>
			2002-10-10T00:00:00 =>
			+2002-10-10 =>
			99999999999999999999-10-10 =>
			=>`},
		{TypeDateTime, `
			2002-10-10T12:00:00 => 2002-10-10T12:00:00
			2002-10-10T12:00:00.10Z => 2002-10-10T12:00:00.1Z
			2002-10-10T24:00:00+01:00 => 2002-10-11T00:00:00+01:00
			999999999-12-30T23:59:59Z => 999999999-12-30T23:59:59Z
			999999999-12-31T23:59:59-14:00 =>
			999999999-12-31T24:00:00Z =>
			-999999999-01-02T00:00:00Z => -999999999-01-02T00:00:00Z
			-999999999-01-01T00:00:00+14:00 =>
			2002-10-10 =>
			2002-10-10 12:00:00 =>
			2002-10-10ZT12:00:00 =>
			2002-10-10T12:00 =>
			=>`},
		{TypeDayTimeDuration, `
			P1D => P1D
			PT0S => PT0S
			-PT0S => PT0S
			P0D => PT0S
			PT3600S => PT1H
			P1DT2H3M4.50S => P1DT2H3M4.5S
			-P1DT25H => -P2DT1H
			PT0.000000001S => PT0.000000001S
			P =>
			PT =>
			P1DT =>
			P1H =>
			PT1D =>
			PT1S2M =>
			PT1M1H =>
			PT1.5M =>
			PT.5S =>
			PT1.S =>
			PT1.5 =>
			P-1D =>
			+P1D =>
			P1Y =>
			P1D2D =>
			P9999999999999D =>
			=>`},
		{TypeYearMonthDuration, `
			P1Y2M => P1Y2M
			P14M => P1Y2M
			P12M => P1Y
			-P1M => -P1M
			P0Y => P0M
			-P0M => P0M
			P =>
			P1M1Y =>
			P1D =>
			P1.5Y =>
			P1YT =>
			1Y =>
			P1234567890Y =>
			=>`},
		{TypeAnyURI, `
			http://example.org/a?b#c => http://example.org/a?b#c
			urn:altinn:rolecode => urn:altinn:rolecode
			a/b:c => a/b:c
			./a:b => ./a:b
			å b => å b
			{id} => {id}
			 => 
			http://a#b#c =>
			%zz =>
			%4 =>
			:a =>
			1a:b =>`},
		{TypeHexBinary, `
			0fb7 => 0FB7
			0fb =>
			0g =>
			0 f =>`},
		{TypeBase64Binary, `
			YWJj => YWJj
			YWI= => YWI=
			Y Q = = => YQ==
			YQ =>
			YR== =>
			Y-_j =>`},
		{TypeRFC822Name, `
			Kari@Example.org => Kari@Example.org
			"a@b c"@example.org => "a@b c"@example.org
			a@b@c =>
			@example.org =>
			kari@ =>
			kari =>
			kari n@example.org =>
			kari@exam ple.org =>
			""@example.org =>
			=>`},
		{TypeX500Name, `
			CN=Steve Kille,O=Isode Limited,C=GB => CN=Steve Kille,O=Isode Limited,C=GB
			OU=Sales+CN=J. Smith,O=Widget Inc.,C=US => OU=Sales+CN=J. Smith,O=Widget Inc.,C=US
			CN=L. Eagle,O=Sue\, Grabbit and Runn,C=GB => CN=L. Eagle,O=Sue\, Grabbit and Runn,C=GB
			CN=Before\0DAfter,O=Test,C=GB => CN=Before\0DAfter,O=Test,C=GB
			1.3.6.1.4.1.1466.0=#04024869,O=Test,C=GB => 1.3.6.1.4.1.1466.0=#04024869,O=Test,C=GB
			SN=Lu\C4\8Di\C4\87 => SN=Lu\C4\8Di\C4\87
			CN= => CN=
			Kari =>
			CN=Kari, =>
			CN=Kari,,C=NO =>
			=Kari =>
			1.x=Kari =>
			C N=Kari =>
			CN=#0 =>
			CN=# =>
			CN="Kari =>
			CN="Kari"x =>
			CN=a\ =>
			CN=a\z =>
			CN=\FF =>
			CN=a<b =>`},
		{TypeIPAddress, `
			192.0.2.1 => 192.0.2.1
			192.0.2.1/255.255.255.0 => 192.0.2.1/255.255.255.0
			192.0.2.1: => 192.0.2.1:
			192.0.2.1:80 => 192.0.2.1:80
			192.0.2.1/255.255.255.0:80-90 => 192.0.2.1/255.255.255.0:80-90
			192.0.2.1:-90 => 192.0.2.1:-90
			192.0.2.1:80- => 192.0.2.1:80-
			[2001:db8::1] => [2001:db8::1]
			[2001:db8::1]/[ffff::]:80 => [2001:db8::1]/[ffff::]:80
			192.0.2.1/24 =>
			192.0.2.1/[ffff::] =>
			192.0.2.1:- =>
			192.0.2.1:65536 =>
			192.0.2.1:a =>
			192.0.2.256 =>
			192.0.2 =>
			2001:db8::1 =>
			[192.0.2.1] =>
			[2001:db8::1 =>
			[2001:db8::1%eth0] =>
			[2001:db8::1]x =>
			example.org =>
			=>`},
		{TypeDNSName, `
			example.org => example.org
			Example.org. => Example.org.
			*.example.org => *.example.org
			localhost:8080 => localhost:8080
			a-b.c1:80-90 => a-b.c1:80-90
			example.org:-90 => example.org:-90
			1a.example => 1a.example
			example.org: =>
			example.org:x =>
			* =>
			a.*.org =>
			*a.org =>
			-a.org =>
			a-.org =>
			a..org =>
			.org =>
			192.0.2.1 =>
			a_b.org =>
			=>`},
		{TypeXPathExpression, `
			//a =>`},
		{"http://www.w3.org/2001/XMLSchema#float", `
			1 =>`},
	} {
		t.Run(test.kind.name(), func(t *testing.T) {
			for line := range strings.Lines(test.cases) {
				lexical, want, _ := strings.Cut(strings.Trim(line, "\t\n"), "=>")
				if strings.TrimSpace(line) == "" {
					continue
				}
				for _, spaced := range []string{strings.TrimSpace(lexical), "\r\n\t " + lexical + "\n"} {
					v, err := ParseValue(test.kind, spaced)
					var failure *Error
					switch {
					case err != nil && want == "":
						if !errors.As(err, &failure) || failure.Code != StatusSyntaxError {
							t.Errorf("%q: fails with %#v", spaced, err)
						}
					case err != nil:
						t.Errorf("%q: %s", spaced, err)
					case want == "":
						t.Errorf("%q is taken for %s", spaced, v)
					case v.String() != strings.TrimSpace(want) || v.Type() != test.kind:
						t.Errorf("%q gives %s of %s", spaced, v, v.Type())
					}
				}
			}
		})
	}
}

func TestParseString(t *testing.T) {
	for _, s := range []string{"", " a\n b ", "æøå"} {
		if v, err := ParseValue(TypeString, s); err != nil || v != String(s) {
			t.Errorf("%q gives %q, %v", s, v, err)
		}
	}
	if v, err := ParseValue(TypeString, "\xff"); err == nil {
		t.Errorf("what is not UTF-8 gives %q", v)
	}
}

func TestReplacedTypes(t *testing.T) {
	v, err := ParseValue("http://www.w3.org/TR/2002/WD-xquery-operators-20020816#dayTimeDuration", "P1D")
	if err != nil || v.Type() != TypeDayTimeDuration {
		t.Errorf("got %v, %v", v, err)
	}
	v, err = ParseValue("http://www.w3.org/TR/2002/WD-xquery-operators-20020816#yearMonthDuration", "P1Y")
	if err != nil || v.Type() != TypeYearMonthDuration {
		t.Errorf("got %v, %v", v, err)
	}
}

func TestValuesOfTheClock(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 30, 15, 500_000_000, time.FixedZone("", 60*60))
	for _, test := range []struct {
		got  Value
		want string
	}{
		{NewDateTime(now), "2026-01-01T00:30:15.5+01:00"},
		{NewDate(now), "2026-01-01+01:00"},
		{NewTime(now), "00:30:15.5+01:00"},
		{NewDateTime(now.UTC()), "2025-12-31T23:30:15.5Z"},
		{NewDate(now.UTC()), "2025-12-31Z"},
		{NewTime(now.UTC()), "23:30:15.5Z"},
	} {
		if got := test.got.String(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
		parsed, err := ParseValue(test.got.Type(), test.want)
		if err != nil || parsed != test.got {
			t.Errorf("%s is %#v when it is read, and %#v of the clock (%v)", test.want, parsed, test.got, err)
		}
	}
}

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
						continue // the zone may have moved it to another day: see below
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

// FuzzParseValue holds that no text brings the reader down, and that what it takes
// for a value is read again, as the same one, from what is written of it.
func FuzzParseValue(f *testing.F) {
	for i, sample := range typeSamples {
		f.Add(i, sample.a)
		f.Add(i, sample.b)
	}
	for _, lexical := range []string{"-0001-12-31T24:00:00.5-14:00", "-P1DT2H3M4.5S", "P1Y2M", `CN="a\,"+O=\C3\B8;C=#04`, "[2001:db8::1]/[ffff::]:-80", "*.example.org:80-", "-1.5E-300", `"a@b"@c`} {
		for i := range typeSamples {
			f.Add(i, lexical)
		}
	}
	f.Fuzz(func(t *testing.T, kind int, lexical string) {
		if kind < 0 || kind >= len(typeSamples) {
			return
		}
		named := typeNamed(typeSamples[kind].name)
		v, err := ParseValue(named, lexical)
		if err != nil {
			return
		}
		if v.Type() != named {
			t.Fatalf("a %s is a %s", named, v.Type())
		}
		ev := newTestEvaluation()
		for _, written := range []string{v.String(), canonical(v)} {
			again, err := ParseValue(named, written)
			if err != nil {
				t.Fatalf("%q is written as %q: %s", lexical, written, err)
			}
			if !equal(ev, v, again) && written != "NaN" && (named != TypeTime || written == v.String()) {
				t.Fatalf("%q is written as %q, which is another", lexical, written)
			}
		}
	})
}
