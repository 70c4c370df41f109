package client

import (
	"context"
	"iter"
	"net/http"

	"github.com/fullmakt/fullmakt"
)

// Search is a question with one part open, and how many results a page has.
type Search struct {
	Question
	// PageSize is how many results are asked for at a time; 0 leaves it to the
	// server.
	PageSize int
}

// SearchSubjects lists who may act on behalf of For as Action says. Subject names
// the type that is sought, and no id.
//
// The pages are asked for as the list is walked, and together are the list of one
// revision. An error ends it.
func (c *Client) SearchSubjects(ctx context.Context, s Search) iter.Seq2[Entity, error] {
	s.Subject.ID = ""
	return search[Entity](ctx, c, "subject", s)
}

// SearchResources lists for whom Subject may act as Action says. For names the type
// that is sought, and no id. It pages as SearchSubjects does.
func (c *Client) SearchResources(ctx context.Context, s Search) iter.Seq2[Entity, error] {
	s.For.ID = ""
	return search[Entity](ctx, c, "resource", s)
}

// SearchActions lists the packages and roles, by URN, that Subject has on behalf of
// For. It pages as SearchSubjects does.
func (c *Client) SearchActions(ctx context.Context, s Search) iter.Seq2[string, error] {
	s.Action = ""
	return func(yield func(string, error) bool) {
		for a, err := range search[wireAction](ctx, c, "action", s) {
			if !yield(a.Name, err) {
				return
			}
		}
	}
}

type wirePage struct {
	Token string `json:"token,omitempty"`
	Limit int    `json:"limit,omitempty"`
}

func search[T any](ctx context.Context, c *Client, sought string, s Search) iter.Seq2[T, error] {
	path := "/access/v1/search/" + sought
	return func(yield func(T, error) bool) {
		var none T
		body := struct {
			wireQuestion
			Page wirePage `json:"page,omitzero"`
		}{wire(s.Question), wirePage{Limit: s.PageSize}}
		for {
			var page struct {
				Page struct {
					Next string `json:"next_token"`
				} `json:"page"`
				Results []T `json:"results"`
			}
			if err := c.ask(ctx, http.MethodPost, path, body, &page); err != nil {
				yield(none, err)
				return
			}
			for _, r := range page.Results {
				if !yield(r, nil) {
					return
				}
			}
			switch page.Page.Next {
			case "":
				return
			case body.Page.Token:
				yield(none, fullmakt.Errorf(fullmakt.CodeUnavailable, "%s: the list does not move on", path))
				return
			}
			body.Page.Token = page.Page.Next
		}
	}
}
