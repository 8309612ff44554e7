#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kdsd_load.sh [SECONDS [CONNECTIONS]] - how many keyprov requests a second kdsd
# answers over kept-alive TLS, measured with wrk(1): with plain and with signed
# envelopes. Not a test: nothing is judged. Run where the programs were built.
set -eu
LC_ALL=C
export LC_ALL
seconds=${1:-10} connections=${2:-32}
kdsd=./kms/kdsd
world=./tests/it/kdsd_world
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$dir"' EXIT
bundle_key=0000000000000000000000000000000000000000000000000000000000000000

configure() # online_signing
{
	cat >"$dir/kdsd.conf" <<-END
		kms_uri = "kms.example.org";
		bundle_key = "$bundle_key";
		kek_file = "kek";
		import_key_file = "import.key";
		listen = "127.0.0.1:0";
		health = "127.0.0.1:0";
		tls_cert = "server.pem";
		tls_key = "server.key";
		token = { jwks_file = "jwks.json"; };
		requests_per_s = 0;
		online_signing = $1;
	END
}

configure false
made=$("$world" make "$dir" "$("$kdsd" --config "$dir/kdsd.conf" keygen)")
bundle_key=${made%%[!0-9a-f]*}
configure false
"$kdsd" --config "$dir/kdsd.conf" import "$dir/bundle.1" >"$dir/out"
cat >"$dir/post.lua" <<END
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer $(cat "$dir/token.alice")"
wrk.headers["Content-Length"] = "0"
END
mkfifo "$dir/ready"
for signing in false true; do
	configure "$signing"
	"$kdsd" --config "$dir/kdsd.conf" >"$dir/ready" 2>"$dir/log" &
	pid=$!
	read -r line <"$dir/ready"
	port=$(expr "$line" : 'ready listen=\([0-9]*\)')
	echo "online_signing = $signing"
	wrk -t 1 -c "$connections" -d "${seconds}s" --latency -s "$dir/post.lua" \
		"https://127.0.0.1:$port/keymanagement/identity/v1/keyprov"
	kill "$pid"
	wait "$pid"
	pid=
done
