package client

//go:generate go run github.com/xraph/dispatch/cmd/dwpgen -schema ../schema/dwp.json -strict -target client -package client -out zz_generated.go
