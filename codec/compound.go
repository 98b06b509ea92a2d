package codec

import (
	"maps"
	"slices"
)

// AppendList appends an array; nil is an empty one, for a schema's array is never null.
// For generated code.
func AppendList[T any](dst []byte, list []T, element func([]byte, *T) ([]byte, error)) ([]byte, error) {
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = element(dst, &list[i]); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

// AppendMap appends an object, its members in the order of their names; nil is an empty one, for a
// schema's object is never null. For generated code.
func AppendMap[K ~string, T any](dst []byte, m map[K]T, value func([]byte, *T) ([]byte, error)) ([]byte, error) {
	start := len(dst)
	dst, err := AppendMembers(dst, m, value)
	return CloseObject(dst, start), err
}

// CloseObject makes an object of the members that were appended from start on, each after a comma.
// For generated code.
func CloseObject(dst []byte, start int) []byte {
	if len(dst) == start {
		return append(dst, "{}"...)
	}
	dst[start] = '{'
	return append(dst, '}')
}

// AppendPointer appends what v points at; nil is null. For generated code.
func AppendPointer[T any](dst []byte, v *T, value func([]byte, *T) ([]byte, error)) ([]byte, error) {
	if v == nil {
		return append(dst, "null"...), nil
	}
	return value(dst, v)
}

// ScanList reads an array into dst, in new memory. Null makes it nil. For generated code.
func ScanList[T any](s *Scanner, dst *[]T, element func(*Scanner, *T)) {
	if !s.Array() {
		if s.err == nil {
			*dst = nil
		}
		return
	}
	list := []T{}
	for s.Element() {
		// Growing as the elements come: a wide T must not cost more than was sent.
		var v T
		element(s, &v)
		list = append(list, v)
	}
	if s.err == nil {
		*dst = list
	}
}

// ScanMap reads an object into dst, adding to what it holds; of members of one name the last one
// wins. Null makes it nil. For generated code.
func ScanMap[K ~string, T any](s *Scanner, dst *map[K]T, value func(*Scanner, *T)) {
	if !s.Object() {
		if s.err == nil {
			*dst = nil
		}
		return
	}
	if *dst == nil {
		*dst = map[K]T{}
	}
	for s.Member() {
		key := K(s.Key())
		var v T
		value(s, &v)
		if s.err == nil {
			(*dst)[key] = v
		}
	}
}

// ScanPointer reads a value into what dst points at, or into new memory. Null makes it nil.
// For generated code.
func ScanPointer[T any](s *Scanner, dst **T, value func(*Scanner, *T)) {
	if s.Null() {
		*dst = nil
		return
	}
	if *dst == nil {
		*dst = new(T)
	}
	value(s, *dst)
}

// AppendMembers appends the members of a map to an object that is being written, each after a
// comma. For generated code.
func AppendMembers[K ~string, T any](dst []byte, m map[K]T, value func([]byte, *T) ([]byte, error)) ([]byte, error) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		dst = append(dst, ',')
		dst = append(AppendString(dst, key), ':')
		v := m[key]
		var err error
		if dst, err = value(dst, &v); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// ScanMember reads the value of the member at hand, which no field is for, into a map, making it if
// need be. For generated code.
func ScanMember[T any](s *Scanner, dst *map[string]T, value func(*Scanner, *T)) {
	key := string(s.Key())
	var v T
	value(s, &v)
	if s.err != nil {
		return
	}
	if *dst == nil {
		*dst = map[string]T{}
	}
	(*dst)[key] = v
}

// ScanPresent reads the value of a member that may be absent, but not null, into
// what dst points at, or into new memory. For generated code.
func ScanPresent[T any](s *Scanner, dst **T, value func(*Scanner, *T)) {
	if s.strict && s.Next() == KindNull {
		s.Fail(ErrType, "expected a value, not null")
		return
	}
	ScanPointer(s, dst, value)
}
