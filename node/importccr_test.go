package node

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
)

// columns writes values at the columns (from 1) of a batch record.
func columns(fields ...any) string {
	var line []rune
	for i := 0; i < len(fields); i += 2 {
		at := fields[i].(int) - 1
		for len(line) < at {
			line = append(line, ' ')
		}
		line = append(line[:at], []rune(fields[i+1].(string))...)
	}
	return string(line)
}

// enh is the record that begins a unit; first is J for a first transfer.
func enh(n fullmakt.OrgNumber, form, kind, first string) string {
	return columns(1, "ENH", 5, n.String(), 14, form, 18, kind, 23, "20200101", 31, "20261120", 39, first)
}

func ccrPerson(code, change string, id fullmakt.PartyID, last string) string {
	return columns(1, code, 5, change, 6, "ER", 9, "RD", 41, "N", 49, id.Person.Reveal(), 60, "KARI", 160, last, 327, "L")
}

func ccrLink(code, change string, n fullmakt.OrgNumber) string {
	return columns(1, code, 5, change, 6, "ER", 9, "KD", 41, "N", 42, n.String())
}

// batch writes a CCR file. Its trailer counts the units, plus miscounted.
func (r *register) batch(run, miscounted int, lines ...string) string {
	r.t.Helper()
	units := 0
	for _, line := range lines {
		if strings.HasPrefix(line, "ENH") {
			units++
		}
	}
	text := fmt.Sprintf("HEADER 20261120%05dALTA\n%s\nTRAIER %07d%09d\n", run, strings.Join(lines, "\n"), units+miscounted, len(lines))
	path := filepath.Join(r.dir, fmt.Sprintf("baj%05d.txt", run))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

func (r *register) ccrFeed() string {
	r.t.Helper()
	return state(r.t, r.db)["feed ccr"]
}

func TestImportCCR(t *testing.T) {
	r := newRegister(t)
	kari, ola := person(t, 100), person(t, 300)
	r.imports(
		// Given out of order: they are imported by run number.
		r.batch(101, 0,
			enh(bergen, "AS", "E", "N"), "SAMUSTYR", ccrPerson("LEDE", "N", ola, "NORDMANN"),
			enh(oslo, "AS", "E", "N"), ccrLink("REGN", "N", trondheim),
		),
		r.batch(100, 0,
			enh(bergen, "AS", "N", "J"), columns(1, "NAVN", 5, "N", 9, "BERGEN AS"),
			ccrPerson("DAGL", "N", kari, "NORDMANN"), ccrPerson("LEDE", "N", kari, "NORDMANN"), ccrLink("REGN", "N", trondheim),
		),
	)
	k, o := kari.Person.Reveal(), ola.Person.Reveal()
	want := map[string]string{
		"310000019": "BERGEN AS (AS) active, ccr; DAGL " + k + "; LEDE " + o + "; REGN 310000027",
		"310000027": " () unconfirmed stub, none",
		"310000035": " (AS) active, ccr; REGN 310000027", // changed, but not known: new
		"feed ccr":  "101 ",
	}
	if diff := cmp.Diff(want, state(t, r.db)); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if head, err := r.db.Head(t.Context()); err != nil || head.Seq != 2 {
		t.Errorf("head = %d, %v, want one revision a run", head.Seq, err)
	}

	t.Run("TestLIFE2", func(t *testing.T) {
		r.imports(r.batch(102, 0, enh(bergen, "AS", "S", "N"), "SAMUSTYR", "SAMUDAGL"))
		if got, want := r.org(bergen), "BERGEN AS (AS) deleted 2026-11-20, ccr; DAGL "+k+"; LEDE "+o+"; REGN 310000027"; got != want {
			t.Errorf("Bergen AS = %q, want %q", got, want)
		}
	})
	t.Run("a unit named twice in one run", func(t *testing.T) {
		r.imports(r.batch(103, 0,
			enh(bergen, "AS", "L", "N"),
			enh(bergen, "AS", "E", "N"), "SAMUSTYR",
			enh(oslo, "AS", "E", "N"), ccrPerson("DAGL", "N", kari, "NORDMANN"),
			enh(oslo, "AS", "E", "N"), ccrPerson("DAGL", "U", kari, "NORDMANN")))
		if got, want := r.org(bergen), "BERGEN AS (AS) active, ccr; DAGL "+k+"; REGN 310000027"; got != want {
			t.Errorf("Bergen AS = %q, want %q", got, want)
		}
		if got, want := r.org(oslo), " (AS) active, ccr; REGN 310000027"; got != want {
			t.Errorf("Oslo AS = %q, want %q", got, want)
		}
	})
}

func TestImportCCRAgain(t *testing.T) {
	r := newRegister(t)
	files := []string{r.batch(7, 0, enh(bergen, "AS", "N", "J")), r.batch(8, 0, enh(oslo, "AS", "N", "J"))}
	r.imports(files...)
	report := r.imports(files...)
	if report.Revision != 0 || !report.Files[0].Already || !report.Files[1].Already || !strings.Contains(report.String(), "imported before") {
		t.Errorf("report = %+v, want both files known", report)
	}
	if head, err := r.db.Head(t.Context()); err != nil || head.Seq != 2 {
		t.Errorf("head = %d, %v, want 2", head.Seq, err)
	}
}

func TestImportCCRGap(t *testing.T) {
	r := newRegister(t)
	r.imports(r.batch(10, 0, enh(bergen, "AS", "N", "J")))
	late := r.batch(13, 0, enh(oslo, "AS", "N", "J"))
	_, err := r.importAll(late)
	if fullmakt.ErrorCode(err) != fullmakt.CodeConflict || !strings.Contains(err.Error(), "00011 to 00012") {
		t.Fatalf("error = %v, want a conflict that names the missing runs", err)
	}
	if got, want := r.ccrFeed(), "10 runs 00011 to 00012 are missing"; got != want {
		t.Errorf("feed = %q, want %q", got, want)
	}
	if r.org(oslo) != "" {
		t.Error("the run behind the gap was imported")
	}
	t.Run("again says the same in no new revision", func(t *testing.T) {
		before, _ := r.db.Head(t.Context())
		if _, err := r.importAll(late); fullmakt.ErrorCode(err) != fullmakt.CodeConflict {
			t.Errorf("error = %v", err)
		}
		if after, err := r.db.Head(t.Context()); err != nil || after.Seq != before.Seq {
			t.Errorf("head = %d, %v, want %d", after.Seq, err, before.Seq)
		}
	})
	t.Run("the next run ends it", func(t *testing.T) {
		r.imports(r.batch(11, 0, enh(trondheim, "AS", "N", "J")), r.batch(12, 0, enh(trondheim, "AS", "E", "N")), late)
		if got, want := r.ccrFeed(), "13 "; got != want {
			t.Errorf("feed = %q, want %q", got, want)
		}
	})
	t.Run("allowed by name", func(t *testing.T) {
		r.opts.AllowGap = true
		r.imports(r.batch(20, 0, enh(trondheim, "ASA", "E", "N")))
		if got, want := r.ccrFeed(), "20 "; got != want {
			t.Errorf("feed = %q, want %q", got, want)
		}
	})
}

func TestImportCCRTrailer(t *testing.T) {
	r := newRegister(t)
	short := r.batch(1, 3, enh(bergen, "AS", "N", "J"))
	if _, err := r.importAll(short); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Fatalf("error = %v, want invalid", err)
	}
	if head, err := r.db.Head(t.Context()); err != nil || head.Seq != 0 {
		t.Errorf("head = %d, %v: a file with a wrong trailer was stored", head.Seq, err)
	}
	r.opts.AllowTrailerMismatch = true
	if report := r.imports(short); len(report.Files[0].Warnings) == 0 {
		t.Error("no warning for the trailer that was let through")
	}
}

