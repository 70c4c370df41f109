package catalogue

import ("testing";"os")

func BenchmarkEmbedded(b *testing.B) {
	for b.Loop() {
		if _, err := Embedded(); err != nil {
			b.Fatal(err)
		}
	}
}
func BenchmarkDigest(b *testing.B) {
		c, _ := Embedded()
	for b.Loop() {
		c.book.digest()
	}
}
func TestEmbedded(t *testing.T) {
	c, err := Embedded()
	if err != nil {
		t.Fatalf("%v", err.(interface{ Unwrap() error }).Unwrap())
	}
	p,err:=c.Show("integrasjoner",0)
	if err!=nil {t.Fatal(err)}
	p.Document("nb").WriteText(os.Stdout,120)
	p.Document("nn").WriteMarkdown(os.Stdout)
	p,err=c.Show("skatt-naering",0)
	p.Document("en").WriteText(os.Stdout,120)
	p,err=c.Show("KNUF",0)
	p.Document("nb").WriteText(os.Stdout,120)
	WriteJSON(os.Stdout,p)
	_,err=c.Show("hovedadministrator",0); t.Log(err,err)
	_,err=c.Show("maskin",0); t.Log(err,err)
	c.ListAreas(0).Document("nb").WriteText(os.Stdout,120)
	p=Check(nil)
	p.Document("nb").WriteText(os.Stdout,100)
}
