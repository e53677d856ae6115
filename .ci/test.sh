#!/bin/bash
# test.sh: installs what is missing, builds everything, runs all tests. Ends in "N passed, N failed".
# Each step counts as one test; ctest's programs are counted one by one. BUILD_ROOT: where to build.
# LONG=1: with the sweeps that take minutes each.
set -uo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
build="${BUILD_ROOT:-$root}"
jobs="${JOBS:-2}"
passed=0 failed=0
export ASAN_OPTIONS=detect_stack_use_after_return=0 CTEST_OUTPUT_ON_FAILURE=1

# step NAME COMMAND...: one test.
step() {
  local name="$1" start=$SECONDS
  shift
  echo "== $name"
  if "$@"; then
    passed=$((passed + 1))
    echo "== $name: passed ($((SECONDS - start)) s)"
  else
    failed=$((failed + 1))
    echo "== $name: FAILED ($((SECONDS - start)) s)"
  fi
}

make_tree() {  # PRESET [cmake arguments]
  local preset="$1"
  shift
  cmake -S "$root" --preset "$preset" -B "$build/build-$preset" \
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache "$@" >/dev/null &&
    ninja -C "$build/build-$preset" -j "$jobs" --quiet ${TARGETS:-}
}

run_ctest() {  # PRESET [ctest arguments]: programs are added to the counts
  local preset="$1" log="$build/build-$1/ctest.log" line
  shift
  ctest --test-dir "$build/build-$preset" -j "$jobs" --no-tests=error "$@" 2>&1 | tee "$log"
  line=$(grep -E '[0-9]+% tests passed' "$log" | tail -1)
  if [ -z "$line" ]; then
    failed=$((failed + 1))
    return
  fi
  local bad total
  bad=$(sed -E 's/.*, ([0-9]+) tests? failed.*/\1/' <<<"$line")
  total=$(sed -E 's/.*out of ([0-9]+).*/\1/' <<<"$line")
  failed=$((failed + bad))
  passed=$((passed + total - bad))
}

check_format() {
  git ls-files '*.cpp' '*.h' '*.hpp' '*.c' | grep -v '/fixtures/' |
    xargs clang-format --dry-run -Werror
}

fuzz() {
  local folder="$build/build-fuzz/tests/fuzz"
  mkdir -p "$folder/corpus" && "$folder/fuzz_seeds" "$folder/corpus" &&
    "$folder/fuzz_open_and_run" -max_total_time="${FUZZ_SECONDS:-60}" -max_len=16384 \
      -artifact_prefix="$folder/" "$folder/corpus" 2>&1 | tail -5
}

bash cmake/install-packages.sh build test || exit 1
[ -d "$root/../shared/data" ] || echo "skipped: real networks and images (../shared/data is absent)"

step "build: everything" make_tree dev
long=(-LE long)
[ -n "${LONG:-}" ] && long=()
run_ctest dev "${long[@]}"
step "format" check_format
step "structure" bash tests/structure/check.sh
step "build: engine alone" make_tree engine
step "build: address, undefined" make_tree san
run_ctest san -L 'kernels|engine'
TARGETS="parallel_test session_test" step "build: threads" make_tree tsan
run_ctest tsan -R '^(parallel|session)_test$'
TARGETS="fuzz_open_and_run fuzz_seeds" step "build: fuzzer" make_tree fuzz
step "fuzz" fuzz

total=$((passed + failed))
echo "$((100 * passed / total))% tests passed, $failed tests failed out of $total"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
