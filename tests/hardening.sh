#!/bin/bash
# hardening.sh: reads built programs and names each hardening flag that is missing from one.
#
#   tests/hardening.sh PROGRAM...   exit 0 where all of them have all, 1 where one lacks something
#   tests/hardening.sh --self CC    builds a program without each flag in turn, and demands that it is named
#
# What leaves no mark of its own (fortify level 3, locals that begin as zero) is tried by flags_test.c.
# What it looks for is what meson.build asks for; EN 303 645 5.6-5 and 5.6-6 (good practice).
set -uo pipefail
failed=0
over_a_page='[0-9a-f]{5,7}|[2-9a-f][0-9a-f]{3}|1[1-9a-f][0-9a-f]{2}|1[0-9a-f][1-9a-f][0-9a-f]|1[0-9a-f]{2}[1-9a-f]'

lacks() { # PROGRAM FLAG
	echo "$1: $2 is missing"
	failed=1
}

check_link() { # PROGRAM
	local dynamic segments
	dynamic=$(readelf -dW "$1") && segments=$(readelf -lW "$1") || { lacks "$1" "a readable ELF header"; return; }
	[[ $(readelf -hW "$1") == *"DYN ("* && $dynamic == *"PIE"* ]] || lacks "$1" "-pie"
	[[ $segments == *GNU_RELRO* ]] || lacks "$1" "-z relro"
	[[ $dynamic == *BIND_NOW* || $dynamic =~ FLAGS_1.*NOW ]] || lacks "$1" "-z now"
	grep -q 'GNU_STACK.* RW ' <<<"$segments" || lacks "$1" "-z noexecstack"
	grep -q 'LOAD.* RWE ' <<<"$segments" && lacks "$1" "-z noexecstack (a segment is writable and executable)"
	# With separate code nothing but code is executable: the ELF header is not in that segment.
	grep -E 'LOAD.* R E ' <<<"$segments" | grep -q ' 0x000000 ' && lacks "$1" "-z separate-code"
	grep -qE 'RPATH|RUNPATH' <<<"$dynamic" && lacks "$1" "a link without RPATH"
}

# The linker gives a program the property only where every object has it. Debian's start files have
# not, so there the landing places in the code itself tell that the program's own objects do.
has_cet() { # PROGRAM ITS-CODE
	local start notes
	notes=$(readelf -nW "$1" 2>/dev/null)
	[[ $notes == *IBT*SHSTK* ]] && return
	start=$("${CC-cc}" -print-file-name=Scrt1.o 2>/dev/null)
	[[ $(readelf -nW "$start" 2>/dev/null) == *IBT* ]] && return 1
	[ "$(grep -c endbr64 <<<"$2")" -gt 2 ] # two stand in the compiler's own start files
}

check_code() { # PROGRAM
	local names code
	names=$(readelf --dyn-syms -W "$1")
	[[ $names == *__stack_chk_fail* ]] || lacks "$1" "-fstack-protector-strong"
	grep -qE '__[a-z]+_chk(@| )' <<<"$(grep -v __stack_chk <<<"$names")" || lacks "$1" "-D_FORTIFY_SOURCE"
	case $(readelf -hW "$1") in
	*X86-64*)
		code=$(objdump -d --no-show-raw-insn "$1")
		has_cet "$1" "$code" || lacks "$1" "-fcf-protection=full"
		# A frame of more than a page is made page by page, each touched: never by one subtraction.
		grep -qE "sub +\\\$0x($over_a_page),%rsp" <<<"$code" && lacks "$1" "-fstack-clash-protection"
		;;
	*AArch64*)
		[[ $(readelf -nW "$1") == *BTI* ]] || lacks "$1" "-mbranch-protection=standard"
		;;
	esac
}

check() {
	[ -r "$1" ] || { lacks "$1" "the file"; return; }
	check_link "$1"
	check_code "$1"
}

all=(-O2 -fPIE -pie -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
	-fcf-protection=full -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,-z,separate-code)

# expect WORDS FLAG...: a program built with these flags after all others is told to lack WORDS ("": nothing).
expect() {
	local words=$1 told
	shift
	"$cc" "${all[@]}" "$@" -o "$folder/program" "$folder/program.c" 2>/dev/null ||
		{ echo "could not build with $*"; failed_self=$((failed_self + 1)); return; }
	told=$("$0" "$folder/program")
	if [ -z "$words$told" ] || { [ -n "$words" ] && [[ $told == *": $words is missing"* ]]; }; then
		passed=$((passed + 1))
	else
		echo "built with ${*:-all}: expected \"$words\", told \"$told\""
		failed_self=$((failed_self + 1))
	fi
}

self() {
	cc=$1 passed=0 failed_self=0
	folder=$(mktemp -d)
	trap 'rm -rf "$folder"' EXIT
	cat >"$folder/program.c" <<-'C'
	#include <stdio.h>
	#include <string.h>
	int main(int argc, char **argv)
	{
		char large[20000];
		volatile size_t n = (size_t)argc;
		memcpy(large, argv[0], n);
		large[n] = 0;
		return puts(large) < 0;
	}
	C
	expect ""
	expect "-pie" -fno-pie -no-pie
	expect "-z relro" -Wl,-z,norelro
	expect "-z now" -Wl,-z,lazy
	expect "-z noexecstack" -Wl,-z,execstack
	expect "-z separate-code" -Wl,-z,noseparate-code
	expect "a link without RPATH" -Wl,-rpath,/usr/lib/elsewhere
	expect "-fstack-protector-strong" -fno-stack-protector
	expect "-D_FORTIFY_SOURCE" -U_FORTIFY_SOURCE
	if [ "$(uname -m)" = x86_64 ]; then
		expect "-fcf-protection=full" -fcf-protection=none
		expect "-fstack-clash-protection" -fno-stack-clash-protection
	fi
	echo "$passed passed, $failed_self failed"
	[ "$failed_self" = 0 ]
}

case ${1-} in
"" | -h | --help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; [ $# != 0 ]; exit ;;
--self) self "${2-cc}"; exit ;;
esac
for program; do check "$program"; done
exit $failed
