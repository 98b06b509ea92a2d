package devserver

//go:generate go run github.com/xraph/dispatch/cmd/dwpgen -schema ../schema/dwp.json -strict -target server -package devserver -out zz_generated.go
