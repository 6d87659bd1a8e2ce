#!/bin/bash
# The door's plain page beside nginx with the same bytes over the same TLS (1.3, P-256, keep-alive).
#
#   bench/door_bench.sh BUILD [ROUNDS [SECONDS]]   BUILD: meson setup BUILD --buildtype=release -Dbench=true
#
# Server on one core, wrk on another, in turns. Requests a second move with the machine; µs is the
# server's own processor time for one request and is steady. Aim: ratio 1 or more.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:?which build folder?} rounds=${2:-3} seconds=${3:-5}
door=18443 nginx=18444 dir=$(mktemp -d)
trap 'kill $door_pid $nginx_pid 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost \
	-keyout "$dir/key.pem" -out "$dir/chain.pem" 2>/dev/null

taskset -c 0 "$build/bench/door_server" $door "$dir/chain.pem" "$dir/key.pem" & door_pid=$!
sleep 0.5

# nginx serves what the door serves: the same body, and the same fields in its own order.
curl -ksD "$dir/head" "https://127.0.0.1:$door/" -o "$dir/index.html"
fields=$(tr -d '\r' <"$dir/head" | sed -nE '/^(HTTP|Date|Content-Type|Content-Length|$)/!s/^([^:]+): (.*)$/add_header \1 "\2";/p')
cat >"$dir/nginx.conf" <<CONF
worker_processes 1; daemon off; pid $dir/pid; error_log $dir/error.log;
events { worker_connections 2048; }
http {
	access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; keepalive_timeout 60;
	open_file_cache max=10; server_tokens off; types { text/html html; } charset utf-8; etag off;
	client_body_temp_path $dir/a; proxy_temp_path $dir/b; fastcgi_temp_path $dir/c; uwsgi_temp_path $dir/d; scgi_temp_path $dir/e;
	server {
		listen 127.0.0.1:$nginx ssl; root $dir; ssl_protocols TLSv1.3;
		ssl_certificate $dir/chain.pem; ssl_certificate_key $dir/key.pem;
		$fields
	}
}
CONF
chmod 755 "$dir"; chmod 644 "$dir/index.html"
taskset -c 0 nginx -c "$dir/nginx.conf" 2>/dev/null & nginx_pid=$!
sleep 0.5
worker=$(pgrep -P $nginx_pid)
size() { curl -ksi "https://127.0.0.1:$1/" | wc -c; }
echo "bytes of an answer: door $(size $door), nginx $(size $nginx)"

ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
# "requests/s µs" of one round
measure() {
	local before after out
	before=$(ticks "$2")
	out=$(taskset -c 1 wrk -t1 -c64 -d"${seconds}s" "https://127.0.0.1:$1/")
	after=$(ticks "$2")
	grep -q 'Non-2xx' <<<"$out" && { echo "not all were answered by 200" >&2; exit 1; }
	awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" '/requests in/ { n = $1 } /^Requests\/sec/ { r = $2 }
		END { printf "%.0f %.2f\n", r, t / hz * 1e6 / n }' <<<"$out"
}
for ((i = 0; i < rounds; i++)); do
	measure $door $door_pid >>"$dir/door"
	measure $nginx "$worker" >>"$dir/nginx"
done
median() { sort -n -k"$2" "$1" | awk -v k="$2" '{ v[NR] = $k } END { print v[int((NR + 1) / 2)] }'; }
d_rate=$(median "$dir/door" 1) d_us=$(median "$dir/door" 2) n_rate=$(median "$dir/nginx" 1) n_us=$(median "$dir/nginx" 2)
printf 'door   %7s requests/s  %6s us\nnginx  %7s requests/s  %6s us\n' "$d_rate" "$d_us" "$n_rate" "$n_us"
awk -v a="$d_rate" -v b="$n_rate" -v c="$d_us" -v d="$n_us" \
	'BEGIN { printf "door beside nginx: %.2f by requests, %.2f by processor time (aim 1)\n", a / b, d / c }'
