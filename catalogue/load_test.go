package catalogue

import "testing"

func BenchmarkEmbedded(b *testing.B) {
	for b.Loop() {
		if _, err := Embedded(); err != nil {
			b.Fatal(err)
		}
	}
}
func TestEmbedded(t *testing.T) {
	c, err := Embedded()
	if err != nil {
		t.Fatalf("%v", err.(interface{ Unwrap() error }).Unwrap())
	}
	t.Log(len(c.Packages()), len(c.Areas()), len(c.Roles()), len(c.Mappings()), len(c.RoleMaps()), len(c.Forms()), c.Digest())
	v := c.At(0)
	for _, r := range c.Roles()[:20] {
		t.Log(r.Code, v.Conferral(r.ID, 0).Use.Len(), v.Conferral(r.ID, c.FormID("NUF")).Use.Len())
	}
}
