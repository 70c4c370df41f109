package enhetsregisteret

import (
	"bytes"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// BenchmarkDecode reads bulk files of a few dozen megabytes: the text alone, the
// compressed file, and beside it what gunzip alone takes for the same.
func BenchmarkDecode(b *testing.B) {
	for _, kind := range []Kind{KindUnits, KindSubUnits, KindRoles} {
		text := bulkFile(kind, 48<<20)
		var packed bytes.Buffer
		w, err := gzip.NewWriterLevel(&packed, 6)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		read := func(b *testing.B, r io.Reader) {
			n := 0
			for _, err := range ReadBulk(b.Context(), r, kind, BulkOptions{}) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
			if n == 0 {
				b.Fatal("nothing was read")
			}
		}
		unpack := func(b *testing.B) io.Reader {
			r, err := gzip.NewReader(bytes.NewReader(packed.Bytes()))
			if err != nil {
				b.Fatal(err)
			}
			return r
		}
		b.Run(kind.String()+"/text", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				read(b, bytes.NewReader(text))
			}
		})
		b.Run(kind.String()+"/gunzip", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := io.Copy(io.Discard, unpack(b)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(kind.String()+"/both", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				ahead := newReadAhead(unpack(b))
				read(b, ahead)
				ahead.stop()
			}
		})
	}
}

// BenchmarkCCR reads a batch file of first transfers.
func BenchmarkCCR(b *testing.B) {
	var rows []string
	for n := range 5000 {
		rows = append(rows, ccrUnitRow(org(n), "AS", "N", "NY", "J", ""), ccrRow(map[int]string{1: "NAVN", 5: "N", 6: "SSY", 9: "SÆRE ØRNER AS"}),
			ccrPerson("DAGL", "N", kari, "N", "KARI", "", "NORDMANN", "L"), ccrPerson("LEDE", "N", ola, "N", "OLA", "", "NORDMANN", "L"),
			ccrLink("REGN", "N", org(n+1), "N"))
	}
	content := latin9Bytes(b, ccrFile(1, rows...))
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if got := readCCR(b, content, CCROptions{}); got.err != nil || len(got.changes) != 5000 {
			b.Fatalf("%d changes, err = %v", len(got.changes), got.err)
		}
	}
}
