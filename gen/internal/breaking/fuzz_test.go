package breaking

import "testing"

// FuzzCompare: whatever the schemas are, there is a report or an error.
func FuzzCompare(f *testing.F) {
	f.Add([]byte(`{"$defs": {"A": {"type": "string"}}}`), []byte(`{"$defs": {"A": {"type": "integer", "minimum": 1}}}`))
	f.Add([]byte(`{"$defs": {"A": {"enum": ["a"]}}, "x-dwp-methods": {"m": {"request": {"$ref": "#/$defs/A"}}}}`),
		[]byte(`{"$defs": {"A": {"enum": [1], "x-dwp-events": {"e": {"payload": {}}}}}, "x-dwp-methods": {"m": {"status": 405}}}`))
	f.Add([]byte(`{"definitions": {"A": {"items": [{"$ref": "#"}]}}}`), []byte(`{"$ref": "#/$defs/A", "$defs": {"A": {"required": ["a"], "properties": {"a": true}}}}`))
	f.Add([]byte(`{"x-dwp-methods": []}`), []byte(`{"x-dwp-methods": {"a": 1}, "x-dwp-errors": {"1": null}}`))
	f.Fuzz(func(t *testing.T, old, new []byte) {
		report, err := Compare(Schema{"old", old}, Schema{"new", new}, nil)
		if (report == nil) == (err == nil) {
			t.Errorf("%v and %v", report, err)
		}
	})
}
