package codec

// Null is a value that can only be null.
type Null struct{}

// MarshalJSON implements json.Marshaler.
func (Null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// UnmarshalJSON implements json.Unmarshaler. What is not null is [ErrValue].
func (*Null) UnmarshalJSON(data []byte) error {
	if string(data) != "null" {
		return &Error{Kind: ErrValue, Detail: "expected null"}
	}
	return nil
}
