package api

// authzenRoutes lists the routes of the OpenID AuthZEN Authorization API 1.0.
func authzenRoutes() []route { return nil }
