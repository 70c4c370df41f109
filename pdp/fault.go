package pdp

import (
	"math"

	"github.com/fullmakt/fullmakt"
)

// fault is a condition that a candidate fails. Faults are numbered as the reasons
// of a no are ordered, so that the least is the one to name.
type fault uint8

const (
	holderDeceased fault = iota
	partyDeleted
	roleDeregistered
	notYetValid
	expired
	orgForm
	iksParticipant
	notKeyRole
	nestingLimit
	notDelegable
	notAgent // stands last: it has no reason of its own (see decision)

	noFault fault = math.MaxUint8
)

var faultReasons = [...]fullmakt.Reason{
	fullmakt.ReasonHolderDeceased, fullmakt.ReasonPartyDeleted, fullmakt.ReasonRoleDeregistered,
	fullmakt.ReasonNotYetValid, fullmakt.ReasonExpired, fullmakt.ReasonOrgForm,
	fullmakt.ReasonIKSParticipant, fullmakt.ReasonNotKeyRole, fullmakt.ReasonNestingLimit,
	fullmakt.ReasonNotDelegable, fullmakt.ReasonNoRelation,
}

func (f fault) reason() fullmakt.Reason { return faultReasons[f] }

// faults counts the conditions a candidate fails and keeps the first: one makes a
// near miss, more make nothing.
type faults struct {
	n     uint8
	first fault
}

// add counts f, unless it is noFault.
func (fs *faults) add(f fault) {
	if f == noFault {
		return
	}
	if fs.n == 0 {
		fs.first = f
	}
	fs.n++
}

// and counts the faults of both.
func (fs faults) and(other faults) faults {
	if fs.n == 0 {
		fs.first = other.first
	}
	fs.n += other.n
	return fs
}

func (fs faults) none() bool     { return fs.n == 0 }
func (fs faults) hopeless() bool { return fs.n > 1 }

// inTime returns what is wrong with an interval at t (rule TIME-1).
func inTime(v fullmakt.Interval, t int64) fault {
	switch {
	case !v.Started(t):
		return notYetValid
	case v.Over(t):
		return expired
	}
	return noFault
}
