package node

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

var noon = time.Date(2026, time.November, 21, 12, 0, 0, 0, time.UTC)

// register writes small register files and imports them into one store.
type register struct {
	t    *testing.T
	dir  string
	db   *sqlite.DB
	opts ImportOptions
}

func newRegister(t *testing.T) *register {
	t.Helper()
	db, err := sqlite.OpenMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	return &register{t: t, dir: dir, db: db, opts: ImportOptions{
		Now: noon, FileDate: noon.AddDate(0, 0, -1), StagingDir: filepath.Join(dir, "staging"),
		RejectsFile: filepath.Join(dir, "import-rejects.jsonl"), MaxVanish: 1,
	}}
}

// file writes elements as one of the bulk files and returns its path.
func (r *register) file(name string, elements ...string) string {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	text := "[ " + strings.Join(elements, ", ") + " ]\n"
	if strings.HasSuffix(name, ".gz") {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		fmt.Fprint(w, text)
		if err := w.Close(); err != nil {
			r.t.Fatal(err)
		}
		text = packed.String()
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

func (r *register) importAll(files ...string) (Report, error) {
	r.t.Helper()
	opts := r.opts
	opts.Files = files
	return Import(r.t.Context(), r.db, opts)
}

// imports imports files that nothing is wrong with.
func (r *register) imports(files ...string) Report {
	r.t.Helper()
	report, err := r.importAll(files...)
	if err != nil {
		r.t.Fatalf("import: %v\nhint: %s", err, fullmakt.ErrorHint(err))
	}
	for _, f := range report.Files {
		if f.Read != f.Stored+f.Compared+f.Rejected {
			r.t.Errorf("read %d, stored %d, compared %d, rejected %d: records are lost", f.Read, f.Stored, f.Compared, f.Rejected)
		}
	}
	return report
}

// org reads the current version of a unit, with its name, and with its roles as
// "CODE holder" by organisation number, birth date and name, or identity number.
func (r *register) org(n fullmakt.OrgNumber) string {
	r.t.Helper()
	return state(r.t, r.db)[n.String()]
}

// state reads a store in terms that do not depend on party numbers: a line for
// each unit, deceased person, enterprise user, grant and feed.
func state(t *testing.T, db *sqlite.DB) map[string]string {
	t.Helper()
	names := map[fullmakt.PartyNo]string{}
	titles := map[fullmakt.PartyNo]string{}
	lines := map[string]string{}
	for change, err := range db.State(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		switch c := change.(type) {
		case fullmakt.Party:
			titles[c.No] = c.Name
			switch {
			case c.ID.Kind == fullmakt.KindOrganisation:
				names[c.No] = c.ID.Org.String()
			case c.ID.Uncertain():
				names[c.No] = c.ID.Born.String() + " " + c.ID.Name
			case c.ID.Kind == fullmakt.KindPerson:
				names[c.No] = c.ID.Person.Reveal()
			default:
				names[c.No] = c.ID.Org.String() + "/" + c.ID.Name
			}
		case fullmakt.Organisation:
			line := fmt.Sprintf("%s (%s) %s", titles[c.Party], c.Form, c.State)
			if c.State&fullmakt.Stub != 0 {
				line += " stub"
			}
			if c.DeletedOn != 0 {
				line += " " + c.DeletedOn.String()
			}
			if c.Parent != 0 {
				line += " under " + names[c.Parent]
			}
			line += ", " + c.Source.String()
			var roles []string
			for _, role := range c.Roles {
				text := "; " + string(role.Code) + " " + names[role.Holder]
				if role.Ended {
					text += " ended"
				}
				roles = append(roles, text)
			}
			slices.Sort(roles)
			lines[names[c.Party]] = line + strings.Join(roles, "")
		case fullmakt.Person:
			if c.Dead {
				lines[names[c.Party]] = "dead"
			}
		case fullmakt.EnterpriseUser:
			lines[names[c.Party]] = fmt.Sprintf("user of %s, ended %t", names[c.Owner], c.Ended)
		case fullmakt.Grant:
			lines[fmt.Sprintf("%s to %s %s%s", names[c.From], names[c.To], c.Package, c.Role)] = fmt.Sprintf("%v ended %t", c.Valid, c.Ended)
		case fullmakt.Feed:
			lines["feed "+c.Name] = c.Cursor + " " + c.Stale
		}
	}
	return lines
}

func unit(n fullmakt.OrgNumber, form, name, more string) string {
	return fmt.Sprintf(`{ "organisasjonsnummer" : %q, "navn" : %q, "organisasjonsform" : { "kode" : %q }, "konkurs" : false%s, "links" : [ ] }`, n, name, form, more)
}

func subUnit(n fullmakt.OrgNumber, name string, parent fullmakt.OrgNumber) string {
	return unit(n, "BEDR", name, fmt.Sprintf(`, "overordnetEnhet" : %q`, parent))
}

// roleSet is an element of the roles file; each role is an object of roles.
func roleSet(n fullmakt.OrgNumber, roles ...string) string {
	return fmt.Sprintf(`{ "organisasjonsnummer" : %q, "rollegrupper" : [ { "type" : { "kode" : "STYR" }, "sistEndret" : "2025-01-01", "roller" : [ %s ] } ] }`,
		n, strings.Join(roles, ", "))
}

func byPerson(code, born, first, last string) string {
	return fmt.Sprintf(`{ "type" : { "kode" : %q }, "person" : { "fodselsdato" : %q, "navn" : { "fornavn" : %q, "etternavn" : %q }, "erDoed" : false }, "avregistrert" : false }`, code, born, first, last)
}

func byOrg(code string, n fullmakt.OrgNumber, name string) string {
	return fmt.Sprintf(`{ "type" : { "kode" : %q }, "enhet" : { "organisasjonsnummer" : %q, "organisasjonsform" : { "kode" : "AS" }, "navn" : [ %q ], "erSlettet" : false }, "avregistrert" : false }`, code, n, name)
}

func dead(role string) string { return strings.Replace(role, `"erDoed" : false`, `"erDoed" : true`, 1) }

const sub, otherSub fullmakt.OrgNumber = 310000043, 310000051

func firstDay(r *register) []string {
	return []string{
		r.file("e.json.gz", unit(trondheim, "AS", "TRONDHEIM AS", ""), unit(bergen, "AS", "BERGEN AS", "")),
		r.file("u.json", subUnit(sub, "BERGEN AS AVD FLESLAND", bergen)),
		r.file("r.json.gz", roleSet(bergen, byOrg("DAGL", trondheim, "TRONDHEIM AS"), byOrg("REGN", oslo, "OSLO AS")),
			roleSet(trondheim, byPerson("DAGL", "1970-01-12", "Kari", "Nordmann"), dead(byPerson("MEDL", "1950-02-01", "Ola", "Nordmann")))),
	}
}

func TestImportBulk(t *testing.T) {
	r := newRegister(t)
	report := r.imports(firstDay(r)...)
	want := map[string]string{
		"310000019":               "BERGEN AS (AS) active, open-data; DAGL 310000027; REGN 310000035",
		"310000027":               "TRONDHEIM AS (AS) active, open-data; DAGL 1970-01-12 kari nordmann; MEDL 1950-02-01 ola nordmann",
		"310000035":               "OSLO AS () unconfirmed stub, none",
		"310000043":               "BERGEN AS AVD FLESLAND (BEDR) active under 310000019, open-data",
		"1950-02-01 ola nordmann": "dead",
		"feed bulk":               "enheter=2026-11-20T12:00:00Z underenheter=2026-11-20T12:00:00Z roller=2026-11-20T12:00:00Z ",
	}
	if diff := cmp.Diff(want, state(t, r.db)); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if report.Revision != 1 || report.New != 3 || report.Stubs != 1 || report.Persons != 2 {
		t.Errorf("report = %+v, want revision 1, 3 new, 1 stub, 2 persons", report)
	}
	if left, err := filepath.Glob(filepath.Join(r.opts.StagingDir, "*.stage")); err != nil || left != nil {
		t.Errorf("staging files left: %v %v", left, err)
	}
}

func TestImportSameFilesAgain(t *testing.T) {
	r := newRegister(t)
	files := firstDay(r)
	r.imports(files...)
	report := r.imports(files...)
	if report.Revision != 0 || report.New+report.Changed+report.Deleted != 0 || report.Unchanged != 3 {
		t.Errorf("report = %+v, want nothing new", report)
	}
	if !strings.Contains(report.String(), "nothing has changed") {
		t.Errorf("report does not say so:\n%s", &report)
	}
	if head, err := r.db.Head(t.Context()); err != nil || head.Seq != 1 {
		t.Errorf("head = %d, %v, want 1", head.Seq, err)
	}
}

// TestImportOrder: the three files give the same state together and one by one,
// in any order, but for the parties that only a stub could be at first.
func TestImportOrder(t *testing.T) {
	together := newRegister(t)
	together.imports(firstDay(together)...)
	want := state(t, together.db)
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}} {
		r := newRegister(t)
		files := firstDay(r)
		for _, i := range order {
			r.imports(files[i])
		}
		if diff := cmp.Diff(want, state(t, r.db)); diff != "" {
			t.Errorf("order %v (-together +apart):\n%s", order, diff)
		}
	}
}

