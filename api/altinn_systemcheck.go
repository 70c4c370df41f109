package api

import (
	"net/http"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

// systemCheckJSON tells what the caller may approve of in a request.
type systemCheckJSON struct {
	Approve bool                  `json:"canApprove"` // all of it
	Reasons []systemReasonJSON    `json:"reasons"`    // what stands in the way of any answer
	Items   []systemCheckItemJSON `json:"items"`
}

type systemCheckItemJSON struct {
	Path     string             `json:"path"` // a JSON pointer into the request
	Package  *packageURNJSON    `json:"accessPackage"`
	Right    *systemRightJSON   `json:"right"`
	Unwanted bool               `json:"unwanted"`
	Already  bool               `json:"already"` // it is so already
	Result   bool               `json:"result"`
	Reasons  []systemReasonJSON `json:"reasons"`
}

type systemReasonJSON struct {
	Reason  fullmakt.Reason `json:"reason"`
	Rule    fullmakt.Rule   `json:"rule"`
	Message string          `json:"message"`
}

func systemReasons(refusals []delegation.Refusal) []systemReasonJSON {
	out := []systemReasonJSON{}
	for _, r := range refusals {
		out = append(out, systemReasonJSON{r.Reason, r.Rule, r.Message})
	}
	return out
}

// check answers what the caller may approve of in a request, and why not: the
// delegation check of all that it asks for.
func (kind systemAsks) check(s *Server, c *call) error {
	by, k, err := kind.asked(s, c)
	if err != nil {
		return err
	}
	made, err := s.node.NewSystemUser(c.r.Context(), by.Snapshot, k, newUUID())
	if err != nil {
		return err
	}
	items, err := by.CheckSystemAsk(k.ID, made)
	refused := delegation.Refusals(err)
	if err != nil && len(refused) == 0 {
		return err
	}
	out := systemCheckJSON{Approve: err == nil, Reasons: systemReasons(refused), Items: []systemCheckItemJSON{}}
	for _, item := range items {
		one := systemCheckItemJSON{Path: item.Path, Unwanted: item.Unwanted, Already: item.Already, Result: err == nil && len(item.Refusals) == 0, Reasons: systemReasons(item.Refusals)}
		if item.Package != "" {
			one.Package = &packageURNJSON{packageURN + item.Package}
		} else {
			one.Right = &systemRightsOut([]delegation.SystemRight{item.Right})[0]
		}
		out.Approve = out.Approve && one.Result
		out.Items = append(out.Items, one)
	}
	return c.writeJSON(http.StatusOK, out)
}
