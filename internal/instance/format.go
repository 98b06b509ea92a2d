package instance

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// formatted makes a string of a format, of those that the standard defines and Go understands.
func (g *Generator) formatted(format string) (v string, known bool) {
	switch format {
	case "date-time":
		return g.time("2006-01-02T15:04:05.999999999Z07:00"), true
	case "date":
		return g.time("2006-01-02"), true
	case "time":
		return g.time("15:04:05.999Z07:00"), true
	case "duration":
		return pick(g, []string{
			"PT0S", "P1D", fmt.Sprintf("PT%dS", g.rand.IntN(1e6)), fmt.Sprintf("P%dDT%dH%dM", g.rand.IntN(30), g.rand.IntN(24), g.rand.IntN(60)),
			fmt.Sprintf("P%dW", 1+g.rand.IntN(50)), fmt.Sprintf("P%dY%dM", 1+g.rand.IntN(9), 1+g.rand.IntN(11)),
		}), true
	case "uuid":
		a, b := g.rand.Uint64(), g.rand.Uint64()
		return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", uint32(a>>32), uint16(a>>16), uint16(a), uint16(b>>48), b&(1<<48-1)), true
	case "ipv4", "ip-address":
		return netip.AddrFrom4([4]byte(g.bytes(4))).String(), true
	case "ipv6":
		return pick(g, []string{"::", "::1", "fe80::1", netip.AddrFrom16([16]byte(g.bytes(16))).String()}), true
	case "uri", "iri":
		return pick(g, []string{"https://", "http://", "ftp://", "urn:"}) + g.word(1+g.rand.IntN(8)) + pick(g, []string{"", "/", "/a/b?c=d#e", "/%7Euser", ":8080/"}), true
	case "uri-reference", "iri-reference", "uriref":
		return pick(g, []string{"", "#", "/a", "../b", "?q=1", "https://example.com/"}) + g.word(g.rand.IntN(5)), true
	case "uri-template":
		return "https://example.com/" + g.word(3) + "/{id}", true
	case "email", "idn-email":
		return g.word(1+g.rand.IntN(8)) + "@" + g.word(1+g.rand.IntN(8)) + ".example", true
	case "hostname", "idn-hostname":
		return g.word(1+g.rand.IntN(8)) + pick(g, []string{"", ".example", "-1.example.com"}), true
	case "json-pointer":
		return strings.Repeat("/"+g.word(g.rand.IntN(4)), g.rand.IntN(3)), true
	case "relative-json-pointer":
		return fmt.Sprintf("%d/%s", g.rand.IntN(10), g.word(3)), true
	case "regex":
		return pick(g, []string{"", "^a+$", "[a-z]{2,3}", "(x|y)?"}), true
	case "byte":
		return base64.StdEncoding.EncodeToString(g.bytes(g.rand.IntN(40))), true
	}
	return "", false
}

// time makes a time in a layout: near the present, or at the edges of what can be written.
func (g *Generator) time(layout string) string {
	at := time.Date(2026, 11, 23, 14, 29, 36, 0, time.UTC).Add(time.Duration(g.rand.Int64N(int64(1e18))))
	switch g.rand.IntN(6) {
	case 0:
		at = time.Unix(0, 0)
	case 1:
		at = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
	case 2:
		at = time.Date(9999, 12, 30, 23, 59, 59, 999999999, time.UTC)
	case 3:
		at = at.Truncate(time.Second)
	}
	zone := time.UTC
	if g.one(3) {
		zone = time.FixedZone("", (g.rand.IntN(24*4)-12*4)*15*60)
	}
	return at.In(zone).Format(layout)
}

func (g *Generator) bytes(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(g.rand.Uint32())
	}
	return b
}