func TestImportRolesAlone(t *testing.T) {
	r := newRegister(t)
	report := r.imports(firstDay(r)[2])
	if got, want := r.org(bergen), " () unconfirmed stub, open-data; DAGL 310000027; REGN 310000035"; got != want {
		t.Errorf("Bergen AS = %q, want %q", got, want)
	}
	if report.Stubs != 3 || report.New != 0 {
		t.Errorf("report = %+v, want 3 stubs", report)
	}
}

// TestImportNextDay: TestLIFE2 and set replacement from one day's files to the next.
func TestImportNextDay(t *testing.T) {
	r := newRegister(t)
	r.imports(firstDay(r)...)
	r.opts.FileDate = noon
	report := r.imports(
		r.file("e.json", unit(bergen, "ASA", "BERGEN ASA", `, "underAvvikling" : true`), unit(oslo, "AS", "OSLO AS", "")),
		r.file("u.json", subUnit(otherSub, "OSLO AS AVD LØREN", oslo)),
		r.file("r.json", roleSet(bergen, byOrg("DAGL", oslo, "OSLO AS"), byPerson("MEDL", "1950-02-01", "Ola", "Nordmann"))),
	)
	want := map[string]string{
		"310000019": "BERGEN ASA (ASA) winding_up, open-data; DAGL 310000035; MEDL 1950-02-01 ola nordmann",
		"310000027": "TRONDHEIM AS (AS) deleted 2026-11-21, open-data; DAGL 1970-01-12 kari nordmann; MEDL 1950-02-01 ola nordmann",
		"310000035": "OSLO AS (AS) active, open-data",
		"310000043": "BERGEN AS AVD FLESLAND (BEDR) deleted 2026-11-21 under 310000019, open-data",
		"310000051": "OSLO AS AVD LØREN (BEDR) active under 310000035, open-data",
		"feed bulk": "enheter=2026-11-21T12:00:00Z underenheter=2026-11-21T12:00:00Z roller=2026-11-21T12:00:00Z ",
	}
	if diff := cmp.Diff(want, state(t, r.db)); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if report.Deleted != 2 || report.New != 2 || report.Changed != 1 || report.Revision != 2 {
		t.Errorf("report = %+v, want 2 deleted, 2 new, 1 changed", report)
	}
	t.Run("a unit without an element loses its roles", func(t *testing.T) {
		r.imports(r.file("e.json", unit(bergen, "ASA", "BERGEN ASA", ""), unit(oslo, "AS", "OSLO AS", "")), r.file("r.json", roleSet(oslo, byOrg("REGN", bergen, ""))))
		if got, want := r.org(bergen), "BERGEN ASA (ASA) active, open-data"; got != want {
			t.Errorf("Bergen = %q, want %q", got, want)
		}
	})
	t.Run("a deleted unit comes back", func(t *testing.T) {
		r.imports(r.file("e.json", unit(trondheim, "AS", "TRONDHEIM AS", ""), unit(bergen, "ASA", "BERGEN ASA", ""), unit(oslo, "AS", "OSLO AS", "")))
		if got, want := r.org(trondheim), "TRONDHEIM AS (AS) active, open-data; DAGL 1970-01-12 kari nordmann; MEDL 1950-02-01 ola nordmann"; got != want {
			t.Errorf("Trondheim = %q, want %q", got, want)
		}
	})
}

