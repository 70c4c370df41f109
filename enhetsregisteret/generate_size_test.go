package enhetsregisteret

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestGenerateSizes measures one generation when FULLMAKT_GENERATE_SCALE is set.
func TestGenerateSizes(t *testing.T) {
	scale, err := strconv.ParseFloat(os.Getenv("FULLMAKT_GENERATE_SCALE"), 64)
	if err != nil {
		t.Skip("set FULLMAKT_GENERATE_SCALE to a scale to measure")
	}
	start := time.Now()
	sum, err := Generate(context.Background(), t.TempDir(), GenerateOptions{Seed: 1, Scale: scale, CCRAll: os.Getenv("FULLMAKT_GENERATE_CCR") != ""})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.1f s", time.Since(start).Seconds())
	for k, real := range []float64{196e6, 75e6, 124e6} {
		t.Logf("%s: %d bytes of text, %d on disk, %.3f of the real file's", sum.Files[k].Path, sum.Files[k].Text, sum.Files[k].Size, float64(sum.Files[k].Size)/real/scale)
	}
	sum.Files = nil
	t.Logf("%+v", sum)
}
