// Package xacml is an engine for OASIS XACML 3.0: it reads policies, compiles
// them once and evaluates requests against them. It knows the standard and
// nothing of who uses it.
//
// Section numbers in comments are those of the core specification, "eXtensible
// Access Control Markup Language (XACML) Version 3.0", unless another document is
// named.
package xacml
