package emit

import (
	"fmt"
	"strconv"

	"github.com/tinylib/msgp/gen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// The rows of the kinds that hold no other types.

func boolRow() *row {
	return &row{
		goType: constantly("bool"),
		append: appends("AppendBool", false), scan: scans("ScanBool"), scanFunc: generic("ScanBool"),
		coder: coderOf("Bool"), msgp: msgpIdent("bool"),
		validate: anything,
		present:  func(_ *printer, field string) string { return field },
	}
}

func intRow() *row {
	signed := func(t *model.Type, signed, unsigned string) string {
		if t.Unsigned {
			return unsigned
		}
		return signed
	}
	return &row{
		goType: func(_ *printer, t *model.Type) string { return intName(t) },
		append: func(p *printer, t *model.Type, value string) (string, bool) {
			return appends(signed(t, "AppendInt", "AppendUint"), false)(p, t, value)
		},
		scan: func(p *printer, t *model.Type, into place) string {
			return scans(signed(t, "ScanInt", "ScanUint"))(p, t, into)
		},
		scanFunc: func(t *model.Type, goType string) string {
			return generic(signed(t, "ScanInt", "ScanUint"))(t, goType)
		},
		scanEnum: "ScanIntEnum",
		coder: func(p *printer, t *model.Type, goType string) string {
			return coderOf(signed(t, "Int", "Uint"))(p, t, goType)
		},
		msgp: func(t *model.Type) *gen.BaseElem { return gen.Ident(intName(t)) },
		validate: func(w *validator, t *model.Type, value string, path []string) {
			w.integer(t, value, path)
			w.constant(&t.Checks, value, path)
		},
		present: differs("0"),
	}
}

func intName(t *model.Type) string {
	name := "int"
	if t.Unsigned {
		name = "uint"
	}
	if t.Bits > 0 {
		name += strconv.Itoa(t.Bits)
	}
	return name
}

func floatRow() *row {
	return &row{
		goType: constantly("float64"),
		append: appends("AppendFloat", true), scan: scans("ScanFloat"), scanFunc: generic("ScanFloat"),
		coder: coderOf("Float"),
		msgp:  unknownToMsgp, // its decoder refuses an integer, which is a number too
		validate: func(w *validator, t *model.Type, value string, path []string) {
			w.float(&t.Checks, value, path)
			w.constant(&t.Checks, value, path)
		},
		present: differs("0"),
	}
}

func stringRow() *row {
	return &row{
		goType: constantly("string"),
		append: appends("AppendString", false), scan: scans("ScanString"), scanFunc: generic("ScanString"), scanEnum: "ScanEnum",
		coder: coderOf("String"), msgp: msgpIdent("string"),
		validate: func(w *validator, t *model.Type, value string, path []string) {
			w.text(&t.Checks, value, path)
			w.constant(&t.Checks, value, path)
		},
		present: differs(`""`),
	}
}

func bytesRow() *row {
	return &row{
		goType: constantly("[]byte"),
		append: appends("AppendBytes", false), scan: scans("ScanBytes"), scanFunc: generic("ScanBytes"),
		coder: coderOf("Bytes"), msgp: unknownToMsgp,
		nilCoder: func(p *printer, t *model.Type) string { return coderOf("NilBytes")(p, t, "[]byte") },
		validate: anything,
		present:  filled,
	}
}

func timeRow() *row {
	return &row{
		goType: constantly("time.Time"),
		append: appends("AppendTime", true), scan: scans("ScanTime"), scanFunc: plain("ScanTime"),
		coder: fixedCoder("Time"), msgp: msgpIdent("time.Time"),
		validate: anything,
		present:  func(_ *printer, field string) string { return "!" + field + ".IsZero()" },
	}
}

// units are the durations that x-dwp-unit names.
var units = map[string]string{"ns": "time.Nanosecond", "us": "time.Microsecond", "ms": "time.Millisecond", "s": "time.Second"}

func durationRow() *row {
	return &row{
		goType: constantly("time.Duration"),
		append: func(_ *printer, t *model.Type, value string) (string, bool) {
			if t.Unit == "ns" {
				return "codec.AppendInt(dst, " + value + ")", false
			}
			return "codec.AppendDuration(dst, " + value + ", " + units[t.Unit] + ")", true
		},
		scan: func(_ *printer, t *model.Type, into place) string {
			if t.Unit == "ns" {
				return "codec.ScanInt(s, " + into.pointer + ")"
			}
			return "codec.ScanDuration(s, " + into.pointer + ", " + units[t.Unit] + ")"
		},
		scanFunc: wrapped,
		coder: func(_ *printer, t *model.Type, _ string) string {
			return "msgpack.Duration(" + units[t.Unit] + ")"
		},
		msgp: func(t *model.Type) *gen.BaseElem {
			if t.Unit == "ns" {
				return gen.Ident("time.Duration")
			}
			return nil
		},
		validate: func(w *validator, t *model.Type, value string, path []string) {
			w.integer(&model.Type{Kind: model.Int, Checks: t.Checks}, fmt.Sprintf("int64(%s/%s)", value, units[t.Unit]), path)
			w.constant(&t.Checks, value, path)
		},
		present: differs("0"),
	}
}

// untyped is a coder of values without a Go type of their own: msgpack's own types, but in a
// protocol, whose peers expect JSON text.
func untyped(native, text string) func(*printer, *model.Type, string) string {
	return func(p *printer, _ *model.Type, _ string) string {
		if p.strict() {
			return "msgpack." + native + "{}"
		}
		return "msgpack." + text + "{}"
	}
}

func jsonRow() *row {
	return &row{
		goType: constantly("json.RawMessage"),
		append: appends("AppendRaw", true), scan: scans("ScanRaw"), scanFunc: plain("ScanRaw"),
		coder: untyped("Native", "JSON"), msgp: unknownToMsgp,
		validate: anything,
		present:  func(_ *printer, field string) string { return "len(" + field + ") > 0" },
	}
}

func anyRow() *row {
	return &row{
		goType: constantly("any"), isReference: true,
		append: appends("AppendAny", true), scan: scans("ScanAny"), scanFunc: plain("ScanAny"),
		coder: untyped("NativeAny", "Any"), msgp: unknownToMsgp,
		validate: anything,
		present:  differs("nil"),
	}
}

func nullRow() *row {
	return &row{
		goType: constantly("codec.Null"),
		append: func(*printer, *model.Type, string) (string, bool) { return appendText("null"), false },
		scan:   func(*printer, *model.Type, place) string { return `codec.ScanConst(s, "null")` }, scanFunc: wrapped,
		coder: fixedCoder("Null"), msgp: unknownToMsgp,
		validate: anything,
		// its one value is never that of an absent member
		present: func(*printer, string) string { return "true" },
	}
}
