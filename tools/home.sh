# The example home, as functions: sourced by run and by the drill. Everything it makes lives under
# $home (default /var/lib/keel-example), everything it starts ends with home_stop.
#
#   $home/fleet     the maker's service (data/fleet.db, keys/, config.yaml)
#   $home/hub       the hub's own folder (product.cbor, vault/, door.crt, door.key, measures.cbor, maker-ca.crt)
#   $home/installed the hub's programs, each as the maker's list in measures.cbor has it
#   $home/hardware  the simulated sensor and burner
#   $home/web       the owner's app, as nginx serves it
#   $home/log       one file a program
#   $maker          what a maker keeps, for all homes: unit-signing key, CA, release key

# Not below a folder that only root can enter: each room has a user of its own.
home=${KEEL_HOME:-/var/lib/keel-example}
maker=${KEEL_MAKER:-$PWD/.maker}
bin=${KEEL_BIN:-$PWD/build/bin}
keel_fleet=${KEEL_FLEET:-$bin/keel-fleet}
web=${KEEL_WEB:-$PWD/build/web}
console=${KEEL_CONSOLE:-$PWD/build/console}
desk=${KEEL_DESK:-$PWD/build/desk}
ns=${KEEL_NETNS:-keel-hub}
# A net of four addresses: ours and the hub's.
host_address=${KEEL_NET:-10.213.77}.1
hub_address=${KEEL_NET:-10.213.77}.2
hub_url=https://$hub_address:8443
fleet_port=${KEEL_FLEET_PORT:-8450}
# A name, for operators' passkeys belong to one. It leads to this machine: in a browser by itself, on the hub by its file of hosts.
fleet_name=fleet.localhost
service_url=https://$fleet_name:$fleet_port
app_port=${KEEL_APP_PORT:-8444}
app_url=https://localhost:$app_port

# A key and a certificate under the example maker's own CA: cert NAME SUBJECT-ALT-NAMES.
cert() {
	openssl ecparam -name prime256v1 -genkey -noout -out "$home/$1.key"
	openssl req -new -key "$home/$1.key" -subj "/CN=Keel example" |
		openssl x509 -req -CA "$maker/ca.crt" -CAkey "$maker/ca.key" -set_serial "0x$(openssl rand -hex 16)" -days 398 \
			-extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$2") -out "$home/$1.crt" 2>/dev/null
	chmod 600 "$home/$1.key"
}

# What the maker has once, before the first unit.
home_make_maker() {
	mkdir -p "$maker" && chmod 700 "$maker"
	[ -s "$maker/unit.pem" ] || openssl ecparam -name prime256v1 -genkey -noout -out "$maker/unit.pem"
	[ -s "$maker/release.pem" ] || openssl ecparam -name prime256v1 -genkey -noout -out "$maker/release.pem"
	[ -s "$maker/ca.crt" ] || {
		openssl ecparam -name prime256v1 -genkey -noout -out "$maker/ca.key"
		openssl req -x509 -new -key "$maker/ca.key" -subj "/CN=Keel example home CA" -days 3650 \
			-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
			-out "$maker/ca.crt"
	}
}

home_start_tpm() {
	mkdir -p "$home/tpm"
	start tpm swtpm socket --tpm2 --tpmstate "dir=$home/tpm" \
		--server "type=unixio,path=$home/tpm.sock" --flags not-need-init,startup-clear
	wait_for "the TPM's socket" test -S "$home/tpm.sock"
}

# The maker's service, before the first unit: its root key is what the declaration names.
home_make_fleet() {
	if [ ! -s "$home/fleet/config.yaml" ]; then
		rm -rf "$home/fleet"
		"$keel_fleet" init "$home/fleet" --origin "$service_url" --json >/dev/null || return 1
	fi
	home_configure origin "\"$service_url\"" app_origin "\"$app_url\"" address "\"127.0.0.1 $host_address\"" port "$fleet_port" \
		console "\"$console\"" desk "\"$desk\""
	cert fleet/tls "DNS:$fleet_name"
}

