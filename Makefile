# What people run. Each target sets up what it needs on a machine that has only Swift.
#
#   make demo [TRIPS=file.csv]   the running example: an inference process that embeds Drumlin
#   make examples [TRIPS=file.csv]   the course's notebooks: decay, importance weighting, delayed labels
#   make test                    build everything, run every test
#   make test-adapters           those of swift-metrics, swift-log and swift-service-lifecycle, as another package uses them
#   make documents               every command of the README and of the articles, as printed
#   make test-report             the page of drumlin report in a headless Chromium; skipped where there is none
#   make test-asan, test-tsan    the same with the address sanitizer, with the thread sanitizer
#   make fuzz [SECONDS=60] [TARGET="segment …"]   libFuzzer with the address sanitizer on all readers of bytes
#   make fuzz-coverage           how many lines of the readers the fuzzer's corpus reaches
#   make soak [SECONDS=60] [SEED=n]   crashes of a simulated machine, seed after seed, on all cores; or one seed, told
#   make soak SECONDS= SOAK_FLAGS="--from 1 --count 1300"   about a million crashes, the same each time
#   make bugs                    mistakes put into the store on purpose, each of which the crash tests have to find
#   make lint                    format, direction of imports, habits of the house
#   make docs                    the reference and the articles, with DocC
#   make bench [TABLES="1000000 10000000 trips.csv"]   the Swift suite, its peers in Python, and one page of it all
#   make bench-page [ROUNDS=3]   the page alone, against the last release's figures
#   make install [PREFIX=dir]    drumlin and colstat, self-contained

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Variables that a caller may set.
SWIFT ?= swift
CONFIGURATION ?= release
PREFIX ?= /usr/local
TRIPS ?=
DEMO_FLAGS ?=
EXAMPLE_FLAGS ?=
TABLES ?= 1000000
ROUNDS ?= 3
COUNTS ?= 10000 100000 1000000 10000000
STREAM ?= 5500000
BUILD_FLAGS ?=
TEST_FLAGS ?=
PICTURES ?=
SECONDS ?= 60
TARGET ?=
SEED ?=
SOAK_FLAGS ?=
DOCS_FLAGS ?=

.PHONY: help setup demo examples test test-adapters documents test-report test-asan test-tsan fuzz fuzz-coverage soak bugs lint docs bench bench-build bench-suite bench-durability bench-storage bench-page install

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

# Installs liblz4-dev where lz4.h is missing; says nothing where it is there.
setup:
	@Scripts/setup.sh

# drumlin and colstat beside it, because its last lines name them.
DEMO = $(SWIFT) build -c $(CONFIGURATION) $(BUILD_FLAGS)
demo: setup
	$(DEMO) --product TaxiTips
	$(DEMO) --product drumlin
	$(DEMO) --product colstat
	"$$($(DEMO) --show-bin-path)/TaxiTips" $(if $(TRIPS),--trips "$(TRIPS)") $(DEMO_FLAGS)

# The course's three notebooks as programs.
examples: setup
	for example in Decay ImportanceWeighting DelayedLabels; do \
	    $(DEMO) --product $$example; \
	    "$$($(DEMO) --show-bin-path)/$$example" $(if $(TRIPS),"$(TRIPS)") $(EXAMPLE_FLAGS); \
	done

# Built before it is tested, so that the tests that start the commands find them. Every test is a
# Swift Testing test; without XCTest's empty run before them the closing line is theirs.
test: setup
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	$(SWIFT) test --disable-xctest $(BUILD_FLAGS) $(TEST_FLAGS)

# With what `make test` built.
documents: setup
	BUILD_FLAGS="$(BUILD_FLAGS)" Scripts/documents.sh

# A package of its own, so that nobody fetches what adapters need who does not use them.
test-adapters: setup
	$(SWIFT) test --package-path Tests/Adapters --disable-xctest $(BUILD_FLAGS) $(TEST_FLAGS)

# The report in a real browser, where there is Chromium; PICTURES=folder keeps what was seen.
test-report: setup
	$(SWIFT) build $(BUILD_FLAGS) --product drumlin
	python3 Tests/Browser/report.py --drumlin "$$($(SWIFT) build $(BUILD_FLAGS) --show-bin-path)/drumlin" \
	    $(if $(PICTURES),--pictures "$(PICTURES)")

# Each with a folder of its own, so that neither builds the other's files anew; optimized, since a debug build keeps alive what an
# optimized one frees early. `TEST_FLAGS="--filter …"` runs a part. Swift's runtime keeps what it has once made, which the address
# sanitizer would take for leaks.
SANITIZED := -c release -Xswiftc -enable-testing
test-asan: setup
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) build $(SANITIZED) --build-tests --sanitize=address --scratch-path .build-asan $(BUILD_FLAGS)
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test $(SANITIZED) --skip-build --disable-xctest --sanitize=address \
	    --scratch-path .build-asan $(BUILD_FLAGS) $(TEST_FLAGS)

test-tsan: setup
	$(SWIFT) build $(SANITIZED) --build-tests --sanitize=thread --scratch-path .build-tsan $(BUILD_FLAGS)
	TSAN_OPTIONS=halt_on_error=0:exitcode=66 $(SWIFT) test $(SANITIZED) --skip-build --disable-xctest --sanitize=thread \
	    --scratch-path .build-tsan $(BUILD_FLAGS) $(TEST_FLAGS)

