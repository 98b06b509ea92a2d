package client

import (
	"errors"
	"net"
	"reflect"
	"slices"
)

// redactedError has the text of an error without its secrets. errors.Is compares with the original.
// errors.As finds the wrapped errors that contain no secret, and redacted copies of the others
// where such a copy is possible.
type redactedError struct {
	text string
	err  error
	from *secrets
}

// redactedNetError is a redactedError whose original is a [net.Error].
type redactedNetError struct {
	redactedError
	original net.Error
}

// error redacts an error if it, or an error that it wraps, contains a secret.
func (s *secrets) error(err error) error {
	if err == nil || !s.inError(err) {
		return err
	}
	e := &redactedError{text: s.text(err.Error()), err: err, from: s}
	if network, ok := errors.AsType[net.Error](err); ok {
		return &redactedNetError{*e, network}
	}
	return e
}

// inError reports whether the text of an error, or of one that it wraps, contains a secret.
func (s *secrets) inError(err error) bool {
	if err == nil {
		return false
	}
	if s.in(err.Error()) {
		return true
	}
	return slices.ContainsFunc(unwrap(err), s.inError)
}

// unwrap returns the errors that an error wraps, by either form of Unwrap.
func unwrap(err error) []error {
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return []error{e.Unwrap()}
	case interface{ Unwrap() []error }:
		return e.Unwrap()
	}
	return nil
}

func (e *redactedError) Error() string        { return e.text }
func (e *redactedError) Is(target error) bool { return errors.Is(e.err, target) }

func (e *redactedError) As(target any) bool {
	return e.from.as(e.err, reflect.ValueOf(target).Elem())
}

func (e *redactedNetError) Timeout() bool { return e.original.Timeout() }

func (e *redactedNetError) Temporary() bool {
	return e.original.Temporary() //nolint:staticcheck // a net.Error has this method
}

// as is errors.As for an error that contains a secret. It stores only errors that contain none.
func (s *secrets) as(err error, target reflect.Value) bool {
	switch {
	case err == nil:
		return false
	case !s.inError(err):
		found := reflect.New(target.Type())
		return errors.As(err, found.Interface()) && s.store(found.Elem(), target)
	}
	if c := s.copyOf(err); c != nil && s.store(reflect.ValueOf(c), target) {
		return true
	}
	for _, wrapped := range unwrap(err) {
		if s.as(wrapped, target) {
			return true
		}
	}
	return false
}

// store sets the target to the error found if its type fits and it contains no secret.
func (s *secrets) store(found, target reflect.Value) bool {
	if !found.Type().AssignableTo(target.Type()) {
		return false
	}
	if err, ok := reflect.TypeAssert[error](found); !ok || s.inError(err) {
		return false
	}
	target.Set(found)
	return true
}
