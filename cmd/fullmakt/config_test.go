package main

import (
	"bytes"
	"regexp"
	"slices"
	"testing"
)

// TestServiceUnitNamesSettings wants every variable that the systemd unit and its
// document set to be one that serve reads.
func TestServiceUnitNamesSettings(t *testing.T) {
	var c cli
	parser, err := newParser(&c, new(bytes.Buffer), new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"FULLMAKT_DATA"} // read without kong
	for _, group := range parser.Model.AllFlags(false) {
		for _, flag := range group {
			known = append(known, flag.Envs...)
		}
	}
	for _, node := range parser.Model.Children {
		if node.Name == "serve" {
			for _, flag := range node.Flags {
				known = append(known, flag.Envs...)
			}
		}
	}
	for _, file := range []string{"../../deploy/fullmakt.service", "../../docs/operations.md"} {
		names := regexp.MustCompile(`FULLMAKT_[A-Z_]+`).FindAllString(string(mustRead(t, file)), -1)
		if len(names) == 0 {
			t.Errorf("%s names no variable", file)
		}
		for _, name := range names {
			if !slices.Contains(known, name) {
				t.Errorf("%s names %s, which serve does not read", file, name)
			}
		}
	}
}
