package codec

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestReadingAllocatesInProportionToItsInput is not parallel: what it measures is exact only while
// nothing else runs.
func TestReadingAllocatesInProportionToItsInput(t *testing.T) {
	const n = 1 << 18
	long := strings.Repeat("a", n)
	inputs := map[string]struct {
		text string
		read func(*Scanner)
	}{
		"string":         {`"` + long + `"`, func(s *Scanner) { ScanString(s, new(string)) }},
		"escapes":        {`"` + strings.Repeat(`\n`, n) + `"`, func(s *Scanner) { ScanString(s, new(string)) }},
		"invalid UTF-8":  {`"` + strings.Repeat("\xff", n) + `"`, func(s *Scanner) { ScanString(s, new(string)) }},
		"base64":         {`"` + long + `"`, func(s *Scanner) { ScanBytes(s, new([]byte)) }},
		"integer":        {"1" + strings.Repeat("0", n), func(s *Scanner) { ScanInt(s, new(int)) }},
		"fraction":       {"1." + strings.Repeat("0", n), func(s *Scanner) { ScanInt(s, new(int)) }},
		"exponent":       {"1e" + strings.Repeat("9", n), func(s *Scanner) { ScanInt(s, new(int)) }},
		"large exponent": {"1e2147483647", func(s *Scanner) { ScanInt(s, new(int)) }},
		"float":          {"0." + strings.Repeat("1", n), func(s *Scanner) { ScanFloat(s, new(float64)) }},
		"time":           {`"2026-11-23T14:29:36.` + strings.Repeat("1", n) + `Z"`, func(s *Scanner) { ScanTime(s, new(time.Time)) }},
		"raw":            {"[" + strings.Repeat("1,", n) + "1]", func(s *Scanner) { ScanRaw(s, new(json.RawMessage)) }},
		"list":           {"[" + strings.Repeat("1,", n) + "1]", func(s *Scanner) { ScanList(s, new([]int32), ScanInt[int32]) }},
		"map":            {"{" + strings.Repeat(`"a":1,`, n) + `"a":1}`, func(s *Scanner) { ScanMap(s, new(map[string]int), ScanInt[int]) }},
		"constant":       {"1" + strings.Repeat("0", n), func(s *Scanner) { ScanConst(s, "1") }},
		"deep":           {strings.Repeat("[", n), (*Scanner).Skip},
		"late error":     {"[" + strings.Repeat("[1],", n) + "x]", (*Scanner).Skip},
		"names":          {"{" + strings.Repeat(`"`+long[:100]+`":[{"`+long[:100]+`":`, 200), (*Scanner).Skip},
	}
	for name, input := range inputs {
		data := []byte(input.text)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s := NewScanner(data)
		input.read(&s)
		_ = s.End()
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(32*len(data)+64<<10); got > most {
			t.Errorf("%s: %d bytes of input made the reader allocate %d, more than %d", name, len(data), got, most)
		}
	}
}
