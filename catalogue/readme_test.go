package catalogue

import (
	"os"
	"strings"
	"testing"
)

// The overlay that the README shows does what the README says.
func TestReadmeOverlay(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(text), "```json\n")
	example, _, found := strings.Cut(example, "```")
	if !found {
		t.Fatal("the README has no example")
	}
	c := load(t, example)
	eckey, regn := c.RoleID("ECKEYROLE"), c.RoleID("REGN")
	prove, _ := c.PackageID("prove")
	lonn, _ := c.PackageID("regnskapsforer-lonn")
	june, july := c.At(noon(t, "2026-06-19")), c.At(noon(t, "2026-07-01"))
	if !june.Key(eckey) || july.Key(eckey) {
		t.Error("ECKEYROLE must end with 19 June")
	}
	if june.Conferral(regn, 0).Give.Has(lonn) || !july.Conferral(regn, 0).Give.Has(lonn) {
		t.Error("REGN must give regnskapsforer-lonn from July")
	}
	if !july.Conferral(c.RoleID("FFØR"), c.FormID("NUF")).Use.Has(prove) || !july.Conferral(c.RoleID("LEDE"), 0).Give.Has(prove) {
		t.Error("the new package has the wrong roles")
	}
}
