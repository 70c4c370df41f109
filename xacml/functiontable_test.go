package xacml

// functionCases are the tables, by the section of appendix A.3. What the standard
// gives as an example is taken over as it stands.
var functionCases = []struct{ name, cases string }{
	{"A.3.1 equality", `
		string-equal "a" "a" = true
		string-equal "a" "A" = false
		string-equal "a" "a " = false
		string-equal "" "" = true
		string-equal "å" "å" = true
		string-equal "\u00e5" "a\u030a" = false
		string-equal "a" = refused
		string-equal "a" "a" "a" = refused
		string-equal "a" string["a"] = refused
		string-equal "1" 1 = refused
		string-equal !string "a" = processing-error
		string-equal-ignore-case "Løken" "LØKEN" = true
		string-equal-ignore-case "ΟΔΟΣ" "οδος" = true
		string-equal-ignore-case "a" "b" = false
		string-equal-ignore-case "ß" "SS" = false
		boolean-equal true boolean:"1" = true
		boolean-equal true false = false
		integer-equal 1 integer:"+01" = true
		integer-equal 1 -1 = false
		integer-equal 1 1.0 = refused
		double-equal 1.0 double:"10e-1" = true
		double-equal 1.0 1.1 = false
		double-equal double:"NaN" double:"NaN" = false
		double-equal double:"0" double:"-0" = true
		double-equal double:"INF" double:"INF" = true
		date-equal date:"2026-01-01" date:"2026-01-01" = true
		date-equal date:"2026-01-01Z" date:"2026-01-01+01:00" = false
		date-equal date:"2026-01-01+12:00" date:"2025-12-31-12:00" = true
		// the implicit zone is the clock's, two hours east
		date-equal date:"2026-01-01" date:"2026-01-01+02:00" = true
		date-equal date:"2026-01-01" date:"2026-01-01Z" = false
		time-equal time:"08:00:00+09:00" time:"17:00:00-06:00" = false
		time-equal time:"21:30:00+10:30" time:"06:00:00-05:00" = true
		time-equal time:"24:00:00+01:00" time:"00:00:00+01:00" = true
		time-equal time:"12:00:00" time:"12:00:00+02:00" = true
		time-equal time:"12:00:00" time:"12:00:00.001" = false
		dateTime-equal dateTime:"2002-04-02T12:00:00-01:00" dateTime:"2002-04-02T17:00:00+04:00" = true
		dateTime-equal dateTime:"2002-04-02T12:00:00" dateTime:"2002-04-02T12:00:00+02:00" = true
		dateTime-equal dateTime:"2002-04-02T12:00:00" dateTime:"2002-04-02T17:00:00" = false
		dateTime-equal dateTime:"2002-04-02T24:00:00Z" dateTime:"2002-04-03T00:00:00Z" = true
		dateTime-equal dateTime:"2005-04-04T24:00:00-05:00" dateTime:"2005-04-04T00:00:00-05:00" = false
		3.0:dayTimeDuration-equal dayTimeDuration:"P1D" dayTimeDuration:"PT24H" = true
		3.0:dayTimeDuration-equal dayTimeDuration:"PT60M" dayTimeDuration:"PT3600.0S" = true
		3.0:dayTimeDuration-equal dayTimeDuration:"P1D" dayTimeDuration:"-P1D" = false
		3.0:yearMonthDuration-equal yearMonthDuration:"P1Y" yearMonthDuration:"P12M" = true
		3.0:yearMonthDuration-equal yearMonthDuration:"P1Y" yearMonthDuration:"P13M" = false
		anyURI-equal anyURI:"http://example.org/a" anyURI:"http://example.org/a" = true
		anyURI-equal anyURI:"http://example.org/a" anyURI:"http://EXAMPLE.org/a" = false
		anyURI-equal anyURI:"http://example.org" anyURI:"http://example.org/" = false
		x500Name-equal x500Name:"CN=Kari Nordmann, O=Medi Corp, C=NO" x500Name:"cn=kari  nordmann,o=MEDI corp,c=no" = true
		x500Name-equal x500Name:"CN=Kari+UID=1,C=NO" x500Name:"UID=1 + CN=Kari; C=NO" = true
		x500Name-equal x500Name:"CN=Kari,C=NO" x500Name:"C=NO,CN=Kari" = false
		x500Name-equal x500Name:"CN=Kari,C=NO" x500Name:"CN=Kari" = false
		x500Name-equal x500Name:"2.5.4.3=Kari" x500Name:"OID.2.5.4.3=kari" = true
		x500Name-equal x500Name:"2.5.4.3=Kari" x500Name:"CN=\"Kari\"" = true
		x500Name-equal x500Name:"CN=L\\C3\\B8ken" x500Name:"CN=Løken" = true
		x500Name-equal x500Name:"CN=a\\,b" x500Name:"CN=\"a,b\"" = true
		x500Name-equal x500Name:"CN=a\\+UID=1" x500Name:"CN=a+UID=1" = false
		x500Name-equal x500Name:"CN=#0401" x500Name:"CN=\\#0401" = false
		rfc822Name-equal rfc822Name:"Anderson@sun.com" rfc822Name:"Anderson@SUN.COM" = true
		rfc822Name-equal rfc822Name:"Anderson@sun.com" rfc822Name:"anderson@sun.com" = false
		hexBinary-equal hexBinary:"0fb7" hexBinary:"0FB7" = true
		hexBinary-equal hexBinary:"0fb7" hexBinary:"0fb8" = false
		base64Binary-equal base64Binary:"YWI=" base64Binary:"Y W I =" = true
		base64Binary-equal base64Binary:"YWI=" base64Binary:"YWM=" = false
	`},
	{"A.3.2 arithmetic", `
		integer-add 1 2 = 3
		integer-add 1 2 3 4 = 10
		integer-add 1 = refused
		integer-add 1 2.0 = refused
		integer-add 9223372036854775807 1 = processing-error
		integer-add -9223372036854775808 -1 = processing-error
		integer-add 9223372036854775807 -1 = 9223372036854775806
		integer-add 1 !integer = processing-error
		double-add 0.1 0.2 = 0.30000000000000004
		double-add 1.0 2.0 3.5 = 6.5
		double-add double:"INF" double:"-INF" = double:"NaN"
		integer-subtract 1 2 = -1
		integer-subtract 1 2 3 = refused
		integer-subtract -9223372036854775808 1 = processing-error
		integer-subtract 0 -9223372036854775808 = processing-error
		integer-subtract -1 -9223372036854775808 = 9223372036854775807
		double-subtract 1.5 2.0 = -0.5
		integer-multiply 2 3 = 6
		integer-multiply 2 3 -4 = -24
		integer-multiply 4611686018427387904 2 = processing-error
		integer-multiply -1 -9223372036854775808 = processing-error
		integer-multiply -9223372036854775808 -1 = processing-error
		integer-multiply 4611686018427387904 -2 = -9223372036854775808
		integer-multiply 0 -9223372036854775808 = 0
		double-multiply 1.5 2.0 = 3.0
		double-multiply 1.5 2.0 2.0 = 6.0
		integer-divide 7 2 = 3
		integer-divide -7 2 = -3
		integer-divide 7 -2 = -3
		integer-divide 7 0 = processing-error
		integer-divide -9223372036854775808 -1 = processing-error
		double-divide 1.0 4.0 = 0.25
		double-divide 1.0 0.0 = processing-error
		double-divide 1.0 double:"-0" = processing-error
		double-divide 1.0 double:"INF" = 0.0
		integer-mod 7 3 = 1
		integer-mod -7 3 = -1
		integer-mod 7 -3 = 1
		integer-mod 7 0 = processing-error
		integer-mod -9223372036854775808 -1 = 0
		integer-abs -7 = 7
		integer-abs 7 = 7
		integer-abs -9223372036854775808 = processing-error
		double-abs -7.5 = 7.5
		double-abs double:"-INF" = double:"INF"
		round 2.4 = 2.0
		round 2.6 = 3.0
		// halves go to the even neighbour, as IEEE 754 rounds
		round 2.5 = 2.0
		round 3.5 = 4.0
		round -2.5 = -2.0
		round 2 = refused
		floor 2.9 = 2.0
		floor -2.1 = -3.0
		floor double:"INF" = double:"INF"
	`},
	{"A.3.3 and A.3.4 strings to a normal form, and numbers to another type", `
		string-normalize-space "  a  b \t\r\n" = "a  b"
		string-normalize-space " \t" = ""
		string-normalize-space "\u00a0a" = "\u00a0a"
		string-normalize-to-lower-case "ÆØÅ Abc" = "æøå abc"
		string-normalize-to-lower-case "İ" = "i\u0307"
		double-to-integer 2.9 = 2
		double-to-integer -2.9 = -2
		double-to-integer double:"NaN" = processing-error
		double-to-integer double:"INF" = processing-error
		double-to-integer double:"9223372036854775807" = processing-error
		double-to-integer double:"-9223372036854775808" = -9223372036854775808
		integer-to-double 3 = 3.0
		integer-to-double 9223372036854775807 = double:"9.223372036854775807e18"
	`},
	{"A.3.5 logic", `
		or = false
		or false = false
		or false true = true
		or true ~boolean = true
		or !boolean true = true
		or !boolean false = processing-error
		or false !boolean = processing-error
		or "true" = refused
		and = true
		and true = true
		and true false = false
		and false ~boolean = false
		and !boolean false = false
		and !boolean true = processing-error
		and true !boolean = processing-error
		and boolean["true"] = refused
		n-of 0 = true
		n-of 0 ~boolean = true
		n-of 1 = processing-error
		n-of -1 true = processing-error
		n-of 2 true false true = true
		n-of 2 true true ~boolean = true
		n-of 2 true false false = false
		n-of 2 false false ~boolean = false
		n-of 2 true !boolean true = true
		n-of 2 true !boolean false = processing-error
		n-of 2 false !boolean false = false
		n-of 3 true true = processing-error
		n-of !integer true = processing-error
		n-of true true = refused
		n-of = refused
		not true = false
		not false = true
		not !boolean = processing-error
		not true true = refused
	`},
	{"A.3.6 numbers in order", `
		integer-greater-than 2 1 = true
		integer-greater-than 1 1 = false
		integer-greater-than-or-equal 1 1 = true
		integer-greater-than-or-equal 0 1 = false
		integer-less-than 0 1 = true
		integer-less-than 1 1 = false
		integer-less-than-or-equal 1 1 = true
		integer-less-than-or-equal 2 1 = false
		double-greater-than 2.0 1.0 = true
		double-greater-than 1.0 double:"NaN" = false
		double-greater-than-or-equal 1.0 1.0 = true
		double-greater-than-or-equal double:"NaN" double:"NaN" = false
		double-less-than double:"-INF" 1.0 = true
		double-less-than double:"NaN" 1.0 = false
		double-less-than-or-equal double:"-0" 0.0 = true
		double-less-than-or-equal double:"NaN" 1.0 = false
	`},
	{"A.3.7 arithmetic on dates", `
		3.0:dateTime-add-dayTimeDuration dateTime:"2000-10-30T11:12:00" dayTimeDuration:"P3DT1H15M" = dateTime:"2000-11-02T12:27:00"
		3.0:dateTime-add-dayTimeDuration dateTime:"2026-03-29T01:30:00+01:00" dayTimeDuration:"PT1H" = dateTime:"2026-03-29T02:30:00+01:00"
		3.0:dateTime-add-dayTimeDuration dateTime:"2026-12-31T23:59:59.5Z" dayTimeDuration:"PT0.5S" = dateTime:"2027-01-01T00:00:00Z"
		3.0:dateTime-add-dayTimeDuration dateTime:"2026-01-01T00:00:00Z" dayTimeDuration:"-PT1S" = dateTime:"2025-12-31T23:59:59Z"
		3.0:dateTime-add-dayTimeDuration dateTime:"2026-01-01T00:00:00Z" dayTimeDuration:"P999999999999D" = processing-error
		3.0:dateTime-add-yearMonthDuration dateTime:"2000-10-30T11:12:00" yearMonthDuration:"P1Y2M" = dateTime:"2001-12-30T11:12:00"
		3.0:dateTime-add-yearMonthDuration dateTime:"2026-01-31T12:00:00Z" yearMonthDuration:"P1M" = dateTime:"2026-02-28T12:00:00Z"
		3.0:dateTime-add-yearMonthDuration dateTime:"2024-02-29T12:00:00Z" yearMonthDuration:"-P1Y" = dateTime:"2023-02-28T12:00:00Z"
		3.0:dateTime-add-yearMonthDuration dateTime:"2026-01-01T00:00:00Z" yearMonthDuration:"P999999999Y" = processing-error
		3.0:dateTime-add-yearMonthDuration dateTime:"2026-01-01T00:00:00Z" yearMonthDuration:"-P999999999Y999999999M" = processing-error
		3.0:dateTime-subtract-dayTimeDuration dateTime:"2000-10-30T11:12:00" dayTimeDuration:"P3DT1H15M" = dateTime:"2000-10-27T09:57:00"
		3.0:dateTime-subtract-dayTimeDuration dateTime:"2000-10-30T11:12:00Z" dayTimeDuration:"-P1D" = dateTime:"2000-10-31T11:12:00Z"
		3.0:dateTime-subtract-yearMonthDuration dateTime:"2000-10-30T11:12:00" yearMonthDuration:"P1Y2M" = dateTime:"1999-08-30T11:12:00"
		3.0:dateTime-subtract-yearMonthDuration dateTime:"2026-03-31T11:12:00+02:00" yearMonthDuration:"P1M" = dateTime:"2026-02-28T11:12:00+02:00"
		3.0:date-add-yearMonthDuration date:"2000-10-30" yearMonthDuration:"P1Y2M" = date:"2001-12-30"
		3.0:date-add-yearMonthDuration date:"2024-01-30+01:00" yearMonthDuration:"P1M" = date:"2024-02-29+01:00"
		3.0:date-add-yearMonthDuration date:"-0001-12-31" yearMonthDuration:"P1M" = date:"0001-01-31"
		3.0:date-subtract-yearMonthDuration date:"2000-10-30" yearMonthDuration:"P1Y2M" = date:"1999-08-30"
		3.0:date-subtract-yearMonthDuration date:"2000-02-29Z" yearMonthDuration:"P1Y" = date:"1999-02-28Z"
		3.0:date-subtract-yearMonthDuration date:"2000-02-29Z" dayTimeDuration:"P1D" = refused
	`},
	{"A.3.8 order of what is not a number", `
		string-greater-than "b" "a" = true
		string-greater-than "a" "a" = false
		string-greater-than "a" "B" = true
		string-greater-than "\U00010000" "\uffee" = true
		string-greater-than-or-equal "a" "a" = true
		string-greater-than-or-equal "a" "ab" = false
		string-less-than "a" "ab" = true
		string-less-than "b" "a" = false
		string-less-than-or-equal "a" "a" = true
		string-less-than-or-equal "b" "a" = false
		time-greater-than time:"12:00:01" time:"12:00:00" = true
		time-greater-than time:"12:00:00Z" time:"12:30:00+01:00" = true
		time-greater-than time:"12:00:00Z" time:"12:00:00" = processing-error
		time-greater-than-or-equal time:"12:00:00Z" time:"13:00:00+01:00" = true
		time-greater-than-or-equal time:"12:00:00" time:"12:00:00Z" = processing-error
		time-less-than time:"11:59:59.999" time:"12:00:00" = true
		time-less-than time:"12:00:00" time:"12:00:00Z" = processing-error
		time-less-than-or-equal time:"12:00:00" time:"12:00:00" = true
		time-less-than-or-equal time:"12:00:00" time:"12:00:00Z" = processing-error
		// no zone: the first time has the clock's, and the range that of the first
		time-in-range time:"09:00:00" time:"08:00:00" time:"16:00:00" = true
		time-in-range time:"08:00:00" time:"08:00:00" time:"16:00:00" = true
		time-in-range time:"16:00:00" time:"08:00:00" time:"16:00:00" = true
		time-in-range time:"16:00:01" time:"08:00:00" time:"16:00:00" = false
		time-in-range time:"23:00:00" time:"22:00:00" time:"06:00:00" = true
		time-in-range time:"05:00:00" time:"22:00:00" time:"06:00:00" = true
		time-in-range time:"12:00:00" time:"22:00:00" time:"06:00:00" = false
		time-in-range time:"12:00:00" time:"12:00:00" time:"12:00:00" = true
		time-in-range time:"12:00:01" time:"12:00:00" time:"12:00:00" = false
		time-in-range time:"09:00:00Z" time:"08:00:00" time:"10:00:00" = true
		time-in-range time:"09:00:00" time:"08:00:00Z" time:"10:00:00Z" = false
		time-in-range time:"11:00:00" time:"08:00:00Z" time:"10:00:00Z" = true
		time-in-range time:"23:30:00-01:00" time:"00:00:00Z" time:"01:00:00Z" = true
		time-in-range time:"00:30:00Z" time:"23:00:00-02:00" time:"02:00:00Z" = false
		time-in-range time:"01:30:00Z" time:"23:00:00-02:00" time:"02:00:00Z" = true
		dateTime-greater-than dateTime:"2026-01-01T12:00:01Z" dateTime:"2026-01-01T12:00:00Z" = true
		dateTime-greater-than dateTime:"2026-01-01T12:00:00" dateTime:"2026-01-01T10:00:00Z" = false
		dateTime-greater-than-or-equal dateTime:"2026-01-01T12:00:00" dateTime:"2026-01-01T10:00:00Z" = true
		dateTime-greater-than-or-equal dateTime:"2025-12-31T12:00:00Z" dateTime:"2026-01-01T10:00:00Z" = false
		dateTime-less-than dateTime:"-0001-01-01T00:00:00Z" dateTime:"0001-01-01T00:00:00Z" = true
		dateTime-less-than dateTime:"2026-01-01T12:00:00Z" dateTime:"2026-01-01T12:30:00+01:00" = false
		dateTime-less-than-or-equal dateTime:"2026-01-01T12:00:00Z" dateTime:"2026-01-01T13:00:00+01:00" = true
		dateTime-less-than-or-equal dateTime:"2026-01-01T12:00:01Z" dateTime:"2026-01-01T13:00:00+01:00" = false
		date-greater-than date:"2026-01-02" date:"2026-01-01" = true
		date-greater-than date:"2026-01-01" date:"2026-01-01Z" = false
		date-greater-than-or-equal date:"2026-01-01" date:"2026-01-01+02:00" = true
		date-greater-than-or-equal date:"2026-01-01" date:"2026-01-02" = false
		date-less-than date:"2026-01-01" date:"2026-01-01Z" = true
		date-less-than date:"2026-01-01" date:"2026-01-01" = false
		date-less-than-or-equal date:"2026-01-01" date:"2026-01-01" = true
		date-less-than-or-equal date:"12026-01-01" date:"2026-01-01" = false
	`},
	{"A.3.9 strings", `
		string-concatenate "a" "b" = "ab"
		string-concatenate "a" "" "c" "d" = "acd"
		string-concatenate "a" = refused
		uri-string-concatenate anyURI:"http://example.org/" "a" "b" = anyURI:"http://example.org/ab"
		uri-string-concatenate anyURI:"http://example.org/" "%" = syntax-error
		uri-string-concatenate anyURI:"http://example.org/" = refused
		uri-string-concatenate "a" "b" = refused
		boolean-from-string " true " = true
		boolean-from-string "0" = false
		boolean-from-string "True" = syntax-error
		string-from-boolean boolean:"1" = "true"
		integer-from-string "-007" = -7
		integer-from-string "7.0" = syntax-error
		string-from-integer integer:"+07" = "7"
		double-from-string "1e2" = 100.0
		double-from-string "1,5" = syntax-error
		string-from-double double:"100" = "1.0E2"
		string-from-double double:"-0.00105" = "-1.05E-3"
		string-from-double double:"-INF" = "-INF"
		time-from-string "13:30:00+01:00" = time:"13:30:00+01:00"
		time-from-string "25:00:00" = syntax-error
		string-from-time time:"13:30:00.500+01:00" = "12:30:00.5Z"
		string-from-time time:"00:30:00+01:00" = "23:30:00Z"
		string-from-time time:"13:30:00" = "13:30:00"
		date-from-string "2026-02-28" = date:"2026-02-28"
		date-from-string "2026-02-29" = syntax-error
		string-from-date date:"2002-10-10+13:00" = "2002-10-09-11:00"
		string-from-date date:"2002-10-10+12:00" = "2002-10-10+12:00"
		string-from-date date:"2002-10-10-12:00" = "2002-10-11+12:00"
		string-from-date date:"2002-10-10+00:00" = "2002-10-10Z"
		dateTime-from-string "2026-02-28T13:30:00Z" = dateTime:"2026-02-28T13:30:00Z"
		dateTime-from-string "2026-02-28" = syntax-error
		string-from-dateTime dateTime:"2026-01-01T00:30:00+01:00" = "2025-12-31T23:30:00Z"
		anyURI-from-string "http://example.org/a" = anyURI:"http://example.org/a"
		anyURI-from-string "http://example.org/%zz" = syntax-error
		string-from-anyURI anyURI:"HTTP://example.org/a" = "HTTP://example.org/a"
		dayTimeDuration-from-string "PT36H" = dayTimeDuration:"P1DT12H"
		dayTimeDuration-from-string "P1Y" = syntax-error
		string-from-dayTimeDuration dayTimeDuration:"-PT36H90S" = "-P1DT12H1M30S"
		string-from-dayTimeDuration dayTimeDuration:"P0D" = "PT0S"
		yearMonthDuration-from-string "P14M" = yearMonthDuration:"P1Y2M"
		yearMonthDuration-from-string "P1D" = syntax-error
		string-from-yearMonthDuration yearMonthDuration:"P14M" = "P1Y2M"
		string-from-yearMonthDuration yearMonthDuration:"-P0Y" = "P0M"
		x500Name-from-string "CN=Kari,C=NO" = x500Name:"CN=Kari,C=NO"
		x500Name-from-string "Kari" = syntax-error
		string-from-x500Name x500Name:"CN=Kari, C=NO" = "CN=Kari, C=NO"
		rfc822Name-from-string "Kari@Example.org" = rfc822Name:"Kari@Example.org"
		rfc822Name-from-string "Kari" = syntax-error
		string-from-rfc822Name rfc822Name:"Kari@Example.org" = "Kari@Example.org"
		ipAddress-from-string "192.0.2.1/255.255.255.0:80" = ipAddress:"192.0.2.1/255.255.255.0:80"
		ipAddress-from-string "192.0.2" = syntax-error
		string-from-ipAddress ipAddress:"[2001:DB8::1]" = "[2001:DB8::1]"
		dnsName-from-string "*.example.org:80-90" = dnsName:"*.example.org:80-90"
		dnsName-from-string "a.*.org" = syntax-error
		string-from-dnsName dnsName:"Example.org" = "Example.org"
		string-starts-with "ab" "abc" = true
		string-starts-with "abc" "ab" = false
		string-starts-with "" "abc" = true
		anyURI-starts-with "http:" anyURI:"http://example.org" = true
		anyURI-starts-with "https:" anyURI:"http://example.org" = false
		anyURI-starts-with anyURI:"http:" "http://example.org" = refused
		string-ends-with "bc" "abc" = true
		string-ends-with "abc" "bc" = false
		anyURI-ends-with ".org" anyURI:"http://example.org" = true
		anyURI-ends-with ".com" anyURI:"http://example.org" = false
		string-contains "b" "abc" = true
		string-contains "abc" "b" = false
		string-contains "" "" = true
		anyURI-contains "example" anyURI:"http://example.org" = true
		anyURI-contains "elpmaxe" anyURI:"http://example.org" = false
		string-substring "abcde" 1 3 = "bc"
		string-substring "abcde" 1 -1 = "bcde"
		string-substring "abcde" 0 5 = "abcde"
		string-substring "æøå" 1 2 = "ø"
		string-substring "abcde" 2 2 = ""
		string-substring "abcde" 5 -1 = ""
		string-substring "abcde" 6 -1 = processing-error
		string-substring "abcde" -1 2 = processing-error
		string-substring "abcde" 0 6 = processing-error
		string-substring "abcde" 3 2 = processing-error
		string-substring "abcde" 0 -2 = processing-error
		anyURI-substring anyURI:"http://example.org" 0 4 = "http"
		anyURI-substring anyURI:"http://example.org" 7 -1 = "example.org"
		anyURI-substring anyURI:"http://example.org" 0 99 = processing-error
	`},
	{"A.3.12 higher-order functions", `
		3.0:any-of @string-equal "Paul" string["John" "Paul" "George" "Ringo"] = true
		3.0:any-of @string-equal "Yoko" string["John" "Paul" "George" "Ringo"] = false
		3.0:any-of @string-equal string["John" "Paul"] "Paul" = true
		3.0:any-of @string-equal "Paul" string[] = false
		3.0:any-of @not boolean["true" "false"] = true
		3.0:any-of @not boolean["true"] = false
		3.0:any-of @time-in-range time:"12:00:00" time["10:00:00" "13:00:00"] time:"14:00:00" = true
		3.0:any-of @or false boolean["false" "true"] = true
		3.0:any-of @string-regexp-match string["x" "b+"] "abc" = true
		3.0:any-of @string-regexp-match string["(" "b+"] "abc" = true
		3.0:any-of @string-regexp-match string["(" "x"] "abc" = processing-error
		3.0:any-of @string-equal "a" "a" = refused
		3.0:any-of @string-equal string["a"] string["a"] = refused
		3.0:any-of @string-equal 1 string["a"] = refused
		3.0:any-of @string-concatenate "a" string["a"] = refused
		3.0:any-of @string-equal = refused
		3.0:any-of "a" string["a"] = refused
		3.0:any-of string["a"] string["a"] = refused
		3.0:all-of @integer-greater-than 10 integer["9" "3" "4" "2"] = true
		3.0:all-of @integer-greater-than 10 integer["9" "10"] = false
		3.0:all-of @integer-greater-than integer["9" "10"] 8 = true
		3.0:all-of @integer-greater-than 10 integer[] = true
		3.0:all-of @string-regexp-match string["(" "x"] "abc" = false
		3.0:all-of @string-regexp-match string["(" "b"] "abc" = processing-error
		3.0:all-of @integer-greater-than 10 9 = refused
		3.0:any-of-any @string-equal string["Ringo" "Mary"] string["John" "Paul" "George" "Ringo"] = true
		3.0:any-of-any @string-equal string["Yoko" "Mary"] string["John" "Paul" "George" "Ringo"] = false
		3.0:any-of-any @string-equal string[] string["John"] = false
		3.0:any-of-any @string-equal "John" string["John"] = true
		3.0:any-of-any @string-equal "John" "John" = true
		3.0:any-of-any @integer-equal integer["1" "2"] integer["3" "2"] = true
		3.0:any-of-any @time-in-range time["12:00:00"] time["13:00:00" "14:00:00"] time["14:30:00" "15:00:00"] = false
		3.0:any-of-any @time-in-range time["12:00:00" "14:30:00"] time["13:00:00" "14:00:00"] time["13:30:00" "15:00:00"] = true
		3.0:any-of-any @not = refused
		3.0:any-of-any @integer-add integer["1"] integer["1"] = refused
		all-of-any @integer-greater-than integer["10" "20"] integer["1" "3" "5" "19"] = true
		all-of-any @integer-greater-than integer["10" "1"] integer["1" "3" "5" "19"] = false
		all-of-any @integer-greater-than integer[] integer[] = true
		all-of-any @integer-greater-than integer["1"] integer[] = false
		all-of-any @integer-greater-than 1 integer["1"] = refused
		any-of-all @integer-greater-than integer["3" "5"] integer["1" "2" "3" "4"] = true
		any-of-all @integer-greater-than integer["3" "4"] integer["1" "2" "3" "4"] = false
		any-of-all @integer-greater-than integer[] integer[] = true
		any-of-all @integer-greater-than integer[] integer["1"] = false
		any-of-all @integer-equal integer["1" "2" "3"] integer["1" "2"] = true
		all-of-any @integer-equal integer["1" "2" "3"] integer["1" "2"] = false
		any-of-all @integer-greater-than integer["1"] integer[] = true
		any-of-all @integer-greater-than integer["1"] integer["1"] integer["1"] = refused
		all-of-all @integer-greater-than integer["6" "5"] integer["1" "2" "3" "4"] = true
		all-of-all @integer-greater-than integer["6" "4"] integer["1" "2" "3" "4"] = false
		all-of-all @integer-greater-than integer[] integer["1"] = true
		all-of-all @integer-greater-than integer["1"] 1 = refused
		3.0:map @string-normalize-to-lower-case string["Hello" "World!"] = string["hello" "world!"]
		3.0:map @string-normalize-to-lower-case string[] = string[]
		3.0:map @integer-add 1 integer["1" "2"] 10 = integer["12" "13"]
		3.0:map @integer-from-string string["1" "x"] = syntax-error
		3.0:map @integer-from-string string["1" "01"] = integer["1" "1"]
		3.0:map @string-bag string["1"] = refused
		3.0:map @string-equal string["1"] string["1"] = refused
		3.0:map @3.0:any-of string["1"] = refused
	`},
	{"A.3.13 regular expressions", `
		string-regexp-match "b" "abc" = true
		string-regexp-match "^b" "abc" = false
		string-regexp-match "^a.c$" "abc" = true
		string-regexp-match "B" "abc" = false
		string-regexp-match "" "abc" = true
		string-regexp-match "(" "abc" = processing-error
		string-regexp-match "(a)\\1" "aa" = processing-error
		anyURI-regexp-match "^http://.*\\.org/$" anyURI:"http://example.org/" = true
		anyURI-regexp-match "^ftp" anyURI:"http://example.org/" = false
		ipAddress-regexp-match "^10\\.10\\.\\d+\\.\\d+$" ipAddress:"10.10.10.190" = true
		ipAddress-regexp-match "^10" ipAddress:"192.0.2.10" = false
		dnsName-regexp-match "\\.example\\.org$" dnsName:"www.example.org" = true
		dnsName-regexp-match "\\.example\\.com$" dnsName:"www.example.org" = false
		rfc822Name-regexp-match "^[a-z]+@example\\.org$" rfc822Name:"kari@example.org" = true
		rfc822Name-regexp-match "^[a-z]+@example\\.org$" rfc822Name:"Kari@example.org" = false
		x500Name-regexp-match "O=.*Corp" x500Name:"CN=Kari,O=Medi Corp,C=NO" = true
		x500Name-regexp-match "O=.*Corp,C=SE" x500Name:"CN=Kari,O=Medi Corp,C=NO" = false
		string-regexp-match 1 "a" = refused
	`},
	{"A.3.14 names", `
		x500Name-match x500Name:"O=Medico Corp,C=US" x500Name:"cn=John Smith,o=Medico Corp, c=US" = true
		x500Name-match x500Name:"O=Another Corp,C=US" x500Name:"cn=John Smith,o=Medico Corp, c=US" = false
		x500Name-match x500Name:"cn=John Smith,o=Medico Corp, c=US" x500Name:"O=Medico Corp,C=US" = false
		x500Name-match x500Name:"cn=John Smith" x500Name:"cn=John Smith,o=Medico Corp, c=US" = false
		x500Name-match x500Name:"C=US" x500Name:"C=US" = true
		x500Name-match x500Name:"O=Corp" x500Name:"CN=x\\,O=Corp" = false
		x500Name-match x500Name:"O=Corp" x500Name:"CN=x+O=Corp" = false
		rfc822Name-match "Anderson@sun.com" rfc822Name:"Anderson@sun.com" = true
		rfc822Name-match "Anderson@sun.com" rfc822Name:"Anderson@SUN.COM" = true
		rfc822Name-match "Anderson@sun.com" rfc822Name:"Anne.Anderson@sun.com" = false
		rfc822Name-match "Anderson@sun.com" rfc822Name:"anderson@sun.com" = false
		rfc822Name-match "Anderson@sun.com" rfc822Name:"Anderson@east.sun.com" = false
		rfc822Name-match "sun.com" rfc822Name:"Anderson@sun.com" = true
		rfc822Name-match "sun.com" rfc822Name:"Baxter@SUN.COM" = true
		rfc822Name-match "sun.com" rfc822Name:"Anderson@east.sun.com" = false
		rfc822Name-match ".east.sun.com" rfc822Name:"Anderson@east.sun.com" = true
		rfc822Name-match ".east.sun.com" rfc822Name:"anne.anderson@ISRG.EAST.SUN.COM" = true
		rfc822Name-match ".east.sun.com" rfc822Name:"Anderson@sun.com" = false
		rfc822Name-match ".east.sun.com" rfc822Name:"Anderson@northeast.sun.com" = false
		rfc822Name-match "" rfc822Name:"Anderson@sun.com" = false
	`},
}