func TestImportCCRRejects(t *testing.T) {
	r := newRegister(t)
	report, err := r.importAll(r.batch(1, 0,
		enh(bergen, "AS", "N", "J"),
		enh(oslo, "AS", "N", "J"), columns(1, "DAGL", 5, "N", 9, "RD", 49, "12345678901"),
	))
	if fullmakt.ErrorCode(err) != fullmakt.CodePartial {
		t.Fatalf("error = %v, want partial", err)
	}
	f := report.Files[0]
	if f.Read != 2 || f.Stored != 1 || f.Rejected != 1 {
		t.Errorf("read %d = stored %d + rejected %d, want 2 = 1 + 1", f.Read, f.Stored, f.Rejected)
	}
	text, err := os.ReadFile(report.RejectsFile)
	if err != nil || !strings.Contains(string(text), oslo.String()) || strings.Contains(string(text), "12345678901") {
		t.Errorf("rejects %q, %v: want the unit, and no identity number", text, err)
	}
	opts := r.opts
	opts.DryRun, opts.Files = true, []string{filepath.Join(r.dir, "baj00001.txt")}
	dry, err := Import(t.Context(), nil, opts)
	if fullmakt.ErrorCode(err) != fullmakt.CodePartial || dry.Files[0].Read != 2 || dry.Files[0].Rejected != 1 {
		t.Errorf("dry run = %+v, %v", dry.Files, err)
	}
}

// replacedBy is the record that begins a unit which is deleted as a duplicate
// (DUBL) or merged (SMSL).
func replacedBy(n fullmakt.OrgNumber, why string, survivor fullmakt.OrgNumber) string {
	return columns(1, "ENH", 5, n.String(), 14, "AS", 18, "S", 19, why, 23, "20200101", 31, "20261120", 39, "N", 40, survivor.String())
}

