package api

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// listPage is the part of a list that is wanted: with the header X-Page-Size or the
// parameter pageSize so many from where the link of the page before points.
type listPage struct {
	size int    // 0: none was named
	last string // the last item of the page before; "" begins
}

var errPageLink = invalidQuery(vldInvalidQuery, "follow links.next as it is", "after", "revision")

// listPage reads which part of a list is wanted, and returns the snapshot of the
// page before, so that all pages of a list are of one revision.
func (c *call) listPage(params altinnQuery, snap *index.Snapshot) (p listPage, at *index.Snapshot, err error) {
	size := params.one("pageSize")
	if size == "" {
		size = c.r.Header.Get("X-Page-Size")
	}
	const most = 10_000
	if size != "" {
		if p.size, err = strconv.Atoi(size); err != nil || p.size < 1 || p.size > most {
			return p, snap, invalidQuery(vldInvalidQuery, "want a number from 1 to 10000", "pageSize")
		}
	}
	if p.size == 0 || params.one("after") == "" {
		return p, snap, nil
	}
	seq, err := strconv.ParseUint(params.one("revision"), 10, 64)
	if err != nil {
		return p, snap, errPageLink
	}
	p.last = params.one("after")
	if fullmakt.Seq(seq) != snap.Seq() {
		pinned := c.server.pinned.find(fullmakt.Seq(seq), c.now)
		if pinned == nil {
			return p, snap, statusf(http.StatusGone, "the register has changed since the first page").hinted("begin again without after and revision")
		}
		c.snap = pinned
		return p, pinned, nil
	}
	return p, snap, nil
}

// nextPage is the link to the page after one that ends with an item.
func (c *call) nextPage(p listPage, snap *index.Snapshot, last string) string {
	c.server.pinned.keep(snap, c.now)
	values, _ := url.ParseQuery(c.r.URL.RawQuery) // was read before
	values.Set("pageSize", strconv.Itoa(p.size))
	values.Set("after", last)
	values.Set("revision", strconv.FormatUint(uint64(snap.Seq()), 10))
	return c.server.cfg.PublicURL + c.r.URL.Path + "?" + values.Encode()
}
