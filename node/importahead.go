package node

import (
	"iter"

	"github.com/fullmakt/fullmakt"
)

// aheadBatch and aheadBatches bound how many changes wait between the merge and
// the store.
const (
	aheadBatch   = 512
	aheadBatches = 8
)

type aheadItem struct {
	change fullmakt.Change
	err    error
}

// ahead runs a sequence in a goroutine of its own, some batches ahead of who
// ranges over the result, so that merging and storing each have a core. The
// result can be ranged over once. stop ends the goroutine, and must be called.
func ahead(changes iter.Seq2[fullmakt.Change, error]) (_ iter.Seq2[fullmakt.Change, error], stop func()) {
	full := make(chan []aheadItem, aheadBatches)
	quit := make(chan struct{})
	ended := make(chan struct{})
	started := false
	run := func() {
		defer close(ended)
		defer close(full)
		batch := make([]aheadItem, 0, aheadBatch)
		for change, err := range changes {
			batch = append(batch, aheadItem{change, err})
			if len(batch) == aheadBatch {
				select {
				case full <- batch:
				case <-quit:
					return
				}
				batch = make([]aheadItem, 0, aheadBatch)
			}
		}
		select {
		case full <- batch:
		case <-quit:
		}
	}
	result := func(yield func(fullmakt.Change, error) bool) {
		started = true
		go run()
		for batch := range full {
			for _, item := range batch {
				if !yield(item.change, item.err) {
					return
				}
			}
		}
	}
	return result, func() {
		close(quit)
		if started {
			<-ended
		}
	}
}
