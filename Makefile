# Every command a person needs. `make check` is exactly what CI runs.

VENV := target/venv
LINT_VENV := target/lint-venv
CHECKOV_VENV := target/checkov-venv
MINISTACK_VENV := target/ministack-venv
PEERS_VENV := target/peers-venv
AXE := target/axe
SAM_VENV := target/sam-venv
# Tools from crates.io, each built once.
TOOLS := target/tools
PYTHON ?= python3
CHROMIUM := /usr/bin/chromium /usr/bin/chromedriver
SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)
# One set of flags for every cargo call, so that nothing is built twice.
CARGO_FLAGS := --workspace --locked

export AWS_EC2_METADATA_DISABLED := true
export SAM_CLI_TELEMETRY := 0

.PHONY: help demo build-demo pictures check build test lint lint-rust lint-templates lint-scripts test-python sam-build soak fuzz deny release dist bench bench-peers bless clean

help:
	@echo 'make demo    two censuses of an embedded AWS organization, a night apart, into demo-out/'
	@echo 'make pictures   the pictures of the README, from 30 nights of the demo'
	@echo 'make check   every test and lint; what CI runs'
	@echo 'make build   the binaries, for this machine, unoptimized'
	@echo 'make soak    10,000 seeded worlds with random faults'
	@echo 'make fuzz    fuzz every parser of untrusted text; a minute each'
	@echo 'make deny    licences, bans and sources of all dependencies'
	@echo 'make sam-build   the function as sam deploy takes it, for this architecture, into .aws-sam'
	@echo 'make release   the optimized binaries, for this machine'
	@echo 'make dist    what a release consists of, for this architecture, into target/dist'
	@echo 'make bench   how close to the bound of AWS quotas; about half an hour, and the build'
	@echo 'make bench-peers   beside c7n-org and an AWS CLI loop; about 3 minutes'
	@echo 'make bless   write expected files anew; review them with git diff'
	@echo 'make clean   remove everything built'

# The real command line, against the embedded AWS over a socket: on one night, and on the next.
SIMULATED_AWS := target/debug/keycensus-sim run --world examples/worlds/demo.toml
SCAN_TO := target/debug/keycensus scan --audit-guard on --kinds kms,iam,passwords,secrets,service_credentials --out
SCAN := $(SCAN_TO) demo-out
TOPIC := arn:aws:sns:eu-west-1:111111111111:keycensus
demo: build-demo
	rm -rf demo-out
	@echo 'the census of the night before:'
	@$(SIMULATED_AWS) --clock-back 24h -- $(SCAN) --clock-back 24h; \
	code=$$?; case $$code in 0|3|4) ;; *) exit $$code ;; esac
	@echo; echo 'the census of tonight, compared with it:'
	@$(SIMULATED_AWS) --messages -- $(SCAN) --topic-arn $(TOPIC); \
	code=$$?; case $$code in 0|3|4) ;; *) exit $$code ;; esac; \
	echo; \
	echo "exit code $$code; the report is in demo-out/latest:"; \
	ls -l demo-out/latest; \
	echo 'open demo-out/latest/report.html in a browser; target/debug/keycensus report demo-out shows it again'

# Not all that `build` does, and nothing that it would do again.
build-demo:
	@echo 'building keycensus and the simulated AWS: some minutes the first time, nearly all of them for libraries.'
	@echo 'Then: two nights of an organization of 8 accounts, each a minute or less; what was found goes to demo-out/.'
	cargo build $(CARGO_FLAGS) --bin keycensus --bin keycensus-sim

# The pictures of the README, of the demo's last night after 29 others: its page has a trend.
PICTURED := target/pictures
pictures: build-demo $(VENV)/ready $(CHROMIUM)
	rm -rf $(PICTURED)
	@for nights in $$(seq 29 -1 0); do \
	    back=$$((24 * nights))h; \
	    $(SIMULATED_AWS) --clock-back $$back -- $(SCAN_TO) $(PICTURED) --clock-back $$back; \
	    code=$$?; case $$code in 0|3|4) ;; *) exit $$code ;; esac; \
	done
	$(VENV)/bin/python tests/python/pictures.py $(PICTURED)/latest/report.html

check: lint test test-python
# One after the other: each uses all processors, and the tests of Python's read what those of Rust have written.
.NOTPARALLEL: check

build:
	cargo build $(CARGO_FLAGS) --bins

# What scenarios and seeded worlds send and are answered, for tests/python/test_models.py.
EXCHANGES := target/exchanges.jsonl
test:
	rm -f $(EXCHANGES)
	KEYCENSUS_EXCHANGES=$(CURDIR)/$(EXCHANGES) cargo test $(CARGO_FLAGS)

lint: lint-rust lint-templates lint-scripts deny

lint-rust:
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --all-targets -- -D warnings

lint-templates: $(LINT_VENV)/ready $(CHECKOV_VENV)/ready
	$(LINT_VENV)/bin/cfn-lint template.yaml member-role.yaml pending-deletion-alarm.yaml
	AWS_DEFAULT_REGION=eu-west-1 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none \
	    PATH="$(CURDIR)/$(LINT_VENV)/bin:$$PATH" $(LINT_VENV)/bin/sam validate --lint --template template.yaml
	$(CHECKOV_VENV)/bin/checkov --framework cloudformation --skip-download --quiet --compact --file template.yaml member-role.yaml

