package web

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// tutorials is where the tutorials are, with their pictures in a directory of their
// own.
const tutorials = "../docs/tutorials"

// tutorialPictures are the pictures of each tutorial of the pages. The journeys make
// them.
var tutorialPictures = map[string][]string{
	"the-page-in-a-minute.md":               {"search", "who-may-act", "why-kari", "why-ola"},
	"give-a-supplier-access-on-the-page.md": {"add-a-supplier", "try-as-the-supplier", "take-it-back"},
}

// The size of the window that pictures show, in pixels, and the most that one may
// weigh, in bytes.
const (
	pictureWidth, pictureHeight = 1280, 900
	pictureWeight               = 150_000
)

// gallery has the names of the pictures that were taken.
type gallery map[string]bool

// picture takes a picture of the window with what a selector names at its top, if
// this walk is one that takes pictures. It is kept in the directory that
// FULLMAKT_TUTORIAL_IMAGES names:
//
//	FULLMAKT_TUTORIAL_IMAGES=$PWD/docs/tutorials/images go test ./web -run 'TestJ[15]InABrowser/en'
func (j *journey) picture(name, top string) {
	j.t.Helper()
	if j.gallery == nil {
		return
	}
	j.gallery[name] = true
	dir := os.Getenv("FULLMAKT_TUTORIAL_IMAGES")
	if dir == "" {
		return
	}
	evaluate[any](j.t, j.ctx, call(`(s) => { document.querySelector(s).scrollIntoView(); return null }`, top))
	shot, err := chromedp.Run(j.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		j.t.Fatal(err)
	}
	whole, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		j.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, fewColours(whole)); err != nil {
		j.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), out.Bytes(), 0o644); err != nil {
		j.t.Fatal(err)
	}
}

// fewColours draws a picture in the 256 colours that it has most of. A page has few,
// so that nobody sees the difference, and the file is a third as large.
func fewColours(whole image.Image) *image.Paletted {
	bounds := whole.Bounds()
	count := map[color.RGBA]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[color.RGBAModel.Convert(whole.At(x, y)).(color.RGBA)]++
		}
	}
	most := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	var palette color.Palette
	for _, c := range most[:min(len(most), 256)] {
		palette = append(palette, c)
	}
	few := image.NewPaletted(bounds, palette)
	draw.Draw(few, bounds, whole, bounds.Min, draw.Src)
	return few
}

var pictureInText = regexp.MustCompile(`!\[([^\]]*)\]\(images/([a-z-]+)\.png\)`)

// TestTutorialPictures: a tutorial of the pages shows the pictures that its journey
// makes, each with words for those who do not see it, wide enough and not too heavy.
func TestTutorialPictures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(tutorials, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]bool{}
	for _, file := range files {
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var shown []string
		for _, m := range pictureInText.FindAllStringSubmatch(string(page), -1) {
			if m[1] == "" {
				t.Errorf("%s: the picture %s has no text", file, m[2])
			}
			shown = append(shown, m[2])
			kept[m[2]+".png"] = true
		}
		if want := tutorialPictures[filepath.Base(file)]; !slices.Equal(shown, want) {
			t.Errorf("%s shows %q, and its journey makes %q", file, shown, want)
		}
	}
	have, err := os.ReadDir(filepath.Join(tutorials, "images"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range have {
		if !kept[entry.Name()] {
			t.Errorf("no tutorial shows %s", entry.Name())
		}
		delete(kept, entry.Name())
		data, err := os.ReadFile(filepath.Join(tutorials, "images", entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		size, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil || size.Width != pictureWidth || len(data) > pictureWeight {
			t.Errorf("%s: %d pixels wide, %d bytes, %v; want %d and at most %d", entry.Name(), size.Width, len(data), err, pictureWidth, pictureWeight)
		}
	}
	for name := range kept {
		t.Errorf("a tutorial shows %s, which is not there", name)
	}
}
