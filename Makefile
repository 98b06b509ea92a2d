# Everything a contributor does here. `make` alone lists it.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# The root module is built and tested by itself, so that what is tested is what importers get.
# `make nested` switches the workspace on.
export GOWORK := off

# How long each fuzzer runs.
FUZZTIME ?= 10s

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# What is generated from the schema. make stops at the first command that fails, so a mistake in the schema
# is reported once.
define from-schema
	go run ./cmd/dwpgen -schema schema/dwp.json -strict -target client -package client -out client/zz_generated.go$(1)
	go run ./cmd/dwpgen -schema schema/dwp.json -strict -target wire -package wire -out internal/wire/zz_generated.go$(1)
	go run ./cmd/dwpgen -schema schema/dwp.json -strict -target server -package devserver -out devserver/zz_generated.go$(1)
	go run ./cmd/dwpgen docs -schema schema/dwp.json -out docs/PROTOCOL.md$(1)
endef

.PHONY: generate
generate: ## write the generated files from schema/dwp.json
	$(call from-schema)

.PHONY: check-generated
check-generated: ## fail, with a diff, if a generated file is stale
	$(call from-schema, -check)

# Changes made on purpose are listed, with reasons, in schema/accepted.json.
.PHONY: breaking
breaking: ## say what the schema's changes since the last tag break
	@tag=$$(git describe --tags --abbrev=0 2>/dev/null || true); \
	if [ -z "$$tag" ]; then echo "there is no tag yet: nothing to compare the schema with"; exit 0; fi; \
	old=$$(mktemp -d); trap 'rm -r "$$old"' EXIT; \
	git show "$$tag:schema/dwp.json" > "$$old/dwp.json"; \
	echo "schema/dwp.json since $$tag:"; \
	go run ./cmd/dwpgen breaking -against "$$old/dwp.json" $(addprefix -accept ,$(wildcard schema/accepted.json)) schema/dwp.json

.PHONY: build
build: ## compile every package and put dwpgen into bin/
	go build ./...
	go build -o bin/ ./cmd/...

# The race detector needs cgo, and cgo needs a C compiler that works.
.PHONY: test
test: ## run every test, with the race detector where cgo is enabled (5 minutes on 2 cores)
	@race=-race; \
	if [ "$$(go env CGO_ENABLED)" != 1 ]; then \
		race=; echo "cgo is not enabled here: the tests run without the race detector"; \
	elif ! echo 'int main(void) { return 0; }' | $$(go env CC) -x c -o /dev/null - 2>/dev/null; then \
		race=; echo "no C compiler works here: the tests run without the race detector"; \
		export CGO_ENABLED=0; \
	fi; \
	echo "go test $$race ./..."; \
	go test $$race -timeout 20m ./...; \
	if [ -n "$$race" ]; then go test -count 1 -run Allocations ./client; fi

.PHONY: test-short
test-short: ## run the tests that take seconds, without the race detector
	go test -short ./client ./codec/... ./devserver/... ./dwptest ./examples/... ./internal/arch ./internal/wire ./schema

.PHONY: lint
lint: bin/golangci-lint ## check formatting, vet, every linter of .golangci.yml and the repository's own rules
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	bin/golangci-lint run ./...
	go test -count 1 ./internal/arch

.PHONY: vuln
vuln: bin/govulncheck ## look for known vulnerabilities (asks the database on the internet)
	bin/govulncheck ./...

# How many documents are put to types of random schemas and to the validator, at least.
PAIRS ?= 10000

.PHONY: fuzz
fuzz: ## run each fuzzer for FUZZTIME, and compare generated types with the validator on PAIRS documents
	@go test -list '^Fuzz' ./... \
	| awk '/^Fuzz/ { fuzzers[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, fuzzers[i]; n = 0 }' \
	| while read -r package fuzzer; do \
		echo "$$package $$fuzzer"; \
		go test -run '^$$' -fuzz "^$$fuzzer\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null; \
	done
	go run ./gen/internal/proof/prove random -seed $(or $(SEED),1) $(if $(COUNT),-count $(COUNT),-count 0 -pairs $(PAIRS))

.PHONY: try-schema
try-schema: ## generate the types of any SCHEMA (or several), vet them, and prove them with random documents (ROOT names the document's type)
	@if [ -z "$(SCHEMA)" ]; then echo "usage: make try-schema SCHEMA=\"path/to/schema.json …\" [ROOT=Name]"; exit 1; fi
	go run ./gen/internal/proof/prove try $(addprefix -root ,$(ROOT)) $(SCHEMA)

