package wire

import (
	"crypto/rand"
	"strconv"
	"strings"
	"sync/atomic"
)

// prefixLen is the number of random characters, of five bits each, that an id begins with.
const prefixLen = 10

// IDs makes the ids of the frames of one sender: a random prefix, a dash and a counter, so that no
// two senders make the same id and a sender knows its own. It is safe for concurrent use.
type IDs struct {
	prefix string
	last   atomic.Uint64
}

// NewIDs returns a source of ids with a prefix of its own.
func NewIDs() *IDs {
	return &IDs{prefix: strings.ToLower(rand.Text()[:prefixLen]) + "-"}
}

// Next returns the number of a new id: 1, 2, 3, ….
func (i *IDs) Next() uint64 { return i.last.Add(1) }

// Last returns the number of the latest id, 0 if there is none.
func (i *IDs) Last() uint64 { return i.last.Load() }

// Append appends the id with the number n.
func (i *IDs) Append(dst []byte, n uint64) []byte {
	return strconv.AppendUint(append(dst, i.prefix...), n, 10)
}

// Parse returns the number of an id that Append made. Any other text, an id of another IDs among
// it, does not parse.
func (i *IDs) Parse(id string) (n uint64, ok bool) {
	digits, ok := strings.CutPrefix(id, i.prefix)
	if !ok || digits == "" || digits[0] < '0' || digits[0] > '9' || digits[0] == '0' && len(digits) > 1 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil
}
