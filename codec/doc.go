// Package codec is what the code that dwpgen generates needs at run time: JSON
// written into byte slices and read from them in one pass, the limits of what
// is read, and the violations of a schema that Validate lists.
//
// The Append functions write what [json.Marshal] would write, byte for byte. A
// [Scanner] reads what [json.Unmarshal] would read, with these differences:
//
//   - member names match exactly, not regardless of case;
//   - an integer may be written as 1.0 or 1e2, as JSON Schema has it;
//   - a document may be nested [MaxDepth] deep, not 10,000;
//   - the first error ends the reading; it knows its place ([Error]).
//
// Neither allocates in proportion to anything but the bytes at hand.
package codec
