#!/bin/bash
# accuracy_table.sh WEQ DATA NETWORK...: a Markdown table of accuracy at many bits, the paper alone
# beside the default, for networks of a data folder laid out as docs/results.md says. Cells: change
# of top-1 in points / agreement with float in percent / output signal-to-noise in dB.
set -euo pipefail
weq="$1" data="$2"
shift 2
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
limit="${LIMIT:-0}"

sources() {  # sources NETWORK: sets calib and test
  case "$1" in
    cifar_* | ic_*) calib=(--calib "$data/cifar10/calib.bin") test=(--data "$data/cifar10/test.bin") ;;
    kws_*)
      calib=(--calib "$data/kws/calib_x.npy")
      test=(--data "$data/kws/test_x.npy" --labels "$data/kws/test_y.npy") ;;
    *) calib=(--calib "$data/imagenet/calib") test=(--data "$data/imagenet/val") ;;
  esac
  [ "$limit" -eq 0 ] || test+=(--limit "$limit")
}
key() { grep -oE "\"$1\": *-?[0-9.]+" | head -1 | sed 's/.*: *//'; }
cell() {  # cell NETWORK FLAG...
  local name="$1" model="$data/models/$1.onnx"
  shift
  if [ ! -f "$model" ]; then
    model="$work/$name.onnx"
    [ -f "$model" ] || xz -dkc "$data/models/$name.onnx.xz" >"$model"
  fi
  "$weq" convert "$model" -o "$work/out.weq" --preprocess "$data/models/$name.json" "${calib[@]}" \
    "$@" >/dev/null 2>&1 || { echo "failed"; return; }
  local json
  json="$("$weq" compare "$model" "$work/out.weq" "${test[@]}" --json 2>/dev/null)"
  awk -v f="$(key top1_float <<<"$json")" -v q="$(key top1 <<<"$json")" \
    -v a="$(key agreement <<<"$json")" -v s="$(key snr_db <<<"$json")" \
    'BEGIN { printf "%+.1f / %.1f / %.1f", q - f, a, s }'
}

echo "| (W,A) | flow | $(printf '%s | ' "$@")"
echo "| --- | --- | $(printf '%.0s--- | ' "$@")"
for bits in 8,8 6,6 4,6 4,4 3,4 3L,4 2,4 2,2; do
  weights=(-w "${bits%,*}")
  [[ $bits == *L,* ]] && weights=(--weight-levels "${bits%L,*}")
  for flow in paper default; do
    flags=("${weights[@]}" -a "${bits#*,}")
    [ $flow = paper ] && flags+=(--paper)
    row="| ($bits) | $flow |"
    for network in "$@"; do
      sources "$network"
      row+=" $(cell "$network" "${flags[@]}") |"
    done
    echo "$row"
  done
done
