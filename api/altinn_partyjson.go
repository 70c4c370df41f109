package api

import (
	"bufio"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"

	"github.com/fullmakt/fullmakt"
)

// writeParties answers with the list. What can fail has been done: from here on
// bytes go out as they are made, so that a list of many thousands takes no more
// memory than a short one.
func (c *call) writeParties(l *partyList) {
	c.w.Header().Set("Content-Type", "application/json")
	c.status = http.StatusOK
	c.w.WriteHeader(http.StatusOK)
	l.write(c.w, "[", "]") // a client that has gone away is no error of ours
}

// writePartyPage answers with the list as a page.
func (c *call) writePartyPage(l *partyList) {
	c.w.Header().Set("Content-Type", "application/json")
	c.status = http.StatusOK
	c.w.WriteHeader(http.StatusOK)
	l.write(c.w, `{"links":{"next":null},"data":[`, "]}")
}

func (l *partyList) write(to io.Writer, before, after string) {
	out := bufio.NewWriterSize(to, 1<<15)
	out.WriteString(before)
	var b []byte
	for i := range l.rows {
		b = b[:0]
		if i > 0 {
			b = append(b, ',')
		}
		b = l.appendParty(b, &l.rows[i], 0)
		if _, err := out.Write(b); err != nil {
			return
		}
	}
	out.WriteString(after)
	out.Flush()
}

// appendParty writes one party (AuthorizedPartyDto): every key always, in this
// order, with null for what a party has not.
func (l *partyList) appendParty(b []byte, row *partyRow, parent fullmakt.PartyNo) []byte {
	n, id := l.s.Node(row.no), l.s.ID(row.no)
	b = append(b, `{"partyUuid":`...)
	b = appendUUID(b, l.uuids[row.no])
	b = append(b, `,"name":`...)
	b = appendJSONString(b, l.s.Name(row.no))
	b = append(b, `,"organizationNumber":`...)
	if id.Kind == fullmakt.KindOrganisation {
		b = appendDigits(b, uint64(id.Org), 9)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"parentId":`...)
	if parent != 0 {
		b = appendUUID(b, l.uuids[parent])
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"personId":`...)
	if id.Person != 0 {
		b = appendDigits(b, uint64(id.Person), 11)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"dateOfBirth":`...)
	if born := id.BirthDate(); born != 0 {
		b = appendJSONString(b, born.String())
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"partyId":`...)
	b = strconv.AppendUint(b, uint64(row.no), 10)
	b = append(b, `,"emailId":null,"type":`...)
	b = appendJSONString(b, partyType(n.Kind))
	b = append(b, `,"unitType":`...)
	if form := l.s.Form(row.no); form != "" {
		b = appendJSONString(b, string(form))
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"isDeleted":`...)
	b = strconv.AppendBool(b, n.State&fullmakt.Deleted != 0)
	b = append(b, `,"onlyHierarchyElementWithNoAccess":`...)
	b = strconv.AppendBool(b, row.noAccess)
	b = append(b, `,"authorizedAccessPackages":`...)
	b = append(b, l.lists[row.packages]...)
	b = append(b, `,"authorizedResources":`...)
	b = append(b, l.lists[row.resources]...)
	b = append(b, `,"authorizedRoles":`...)
	b = append(b, l.lists[row.roles]...)
	b = append(b, `,"authorizedInstances":[],"subunits":[`...)
	for i := range row.subunits {
		if i > 0 {
			b = append(b, ',')
		}
		b = l.appendParty(b, &row.subunits[i], row.no)
	}
	return append(b, "]}"...)
}

func appendUUID(b []byte, u fullmakt.UUID) []byte {
	b = append(b, '"')
	b = hex.AppendEncode(b, u[:4])
	for _, part := range [][]byte{u[4:6], u[6:8], u[8:10], u[10:]} {
		b = append(b, '-')
		b = hex.AppendEncode(b, part)
	}
	return append(b, '"')
}

// appendDigits writes n as a string of so many digits.
func appendDigits(b []byte, n uint64, width int) []byte {
	b = append(b, '"')
	for range width {
		b = append(b, '0')
	}
	for i := len(b) - 1; n > 0; i-- {
		b[i] = '0' + byte(n%10)
		n /= 10
	}
	return append(b, '"')
}
