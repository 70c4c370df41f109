package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
)

type generateCmd struct {
	Dir    string  `arg:"" help:"The directory to write to; it is made when it does not exist."`
	Seed   uint64  `default:"1" help:"Which of the many synthetic Norways."`
	Scale  float64 `default:"0.01" help:"Its size: above 0, up to 2; 1 is the size of the real register."`
	Day    int     `default:"0" help:"The same world so many days later, 0 to 365."`
	Date   string  `placeholder:"DATE" help:"The date of day 0. Default: 2026-11-20."`
	CCRAll bool    `name:"ccr-all" help:"Put every unit into the CCR file, so that every person's identity number is there."`
}

// Help is shown by generate --help.
func (generateCmd) Help() string {
	return `Writes enheter.json.gz, underenheter.json.gz, roller.json.gz and a CCR batch file, in the formats of the real register. Everything in them is invented: organisation numbers start with 2 or 3, and birth months are raised by 80. The same arguments give the same bytes.

Examples:
  fullmakt generate --scale 0.01 norway
  fullmakt generate --seed 7 --scale 1 --ccr-all norway
  fullmakt generate --scale 0.01 --day 1 tomorrow`
}

// Run writes the files and tells what is in them.
func (c *generateCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	opts := enhetsregisteret.GenerateOptions{Seed: c.Seed, Scale: c.Scale, Day: c.Day, CCRAll: c.CCRAll}
	var err error
	if opts.Date, err = fullmakt.ParseDate(c.Date); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "make the directory: %w", err)
	}
	bar := a.progress()
	bar.show("building the world", 0, 0, 0)
	opts.Progress = func(file string, done, total int) { bar.show(file, int64(done), int64(total), 0) }
	summary, err := enhetsregisteret.Generate(a.ctx, c.Dir, opts)
	bar.end()
	if err != nil {
		return err
	}
	if a.globals.wantsJSON() {
		return a.printJSON(wireSummaryOf(summary))
	}
	a.printSummary(c.Dir, summary)
	return nil
}

// wireSummary is the JSON of generate: what was written, and where in it the
// notable cases stand.
type wireSummary struct {
	Units             int                       `json:"units"`
	SubUnits          int                       `json:"sub_units"`
	Roles             int                       `json:"roles"`
	HeldByUnits       int                       `json:"roles_held_by_units"`
	Persons           int                       `json:"persons"`
	CCRUnits          int                       `json:"ccr_units"`
	BiggestAccountant wireAccountant            `json:"biggest_accountant"`
	Cases             map[string][]string       `json:"cases"`
	RolesOf           map[fullmakt.RoleCode]int `json:"roles_of"`
	Files             []wireGeneratedFile       `json:"files"`
}

type wireAccountant struct {
	ID        string `json:"id"`
	Clients   int    `json:"clients"`
	KeyHolder string `json:"key_holder"` // a synthetic identity number
	Name      string `json:"key_holder_name"`
	Born      string `json:"key_holder_born"`
}

type wireGeneratedFile struct {
	Path string `json:"path"`
	Text int64  `json:"text_bytes"`
	Size int64  `json:"bytes"`
}

func wireSummaryOf(s enhetsregisteret.Summary) wireSummary {
	w := wireSummary{
		Units: s.Units, SubUnits: s.SubUnits, Roles: s.Roles, HeldByUnits: s.HeldByUnits, Persons: s.Persons,
		CCRUnits: s.CCRUnits, RolesOf: s.RolesOf, Cases: map[string][]string{}, Files: []wireGeneratedFile{},
		BiggestAccountant: wireAccountant{
			ID: s.BiggestAccountant.String(), Clients: s.Clients,
			KeyHolder: s.KeyHolder.ID.Reveal(), Name: s.KeyHolder.Name, Born: s.KeyHolder.Born.String(),
		},
	}
	for _, c := range notable(s) {
		for _, number := range c.numbers {
			w.Cases[c.key] = append(w.Cases[c.key], number.String())
		}
	}
	for _, f := range s.Files {
		w.Files = append(w.Files, wireGeneratedFile(f))
	}
	return w
}

// notableCase is a kind of unit worth asking about. A world too small to have
// one lists none.
type notableCase struct {
	key, words string
	numbers    []fullmakt.OrgNumber
}

func notable(s enhetsregisteret.Summary) []notableCase {
	all := []notableCase{
		{"chain", "a chain: each is led by the next", s.Chain[:]},
		{"cycle", "a cycle: each is led by the other", s.Cycle[:]},
		{"deleted_holder", "led by a deleted organisation", []fullmakt.OrgNumber{s.DeletedHolder}},
		{"bankrupt_holder", "led by a bankrupt organisation", []fullmakt.OrgNumber{s.BankruptHolder}},
		{"iks", "an inter-municipal company", []fullmakt.OrgNumber{s.IKS}},
		{"ks", "a KS with a company as general partner", []fullmakt.OrgNumber{s.KS}},
		{"nuf", "a NUF with a contact person", []fullmakt.OrgNumber{s.NUF}},
		{"kbo", "a bankrupt estate", []fullmakt.OrgNumber{s.KBO}},
		{"dead_holder", "a key role held by someone dead", []fullmakt.OrgNumber{s.DeadHolder}},
		{"ended_role", "a deregistered role", []fullmakt.OrgNumber{s.EndedRole}},
		{"municipality", "a municipality with many sub-units", []fullmakt.OrgNumber{s.Municipality}},
	}
	var found []notableCase
	for _, c := range all {
		if c.numbers[0] != 0 {
			found = append(found, c)
		}
	}
	return found
}

func (a *app) printSummary(dir string, s enhetsregisteret.Summary) {
	a.printf("%d units, %d sub-units, %d roles (%d of them held by units), %d persons; everything is invented\n",
		s.Units, s.SubUnits, s.Roles, s.HeldByUnits, s.Persons)
	for _, f := range s.Files {
		a.printf("  %-40s %s\n", f.Path, megabytes(f.Size))
	}
	a.printf("The biggest accountant is %s with %d clients; %s (%s) has a key role there.\n",
		s.BiggestAccountant, s.Clients, s.KeyHolder.Name, s.KeyHolder.ID.Reveal())
	a.printf("Worth asking about:\n")
	for _, c := range notable(s) {
		numbers := make([]string, 0, len(c.numbers))
		for _, number := range c.numbers {
			numbers = append(numbers, number.String())
		}
		a.printf("  %-40s %s\n", c.words, strings.Join(numbers, " "))
	}
	a.printf("Import it with:\n  fullmakt --data register import %s\n",
		strings.Join([]string{quoted(filepath.Join(dir, "enheter.json.gz")), quoted(filepath.Join(dir, "underenheter.json.gz")), quoted(filepath.Join(dir, "roller.json.gz"))}, " "))
}

// megabytes writes a size in bytes as people read it.
func megabytes(n int64) string {
	if n < 1_000_000 {
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
