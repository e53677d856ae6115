#!/bin/bash
# install-packages.sh GROUP...: installs what is missing of these groups of debian-packages.txt.
set -euo pipefail
list="$(dirname "$0")/debian-packages.txt"
missing=()
for group in "$@"; do
  for package in $(sed -n "s/^$group //p" "$list"); do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing+=("$package")
  done
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "run as root once, or: apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
