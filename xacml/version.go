package xacml

import (
	"cmp"
	"strings"
)

// validVersion reports whether s is a version: numbers with dots between them
// (section 5.12).
func validVersion(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if !isNumber(part) {
			return false
		}
	}
	return true
}

// validVersionPattern reports whether s is a version in which numbers may be * and
// the last may be + (section 5.13).
func validVersionPattern(s string) bool {
	parts := strings.Split(s, ".")
	for i, part := range parts {
		if part != "*" && !(part == "+" && i == len(parts)-1) && !isNumber(part) {
			return false
		}
	}
	return true
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// versionMatches tells whether a version is one that a pattern stands for: * is
// any one number, + is any one number and whatever numbers follow it.
func versionMatches(pattern, version string) bool {
	for {
		p, morePatterns, patternGoesOn := strings.Cut(pattern, ".")
		v, moreVersion, versionGoesOn := strings.Cut(version, ".")
		if p == "+" {
			return true
		}
		if p != "*" && compareNumbers(p, v) != 0 || patternGoesOn != versionGoesOn {
			return false
		}
		if !patternGoesOn {
			return true
		}
		pattern, version = morePatterns, moreVersion
	}
}

// compareVersions orders versions number by number; 1.2 comes before 1.2.0. A * in
// either is equal to any number there, and a + to all that follows.
func compareVersions(a, b string) int {
	for {
		x, moreA, aGoesOn := strings.Cut(a, ".")
		y, moreB, bGoesOn := strings.Cut(b, ".")
		if x == "+" || y == "+" {
			return 0
		}
		if x != "*" && y != "*" {
			if c := compareNumbers(x, y); c != 0 {
				return c
			}
		}
		switch {
		case aGoesOn && !bGoesOn:
			return 1
		case bGoesOn && !aGoesOn:
			return -1
		case !aGoesOn:
			return 0
		}
		a, b = moreA, moreB
	}
}

// compareNumbers compares decimal numbers of any length.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
