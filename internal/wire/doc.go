// Package wire holds the messages of DWP: the frame, its two encodings, ids and limits. It knows no
// sockets and no policy.
//
// A frame is read leniently where servers may differ (unknown members are skipped, null is absence,
// nothing is required) and strictly where a mistake would be hidden: it is one whole document or
// map with nothing after it, each of its members is there at most once and has its type, and JSON
// is valid down to the last string of its data. A [Decoder] reads what servers usually write in one
// pass and in place; it leaves all else to the general decoders, so these rules hold for it too.
package wire
