package registry

import (
	"regexp"
	"strings"
)

// identifierForm is what the identifier of a resource looks like.
var identifierForm = regexp.MustCompile(`^[a-z0-9_æøå-]{4,128}$`)

// appPrefix begins the identifier of an app: app_ORG_APP.
const appPrefix = "app_"

// AppResource returns the identifier of the resource that an app is.
func AppResource(org, app string) string {
	return appPrefix + strings.ToLower(org) + "_" + strings.ToLower(app)
}

// appOf takes the identifier of an app apart. The name of an app may hold
// underscores, the code of its owner none.
func appOf(id string) (org, app string, ok bool) {
	rest, ok := strings.CutPrefix(id, appPrefix)
	if !ok {
		return "", "", false
	}
	org, app, ok = strings.Cut(rest, "_")
	return org, app, ok && org != "" && app != ""
}

// spelled returns s as a list of choices spells it, or as it is where it is none
// of them.
func spelled(s string, choices []string) string {
	for _, c := range choices {
		if strings.EqualFold(s, c) {
			return c
		}
	}
	return s
}
