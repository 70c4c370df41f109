package web

import "testing"

func TestGivingInABrowser(t *testing.T) {
	s := demoSite(t, withTrial)
	ctx := browser(t)
	s.signInBrowser(ctx, "kari")
	one := bergenSuppliers + "/310000043"
	looksRight(t, ctx, "suppliers-none", s.URL+bergenSuppliers)
	looksRight(t, ctx, "suppliers-add", s.URL+bergenSuppliers+"/add")
	looksRight(t, ctx, "suppliers-add-confirm", s.URL+bergenSuppliers+"/add?supplier=310000043")
	s.does(nil, bergenSuppliers+"/add?supplier=310000043")
	looksRight(t, ctx, "suppliers-give", s.URL+one+"/give")
	looksRight(t, ctx, "suppliers-give-confirm", s.URL+one+"/give/demo-kontroll-api")
	s.does(nil, one+"/give/demo-kontroll-api", "until", "2027-07-01")
	looksRight(t, ctx, "suppliers", s.URL+bergenSuppliers)
	looksRight(t, ctx, "suppliers-try", s.URL+one+"/try?scheme=demo-kontroll-api")
	looksRight(t, ctx, "suppliers-end", s.URL+one+"/end?scheme=demo-kontroll-api")
	s.signInBrowser(ctx, "ola")
	looksRight(t, ctx, "suppliers-ola", s.URL+one)
	looksRight(t, ctx, "suppliers-ola-end", s.URL+one+"/end?scheme=demo-kontroll-api")
}

func TestUsersInABrowser(t *testing.T) {
	s := exampleSite(t)
	ctx := browser(t)
	s.signInBrowser(ctx, "kari")
	one := bergenUsers + "/" + s.ref("grete")
	for name, path := range map[string]string{
		"users": bergenUsers, "user-new": bergenUsers + "/new", "user": one, "user-register": bergenUsers + "/310000027", "user-give": one + "/give", "user-give-found": one + "/give?q=skatt",
		"user-give-package": one + "/give/package/skatt-naering", "user-give-rights": one + "/give/resource/demo-skattemelding", "user-end": one + "/end?package=maskinlesbare-hendelser",
		"requests": bergenRequests, "request": bergenRequests + "/" + exampleRequest, "request-approve": bergenRequests + "/" + exampleRequest + "/approve", "request-new": bergenRequests + "/new?package=skatt-naering",
	} {
		looksRight(t, ctx, name, s.URL+path)
	}
	s.signInBrowser(ctx, "grete")
	looksRight(t, ctx, "received", s.URL+"/me/received")
}
