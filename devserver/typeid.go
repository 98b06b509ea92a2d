package devserver

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/xraph/dispatch/client"
)

// This file makes and checks TypeIDs: a prefix that says what is named, and a UUIDv7
// in 26 characters of Crockford's base 32, as in job_01m84cyd1mek5vqf9b1gbppevr.

const (
	prefixJob   = "job"
	prefixRun   = "wfrun"
	prefixEvent = "evt"
)

const (
	suffixLength   = 26 // characters: 128 bits, 5 each, after two bits that are 0
	suffixAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"
)

func newID(prefix string) string {
	var u [16]byte
	rand.Read(u[6:])
	ms := uint64(time.Now().UnixMilli())
	binary.BigEndian.PutUint32(u[:4], uint32(ms>>16))
	binary.BigEndian.PutUint16(u[4:6], uint16(ms))
	u[6] = u[6]&0x0f | 0x70 // version 7
	u[8] = u[8]&0x3f | 0x80 // variant 10

	hi, lo := binary.BigEndian.Uint64(u[:8]), binary.BigEndian.Uint64(u[8:])
	var suffix [suffixLength]byte
	for i := suffixLength - 1; i >= 0; i-- {
		suffix[i] = suffixAlphabet[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return prefix + "_" + string(suffix[:])
}

// checkID returns an error with code 400 if an id is not a TypeID with the prefix. what is the word
// for it in the error.
func checkID(what, prefix, id string) error {
	bad := func(format string, args ...any) error {
		return Errorf(client.CodeBadRequest, "invalid %s ID: id: %s", what, fmt.Sprintf(format, args...))
	}
	got, suffix := "", id
	if i := strings.LastIndexByte(id, '_'); i >= 0 {
		got, suffix = id[:i], id[i+1:]
	}
	switch {
	case id == "":
		return bad(`parse "": empty string`)
	case len(suffix) != suffixLength:
		return bad("parse %q: typeid: suffix length must be %d, got %d", id, suffixLength, len(suffix))
	case suffix[0] > '7':
		return bad("parse %q: typeid: suffix is above 128 bits", id)
	case strings.Trim(suffix, suffixAlphabet) != "":
		return bad("parse %q: typeid: suffix has a character that is not of base 32", id)
	case got != prefix:
		return bad("expected prefix %q, got %q", prefix, got)
	}
	return nil
}
