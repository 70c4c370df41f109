package api

import (
	_ "embed"
	"net/http"
	"sync"

	"github.com/fullmakt/fullmakt"
	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed openapi.yaml
var openapiYAML []byte

// openapiJSON is the document as JSON, made when somebody asks for it.
var openapiJSON = sync.OnceValues(func() ([]byte, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapiYAML)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "openapi.yaml: %w", err)
	}
	return doc.MarshalJSON()
})

// operationsRoutes lists the routes about the server itself.
func operationsRoutes() []route {
	return []route{
		{method: "GET", pattern: "/reference", anonymous: true, handle: (*Server).showReference},
		{method: "GET", pattern: "/openapi.yaml", anonymous: true, handle: func(_ *Server, c *call) error {
			c.w.Header().Set("Cache-Control", "public, max-age=3600")
			c.write(http.StatusOK, "application/yaml", openapiYAML)
			return nil
		}},
		{method: "GET", pattern: "/openapi.json", anonymous: true, handle: func(_ *Server, c *call) error {
			doc, err := openapiJSON()
			if err != nil {
				return err
			}
			c.w.Header().Set("Cache-Control", "public, max-age=3600")
			c.write(http.StatusOK, "application/json", doc)
			return nil
		}},
	}
}
