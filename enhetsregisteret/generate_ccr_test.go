package enhetsregisteret

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
)

// TestGenerateCCRColumns holds every line of the batch to the fixed columns.
func TestGenerateCCRColumns(t *testing.T) {
	for _, opts := range []GenerateOptions{
		{Seed: 2, Scale: smallScale}, {Seed: 2, Scale: smallScale, Day: 3}, {Seed: 2, Scale: smallScale, CCRAll: true},
	} {
		g := generate(t, opts)
		lines := strings.Split(string(g.texts[3]), "\n")
		if lines[len(lines)-1] != "" {
			t.Fatal("no line feed after the last record")
		}
		lines = lines[:len(lines)-1]
		head, trailer, body := lines[0], lines[len(lines)-1], lines[1:len(lines)-1]
		date := strings.ReplaceAll((defaultDate + fullmakt.Date(opts.Day)).String(), "-", "")
		if want := fmt.Sprintf("HEADER %s%05dALTA", date, 5800+opts.Day); head != want {
			t.Errorf("head %q, want %q", head, want)
		}
		units := 0
		for _, line := range body {
			if strings.TrimRight(line, " ") != line || len(line) > 327 {
				t.Fatalf("trailing blanks or too long: %q", line)
			}
			if strings.HasPrefix(line, "ENH ") {
				units++
			}
			if len(line) < 10 || line[8:10] != "RD" && line[8:10] != "KD" || strings.HasPrefix(line, "NAVN") {
				continue
			}
			line += strings.Repeat(" ", 400)
			if line[8:10] == "RD" {
				if id, err := fullmakt.ParseNationalID(line[48:59]); err != nil || !id.Synthetic() {
					t.Fatalf("column 49 of %q: %v", strings.TrimSpace(line), err)
				}
				if line[4] == 'N' && (line[59] == ' ' || line[159] == ' ' || !strings.ContainsRune("LD", rune(line[326]))) {
					t.Fatalf("name or status misplaced: %q", strings.TrimSpace(line))
				}
			} else if org, err := fullmakt.ParseOrgNumber(line[41:50]); err != nil || !org.Synthetic() {
				t.Fatalf("column 42 of %q: %v", strings.TrimSpace(line), err)
			}
		}
		want := fmt.Sprintf("TRAIER %07d%09d", units, len(body)-units)
		if trailer != want || g.sum.CCRUnits != units || g.sum.CCRRecords != len(body)-units {
			t.Errorf("trailer %q, want %q; summary %d, %d", trailer, want, g.sum.CCRUnits, g.sum.CCRRecords)
		}
		if !bytes.Contains(g.texts[3], []byte{0xd8}) || bytes.Contains(g.texts[3], []byte("Ø")) {
			t.Error("Norwegian letters are not in ISO-8859-15")
		}
	}
}

// readAll reads the generated files with the readers of this package.
func (g *generated) readAll(t *testing.T) (bulk, ccr map[fullmakt.OrgNumber]*fullmakt.RegisterChange) {
	t.Helper()
	bulk, ccr = map[fullmakt.OrgNumber]*fullmakt.RegisterChange{}, map[fullmakt.OrgNumber]*fullmakt.RegisterChange{}
	for k, kind := range []Kind{KindUnits, KindSubUnits, KindRoles} {
		got, err := Sniff(bytes.NewReader(g.texts[k]), int64(len(g.texts[k])))
		if err != nil || got != kind {
			t.Fatalf("file %d is taken for %v: %v", k, got, err)
		}
		for ch, err := range ReadBulk(context.Background(), bytes.NewReader(g.texts[k]), kind, BulkOptions{}) {
			if err != nil {
				t.Fatalf("file %d: %v", k, err)
			}
			if one := bulk[ch.Org]; one != nil && kind == KindRoles {
				one.Roles = append(one.Roles[:0:0], ch.Roles...)
				one.Has |= ch.Has
				continue
			}
			c := ch
			bulk[ch.Org] = &c
		}
	}
	f, err := OpenCCR(bytes.NewReader(g.texts[3]), CCROptions{})
	if err != nil {
		t.Fatal(err)
	}
	for ch, err := range f.Units() {
		if err != nil {
			t.Fatal(err)
		}
		c := ch
		ccr[ch.Org] = &c
	}
	stats := f.Stats()
	if stats.TrailerUnits != stats.Units || stats.Rejected != 0 {
		t.Errorf("CCR: %+v", stats)
	}
	for kind := range stats.Unknown {
		if kind != unknownRole {
			t.Errorf("CCR: record type %s is not known to the reader", kind)
		}
	}
	return bulk, ccr
}