// typeSamples are, for each data-type, two values that differ and, where a value
// can be written in several ways, another writing of the first.
var typeSamples = []struct{ name, a, same, b string }{
	{"string", "a", "", "b"},
	{"boolean", "true", "1", "false"},
	{"integer", "1", "+01", "2"},
	{"double", "1", "1.0e0", "2"},
	{"time", "12:00:00Z", "13:00:00+01:00", "13:00:00Z"},
	{"date", "2026-01-01+12:00", "2025-12-31-12:00", "2026-01-01Z"},
	{"dateTime", "2026-01-01T12:00:00Z", "2026-01-01T13:00:00+01:00", "2026-01-01T13:00:00Z"},
	{"anyURI", "urn:a", "", "urn:b"},
	{"hexBinary", "0a", "0A", "0b"},
	{"base64Binary", "YQ==", "Y Q = =", "Yg=="},
	{"dayTimeDuration", "P1D", "PT24H", "P2D"},
	{"yearMonthDuration", "P1Y", "P12M", "P2Y"},
	{"x500Name", "CN=a", "cn=A", "CN=b"},
	{"rfc822Name", "a@example.org", "a@EXAMPLE.org", "b@example.org"},
	{"ipAddress", "192.0.2.1", "", "192.0.2.2"},
	{"dnsName", "a.example.org", "", "b.example.org"},
}

