#!/bin/sh
# Runs the fuzz targets: fuzz/run.sh [RUNS [TARGET...]], each on one thread under a memory limit; without RUNS,
# 2,000,000. Needs the build of the preset `fuzz`, or the folder that CUFIT_FUZZ_BUILD names. New inputs stay in $CUFIT_FUZZ_WORK
# (default: work/ in the build folder); what is committed is only read. Ends with 1 if anything was found.
set -u
here=$(dirname "$(readlink -f "$0")")
build=${CUFIT_FUZZ_BUILD:-$here/../build/fuzz}
work=${CUFIT_FUZZ_WORK:-$build/fuzz/work}
runs=${1:-2000000}
[ $# -eq 0 ] || shift
[ $# -ge 1 ] || set -- elf fatbin cubin zip ptx ar check distinfo proc ld_cache recording probe log

# The quarantine of freed memory counts as ours: keep it small beside the limit. Short stacks: twice as fast.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:quarantine_size_mb=16:malloc_context_size=2"

failed=0
for target in "$@"; do
  mkdir -p "$work/$target" "$work/found" "$work/log"
  case $target in
    ptx) max=4096 ;;
    zip | check) max=16384 ;;
    *) max=4096 ;;
  esac
  log=$work/log/$target.txt
  "$build/fuzz/fuzz_$target" -runs="$runs" -max_len=$max -rss_limit_mb=512 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$work/found/$target-" "$work/$target" "$here/corpus/$target" >"$log" 2>&1
  status=$?
  if [ $status -eq 0 ]; then
    sed -n "s/^Done /$target: no finding, /p" "$log"
  else
    failed=1
    echo "$target: FINDING (exit $status), see $log"
    grep -E "finding:|ERROR|Test unit written" "$log"
  fi
done
exit $failed
