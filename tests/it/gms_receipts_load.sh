#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_receipts_load.sh [MEMBERS] - how many receipts a second gmsd believes;
# prints one JSON object, the last line:
#
#   receipts            that came all at once: of MEMBERS (2000) of mcue, who had
#                       opened their key and signed before
#   receipts_per_s      of nine tenths of them, from the first sent to the last of
#                       these answered, each on disk and audited before its
#                       answer; who waits 5 s for one of mcue's 64 connections
#                       comes again later, and is no measure of gmsd
#   front_cpu_ms, vault_cpu_ms, members_cpu_ms
#                       what each used for that
#
# mcue draws the moment of each receipt at random. It is stopped until all
# moments are past; then they are all due at once.
#
# Run where the programs were built, as `make bench-receipts`, on an idle
# machine.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"
# shellcheck source=tests/it/sip_world.sh
. "$(dirname -- "$0")/sip_world.sh"
members=${1-2000} spread_s=20
group=sip:incident-1@groups.example.org
ue_pid=''
trap 'load_stop' EXIT

load_stop()
{
	[ -z "$ue_pid" ] || kill -CONT "$ue_pid" 2>/dev/null
	world_end "$ue_pid"
	ue_pid=''
	world_stop
}

control() # GMSCTL-ARG...
{
	"$gmsctl" "$@" --server "$url" --ca "$dir/ca.pem" \
		--token "$dir/tokens/sip:control@example.org" >"$dir/made" 2>&1 ||
		world_die "gmsctl $1 failed"
}

await_events() # EVENT COUNT
{
	since=$(date +%s)
	until [ "$(grep -c "\"event\":\"$1\"" "$dir/events")" -ge "$2" ]; do
		[ $(($(date +%s) - since)) -lt 300 ] || world_die "$1 is missing"
		! grep -m 1 '"event":"receipt_refused"' "$dir/events" || exit 1
		sleep 0.1
	done
}

cpu_ms() # PID
{
	awk -v tick="$(getconf CLK_TCK)" '
		{ printf "%d", ($14 + $15) * 1000 / tick }' "/proc/$1/stat"
}

world_make "$members"
sip_configure 'subscriptions = 20000; pending = 20000;'
sip_start_gmsd
front_pid=$(world_child gmsd-front) vault_pid=$(world_child gmsd-vault)
world_members "$members" >"$dir/members"
: >"$dir/events"
"$mcue" run --members "$dir/members" --group "$group" --json \
	--gms "$url" --gms-id sip:gms@example.org --ca "$dir/ca.pem" \
	--sip "sip:gms@127.0.0.1:$sip_port" --receipts \
	--receipt-spread $((spread_s * 1000)) >"$dir/events" 2>"$dir/mcue.log" &
ue_pid=$!
await_events subscribed "$members"
head -n "$members" "$dir/users" >"$dir/list"
control group create "$group" --members "$dir/list" --incident --no-wait
await_events key "$members"
kill -STOP "$ue_pid"
# What had been sent by then is answered, and the next key made.
sleep "$spread_s"
front_ms=$(cpu_ms "$front_pid") vault_ms=$(cpu_ms "$vault_pid")
ue_ms=$(cpu_ms "$ue_pid") from=$(date +%s%3N)
kill -CONT "$ue_pid"
await_events receipt "$members"
grep '"event":"receipt"' "$dir/events" | jq .at_ms |
	awk -v from="$from" '$1 >= from { at[n++] = $1 - from }
		END { most = int(n * 9 / 10); print n, most * 1000 / at[most - 1] }' \
		>"$dir/figures"
read -r receipts per_s <"$dir/figures"
printf '{"members": %d, "receipts": %d, "receipts_per_s": %.0f, ' "$members" \
	"$receipts" "$per_s"
printf '"front_cpu_ms": %d, "vault_cpu_ms": %d, "members_cpu_ms": %d}\n' \
	$(($(cpu_ms "$front_pid") - front_ms)) \
	$(($(cpu_ms "$vault_pid") - vault_ms)) $(($(cpu_ms "$ue_pid") - ue_ms))