# home_configure NAME VALUE...: in the service's config.yaml.
home_configure() {
	while [ $# -gt 0 ]; do
		sed -i "s|^$1:.*|$1: $2|" "$home/fleet/config.yaml"
		shift 2
	done
}

# What the product says of itself, with this maker's key and this service.
home_compile() {
	"$bin/keel" compile "${KEEL_PRODUCT:-$PWD/products/heating/product.yaml}" --maker-key "$maker/unit.pem" \
		--service-key "$home/fleet/keys/root.pem" --service-url "$service_url" -o "$home/hub/product.cbor"
}

# The service knows the product as it is today, and the unit.
home_enrol() {
	"$keel_fleet" product add "$home/fleet" "$home/hub/product.cbor" --measures "$home/hub/measures.cbor" --json >/dev/null &&
		"$keel_fleet" enrol "$home/fleet" "$home/hub/units.csv" --json >/dev/null
}

# One hub, as it leaves the factory: declaration, identity, label, a certificate for its door.
home_make_hub() {
	[ -s "$home/hub/label.txt" ] && {
		[ -s "$home/hub/units.csv" ] && return
		echo "run: the home in $home was made before there was a maker's service, which does not know its hub" >&2
		echo "Next: ./run --reset forgets that home; the next ./run makes one anew." >&2
		return 1
	}
	rm -rf "$home/hub" && mkdir -p "$home/hub"
	home_compile
	"$bin/keel" provision --home "$home/hub" --maker-key "$maker/unit.pem" --enrol "$home/hub/units.csv" \
		--tpm "$home/tpm.sock" --serial "H1-000001" --label "$home/label"
	cert hub/door "IP:$hub_address,DNS:hub.home.arpa"
	cp "$home/label.txt" "$home/hub/label.txt"
}

# The hub's programs as its image would hold them, and the maker's signed list of them: at each start,
# since they may have been built anew.
home_install() {
	home_compile
	cp "$maker/ca.crt" "$home/hub/maker-ca.crt"
	rm -rf "$home/installed" && mkdir -p "$home/installed"
	cp "$bin/keeld" "$bin/thermostat" "$home/installed"
	"$bin/keel" measure --maker-key "$maker/unit.pem" --product "$home/hub/product.cbor" -o "$home/hub/measures.cbor" \
		"$home/installed/keeld" "$home/installed/thermostat"
}

# A network of the hub's own: whatever listens in it must be declared.
home_make_network() {
	ip netns list 2>/dev/null | cut -d" " -f1 | grep -qx "$ns" && return # -w would take keel-drill-0 for keel-drill
	if ip -o address show to "$host_address" 2>/dev/null | grep -q .; then
		echo "run: another example home is up on this machine; end it first" >&2
		return 1
	fi
	mkdir -p "/etc/netns/$ns" # what the hub finds as /etc/hosts
	printf '127.0.0.1 localhost\n::1 localhost\n%s %s\n' "$host_address" "$fleet_name" >"/etc/netns/$ns/hosts"
	ip netns add "$ns"
	ip link add "$ns" type veth peer name eth0 netns "$ns"
	ip address add "$host_address/30" dev "$ns"
	ip link set "$ns" up
	ip -n "$ns" address add "$hub_address/30" dev eth0
	ip -n "$ns" link set eth0 up
	ip -n "$ns" link set lo up
}

# start NAME COMMAND...: in the background, its output in log/NAME, its pid in pid/NAME.
start() {
	local name=$1
	shift
	mkdir -p "$home/log" "$home/pid"
	: >>"$home/log/$name" && chmod 600 "$home/log/$name" # the service's has a link for whoever operates it first
	"$@" >>"$home/log/$name" 2>&1 &
	echo $! >"$home/pid/$name"
}

wait_for() {
	local what=$1 i
	shift
	for i in $(seq 100); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	echo "run: $what did not come up within 10 s; the logs are in $home/log" >&2
	return 1
}

# In the place of systemd: brings the parent back whenever it dies, within a second.
keeld_loop() {
	trap 'kill -TERM "$child" 2>/dev/null; wait "$child"; exit 0' TERM
	while :; do
		ip netns exec "$ns" "$home/installed/keeld" --home "$home/hub" --address "$hub_address" \
			--tpm "$home/tpm.sock" --hardware "$home/hardware" --app "$home/installed/thermostat" \
			--origin "$app_url" --host "$hub_address" --host hub.home.arpa &
		child=$!
		echo $child >"$home/pid/keeld"
		wait $child
		sleep 0.2
	done
}

home_start_app() {
	mkdir -p "$home/nginx"
	rm -rf "$home/web" && cp -r "$web" "$home/web"
	cert nginx/app "DNS:localhost,IP:127.0.0.1"
	printf '{"homes":[{"name":"My home","url":"%s","service":"%s"}]}\n' "$hub_url" "$service_url" >"$home/nginx/config.json"
	sed -e "s|@HOME@|$home|g; s|@WEB@|$home/web|g; s|@PORT@|$app_port|g; s|@HUB@|$hub_url|g; s|@SERVICE@|$service_url|g" \
		products/heating/nginx.conf >"$home/nginx/nginx.conf"
	start nginx nginx -c "$home/nginx/nginx.conf" -g 'daemon off;'
}

hub_answers() {
	curl_hello
}

curl_hello() {
	"$bin/keel" interrogate "$hub_url" --ca "$maker/ca.crt" --json
	[ $? = 3 ] || [ $? = 0 ]
}

home_start_fleet() {
	start fleet "$keel_fleet" serve "$home/fleet"
	wait_for "the maker's service" fleet_answers
}

# The link for the first operator, where nobody operates the service yet.
home_operator_link() {
	awk '/^keel-fleet: https/ { link = "" } /\/console\/#join=/ { link = $1 } END { print link }' "$home/log/fleet"
}

fleet_answers() {
	(exec 3<>"/dev/tcp/$host_address/$fleet_port")
}

# Nothing of a home is changed that another maker's keys made.
home_of_this_maker() {
	[ -s "$home/hub/door.crt" ] || return 0
	openssl verify -CAfile "$maker/ca.crt" "$home/hub/door.crt" >/dev/null 2>&1 && return
	echo "run: the home in $home was made with another maker's keys than those in $maker" >&2
	echo "Next: ./run --reset forgets that home; the next ./run makes one anew." >&2
	return 1
}

home_start() {
	mkdir -p "$home" && chmod 755 "$home"
	home_make_maker
	home_of_this_maker || return 1
	home_make_network || return 1
	home_make_fleet || return 1
	home_start_tpm
	home_make_hub || return 1
	home_install
	home_enrol || echo "run: the service does not know this hub, and opens it no session" >&2
	home_start_fleet || return 1
	mkdir -p "$home/hardware"
	start room "$bin/heating-room" "$home/hardware"
	start loop keeld_loop
	home_start_app
	wait_for "the hub" hub_answers
}

home_stop() {
	local name pid i
	for name in loop keeld fleet nginx room tpm; do
		pid=$(cat "$home/pid/$name" 2>/dev/null) || continue
		kill -TERM "$pid" 2>/dev/null
		# keeld ends its rooms in order; the others end at once.
		for i in $(seq 50); do
			kill -0 "$pid" 2>/dev/null || break
			# Our own child stays a zombie until it is waited for.
			grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null && break
			sleep 0.1
		done
	done
	rm -rf "$home/pid"
	ip netns delete "$ns" 2>/dev/null
	rm -rf "/etc/netns/$ns"
	ip link delete "$ns" 2>/dev/null
	return 0
}
