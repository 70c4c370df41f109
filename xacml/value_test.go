package xacml

import (
	"errors"
	"strings"
	"testing"
	"time"
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