func TestImportRefusesVanishing(t *testing.T) {
	for _, c := range []struct {
		name  string
		files func(r *register) []string
	}{
		{"units", func(r *register) []string { return []string{r.file("e.json", unit(bergen, "AS", "BERGEN AS", ""))} }},
		{"sub-units", func(r *register) []string { return []string{r.file("u.json", subUnit(otherSub, "AVD", bergen))} }},
		{"roles, far too few", func(r *register) []string {
			return []string{r.file("r.json", roleSet(bergen, byOrg("DAGL", trondheim, "")))}
		}},
		{"roles, moved elsewhere", func(r *register) []string {
			return []string{r.file("r.json", roleSet(oslo, byOrg("DAGL", trondheim, ""), byOrg("REGN", trondheim, ""), byOrg("REVI", trondheim, ""), byOrg("KOMP", trondheim, "")))}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRegister(t)
			r.imports(firstDay(r)...)
			before := state(t, r.db)
			r.opts.MaxVanish = 0.4
			files := c.files(r)
			_, err := r.importAll(files...)
			if fullmakt.ErrorCode(err) != fullmakt.CodeConflict || fullmakt.ErrorHint(err) == "" {
				t.Fatalf("error = %v (%s), want a conflict with a hint", err, fullmakt.ErrorCode(err))
			}
			if diff := cmp.Diff(before, state(t, r.db)); diff != "" {
				t.Errorf("a refused import changed the store:\n%s", diff)
			}
			r.opts.AllowVanish = true
			r.imports(files...)
			if cmp.Equal(before, state(t, r.db)) {
				t.Error("the allowed import changed nothing")
			}
		})
	}
}

