# Everything a developer needs. `make test` alone must do on a fresh machine.
GO        ?= go
PKGS      ?= ./...
DATA      ?= ../shared/data
FUZZTIME  ?= 20s
BENCH     ?= .
PROTOS    := $(wildcard sdk/wire/pintlev1/*.proto)

.PHONY: build check test bench bench-peers bench-go fuzz generate docs eval models setup kill chaos soak mutants help

help: ## show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

build: ## build bin/pintle
	$(GO) build -trimpath -o bin/pintle ./cmd/pintle

check: ## formatting, vet, static analysis
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet $(PKGS)
	$(GO) tool staticcheck $(PKGS)

setup: ## install the servers that tests need (Debian packages), or say which are missing
	@.ci/setup

test: setup ## all tests, with the race detector
	$(GO) test -race -timeout 9m $(PKGS)

kill: ## the long kill test: 50 times kill -9 while 200,000 events flow
	PINTLE_KILL=long $(GO) test -race -timeout 20m -count 1 -v -run TestKill ./core/hub

bench: ## every measure beside its goal, and a peer's; BENCH_JSON=file, BENCH_OUT=file (for benchstat) keep the figures, BENCH_ARGS=-list
	@$(GO) build -trimpath -o bin/bench ./bench
	@cd bench/peers && $(GO) build -trimpath -o ../../bin/bench-peers . || echo "the peers' engine could not be built; the rest goes on" >&2
	@bin/bench -peers bin/bench-peers $(if $(BENCH_JSON),-json $(BENCH_JSON)) $(if $(BENCH_OUT),-out $(BENCH_OUT)) $(BENCH_ARGS)

bench-peers: ## another system's engine alone, on the same machine
	@cd bench/peers && $(GO) build -trimpath -o ../../bin/bench-peers .
	@bin/bench-peers

bench-go: ## Go benchmarks, in benchstat's format
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem $(PKGS)

fuzz: ## run every fuzzer for FUZZTIME
	@for pkg in $$($(GO) list $(PKGS)); do \
	  for f in $$($(GO) test -list '^Fuzz' $$pkg 2>/dev/null | grep '^Fuzz'); do \
	    echo "== $$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
	  done; done

generate: ## generated code and tables
	@.ci/protoc $(PROTOS)
	$(GO) generate $(PKGS)

docs: ## reference pages from the plugins' own schemas
	$(GO) run ./cmd/pintle plugin docs --out docs/plugins/reference

eval: ## quality of the text analyzers on labelled data (DATA=folder), beside the goals; writes docs/quality.md; EVAL_JSON=file, ONLY=analyzer
	@$(GO) run ./plugins/text/eval -data $(abspath $(DATA)) $(if $(EVAL_JSON),-json $(abspath $(EVAL_JSON))) $(if $(ONLY),-only '$(ONLY)',-page docs/quality.md)

models: ## learn the shipped models anew from labelled data (DATA=folder); the same data give the same files
	$(GO) run ./plugins/text/models -data $(abspath $(DATA))

chaos: ## harm a hub in every way and check its promises, about 10 minutes; CHAOS='-only kill -seed 7' chooses
	$(GO) run ./cmd/pintlechaos run $(CHAOS)

soak: ## the same for 75 minutes
	$(GO) run ./cmd/pintlechaos soak -for 75m $(CHAOS)

mutants: ## break promises on purpose and see whether the checkers of chaos notice
	$(GO) run ./cmd/pintlechaos mutants $(MUTANTS)
