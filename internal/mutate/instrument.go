package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// mutant is one small change of the code, switched on at run time by its number.
type mutant struct {
	id     int
	file   string // as it was given to instrument
	line   int
	change string // "negate", "boundary", "delete" or "increment"
	code   string // what is changed, on one line
}

func (m *mutant) String() string {
	return fmt.Sprintf("%s:%d: %s %s", m.file, m.line, m.change, m.code)
}

// insertion is text that is put into a file at an offset.
type insertion struct {
	offset int
	text   string
}

// instrumenter puts switches into the source of one file. It inserts text and moves no line, so
// that positions in compile errors and stack traces remain those of the original.
type instrumenter struct {
	file       string
	src        []byte
	fset       *token.FileSet
	skip       map[string]bool // mutants that do not compile, by their text
	next       *int            // number of the next mutant
	mutants    []*mutant
	insertions []insertion
}

// instrument returns the source with a switch at each place that a mutant changes, and the mutants.
// It leaves out those in skip.
func instrument(file string, src []byte, skip map[string]bool, next *int) ([]byte, []*mutant, error) {
	in := &instrumenter{file: file, src: src, fset: token.NewFileSet(), skip: skip, next: next}
	parsed, err := parser.ParseFile(in.fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, err
	}
	for _, decl := range parsed.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Body != nil {
			ast.Walk(in, f.Body)
		}
	}
	return in.apply(), in.mutants, nil
}

// apply returns the source with all insertions. Those at one offset stay in the order in which
// they were made.
func (in *instrumenter) apply() []byte {
	slices.SortStableFunc(in.insertions, func(a, b insertion) int { return cmp.Compare(a.offset, b.offset) })
	var out bytes.Buffer
	done := 0
	for _, ins := range in.insertions {
		out.Write(in.src[done:ins.offset])
		out.WriteString(ins.text)
		done = ins.offset
	}
	out.Write(in.src[done:])
	return out.Bytes()
}

// Visit implements ast.Visitor.
func (in *instrumenter) Visit(node ast.Node) ast.Visitor {
	switch n := node.(type) {
	case *ast.BlockStmt:
		in.statements(n.List)
		return nil
	case *ast.CaseClause:
		for _, e := range n.List {
			if isCondition(e) {
				in.condition(e)
			} else {
				ast.Walk(in, e)
			}
		}
		in.statements(n.Body)
		return nil
	case *ast.CommClause:
		in.statements(n.Body) // the communication itself is not changed
		return nil
	case *ast.IfStmt:
		if n.Init != nil {
			ast.Walk(in, n.Init)
		}
		in.condition(n.Cond)
		ast.Walk(in, n.Body)
		if n.Else != nil {
			ast.Walk(in, n.Else)
		}
		return nil
	case *ast.ForStmt:
		if n.Init != nil {
			ast.Walk(in, n.Init)
		}
		if n.Cond != nil {
			in.condition(n.Cond)
		}
		ast.Walk(in, n.Body)
		return nil
	case *ast.BinaryExpr:
		switch n.Op {
		case token.LAND, token.LOR:
			in.condition(n.X)
			in.condition(n.Y)
			return nil
		case token.LSS, token.LEQ, token.GTR, token.GEQ:
			in.boundary(n)
			return nil
		default: // arithmetic: only its operands are changed
		}
	case *ast.BasicLit:
		if n.Kind == token.INT {
			in.wrap(n, "increment", func(id int) (string, string) {
				return "(", fmt.Sprintf("+mutantOne(%d))", id)
			}, func() {})
		}
	case *ast.TypeSpec, *ast.GenDecl, *ast.ArrayType:
		return nil
	}
	return in
}

// isCondition reports whether a case expression is boolean by its form.
func isCondition(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		switch e.Op {
		case token.LAND, token.LOR, token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
			return true
		default:
			return false
		}
	case *ast.UnaryExpr:
		return e.Op == token.NOT
	case *ast.ParenExpr:
		return isCondition(e.X)
	}
	return false
}

// condition makes a condition that can be negated.
func (in *instrumenter) condition(e ast.Expr) {
	if b, ok := e.(*ast.BinaryExpr); ok && (b.Op == token.LAND || b.Op == token.LOR) {
		ast.Walk(in, b) // each operand is one
		return
	}
	in.wrap(e, "negate", func(id int) (string, string) {
		return "((", fmt.Sprintf(") != mutantOn(%d))", id)
	}, func() { ast.Walk(in, e) })
}

// boundary makes a comparison whose result for equal operands can be changed.
func (in *instrumenter) boundary(n *ast.BinaryExpr) {
	operands := func() {
		ast.Walk(in, n.X)
		ast.Walk(in, n.Y)
	}
	if !isPure(n.X) || !isPure(n.Y) {
		operands()
		return
	}
	x, y := in.text(n.X), in.text(n.Y)
	in.wrap(n, "boundary", func(id int) (string, string) {
		return "((", fmt.Sprintf(") != (mutantOn(%d) && (%s) == (%s)))", id, x, y)
	}, operands)
}

// isPure reports whether an expression may be evaluated twice.
func isPure(e ast.Expr) bool {
	pure := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			name, isName := n.Fun.(*ast.Ident)
			pure = pure && isName && (name.Name == "len" || name.Name == "cap" || name.Name == "int" || name.Name == "int64" || name.Name == "uint64")
		case *ast.UnaryExpr:
			pure = pure && n.Op != token.ARROW
		case *ast.FuncLit:
			pure = false
		}
		return pure
	})
	return pure
}

// statements makes statements that can be left out.
func (in *instrumenter) statements(list []ast.Stmt) {
	for _, s := range list {
		if !isDeletable(s) {
			ast.Walk(in, s)
			continue
		}
		in.wrap(s, "delete", func(id int) (string, string) {
			return fmt.Sprintf("if !mutantOn(%d) { ", id), " }"
		}, func() { ast.Walk(in, s) })
	}
}

func isDeletable(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ExprStmt:
		return !isLocking(s.X)
	case *ast.DeferStmt:
		return !isLocking(s.Call)
	case *ast.AssignStmt:
		return s.Tok != token.DEFINE
	case *ast.IncDecStmt, *ast.SendStmt, *ast.GoStmt:
		return true
	}
	return false
}

// isLocking reports whether an expression takes or releases a lock. To leave that out is found by
// the race detector or by a deadlock, which takes each time the whole timeout.
func isLocking(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && strings.HasSuffix(strings.ToLower(sel.Sel.Name), "lock")
}

// wrap adds a mutant of a node, unless it is to be skipped: text before and after whatever inner
// does with the node's children.
func (in *instrumenter) wrap(n ast.Node, change string, around func(id int) (before, after string), inner func()) {
	m := &mutant{file: in.file, line: in.fset.Position(n.Pos()).Line, change: change, code: oneLine(in.text(n))}
	if in.skip[m.String()] {
		inner()
		return
	}
	*in.next++
	m.id = *in.next
	in.mutants = append(in.mutants, m)
	before, after := around(m.id)
	in.insertions = append(in.insertions, insertion{in.offset(n.Pos()), before})
	inner()
	in.insertions = append(in.insertions, insertion{in.offset(n.End()), after})
}

func oneLine(code string) string {
	code = strings.Join(strings.Fields(code), " ")
	if len(code) > 90 {
		code = code[:90] + "…"
	}
	return code
}

func (in *instrumenter) text(n ast.Node) string {
	return string(in.src[in.offset(n.Pos()):in.offset(n.End())])
}

func (in *instrumenter) offset(p token.Pos) int { return in.fset.Position(p).Offset }
