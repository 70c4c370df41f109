package delegation_test

import (
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

func uuid(n byte) string { return fullmakt.UUID{15: n}.String() }

func TestRequests(t *testing.T) {
	w := bergen(t)
	w.role("Nina Vik DAGL Oslo AS", "Kari Lie MEDL Oslo AS")
	ask := delegation.Ask{ID: uuid(1), From: w.no("Bergen AS"), To: w.no("Ola Dal"), Items: items("skatt-naering", "jordbruk"), Message: "Til regnskapet"}
	w.refused(w.by("Nina Vik").Ask(ask))("/to not_administrator GIVE-5")
	bad := ask
	bad.ID, bad.Message, bad.Items = "x", strings.Repeat("x", 501), nil
	w.refused(w.by("Ola Dal").Ask(bad))("/message incomplete_command", "/id incomplete_command", "/items incomplete_command")
	bad = ask
	bad.Items = items("regnskapsforer-lonn", "finnes-ikke", "ECKEY", "skjema#les")
	w.refused(w.by("Ola Dal").Ask(bad))("/items/0 not_assignable GIVE-1", "/items/1 unknown_package", "/items/2 receiver_not_allowed NEST-2", "/items/3 unknown_resource")
	bad = ask
	bad.From = bad.To
	w.refused(w.by("Ola Dal").Ask(bad))("/to to_itself GIVE-3")
	bad.From, bad.To, bad.Items = ask.From, w.no("Oslo AS"), items("hovedadministrator")
	w.refused(w.by("Nina Vik").Ask(bad))("/items/0 receiver_not_allowed GIVE-3")

	w.do(w.by("Ola Dal").Ask(ask))
	w.refused(w.by("Ola Dal").Ask(ask))("/id request_state")
	// Both sides see it, nobody else.
	for who, want := range map[string]bool{"Ola Dal": true, "Kari Lie": true, "Nina Vik": false, "": true} {
		if _, err := w.by(who).FindRequest(uuid(1)); (err == nil) != want || err != nil && fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
			t.Errorf("%q finds it: %v, want %t", who, err, want)
		}
	}
	if _, err := w.by("Nina Vik").ApproveRequest(delegation.Approve{ID: uuid(1)}); fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		t.Errorf("approved by a stranger: %v", err)
	}
	w.refused(w.by("Ola Dal").RejectRequest(uuid(1)))("not_administrator GIVE-1")
	w.refused(w.by("Kari Lie").ApproveRequest(delegation.Approve{ID: uuid(1), Only: []int{2}}))("/only/0 incomplete_command")
	w.do(w.by("Kari Lie").ApproveRequest(delegation.Approve{ID: uuid(1), Only: []int{1}}))
	w.want("Bergen AS gives Ola Dal jordbruk")
	w.do(w.by("Kari Lie").ApproveRequest(delegation.Approve{ID: uuid(1)})) // said already
	w.refused(w.by("Kari Lie").RejectRequest(uuid(1)))("/id request_state")
	r, err := w.by("Ola Dal").FindRequest(uuid(1))
	if err != nil || r.State != delegation.RequestApproved || len(r.History) != 2 || r.History[1].By != w.no("Kari Lie") || r.History[1].Given[0] != 1 || r.Message != ask.Message {
		t.Errorf("%v, history %+v", err, r)
	}

	// Rejected and withdrawn, each once and for good.
	ask.ID = uuid(2)
	w.do(w.by("Ola Dal").Ask(ask))
	w.do(w.by("Kari Lie").RejectRequest(uuid(2)))
	w.do(w.by("Kari Lie").RejectRequest(uuid(2)))
	w.refused(w.by("Ola Dal").WithdrawRequest(uuid(2)))("/id request_state")
	w.refused(w.by("Kari Lie").ApproveRequest(delegation.Approve{ID: uuid(2)}))("/id request_state")
	ask.ID = uuid(3)
	w.do(w.by("Ola Dal").Ask(ask))
	w.do(w.by("Ola Dal").WithdrawRequest(uuid(3)))
	w.refused(w.by("Kari Lie").ApproveRequest(delegation.Approve{ID: uuid(3)}))("/id request_state")

	// A draft is a service's, and the receiver's to confirm; the giver does not see it.
	ask.ID, ask.Draft, ask.By = uuid(4), true, w.no("Trondheim AS")
	w.refused(w.by("Ola Dal").Ask(ask))("/items incomplete_command")
	w.do(w.by("").Ask(ask))
	if _, err := w.by("Kari Lie").FindRequest(uuid(4)); fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		t.Errorf("the giver sees a draft: %v", err)
	}
	w.do(w.by("Ola Dal").ConfirmRequest(uuid(4)))
	sent, received := 0, 0
	for r, err := range w.by("Kari Lie").Requests(w.no("Bergen AS"), false, true) {
		if err != nil || r.From != w.no("Bergen AS") {
			t.Error(err)
		}
		received++
	}
	for range w.by("Ola Dal").Requests(w.no("Ola Dal"), true, false) {
		sent++
	}
	if sent != 4 || received != 4 {
		t.Errorf("%d sent, %d received, want 4 of each", sent, received)
	}
	w.do(w.by("Trondheim AS").WithdrawRequest(uuid(4)))
}

// Whoever sent a request approves it as the giver's main administrator alone.
func TestApprovingOnesOwnRequest(t *testing.T) {
	w := bergen(t)
	w.role("Nina Vik DAGL Oslo AS", "Kari Lie LEDE Oslo AS")
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Nina Vik", "tilgangsstyrer", "jordbruk")))
	ask := delegation.Ask{ID: uuid(1), From: w.no("Bergen AS"), To: w.no("Oslo AS"), Items: items("jordbruk")}
	w.do(w.by("Nina Vik").Ask(ask))
	w.refused(w.by("Nina Vik").ApproveRequest(delegation.Approve{ID: uuid(1)}))("/id own_request GIVE-2")
	ask.ID = uuid(2)
	w.do(w.by("Kari Lie").Ask(ask))
	w.do(w.by("Kari Lie").ApproveRequest(delegation.Approve{ID: uuid(2)}))
	w.want("Bergen AS gives Nina Vik tilgangsstyrer", "Bergen AS gives Nina Vik jordbruk", "Bergen AS gives Oslo AS jordbruk")
}