// TestImportCCRReplaced: the report lists who lives on, and the store does not
// hear of it.
func TestImportCCRReplaced(t *testing.T) {
	r := newRegister(t)
	r.imports(r.batch(1, 0, enh(bergen, "AS", "N", "J"), enh(trondheim, "AS", "N", "J"), ccrLink("REGN", "N", bergen)))
	number := func(n fullmakt.OrgNumber) fullmakt.PartyNo {
		t.Helper()
		no, _, err := r.db.Identify(t.Context(), fullmakt.OrganisationID(n))
		if err != nil {
			t.Fatal(err)
		}
		return no
	}
	unknown := fullmakt.NextOrgNumber(31_000_020)
	file := r.batch(2, 0,
		replacedBy(bergen, "DUBL", oslo),
		replacedBy(trondheim, "SMSL", unknown),
		enh(oslo, "AS", "N", "J"), // the survivor comes later in the file
	)
	opts := r.opts
	opts.DryRun, opts.Files = true, []string{file}
	dry, err := Import(t.Context(), nil, opts)
	if err != nil || dry.ReplacedCount != 2 || len(dry.Replaced) != 0 {
		t.Errorf("dry run = %+v, %v, want two units counted", dry, err)
	}
	report := r.imports(file)
	want := []Replacement{{Unit: number(bergen), Survivor: number(oslo)}, {Unit: number(trondheim)}}
	if diff := cmp.Diff(want, report.Replaced); diff != "" || report.ReplacedCount != 2 || report.Deleted != 2 {
		t.Errorf("%d replaced, %d deleted (-want +got):\n%s", report.ReplacedCount, report.Deleted, diff)
	}
	if no := number(unknown); no != 0 {
		t.Errorf("the survivor that is not in the register became party %d", no)
	}
	if text := report.String(); !strings.Contains(text, "2 units were deleted as duplicates or merged into another") {
		t.Errorf("report = %s", text)
	}
	wire, err := json.Marshal(report)
	if err != nil || !strings.Contains(string(wire), fmt.Sprintf(`"replaced_count":2,"replaced":[{"unit":%d,"survivor":%d},{"unit":%d}]`, want[0].Unit, want[0].Survivor, want[1].Unit)) {
		t.Errorf("JSON = %s, %v", wire, err)
	}
	if got, want := r.org(trondheim), " (AS) deleted 2026-11-20, ccr; REGN 310000019"; got != want {
		t.Errorf("Trondheim AS = %q, want %q", got, want)
	}
	t.Run("brought back to life in the same run", func(t *testing.T) {
		report := r.imports(r.batch(3, 0, enh(bergen, "AS", "L", "N"), replacedBy(bergen, "DUBL", oslo), enh(bergen, "AS", "L", "N")))
		if report.ReplacedCount != 0 || report.Replaced != nil {
			t.Errorf("replaced %+v, %d counted, want none", report.Replaced, report.ReplacedCount)
		}
	})
	t.Run("the list is bounded, the count is not", func(t *testing.T) {
		var report Report
		many := map[fullmakt.PartyNo]fullmakt.OrgNumber{}
		for no := fullmakt.PartyNo(1); no <= maxListedReplaced+5; no++ {
			many[no] = oslo
		}
		report.addReplaced(many, func(fullmakt.PartyID) fullmakt.PartyNo { return 7 })
		report.addReplaced(many, func(fullmakt.PartyID) fullmakt.PartyNo { return 7 })
		last := report.Replaced[len(report.Replaced)-1]
		if report.ReplacedCount != 2*(maxListedReplaced+5) || len(report.Replaced) != maxListedReplaced || last != (Replacement{Unit: maxListedReplaced, Survivor: 7}) {
			t.Errorf("%d counted, %d listed, the last %+v", report.ReplacedCount, len(report.Replaced), last)
		}
	})
}

// TestSRC1Import: both kinds of feed fill one store.
func TestSRC1Import(t *testing.T) {
	r := newRegister(t)
	kari := person(t, 100)
	k := kari.Person.Reveal()
	files := firstDay(r)
	r.imports(files...)
	r.imports(r.batch(1, 0, enh(trondheim, "AS", "E", "N"), "SAMUDAGL", ccrPerson("DAGL", "N", kari, "NORDMANN")))
	trd := "TRONDHEIM AS (AS) active, ccr; DAGL " + k + "; MEDL 1950-02-01 ola nordmann"
	if got := r.org(trondheim); got != trd {
		t.Fatalf("Trondheim AS = %q, want %q", got, trd)
	}
	r.opts.FileDate = noon
	report := r.imports(
		r.file("e.json", unit(bergen, "AS", "BERGEN AS", ""), unit(trondheim, "ASA", "TRONDHEIM ASA", "")),
		r.file("r.json", roleSet(trondheim, byPerson("DAGL", "1970-01-12", "Kari", "Nordmann"), byOrg("REGN", oslo, ""))),
	)
	if got, want := r.org(trondheim), "TRONDHEIM ASA (ASA) active, ccr; DAGL "+k+"; MEDL 1950-02-01 ola nordmann"; got != want {
		t.Errorf("Trondheim AS = %q, want %q", got, want)
	}
	if report.DriftCount != 2 || report.Files[1].Compared != 1 || report.Files[1].Stored != 0 {
		t.Errorf("report = %+v, want two differences in one record that was only compared", report)
	}
	t.Run("a unit of CCR that is not in the file is not deleted", func(t *testing.T) {
		r.imports(r.file("e.json", unit(bergen, "AS", "BERGEN AS", "")))
		if got := r.org(trondheim); strings.Contains(got, "deleted") {
			t.Errorf("Trondheim AS = %q", got)
		}
	})
}
