#!/bin/sh
# unit.sh UNIT PROGRAM OPEN: what systemd itself says of the unit, for a program that stands somewhere
# else than in the unit: no word that it does not know, and no more left open (tenths) than is told in the unit's head.
set -eu
name=$(basename "$1" .service)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
grep -q "^ExecStart=/usr/sbin/$(basename "$2") " "$1"
sed "s|^ExecStart=/usr/sbin/$(basename "$2")|ExecStart=$2|" "$1" >"$folder/$name.service"
# It exits 0 for a word that it ignores, but says so.
said=$(systemd-analyze verify --man=no --recursive-errors=no "$folder/$name.service" 2>&1) || true
[ -z "$said" ] || { echo "$said"; exit 1; }
said=$(systemd-analyze security --offline=true --no-pager --threshold="$3" "$folder/$name.service") ||
	{ echo "$said"; exit 1; }
echo "$said" | tail -n 1
[ "$name" = keeld ] || exit 0
# The example of the unit's own comment is one that the unit lets work.
example=$(sed -n 's/^# KEELD_OPTIONS=.*--hardware \([^ ]*\) .*/\1/p' "$1")
[ -n "$example" ] && grep -qx "ReadWritePaths=-$example" "$1" ||
	{ echo "the app cannot write its hardware in $example: no ReadWritePaths"; exit 1; }
