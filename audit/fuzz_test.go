package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/google/go-cmp/cmp"
)

// FuzzReadSegment: whatever a segment holds, reading it ends; every line read as
// sound is the bytes that stand there; and a chain that was changed anywhere
// before its end is not taken for sound.
func FuzzReadSegment(f *testing.F) {
	var c chain
	var text []byte
	text = c.note(text, noon, KindSegment, Note{Segment: 1, Previous: &Head{}})
	r := sample(1)
	r.Items = []Item{{Subject: 1, Outcome: Deny}}
	text = c.lookup(text, &r)
	text = c.note(text, noon, KindDropped, Note{Count: 3})
	text = c.note(text, noon, KindStop, Note{})
	f.Add(text)
	f.Add(text[:len(text)-3])
	f.Add([]byte{})
	f.Add([]byte("{}\n\n\x00\n" + lineStart + noHash + lineMiddle + `{"n":1,"kind":"lookup"}` + lineEnd))
	f.Add(bytes.Replace(text, []byte(`"count":3`), []byte(`"count":4`), 1))
	f.Fuzz(func(t *testing.T, in []byte) {
		var read int64
		for l, err := range readSegment(bytes.NewReader(in)) {
			var torn *errTorn
			if errors.As(err, &torn) {
				if torn.start != read || torn.start+torn.size != int64(len(in)) {
					t.Fatalf("torn from %d for %d of %d", torn.start, torn.size, len(in))
				}
				read = int64(len(in))
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if l.start != read {
				t.Fatalf("line %d begins at %d, the one before ended at %d", l.number, l.start, read)
			}
			read += l.size
			if l.why == "" && (!json.Valid(l.raw) || !bytes.Contains(in[l.start:read], l.raw)) {
				t.Fatalf("line %d is not JSON", l.number)
			}
		}
		if read != int64(len(in)) {
			t.Fatalf("read %d of %d bytes", read, len(in))
		}
		var v verifier
		if err := v.lines(t.Context(), bytes.NewReader(in), 1, true); err != nil {
			t.Fatal(err)
		}
		if v.Broken == nil && v.Last == c.head() && !bytes.HasPrefix(in, text) {
			t.Fatal("another text with the same end is taken for sound")
		}
	})
}

// FuzzRecord: what is written is what encoding/json reads, whatever callers wrote.
func FuzzRecord(f *testing.F) {
	f.Add("r1", "client", "purpose", int64(1), uint32(7))
	f.Add("", "\x00\"\\\u2028", "\xff\xfe 12817010065", int64(-5), uint32(0))
	f.Fuzz(func(t *testing.T, request, client, purpose string, at int64, party uint32) {
		r := Record{
			Time: noon.Add(time.Duration(at)), Request: request, Client: client, Purpose: purpose, AskedAt: at,
			Subject: fullmakt.PartyNo(party), Items: []Item{{Object: fullmakt.PartyNo(party), What: purpose}},
		}
		text := appendRecord(nil, 1, &r)
		var e Entry
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		want := r
		for _, s := range []*string{&want.Request, &want.Client, &want.Purpose, &want.Items[0].What} {
			*s = string([]rune(cleaned(*s)))
		}
		if diff := cmp.Diff(Entry{N: 1, Kind: KindLookup, Record: want}, e); diff != "" {
			t.Error(diff)
		}
	})
}
