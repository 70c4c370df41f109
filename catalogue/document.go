package catalogue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
)

// Document is what a command shows a person: a title, facts, tables. It is made
// in one language, and written as text or Markdown.
type Document struct {
	Title  string
	Text   string // a sentence below the title; may be empty
	Facts  []Fact
	Tables []Table
}

// Fact is one named value. An empty value is left out.
type Fact struct{ Name, Value string }

// Table is a titled table. Every row has as many cells as there are columns.
type Table struct {
	Title   string // may be empty
	Columns []string
	Rows    [][]string
}

// A Page is something to show: it gives a Document for people, and its exported
// fields are the JSON for programs (WriteJSON).
type Page interface {
	Document(lang string) Document
}

// WriteJSON writes a page's JSON, indented, with a line end.
func WriteJSON(out io.Writer, page Page) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(page); err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "catalogue as JSON: %w", err)
	}
	return flush(out, &text)
}

// WriteText writes the document for a terminal that is width columns wide. Wide
// cells are broken into lines; with width 0 none is.
func (d Document) WriteText(out io.Writer, width int) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s\n", d.Title)
	if d.Text != "" {
		for _, line := range wrap(d.Text, max(width, 0)) {
			fmt.Fprintf(&text, "%s\n", line)
		}
	}
	names := 0
	for _, f := range d.Facts {
		if f.Value != "" {
			names = max(names, utf8.RuneCountInString(f.Name))
		}
	}
	if names > 0 {
		text.WriteByte('\n')
	}
	for _, f := range d.Facts {
		if f.Value == "" {
			continue
		}
		room := 0
		if width > 0 {
			room = max(width-names-2, 20)
		}
		for i, line := range wrap(f.Value, room) {
			name := ""
			if i == 0 {
				name = f.Name
			}
			fmt.Fprintf(&text, "%s  %s\n", pad(name, names), line)
		}
	}
	for _, t := range d.Tables {
		text.WriteByte('\n')
		if t.Title != "" {
			fmt.Fprintf(&text, "%s\n", t.Title)
		}
		t.writeText(&text, width)
	}
	return flush(out, &text)
}

// WriteMarkdown writes the document as Markdown with pipe tables.
func (d Document) WriteMarkdown(out io.Writer) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "# %s\n", inline(d.Title))
	if d.Text != "" {
		fmt.Fprintf(&text, "\n%s\n", inline(d.Text))
	}
	first := true
	for _, f := range d.Facts {
		if f.Value == "" {
			continue
		}
		if first {
			text.WriteByte('\n')
			first = false
		}
		fmt.Fprintf(&text, "- %s: %s\n", inline(f.Name), inline(f.Value))
	}
	for _, t := range d.Tables {
		if t.Title != "" {
			fmt.Fprintf(&text, "\n## %s\n", inline(t.Title))
		}
		text.WriteByte('\n')
		t.writeMarkdown(&text)
	}
	return flush(out, &text)
}

func flush(out io.Writer, text *bytes.Buffer) error {
	if _, err := text.WriteTo(out); err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "catalogue: %w", err)
	}
	return nil
}

func (t Table) writeMarkdown(text *bytes.Buffer) {
	line := func(cells []string, bold string) {
		for _, cell := range cells {
			fmt.Fprintf(text, "| %s%s%s ", bold, strings.ReplaceAll(inline(cell), "|", `\|`), bold)
		}
		text.WriteString("|\n")
	}
	line(t.Columns, "**")
	text.WriteString(strings.Repeat("| --- ", len(t.Columns)) + "|\n")
	for _, row := range t.Rows {
		line(row, "")
	}
}

// inline keeps a text on one line and from being read as markup.
func inline(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return markdownSigns.Replace(s)
}

var markdownSigns = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;")

func (t Table) writeText(text *bytes.Buffer, width int) {
	widths := make([]int, len(t.Columns))
	for i, name := range t.Columns {
		widths[i] = utf8.RuneCountInString(name)
	}
	for _, row := range t.Rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	if width > 0 {
		t.shrink(widths, width)
	}
	line := func(cells []string) {
		wrapped := make([][]string, len(cells))
		height := 1
		for i, cell := range cells {
			wrapped[i] = wrap(cell, widths[i])
			height = max(height, len(wrapped[i]))
		}
		for y := range height {
			var b strings.Builder
			for i, lines := range wrapped {
				cell := ""
				if y < len(lines) {
					cell = lines[y]
				}
				if i > 0 {
					b.WriteString("  ")
				}
				b.WriteString(pad(cell, widths[i]))
			}
			text.WriteString(strings.TrimRight(b.String(), " ") + "\n")
		}
	}
	heads := make([]string, len(t.Columns))
	for i, name := range t.Columns {
		heads[i] = strings.ToUpper(name)
	}
	line(heads)
	for _, row := range t.Rows {
		line(row)
	}
}

// shrink takes from the widest column that has something to spare until the table
// fits. A column is never narrower than its longest word, so that a URN can be
// copied whole; a table that does not fit then is wider than the terminal.
func (t Table) shrink(widths []int, width int) {
	least := make([]int, len(widths))
	total := 2 * (len(widths) - 1)
	for i, w := range widths {
		total += w
		least[i] = longestWord(t.Columns[i])
		for _, row := range t.Rows {
			least[i] = max(least[i], longestWord(row[i]))
		}
	}
	for ; total > width; total-- {
		widest := -1
		for i, w := range widths {
			if w > least[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

// longestWord returns the length of the longest word of s.
func longestWord(s string) int {
	n := 0
	for word := range strings.FieldsSeq(s) {
		n = max(n, utf8.RuneCountInString(word))
	}
	return n
}

// wrap breaks s between words into lines of at most width signs; 0 is no limit. A
// longer word stands on a line of its own.
func wrap(s string, width int) []string {
	if width <= 0 || utf8.RuneCountInString(s) <= width {
		return []string{s}
	}
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(s) {
		n := utf8.RuneCountInString(word)
		switch {
		case used == 0:
			line, used = word, n
		case used+1+n <= width:
			line += " " + word
			used += 1 + n
		default:
			lines = append(lines, line)
			line, used = word, n
		}
	}
	return append(lines, line)
}

// pad fills s with blanks up to width signs.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}
