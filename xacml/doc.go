// Package xacml is an engine for OASIS XACML 3.0: it reads policies, compiles
// them once and evaluates requests against them. It knows the standard and
// nothing of who uses it.
//
// ParsePolicy reads and compiles a policy or refuses it; an Engine evaluates
// requests against policies. In the order of an evaluation: engine.go makes
// individual requests of a request, policy.go, rule.go and target.go evaluate what
// the standard's tables are about, combining.go combines, expression.go and
// source.go give values, constantmatch.go answers matches with constants by
// look-up, and trace.go tells how it went.
//
// Section numbers in comments are those of the core specification, "eXtensible
// Access Control Markup Language (XACML) Version 3.0", unless another document is
// named.
package xacml
