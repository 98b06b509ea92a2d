package devserver_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// This file is the notation in which testdata/answers.txt holds messages: JSON with sorted members,
// without commas and without quotes around member names; msgpack with the type of each value, its
// members in the order of the wire. What two runs need not have in common is blanked.

var (
	fidBlank = regexp.MustCompile(`^\d{14}\.\d{9}$`)
	blanks   = []struct {
		pattern *regexp.Regexp
		blank   string
	}{
		{regexp.MustCompile(`\b(job|wfrun|evt)_[0-9a-hjkmnp-tv-z]{26}\b`), "${1}_ID"},
		{regexp.MustCompile(`\bws_\d+\b`), "ws_N"},
		{regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`), "TS"},
	}
	counters = []string{"topic_count", "subscriber_count", "total_published", "elapsed_ms"}
	// The reasons that the recorded JSON messages leave out.
	reason = regexp.MustCompile(`(invalid (?:job ID|run ID|request|frame): )[^"\\]*(?:\\.[^"\\]*)*`)
)

// blank is a string without what is incidental.
func blank(s string) string {
	if len(s) > 10_000 {
		return fmt.Sprintf("%.10s…(%d)", s, len(s))
	}
	for _, b := range blanks {
		s = b.pattern.ReplaceAllString(s, b.blank)
	}
	return s
}

// printJSON is JSON text in the notation, or the text itself, quoted, if it is none.
func printJSON(text []byte) string {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return quote(string(text))
	}
	var b strings.Builder
	printValue(&b, "", v)
	return b.String()
}

func printValue(b *strings.Builder, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for k := range v {
			names = append(names, k)
		}
		slices.Sort(names)
		b.WriteByte('{')
		for i, k := range names {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(k + ":")
			printValue(b, k, v[k])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, element := range v {
			if i > 0 {
				b.WriteByte(' ')
			}
			printValue(b, "", element)
		}
		b.WriteByte(']')
	case string:
		if v == "FID" || name == "id" && fidBlank.MatchString(v) {
			b.WriteString("FID")
			return
		}
		b.WriteString(quote(blank(v)))
	case json.Number:
		if slices.Contains(counters, name) {
			b.WriteByte('N')
			return
		}
		b.WriteString(v.String())
	default:
		fmt.Fprint(b, map[any]string{nil: "null", true: "true", false: "false"}[v])
	}
}

func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)
	return strings.TrimSuffix(b.String(), "\n")
}

// printMsgpack is a msgpack value in the notation, with what is left behind it.
func printMsgpack(b *strings.Builder, name string, in []byte) []byte {
	if len(in) == 0 {
		return nil
	}
	c, in := in[0], in[1:]
	sized := func(bytes int) int {
		var n uint64
		for _, c := range in[:bytes] {
			n = n<<8 | uint64(c)
		}
		in = in[bytes:]
		return int(n)
	}
	take := func(n int) []byte {
		part := in[:n]
		in = in[n:]
		return part
	}
	text := func(n int) {
		s := string(take(n))
		if name == "id" && fidBlank.MatchString(s) {
			b.WriteString("FID")
			return
		}
		b.WriteString("str:" + quote(blank(s)))
	}
	members := func(n int) {
		b.WriteByte('{')
		for i := range n {
			if i > 0 {
				b.WriteByte(' ')
			}
			var k strings.Builder
			in = printMsgpack(&k, "", in)
			key := k.String()
			b.WriteString(key + "=")
			in = printMsgpack(b, strings.Trim(strings.TrimPrefix(key, "str:"), `"`), in)
		}
		b.WriteByte('}')
	}
	switch {
	case c < 0x80:
		fmt.Fprintf(b, "fix+%d", c)
	case c < 0x90:
		members(int(c & 0x0f))
	case c >= 0xa0 && c < 0xc0:
		text(int(c & 0x1f))
	case c == 0xc0:
		b.WriteString("nil")
	case c >= 0xc4 && c <= 0xc6:
		b.WriteString("bin:" + printJSON(take(sized(1<<(c-0xc4)))))
	case c == 0xc7:
		n := sized(1)
		fmt.Fprintf(b, "ext%d(%d)", int8(in[0]), n)
		take(n + 1)
	case c >= 0xcc && c <= 0xcf:
		fmt.Fprintf(b, "u%d:", 8<<(c-0xcc))
		fmt.Fprint(b, sized(1<<(c-0xcc)))
	case c >= 0xd4 && c <= 0xd8:
		n := 1 << (c - 0xd4)
		if name == "ts" && n == 4 {
			n = 8 // a whole second, which a bubble's clock shows often
		}
		fmt.Fprintf(b, "ext%d(%d)", int8(in[0]), n)
		take(1 + 1<<(c-0xd4))
	case c >= 0xd9 && c <= 0xdb:
		text(sized(1 << (c - 0xd9)))
	default:
		fmt.Fprintf(b, "<%x>", c)
	}
	return in
}

