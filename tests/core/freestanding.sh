#!/bin/sh
# Core freestanding, for a Cortex-M3 and M4: no symbol of a libc but mem* and str*. Its tests as 32-bit
# Arm are among those of tools/arm.sh. Usage: freestanding.sh SOURCE_DIR
set -eu
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v arm-none-eabi-gcc >/dev/null || { echo "arm-none-eabi-gcc is missing (gcc-arm-none-eabi)"; exit 1; }
core=$(ls "$root"/src/core/*.c | grep -v _linux.c)
warnings='-Wall -Wextra -Werror -Wshadow -Wconversion -Wno-sign-conversion -Wframe-larger-than=2048'
failed=0

# Every undefined symbol of the whole that core itself does not define.
strangers() {
	arm-none-eabi-nm -g "$1"/*.o | awk '$1 == "U" { used[$2] } NF == 3 { defined[$3] }
		END { for (s in used) if (!(s in defined)) print s }' |
		grep -Ev '^(mem|str)[a-z]+$|^keel_must_failed$' || true
}

for cpu in cortex-m3 cortex-m4; do
	mkdir "$work/$cpu"
	(cd "$work/$cpu" && arm-none-eabi-gcc -std=c17 -c -mcpu=$cpu -mthumb -ffreestanding -Os $warnings -I"$root/src" $core)
	strange=$(strangers "$work/$cpu")
	if [ -n "$strange" ]; then
		echo "failed: core for $cpu asks for more than mem* and str*:" $strange
		failed=1
	fi
	arm-none-eabi-size -t "$work/$cpu"/*.o | tail -1 | awk -v cpu=$cpu '{ printf "%s: text %d, data %d, bss %d bytes\n", cpu, $1, $2, $3 }'
done
exit $failed
