package main

import (
	"cmp"
	"slices"
	"strings"
)

// nearest returns up to three of the names that look most like what was written:
// those that contain it, and those within a third of its length in edits.
func nearest(written string, names []string) []string {
	type scored struct {
		name string
		far  int
	}
	written = strings.ToLower(written)
	var found []scored
	for _, name := range names {
		low := strings.ToLower(name)
		far := editDistance(written, low)
		switch {
		case len(written) >= 4 && strings.Contains(low, written):
			far = 0
		case far > max(2, len(written)/3):
			continue
		}
		found = append(found, scored{name, far})
	}
	slices.SortFunc(found, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	})
	var list []string
	for _, s := range found {
		if !slices.Contains(list, s.name) && len(list) < 3 {
			list = append(list, s.name)
		}
	}
	return list
}

// editDistance counts the letters to add, drop or change to make a of b
// (Levenshtein).
func editDistance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j := range to {
			next := diagonal
			if from[i] != to[j] {
				next = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(to)]
}
