package xacml

import "time"

// conversionFunctions are those of appendix A.3.9 that read a value from a string,
// type-from-string, and that write one, string-from-type.
func conversionFunctions() []*function {
	var all []*function
	all = append(all, conversions[Boolean]()...)
	all = append(all, conversions[Integer]()...)
	all = append(all, conversions[Double]()...)
	all = append(all, conversions[Time]()...)
	all = append(all, conversions[Date]()...)
	all = append(all, conversions[DateTime]()...)
	all = append(all, conversions[AnyURI]()...)
	all = append(all, conversions[DayTimeDuration]()...)
	all = append(all, conversions[YearMonthDuration]()...)
	all = append(all, conversions[X500Name]()...)
	all = append(all, conversions[RFC822Name]()...)
	all = append(all, conversions[IPAddress]()...)
	all = append(all, conversions[DNSName]()...)
	return all
}

func conversions[V Value]() []*function {
	t := typeOf[V]()
	return []*function{
		unary(function3+t.name()+"-from-string", func(s String) (V, error) {
			v, err := ParseValue(t, string(s))
			if err != nil {
				var none V
				return none, err
			}
			return v.(V), nil
		}),
		unary(function3+"string-from-"+t.name(), func(v V) (String, error) { return String(canonical(v)), nil }),
	}
}

// canonical returns the one form that all equal values of a type of XML Schema are
// written in. Names, URIs and addresses have none: they stay as they were written.
func canonical(v Value) string {
	switch v := v.(type) {
	case DateTime:
		return DateTime{v.inUTC()}.String()
	case Time:
		m := v.inUTC()
		m.local = referenceDay.Add(sinceMidnight(m.local))
		return Time{m}.String()
	case Date:
		return Date{v.inRecoverableZone()}.String()
	}
	return v.String()
}

// inRecoverableZone returns the first instant of a date with its zone between
// -11:59 and +12:00, where XML Schema has the canonical form of dates: a day of 24
// hours further east is one further west.
func (m moment) inRecoverableZone() moment {
	const halfDay, day = 12 * 60, 24 * 60
	switch {
	case m.zone > halfDay:
		m.zone, m.local = m.zone-day, m.local.Add(-24*time.Hour)
	case m.zone <= -halfDay:
		m.zone, m.local = m.zone+day, m.local.Add(24*time.Hour)
	}
	return m
}
