package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/api"
	"github.com/fullmakt/fullmakt/node"
)

type eventsCmd struct {
	For    string `placeholder:"PARTY" help:"Only events about this organisation, with what authority was gained and lost."`
	After  string `placeholder:"POSITION" help:"After this event or position. Default: from the beginning; with --follow from now on."`
	Limit  int    `default:"100" help:"How many at most, 1 to 10000. Of no meaning with --follow."`
	Follow bool   `short:"f" help:"Go on as things happen, until Ctrl+C."`
}

// Help is shown by events --help.
func (eventsCmd) Help() string {
	return `Each line is one event: its position, when it happened, and what. With -o json each line is a CloudEvent as GET /v1/events writes it. After --for stands an organisation; without it everybody's events are shown, which say nothing of authority gained and lost.

Examples:
  fullmakt --demo events --for "Bergen AS"
  fullmakt --data register events --for 310000019 --after 17 -o json
  fullmakt --data register events --follow`
}

// eventsPause is how often --follow looks for something new.
const eventsPause = 500 * time.Millisecond

// Run prints events.
func (c *eventsCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	if c.Limit < 1 || c.Limit > maxPageSize {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "--limit %d: want 1 to %d", c.Limit, maxPageSize)
	}
	n, err := a.open()
	if err != nil {
		return err
	}
	defer n.Close()
	q := node.EventsQuery{Limit: c.Limit}
	if c.For != "" {
		org, err := a.findOrg(n, c.For)
		if err != nil {
			return err
		}
		q.Organisation = org.No
	}
	if q.After, err = node.ParsePosition(c.After); err != nil {
		return err
	}
	if c.Follow {
		return c.follow(a, n, q)
	}
	left := c.Limit
	for {
		page, err := n.Events(a.ctx, q)
		if err != nil {
			return err
		}
		if err := a.printEvents(page); err != nil {
			return err
		}
		left -= len(page.Events)
		q.After, q.Limit = page.Next, left
		if !page.More || left == 0 {
			if page.More {
				a.say("%s", a.texts.Say("events.more", "position", page.Next))
			}
			return nil
		}
	}
}

// follow prints events until it is interrupted.
func (c *eventsCmd) follow(a *app, n *node.Node, q node.EventsQuery) error {
	if c.After == "" {
		head, err := n.Store().Head(a.ctx)
		if err != nil {
			return err
		}
		q.After = node.Position{Seq: head.Seq}
	}
	tick := time.NewTicker(eventsPause)
	defer tick.Stop()
	for {
		page, err := n.Events(a.ctx, q)
		switch {
		case a.ctx.Err() != nil || errors.Is(err, context.Canceled):
			return nil
		case err != nil:
			return err
		}
		if err := a.printEvents(page); err != nil {
			return err
		}
		if q.After = page.Next; page.More {
			continue
		}
		select {
		case <-a.ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// eventSource is the source of the events that the command line shows: those of
// the store itself.
const eventSource = "urn:fullmakt:store"

// printEvents prints a line for each event.
func (a *app) printEvents(page node.EventsPage) error {
	for i := range page.Events {
		e := api.NewCloudEvent(&page.Events[i], eventSource)
		line, err := json.Marshal(e)
		if err != nil {
			return fullmakt.Errorf(fullmakt.CodeInternal, "write an event: %w", err)
		}
		if !a.globals.wantsJSON() {
			if line, err = json.Marshal(e.Data); err != nil {
				return fullmakt.Errorf(fullmakt.CodeInternal, "write an event: %w", err)
			}
			a.printf("%-22s %s  %-18s ", e.ID, page.Events[i].At.In(a.oslo).Format("2006-01-02 15:04:05"), e.Type)
		}
		a.printf("%s\n", line)
	}
	return nil
}
