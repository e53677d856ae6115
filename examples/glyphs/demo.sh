#!/bin/bash
# Builds weq, converts the bundled network at several widths and prints one table. Runs as it is on
# a fresh Debian 12; root is needed only where packages are missing.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
build="${BUILD:-$root/build}"
out="$build/glyphs"

bash "$root/cmake/install-packages.sh" build
if [ ! -f "$build/CMakeCache.txt" ]; then
  echo "building in $build" >&2
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DWEQ_BENCH=ON \
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache >/dev/null
fi
ninja -C "$build" weq bench_networks >&2
mkdir -p "$out"

weq="$build/cli/weq"
onnx="$here/glyphs.onnx"
# number KEY: its first value in the JSON on stdin.
number() { grep -o "\"$1\": *[-0-9.e+]*" | head -1 | sed 's/.*: *//'; }
print_row() { printf '%-8s %8s %8s %8s %6s %9s %10s %8s %9s %8s\n' "$@"; }
rounded() { number "$2" <<<"$3" | xargs printf "%.$1f"; }

float_bytes=$(stat -c %s "$onnx")
echo "36 characters, 900 held-out images; $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), one thread"
print_row "bits W,A" "top-1 %" "float %" "agree %" "kB" "float kB" "x smaller" "ms" "int8 ms" "f32 ms"
for bits in 8,8 6,6 4,6 4,4 3L,4 2,4 2,2; do
  file="$out/glyphs_${bits/,/_}.weq"
  weights=(-w "${bits%,*}")
  [[ $bits == *L,* ]] && weights=(--weight-levels "${bits%L,*}")
  "$weq" convert "$onnx" -o "$file" --preprocess "$here/glyphs.json" --calib "$here/calib.npy" \
    "${weights[@]}" -a "${bits#*,}" >/dev/null 2>"$out/log" || { cat "$out/log" >&2; exit 1; }
  scores=$("$weq" compare "$onnx" "$file" --data "$here/test.npy" --labels "$here/test_labels.npy" \
    --json 2>"$out/log") || { cat "$out/log" >&2; exit 1; }
  "$build/bench/bench_networks" --model "$file" --against "$onnx" --seconds 1 \
    --json "$out/speed.json" >/dev/null
  speed=$(<"$out/speed.json")
  bytes=$(stat -c %s "$file")
  print_row "$bits" "$(rounded 2 top1 "$scores")" "$(rounded 2 top1_float "$scores")" \
    "$(rounded 2 agreement "$scores")" "$((bytes / 1000))" "$((float_bytes / 1000))" \
    "$(awk "BEGIN { printf \"%.1f\", $float_bytes / $bytes }")" "$(rounded 3 ms "$speed")" \
    "$(rounded 3 onednn_int8_ms "$speed")" "$(rounded 3 onednn_f32_ms "$speed")"
done
echo "ms: one image by weq, by oneDNN in int8, by oneDNN in f32, alternating in one process"
