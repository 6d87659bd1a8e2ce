# A heating hub for the benchmarks, beside the one of ./run: sourced after KEEL_BIN is set.
# hub_begin makes it in a folder and a network of its own, hub_run starts keeld, hub_end removes all.
KEEL_HOME=$(mktemp -d) KEEL_NETNS=keel-bench
. tools/home.sh
maker=$home/maker network=10.213.90.
host_address=${network}1 hub_address=${network}2
hub_url=https://$hub_address:8443 app_url=https://localhost:8444

keeld_words=(--home "$home/hub" --address "$hub_address" --tpm "$home/tpm.sock" --hardware "$home/hardware"
	--app "$home/installed/thermostat" --origin "$app_url" --host "$hub_address")

# Wider than the example's: owners come from many addresses.
hub_network() {
	home_make_network
	ip address flush dev "$ns"
	ip -n "$ns" address flush dev eth0
	ip -n "$ns" address add "$hub_address/24" dev eth0
	local i
	for i in 1 $(seq 10 69); do ip address add "$network$i/24" dev "$ns"; done
}

hub_begin() {
	chmod 711 "$home"
	home_make_maker 2>/dev/null
	hub_network
	home_make_fleet || return 1 # its root key stands in the declaration
	home_start_tpm
	home_make_hub >/dev/null
	home_install
	mkdir -p "$home/hardware"
	start room "$bin/heating-room" "$home/hardware"
}

# The parent's pid is in $home/pid/keeld (ip becomes keeld).
hub_run() {
	start keeld ip netns exec "$ns" "$home/installed/keeld" "${keeld_words[@]}"
	wait_for "keeld" grep -q keeld.ready "$home/log/keeld"
}

# … with an owner.
hub_owned() {
	[ -s "$home/people/owner/member" ] && return
	hub_run && owner --label "$home/label.txt" --name owner claim >/dev/null
}

# owner WORDS...: `keel owner` of whoever claimed the hub.
owner() {
	"$bin/keel" owner --keys "$home/people/owner" --hub "$hub_url" --ca "$home/maker/ca.crt" "$@"
}

hub_end() {
	home_stop
	rm -rf "$home"
}
