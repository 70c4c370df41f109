package world

import (
	_ "embed"

	"github.com/fullmakt/fullmakt/catalogue"
)

//go:embed demo.txtar
var demo []byte

// DemoName is the name of the built-in demo world in messages.
const DemoName = "demo"

// Demo returns the built-in demo world: the companies and people of Altinn's own
// examples of nested authority, and some more, all made up.
func Demo(c *catalogue.Catalogue) (*World, error) { return Parse(DemoName, demo, c) }
