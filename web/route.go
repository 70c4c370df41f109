package web

import (
	"net/http"

	"github.com/fullmakt/fullmakt/text"
)

// route is one page or form.
type route struct {
	method  string // GET or POST
	pattern string // of net/http's ServeMux, without method and language
	handle  func(*view) error
	// free pages tell nothing about anybody: they are shown to all, need no
	// register and are not recorded as look-ups.
	free bool
	// signedIn pages are for somebody who has signed in.
	signedIn bool
}

// routes lists every page. Each file of pages has a list of its own.
func routes() []route {
	var all []route
	for _, list := range [][]route{
		frontRoutes(), searchRoutes(),
		checkRoutes(), partyRoutes(),
		signInRoutes(), purposeRoutes(), meRoutes(),
		orgRoutes(),
		supplierRoutes(), userRoutes(), requestRoutes(), undoRoutes(),
		catalogueRoutes(),
		systemUserPageRoutes(), clientRoutes(),
		operationsRoutes(), callRoutes(),
	} {
		all = append(all, list...)
	}
	return all
}

// menu lists what stands in the menu, in its order: the pattern of a page and the
// key of its name.
var menu = []struct{ path, key string }{
	{"/", "web.menu.search"},
	{"/check", "web.menu.check"},
	{"/catalogue", "web.menu.catalogue"},
	{"/operations", "web.menu.operations"},
	{"/me", "web.menu.me"},
}

// mount puts every route on a mux: bare for bokmål, under /nn and /en for the
// other languages, so that an address says everything about a view.
func (s *Server) mount() *http.ServeMux {
	mux := http.NewServeMux()
	for _, rt := range routes() {
		for _, lang := range text.Langs() {
			mux.Handle(rt.method+" "+prefix(lang)+rt.pattern, s.serve(rt, lang))
		}
	}
	for _, lang := range text.Langs() {
		if lang != text.NB {
			mux.Handle("GET "+prefix(lang)+"/", s.serve(route{method: "GET", handle: nothingHere, free: true}, lang))
			mux.Handle("GET "+prefix(lang), http.RedirectHandler(prefix(lang)+"/", http.StatusMovedPermanently))
		}
	}
	mux.Handle("GET /assets/", s.assets)
	return mux
}

// prefix is how the addresses of a language begin.
func prefix(lang text.Lang) string {
	if lang == text.NB {
		return ""
	}
	return "/" + string(lang)
}
