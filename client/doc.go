// Package client asks a fullmakt server over HTTP: AuthZEN's evaluations and
// searches, and the authorized parties that Altinn's clients know.
//
// A Client is a few settings and may be shared by goroutines:
//
//	c := &client.Client{URL: "https://fullmakt.example", Token: tokens.Get}
//	answer, err := c.Evaluate(ctx, client.Question{...})
//
// A no is an answer and not an error. Errors are *fullmakt.Error: the code follows
// from the status, the message is the server's own, and a *StatusError in the chain
// has the status and the id that finds the request in the server's log.
package client
