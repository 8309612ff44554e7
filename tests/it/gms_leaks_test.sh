#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119 # sip_notify has a usual argument
# gms_leaks_test.sh - row RB-03 where logs and files are not all: what another
# member was sent over SIP, as sipp wrote it down, and what the three processes
# of gmsd leave behind when they are killed in a way that makes cores.
set -u
here=$(dirname -- "$0")
# shellcheck source=tests/it/gms_world.sh
. "$here/gms_world.sh"
# shellcheck source=tests/it/gms_rows.sh
. "$here/gms_rows.sh"
# shellcheck source=tests/it/gms_keys.sh
. "$here/gms_keys.sh"
# shellcheck source=tests/it/sip_world.sh
. "$here/sip_world.sh"
# shellcheck source=tests/it/sip_steps.sh
. "$here/sip_steps.sh"
sip_needed

# Everything runs where its cores go, when they are plain files.
top=$PWD
kms=$top/kms/kms kdsd=$top/kms/kdsd client=$top/kms-client/kms-client
gmsd=$top/gms/gmsd mcue=$top/ue/mcue tool=$top/tools/mikeytool
world=$top/tests/it/gms_world
cores=$dir/cores
mkdir "$cores"
cd "$cores" || exit 1
# shellcheck disable=SC3045 # which dash and bash have beside POSIX
ulimit -c "$(ulimit -H -c)"

found() # FILE: lines of what is in it
{
	"$world" search "$dir/secrets" "$1"
}

has_none() # FILE
{
	[ -s "$1" ] && found "$1" >"$dir/found" && [ ! -s "$dir/found" ]
}

world_make 3
keep_enrolment m1 m2 gms
for user in m1 m2 gms; do
	clear_keys "$user" >"$dir/made" 2>&1 || world_die "no keys of $user"
done
sip_policy='grace_s = 1; coalesce_ms = 0; quorum = 0; overlap_s = 1;'
sip_configure ''
sip_start_gmsd

# ------------------------------------------- what is sent to another member
g=sip:inc-1@example.org
make_group inc-1 m1 m2 m3 || world_die 'no group'
for user in m1 m2; do
	soon has_key "$user" || world_die "no key for $user"
done

# The key that m1 opens, by its name for the list of secrets.
key_of() # NAME GMK-ID
{
	document m1 "doc.$1"
	opens m1 "$(messages "doc.$1" | sed -n "s/^$2 //p" | head -n 1)" &&
		echo "$1 $(opened key)"
}
first=$(current m1)
key_of first "$first" >"$dir/gmks"
sip_begin other
sip_subscribe 1 600 "$(world_token m2)" "$(keys_of m2)/~~/GKTPs/GMK-GKTPs"
sip_expect 200
sip_notify
sip_notify
sip_start other
sip_await other 1
expect 'the key is replaced' status_is 202 as_user control -X POST -H "$json" \
	-d '{"hard":true}' "$(api_group inc-1)/rekey"
expect 'and has arrived' soon has_other_key m1 "$first"
second=$(current m1)
key_of second "$second" >>"$dir/gmks"
expect 'the other was told of both' sip_wait other
{
	for user in m1 m2 gms; do
		secrets_of "$user"
	done
	echo "kek $(od -An -v -tx1 <"$dir/gmsd.kek" | tr -d ' \n')"
	cat "$dir/gmks"
} >"$dir/secrets"
row RB-03 'both keys, and all others, are at hand' test \
	"$(grep -c '^[^ ]* [0-9A-Fa-f]\{32,\}$' "$dir/secrets")" -eq 15
brought() # N GMK-ID: the message of that key to him
{
	says other "$1" "id=\"$2\""
}
row RB-03 'a NOTIFY brought him a message of the first' brought 1 "$first"
row RB-03 'and one of the second' brought 2 "$second"
row RB-03 'the keys themselves were in nothing that went' has_none \
	"$dir/other.msg"
{
	cat "$dir/other.msg"
	sed -n 's/^second //p' "$dir/secrets" | tr a-f A-F | basenc --base16 -d |
		base64
} >"$dir/canary"
row RB-03 'though the search would find them there' test \
	"$(found "$dir/canary" | cut -d ' ' -f 1)" = second

# ------------------------------------------------------------------- cores
kek=$(sed -n 's/^kek //p' "$dir/secrets")
is_gone() { [ ! -e "/proc/$1" ]; }
# Whoever may leave a core leaves it here, with what he had in memory.
die_of() # SIGNAL SECRET
{
	sh -c 'secret=$2; kill -"$1" $$' sh "$1" "$2"
	[ $? -gt 128 ]
}
no_core() { [ -z "$(ls "$cores")" ]; }
no_limit_above_0() # PID
{
	grep -q '^Max core file size *0 *0 ' "/proc/$1/limits"
}
ended_without() # WHO SIGNAL: as its parent was told; 128 more for a core
{
	soon grep -q "event=monitor.$1_ended .*status=$2 " "$dir/gmsd.log"
}
vault_is_not() # PID
{
	vault=$(world_child gmsd-vault)
	[ -n "$vault" ] && [ "$vault" != "$1" ]
}

expect 'a process with a key dies' die_of ABRT "$kek"
if no_core; then
	skipped=$((skipped + 1))
	echo "skipped: cores are no files here: $(cat /proc/sys/kernel/core_pattern)"
else
	for core in "$cores"/*; do
		row RB-03 'its core has the key' test \
			"$(found "$core" | cut -d ' ' -f 1)" = kek
	done
	rm -f "$cores"/*
fi
# What a sanitizer makes of SIGSEGV is no death by it.
signals='6:ABRT 11:SEGV'
! grep -q __asan_init "$gmsd" || signals=6:ABRT
for signal in $signals; do
	vault=$(world_child gmsd-vault)
	row RB-03 'the vault may leave no core' no_limit_above_0 "$vault"
	row RB-03 "it dies of SIG${signal#*:}" kill -"${signal#*:}" "$vault"
	row RB-03 'and was not dumped' ended_without vault "${signal%:*}"
	row RB-03 'nor is there a core' no_core
	expect 'there is another vault' soon vault_is_not "$vault"
done
front=$(world_child gmsd-front)
row RB-03 'the front may leave no core' no_limit_above_0 "$front"
row RB-03 'it dies' kill -ABRT "$front"
wait "$gmsd_pid"
gmsd_pid=''
row RB-03 'and was not dumped' ended_without front 6
row RB-03 'nor is there a core' no_core
sip_start_gmsd
front=$(world_child gmsd-front)
row RB-03 'nor may the monitor' no_limit_above_0 "$gmsd_pid"
row RB-03 'it dies' kill -ABRT "$gmsd_pid"
wait "$gmsd_pid"
row RB-03 'of that' test $? -eq 134
gmsd_pid=''
expect 'the others go with it' soon is_gone "$front"
row RB-03 'there is no core' no_core
rows_end
closing_line
