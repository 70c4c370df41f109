package main

import (
	"runtime"
	"runtime/debug"

	"github.com/fullmakt/fullmakt/catalogue"
)

// release is the version of this tree. A build that stands on a tag or a commit
// says so by itself.
const release = "0.1.0"

type versionCmd struct{}

// wireVersion is the JSON of version.
type wireVersion struct {
	Version   string `json:"version"`
	Commit    string `json:"commit,omitempty"`
	Modified  bool   `json:"modified,omitempty"`
	Go        string `json:"go"`
	Platform  string `json:"platform"`
	Catalogue string `json:"catalogue"`
}

// Run prints the version.
func (versionCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	v := wireVersion{Version: release, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				v.Commit = s.Value
			case "vcs.modified":
				v.Modified = s.Value == "true"
			}
		}
	}
	cat, err := catalogue.Embedded()
	if err != nil {
		return err
	}
	v.Catalogue = cat.Digest()
	if a.globals.wantsJSON() {
		return a.printJSON(v)
	}
	a.printf("fullmakt %s\n", v.Version)
	if v.Commit != "" {
		a.printf("commit %s\n", v.Commit)
	}
	a.printf("%s, %s\ncatalogue %s\n", v.Go, v.Platform, v.Catalogue)
	return nil
}
