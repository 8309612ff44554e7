#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# life_test.sh - the whole life of a KMS: a ceremony with three of five shares,
# users enrolled, periods issued, the bundle carried to kdsd, clients that
# provision over TLS with a token, keys that open a message; then the next
# period, a user revoked, and a monitoring case from its opening to its trace
# in the log.
#
# Run where the programs were built. Ends with "N passed, N failed, N skipped";
# exit 1 when a test failed.
set -u
LC_ALL=C
export LC_ALL
unset http_proxy https_proxy
# The leak detector traces the process, which kms does not let it.
ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
export ASAN_OPTIONS

kms=./kms/kms
kdsd=./kms/kdsd
client=./kms-client/kms-client
tool=./tools/mikeytool
dir=$(mktemp -d) || exit 1
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$dir"' EXIT
passed=0 failed=0
alice=sip:alice@example.org
bob=sip:bob@example.org
now=$(date +%s)
period=$(((now + 2208988800) / 2592000))
next=$((period + 1))
three="--share $dir/shares/share-2.txt --share $dir/shares/share-3.txt
	--share $dir/shares/share-5.txt"

expect() # NAME COMMAND...: passed when the command exits 0
{
	name=$1
	shift
	if "$@" >"$dir/out" 2>"$dir/err"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'failed: %s\n' "$name"
		head -n 5 "$dir/out" "$dir/err"
	fi
}

refuses() # COMMAND...: exit 1 with one line on standard error
{
	"$@" >"$dir/refused" 2>&1
	[ $? -eq 1 ] && [ "$(wc -l <"$dir/refused")" -eq 1 ]
}

locked() # COMMAND [ARG...] of kms, with the shares
{
	# shellcheck disable=SC2086 # the words of $three
	"$kms" "$@" --dir "$dir/D" $three
}

# Starts kdsd on a port, 0 for any; sets $pid and $port.
serve() # PORT
{
	sed "s/LISTEN/$1/" "$dir/kdsd.conf.in" >"$dir/kdsd.conf"
	"$kdsd" --config "$dir/kdsd.conf" >"$dir/ready" 2>>"$dir/log" &
	pid=$!
	read -r line <"$dir/ready"
	port=$(expr "$line" : 'ready listen=\([0-9]*\)')
}

# A message from Bob to Alice at a moment, opened with Alice's exported keys.
opens() # UNIX BOB-KEYS ALICE-KEYS
{
	./tests/it/life_message "$dir/cert.bob" "$dir/$2" "$alice" "$1" \
		>"$dir/made" || return 1
	sed -n 2p "$dir/made" | "$tool" open --cert "$dir/cert.alice" \
		--keys "$dir/$3" --show-secret >"$dir/opened" || return 1
	grep -qx "key $(sed -n 1p "$dir/made")" "$dir/opened"
}

export_keys() # USER PERIOD KEYS CERT
{
	rm -f "$dir/$4"
	"$client" export-clear --store "$dir/store.$1" --user "sip:$1@example.org" \
		--period "$2" --keys "$dir/$3" --cert "$dir/$4"
}

fetch() # USER [ARG...]
{
	user=$1
	shift
	"$client" fetch --store "$dir/store.$user" --token "$dir/token.$user" \
		--ca "$dir/ca.pem" "$@"
}

# ----------------------------------------------------- the ceremony, offline
mkdir "$dir/shares" "$dir/enrol"
expect 'a ceremony with five shares' "$kms" init --dir "$dir/D" \
	--uri kms.example.org --shares 5 --threshold 3 --shares-out "$dir/shares"
expect 'two shares are not enough' refuses "$kms" users add --dir "$dir/D" \
	--user "$alice" --enrol-out "$dir/enrol" --kds-url https://localhost \
	--share "$dir/shares/share-1.txt" --share "$dir/shares/share-2.txt"
expect 'the log has a head' "$kms" log head --dir "$dir/D"
witness=$(sed "s/^head //" "$dir/out")

# ------------------------------------ the server: its keys and its certificate
./tests/it/kdsd_world make "$dir" "$(printf '%064d' 9)" >/dev/null || exit 1
cat >"$dir/kdsd.conf.in" <<-END
	kms_uri = "kms.example.org";
	bundle_key = "$(sed -n 's/^bundle-key = //p' "$dir/D/kms.conf")";
	kek_file = "life.kek";
	import_key_file = "life.import";
	database = "life.db";
	listen = "127.0.0.1:LISTEN";
	health = "127.0.0.1:0";
	tls_cert = "server.pem";
	tls_key = "server.key";
	token = { jwks_file = "jwks.json"; };
	online_signing = true;
END
sed 's/LISTEN/0/' "$dir/kdsd.conf.in" >"$dir/kdsd.conf"
import_key=$("$kdsd" --config "$dir/kdsd.conf" keygen) || exit 1
mkfifo "$dir/ready"
serve 0
url=https://127.0.0.1:$port

# --------------------------------------------------- users, keys, the bundle
for user in "$alice" "$bob" sip:carol@example.org; do
	expect "$user is enrolled" locked users add --user "$user" \
		--enrol-out "$dir/enrol" --kds-url "$url"
done
expect 'two periods are issued' locked issue --period "$period..$next" \
	--kdsd-key "$import_key" --out "$dir/life.1"
