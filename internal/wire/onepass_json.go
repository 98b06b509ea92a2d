package wire

import "unicode/utf8"

// The decoder of a frame in JSON, the envelope of an event included, for messages as servers write
// them: known members, each once, without white space, escapes, null, or numbers that are no
// integers. It refuses any other message, valid or not, and leaves it to the general decoder. Where
// a function returns an index, -1 refuses. Some bytes are returned with it, eight at a time, those
// of all strings among them: if none of them is high, the strings are ASCII.

// onePassJSON reports whether it has read the frame; if not, *v is unspecified.
func (d *Decoder) onePassJSON(b []byte, v *View) bool {
	*v = View{}
	depth := min(d.depth, MaxDepth) - 1
	if depth < 0 || len(b) == 0 || b[0] != '{' {
		return false
	}
	var have members
	var seen uint64
	opened := false // the envelope
	for i := 1; ; i++ {
		rest := b[i:]
		if len(rest) < 2 {
			return false
		}
		m, end, some := memberUnknown, -1, uint64(0)
		switch rest[1] {
		case 'i':
			if m = memberID; len(rest) >= 6 && string(rest[:6]) == `"id":"` {
				v.ID, end, some = text(b, i+6)
			}
		case 't':
			if len(rest) >= 8 && string(rest[:8]) == `"type":"` {
				var name []byte
				m = memberType
				name, end, some = text(b, i+8)
				if v.Type = FrameType(known(name)); v.Type == "" {
					return false
				}
			} else if m = memberTS; len(rest) >= 6 && string(rest[:6]) == `"ts":"` {
				v.TS, end = d.sent.read(b, i+6)
			}
		case 'c':
			if len(rest) >= 13 && string(rest[:13]) == `"correl_id":"` {
				m = memberCorrelID
				v.CorrelID, end, some = text(b, i+13)
			} else if m = memberChannel; len(rest) >= 11 && string(rest[:11]) == `"channel":"` {
				v.Channel, end, some = text(b, i+11)
			}
		case 'd':
			if m = memberData; len(rest) < 7 || string(rest[:7]) != `"data":` {
				return false
			}
			if v.Type == TypeEvent {
				opened = true
				end, some = d.envelopeJSON(b, i+7, depth, &v.Event)
			} else {
				end, some = present(b, i+7, depth)
			}
			if end >= 0 {
				v.Data = b[i+7 : end : end]
			}
		}
		if end < 0 || end >= len(b) || have.twice(m) {
			return false
		}
		seen |= some
		switch i = end; b[i] {
		case ',':
		case '}':
			// An event without data, or with its type after them, is left as well.
			return i == len(b)-1 && opened == (v.Type == TypeEvent) && (seen&highs == 0 || utf8.Valid(b))
		default:
			return false
		}
	}
}

// envelopeJSON reads the envelope of an event that begins at i, and returns the index after it.
func (d *Decoder) envelopeJSON(b []byte, i, depth int, ev *EventView) (after int, seen uint64) {
	if depth--; depth < 0 || i >= len(b) || b[i] != '{' {
		return -1, 0
	}
	var have members
	for i++; ; i++ {
		rest := b[i:]
		if len(rest) < 3 {
			return -1, 0
		}
		m, end, some := memberUnknown, -1, uint64(0)
		switch {
		case rest[1] == 'd':
			if m = memberData; len(rest) >= 7 && string(rest[:7]) == `"data":` {
				if end, some = present(b, i+7, depth); end >= 0 {
					ev.Data = b[i+7 : end : end]
				}
			}
		case rest[2] == 'y':
			if m = memberType; len(rest) >= 8 && string(rest[:8]) == `"type":"` {
				ev.Type, end, some = text(b, i+8)
			}
		case rest[2] == 's':
			if m = memberTS; len(rest) >= 6 && string(rest[:6]) == `"ts":"` {
				ev.TS, end = d.when.read(b, i+6)
			}
		case rest[2] == 'o':
			if m = memberTopic; len(rest) >= 9 && string(rest[:9]) == `"topic":"` {
				ev.Topic, end, some = text(b, i+9)
			}
		}
		if end < 0 || end >= len(b) || have.twice(m) {
			return -1, 0
		}
		seen |= some
		switch i = end; b[i] {
		case ',':
		case '}':
			return i + 1, seen
		default:
			return -1, 0
		}
	}
}
