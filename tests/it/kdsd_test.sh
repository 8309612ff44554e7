#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kdsd_test.sh - kdsd as it is run: key files, bundles, every route over real
# TLS with every way to be refused, and a theft of its database and memory.
#
# Run where the programs were built. Ends with "N passed, N failed, N skipped";
# exit 1 when a test failed.
set -u
LC_ALL=C
export LC_ALL
unset http_proxy https_proxy

kdsd=./kms/kdsd
world=./tests/it/kdsd_world
dir=$(mktemp -d) || exit 1
pids=
trap 'for pid in $pids; do kill "$pid"; done 2>/dev/null; rm -rf "$dir"' EXIT
passed=0 failed=0 skipped=0
root=/keymanagement/identity/v1
alice=sip:alice@example.org
bob=sip:bob@example.org

expect() # NAME COMMAND...: passed when the command exits 0
{
	name=$1
	shift
	if ("$@") >"$dir/said" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'failed: %s\n' "$name"
		head -n 5 "$dir/said"
	fi
}

# A configuration file with more lines than the common ones.
configure() # FILE LINE...
{
	file=$dir/$1
	shift
	{
		cat <<-END
			kms_uri = "kms.example.org";
			bundle_key = "$bundle_key";
			kek_file = "kek";
			import_key_file = "import.key";
			listen = "127.0.0.1:0";
			health = "127.0.0.1:0";
			tls_cert = "server.pem";
			tls_key = "server.key";
			token = { jwks_file = "jwks.json"; };
		END
		printf '%s\n' "$@"
	} >"$file"
}

# Refused: exit 1, nothing on standard output, one line that says so.
refuses() # TEXT ARG...
{
	text=$1
	shift
	"$kdsd" "$@" >"$dir/out" 2>"$dir/err"
	refused=$?
	cat "$dir/out" "$dir/err" # shown when it fails
	[ "$refused" -eq 1 ] && [ ! -s "$dir/out" ] &&
		[ "$(wc -l <"$dir/err")" -eq 1 ] && grep -q "^kdsd: .*$text" "$dir/err"
}

prints() # TEXT ARG...
{
	text=$1
	shift
	"$kdsd" "$@" >"$dir/out" || return 1
	grep -q "$text" "$dir/out" || {
		cat "$dir/out"
		return 1
	}
}

# Starts kdsd with a configuration; sets $pid, $port, $health, $mutual.
start() # CONFIG
{
	rm -f "$dir/ready"
	mkfifo "$dir/ready"
	"$kdsd" --config "$dir/$1" >"$dir/ready" 2>>"$dir/log" &
	pid=$!
	pids="$pids $pid"
	read -r line <"$dir/ready" || line=
	port=$(expr "$line" : 'ready listen=\([0-9]*\)')
	health=$(expr "$line" : '.* health=\([0-9]*\)')
	mutual=$(expr "$line" : '.* mutual=\([0-9]*\)')
	[ -n "$port" ] || {
		echo "kdsd does not start"
		tail -n 3 "$dir/log"
		exit 1
	}
}

# One POST; its body goes to $dir/body. Prints the status.
post() # TOKEN PATH [CURL-ARG...]
{
	token=$1 path=$2
	shift 2
	curl -s --path-as-is --cacert "$dir/ca.pem" -o "$dir/body" \
		-D "$dir/head" -w '%{http_code}' -X POST \
		-H "Authorization: Bearer $(cat "$dir/token.$token")" "$@" \
		"https://127.0.0.1:$port$root$path"
}

# That status, and for user's InK a KmsResponse whose pieces are these.
gives() # STATUS WHOSE ENVELOPE PIECES TOKEN PATH [CURL-ARG...]
{
	want=$1 user=$2 envelope=$3 pieces=$4
	shift 4
	got=$(post "$@")
	[ "$got" = "$want" ] || {
		echo "status $got"
		cat "$dir/body"
		return 1
	}
	said=$("$world" open "$user" "$envelope" <"$dir/body") || return 1
	[ "$(printf '%s' "$said" | tr '\n' ';')" = "${pieces%;}" ] || {
		echo "$said"
		return 1
	}
}

status_is() # STATUS TOKEN PATH [CURL-ARG...]
{
	want=$1
	shift
	got=$(post "$@")
	[ "$got" = "$want" ] || {
		echo "status $got"
		return 1
	}
}

bare() # STATUS URL [CURL-ARG...]: without a token
{
	want=$1 url=$2
	shift 2
	got=$(curl -s --cacert "$dir/ca.pem" -o "$dir/body" -w '%{http_code}' \
		"$@" "$url")
	[ "$got" = "$want" ] || {
		echo "status $got"
		return 1
	}
}

