// Package codec is what generated JSON codecs need at run time: functions that append JSON to a byte
// slice, a [Scanner] that reads it in one pass, and the errors that say where a document is wrong. The
// subpackages msgpack and validate are the same for msgpack and for checks against the schema.
//
// Programs use [Optional], [Null], [Unmarshal], [Error] and the kinds of errors. Functions whose
// documentation says "For generated code" may change together with the generator; code that was generated
// by an older version is generated again.
//
// The Append functions write what [json.Marshal] writes, byte for byte, except for lists, maps and
// bytes that are nil: these are written as empty ones, because a schema's array, object or string is
// never null. A [Scanner] reads what [json.Unmarshal] reads, with these differences:
//
//   - member names match exactly, including their case;
//   - an integer may be written as 1.0 or 1e2, as in JSON Schema;
//   - bytes are a string of base64, never an array of numbers;
//   - a list is read into new memory, so its previous elements do not remain;
//   - a document may be nested [MaxDepth] deep, not 10,000;
//   - reading stops at the first error, which has a position ([Error]).
//
// As in encoding/json, the last of several members with one name counts, invalid UTF-8 reads as U+FFFD,
// and null leaves most values as they are. [Scanner.RequireUTF8] and [Scanner.RefuseNull] change the
// latter two.
//
// Memory is allocated in proportion to the input, never to the sizes that the input claims.
package codec
