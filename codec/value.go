package codec

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/xraph/dispatch/internal/jsonnumber"
)

// AppendValue appends what writes itself. With its type it is an element for [AppendList] and its
// like: AppendValue[Job]. For generated code.
func AppendValue[T any, P interface {
	*T
	Appender
}](dst []byte, v *T) ([]byte, error) {
	return P(v).AppendJSON(dst)
}

// ScanValue reads what reads itself. With its type it is an element for [ScanList] and its like:
// ScanValue[Job]. For generated code.
func ScanValue[T any, P interface {
	*T
	ScanJSON(s *Scanner)
}](s *Scanner, dst *T) {
	P(dst).ScanJSON(s)
}

// ScanNew reads what reads itself into new memory, unless there is some; null makes it nil.
// For generated code.
func ScanNew[T any, P interface {
	*T
	ScanJSON(s *Scanner)
}](s *Scanner, dst **T) {
	ScanPointer(s, dst, ScanValue[T, P])
}

// Unmarshal reads a document into what v points at, as [json.Unmarshal] does; a generated type
// without reflection, and without checking the document first.
func Unmarshal(data []byte, v any) error {
	if reader, ok := v.(interface {
		json.Unmarshaler
		ScanJSON(s *Scanner)
	}); ok && !reflect.ValueOf(v).IsNil() {
		return reader.UnmarshalJSON(data)
	}
	return json.Unmarshal(data, v)
}

// ScanConst reads a value that must be a constant, given as JSON: null, a boolean, a
// number or a string. Anything else is an error ([ErrValue]). For generated code.
func ScanConst(s *Scanner, constant string) {
	want := NewScanner([]byte(constant))
	same := false
	switch kind := s.Next(); {
	case kind != want.Next():
		s.Skip()
	case kind == KindString:
		got, _ := s.Text()
		expected, _ := want.Text()
		same = string(got) == string(expected)
	case kind == KindNumber:
		got := s.number()
		same = s.err == nil && jsonnumber.Equal(string(got.text), constant)
	default:
		same = string(s.Raw()) == constant
	}
	if s.err == nil && !same {
		s.Fail(ErrValue, "expected "+constant)
	}
}

// AppendDuration appends a duration as an integer of units. One that is not a multiple of them is
// an error ([ErrValue]). For generated code.
func AppendDuration(dst []byte, d, unit time.Duration) ([]byte, error) {
	if d%unit != 0 {
		return dst, fmt.Errorf("%w: %v is not a multiple of %v", ErrValue, d, unit)
	}
	return AppendInt(dst, d/unit), nil
}

// ScanDuration reads an integer of units into dst. More than a duration holds is an error
// ([ErrRange]). Null leaves dst as it is. For generated code.
func ScanDuration(s *Scanner, dst *time.Duration, unit time.Duration) {
	null := s.Next() == KindNull
	var n int64
	if ScanInt(s, &n); s.err != nil || null {
		return
	}
	d := time.Duration(n) * unit
	if int64(d/unit) != n {
		s.Fail(ErrRange, "a duration of "+strconv.FormatInt(n, 10)+" units")
		return
	}
	*dst = d
}

// ScanEnum reads one of the values of a closed enum into dst. Another string is an error
// ([ErrValue]). Null leaves dst as it is. For generated code.
func ScanEnum[T ~string](s *Scanner, dst *T, values ...T) {
	scanEnum(s, dst, ScanString[T], values)
}

// ScanIntEnum reads one of the values of a closed enum of integers into dst, like [ScanEnum].
// For generated code.
func ScanIntEnum[T Integer](s *Scanner, dst *T, values ...T) {
	scanEnum(s, dst, ScanInt[T], values)
}

func scanEnum[T comparable](s *Scanner, dst *T, read func(*Scanner, *T), values []T) {
	null := s.Next() == KindNull
	var v T
	if read(s, &v); s.err != nil || null {
		return
	}
	if !slices.Contains(values, v) {
		s.Fail(ErrValue, "the schema has no such value")
		return
	}
	*dst = v
}

// Require ends the reading of an object whose end has just been read if it lacks a member: one of
// the names whose place in seen is false. For generated code.
func (s *Scanner) Require(seen []bool, names ...string) {
	for i, name := range names {
		if s.err == nil && !seen[i] {
			s.Missing(name)
		}
	}
}
