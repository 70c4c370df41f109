package catalogue

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
)

func sample() Document {
	return Document{
		Title: "Tittel_a",
		Text:  "En setning.",
		Facts: []Fact{{"Kode", "x"}, {"Tom", ""}, {"Lengre navn", "et to tre"}},
		Tables: []Table{{
			Title:   "Tabell",
			Columns: []string{"Navn", "URN"},
			Rows:    [][]string{{"Ærlig øl på å", "urn:altinn:accesspackage:prove"}, {"a|b", ""}},
		}},
	}
}

func TestWriteText(t *testing.T) {
	var wide, narrow bytes.Buffer
	if err := sample().WriteText(&wide, 0); err != nil {
		t.Fatal(err)
	}
	want := `Tittel_a
En setning.

Kode         x
Lengre navn  et to tre

Tabell
NAVN           URN
Ærlig øl på å  urn:altinn:accesspackage:prove
a|b
`
	if wide.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", wide.String(), want)
	}
	// A narrow terminal breaks the names, never the URN.
	if err := sample().WriteText(&narrow, 40); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(narrow.String(), "Ærlig øl  urn:altinn:accesspackage:prove\npå å\n") {
		t.Errorf("got:\n%s", narrow.String())
	}
	for _, line := range strings.Split(narrow.String(), "\n") {
		if len([]rune(line)) > 40 || strings.HasSuffix(line, " ") {
			t.Errorf("line %q", line)
		}
	}
}

func TestWriteMarkdown(t *testing.T) {
	var out bytes.Buffer
	if err := sample().WriteMarkdown(&out); err != nil {
		t.Fatal(err)
	}
	want := `# Tittel\_a

En setning.

- Kode: x
- Lengre navn: et to tre

## Tabell

| **Navn** | **URN** |
| --- | --- |
| Ærlig øl på å | urn:altinn:accesspackage:prove |
| a\|b |  |
`
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}

// full is a writer that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestWriteReportsErrors(t *testing.T) {
	c := embedded(t)
	for name, err := range map[string]error{
		"text":     sample().WriteText(full{}, 80),
		"markdown": sample().WriteMarkdown(full{}),
		"json":     WriteJSON(full{}, c.ListAreas(0)),
		"export":   c.Export(full{}),
	} {
		if fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, x := range []struct {
		text  string
		width int
		want  string
	}{
		{"en to tre", 0, "en to tre"}, {"en to tre", 5, "en to/tre"}, {"lengreord er", 4, "lengreord/er"}, {"", 4, ""}, {"å ø æ", 3, "å ø/æ"},
	} {
		if got := strings.Join(wrap(x.text, x.width), "/"); got != x.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", x.text, x.width, got, x.want)
		}
	}
}
