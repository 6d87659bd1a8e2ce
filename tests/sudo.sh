#!/bin/bash
# sudo.sh ROOT: whoever is not root and starts run or bench/run, from whichever folder, has sudo start that very
# program again. An id that says "a user" and a sudo that only tells stand first in the PATH.
set -u
root=$1 passed=0 failed=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf '#!/bin/sh\necho 1000\n' >"$folder/id"
printf '#!/bin/sh\nreadlink -f "$1"\n' >"$folder/sudo"
chmod +x "$folder/id" "$folder/sudo"

expect() { # FOLDER COMMAND PROGRAM
	local told
	told=$(cd "$1" && PATH=$folder:$PATH "$2" --reset 2>&1)
	if [ "$told" = "$(readlink -f "$3")" ]; then
		passed=$((passed + 1))
	else
		echo "in $1, $2: sudo was asked for $told"
		failed=$((failed + 1))
	fi
}

expect "$root" ./run "$root/run"
expect "$root/tests" ../run "$root/run"
expect / "$root/run" "$root/run"
expect "$root/bench" ./run "$root/bench/run"
expect "$root" bench/run "$root/bench/run"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
