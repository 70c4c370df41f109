// Package audit is the look-up log: who asked about whom, why, and what the
// answer was.
//
// The log is a directory of segments, files of JSON lines. Every line is
//
//	{"hash":"…64 hexadecimal digits…","entry":{"n":17,"t":"…","kind":"lookup",…}}
//
// where hash is SHA-256 over the hash of the line before and the bytes of the
// entry as they stand, so that an entry cannot be changed, removed, inserted or
// moved without breaking every line after it. Who may write to the directory can
// still compute a whole new chain; against that, note a Head (its number and
// hash) elsewhere from time to time and give it to Verify.
//
// Entries name parties by their permanent number only, never by name or identity
// number, and free text is searched for identity numbers, which are masked.
//
// A decision never waits for the disk: Log.Add puts a record into a bounded
// queue, and one goroutine writes what is there in one go. What happens when the
// queue is full is the operator's choice (Overflow); what was dropped is counted,
// and the count is itself an entry of the chain.
package audit