.PHONY: suite
suite: ## run the JSON-Schema-Test-Suite at SUITE and write docs/JSON-SCHEMA.md (REVISION says which it is)
	@if [ -z "$(SUITE)" ]; then echo "usage: make suite SUITE=path/to/JSON-Schema-Test-Suite [REVISION=hash]"; exit 1; fi
	go run ./gen/internal/proof/prove suite -path "$(SUITE)" $(addprefix -revision ,$(REVISION)) -out docs/JSON-SCHEMA.md

# make simulate SEEDS=5000, or SEED=17 COUNT=1000 for one life again and again.
.PHONY: simulate
simulate: ## live SEEDS random lives of a client among faults, or that of SEED, COUNT times
	cd internal/sim && SEEDS="$${SEEDS:-5000}" go test -count 1 -timeout 0 -run '^TestSimulation$$'

# How long `make soak` runs.
SOAK ?= 10m

.PHONY: soak
soak: ## run clients against a server that breaks, over real sockets, for SOAK
	go run ./internal/soak -for $(SOAK)

# The package whose code `make mutate` changes, and how many of its mutants are tried; 0 means all.
PKG ?= ./client
MUTANTS ?= 200

.PHONY: mutate
mutate: ## change the code of PKG in MUTANTS small ways, one at a time, and print those that no test fails for
	go run ./internal/mutate -sample $(MUTANTS) -seed $(or $(SEED),1) $(PKG)

# The benchmarks are a module of their own, for the sake of the other clients. BENCHFLAGS are flags of its commands, such as
# -rounds 15.
.PHONY: bench
bench: ## compare the client with others: a table in Markdown (5 minutes; an idle machine is best)
	GOWORK=off go -C bench run . table $(BENCHFLAGS)

.PHONY: bench-latency
bench-latency: ## measure calls under load: at half of the peak, beside a firehose, beside large calls
	GOWORK=off go -C bench run . latency $(BENCHFLAGS)

.PHONY: bench-curves
bench-curves: ## draw cost over callers, subscriptions and sizes into docs/performance
	GOWORK=off go -C bench run . curves -out ../docs/performance $(BENCHFLAGS)

.PHONY: bench-compare
bench-compare: ## say what this checkout changes beside revision BASE
	@if [ -z "$(BASE)" ]; then echo "usage: make bench-compare BASE=revision"; exit 1; fi
	bench/compare.sh "$(BASE)" $(BENCHFLAGS)

.PHONY: bench-test
bench-test: bin/golangci-lint ## check the benchmarks themselves: each client does each work for a moment
	cd bench && GOWORK=off ../bin/golangci-lint run -c ../.golangci.yml ./...
	GOWORK=off go -C bench test ./...

# The modules that go.work joins with the root. They are released with it.
NESTED = $(shell sed -n 's|^\t\./||p' go.work)

.PHONY: nested
nested: bin/golangci-lint ## check the modules of go.work besides the root, and otel's example: vet, every linter, tests
	@for module in $(NESTED); do \
		echo "nested module: $$module"; \
		( export GOWORK="$$PWD/go.work"; linter="$$PWD/bin/golangci-lint"; config="$$PWD/.golangci.yml"; \
		cd "$$module"; go build ./...; go vet ./...; "$$linter" run -c "$$config" ./...; go test ./... ); \
	done
	cd otel/example && ../../bin/golangci-lint run -c ../../.golangci.yml ./... && go vet ./... && go test ./...

.PHONY: release
release: ## tag VERSION of the root and of the nested modules, and push nothing (docs/RELEASING.md)
	@if [ -z "$(VERSION)" ]; then echo "usage: make release VERSION=v1.2.3"; exit 1; fi
	@go -C tools run ./release $(VERSION)

.PHONY: release-test
release-test: bin/golangci-lint ## release a copy of the repository and install it from a local module proxy
	cd tools && ../bin/golangci-lint run -c ../.golangci.yml ./...
	go -C tools vet ./...
	go -C tools test ./...

.PHONY: cover
cover: ## print how much of each function the tests run
	go test -coverpkg ./... -coverprofile cover.out ./...
	go tool cover -func cover.out

.PHONY: demo
demo: ## run the whole story on an embedded server
	go run ./examples/quickstart

# The tools are pinned in a module of their own, so that no importer's go.sum sees them.
bin/golangci-lint: tools/go.mod tools/go.sum
	go -C tools build -o ../bin/ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

bin/govulncheck: tools/go.mod tools/go.sum
	go -C tools build -o ../bin/ golang.org/x/vuln/cmd/govulncheck
	@touch $@

.PHONY: rehome
rehome: ## give the module another path: make rehome MODULE=example.com/dispatch-go
	@if [ -z "$(MODULE)" ]; then echo "usage: make rehome MODULE=example.com/dispatch-go"; exit 1; fi
	go run ./internal/rehome $(MODULE)
