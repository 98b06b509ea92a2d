package codec

import (
	"bytes"
	"time"
)

// AppendTime appends a time in RFC 3339, with as many digits of the second as it needs. A year
// beyond four digits is an error, as in encoding/json. For generated code.
func AppendTime(dst []byte, t time.Time) ([]byte, error) {
	out, err := t.AppendText(append(dst, '"'))
	if err != nil {
		return dst, err
	}
	return append(out, '"'), nil
}

// parseTime reads RFC 3339. The form that servers write, in UTC, needs no general parser.
func parseTime(b []byte) (t time.Time, ok bool) {
	const layout = "2006-01-02T15:04:05Z"
	n := len(b)
	if n < len(layout) || n > len(layout)+10 || b[n-1] != 'Z' || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return slowTime(b)
	}
	year, okYear := decimal(b[0:4])
	month, okMonth := decimal(b[5:7])
	day, okDay := decimal(b[8:10])
	hour, okHour := decimal(b[11:13])
	minute, okMinute := decimal(b[14:16])
	second, okSecond := decimal(b[17:19])
	nano, okNano := 0, true
	if fraction := b[19 : n-1]; len(fraction) > 0 {
		nano, okNano = decimal(fraction[1:])
		okNano = okNano && fraction[0] == '.' && len(fraction) > 1
		for range 10 - len(fraction) {
			nano *= 10
		}
	}
	if !okYear || !okMonth || !okDay || !okHour || !okMinute || !okSecond || !okNano ||
		month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 {
		// A wrong time, or one of the last days of a month, which take a calendar.
		return slowTime(b)
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, nano, time.UTC), true
}

// rfc3339 reports whether a time that parseTime has read is of the form of RFC 3339, from which
// encoding/json is a little more lenient: an hour of one digit, a comma before the fraction, an
// offset beyond 23:59.
func rfc3339(b []byte) bool {
	const seconds = len("2006-01-02T15:04:05")
	if len(b) <= seconds || b[13] != ':' || b[seconds] == ',' {
		return false
	}
	if b[len(b)-1] == 'Z' {
		return true
	}
	offset := b[len(b)-len("07:00"):]
	hour, _ := decimal(offset[:2])
	minute, _ := decimal(offset[3:])
	return hour < 24 && minute < 60
}

func slowTime(b []byte) (t time.Time, ok bool) {
	err := t.UnmarshalText(b)
	return t, err == nil
}

// strictTime reads what RFC 3339 defines: small letters too, and nothing that parseTime is lenient
// with.
func strictTime(b []byte) (t time.Time, ok bool) {
	if t, ok = parseTime(b); !ok {
		b = bytes.ToUpper(b)
		t, ok = parseTime(b)
	}
	return t, ok && rfc3339(b)
}

// decimal reads digits.
func decimal(b []byte) (v int, ok bool) {
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, true
}
