package client

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/xraph/dispatch/codec"
)

// RunOption configures a call of [Client.RunWorkflow].
type RunOption interface {
	isRunOption()
}

type withRunKey string

func (withRunKey) isRunOption() {}

// WithRunKey makes a run known before it ends, by a member of its input: the run whose record has
// the same value there, a string or a number, is this one. The value has to be unique among the
// runs of this workflow that begin at about the same time, such as the id of an order; that the run
// has another id after all is a [*RunMismatchError]. If the input has no such member, RunWorkflow
// adds one with a random value, which is unique. A workflow that refuses members that it does not
// know then fails.
//
// An empty member is an error of RunWorkflow, as are an input that is not a JSON object and a value
// that is empty, null, a boolean or not a scalar. Default: no key.
func WithRunKey(member string) RunOption {
	return withRunKey(member)
}

// runKey is what a run is known by before the server says its id: a member of its input. The zero
// value is no key.
type runKey struct {
	member string
	value  scalar
}

// scalar is a string or a number of a JSON document. A number is equal to another that is written
// alike.
type scalar struct {
	text   string
	number bool
}

// runKeyOf returns the key that options ask for. It encodes an input that has it.
func runKeyOf(opts []RunOption, input *any) (key runKey, err error) {
	for _, o := range opts {
		switch o := o.(type) {
		case nil:
		case withRunKey:
			if o == "" {
				return key, errors.New("WithRunKey: the member has no name")
			}
			key.member = string(o)
		default:
			return key, errors.New("an option that is not one of this package's")
		}
	}
	if key.member != "" {
		*input, err = key.into(*input)
	}
	return key, err
}

// into encodes an input, adds the key's member if it has none, and sets the key's value.
func (k *runKey) into(input any) (json.RawMessage, error) {
	text, err := codec.AppendAny(nil, input)
	if err != nil {
		return nil, fmt.Errorf("encode the input: %w", err)
	}
	raw, err := member(text, k.member)
	if err != nil {
		return nil, fmt.Errorf("WithRunKey: the input is not an object: %w", err)
	}
	if raw == nil {
		k.value = scalar{text: rand.Text()}
		with := codec.AppendString([]byte{'{'}, k.member)
		with = codec.AppendString(append(with, ':'), k.value.text)
		if string(text) != "{}" {
			with = append(with, ',')
		}
		return append(with, text[1:]...), nil // AppendAny writes no space before the brace
	}
	var ok bool
	if k.value, ok = scalarOf(raw); !ok || k.value.text == "" {
		return nil, fmt.Errorf("WithRunKey: member %q is not a string with characters or a number", k.member)
	}
	return text, nil
}

// member returns the value of an object's member, the last one of this name, as text, and nil if
// there is none.
func member(object []byte, name string) (value json.RawMessage, err error) {
	s := codec.NewScanner(object)
	s.Object()
	for s.Member() {
		if string(s.Key()) == name {
			codec.ScanRaw(&s, &value)
		} else {
			s.Skip()
		}
	}
	return value, s.End()
}

// scalarOf reports whether a JSON value is a string or a number, and which.
func scalarOf(raw json.RawMessage) (v scalar, ok bool) {
	switch {
	case len(raw) > 0 && raw[0] == '"':
		s := codec.NewScanner(raw)
		codec.ScanString(&s, &v.text)
		return v, s.End() == nil
	case len(raw) > 0 && (raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9'):
		return scalar{text: string(raw), number: true}, true
	}
	return scalar{}, false
}

// is reports whether an input has the key.
func (k *runKey) is(input []byte) bool {
	raw, err := member(input, k.member)
	if err != nil {
		return false
	}
	v, ok := scalarOf(raw)
	return ok && v == k.value
}
