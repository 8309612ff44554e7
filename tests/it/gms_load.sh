#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_load.sh [MEMBERS] - how long gmsd takes from the order to make a group of
# 2,000 members to the last signed message, cold: no key and no envelope is
# there before. By the portable engine (MUSTER_CPU=portable), over HTTPS. Then
# the same for the exclusion of a member, when the next key was made ahead.
#
# Run where the programs were built, as `make check-gms-load`; it is no part of
# make check. The target is 5 s on two cores; exit 1 when it is missed.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"
members=${1-2000}
group=sip:incident-1@groups.example.org
MUSTER_CPU=portable
export MUSTER_CPU

ctl() # ARG...
{
	"$gmsctl" "$@" --server "$url" --ca "$dir/ca.pem" \
		--token "$dir/tokens/sip:control@example.org" >"$dir/made" 2>&1 ||
		world_die "gmsctl $1 failed"
}

metric() # NAME
{
	curl -s "$health_url/metrics" | sed -n "s/^$1 \([0-9]*\).*/\1/p"
}

# Until so many messages were signed since the beginning; then the time.
await_signed() # COUNT
{
	until [ "$(metric gmsd_messages_signed_total)" -ge "$1" ]; do
		[ $(($(date +%s%3N) - from)) -lt 120000 ] ||
			world_die 'messages are missing'
	done
	took=$(($(date +%s%3N) - from))
}

world_make "$members"
world_start_gmsd
head -n "$members" "$dir/users" >"$dir/list"
from=$(date +%s%3N)
ctl group create "$group" --members "$dir/list" --incident --no-wait
await_signed "$members"
cold=$took
echo "cold: $members messages signed in $cold ms"
# The spare is made in the background: wrapped, not signed.
since=$(date +%s)
until [ "$(metric gmsd_envelopes_wrapped_total)" -ge $((2 * members)) ]; do
	[ $(($(date +%s) - since)) -lt 60 ] || world_die 'no spare'
done
from=$(date +%s%3N)
ctl compromise sip:m2@example.org
await_signed $((2 * members - 1))
echo "hot: $((members - 1)) messages signed in $took ms"
[ "$cold" -lt 5000 ]
