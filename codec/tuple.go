package codec

// NoMoreItems leaves an array, which fails if there is another item ([ErrUnknown]).
// For generated code.
func (s *Scanner) NoMoreItems() {
	if s.Element() {
		s.Fail(ErrUnknown, "more items than the schema has")
	}
}

// MissingItem ends the reading because the array whose end has just been read has too few items
// ([ErrMissing]). For generated code.
func (s *Scanner) MissingItem() { s.Missing("an item") }
