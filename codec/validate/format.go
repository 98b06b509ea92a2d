package validate

import (
	"encoding/base64"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
)

var (
	durationFormat = regexp.MustCompile(`^P(?:\d+W|(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?)$`)
	uuidFormat     = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	timeFormat     = regexp.MustCompile(`(?i)^\d\d:\d\d:\d\d(?:\.\d+)?(?:z|[+-]\d\d:\d\d)$`)
	hostnameFormat = regexp.MustCompile(`^(?:[0-9A-Za-z](?:[-0-9A-Za-z]{0,61}[0-9A-Za-z])?)(?:\.[0-9A-Za-z](?:[-0-9A-Za-z]{0,61}[0-9A-Za-z])?)*$`)
	pointerFormat  = regexp.MustCompile(`^(?:/(?:[^~/]|~[01])*)*$`)
	relativeFormat = regexp.MustCompile(`^(?:0|[1-9]\d*)(?:#|(?:/(?:[^~/]|~[01])*)*)$`)
	ipv4Format     = regexp.MustCompile(`^\d{1,3}(?:\.\d{1,3}){3}$`)
)

// IsFormat reports whether a string is of a format: date-time, date, time, duration, uuid, uri,
// uri-reference, ipv4, ipv6, email, hostname, json-pointer or relative-json-pointer, as JSON Schema
// defines them, or base64. Every string is of any other format.
func IsFormat(s, format string) bool {
	switch format {
	case "date":
		_, err := time.Parse(time.DateOnly, s)
		return err == nil
	case "time":
		return isTime(s)
	case "date-time":
		return len(s) > 10 && s[10]|0x20 == 't' && IsFormat(s[:10], "date") && isTime(s[11:])
	case "duration":
		return len(s) > 1 && s[len(s)-1] != 'T' && durationFormat.MatchString(s)
	case "uuid":
		return uuidFormat.MatchString(s)
	case "uri":
		u, err := url.Parse(s)
		return err == nil && u.IsAbs()
	case "uri-reference":
		_, err := url.Parse(s)
		return err == nil && !strings.Contains(s, `\`)
	case "email":
		a, err := mail.ParseAddress(s)
		return err == nil && a.Name == "" && a.Address == s && !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
	case "hostname":
		return len(s) <= 253 && hostnameFormat.MatchString(s)
	case "json-pointer":
		return pointerFormat.MatchString(s)
	case "relative-json-pointer":
		return relativeFormat.MatchString(s)
	case "base64":
		_, err := base64.StdEncoding.DecodeString(s)
		return err == nil && !strings.ContainsAny(s, "\r\n")
	case "ipv4":
		a, err := netip.ParseAddr(s)
		return err == nil && a.Is4() && ipv4Format.MatchString(s)
	case "ipv6":
		a, err := netip.ParseAddr(s)
		return err == nil && a.Is6() && a.Zone() == ""
	}
	return true
}

// isTime reports whether a string is a time of RFC 3339. A leap second, of which package time knows
// nothing, is the last one of a day in UTC.
func isTime(s string) bool {
	if !timeFormat.MatchString(s) {
		return false
	}
	leap := s[6:8] == "60"
	if leap {
		s = s[:6] + "59" + s[8:]
	}
	t, err := time.Parse(time.RFC3339Nano, "2000-01-01T"+strings.ToUpper(s))
	return err == nil && (!leap || t.UTC().Hour() == 23 && t.UTC().Minute() == 59)
}
