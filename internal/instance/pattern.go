package instance

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
)

// match makes a string that a pattern matches, of about that many characters at
// least. What looks around itself (word boundaries) is left to chance.
func (g *Generator) match(pattern *regexp.Regexp, least int) (string, bool) {
	tree, err := syntax.Parse(pattern.String(), syntax.Perl)
	if err != nil {
		return "", false
	}
	var b strings.Builder
	g.write(&b, tree.Simplify(), least)
	for range tries {
		if pattern.MatchString(b.String()) {
			return b.String(), true
		}
		b.Reset()
		g.write(&b, tree.Simplify(), least)
	}
	return "", false
}

func (g *Generator) write(b *strings.Builder, tree *syntax.Regexp, least int) {
	switch tree.Op {
	case syntax.OpLiteral:
		for _, r := range tree.Rune {
			if tree.Flags&syntax.FoldCase != 0 && g.coin() {
				r = unicode.SimpleFold(r)
			}
			b.WriteRune(r)
		}
	case syntax.OpCharClass:
		b.WriteRune(g.rune(tree.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune(pick(g, alphabets[2]))
	case syntax.OpCapture, syntax.OpConcat:
		for _, part := range tree.Sub {
			g.write(b, part, least)
		}
	case syntax.OpAlternate:
		g.write(b, pick(g, tree.Sub), least)
	case syntax.OpQuest:
		if g.coin() {
			g.write(b, tree.Sub[0], least)
		}
	case syntax.OpStar, syntax.OpPlus:
		times := g.rand.IntN(4)
		if tree.Op == syntax.OpPlus {
			times++
		}
		for ; times > 0 || b.Len() < min(least, 1000); times-- {
			before := b.Len()
			g.write(b, tree.Sub[0], 0)
			if b.Len() == before && times <= 0 {
				break // it repeats nothing
			}
		}
	default: // an assertion, such as ^, has no text
	}
}

// rune chooses a character of a class, which is a list of ranges; a printable ASCII one if there is
// any, mostly.
func (g *Generator) rune(class []rune) rune {
	var plain []rune
	for i := 0; i+1 < len(class); i += 2 {
		for r := max(class[i], ' '); r <= min(class[i+1], '~'); r++ {
			plain = append(plain, r)
		}
	}
	if len(plain) > 0 && !g.one(10) || len(class) < 2 {
		if len(plain) == 0 {
			return unicode.ReplacementChar
		}
		return pick(g, plain)
	}
	i := 2 * g.rand.IntN(len(class)/2)
	r := class[i] + g.rand.Int32N(class[i+1]-class[i]+1)
	if r >= 0xd800 && r <= 0xdfff {
		return class[i]
	}
	return r
}