expect 'the bundle is carried to kdsd' "$kdsd" --config "$dir/kdsd.conf" \
	import "$dir/life.1"
expect 'and not twice' refuses "$kdsd" --config "$dir/kdsd.conf" import \
	"$dir/life.1"

# ------------------------------------------------------- devices, over TLS
for user in alice bob; do
	expect "the device of $user enrols" "$client" enrol \
		"$dir/enrol/sip%3A$user@example.org-1.enrol" \
		--store "$dir/store.$user"
	expect "its enrolment file of $user is gone" test ! -e \
		"$dir/enrol/sip%3A$user@example.org-1.enrol"
	expect "the device of $user fetches its keys" fetch "$user"
	expect "the keys of $user are there" export_keys "$user" "$period" \
		"keys.$user" "cert.$user"
	expect "and those of the next period of $user" export_keys "$user" "$next" \
		"next.$user" "cert.$user"
done
expect 'a message opens with these keys' opens "$now" keys.bob keys.alice
expect 'the next period arrives, and a message opens' opens \
	$((next * 2592000 - 2208988800 + 5)) next.bob next.alice

# ------------------------------------------------- a period more, a user less
expect 'Bob is revoked' locked users revoke --user "$bob"
expect 'the period after is issued' locked issue --period $((next + 1)) \
	--kdsd-key "$import_key" --out "$dir/life.2"
expect 'Bob gets no keys of it' sh -c \
	"'$kms' bundle show '$dir/life.2' | grep -qx 'key_sets 2'"
expect 'it follows the first' "$kdsd" --config "$dir/kdsd.conf" import \
	"$dir/life.2"
expect 'Alice is served' fetch alice
expect 'Bob is refused' refuses fetch bob

# ------------------------------------------------ kdsd in somebody's hands
# Z and KPAK of a certificate are replaced in the store by another KMS's good
# ones.
"$kms" init --dir "$dir/O" --uri kms.example.org --insecure-test-key >/dev/null
kill "$pid"
wait "$pid"
swap() # NAME of a key in kms.conf
{
	mine=$(sed -n "s/^$1 = //p" "$dir/D/kms.conf")
	other=$(sed -n "s/^$1 = //p" "$dir/O/kms.conf")
	swapped=$(sqlite3 "$dir/life.db" "UPDATE certificate SET
		xml = CAST(replace(CAST(xml AS TEXT), '$mine', '$other') AS BLOB)
		WHERE instr(CAST(xml AS TEXT), '$mine') > 0 RETURNING 'swapped'")
	[ "$swapped" = swapped ]
}
expect 'Z is swapped at kdsd' swap z
expect 'KPAK is swapped at kdsd' swap kpak
serve "$port"
expect 'Alice refuses it' refuses fetch alice
expect 'and says why' grep -q 'was changed after it was signed' "$dir/refused"
expect 'and keeps what she had' export_keys alice "$next" kept.alice cert.alice
expect 'her keys are the same' cmp "$dir/kept.alice" "$dir/next.alice"
expect 'a new device enrols' "$client" enrol \
	"$dir/enrol/sip%3Acarol@example.org-1.enrol" --store "$dir/store.carol"
expect 'it refuses it, too' refuses fetch carol
expect 'for the same reason' grep -q 'was changed after it was signed' \
	"$dir/refused"

# ------------------------------------------------------ a monitoring case
for officer in first second; do
	expect "the $officer officer has a key" locked officer add "$officer" \
		--key-out "$dir/$officer.key"
done
expect 'the investigator has a key' "$kms" monitor keygen --key-out \
	"$dir/investigator.key"
investigator=$(cut -d' ' -f2 "$dir/out" | head -n 1)
expect 'a case is opened' "$kms" monitor open --dir "$dir/D" --user "$alice" \
	--period "$period" --reason 'case 7 of the court' \
	--investigator "$investigator"
expect 'the first officer approves' "$kms" monitor approve --dir "$dir/D" \
	--case 1 --key "$dir/first.key"
expect 'one approval opens nothing' refuses locked monitor extract --case 1 \
	--out "$dir/sealed"
expect 'nor twice the same officer' refuses "$kms" monitor approve --dir \
	"$dir/D" --case 1 --key "$dir/first.key"
expect 'the second officer approves' "$kms" monitor approve --dir "$dir/D" \
	--case 1 --key "$dir/second.key"
expect 'the key of that user and period goes out' locked monitor extract \
	--case 1 --out "$dir/sealed"
expect 'the investigator unseals it' "$kms" monitor unseal --key \
	"$dir/investigator.key" --in "$dir/sealed"
expect 'it is the key of Alice' sh -c \
	"grep -qiF \"\$(sed -n 's/^rsk //p' '$dir/out')\" '$dir/keys.alice'"
expect 'the log is whole, from its first head on' "$kms" log verify --dir \
	"$dir/D" --head "$witness"
expect 'and tells of the case' sh -c \
	"'$kms' log show --dir '$dir/D' | grep -q 'event=monitor.extract'"
sed 's/event=users*.revoke/event=user.renewed/' "$dir/D/log" >"$dir/edited"
cp "$dir/edited" "$dir/D/log"
expect 'an edit of the log is found' refuses "$kms" log verify --dir "$dir/D"

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
