package codec

import (
	"encoding/json"
	"sync"
)

// appendReflected appends what json.Marshal makes of a value, without a copy of it.
func appendReflected(dst []byte, v any) ([]byte, error) {
	e := reflectors.Get().(*reflector)
	e.dst = dst
	err := e.json.Encode(v) // writes once, or never if there is an error
	out := e.dst
	e.dst = nil
	reflectors.Put(e) // not after a panic of v's methods
	if err != nil {
		return dst, err
	}
	return out[:len(out)-1], nil // without the line break
}

// reflector is an encoder of encoding/json that appends to dst.
type reflector struct {
	json *json.Encoder
	dst  []byte
}

var reflectors = sync.Pool{New: func() any {
	e := new(reflector)
	e.json = json.NewEncoder(e)
	return e
}}

func (e *reflector) Write(text []byte) (int, error) {
	e.dst = append(e.dst, text...)
	return len(text), nil
}
