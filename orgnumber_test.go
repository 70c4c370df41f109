package fullmakt

import (
	"strings"
	"testing"
)

// TestOrgNumberErrorsHideIdentityNumbers: who writes a person's number where an
// organisation's belongs does not find it in errors and logs.
func TestOrgNumberErrorsHideIdentityNumbers(t *testing.T) {
	for _, text := range []string{"12817010065", "128170 10065", "a-12817010065-b", "NO 12817010065 MVA", "12817010065a"} {
		_, err := ParseOrgNumber(text)
		if err == nil || strings.Contains(err.Error(), "12817") {
			t.Errorf("%v", err)
		}
	}
	if _, err := ParseOrgNumber("31000001"); err == nil || !strings.Contains(err.Error(), "31000001") {
		t.Errorf("%v, want the text repeated", err)
	}
}
