package xacml

import "time"

// calendarFunctions are the arithmetic on dates of appendix A.3.7, and
// time-in-range of A.3.8.
func calendarFunctions() []*function {
	return []*function{
		binary(function3+"dateTime-add-dayTimeDuration", func(_ *evaluation, t DateTime, d DayTimeDuration) (DateTime, error) {
			return moved(t, d.addTo(t.local))
		}),
		binary(function3+"dateTime-add-yearMonthDuration", func(_ *evaluation, t DateTime, d YearMonthDuration) (DateTime, error) {
			return moved(t, d.addTo(t.local))
		}),
		binary(function3+"dateTime-subtract-dayTimeDuration", func(_ *evaluation, t DateTime, d DayTimeDuration) (DateTime, error) {
			return moved(t, d.negated().addTo(t.local))
		}),
		binary(function3+"dateTime-subtract-yearMonthDuration", func(_ *evaluation, t DateTime, d YearMonthDuration) (DateTime, error) {
			return moved(t, (-d).addTo(t.local))
		}),
		binary(function3+"date-add-yearMonthDuration", func(_ *evaluation, t Date, d YearMonthDuration) (Date, error) {
			m, err := moved(DateTime(t), d.addTo(t.local))
			return Date(m), err
		}),
		binary(function3+"date-subtract-yearMonthDuration", func(_ *evaluation, t Date, d YearMonthDuration) (Date, error) {
			m, err := moved(DateTime(t), (-d).addTo(t.local))
			return Date(m), err
		}),
		ternary(function2+"time-in-range", timeInRange),
	}
}

// moved returns t with another local time, in the zone that it had.
func moved(t DateTime, local time.Time) (DateTime, error) {
	if !inRange(local) {
		return DateTime{}, processingError("the result is a date out of range: %s", errYear)
	}
	t.local = local
	return t, nil
}

// timeInRange tells whether t is from first to last, both included. The range may
// go past midnight: last is less than 24 hours after first, or equal to it. Times
// without a zone are in t's, and t itself in the implicit one.
func timeInRange(ev *evaluation, t, first, last Time) (Boolean, error) {
	if !t.zoned {
		t.zone, t.zoned = int16(ev.implicitZone()), true
	}
	for _, bound := range []*Time{&first, &last} {
		if !bound.zoned {
			bound.zone, bound.zoned = t.zone, true
		}
	}
	return untilNext(first, t) <= untilNext(first, last), nil
}

// untilNext returns how long it is from one time of day until another is next,
// less than 24 hours. Both have zones.
func untilNext(from, to Time) time.Duration {
	const day = 24 * time.Hour
	return ((to.at(nil).Sub(from.at(nil)))%day + day) % day
}
