#!/bin/bash
# Installs what is missing, builds everything, passes all tests. As root on a fresh Debian 12:
#
#   bash .ci/test.sh
#
# Stages: the whole tree in Release; kernels and engine under AddressSanitizer and UBSan, then the
# parts with threads under ThreadSanitizer; sixty seconds of fuzzing; formatting. About 20 minutes on
# two cores. WEQ_STAGES="release san tsan fuzz format" picks some. Ends in `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.."
stages="${WEQ_STAGES:-format release san tsan fuzz}"
jobs="$(nproc)"
passed=0
failed=0

bash cmake/install-packages.sh build test || exit 1
[ -d ../shared/data ] || echo "SKIPPED: tests on real networks, ../shared/data is absent"
export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_C_COMPILER_LAUNCHER=ccache
export CTEST_OUTPUT_ON_FAILURE=1 CTEST_PARALLEL_LEVEL="$jobs"

say() { echo "== $* ($(date +%T))"; }
check() {  # check NAME COMMAND...: one pass or one failure
  local name="$1"
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
  fi
}
run_ctest() {  # run_ctest BUILD ARGUMENT...: adds the counts of ctest's closing line
  local log="$1/ctest.log" line
  ctest --test-dir "$@" 2>&1 | tee "$log"
  line="$(grep -E 'tests passed, [0-9]+ tests failed out of [0-9]+' "$log")"
  if [ -z "$line" ]; then
    failed=$((failed + 1))
    echo "FAILED: ctest in $1 ran nothing"
    return
  fi
  local bad total
  bad="$(sed -E 's/.*passed, ([0-9]+) tests failed.*/\1/' <<<"$line")"
  total="$(sed -E 's/.*out of ([0-9]+).*/\1/' <<<"$line")"
  passed=$((passed + total - bad))
  failed=$((failed + bad))
}
build() { cmake --preset "$1" >/dev/null && cmake --build --preset "$@" -- -j "$jobs" | tail -3; }
formatted() {
  git ls-files '*.cpp' '*.h' '*.hpp' '*.c' | xargs clang-format --dry-run -Werror
}
fuzz() {
  local corpus=build-fuzz/corpus
  mkdir -p "$corpus"
  build-fuzz/tests/fuzz/fuzz_seeds "$corpus" &&
    build-fuzz/tests/fuzz/fuzz_open_and_run -max_total_time=60 -max_len=16384 \
      -artifact_prefix=build-fuzz/ "$corpus" 2>&1 | tail -3
}

for stage in $stages; do
  say "$stage"
  case "$stage" in
    format) check "clang-format" formatted ;;
    release) if build dev; then run_ctest build-dev -LE long; else check "build dev" false; fi ;;
    san) if build san; then run_ctest build-san -LE long; else check "build san" false; fi ;;
    tsan)
      if build tsan; then
        run_ctest build-tsan -R '^(session|parallel|allocation|c_api)_test$'
      else
        check "build tsan" false
      fi ;;
    fuzz) if build fuzz; then check "fuzzing" fuzz; else check "build fuzz" false; fi ;;
    *) check "stage $stage is not known" false ;;
  esac
done
say "done"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
