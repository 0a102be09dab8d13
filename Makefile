# The local cloud and the tests, from nothing but Rust, Python 3.11+ and a C compiler.
# Everything is made below .local/ and target/.

PYTHON ?= python3
VENV := .local/venv
LOCAL := $(VENV)/bin/python -m local

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "PORT=… make … takes another port than 4566"

demo: $(VENV)/ready ## deploy examples/bookshop into a local cloud, call it and show each answer with its reason
	@$(LOCAL) demo

test: $(VENV)/ready ## run all tests, those on the local cloud included
	cargo test --locked --workspace
	$(VENV)/bin/pytest

local: $(VENV)/ready ## leave the local cloud up, with URLs, tokens and curl lines to try
	@$(LOCAL) local

stop: ## end the local cloud that `make local` left up; what was built stays
	@if [ -e $(VENV)/ready ]; then $(LOCAL) stop; fi

bench: bench/node/node_modules/.package-lock.json $(VENV)/ready ## measure cold start, warm requests, memory, size and hostile tokens, and write docs/performance.md
	cargo build --release --locked --package cognito-authorizer
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" cargo lambda build --release --locked --bin cognito-authorizer --output-format zip
	cargo build --release --locked --package bench-functions
	cargo build --release --locked --package bench
	target/release/bench

cost: ## count instructions, allocations and bytes, and compare them with bench/record.json (needs valgrind)
	cargo build --release --locked --package cognito-authorizer
	cargo build --release --locked --package bench --bin count
	target/release/count

record: ## count the same and write it to bench/record.json
	cargo build --release --locked --package cognito-authorizer
	cargo build --release --locked --package bench --bin count
	target/release/count record

clean: ## end the local cloud and remove everything that was made
	@if [ -e $(VENV)/ready ]; then $(LOCAL) clean; fi
	rm -rf .local target

$(VENV)/ready: local/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: PYTHON=… make …" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m local.tools $(VENV)
	@touch $@

bench/node/node_modules/.package-lock.json: bench/node/package-lock.json
	npm ci --prefix bench/node

.PHONY: help demo test local stop bench cost record clean
