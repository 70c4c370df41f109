package xacml

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// IPAddress is an IPv4 or IPv6 address with a mask and a range of ports, the last
// two where they are given (appendix A.2). The standard compares them as text only.
type IPAddress struct {
	text string
}

// Type returns TypeIPAddress.
func (IPAddress) Type() Type { return TypeIPAddress }

// String returns the address as it was written.
func (a IPAddress) String() string { return a.text }

// parseIPAddress reads address [ "/" mask ] [ ":" [ portrange ] ], where an address
// or mask of IPv6 stands in brackets.
func parseIPAddress(s string) (IPAddress, error) {
	address, rest, err := scanAddress(s)
	if err != nil {
		return IPAddress{}, err
	}
	if after, ok := strings.CutPrefix(rest, "/"); ok {
		var mask netip.Addr
		if mask, rest, err = scanAddress(after); err != nil {
			return IPAddress{}, err
		}
		if mask.Is4() != address.Is4() {
			return IPAddress{}, errors.New("the mask must be of the same version of IP as the address")
		}
	}
	if ports, ok := strings.CutPrefix(rest, ":"); ok {
		if ports != "" && !isPortRange(ports) {
			return IPAddress{}, errPortRange
		}
	} else if rest != "" {
		return IPAddress{}, errors.New(`only "/" and a mask, and ":" and ports, may follow an address`)
	}
	return IPAddress{s}, nil
}

// scanAddress reads an address from the front of s and returns the rest.
func scanAddress(s string) (netip.Addr, string, error) {
	text, rest := s, ""
	inBrackets := strings.HasPrefix(s, "[")
	if inBrackets {
		var ok bool
		if text, rest, ok = strings.Cut(s[1:], "]"); !ok {
			return netip.Addr{}, "", errors.New(`a "[" lacks its "]"`)
		}
	} else if i := strings.IndexAny(s, "/:"); i >= 0 {
		text, rest = s[:i], s[i:]
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" || address.Is4() == inBrackets {
		return netip.Addr{}, "", errors.New("address and mask are written as 192.0.2.1 or, for IPv6, in brackets as [2001:db8::1]")
	}
	return address, rest, nil
}

// DNSName is the name of a host, or of all hosts of a domain, with a range of ports
// where one is given (appendix A.2). The standard compares them as text only.
type DNSName struct {
	text string
}

// Type returns TypeDNSName.
func (DNSName) Type() Type { return TypeDNSName }

// String returns the name as it was written.
func (n DNSName) String() string { return n.text }

// parseDNSName reads hostname [ ":" portrange ]. The leftmost label may be "*".
func parseDNSName(s string) (DNSName, error) {
	host, ports, hasPorts := strings.Cut(s, ":")
	if hasPorts && !isPortRange(ports) {
		return DNSName{}, errPortRange
	}
	labels := strings.Split(strings.TrimSuffix(strings.TrimPrefix(host, "*."), "."), ".")
	for _, label := range labels {
		if !isLabel(label) {
			return DNSName{}, errors.New(`the labels of a name are letters, digits and "-" within; only the leftmost may be "*"`)
		}
	}
	if !isLetter(labels[len(labels)-1][0]) {
		return DNSName{}, errors.New("the last label of a name must start with a letter")
	}
	return DNSName{s}, nil
}

func isLabel(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isLetter(c) && !isDigit(c) && (c != '-' || i == 0 || i == len(s)-1) {
			return false
		}
	}
	return s != ""
}

var errPortRange = errors.New("ports are written as 80, 80-90, 80- or -90, and are at most 65535")

func isPortRange(s string) bool {
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		return isPort(from)
	}
	return (from != "" || to != "") && (from == "" || isPort(from)) && (to == "" || isPort(to))
}

func isPort(s string) bool {
	if !isDigits(s) {
		return false
	}
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}
