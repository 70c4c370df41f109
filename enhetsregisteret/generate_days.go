package enhetsregisteret

// addDays lets w.day days pass: units come, vanish, and change their roles.
func (w *genWorld) addDays() {
	comers := [...]uint8{shapeAS, shapeAS, shapeAS, shapeAS, shapeAS, shapeENK, shapeENK, shapeENK, shapeENK, shapeFLI}
	for day := 1; day <= w.day; day++ {
		d := roll(w.seed, "day", uint64(day))
		for range w.scaled(170, 1) {
			w.form = append(w.form, pick(&d, comers[:]))
			w.newOn = append(w.newOn, day)
		}
		for n := w.scaled(120, 1); n > 0; {
			unit, ok := w.drawVanishing(&d)
			if _, already := w.gone[unit]; ok && !already {
				w.gone[unit] = day
			}
			n-- // a miss is one the fewer: small worlds must not loop for ever
		}
		if day == 1 {
			w.gone[w.merged] = day
		}
		for n := w.scaled(1350, 3); n > 0; n-- {
			unit := uint32(d.below(int(w.nBase)))
			if _, gone := w.gone[unit]; !gone && formShapes[w.form[unit]].changes() {
				w.turns[unit] = append(w.turns[unit], day)
			}
		}
	}
}

// changes reports whether units of the form have roles that change from day to day.
func (s *formShape) changes() bool { return s.dagl+s.lede+s.regn > .1 }

// drawVanishing picks a unit that plays no special part.
func (w *genWorld) drawVanishing(d *dice) (uint32, bool) {
	switch k := d.below(10); {
	case k < 5 && len(w.stock) > w.special:
		return pick(d, w.stock[w.special:]), true
	case k < 9:
		return pick(d, w.byForm[shapeENK]), true
	default:
		return pick(d, w.byForm[shapeFLI]), true
	}
}

// alive reports whether unit i is in today's files.
func (w *genWorld) alive(i uint32) bool {
	_, gone := w.gone[i]
	return !gone
}
