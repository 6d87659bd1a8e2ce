# Which Debian packages the project needs, and how they come onto a machine: sourced by run and check.
# Each name's reason and maintainer: docs/dependencies.md.

# To build and run the example home.
packages_run="gcc libc6-dev pkg-config meson ninja-build libssl-dev libseccomp-dev libevent-dev libyaml-dev libfido2-dev
libtss2-dev libsqlite3-dev libcurl4-openssl-dev libqrencode-dev libpng-dev zlib1g-dev openssl swtpm swtpm-tools iproute2 nginx-light
nodejs npm ca-certificates tcpdump procps"

# To run every test as well.
packages_check="$packages_run clang clang-format clang-tidy llvm libclang-rt-14-dev libcbor-dev libjansson-dev
chromium libnss3-tools gcc-arm-none-eabi gcc-arm-linux-gnueabihf qemu-user mandoc
binutils zbar-tools curl"

# For ./check coverage, which runs only when it is asked for.
packages_coverage="gcovr"

# What is asked for and not there: by dpkg's own list, so that nothing is asked of the network.
packages_missing() {
	for p in "$@"; do
		case "$p" in
		# Whoever has a Node of another make has what is needed.
		nodejs) command -v node >/dev/null && continue ;;
		npm) command -v npm >/dev/null && continue ;;
		esac
		dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || printf '%s ' "$p"
	done
}

# Installs what is missing, says what, and what to do where it may not.
packages_install() {
	# shellcheck disable=SC2086,SC2048
	missing=$(packages_missing $*)
	[ -n "$missing" ] || return 0
	as=
	if [ "$(id -u)" != 0 ]; then
		if command -v sudo >/dev/null; then
			as=sudo
		else
			echo "These Debian packages are missing: $missing" >&2
			echo "Next: as root, run: apt-get install --no-install-recommends $missing" >&2
			return 1
		fi
	fi
	echo "Installing from Debian: $missing"
	log=$(mktemp)
	# shellcheck disable=SC2086
	if $as env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -qq &&
		apt-get install -y -qq --no-install-recommends "$@"' sh $missing >"$log" 2>&1; then
		rm -f "$log"
		return 0
	fi
	tail -n 20 "$log" >&2
	echo "The packages above could not be installed; the whole output is in $log." >&2
	echo "Next: mend what apt-get says, then start again." >&2
	return 1
}