// parser reads msgpack in the notation and makes its bytes.
type parser struct {
	t   *testing.T
	in  string
	out bytes.Buffer
}

// parseMsgpack returns the bytes of a value in the notation.
func parseMsgpack(t *testing.T, notation string) []byte {
	t.Helper()
	p := &parser{t: t, in: notation}
	p.value()
	if p.in != "" {
		t.Fatalf("%q is left of %q", p.in, notation)
	}
	return p.out.Bytes()
}

func (p *parser) skip(prefix string) bool {
	rest, ok := strings.CutPrefix(p.in, prefix)
	if ok {
		p.in = rest
	}
	return ok
}

func (p *parser) number() int {
	end := strings.IndexFunc(p.in, func(r rune) bool { return r != '-' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(p.in)
	}
	n, err := strconv.Atoi(p.in[:end])
	if err != nil {
		p.t.Fatal(err)
	}
	p.in = p.in[end:]
	return n
}

func (p *parser) quoted() string {
	prefix, err := strconv.QuotedPrefix(p.in)
	if err != nil {
		p.t.Fatalf("%v in %q", err, p.in)
	}
	s, err := strconv.Unquote(prefix)
	if err != nil {
		p.t.Fatal(err)
	}
	p.in = p.in[len(prefix):]
	if s == "TS" {
		return "2026-11-26T10:00:00Z"
	}
	return s
}

// items counts the values between brackets, and prefixes them with a head of that count.
func (p *parser) items(fixed byte, end string, item func()) {
	outer := p.out
	p.out = bytes.Buffer{}
	n := 0
	for !p.skip(end) {
		item()
		n++
		p.skip(" ")
	}
	inner := p.out
	p.out = outer
	p.out.WriteByte(fixed | byte(n))
	p.out.Write(inner.Bytes())
}

func (p *parser) value() {
	switch {
	case p.skip("{"):
		p.items(0x80, "}", func() {
			p.value()
			if !p.skip("=") {
				p.t.Fatalf("want = in %q", p.in)
			}
			p.value()
		})
	case p.skip("["):
		p.items(0x90, "]", p.value)
	case p.skip("str:"):
		s := p.quoted()
		if len(s) < 32 && s != "\x81\xa0" { // which was sent with a length of its own
			p.out.WriteByte(0xa0 | byte(len(s)))
		} else {
			p.out.Write([]byte{0xd9, byte(len(s))})
		}
		p.out.WriteString(s)
	case p.skip("bin:"):
		var text string
		if strings.HasPrefix(p.in, `"`) {
			text = p.quoted()
		} else {
			text = p.json()
		}
		p.out.Write([]byte{0xc4, byte(len(text))})
		p.out.WriteString(text)
	case p.skip("nil"):
		p.out.WriteByte(0xc0)
	case p.skip("true"):
		p.out.WriteByte(0xc3)
	case p.skip("fix+"):
		p.out.WriteByte(byte(p.number()))
	case p.skip("ext"):
		kind := int8(p.number())
		p.skip("(")
		n := p.number()
		p.skip(")")
		if fixed := map[int]byte{1: 0xd4, 2: 0xd5, 4: 0xd6, 8: 0xd7, 16: 0xd8}[n]; fixed != 0 {
			p.out.WriteByte(fixed)
		} else {
			p.out.Write([]byte{0xc7, byte(n)})
		}
		p.out.WriteByte(byte(kind))
		stamp := make([]byte, max(n, 8))
		binary.BigEndian.PutUint32(stamp[n-min(n, 4):], 1_796_000_000)
		p.out.Write(stamp[:n])
	default:
		p.t.Fatalf("what is %q", p.in)
	}
}

// json reads JSON in the notation and returns it as it is sent.
func (p *parser) json() string {
	var b strings.Builder
	switch {
	case p.skip("{"):
		b.WriteByte('{')
		for first := true; !p.skip("}"); first = false {
			if !first {
				b.WriteByte(',')
			}
			name, rest, _ := strings.Cut(p.in, ":")
			p.in = rest
			b.WriteString(quote(name) + ":" + p.json())
			p.skip(" ")
		}
		b.WriteByte('}')
	case strings.HasPrefix(p.in, `"`):
		b.WriteString(quote(p.quoted()))
	case p.skip("null"):
		b.WriteString("null")
	default:
		b.WriteString(strconv.Itoa(p.number()))
	}
	return b.String()
}

// bytesOf are the bytes of a text in which some stand as \xNN or \u0000.
func bytesOf(t *testing.T, s string) []byte {
	t.Helper()
	var out []byte
	for s != "" {
		switch {
		case strings.HasPrefix(s, `\x`):
			c, err := hex.DecodeString(s[2:4])
			if err != nil {
				t.Fatal(err)
			}
			out, s = append(out, c...), s[4:]
		case strings.HasPrefix(s, `\u0000`):
			out, s = append(out, 0), s[6:]
		default:
			out, s = append(out, s[0]), s[1:]
		}
	}
	return out
}
