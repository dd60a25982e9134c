# make help lists the targets. Every build lies in build/PRESET (CMakePresets.json).
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)

.PHONY: help deps demo test bench fuzz test-wheels test-gpu install clean format

help:
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

deps: ## install what is missing to build and test (apt; asks for root only if something is missing)
	@tools/deps

demo: deps release ## install what is missing, build, and judge the example files for several GPUs
	@tools/demo build/release/cufit

.PHONY: release ci
release: ## build/release/cufit: one static binary
	@tools/build release $(JOBS)

ci:
	@tools/build ci $(JOBS)

test: deps ci release ## every test that needs no network and no GPU, then the fuzz corpora under sanitizers
	@tools/test $(JOBS)

bench: deps ## ratios against other tools in the same run, with the floors beside them
	@cmake --preset release -DCUFIT_BENCH=ON >/dev/null
	@cmake --build build/release --parallel $(JOBS)
	@python3 bench/run.py build/release/cufit

RUNS ?= 2000000
fuzz: deps ## search on with libFuzzer, RUNS=2000000 runs of each target
	@tools/build fuzz $(JOBS)
	@fuzz/run.sh $(RUNS)

test-wheels: deps release ## real wheels against NVIDIA's cuobjdump (network, 50 GB of disk), cases by hand, real environments, the real loader
	@python3 tests/wheels/fetch.py
	@python3 tests/wheels/compare.py --evidence docs/evidence/wheels.md
	@python3 tests/wheels/cases.py
	@python3 tests/wheels/environments.py
	@tools/build ci $(JOBS) wheel_loads
	@python3 tests/wheels/loads.py

test-gpu: deps release ## builds and runs tests/gpu on this machine's GPU, then puts faults in, and compares with cufit (needs a GPU; network once, 0.5 GB)
	@tests/gpu/test-gpu build/release/cufit build/gpu

install: release ## install below PREFIX (and DESTDIR): program, completions, documentation
	@DESTDIR="$(DESTDIR)" cmake --install build/release --prefix "$(PREFIX)"

format: ## clang-format over all sources
	@git ls-files '*.h' '*.cpp' 'apps/*.c' 'tests/*.c' | xargs clang-format-19 -i

clean: ## remove build/
	@rm -rf build
