#!/bin/bash
# measure_all.sh BUILD OUT [SECONDS]: every row of docs/results.md and the pictures, into JSON files
# in OUT; `python3 bench/plot` makes the rest of them. Takes about an hour with 6 seconds a row; the
# machine should be idle.
set -euo pipefail
build="$1" out="$2" seconds="${3:-6}"
here="$(cd "$(dirname "$0")" && pwd)"
mkdir -p "$out"
all=(--bits 8,8 --bits 4,4 --bits 4,6 --bits 2,4 --bits 3L,4 --bits 2,2)

"$build/bench/bench_networks" "${all[@]}" --cold --seconds "$seconds" --json "$out/networks.json"
"$build/bench/bench_networks" --bits 8,8 --bits 4,4 --bits 4,6 --bits 2,2 --isa avx2 \
  --seconds "$seconds" --json "$out/networks_avx2.json"
for isa in "" avx2; do
  "$build/bench/bench_layers" "$here/shapes/crossover.txt" "${all[@]}" ${isa:+--isa $isa} \
    --json "$out/crossover${isa:+_$isa}.json"
done
for file in "$here"/shapes/*.txt; do
  name="$(basename "$file" .txt)"
  [ "$name" = crossover ] ||
    "$build/bench/bench_layers" "$file" "${all[@]}" --json "$out/layers_$name.json"
done
"$build/bench/bench_layers" "$here/shapes/fully_connected.txt" "${all[@]}" --cold \
  --json "$out/layers_fully_connected_cold.json"
