package xacml

import "sync"

// framePool keeps the frames of a document between evaluations.
type framePool struct{ pool sync.Pool }

func (p *program) newFrame() *frame {
	if f, ok := p.frames.pool.Get().(*frame); ok {
		return f
	}
	return &frame{
		program: p, bags: make([]bag, len(p.sources)), hits: make([]uint64, (p.groups+63)/64), variables: make([]memo, p.variables),
	}
}

// release gives a frame back, with nothing of the evaluation left in it.
func (f *frame) release() {
	clear(f.bags)
	clear(f.hits)
	clear(f.variables)
	f.program.frames.pool.Put(f)
}