signed() # STATUS ENVELOPE PIECES USER PATH AGE KEY [URL]
{
	url=${8-https://127.0.0.1:$port$root$5}
	"$world" request "$4" "$url" "$6" "$7" >"$dir/request" || return 1
	gives "$1" "$alice" "$2" "$3" alice "$5" --data-binary "@$dir/request" \
		-H 'Content-Type: application/xml'
}

# ------------------------------------------------------------ files and keys
bundle_key=0000000000000000000000000000000000000000000000000000000000000000
configure kdsd.conf
expect "no token keys yet is a fault of --check" \
	refuses "cannot be read\|TLS" --config "$dir/kdsd.conf" --check
import_key=$("$kdsd" --config "$dir/kdsd.conf" keygen)
expect "keygen prints the import key" test ${#import_key} -eq 64
again=$("$kdsd" --config "$dir/kdsd.conf" keygen)
expect "keygen makes no key twice" test "$import_key" = "$again"
expect "key files are the owner's alone" \
	test "$(stat -c %a "$dir/kek" "$dir/import.key" | tr '\n' ' ')" = "600 600 "
made=$("$world" make "$dir" "$import_key")
bundle_key=${made%%[!0-9a-f]*}
period=${made##*[!0-9]}
configure kdsd.conf
configure signing.conf 'online_signing = true;' 'signed_requests = "required";'
configure tight.conf 'requests_per_s = 1;' 'burst = 1;' 'retry_spread_s = 3;'
configure mutual.conf 'mutual = ( { listen = "127.0.0.1:0";
	client_ca = "ca.pem"; trusted_peers = [ "client.test" ]; } );'
configure wrong.conf 'request_age_s = 0;'
configure unknown.conf 'colour = "blue";'
expect "--check accepts what can be served" "$kdsd" --config "$dir/kdsd.conf" \
	--check
expect "an option out of range is named" \
	refuses "request_age_s" --config "$dir/wrong.conf" --check
expect "an unknown option is named" \
	refuses "colour" --config "$dir/unknown.conf" --check
chmod 644 "$dir/kek"
expect "a KEK that others may read is refused" \
	refuses "kek: denied" --config "$dir/kdsd.conf" --check
chmod 600 "$dir/kek"

# ------------------------------------------------------------------ bundles
conf=$dir/kdsd.conf
expect "a bundle of another signer is refused" \
	refuses "signature at offset" import --config "$conf" "$dir/stolen.1"
expect "a bundle out of order is refused" \
	refuses "one is missing" import --config "$conf" "$dir/bundle.2"
head -c 3000 "$dir/bundle.1" >"$dir/cut.1"
expect "a truncated bundle is refused" \
	refuses "offset" import --config "$conf" "$dir/cut.1"
expect "a bundle that is not there is named" \
	refuses "no.such: not found" import --config "$conf" "$dir/no.such"

start kdsd.conf
expect "alive before the first bundle" bare 200 "http://127.0.0.1:$health/healthz"
expect "not ready before it" bare 503 "http://127.0.0.1:$health/readyz"
expect "nothing is served before it" status_is 404 alice /init

expect "the first bundle is taken" prints "^bundle 1: 2 certificates, 3 users" \
	import --config "$conf" "$dir/bundle.1"
expect "a replay is refused" \
	refuses "number 1 again" import --config "$conf" "$dir/bundle.1"
expect "a fork is refused" \
	refuses "a fork" import --config "$conf" "$dir/fork.2"
expect "a gap is refused" \
	refuses "one is missing" import --config "$conf" "$dir/bundle.3"
expect "ready with it, while it runs" \
	bare 200 "http://127.0.0.1:$health/readyz"

# ------------------------------------------------------------------- routes
enc=sip%3Aalice%40example.org
now=$(printf '%08X00000000' $(($(date +%s) + 2208988800)))
next=$(printf '%08X00000000' $(((period + 1) * 2592000)))
past=$(printf '%08X00000000' $(((period - 9) * 2592000)))
expect "init gives the root certificate" \
	gives 200 $alice plain "certificate;" alice /init
expect "keyprov gives now and next" gives 200 $alice plain \
	"keys of period +0;keys of period +1;" alice /keyprov
expect "keyprov gives what there is" \
	gives 200 $bob plain "keys of period +0;" bob /keyprov
expect "keyprov for oneself, encoded" gives 200 $alice plain \
	"keys of period +0;keys of period +1;" alice /keyprov/$enc
expect "keyprov for oneself, raw" gives 200 $alice plain \
	"keys of period +0;keys of period +1;" alice /keyprov/$alice
expect "keyprov for a time gives one period" \
	gives 200 $alice plain "keys of period +0;" alice "/keyprov/$enc/$now"
expect "keyprov for a time to come" \
	gives 200 $alice plain "keys of period +1;" alice "/keyprov/$enc/$next"
expect "keyprov for a time without keys" \
	gives 404 $alice plain "error 404;" alice "/keyprov/$enc/$past"
expect "certcache gives the partners" \
	gives 200 $alice plain "cache 2;certificate;" alice /certcache
expect "certcache gives only newer ones" \
	gives 200 $alice plain "cache 2;" alice /certcache/2
expect "cert gives one by name" \
	gives 200 $alice plain "certificate;" alice /cert/kms.partner.example
expect "cert of a stranger" \
	gives 404 $alice plain "error 404;" alice /cert/kms.stranger.example
expect "lookup finds a user" gives 200 $alice plain "" alice /lookup/$bob
expect "lookup finds no stranger" \
	gives 404 $alice plain "error 404;" alice /lookup/sip:stranger@example.net
"$world" request $alice "https://127.0.0.1:$port$root/krr" 0 $alice \
	>"$dir/request"
expect "krr takes an upload" gives 200 $alice plain "" alice /krr \
	--data-binary "@$dir/request"
expect "krr without a body" gives 400 $alice plain "error 400;" alice /krr

# ----------------------------------------------------------------- refusals
expect "another user's keys" \
	gives 403 $alice plain "error 403;" alice /keyprov/$bob
expect "a user of another KMS" gives 404 sip:stranger@example.net plain \
	"error 404;" stranger /init
expect "no token" bare 403 "https://127.0.0.1:$port$root/init" -X POST
expect "a token for something else" status_is 403 scope /init
expect "an expired token" status_is 401 expired /init
expect "a token without a signature" status_is 401 none /init
expect "a token under the public key" status_is 401 hmac /init
expect "an asserted identity where nobody is trusted" \
	bare 403 "https://127.0.0.1:$port$root/init" -X POST \
	-H "X-3GPP-Asserted-Identity: \"$alice\""
expect "GET is not a way to ask" status_is 405 alice /init -X GET
expect "no such resource" status_is 404 alice /keys
expect "a time that is none" status_is 400 alice "/keyprov/$enc/%00"
expect "a body that is no request" gives 400 $alice plain "error 400;" alice \
	/init -d '<a/>'
expect "a body with a DOCTYPE" gives 400 $alice plain "error 400;" alice \
	/init -d '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
head -c 70000 /dev/zero >"$dir/large"
# Asked before it is sent, or the answer could be lost with the connection.
expect "a body too large" status_is 413 alice /init \
	--data-binary "@$dir/large" -H 'Expect: 100-continue' \
	--expect100-timeout 30

# --------------------------------------------------------- signed requests
expect "a signed request" signed 200 plain "certificate;" $alice /init 0 $alice
expect "a signed request for keys" signed 200 plain \
	"keys of period +0;keys of period +1;" $alice /keyprov 0 $alice
expect "a signature of another" \
	signed 403 plain "error 403;" $alice /init 0 $bob
expect "a request of another user" \
	signed 403 plain "error 403;" $bob /init 0 $alice
expect "a stale request" signed 403 plain "error 403;" $alice /init 60 $alice
expect "a request for another URL" signed 400 plain "error 400;" $alice /init \
	0 $alice "https://127.0.0.1:$port$root/keyprov"
"$world" request $alice "https://127.0.0.1:$port$root/init" 0 $alice |
	sed 's/kms.example.org/kms.example.com/' >"$dir/request"
expect "a request that was changed" gives 403 $alice plain "error 403;" alice \
	/init --data-binary "@$dir/request"

# ------------------------------------------------------------- the next bundle
expect "carol has her keys" gives 200 sip:carol@example.org plain \
	"keys of period +0;" carol /keyprov
expect "the next bundle is taken" prints "1 users (1 revoked), 1 key sets" \
	import --config "$conf" "$dir/bundle.2"
expect "a revoked user is refused at once" gives 403 sip:carol@example.org \
	plain "error 403;" carol /keyprov
expect "a revoked user gets no certificate either" gives 403 \
	sip:carol@example.org plain "error 403;" carol /init

# ------------------------------------------------------------------ stolen
image=$dir/image
cat "$dir"/kdsd.db* >"$dir/database"
last=$(sha256sum <"$dir/bundle.2" | cut -c 1-64)
expect "the search finds a key that is there" \
	sh -c "{ '$world' leak; cat '$dir/kek'; } |
		'$world' search $(cat "$dir/kek") 2>&1 | grep 'secret of a user'"
expect "the search demands its canary" \
	sh -c "echo nothing | '$world' search $last 2>&1 | grep 'no canary'"
expect "no key of a user is in the stolen database" \
	"$world" search "$last" <"$dir/database"
# A sanitized build maps terabytes, which nobody wants in a file.
if ! grep -q __asan_init "$kdsd" && gdb -p "$pid" -batch -ex 'set use-coredump-filter off' \
	-ex 'set dump-excluded-mappings on' -ex "gcore $image" \
	>"$dir/gdb" 2>&1 && [ -s "$image" ]; then
	# The KEK is held in clear: who finds it would find a TrK.
	expect "no key of a user is in the process's memory" \
		"$world" search "$(cat "$dir/kek")" <"$image"
	rm -f "$image"
else
	skipped=$((skipped + 1))
fi

# --------------------------------------------------------------------- ends
kill -TERM "$pid"
wait "$pid"
expect "SIGTERM ends it well" test $? -eq 0

# -------------------------------------------------------------- signed answers
start signing.conf
expect "an answer in a signed envelope" \
	signed 200 signed "certificate;" $alice /init 0 $alice
expect "keys in a signed envelope" signed 200 signed \
	"keys of period +0;keys of period +1;" $alice /keyprov 0 $alice
expect "a signed refusal" \
	signed 403 signed "error 403;" $alice /keyprov/$bob 0 $alice
expect "an unsigned request is refused" \
	gives 403 $alice signed "error 403;" alice /init
# --------------------------------------------------------------- the client
client=./kms-client/kms-client
store=$dir/store
"$world" enrol $alice "https://127.0.0.1:$port" >"$dir/alice.enrol"
"$world" enrol $bob "https://127.0.0.1:$port" >"$dir/bob.enrol"
fetch() # TOKEN TEXT
{
	"$client" fetch --store "$store" --ca "$dir/ca.pem" \
		--token "$dir/token.$1" | grep -qxF "$2"
}
expect "a client enrols" "$client" enrol "$dir/alice.enrol" --store "$store"
expect "it fetches the keys of two periods, and checks them" \
	fetch alice "$alice period $period and the next"
expect "and it has them" sh -c \
	"'$client' show --store '$store' --json | grep -q '\"signed\":true'"
expect "another user's token fetches nothing" \
	sh -c "! '$client' fetch --store '$store' --ca '$dir/ca.pem' \
		--token '$dir/token.bob'"
store=$dir/store.bob
expect "another client enrols" "$client" enrol "$dir/bob.enrol" \
	--store "$store"
expect "it is told that it lacks the next period" \
	fetch bob "$bob period $period, lacks the next"
kill -TERM "$pid"
wait "$pid"

# -------------------------------------------------------------------- mutual
start mutual.conf
at=https://127.0.0.1:$mutual$root
device="--cert $dir/device.pem --key $dir/device.key"
proxy="--cert $dir/client.pem --key $dir/client.key"
# shellcheck disable=SC2086 # several words each
{
	expect "a device's certificate names its user" \
		bare 200 "$at/keyprov" $device -X POST
	expect "and gives no other user's keys" \
		bare 403 "$at/keyprov/$bob" $device -X POST
	expect "a trusted proxy asserts a user" bare 200 "$at/keyprov/$bob" $proxy \
		-X POST -H "X-3GPP-Asserted-Identity: \"$bob\""
	expect "a proxy itself is nobody" bare 403 "$at/init" $proxy -X POST
	expect "a device asserts nobody" bare 403 "$at/keyprov/$bob" $device \
		-X POST -H "X-3GPP-Asserted-Identity: \"$bob\""
}
expect "without a certificate there is no connection" \
	bare 000 "$at/init" -X POST
kill -TERM "$pid"
wait "$pid"

# ----------------------------------------------------------------- admission
start tight.conf
burst() { post alice /init; post alice /init; post alice /init; }
expect "who is one too many comes back later" \
	sh -c "echo '$(burst)' | grep -q 503"
expect "and is told when" grep -qi '^Retry-After: [1-4]' "$dir/head"
kill -TERM "$pid"
wait "$pid"

# ------------------------------------------------------------ the man page
"$kdsd" --man >"$dir/options"
sed -n '/^\.\\" kdsd --man$/,/^\.\\" end$/p' "${srcdir:-$(dirname "$0")/../..}/docs/kdsd.8" |
	sed '1d;$d' >"$dir/described"
expect "kdsd(8) describes each option" cmp "$dir/options" "$dir/described"

# ------------------------------------------------------------------ the log
expect "every answer is in the log" grep -q \
	'event=kds.answered resource=keyprov user=sip:alice@example.org status=200' \
	"$dir/log"
expect "no key and no token is in the log" sh -c \
	"! grep -qiF -e '$(cat "$dir/token.alice")' -e '$(cat "$dir/kek")' '$dir/log'"

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