// bagCases are appendices A.3.10 and A.3.11 for a TYPE: a, same and b are its
// samples, with ":" as values and with "," in bags.
const bagCases = `
	TYPE-one-and-only TYPE[a,] = a:
	TYPE-one-and-only TYPE[] = processing-error
	TYPE-one-and-only TYPE[a, a,] = processing-error
	TYPE-one-and-only a: = refused
	TYPE-bag-size TYPE[] = 0
	TYPE-bag-size TYPE[a, b, a,] = 3
	TYPE-bag-size a: = refused
	TYPE-bag = TYPE[]
	TYPE-bag a: b: a: = TYPE[a, a, b,]
	TYPE-bag TYPE[a,] = refused
	TYPE-is-in a: TYPE[b, a,] = true
	TYPE-is-in same: TYPE[b, a,] = true
	TYPE-is-in a: TYPE[b,] = false
	TYPE-is-in a: TYPE[] = false
	TYPE-is-in a: a: = refused
	TYPE-intersection TYPE[a, b, a,] TYPE[a,] = TYPE[a,]
	TYPE-intersection TYPE[a, a,] TYPE[same, same,] = TYPE[a,]
	TYPE-intersection TYPE[a,] TYPE[b,] = TYPE[]
	TYPE-intersection TYPE[a,] TYPE[b,] TYPE[b,] = refused
	TYPE-at-least-one-member-of TYPE[a, b,] TYPE[b,] = true
	TYPE-at-least-one-member-of TYPE[a,] TYPE[b, same,] = true
	TYPE-at-least-one-member-of TYPE[a,] TYPE[b,] = false
	TYPE-at-least-one-member-of TYPE[] TYPE[] = false
	TYPE-union TYPE[a, a,] TYPE[b, a,] = TYPE[a, b,]
	TYPE-union TYPE[a,] TYPE[same,] = TYPE[a,]
	TYPE-union TYPE[a,] TYPE[] TYPE[b,] = TYPE[a, b,]
	TYPE-union TYPE[] TYPE[] = TYPE[]
	TYPE-union TYPE[a,] = refused
	TYPE-subset TYPE[a, a,] TYPE[b, a,] = true
	TYPE-subset TYPE[same,] TYPE[a,] = true
	TYPE-subset TYPE[] TYPE[] = true
	TYPE-subset TYPE[a, b,] TYPE[a,] = false
	TYPE-set-equals TYPE[a, b, a,] TYPE[b, a, b,] = true
	TYPE-set-equals TYPE[same,] TYPE[a, a,] = true
	TYPE-set-equals TYPE[a,] TYPE[a, b,] = false
	TYPE-set-equals TYPE[a, b,] TYPE[a,] = false
	TYPE-set-equals TYPE[] TYPE[] = true
`
