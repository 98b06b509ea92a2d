package codec

// MaxDepth is how many arrays and objects a document may open within one another.
const MaxDepth = 512

// Scanner reads one JSON document, value by value, in a single pass. The zero
// Scanner reads an empty input; [NewScanner] and [Scanner.Reset] give it one.
//
// A Scanner keeps its first error: after it every method returns a zero value, and the loops
// over members and elements end, so that only [Scanner.End] needs a check.
// Byte slices that it returns are valid until Reset: they alias the input, or memory of
// the Scanner where a string had escapes. It is not for concurrent use.
type Scanner struct {
	data  []byte
	pos   int
	start int // of the last value or member name
	depth int
	spare int  // how much earlier than at MaxDepth nesting ends
	first bool // a container was opened and nothing of it read
	utf8  bool
	// strict: null is no value of a type that is not nullable.
	strict bool
	// spaced: there was white space.
	spaced bool
	key    []byte
	buf    []byte // unescaped strings, one after the other
	copied string // of data, if that is small: the strings that are kept are parts of it
	err    *Error
	memo   map[choiceAt]choiceMade // see ScanChoice
}

// NewScanner returns a Scanner for one document.
func NewScanner(data []byte) Scanner { return Scanner{data: data} }

// keptBuffer is the largest memory of unescaped strings, in bytes, that is kept for the next
// document.
const keptBuffer = 64 << 10

// Reset makes the Scanner read another document. It keeps its settings, and its memory unless that
// is large.
func (s *Scanner) Reset(data []byte) {
	if cap(s.buf) > keptBuffer {
		s.buf = nil
	}
	*s = Scanner{data: data, spare: s.spare, utf8: s.utf8, strict: s.strict, buf: s.buf[:0]}
}

// RequireUTF8 makes a string that is not UTF-8 an error ([ErrUTF8]). By default, as in
// encoding/json, what is not UTF-8 reads as U+FFFD.
func (s *Scanner) RequireUTF8() { s.utf8 = true }

// RefuseNull makes a null that is read as anything that cannot be null an error ([ErrType]). By
// default, as in encoding/json, it leaves what it is read into as it was.
func (s *Scanner) RefuseNull() { s.strict = true }

// LimitDepth lowers how many arrays and objects may be open within one another, from [MaxDepth] to
// levels. More than that changes nothing.
func (s *Scanner) LimitDepth(levels int) { s.spare = max(0, MaxDepth-levels) }

// Object enters the object that comes next. It reports false for null and after an error;
// null leaves everything that it is read into as it was, as in encoding/json.
func (s *Scanner) Object() bool { return s.open('{', "an object") }

// Array enters the array that comes next. It reports false for null and after an error.
func (s *Scanner) Array() bool { return s.open('[', "an array") }

func (s *Scanner) open(bracket byte, want string) bool {
	c := s.next()
	if c != bracket {
		s.null(c, want)
		return false
	}
	if !s.deeper(s.pos) {
		return false
	}
	s.pos++
	s.first = true
	return true
}

// Member goes on to the object's next member, whose name [Scanner.Key] returns and whose value is
// read next, by the caller. It reports false at the end of the object, which it leaves, and after
// an error.
func (s *Scanner) Member() bool {
	// Straight on, where there is no white space and a plain name.
	data, i := s.data, s.pos
	if !s.first && i < len(data) && data[i] == ',' {
		i++
	} else if !s.first {
		return s.member()
	}
	if s.err == nil && i < len(data) && data[i] == '"' {
		if end := plain(data, i+1); end < len(data)-1 && data[end] == '"' && data[end+1] == ':' {
			s.key, s.start, s.pos, s.first = data[i+1:end:end], i, end+2, false
			return true
		}
	}
	return s.member()
}

// member is Member for any form.
func (s *Scanner) member() bool {
	c := s.next()
	switch {
	case s.err != nil:
		return false
	case c == '}':
		s.close()
		return false
	case !s.first:
		if c != ',' {
			s.unexpected("',' or '}'")
			return false
		}
		s.pos++
		c = s.next()
	}
	s.first = false
	if c != '"' {
		s.unexpected("a member name")
		return false
	}
	s.key = s.str()
	at := s.start
	if c = s.next(); c != ':' {
		s.unexpected("':'")
		return false
	}
	s.pos++
	s.start = at
	return s.err == nil
}

// sharedDocument is the most bytes of a document whose strings share one copy of it: what keeps one
// of them keeps all of it.
const sharedDocument = 1 << 10

// own returns a copy of the string that has been read last, which is not empty.
func (s *Scanner) own(text []byte) string {
	if len(s.data) > sharedDocument || s.start+1 >= len(s.data) || &s.data[s.start+1] != &text[0] {
		return string(text) // of a large document, or unescaped
	}
	if s.copied == "" {
		s.copied = string(s.data)
	}
	return s.copied[s.start+1:][:len(text)]
}

// Key returns the name of the member that [Scanner.Member] went on to.
func (s *Scanner) Key() []byte { return s.key }

// Element goes on to the array's next element, which is read next, by the caller. It reports false
// at the end of the array, which it leaves, and after an error.
func (s *Scanner) Element() bool {
	c := s.next()
	switch {
	case s.err != nil:
		return false
	case s.first:
		s.first = false
		if c == ']' {
			s.close()
			return false
		}
		return true
	case c == ',':
		s.pos++
		s.next()
		return true
	case c == ']':
		s.close()
		return false
	}
	s.unexpected("',' or ']'")
	return false
}

func (s *Scanner) close() {
	s.pos++
	s.depth--
	s.first = false
}

// End returns the first error: of what was read, or that something follows the document. It is an
// [*Error].
func (s *Scanner) End() error {
	if s.next(); s.pos < len(s.data) {
		s.unexpected("the end of the document")
	}
	return s.Err()
}

// OK reports whether there is no error so far.
func (s *Scanner) OK() bool { return s.err == nil }

// Err returns the first error so far.
func (s *Scanner) Err() error {
	if s.err == nil {
		return nil
	}
	s.err.locate(s.data)
	return s.err
}

// next skips white space and returns the first byte of the next token without consuming it,
// 0 at the end of the input or after an error.
func (s *Scanner) next() byte {
	if s.err != nil {
		return 0
	}
	s.pos = s.space(s.pos)
	s.start = s.pos
	if s.pos == len(s.data) {
		return 0
	}
	return s.data[s.pos]
}
