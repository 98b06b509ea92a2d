package msgpack

import (
	"slices"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
)

// Choice is a variant of a union U as its decoder tries it.
type Choice[U any] struct {
	// Required are members without which a map is not of the variant. Telling variants apart by
	// them, and not by reading one to its end, keeps unions within unions from taking twice as long
	// with each level.
	Required []string
	// Read returns a value of the variant and what follows it, or why b does not begin with one.
	Read func(b []byte) (v U, rest []byte, err error)
}

// maxTrials is how deeply a value of a union within itself may be nested for its
// variants to be tried one after the other: every level multiplies the trials.
const maxTrials = 6

// ChooseDeep is [Choose] for a union whose variants contain it. A value that is nested deeply is
// read as JSON, by scan, which makes the choice at each place once.
func ChooseDeep[U any](b []byte, exclusive bool, scan func(*codec.Scanner, *U), choices ...Choice[U]) (v U, rest []byte, err error) {
	if _, deep := skip(b, maxTrials); deep == nil {
		return Choose(b, exclusive, choices...)
	}
	text, rest, err := ReadJSON(b)
	if err != nil {
		return v, b, err
	}
	s := codec.NewScanner(text)
	s.RefuseNull()
	scan(&s, &v)
	if err := s.End(); err != nil {
		return v, b, err
	}
	return v, rest, nil
}

// likely are the choices whose required members a map has, the last one if there are none.
func likely[U any](b []byte, choices []Choice[U]) ([]Choice[U], error) {
	names, err := memberNames(b)
	if err != nil {
		return nil, err
	}
	lacks := func(c Choice[U]) bool {
		return slices.ContainsFunc(c.Required, func(name string) bool { return !names[name] })
	}
	if !slices.ContainsFunc(choices, lacks) {
		return choices, nil
	}
	if found := slices.DeleteFunc(slices.Clone(choices), lacks); len(found) > 0 {
		return found, nil
	}
	return choices[len(choices)-1:], nil
}

// Choose reads the variant of a union that b begins with: the first choice
// that reads it, or the only one if the union is exclusive. None is the error
// of the last, several are [codec.ErrValue].
func Choose[U any](b []byte, exclusive bool, choices ...Choice[U]) (v U, rest []byte, err error) {
	if msgp.NextType(b) == msgp.MapType {
		if choices, err = likely(b, choices); err != nil {
			return v, b, err
		}
	}
	found := false
	err = &codec.Error{Kind: codec.ErrValue, Detail: "no variant"}
	for _, choice := range choices {
		one, after, oneErr := choice.Read(b)
		switch {
		case oneErr != nil:
			if !found {
				err = oneErr
			}
			continue
		case found:
			return v, b, &codec.Error{Kind: codec.ErrValue, Detail: "several variants of a oneOf"}
		}
		v, rest, err, found = one, after, nil, true
		if !exclusive {
			break
		}
	}
	return v, rest, err
}

// memberNames returns the names of the map that b begins with.
func memberNames(b []byte) (map[string]bool, error) {
	n, b, err := msgp.ReadMapHeaderBytes(b)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for range n {
		var key []byte
		if key, b, err = msgp.ReadMapKeyZC(b); err != nil {
			return nil, err
		}
		if b, err = msgp.Skip(b); err != nil {
			return nil, err
		}
		names[string(key)] = true
	}
	return names, nil
}
