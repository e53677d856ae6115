#!/bin/bash
# Rules of the tree that no compiler checks. Prints every breach.
cd "$(dirname "$0")/../.."
breaches=0
report() {
  echo "$1"
  breaches=$((breaches + 1))
}

# forbid FOLDER PATTERN: no #include below FOLDER may match (dependencies point downward only).
forbid() {
  local hits
  hits=$(grep -rnE "#include [\"<]($2)" "$1" --include=*.h --include=*.hpp --include=*.cpp)
  [ -z "$hits" ] || report "$1 includes from above: $hits"
}
heavy='onnx|google/protobuf|dnnl|oneapi|nlohmann|CLI'
forbid kernels "engine/|weq/|converters/|cli/|bench/|tests/|$heavy"
forbid engine "converters/|cli/|bench/|tests/|$heavy"
forbid converters "cli/|bench/|tests/|CLI"
forbid cli 'bench/|tests/'

# Every folder says in a README of about ten lines what lives there.
for folder in $(git ls-files | grep / | xargs -n1 dirname | sort -u | grep -E '^(kernels|engine|converters|cli|bench)(/|$)'); do
  [ -f "$folder/README.md" ] || { report "$folder has no README.md"; continue; }
  lines=$(wc -l <"$folder/README.md")
  [ "$lines" -le 15 ] || report "$folder/README.md: $lines lines, ten are enough"
done

while read -r size file; do
  report "$file: $size bytes, no file may be above 1 MB"
done < <(git ls-files -z | xargs -0 stat -c '%s %n' 2>/dev/null | awk '$1 > 1000000')

hits=$(git grep -nE '(^|[^a-zA-Z0-9_./])/(work|root|home)/' -- . ':!tests/structure/check.sh')
[ -z "$hits" ] || report "paths of one machine: $hits"

echo "structure: $breaches breaches"
[ "$breaches" -eq 0 ]
