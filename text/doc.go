// Package text says in Norwegian (bokmål and nynorsk) and English what the
// engine says in codes: every reason, every rule with its source, and a whole
// answer as sentences. The terminal, the API and the page share it.
//
// The messages lie in messages/{language}/{topic}.json, flat files with the same
// keys in every language. A message may hold placeholders such as {subject}.
package text
