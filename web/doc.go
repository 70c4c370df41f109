// Package web is the page: who may act on behalf of whom, and why, for people in
// a browser.
//
// Pages are html/template over the same queries and commands as the API: package
// pdp decides, package delegation gives and takes back, package text says it in
// nb, nn or en. Everything works without JavaScript; htmx makes some of it
// quicker. Nothing is loaded from elsewhere: assets are embedded, and the content
// security policy allows this origin alone.
//
// A request goes through Server.serve, which makes a view: the visitor, the
// language, the snapshot that the whole page is answered from, and the look-up
// that is recorded before the answer goes out. A handler fills a page and shows
// it. Start with route.go and view.go; a page is a Go file, a template of the
// same name and a topic of messages.
package web
