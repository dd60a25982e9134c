#!/bin/sh
# Prints how much of src/formats (or of the folders given) the committed corpora reach. Builds in
# build/coverage, or in the folder that CUFIT_COVERAGE_BUILD names.
set -eu
here=$(dirname "$(readlink -f "$0")")
root=$here/..
build=${CUFIT_COVERAGE_BUILD:-$root/build/coverage}
[ $# -ge 1 ] || set -- src/formats
targets="elf fatbin cubin zip ptx ar check distinfo proc recording ld_cache probe"

cmake -G Ninja -S "$root" -B "$build" -DCMAKE_BUILD_TYPE= -DCMAKE_CXX_COMPILER=clang++-19 \
  -DCMAKE_CXX_FLAGS="-O1 -g1 -fprofile-instr-generate -fcoverage-mapping" >/dev/null
# shellcheck disable=SC2086 # words
ninja -C "$build" $(printf 'replay_%s ' $targets) >&2

objects=
for target in $targets; do
  LLVM_PROFILE_FILE=$build/$target.profraw "$build/fuzz/replay_$target" "$here/corpus/$target" >&2
  objects="$objects -object $build/fuzz/replay_$target"
done
llvm-profdata-19 merge -o "$build/all.profdata" "$build"/*.profraw
cd "$root"
# shellcheck disable=SC2086 # words
llvm-cov-19 report $objects -instr-profile="$build/all.profdata" --show-region-summary=false \
  --show-branch-summary=false -sources "$@"
