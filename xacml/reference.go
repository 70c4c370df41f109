package xacml

import (
	"fmt"
)

// Reference is a PolicyIdReference or PolicySetIdReference (sections 5.10 and
// 5.11). Two references are equal when they name the same policies.
type Reference struct {
	ID      string
	Set     bool   // it names a policy set
	Version string // patterns of section 5.13; "" when absent
	// EarliestVersion and LatestVersion bound the version, themselves included.
	EarliestVersion, LatestVersion string
}

// String returns the reference as an error message names it.
func (r Reference) String() string {
	s := "policy " + r.ID
	if r.Set {
		s = "policy set " + r.ID
	}
	if r.Version != "" {
		s += ", version " + r.Version
	}
	if r.EarliestVersion != "" {
		s += ", earliest version " + r.EarliestVersion
	}
	if r.LatestVersion != "" {
		s += ", latest version " + r.LatestVersion
	}
	return s
}

// Matches tells whether the reference may mean the policy.
func (r Reference) Matches(p *Policy) bool {
	return r.ID == p.id && r.Set == p.set &&
		(r.Version == "" || versionMatches(r.Version, p.version)) &&
		(r.EarliestVersion == "" || compareVersions(p.version, r.EarliestVersion) >= 0) &&
		(r.LatestVersion == "" || compareVersions(p.version, r.LatestVersion) <= 0)
}

// Choose returns the policy that the reference means: of those that match, the one
// with the latest version, as section 5.10 recommends. It returns nil when none
// matches.
func (r Reference) Choose(policies []*Policy) *Policy {
	var best *Policy
	for _, p := range policies {
		if r.Matches(p) && (best == nil || compareVersions(p.version, best.version) > 0) {
			best = p
		}
	}
	return best
}

func (r *policyReader) reference(e *xmlNode) *Reference {
	r.attributes(e, "Version", "EarliestVersion", "LatestVersion")
	ref := &Reference{
		ID: trimXML(r.text(e)), Set: e.local == "PolicySetIdReference",
		Version: r.optional(e, "Version"), EarliestVersion: r.optional(e, "EarliestVersion"), LatestVersion: r.optional(e, "LatestVersion"),
	}
	if ref.ID == "" {
		r.refuse(e, "%s names no policy", e.local)
	}
	for _, v := range []string{ref.Version, ref.EarliestVersion, ref.LatestVersion} {
		if v != "" && !validVersionPattern(v) {
			r.refuse(e, "%q is no version: write numbers or * with dots between them, the last may be +", v)
		}
	}
	return ref
}

// resolve finds the policy that a reference means. What was found is kept: an
// engine is for one set of policies.
func (e *Engine) resolve(ref Reference) (*Policy, error) {
	if p, ok := e.found.Load(ref); ok {
		return p.(*Policy), nil
	}
	p := ref.Choose(e.options.Roots)
	if e.options.Find != nil {
		found, err := e.options.Find(ref)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be used: %w", ref, err)
		}
		if found != nil {
			p = found
		}
	}
	if p == nil {
		return nil, processingError("%s is not among the policies of this decision point", ref)
	}
	if !ref.Matches(p) {
		return nil, processingError("%s was looked for and %s, version %s, was found", ref, p.id, p.version)
	}
	e.found.Store(ref, p)
	return p, nil
}

// decide evaluates the policy that is referred to, or gives Indeterminate when
// there is none (section 7.15).
func (r *Reference) decide(ev *evaluation) outcome {
	p, err := ev.follow(r)
	if err != nil {
		return indeterminate(err)
	}
	defer ev.leave(ev.enter(p.program))
	return p.decide(ev)
}

func (r *Reference) applies(ev *evaluation) (matching, *Error) {
	p, err := ev.follow(r)
	if err != nil {
		return matchFailed, err
	}
	defer ev.leave(ev.enter(p.program))
	return p.applies(ev)
}

// follow finds the policy of a reference and refuses one that is being evaluated
// already, since its result would depend on itself.
func (ev *evaluation) follow(r *Reference) (*Policy, *Error) {
	if err := ev.spend(1); err != nil {
		return nil, asError(err)
	}
	p, err := ev.engine.resolve(*r)
	if err != nil {
		failed := asError(err)
		return nil, &Error{Code: StatusProcessingError, Message: failed.Message, Err: err}
	}
	for _, open := range ev.open {
		if open.id == p.id && open.version == p.version && open.set == p.set {
			return nil, processingError("%s refers to itself", r)
		}
	}
	return p, nil
}
