package sqlite

import (
	"testing"

	"github.com/fullmakt/fullmakt"
)

// FuzzBody reads arbitrary blobs as organisation versions and as relations. What
// can be read is written back and read again the same.
func FuzzBody(f *testing.F) {
	c := newCoder([]string{"", "AS", "DAGL", "FFØR"})
	for _, o := range []fullmakt.Organisation{
		{Party: 1},
		{Party: 1, Form: "AS", Parent: 1<<32 - 1, State: 31, DeletedOn: -5, Source: fullmakt.SourceWorld},
		{Party: 1, Form: "AS", Roles: []fullmakt.Role{{Code: "DAGL", Holder: 7, Since: 46_000}, {Code: "FFØR", Holder: 7, Since: 46_000, Ended: true}, {Code: "DAGL", Holder: 1<<32 - 1}}},
	} {
		f.Add(appendBody(nil, &o, c.id))
	}
	f.Add([]byte{1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0})
	f.Fuzz(func(t *testing.T, blob []byte) {
		eachPair(1, blob, func(fullmakt.PartyNo, fullmakt.PartyNo) {})
		related := 0
		relations(blob, func(fullmakt.PartyNo) { related++ })
		o, ok := parseBody(1, blob, c.texts)
		if !ok {
			return
		}
		again := appendBody(nil, &o, c.id)
		p, ok := parseBody(1, again, c.texts)
		if !ok || !o.Same(p) {
			t.Errorf("read %+v, written and read again %+v", o, p)
		}
		holders := map[fullmakt.PartyNo]bool{}
		for _, r := range o.Roles {
			if r.Holder != 0 {
				holders[r.Holder] = true
			}
		}
		if o.Parent != 0 && related > 0 {
			related--
		}
		if related != len(holders) {
			t.Errorf("%d relations of %+v", related, o)
		}
	})
}
