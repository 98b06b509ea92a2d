package emit

import "github.com/xraph/dispatch/gen/internal/model"

// validity is the expression of the error of an invalid value, "" if every value is valid.
func (p *printer) validity(t *model.Type, value string) string { return "" }