func TestImportRejects(t *testing.T) {
	r := newRegister(t)
	report, err := r.importAll(
		r.file("e.json", unit(bergen, "AS", "BERGEN AS", ""), unit(310000018, "AS", "WRONG CHECK DIGIT", ""), unit(trondheim, "AS", "TRONDHEIM AS", ""), unit(bergen, "AS", "BERGEN AGAIN AS", "")),
		r.file("u.json", subUnit(trondheim, "ALSO A MAIN UNIT", bergen), subUnit(sub, "AVD", bergen)),
		r.file("r.json", roleSet(bergen, byPerson("XYZZ", "1970-01-12", "Kari", "Nordmann"), byPerson("XYZZ", "1970-01-12", "Ola", "Nordmann"))),
	)
	if fullmakt.ErrorCode(err) != fullmakt.CodePartial {
		t.Fatalf("error = %v, want partial", err)
	}
	type counts struct{ Read, Stored, Rejected int }
	want := []counts{{4, 2, 2}, {2, 1, 1}, {1, 1, 0}}
	for i, f := range report.Files {
		if got := (counts{f.Read, f.Stored, f.Rejected}); got != want[i] {
			t.Errorf("%s: %+v, want %+v", f.Kind, got, want[i])
		}
	}
	if report.UnknownRoles["XYZZ"] != 2 {
		t.Errorf("unknown roles = %v, want XYZZ twice", report.UnknownRoles)
	}
	text, err := os.ReadFile(report.RejectsFile)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d reject lines, want 3:\n%s", len(lines), text)
	}
	for _, line := range lines {
		var got Reject
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.File == "" || got.Reason == "" {
			t.Errorf("reject %s: %v, want file and reason", line, err)
		}
	}
	if got, want := r.org(bergen), "BERGEN AS (AS) active, open-data; XYZZ 1970-01-12 kari nordmann; XYZZ 1970-01-12 ola nordmann"; got != want {
		t.Errorf("Bergen AS = %q, want %q", got, want)
	}
}

