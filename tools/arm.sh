#!/bin/bash
# arm.sh: the whole product for 32-bit Arm, and the tests that run there under qemu-user.
#
# Debian's libraries for armhf are unpacked into build-arm/root by apt, with lists and status of its own:
# nothing of this machine's packages changes, and libraries of two versions cannot stand in each other's way.
# What qemu-user lacks is not run here: seccomp, Landlock, namespaces (tests/device/filter_test.c reads the filter
# of each machine instead), and what waits for PBKDF2 or measures time.
set -euo pipefail
cd "$(dirname "$0")/.."
at=$PWD/build-arm root=$PWD/build-arm/root
libraries="libssl-dev libseccomp-dev libsqlite3-dev libtss2-dev libevent-dev libjansson-dev libyaml-dev
libcurl4-openssl-dev libqrencode-dev libpng-dev libfido2-dev"
programs="src/device/keeld src/cli/keel products/heating/thermostat"
tests=(core\ {bytes,cbor,log,schema,cbor\ vectors} crypto\ {hash,aead,p256,cose,cose_examples,purpose,pem}
	http\ {request,limits,after} owner\ formats profile\ {provisions,scalar,wrong} vault\ root
	device\ {filter,lines,rooms} app\ keel)

apt_armhf() {
	apt-get -qq -o APT::Architecture=armhf -o APT::Architectures::=armhf -o APT::Sandbox::User=root -o "Dir::State=$at/apt" \
		-o "Dir::State::status=$at/apt/status" -o "Dir::Cache=$at/apt" "$@"
}

unpack_libraries() {
	rm -rf "$at/apt" "$root"
	mkdir -p "$at/apt/lists/partial" "$at/apt/archives/partial" "$root"
	: >"$at/apt/status"
	# A list that cannot be had now (a mirror in the middle of its work) matters only if a library then lacks.
	apt_armhf update || echo "arm: not every list of packages came"
	# shellcheck disable=SC2086
	apt_armhf install --download-only -y --no-install-recommends $libraries
	for package in "$at"/apt/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
	rm -rf "$at/apt"
	touch "$root/.whole"
}

write_cross_file() {
	cat >"$at/cross.ini" <<-INI
	[binaries]
	c = ['arm-linux-gnueabihf-gcc', '--sysroot=$root']
	ar = 'arm-linux-gnueabihf-ar'
	strip = 'arm-linux-gnueabihf-strip'
	pkgconfig = 'pkg-config'
	exe_wrapper = ['qemu-arm', '-L', '$root']
	[properties]
	sys_root = '$root'
	pkg_config_libdir = '$root/usr/lib/arm-linux-gnueabihf/pkgconfig'
	[host_machine]
	system = 'linux'
	cpu_family = 'arm'
	cpu = 'armv7'
	endian = 'little'
	INI
}

[ -e "$root/.whole" ] || unpack_libraries
if [ ! -e "$at/meson/build.ninja" ]; then
	write_cross_file
	meson setup "$at/meson" --cross-file "$at/cross.ini" -Doptimization=1 -Ddebug=false
fi
# shellcheck disable=SC2086
ninja -C "$at/meson" $programs
file=$(readelf -h "$at/meson/src/device/keeld")
[[ $file == *ELF32*Machine:*ARM* ]] || { echo "arm: keeld is not a program for 32-bit Arm"; exit 1; }
status=0
meson test -C "$at/meson" --print-errorlogs -t 5 "${tests[@]}" || status=$?
cat "$at/meson/meson-logs/testlog.txt"
exit $status