fuzz: setup
	SECONDS_EACH=$(SECONDS) Scripts/fuzz.sh run $(TARGET)

fuzz-coverage: setup
	Scripts/fuzz.sh coverage

# What each seed does is a function of the seed; a violation prints the one that shows it again.
soak: setup
	$(SWIFT) build -c release $(BUILD_FLAGS) --product soak
	"$$($(SWIFT) build -c release $(BUILD_FLAGS) --show-bin-path)/soak" \
	    $(if $(SEED),--seed $(SEED),$(if $(SECONDS),--seconds $(SECONDS))) $(SOAK_FLAGS)

# A build of its own: the mistakes are compiled nowhere else.
BUGS := DRUMLIN_INJECTED_BUGS=1 $(SWIFT) build -c release --scratch-path .build-bugs $(BUILD_FLAGS) --product soak
bugs: setup
	$(BUGS)
	"$$($(BUGS) --show-bin-path)/soak" --bugs all --seconds $(SECONDS)

lint:
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests Examples Benchmarks Fuzz Package.swift
	@Scripts/check-sources.sh

# The reference of the public modules and the articles, left in .build-docs; a warning is an error.
DOCS := DRUMLIN_DOCS=1 $(SWIFT) package --scratch-path .build-docs
docs: setup
	$(DOCS) --disable-sandbox generate-documentation --warnings-as-errors \
	    $(foreach target,ColumnFormat ColumnStore ColumnViews Drumlin,--target $(target)) $(DOCS_FLAGS)

# The suite, ROUNDS of all figures beside the peers, and formats for tables on TABLES: numbers of predictions, files of trip
# records. The benchmarks' own package is fetched only here. Ends with one page, .build/peers/bench.md and bench.json, held against
# the figures of the last release; figures of each part are beside it.
BENCH := DRUMLIN_BENCHMARKS=1 $(SWIFT)
BENCH_FLAGS := --scratch-path .build-bench $(BUILD_FLAGS)
BENCH_PROGRAMS := .build-bench/release
RELEASED ?= $(lastword $(sort $(wildcard Benchmarks/Released/*.json)))
bench: bench-suite bench-durability bench-storage bench-page

bench-build: setup
	for product in Scale drumlin colstat Columns Codecs Durability; do \
	    $(BENCH) build -c release $(BENCH_FLAGS) --product $$product; \
	done

bench-suite: setup
	folder=$$(Scripts/peers.sh workload 100000); \
	    DRUMLIN_WORKLOAD="$$folder" $(BENCH) package $(BENCH_FLAGS) benchmark --target Suite --no-progress --scale

bench-durability: bench-build
	$(BENCH_PROGRAMS)/Durability "$$(Scripts/peers.sh workload 1000000)"
	"$$(Scripts/peers.sh python)" -B Benchmarks/Peers/durable_on_sqlite.py "$$(Scripts/peers.sh workload 1000000)" \
	    --drumlin $(BENCH_PROGRAMS)/Durability
	$(BENCH_PROGRAMS)/Codecs

bench-storage: bench-build
	Scripts/peers.sh storage $(TABLES) --commands $(BENCH_PROGRAMS) --output .build/peers/storage.json

# The page alone. ROUNDS=1 COUNTS="10000 1000000" STREAM=1000000 is a small one.
bench-page: bench-build
	for round in $$(seq $(ROUNDS)); do \
	    echo "round $$round of $(ROUNDS)" >&2; \
	    $(BENCH_PROGRAMS)/Scale "$$(Scripts/peers.sh workload $(STREAM))" "$$(Scripts/peers.sh workload 1000000)" \
	        .build/peers/drumlin.json $(COUNTS) > /dev/null; \
	    Scripts/peers.sh compare --drumlin .build/peers/drumlin.json --commands $(BENCH_PROGRAMS) \
	        --output .build/peers/round-$$round.json > /dev/null; \
	done
	"$$(Scripts/peers.sh python)" -B Benchmarks/Peers/page.py \
	    $(foreach round,$(shell seq $(ROUNDS)),.build/peers/round-$(round).json) \
	    --storage .build/peers/storage.json $(if $(RELEASED),--release $(RELEASED)) --output .build/peers \
	    --version "$$($(BENCH_PROGRAMS)/drumlin --version)" --revision "$$(git rev-parse --short HEAD 2>/dev/null || echo unknown)"

# Static, so that the two run on machines without Swift, liblz4 or this folder.
INSTALL_FLAGS ?= --static-swift-stdlib -Xswiftc -static-executable --scratch-path .build-install
INSTALL = $(SWIFT) build -c $(CONFIGURATION) $(INSTALL_FLAGS) $(BUILD_FLAGS)
install: setup
	$(INSTALL) --product drumlin
	$(INSTALL) --product colstat
	install -d "$(DESTDIR)$(PREFIX)/bin"
	folder=$$($(INSTALL) --show-bin-path); install -s -m 755 "$$folder/drumlin" "$$folder/colstat" "$(DESTDIR)$(PREFIX)/bin"