func TestImportDryRun(t *testing.T) {
	r := newRegister(t)
	opts := r.opts
	opts.Files, opts.DryRun = firstDay(r), true
	report, err := Import(t.Context(), nil, opts)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Files) != 3 || report.Files[2].Read != 2 || report.Files[2].Roles != 4 || report.Revision != 0 {
		t.Errorf("report = %+v", report)
	}
}

// TestLIFE2DeletedHolder: a deleted holder is in no bulk file; that a role calls it
// deleted is all that says so.
func TestLIFE2DeletedHolder(t *testing.T) {
	r := newRegister(t)
	role := byOrg("DAGL", oslo, "OSLO AS")
	erSlettet := strings.Replace(role, `"erSlettet" : false`, `"erSlettet" : true`, 1)
	r.imports(r.file("r.json", roleSet(bergen, role)))
	if got, want := r.org(oslo), "OSLO AS () unconfirmed stub, none"; got != want {
		t.Errorf("Oslo AS = %q, want %q", got, want)
	}
	r.imports(r.file("r.json", roleSet(bergen, erSlettet, byOrg("REGN", trondheim, "TRONDHEIM AS")), roleSet(310000051, strings.Replace(erSlettet, oslo.String(), "310000078", 1))))
	if got, want := r.org(oslo), "OSLO AS () deleted stub, none"; got != want {
		t.Errorf("Oslo AS = %q, want %q", got, want)
	}
	if got, want := r.org(310000078), "OSLO AS () deleted stub, none"; got != want {
		t.Errorf("a deleted holder seen for the first time = %q, want %q", got, want)
	}
	t.Run("delivered after all", func(t *testing.T) {
		r.imports(r.file("e.json", unit(oslo, "AS", "OSLO AS", "")))
		if got, want := r.org(oslo), "OSLO AS (AS) active, open-data"; got != want {
			t.Errorf("Oslo AS = %q, want %q", got, want)
		}
	})
}

// TestImportShowsRejects: where no file takes them, the report shows them.
func TestImportShowsRejects(t *testing.T) {
	r := newRegister(t)
	wrong := unit(310000018, "AS", "WRONG CHECK DIGIT", "")
	elements := []string{unit(bergen, "AS", "BERGEN AS", "")}
	for range maxShownRejects + 2 {
		elements = append(elements, wrong)
	}
	opts := r.opts
	opts.Files, opts.DryRun, opts.RejectsFile = []string{r.file("e.json", elements...)}, true, ""
	report, err := Import(t.Context(), nil, opts)
	if fullmakt.ErrorCode(err) != fullmakt.CodePartial {
		t.Fatalf("error = %v, want partial", err)
	}
	text := report.String()
	if strings.Count(text, "rejected: e.json, record ") != maxShownRejects || !strings.Contains(text, "and 2 more") || !strings.Contains(text, "check digit") {
		t.Errorf("report:\n%s", text)
	}
}