lint-scripts: $(VENV)/ready
	$(VENV)/bin/shellcheck .ci/run packaging/*.sh
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check

# The simulator against boto3, the real function against moto, the templates deployed to ministack, by the SAM CLI too,
# the HTML report in Chromium, and what `make test` wrote of exchanges against AWS's service models.
test-python: build $(VENV)/ready $(MINISTACK_VENV)/ready $(LINT_VENV)/ready $(AXE)/ready $(CHROMIUM)
	cargo build $(CARGO_FLAGS) --example report_page
	$(VENV)/bin/python -m pytest tests/python

# Debian's browser and its driver, where they are missing.
$(CHROMIUM) &:
	@echo 'installing Chromium, which the tests of the HTML report drive'
	@{ $(SUDO) apt-get update --quiet && \
	    $(SUDO) apt-get install --yes --quiet --no-install-recommends chromium chromium-driver fonts-dejavu-core; } || \
	    { echo 'cannot install chromium and chromium-driver with apt-get: put them at $(CHROMIUM)' >&2; exit 1; }

# Environments of Python's, each made anew when what it needs has changed.
$(VENV)/ready: tests/python/requirements.txt
$(LINT_VENV)/ready: tests/python/requirements-lint.txt
$(CHECKOV_VENV)/ready: tests/python/requirements-checkov.txt
$(MINISTACK_VENV)/ready: tests/python/requirements-ministack.txt
$(SAM_VENV)/ready: packaging/requirements.txt
$(PEERS_VENV)/ready: bench/peers/requirements.txt
$(VENV)/ready $(LINT_VENV)/ready $(CHECKOV_VENV)/ready $(MINISTACK_VENV)/ready $(SAM_VENV)/ready \
    $(PEERS_VENV)/ready:
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

# axe-core, which is JavaScript and needs nothing: no environment, and none of what its package needs.
$(AXE)/ready: tests/python/requirements-axe.txt $(VENV)/ready
	rm -rf $(@D)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --target $(@D) --requirement $<
	touch $@

# Seeded worlds with random faults; `make check` runs the first 300.
SEEDS ?= 10000
FIRST ?= 0
soak:
	cargo build $(CARGO_FLAGS) --profile measure --bins
	target/measure/soak $(SEEDS) $(FIRST)

# Every reader of untrusted text, for SECONDS each, on a nightly compiler. `make check` tries the
# corpora; what is found here goes there by hand.
SECONDS := 60
FUZZ_TARGETS := $(notdir $(wildcard fuzz/corpus/*))
fuzz: $(TOOLS)/bin/cargo-fuzz
	@for target in $(FUZZ_TARGETS); do \
	    mkdir -p fuzz/found/$$target && \
	    PATH="$(CURDIR)/$(TOOLS)/bin:$$PATH" cargo +nightly fuzz run $$target fuzz/found/$$target fuzz/corpus/$$target -- \
	        -max_total_time=$(SECONDS) -timeout=60 -dict=fuzz/dictionaries/$$target.dict || exit 1; \
	done

# What deny.toml says of the dependencies. Whether one is known to be unsafe is recorded in a database on GitHub:
# `make deny DENY=advisories`, where that can be reached.
DENY := licenses bans sources
deny: $(TOOLS)/bin/cargo-deny
	$(TOOLS)/bin/cargo-deny --locked check $(DENY)

# What docs/DEPLOY.md has a person do, with the tools that it names.
MACHINE := $(if $(filter x86_64,$(shell uname -m)),x86_64,arm64)
sam-build: $(SAM_VENV)/ready
	PATH="$(CURDIR)/$(SAM_VENV)/bin:$$PATH" sam build --parameter-overrides Architecture=$(MACHINE)

# Zip for Lambda, command line, SBOMs, third-party licences and checksums.
dist: $(TOOLS)/bin/cargo-about $(TOOLS)/bin/cargo-cyclonedx
	PATH="$(CURDIR)/$(TOOLS)/bin:$$PATH" packaging/dist.sh

# Unoptimized, where building them would take longer than what they do.
INSTALL := cargo install --debug --locked --root $(TOOLS)
$(TOOLS)/bin/cargo-fuzz:
	$(INSTALL) cargo-fuzz@0.13.2
$(TOOLS)/bin/cargo-deny:
	$(INSTALL) cargo-deny@0.20.2
$(TOOLS)/bin/cargo-about:
	cargo install --locked --root $(TOOLS) cargo-about@0.9.3 --features cli
$(TOOLS)/bin/cargo-cyclonedx:
	$(INSTALL) cargo-cyclonedx@0.5.9

# The optimized binaries: what `make dist` packs and the benchmarks measure.
release:
	cargo build --locked --release --package keycensus-lambda --package keycensus

# What is released, beside the bound; BENCH names worlds, or all of them.
bench: release
	cargo build $(CARGO_FLAGS) --profile measure --bin bench --bin keycensus-sim
	target/measure/bench $(BENCH)

# Ours, optimized, beside two other ways to ask the same; into target/bench-peers.json.
bench-peers: build release $(PEERS_VENV)/ready
	$(PEERS_VENV)/bin/python bench/peers/peers.py

bless:
	KEYCENSUS_BLESS=1 cargo test $(CARGO_FLAGS) --lib --test scenarios

clean:
	cargo clean
	rm -rf demo-out .aws-sam
