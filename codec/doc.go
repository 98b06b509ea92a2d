// Package codec is what the code that dwpgen generates needs at run time: JSON
// written into byte slices and read from them in one pass, coders for what msgp's
// serializers have no type for, the limits of what is read, and the violations of a schema that Validate lists.
//
// The Append functions write what [json.Marshal] would write, byte for byte, but for lists, maps and
// bytes that are nil: they are written empty, because a schema's array, object or string is never null. A [Scanner] reads what [json.Unmarshal] would read, with these differences:
//
//   - member names match exactly, not regardless of case;
//   - an integer may be written as 1.0 or 1e2, as JSON Schema has it;
//   - bytes are a string of base64, never an array of numbers;
//   - a list is read into new memory, so nothing of its elements before is left in it;
//   - a document may be nested [MaxDepth] deep, not 10,000;
//   - the first error ends the reading; it knows its place ([Error]).
//
// As in encoding/json, of members of one name the last one counts, what is not UTF-8 reads
// as U+FFFD and null leaves most things as they are; [Scanner.RequireUTF8] and [Scanner.RefuseNull] change the latter two.
//
// Reading allocates in proportion to the bytes that are there, never to what they claim.
package codec