// TestImportDeathIsSaidOnce: dead when any role says so; alive again when a whole
// roles file says it nowhere.
func TestImportDeathIsSaidOnce(t *testing.T) {
	r := newRegister(t)
	kari := byPerson("DAGL", "1970-01-12", "Kari", "Nordmann")
	const key = "1970-01-12 kari nordmann"
	r.imports(r.file("r.json", roleSet(bergen, kari), roleSet(trondheim, dead(kari)), roleSet(oslo, kari)))
	if got := state(t, r.db)[key]; got != "dead" {
		t.Errorf("one role of three says dead: state %q", got)
	}
	r.imports(r.file("r.json", roleSet(bergen, kari), roleSet(oslo, kari)))
	if got := state(t, r.db)[key]; got != "" {
		t.Errorf("no role says dead any more: state %q", got)
	}
}

func TestImportCancelled(t *testing.T) {
	r := newRegister(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	opts := r.opts
	opts.Files = firstDay(r)
	if _, err := Import(ctx, r.db, opts); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want context.Canceled", err)
	}
	if head, err := r.db.Head(t.Context()); err != nil || head.Seq != 0 {
		t.Errorf("head = %v, %v after a cancelled import", head, err)
	}
}

func TestImportOneAtATime(t *testing.T) {
	r := newRegister(t)
	unlock, err := lockStaging(r.opts.StagingDir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.importAll(firstDay(r)...); fullmakt.ErrorCode(err) != fullmakt.CodeConflict {
		t.Errorf("while another import runs: error = %v, want a conflict", err)
	}
	unlock()
	r.imports(firstDay(r)...)
}

// TestImportProgress: every phase is told of in order, and ends where it should.
func TestImportProgress(t *testing.T) {
	r := newRegister(t)
	last := map[Phase]Progress{}
	var order []Phase
	r.opts.Progress = func(p Progress) {
		if _, seen := last[p.Phase]; !seen {
			order = append(order, p.Phase)
		}
		last[p.Phase] = p
	}
	files := firstDay(r)
	r.imports(files...)
	if want := []Phase{PhaseReading, PhaseComparing, PhaseStoring}; !slices.Equal(order, want) {
		t.Errorf("phases %v, want %v", order, want)
	}
	var size int64
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if p := last[PhaseReading]; p.Done != size || p.Total != size {
		t.Errorf("reading ended at %d of %d bytes, want %d", p.Done, p.Total, size)
	}
	if p := last[PhaseStoring]; p.Done != p.Total || p.Total != 5 {
		t.Errorf("storing ended at %d of %d records, want 5", p.Done, p.Total)
	}
}

func TestImportTemporaryStaging(t *testing.T) {
	r := newRegister(t)
	r.opts.StagingDir = ""
	r.imports(firstDay(r)...)
	if r.org(bergen) == "" {
		t.Error("nothing was stored")
	}
}

// FuzzStagedChange: whatever a staging file holds, reading it does not panic, and
// what is read is written back the same.
func FuzzStagedChange(f *testing.F) {
	for _, change := range stagedChanges() {
		f.Add(appendChange(nil, &change))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := decoder{rest: data}
		change := d.change()
		if d.bad {
			return
		}
		again := decoder{rest: appendChange(nil, &change)}
		if diff := cmp.Diff(change, again.change()); diff != "" || again.bad {
			t.Errorf("read, written and read again (-first +second):\n%s", diff)
		}
	})
}

// TestImportSingleUnit: one unit as the register's API answers it, and its roles,
// are read over what stands, and what they do not name is not gone.
func TestImportSingleUnit(t *testing.T) {
	r := newRegister(t)
	r.imports(firstDay(r)...)
	before := state(t, r.db)
	r.opts.MaxVanish = 0
	single := func(name, text string) string {
		path := filepath.Join(r.dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	report := r.imports(single("enhet.json", unit(310000019, "ASA", "BERGEN ASA", "")))
	if report.Deleted != 0 || report.Changed != 1 {
		t.Errorf("%d deleted, %d changed, want 0 and 1", report.Deleted, report.Changed)
	}
	changed := 0
	for unit, says := range state(t, r.db) {
		if before[unit] != says {
			changed++
		}
	}
	if changed != 1 {
		t.Errorf("%d units differ after a file about one", changed)
	}
}
