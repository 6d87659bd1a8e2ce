#!/bin/sh
# fuzz.sh BUILD SECONDS: runs every fuzz target in BUILD/fuzz, two at a time, from fuzz/corpus/NAME.
build=$1 seconds=$2
one='
name=$(basename "$1" _fuzz); work="$2/fuzz/found-$name"; mkdir -p "$work" "fuzz/corpus/$name"
out=$("$1" -max_total_time="$3" -timeout=5 -rss_limit_mb=2048 -print_final_stats=0 -artifact_prefix="$work/" \
	"$work" "fuzz/corpus/$name" 2>&1) && { echo "fuzz $name: $(echo "$out" | grep -E "^Done" )"; echo "1 passed, 0 failed"; exit 0; }
echo "$out" | tail -n 30; echo "fuzz $name failed"; echo "0 passed, 1 failed"; exit 1'
ls "$build"/fuzz/*_fuzz 2>/dev/null | grep -q . || { echo "no fuzz targets in $build/fuzz"; exit 1; }
ls "$build"/fuzz/*_fuzz | xargs -P 2 -I{} sh -c "$one" sh {} "$build" "$seconds"
