#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_memory_test.sh - where the keys are, seen from outside: memory images of
# the front and the vault of a busy gmsd, searched for keys that were derived
# from the master secrets of the KMS, or of members' own.
#
# The front must hold none of them; the same search must find a canary in the
# front, and the group's key in the vault while that wraps it.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"

memory=./tests/it/gms_memory
tool=./tools/mikeytool
client=./kms-client/kms-client
gms=sip:gms@example.org
group=sip:big@example.org

# A sanitized build maps terabytes, which nobody wants in a file; and who is
# not root may not look.
if [ "$(id -u)" -ne 0 ] || grep -q __asan_init ./gms/gmsd-front; then
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
fi

in_time() # COMMAND...: until it succeeds, 30 s at most
{
	begun=$(date +%s)
	until "$@"; do
		[ $(($(date +%s) - begun)) -lt 30 ] || return 1
	done
}

# All of its memory, what is marked as not for dumps, too.
image() # PID FILE
{
	gdb -p "$1" -batch -ex 'set use-coredump-filter off' \
		-ex 'set dump-excluded-mappings on' -ex "gcore $2" \
		>"$dir/gdb" 2>&1 && [ -s "$2" ]
}

finds() # IMAGE NAME...: exactly these
{
	file=$1
	shift
	"$memory" search "$file" <"$dir/secrets" | sort -u >"$dir/found"
	printf '%s\n' "$@" | sort -u >"$dir/wanted"
	diff "$dir/wanted" "$dir/found"
}

has() # IMAGE NAME
{
	"$memory" search "$1" <"$dir/secrets" | grep -qx "$2"
}

# ------------------------------------------------------------- a busy server

world_make 1
cp "$(world_enrolment gms)" "$dir/gms.enrol" # gmsd uses up its own
world_configure 'limits = { vault_workers = 1; };' \
	'policy = { hot_spare = false; prebuild_periods = 0; };'
world_start_gmsd
front=$(world_child gmsd-front)
vault=$(world_child gmsd-vault)

# Enough members that the vault is at it for some time. Who they are does not
# matter to it, but one of them is real.
members='"sip:m1@example.org"'
i=1
while [ "$i" -lt 2500 ]; do
	i=$((i + 1))
	members="$members,\"sip:x$i@example.org\""
done
printf '{"id":"%s","members":[%s]}' "$group" "$members" >"$dir/new"

# Ticks of the processor that the vault has had.
ticks() { cut -d ' ' -f 14 "/proc/$vault/stat"; }
idle=$(ticks)
is_wrapping() { [ $(($(ticks) - idle)) -ge 20 ]; }
expect 'a large group is made' status_is 201 as_user control -X POST \
	-H 'Content-Type: application/json' -d "@$dir/new" /v1/groups
expect 'the vault is at work' in_time is_wrapping
kill -STOP "$vault"
expect 'an image of the vault' image "$vault" "$dir/vault.image"
kill -CONT "$vault"

has_key()
{
	as_user m1 -f -o "$dir/key.xml" "/xcap/org.3gpp.MCPTT-GKTP/users/$(
	)sip%3Am1%40example.org/sip%3Abig%40example.org"
}
expect 'members have their key' in_time has_key
expect 'an image of the front' image "$front" "$dir/front.image"

# ---------------------------------------------------- what they should be

# From the master secrets alone: RSKs, and with the member's the group's key.
z=$("$memory" master "$dir/kms" | sed -n 's/^z //p')
uid() # USER PERIOD
{
	"$tool" uid --identity "$1" --kms kms.example.org --period "$2"
}
rsk() # USER PERIOD
{
	"$tool" sakke extract --secret "$z" --id "$(uid "$1" "$2")"
}
sed -n 's/.*<GKTP[^>]*>\([0-9A-Fa-f]*\)<.*/\1/p' "$dir/key.xml" |
	head -n 1 >"$dir/message"
sed_of() # the encapsulated data in the message
{
	"$tool" decode --json <"$dir/message" |
		jq -r '.payloads[] | select(has("sed")).sed'
}
gmk=$("$tool" sakke decapsulate \
	--z "$("$tool" sakke public --secret "$z")" \
	--id "$(uid sip:m1@example.org "$period")" \
	--rsk "$(rsk sip:m1@example.org "$period")" --sed "$(sed_of)")
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }
# The SSK of an ECCSI user depends on a random number of the KMS's: as its
# server has it; kms-client unwraps it and checks that it is valid for KPAK.
store=$dir/gms.store
export_ssk()
{
	"$client" enrol "$dir/gms.enrol" --store "$store" &&
		"$client" fetch --store "$store" --ca "$dir/ca.pem" \
			--token "$dir/tokens/$gms" &&
		"$client" export-clear --store "$store" --user "$gms" \
			--period "$period" --keys "$dir/gms.keys" --cert "$dir/gms.cert"
}
ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 export_ssk >"$dir/made" 2>&1
ssk=$(tr -d '\n' <"$dir/gms.keys" |
	sed -n 's/.*<UserSigningKeySSK[^>]*>[[:space:]]*\([0-9A-Fa-f]*\).*/\1/p')
{
	"$memory" trk "$dir/kms" "$gms"
	echo "rsk $(rsk "$gms" "$period")"
	echo "rsk-next $(rsk "$gms" "$((period + 1))")"
	echo "ssk $ssk"
	echo "kek $(hex "$dir/gmsd.kek")"
	echo "gmk $gmk"
	echo "canary $(hex "$dir/gmsd.audit.key")"
} >"$dir/secrets"

# ------------------------------------------------------------------- search

expect 'each of them is known' test "$(awk 'length($2) >= 32' \
	"$dir/secrets" | wc -l)" -eq 7
expect 'the front holds none of them, and the canary was found' \
	finds "$dir/front.image" canary
expect 'the vault holds the key of the group while it wraps it' \
	has "$dir/vault.image" gmk
for secret in kek ssk; do
	expect "and its $secret" has "$dir/vault.image" "$secret"
done
expect 'but not what is the front'\''s' sh -c "! '$memory' search \
	'$dir/vault.image' <'$dir/secrets' | grep -qx canary"
cat "$dir"/gmsd.db* "$dir/gmsd.log" "$dir"/*.log "$dir/gmsd.identity" \
	"$dir/gmsd.enrolment" >"$dir/disk"
expect 'none is on the disk, but for their sealed forms' \
	sh -c "[ -z \"\$('$memory' search '$dir/disk' <'$dir/secrets')\" ]"
closing_line
