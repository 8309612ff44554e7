#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_token_test.sh - the KEK of gmsd in a PKCS#11 token (softhsm2), and what
# keygen and enrol make of it.
#
# Run where the programs were built. Ends with "N passed, N failed, N skipped";
# exit 1 when a test failed.
set -u
LC_ALL=C
export LC_ALL

gmsd=./gms/gmsd
kek=./gms/gmsd-kek
world=./tests/it/kdsd_world
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
umask 077
passed=0 failed=0
# The leak detector traces the process, which these do not let it; a token's
# module is not ours to check.
ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
SOFTHSM2_CONF=$dir/softhsm2.conf
export ASAN_OPTIONS SOFTHSM2_CONF

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

# Exit 1, nothing on standard output, and the text on standard error.
refuses() # TEXT COMMAND...
{
	text=$1
	shift
	"$@" >"$dir/out" 2>"$dir/err"
	status=$?
	cat "$dir/err" # shown when it fails
	[ "$status" -eq 1 ] && [ ! -s "$dir/out" ] && grep -qF "$text" "$dir/err"
}

# ------------------------------------------------------------------- a token
for module in /usr/lib/softhsm/libsofthsm2.so \
	/usr/lib/*/softhsm/libsofthsm2.so; do
	[ -f "$module" ] && break
done
[ -f "$module" ] || {
	echo 'softhsm2 is not installed'
	exit 77
}
mkdir "$dir/tokens"
printf 'directories.tokendir = %s\nobjectstore.backend = file\n' \
	"$dir/tokens" >"$SOFTHSM2_CONF"
printf '4711\n' >"$dir/pin"
printf '4712\n' >"$dir/wrong"
make_key() # LABEL OPTION...
{
	label=$1
	shift
	pkcs11-tool --module "$module" --token-label muster --login --pin 4711 \
		--keygen --key-type AES:32 --label "$label" "$@"
}
softhsm2-util --init-token --free --label muster --pin 4711 --so-pin 4713 \
	>"$dir/made" 2>&1
{
	make_key muster-kek --sensitive
	make_key loose --extractable
	make_key twice --sensitive
	make_key twice --sensitive
} >>"$dir/made" 2>&1

configure() # FILE LINE...
{
	file=$dir/$1
	shift
	{
		echo 'tls_cert = "server.pem"; tls_key = "server.key";'
		echo 'token = { jwks_file = "jwks.json"; };'
		printf '%s\n' "$@"
	} >"$file"
}
configure gmsd.conf 'kek_file = "kek.wrapped";' \
	"pkcs11 = { module = \"$module\"; token = \"muster\"; pin_file = \"pin\"; };"
configure clear.conf 'kek_file = "kek.clear"; identity_file = "other";'
: >"$dir/server.pem"
: >"$dir/server.key"

token() # COMMAND KEY PIN FILE
{
	"$kek" "$1" "$module" muster "$2" "$dir/$3" "$dir/$4"
}
unwrapped() # LENGTH
{
	token unwrap muster-kek pin kek.wrapped >"$dir/keks" &&
		[ "$(wc -c <"$dir/keks")" -eq "$1" ]
}

# ------------------------------------------------------------------- the KEK
expect 'keygen wraps a new KEK' "$gmsd" --config "$dir/gmsd.conf" keygen
expect 'the token unwraps it' unwrapped 32
cp "$dir/keks" "$dir/first"
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }
not_in() # FILE OCTETS-FILE
{
	case $(hex "$1") in
	*"$(hex "$2")"*) return 1 ;;
	esac
}
expect 'and it is not in the file' not_in "$dir/kek.wrapped" "$dir/first"
expect 'keygen leaves one that is there alone' \
	"$gmsd" --config "$dir/gmsd.conf" keygen
expect 'so that it is the same' \
	sh -c "'$kek' unwrap '$module' muster muster-kek '$dir/pin' \
		'$dir/kek.wrapped' | cmp - '$dir/first'"
expect 'kek-add puts another behind it' "$gmsd" --config "$dir/gmsd.conf" \
	kek-add
tail -c 61 "$dir/kek.wrapped" >"$dir/second"
expect 'two KEKs, the older one first' unwrapped 64
expect 'which it stays' cmp -n 32 "$dir/keks" "$dir/first"

expect 'another PIN' refuses 'token refuses the PIN' \
	token unwrap muster-kek wrong kek.wrapped
expect 'a PIN that others can read' sh -c "chmod 0644 '$dir/wrong'"
expect 'is not used' refuses 'wrong: denied' \
	token unwrap muster-kek wrong kek.wrapped
expect 'no key of that label' refuses 'no AES key of that label' \
	token unwrap none pin kek.wrapped
expect 'two keys of that label' refuses 'several AES keys' \
	token unwrap twice pin kek.wrapped
expect 'a key that can leave the token' refuses \
	'must be sensitive and not extractable' token unwrap loose pin kek.wrapped
expect 'no such token' refuses 'no token of that label' "$kek" unwrap \
	"$module" other muster-kek "$dir/pin" "$dir/kek.wrapped"
expect 'no such module' refuses 'module cannot be loaded' "$kek" unwrap \
	"$dir/none.so" muster muster-kek "$dir/pin" "$dir/kek.wrapped"
cp "$dir/second" "$dir/changed"
printf 'x' | dd of="$dir/changed" bs=1 seek=30 conv=notrunc 2>/dev/null
expect 'a wrapped KEK that was changed' refuses 'changed: crypto' \
	token unwrap muster-kek pin changed
head -c 60 "$dir/second" >"$dir/short"
expect 'one that was cut' refuses 'short: malformed' \
	token unwrap muster-kek pin short
expect 'a wrapped KEK without its token is none' refuses 'malformed' \
	sh -c "sed 's/^pkcs11.*//' '$dir/gmsd.conf' >'$dir/bare.conf' &&
		'$gmsd' --config '$dir/bare.conf' --check"

