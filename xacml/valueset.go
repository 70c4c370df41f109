package xacml

// valueSet is a bag taken as a set: it tells quickly whether a value is in it.
type valueSet struct {
	ev      *evaluation
	members map[any]bool // by their keys
}

// newValueSet returns the set of the values of a bag.
func newValueSet(ev *evaluation, bag []Value) valueSet {
	s := valueSet{ev, make(map[any]bool, len(bag))}
	for _, v := range bag {
		s.members[equalityKey(ev, v)] = true
	}
	return s
}

func (s valueSet) has(v Value) bool { return s.members[equalityKey(s.ev, v)] }

// equalityKey returns what is the same, by ==, for two values of one data-type when
// they are equal as the equality function of the type has it. NaN has none: it is
// not the same as itself.
func equalityKey(ev *evaluation, v Value) any {
	switch v := v.(type) {
	case DateTime:
		return v.instant(ev)
	case Date:
		return v.instant(ev)
	case Time:
		return v.instant(ev)
	case RFC822Name:
		v.text = ""
		return v
	case X500Name:
		return v.normal
	}
	return v
}

// instant is a moment as == compares it, which package time's are not for.
type instant struct {
	seconds     int64
	nanoseconds int
}

func (m moment) instant(ev *evaluation) instant {
	t := m.at(ev)
	return instant{t.Unix(), t.Nanosecond()}
}
