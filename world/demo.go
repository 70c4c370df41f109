package world

import (
	"bytes"
	_ "embed"
	"slices"

	"github.com/fullmakt/fullmakt/catalogue"
)

//go:embed demo.txtar
var demo []byte

//go:embed demo-registry.txtar
var demoRegistry []byte

// DemoName is the name of the built-in demo world in messages.
const DemoName = "demo"

// Demo returns the built-in demo world: the companies and people of Altinn's own
// examples of nested authority, and some more, all made up, with what a
// made-up directorate offers them.
func Demo(c *catalogue.Catalogue) (*World, error) {
	// The comment before the first file of the registry belongs to no section.
	files := demoRegistry[bytes.Index(demoRegistry, []byte("\n-- "))+1:]
	return Parse(DemoName, slices.Concat(demo, files), c)
}