# ----------------------------------------------------------------- enrolling
enrolment() # USER FILE
{
	"$world" enrol "$1" https://kds.example.org >"$dir/$2"
}
trk_of() # FILE
{
	sed -n 's/^trk = //p' "$dir/$1"
}
alice=sip:alice@example.org
enrolment "$alice" alice.enrol
cp "$dir/alice.enrol" "$dir/again.enrol"
enrol() # FILE
{
	"$gmsd" --config "$dir/gmsd.conf" enrol "$dir/$1"
}
expect 'before enrolling nothing is in order' refuses 'identity: not found' \
	"$gmsd" --config "$dir/gmsd.conf" --check
expect 'enrols under the KEK of the token' enrol alice.enrol
expect 'the enrolment file is gone' test ! -e "$dir/alice.enrol"
expect 'all is in order' "$gmsd" --config "$dir/gmsd.conf" --check
modes() { stat -c %a "$dir"/gmsd.identity "$dir"/gmsd.enrolment \
	"$dir"/gmsd.audit.key | sort -u; }
expect 'only their owner reads what it made' sh -c "[ '$(modes)' = 600 ]"
zeros=$(printf '%064d' 0)
expect 'the front is not given the TrK' test \
	"$(trk_of gmsd.enrolment)" = "$zeros"
expect 'which was not nothing' test "$(trk_of again.enrol)" != "$zeros"
expect 'the same enrolment is not taken twice' refuses \
	'serial: the user has enrolled with this or a later one' enrol again.enrol
expect 'but stays where it is' test -e "$dir/again.enrol"
enrolment sip:bob@example.org bob.enrol
expect 'one of another user is not taken' refuses 'is of another user or KMS' \
	enrol bob.enrol
cp "$dir/gmsd.enrolment" "$dir/kept"
cp "$dir/again.enrol" "$dir/gmsd.enrolment"
expect 'a TrK among the files of the front is found' refuses \
	'has a transport key in it' "$gmsd" --config "$dir/gmsd.conf" --check
cp "$dir/kept" "$dir/gmsd.enrolment"
sed 's/^serial.*/serial = x/' "$dir/again.enrol" >"$dir/bad.enrol"
expect 'one that does not read' refuses 'line serial' enrol bad.enrol
token wrap muster-kek pin third
mv "$dir/third" "$dir/kek.wrapped"
expect 'another KEK does not open the identity' refuses \
	'which is missing: put it back' "$gmsd" --config "$dir/gmsd.conf" --check

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
