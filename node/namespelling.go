package node

import (
	"hash/fnv"

	"github.com/fullmakt/fullmakt/store/sqlite"
)

// nearLetters is how many letters at the beginning of a word decide which words
// are looked at as misspellings of it. Beyond them a word may differ as far as
// withinTypos lets it.
const nearLetters = 7

// spell tells how a folded word is found when it is misspelt: its sound, and the
// hashes of the beginning of its sound with at most one letter left out. Two words
// one of which has a letter too many, too few, wrong, or two letters exchanged
// share one of the hashes.
func spell(word string) sqlite.Spelling {
	s := sound(word)
	return sqlite.Spelling{Sound: s, Near: nearHashes(s)}
}

func nearHashes(sound string) []uint32 {
	runes := []rune(sound)
	if len(runes) < 3 {
		return nil
	}
	runes = runes[:min(len(runes), nearLetters)]
	hashes := []uint32{hashOf(string(runes))}
	left := make([]rune, 0, len(runes))
	for i := range runes {
		if i > 0 && runes[i] == runes[i-1] {
			continue
		}
		left = append(append(left[:0], runes[:i]...), runes[i+1:]...)
		hashes = append(hashes, hashOf(string(left)))
	}
	return hashes
}

func hashOf(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s)) // never fails
	return h.Sum32()
}

// sound brings a folded word to a form that is equal for spellings that Norwegian
// names are most often mistaken for: å as a, æ as e, ø as o, double letters single,
// w as v, c, ck, ch and q as k, z as s, ph as f, x as ks.
func sound(word string) string {
	out := make([]byte, 0, len(word))
	put := func(c byte) {
		if n := len(out); n == 0 || out[n-1] != c || c >= '0' && c <= '9' {
			out = append(out, c)
		}
	}
	for i := 0; i < len(word); i++ {
		c := word[i]
		var next byte
		if i+1 < len(word) {
			next = word[i+1]
		}
		switch {
		case c >= 0x80: // a letter of another script, byte by byte
			out = append(out, c)
			continue
		case c == 'a' && next == 'e':
			put('e')
			i++
		case c == 'o' && next == 'e':
			put('o')
			i++
		case c == 'p' && next == 'h':
			put('f')
			i++
		case c == 'c' && next == 'h':
			put('k')
			i++
		case c == 'c' || c == 'q':
			put('k')
		case c == 'w':
			put('v')
		case c == 'z':
			put('s')
		case c == 'x':
			put('k')
			put('s')
		default:
			put(c)
		}
	}
	return string(out)
}

// leastTypoLetters is the length of the sounds from which words are told apart well
// enough to be taken for one another with a letter wrong, or before they are typed
// to the end.
const leastTypoLetters = 4

// typosAllowed is how many letters of a word may be wrong.
func typosAllowed(sound string) int {
	switch n := len([]rune(sound)); {
	case n < leastTypoLetters:
		return 0
	case n < 7:
		return 1
	}
	return 2
}

// typos returns how many letters (left out, put in, replaced, or exchanged with
// their neighbour) tell typed from word, or, if prefix, from that beginning of
// word that is nearest. It returns most+1 when they are more than most.
func typos(typed, word string, prefix bool, most int) int {
	a, b := []rune(typed), []rune(word)
	if prefix {
		b = b[:min(len(b), len(a)+most)]
	}
	if d := len(a) - len(b); d > most || -d > most {
		return most + 1
	}
	// The optimal string alignment distance, row by row.
	var before, last, row []int
	last = make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row = make([]int, len(b)+1)
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
		before, last = last, row
	}
	d := last[len(b)]
	if prefix {
		for _, n := range last {
			d = min(d, n)
		}
	}
	return min(d, most+1)
}
