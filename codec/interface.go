package codec

// AppendInterface appends the variant that an interface holds; nil is null. For generated code.
func AppendInterface[U comparable](dst []byte, v U, variant func([]byte, U) ([]byte, error)) ([]byte, error) {
	var none U
	if v == none {
		return append(dst, "null"...), nil
	}
	return variant(dst, v)
}

// ScanInterface reads a variant into an interface. Null makes it nil. For generated code.
func ScanInterface[U any](s *Scanner, dst *U, variant func(*Scanner, *U)) {
	if s.Null() {
		var none U
		*dst = none
		return
	}
	variant(s, dst)
}
