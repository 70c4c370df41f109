package fullmakt

import (
	"strings"
	"testing"
)

func TestFoldNameOfAnyScript(t *testing.T) {
	long := strings.Repeat("ÆØÅ LANGT ", 20)
	tests := map[string]string{
		"":                         "",
		"  ":                       "",
		"KARI NORDMANN":            "kari nordmann",
		" Åse\t Ødegård\u00a0Æra ": "åse ødegård æra",
		"d'ÀÇİ-ß":                  strings.ToLower("d'ÀÇ") + "i-ß",
		"\xff":                     "\ufffd",
		long:                       strings.TrimSpace(strings.ToLower(long)),
	}
	for name, want := range tests {
		if got := FoldName(name); got != want {
			t.Errorf("FoldName(%q) = %q, want %q", name, got, want)
		}
		if again := FoldName(FoldName(name)); again != want {
			t.Errorf("folding %q twice gives %q", name, again)
		}
	}
}
