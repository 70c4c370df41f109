package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/text"
)

// say prints a line for the person at the terminal to standard error, unless -q.
func (a *app) say(format string, args ...any) {
	if !a.globals.Quiet {
		fmt.Fprintf(a.errs, format+"\n", args...)
	}
}

// printf prints a part of the result.
func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.out, format, args...) }

// tell prints a line of the result: the message of a key, with its placeholders
// filled from pairs of name and value.
func (a *app) tell(key string, pairs ...any) { a.printf("%s\n", a.texts.Say(key, pairs...)) }

// printJSON prints v as one line of JSON.
func (a *app) printJSON(v any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "write the result: %w", err)
	}
	return nil
}

// onlyTextAndJSON refuses -o markdown where there is none.
func (a *app) onlyTextAndJSON() error {
	if a.globals.Output == outputMarkdown {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "this command has no markdown output").WithHint("use -o text or -o json")
	}
	return nil
}

// The terminal's signs for colours; a word or symbol always says the same.
const (
	green  = "\x1b[32m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	bold   = "\x1b[1m"
	faint  = "\x1b[2m"
	plain  = "\x1b[0m"
)

func (a *app) paint(colour, s string) string {
	if !a.colour || colour == "" {
		return s
	}
	return colour + s + plain
}

// printLines prints an explanation, each line set in by what it is.
func (a *app) printLines(answer *text.Answer, lines []text.Line) {
	for _, line := range lines {
		switch line.Part {
		case text.PartYes:
			a.printf("%s  %s\n", a.paint(bold+green, pad(a.texts.Word(answer), 3)), a.paint(bold, line.Text))
		case text.PartNo:
			a.printf("%s  %s\n", a.paint(bold+red, pad(a.texts.Word(answer), 3)), a.paint(bold, line.Text))
		case text.PartFact:
			a.printf("     %s\n", line.Text)
		case text.PartHeading:
			a.printf("\n%s\n", a.paint(bold, line.Text))
		case text.PartPath:
			a.printf("  %s\n", a.paint(green, line.Text))
		case text.PartNear:
			a.printf("  %s\n", a.paint(red, line.Text))
		case text.PartStop:
			a.printf("       %s\n", a.paint(yellow, line.Text))
		case text.PartRemedy:
			a.printf("  %s\n", line.Text)
		case text.PartDetail:
			a.printf("     %s\n", line.Text)
		case text.PartNote:
			a.printf("  %s\n", a.paint(faint, line.Text))
		}
	}
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// wrapped joins words with commas, in lines that fit the terminal, each but the
// first set in by indent, as the caller has set in the first.
func (a *app) wrapped(words []string, indent string) string {
	width := a.width()
	if width == 0 {
		width = 80 // what is no terminal
	}
	var b strings.Builder
	at := len(indent)
	for i, word := range words {
		if i < len(words)-1 {
			word += ","
		}
		switch n := utf8.RuneCountInString(word); {
		case i == 0:
		case at+1+n > width:
			b.WriteString("\n" + indent)
			at = len(indent)
		default:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += utf8.RuneCountInString(word)
	}
	return b.String()
}

// table is rows under a head, printed in columns or as markdown.
type table struct {
	head []string
	rows [][]string
	// long is the column that goes on a line of its own, under its row, where the
	// terminal is too narrow for it; 0 for none.
	long int
}

// heads returns the heads of columns.
func (a *app) heads(columns ...string) []string {
	heads := make([]string, len(columns))
	for i, c := range columns {
		heads[i] = a.texts.Say("col." + c)
	}
	return heads
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// print writes the table in the output form that was asked for.
func (t *table) print(a *app) {
	if a.globals.Output == outputMarkdown {
		t.printMarkdown(a)
		return
	}
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	total := 2 * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	under := 0
	if width := a.width(); width > 0 && total > width {
		under = t.long
	}
	line := func(row []string, colour string) {
		var b strings.Builder
		for i, cell := range row {
			if under == 0 || i != under {
				b.WriteString(pad(cell, widths[i]+2))
			}
		}
		a.printf("%s\n", a.paint(colour, strings.TrimRight(b.String(), " ")))
	}
	line(t.head, bold)
	for _, row := range t.rows {
		line(row, "")
		if under != 0 {
			a.printf("    %s\n", a.paint(faint, row[under]))
		}
	}
}

func (t *table) printMarkdown(a *app) {
	clean := strings.NewReplacer("|", `\|`, "\n", " ")
	line := func(row []string) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = clean.Replace(cell)
		}
		a.printf("| %s |\n", strings.Join(cells, " | "))
	}
	line(t.head)
	rule := make([]string, len(t.head))
	for i := range rule {
		rule[i] = "---"
	}
	line(rule)
	for _, row := range t.rows {
		line(row)
	}
}

// sumUp tells how expected answers compared, as total in JSON or as two numbers,
// and gives the exit status: 1 when one differs.
func (a *app) sumUp(total any, passed, failed int) error {
	if a.globals.wantsJSON() {
		if err := a.printJSON(total); err != nil {
			return err
		}
	} else {
		a.tell("suite.sum", "passed", passed, "failed", failed)
	}
	if failed > 0 {
		return status(exitNo)
	}
	return nil
}
