package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// validity is the expression of the error of an invalid value, "" if every value is valid.
func (p *printer) validity(t *model.Type, value string) string { return "" }

// checkExpr is the expression of the error of an invalid value, nil if every value is valid.
func (p *printer) checkExpr(t *model.Type, value *jen.Statement) *jen.Statement { return nil }
