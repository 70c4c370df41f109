// Package registry keeps resources (services that are protected), their XACML
// policies, the schemes of Maskinporten scopes, and access lists. They are
// documents in the log: a command here takes what the registry holds and what is
// to be, and returns the changes; a View is what the registry holds at one
// revision.
//
// The shapes are those of Altinn's resource registry, so that what a service
// owner has written for it can be brought here as it is.
package registry
