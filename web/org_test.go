package web

import (
	"net/http"
	"testing"
)

// TestOrganisationTellsTheSeedsExamples reads the first example of the rules off
// the page: Kari may act through Trondheim AS, the enterprise user likewise, and
// Ola is stopped.
func TestOrganisationTellsTheSeedsExamples(t *testing.T) {
	s := demoSite(t)
	wants(t, s.get("/org/310000019", http.StatusOK),
		"Bergen AS AS Aksjeselskap 310 000 019", "Hvem kan handle på vegne av Bergen AS?",
		"Kari Nordmann født 12.01.70", "daglig leder → Trondheim AS daglig leder → Bergen AS",
		"Ola Hansen", "mer enn ett ledd NEST-3",
	)
}

func TestOrganisationInABrowser(t *testing.T) {
	s := demoSite(t)
	ctx := browser(t)
	for name, path := range map[string]string{"bergen": "/org/310000019", "sub-unit": "/org/310000086", "iks": "/org/310000132", "bankrupt": "/org/310000116"} {
		looksRight(t, ctx, "org-"+name, s.URL+path)
	}
}
