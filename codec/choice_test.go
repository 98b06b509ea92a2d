package codec

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// node is one of two types, distinguished by their required members.
type node interface{ isNode() }

type leaf struct{ A string }

type branch struct {
	B    int
	Next node
}

func (*leaf) isNode()   {}
func (*branch) isNode() {}

// reads counts how often a node was read as one of its types.
func scanNode(s *Scanner, dst *node, exclusive bool, reads *int) {
	ScanChoice(s, dst, exclusive, Choice[node]{
		Kinds: []Kind{KindObject}, Required: []string{"b"}, Read: func(s *Scanner) node {
			*reads++
			v, seen := new(branch), [1]bool{}
			for s.Object(); s.Member(); {
				switch string(s.Key()) {
				case "b":
					seen[0] = true
					ScanInt(s, &v.B)
				case "next":
					scanNode(s, &v.Next, exclusive, reads)
				default:
					s.Skip()
				}
			}
			s.Require(seen[:], "b")
			return v
		},
	}, Choice[node]{
		Kinds: []Kind{KindObject}, Required: []string{"a"}, Read: func(s *Scanner) node {
			*reads++
			v, seen := new(leaf), [1]bool{}
			for s.Object(); s.Member(); {
				switch string(s.Key()) {
				case "a":
					seen[0] = true
					ScanString(s, &v.A)
				case "next":
					var next node
					scanNode(s, &next, exclusive, reads)
				default:
					s.Skip()
				}
			}
			s.Require(seen[:], "a")
			return v
		},
	})
}

func TestTypesAreToldApart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text      string
		exclusive bool
		want      node
		kind      error
		pointer   string
	}{
		{`{"a":"x"}`, true, &leaf{"x"}, nil, ""},
		{`{"b":1,"next":{"a":"y"}}`, true, &branch{1, &leaf{"y"}}, nil, ""},
		{`{"a":"x","b":1}`, false, &branch{B: 1}, nil, ""},
		{`{"a":"x","b":1}`, true, nil, ErrValue, ""},
		{`{"b":1,"next":{"a":"x","b":1}}`, true, nil, ErrValue, "/next"},
		{`{"c":1}`, true, nil, ErrMissing, ""},
		{`{"b":1,"next":{"a":1}}`, true, nil, ErrType, "/next/a"},
		{`{"a":"x","b":"1"}`, true, &leaf{"x"}, nil, ""},
		{`5`, true, nil, ErrType, ""},
		{`{"a":"x"`, true, nil, ErrSyntax, "/a"},
		{`null`, true, nil, nil, ""},
	}
	for _, test := range tests {
		s := NewScanner([]byte(test.text))
		var got node
		var reads int
		scanNode(&s, &got, test.exclusive, &reads)
		err := s.End()
		if !errors.Is(err, test.kind) {
			t.Errorf("%s: %v, want %v", test.text, err, test.kind)
			continue
		}
		var where *Error
		if errors.As(err, &where) && where.Pointer != test.pointer {
			t.Errorf("%s: the error points at %q, want %q", test.text, where.Pointer, test.pointer)
		}
		if diff := cmp.Diff(test.want, got); err == nil && diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestChoicesWithinChoicesAreMadeOnce(t *testing.T) {
	t.Parallel()
	const levels = 200
	for end, kind := range map[string]error{`{"a":"x"}`: nil, `{"a":"x","b":1}`: ErrValue, `7`: ErrType} {
		s := NewScanner([]byte(strings.Repeat(`{"a":"","b":1,"next":`, levels) + end + strings.Repeat("}", levels)))
		var got node
		var reads int
		scanNode(&s, &got, false, &reads)
		if kind == ErrValue {
			kind = nil // only an exclusive choice reports it
		}
		if err := s.End(); !errors.Is(err, kind) || reads > 2*levels+2 {
			t.Errorf("%d levels that end in %s: %d reads, %v, want %v", levels, end, reads, err, kind)
		}
	}
	s := NewScanner([]byte(strings.Repeat(`{"a":"","b":1,"next":`, levels) + `{"a":"x"}` + strings.Repeat("}", levels)))
	var got node
	var reads int
	if scanNode(&s, &got, true, &reads); !errors.Is(s.End(), ErrValue) || reads > 2*levels+2 {
		t.Errorf("%d levels of which each is of two types: %d reads, %v", levels, reads, s.End())
	}
}

func TestATagIsReadAhead(t *testing.T) {
	t.Parallel()
	s := NewScanner([]byte(`[{"x":{"kind":"no"},"kind":"\u0061","y":1}]`))
	s.Array()
	s.Element()
	tag, ok := s.Tag("kind")
	if rest := string(s.Raw()); !ok || tag != "a" || rest != `{"x":{"kind":"no"},"kind":"\u0061","y":1}` {
		t.Errorf("tag %q, %v, and then %s", tag, ok, rest)
	}
	for text, kind := range map[string]error{
		`{}`: ErrMissing, `{"kind":1}`: ErrType, `{"kind":null}`: ErrType, `[]`: ErrType, `{"x":}`: ErrSyntax, `{"kind":"a`: ErrSyntax, ``: ErrSyntax, `null`: nil,
	} {
		s := NewScanner([]byte(text))
		if tag, ok := s.Tag("kind"); ok || !errors.Is(s.End(), kind) {
			t.Errorf("%s has the tag %q, %v; %v, want %v", text, tag, ok, s.Err(), kind)
		}
	}
}
