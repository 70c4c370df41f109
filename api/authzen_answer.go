package api

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/text"
)

// verdict is the answer to one evaluation.
type verdict struct {
	allowed   bool
	mayGive   bool
	uncertain bool
	stated    bool // state is that of an organisation acted for
	dated     bool // the request asked about an instant of its own
	reason    fullmakt.Reason
	state     fullmakt.OrgState
	revision  fullmakt.Seq
	at        int64
	subject   fullmakt.PartyNo // 0 when not known
	object    fullmakt.PartyNo // 0 when not known
	what      string           // the code of the package or role
	proof     *proof           // when it was asked for
	service   *serviceVerdict  // of an action on a resource
	// failed is set when the evaluation could not be made. Alone it becomes the
	// answer to the request; in a batch it stands in its item.
	failed error
}

// reasonMembers are the members of a context that tell a reason, ready to be
// written, since they are most of what an answer is.
type reasonMembers map[fullmakt.Reason]string

// everyReason lists the reasons that an evaluation may give.
var everyReason = []fullmakt.Reason{
	fullmakt.ReasonSelf, fullmakt.ReasonRole, fullmakt.ReasonGrant, fullmakt.ReasonNesting, fullmakt.ReasonClient,
	fullmakt.ReasonMainUnit, fullmakt.ReasonSoleProprietor,
	fullmakt.ReasonHolderDeceased, fullmakt.ReasonPartyDeleted, fullmakt.ReasonRoleDeregistered, fullmakt.ReasonNotYetValid,
	fullmakt.ReasonExpired, fullmakt.ReasonOrgForm, fullmakt.ReasonIKSParticipant, fullmakt.ReasonNotKeyRole,
	fullmakt.ReasonNestingLimit, fullmakt.ReasonNotDelegable, fullmakt.ReasonPackageNotHeld, fullmakt.ReasonNoRelation,
	fullmakt.ReasonBeforeHistory, fullmakt.ReasonUnknownParty, fullmakt.ReasonUnknownPackage, fullmakt.ReasonNoResource,
	fullmakt.ReasonWrongPartyType, fullmakt.ReasonUncertain, fullmakt.ReasonStale, fullmakt.ReasonIndeterminate,
	fullmakt.ReasonPolicy, fullmakt.ReasonNoRule, fullmakt.ReasonDenied, fullmakt.ReasonNotListed,
}

func newReasonMembers() (reasonMembers, error) {
	all := reasonMembers{}
	for _, r := range everyReason {
		out := append([]byte(`"reason":`), appendText(nil, string(r))...)
		out = append(out, `,"reason_user":{`...)
		for i, lang := range text.Langs() {
			texts, err := text.New(lang)
			if err != nil {
				return nil, err
			}
			if i > 0 {
				out = append(out, ',')
			}
			out = appendText(out, string(lang))
			out = appendText(append(out, ':'), texts.Reason(r))
		}
		all[r] = string(append(out, '}'))
	}
	return all, nil
}

// appendVerdict writes one evaluation's answer.
func (s *Server) appendVerdict(out []byte, v *verdict, evaluatedAt string) []byte {
	out = append(out, `{"decision":`...)
	out = strconv.AppendBool(out, v.allowed)
	out = append(out, `,"context":{`...)
	if members, ok := s.reasons[v.reason]; ok {
		out = append(out, members...)
	} else {
		out = appendText(append(out, `"reason":`...), string(v.reason))
	}
	if v.failed != nil {
		out = append(out, `,"error":{"status":`...)
		out = strconv.AppendInt(out, int64(statusOf(v.failed)), 10)
		out = append(out, `,"message":`...)
		out = append(appendText(out, messageOf(v.failed)), '}')
	} else if v.service != nil {
		out = v.service.append(out)
	} else {
		out = append(out, `,"may_give":`...)
		out = strconv.AppendBool(out, v.mayGive)
	}
	if v.uncertain {
		out = append(out, `,"uncertain":true`...)
	}
	if v.stated {
		out = append(out, `,"state":"`...)
		out = append(append(out, v.state.String()...), '"')
	}
	if v.dated && v.failed == nil {
		out = append(out, `,"time":"`...)
		out = append(time.Unix(v.at, 0).UTC().AppendFormat(out, time.RFC3339), '"')
	}
	out = append(out, `,"revision":"`...)
	out = appendRevision(out, v.revision)
	out = append(out, `","evaluated_at":"`...)
	out = append(out, evaluatedAt...)
	out = append(out, `","evaluation_id":"`...)
	out = append(s.appendID(out), '"')
	if v.proof != nil {
		if members, err := json.Marshal(v.proof); err == nil && len(members) > 2 {
			out = append(out, ',')
			out = append(out, members[1:len(members)-1]...)
		}
	}
	return append(out, '}', '}')
}

// A revision token names a revision without showing that it is a number, which a
// client is not to reckon with.
const (
	revisionVersion = 1
	revisionSize    = 9
)

func appendRevision(out []byte, seq fullmakt.Seq) []byte {
	var b [revisionSize]byte
	b[0] = revisionVersion
	binary.BigEndian.PutUint64(b[1:], uint64(seq))
	return base64.RawURLEncoding.AppendEncode(out, b[:])
}

// revisionToken returns the token of a revision.
func revisionToken(seq fullmakt.Seq) string { return string(appendRevision(nil, seq)) }

// parseRevision reads a revision token.
func parseRevision(token []byte) (fullmakt.Seq, bool) {
	var b [revisionSize]byte
	if base64.RawURLEncoding.DecodedLen(len(token)) != revisionSize {
		return 0, false
	}
	n, err := base64.RawURLEncoding.Strict().Decode(b[:], token)
	if err != nil || n != revisionSize || b[0] != revisionVersion {
		return 0, false
	}
	return fullmakt.Seq(binary.BigEndian.Uint64(b[1:])), true
}

// authzenFail answers with an error as AuthZEN does: the status, and a message.
func authzenFail(c *call, err error) {
	c.write(statusOf(err), "application/json", appendText(nil, messageOf(err)))
}

// authzenOK answers 200.
func authzenOK(c *call, body []byte) { c.write(http.StatusOK, "application/json", body) }
