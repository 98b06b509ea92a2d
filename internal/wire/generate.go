package wire

//go:generate go run github.com/xraph/dispatch/cmd/dwpgen -schema ../../schema/dwp.json -strict -target wire -package wire -out zz_generated.go
