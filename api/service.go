package api

import "github.com/fullmakt/fullmakt/registry"

// serviceType is the AuthZEN type of a resource that is a service, with its
// identifier for id and the party it is asked about for in properties.party.
const serviceType = registry.AttributeResource
