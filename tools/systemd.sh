#!/bin/bash
# systemd.sh: tries packaging/keeld.service under a real systemd, as process 1 of namespaces of its own, over a
# throw-away copy of this machine's root. Needs root, systemd, swtpm, and the programs of ./run --build.
# Ends with one line: N passed, N failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
export bin=${KEEL_BIN-$PWD/build/bin}
[ "$(id -u)" = 0 ] || { echo "systemd.sh: it mounts and makes namespaces: run it as root" >&2; exit 2; }
for need in /lib/systemd/systemd /usr/bin/swtpm "$bin/keeld" "$bin/thermostat"; do
	[ -x "$need" ] || { echo "systemd.sh: there is no $need; apt install systemd swtpm, and ./run --build" >&2; exit 2; }
done

# The new root: this machine's own, with changes in memory only and none of its units.
boot() {
	local r=$1/root d
	mount -t tmpfs tmpfs "$1" && mkdir "$1/up" "$1/work" "$r" &&
		mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$r" || return 1
	mount -t proc proc "$r/proc" && mount -t sysfs -o ro sysfs "$r/sys" && mount -t cgroup2 cgroup2 "$r/sys/fs/cgroup" || return 1
	for d in run tmp dev; do mount -t tmpfs -o mode=755 tmpfs "$r/$d"; done
	for d in null zero full random urandom tty; do touch "$r/dev/$d" && mount --bind "/dev/$d" "$r/dev/$d"; done
	mkdir "$r/dev/shm" "$r/dev/pts" "$r/keel" "$r/keel/bin" "$r/before" && mount -t devpts -o newinstance devpts "$r/dev/pts"
	mount --bind "$PWD" "$r/keel" && mount --bind "$bin" "$r/mnt" || return 1
	rm -rf "$r/etc/systemd/system" && mkdir "$r/etc/systemd/system"
	printf '[Unit]\nRequires=systemd-journald.service\nAfter=systemd-journald.service\n' >"$r/etc/systemd/system/trial.target"
	ip link set lo up
	mount --rbind "$r" "$r" && cd "$r" && pivot_root . before && cd / || return 1
	exec chroot . sh -c 'umount -l /before; exec env -i container=trial PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=trial.target'
}

# A hub as it leaves the factory, its TPM and its simulated room; the unit and its options.
install_hub() {
	install -m 755 /mnt/keeld /usr/sbin/ && mkdir -p /usr/lib/hearth /etc/keel /run/hearth /root/maker /root/tpm /var/lib/keel
	install -m 755 /mnt/thermostat /mnt/heating-room /usr/lib/hearth/
	cp /keel/packaging/keeld.service /etc/systemd/system/
	echo 'KEELD_OPTIONS=--app /usr/lib/hearth/thermostat --tpm /run/tpm.sock --hardware /run/hearth --address 127.0.0.1' >/etc/keel/keeld.conf
	systemctl daemon-reload
	systemd-run -q --unit=tpm swtpm socket --tpm2 --tpmstate dir=/root/tpm --server type=unixio,path=/run/tpm.sock --flags not-need-init,startup-clear
	systemd-run -q --unit=room /usr/lib/hearth/heating-room /run/hearth
	until [ -S /run/tpm.sock ]; do sleep 0.1; done
	cd /root/maker && openssl ecparam -name prime256v1 -genkey -noout -out unit.pem
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=hub -addext subjectAltName=IP:127.0.0.1 \
		-keyout /var/lib/keel/door.key -out /var/lib/keel/door.crt 2>/dev/null
	cp /var/lib/keel/door.crt /var/lib/keel/maker-ca.crt # nobody answers by it: the uplink stays away
	/mnt/keel compile /keel/products/heating/product.yaml --maker-key unit.pem -o /var/lib/keel/product.cbor &&
		/mnt/keel provision --home /var/lib/keel --maker-key unit.pem --tpm /run/tpm.sock --serial H1-1 --label label >/dev/null
}

passed=0 failed=0
try() {
	local what=$1
	shift
	if "$@"; then passed=$((passed + 1)) && echo "ok      $what"; else failed=$((failed + 1)) && echo "FAILED  $what"; fi
}
owner() { /mnt/keel owner --keys /root/keys --hub https://127.0.0.1:8443 --ca /var/lib/keel/door.crt "$@"; }
main() { systemctl show -p MainPID --value keeld; }
rooms() { pgrep -x 'keeld-vault|keeld-door|keeld-monitor|keeld-uplink|thermostat' 2>/dev/null | wc -l; }
gone() { ! pgrep -x keeld && [ "$(rooms)" = 0 ]; }
soon() { local i; for i in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done; return 1; }
all_rooms() { [ "$(rooms)" = 5 ]; }
all_restarts() { [ "$(journalctl -q -u keeld | grep -c 'room.started .*restarts=1$')" = 5 ] && all_rooms; }
another() { [ "$(main)" != "$1" ] && [ "$(main)" != 0 ] && all_rooms && owner state; }
all_walls() { owner statement | grep -q '^missing: none$'; }
told() { journalctl -q -u keeld | grep -q "$1"; }
exposure() { systemd-analyze security keeld --no-pager | grep -oE '[0-9]+\.[0-9] [A-Z]+' | tail -n 1 | awk '{ exit !($1 <= 4) }'; }

trial() {
	install_hub || { echo "systemd.sh: the hub could not be made" >&2; exit 2; }
	try "it starts, and systemd hears that it is ready" systemctl start keeld
	try "its rooms run" soon all_rooms
	try "it takes a claim" owner --label /root/maker/label.txt --name Ann --json claim
	try "no wall is missing within the unit's own" all_walls
	pkill -KILL -x 'keeld-vault|keeld-door|keeld-monitor|keeld-uplink|thermostat'
	try "rooms that are killed come back" soon all_restarts
	local before
	before=$(main) && kill -KILL "$before"
	try "a parent that is killed comes back" soon another "$before"
	before=$(main) && kill -STOP "$before"
	try "a parent that is stuck is ended by the watchdog and comes back" soon another "$before"
	timeout 8 python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 7777)); s.accept()' &
	try "an undeclared port is told" soon told undeclared-port.*7777
	try "it stops in order" systemctl stop keeld
	try "nothing of it is left" gone
	try "systemd-analyze's exposure is at most 4" exposure
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
}

case "${1-}" in
boot) boot "$2" ; exit 1 ;;
trial) trial; exit ;;
"") ;;
*) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;;
esac
at=$(mktemp -d)
unshare --mount --pid --fork --uts --ipc --net --cgroup --kill-child --propagation private "$0" boot "$at" >"$at.log" 2>&1 &
holder=$!
disown
trap 'kill -KILL "$init" 2>/dev/null; sleep 0.2; rm -rf "$at" "$at.log"' EXIT
init=
for _ in $(seq 50); do
	init=$(pgrep -P "$holder") && [ "$(cat "/proc/$init/comm" 2>/dev/null)" = systemd ] && break
	sleep 0.1
done
inside() { nsenter -t "$init" -m -p -u -i -n -C -r -w env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root KEEL_BIN=/mnt SYSTEMD_PAGER= "$@"; }
for _ in $(seq 50); do
	inside systemctl is-system-running >/dev/null 2>&1 && break
	sleep 0.1
done
[ -n "$init" ] && inside systemctl is-active -q trial.target || { echo "systemd.sh: systemd does not start here:" >&2; tail "$at.log" >&2; exit 2; }
inside /keel/tools/systemd.sh trial