// TestGenerateOneWorld reads open data and CCR of the same world and compares:
// the same units, and the same holders, by number there and by name and birth
// date here.
func TestGenerateOneWorld(t *testing.T) {
	g := generate(t, GenerateOptions{Seed: 4, Scale: smallScale, CCRAll: true})
	bulk, ccr := g.readAll(t)
	if len(bulk) != g.sum.Units+g.sum.SubUnits || len(ccr) != len(bulk) {
		t.Fatalf("%d units in the open data, %d in CCR, %d and %d by the summary", len(bulk), len(ccr), g.sum.Units, g.sum.SubUnits)
	}
	type open struct {
		born fullmakt.Date
		name string
	}
	known := map[fullmakt.NationalID]open{}
	compared := 0
	for org, o := range bulk {
		c := ccr[org]
		if c == nil || c.Form != o.Form || fullmakt.FoldName(c.Name) != fullmakt.FoldName(o.Name) || c.State != o.State {
			t.Fatalf("%v differs: %+v, %+v", org, o, c)
		}
		var fromOpen, fromCCR []string
		for _, r := range o.Roles {
			if !r.Ended {
				fromOpen = append(fromOpen, describe(r.Code, r.Holder, r.HolderDead))
			}
		}
		for _, r := range c.Roles {
			switch r.Code {
			case "ORGL", "ADOS", "KDEB", "HFOR", "PROK":
				continue // not in the open data
			}
			holder := r.Holder
			if holder.Person != 0 {
				digits := holder.Person.Reveal()
				born := bornOf(t, digits)
				if was, seen := known[holder.Person]; seen && was != (open{born, r.HolderName}) {
					t.Fatalf("%s is %v and %v", digits, was, r.HolderName)
				}
				known[holder.Person] = open{born, r.HolderName}
				holder = fullmakt.OpenPersonID(born, r.HolderName)
			}
			fromCCR = append(fromCCR, describe(r.Code, holder, r.HolderDead))
			compared++
		}
		if diff := cmp.Diff(fromOpen, fromCCR); diff != "" {
			t.Fatalf("%v (%s): roles differ: %s", org, o.Form, diff)
		}
	}
	if compared < g.sum.Roles*9/10 || len(known) != g.sum.Persons && len(known) < g.sum.Persons*98/100 {
		t.Errorf("%d roles compared of %d, %d persons of %d", compared, g.sum.Roles, len(known), g.sum.Persons)
	}
}

func describe(code fullmakt.RoleCode, id fullmakt.PartyID, dead bool) string {
	return fmt.Sprintf("%s %v %v %s %v", code, id.Org, id.Born, id.Name, dead)
}

// bornOf reads the birth date from a number of the tax authority's synthetic series.
func bornOf(t *testing.T, digits string) fullmakt.Date {
	t.Helper()
	part := func(from, to int) int {
		n, err := strconv.Atoi(digits[from:to])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	day, year := part(0, 2), 1900+part(4, 6)
	if day > 40 {
		day -= 40
	}
	if part(6, 9) >= 500 {
		year += 100
	}
	return fullmakt.NewDate(year, part(2, 4)-80, day)
}

// TestGenerateNextDay compares two days of one world, and the second day's
// batch with what changed.
func TestGenerateNextDay(t *testing.T) {
	const scale = 0.002
	g0 := generate(t, GenerateOptions{Seed: 6, Scale: scale})
	g1 := generate(t, GenerateOptions{Seed: 6, Scale: scale, Day: 1})
	today, _ := g0.readAll(t)
	tomorrow, batch := g1.readAll(t)
	var gone, fresh, changed int
	for org, before := range today {
		after := tomorrow[org]
		if after == nil {
			gone++
			if c := batch[org]; c == nil || c.StateSet&fullmakt.Deleted == 0 {
				t.Errorf("%v vanished without a word in the batch: %+v", org, c)
			}
			continue
		}
		if org == g0.sum.BiggestAccountant {
			if c := batch[org]; before.Name == after.Name || c == nil || fullmakt.FoldName(c.Name) != fullmakt.FoldName(after.Name) {
				t.Errorf("the biggest accountant: %q, then %q, in the batch %+v", before.Name, after.Name, c)
			}
			after.Name = before.Name
		}
		if before.Name != after.Name || before.Form != after.Form || before.Parent != after.Parent {
			t.Errorf("%v became another: %+v, %+v", org, before, after)
		}
		if !cmp.Equal(sameRoles(before.Roles), sameRoles(after.Roles)) {
			changed++
			if c := batch[org]; c == nil || c.Has&fullmakt.HasFamilies == 0 {
				t.Errorf("%v changed its roles without a word in the batch: %+v", org, c)
			}
		}
	}
	for org := range tomorrow {
		if today[org] == nil {
			fresh++
			if batch[org] == nil {
				t.Errorf("%v is new and not in the batch", org)
			}
		}
	}
	if gone < 1 || gone > 8 || fresh < 1 || fresh > 6 || changed < 4 || changed > 40 {
		t.Errorf("%d gone, %d new, %d changed", gone, fresh, changed)
	}
	merging := batch[g0.sum.Merging]
	if merging == nil || merging.ReplacedBy != g1.sum.BiggestAccountant || tomorrow[g0.sum.Merging] != nil {
		t.Errorf("the merging accountant: %+v", merging)
	}
}

// sameRoles lists roles without their dates, so that days can be compared.
func sameRoles(roles []fullmakt.RegisterRole) (out []string) {
	for _, r := range roles {
		out = append(out, describe(r.Code, r.Holder, r.HolderDead)+fmt.Sprint(r.Ended))
	}
	return out
}
