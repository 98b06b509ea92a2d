package wire

import "testing"

// BenchmarkDecoder reads messages as servers write them. Those of an event are decoded with their
// envelope, by the general decoder as well.
func BenchmarkDecoder(b *testing.B) {
	for name, fr := range benchFrames {
		for _, f := range formats {
			message, err := f.Append(nil, &fr)
			if err != nil {
				b.Fatal(err)
			}
			d := NewDecoder(f, MaxDepth)
			for how, decode := range map[string]func([]byte, *View) error{"one-pass": d.Decode, "general": d.general} {
				b.Run(name+"/"+string(f)+"/"+how, func(b *testing.B) {
					b.SetBytes(int64(len(message)))
					b.ReportAllocs()
					var v View
					for b.Loop() {
						if err := decode(message, &v); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
