#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_sip_load.sh [MEMBERS [RATE]] - the SIP side of gmsd under load, on
# loopback; prints one JSON object, the last line:
#
#   dialogs             SUBSCRIBEs by sipp, each with a token that is checked, of
#                       MEMBERS (2000) users, for their keys of one group; each
#                       stored on disk before its 200, then the NOTIFY with the
#                       key, answered
#   dialogs_per_s       of them, offered at RATE (4000) a second
#   expel_to_last_answered_ms
#                       from the order to expel one of MEMBERS subscribed members
#                       until the last of the others has answered the NOTIFY
#                       with his new key
#   expel_to_last_opened_ms
#                       until the last of them has opened it
#   front_cpu_ms, front_rss_kib
#                       what the front used for that, and has then
#
# Run where the programs were built, as `make bench-sip`, on an idle machine.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"
# shellcheck source=tests/it/sip_world.sh
. "$(dirname -- "$0")/sip_world.sh"
members=${1-2000} rate=${2-4000}
group=sip:incident-1@groups.example.org
group_path=sip%3Aincident-1%40groups.example.org
ue_pid=''
trap 'load_stop' EXIT

load_stop()
{
	[ -z "$ue_pid" ] || world_end "$ue_pid"
	ue_pid=''
	world_stop
}

control() # GMSCTL-ARG...
{
	"$gmsctl" "$@" --server "$url" --ca "$dir/ca.pem" \
		--token "$dir/tokens/sip:control@example.org" >"$dir/made" 2>&1 ||
		world_die "gmsctl $1 failed"
}

metric() # NAME
{
	curl -s "$health_url/metrics" | sed -n "s/^$1 \([0-9]*\).*/\1/p"
}

await_metric() # NAME COUNT
{
	since=$(date +%s)
	until [ "$(metric "$1")" -ge "$2" ]; do
		[ $(($(date +%s) - since)) -lt 120 ] || world_die "$1 stays below $2"
	done
}

front_figures()
{
	front_pid=$(sed -n "s/^\([0-9]*\) (gmsd-front) [A-Z] $gmsd_pid .*/\1/p" \
		/proc/[0-9]*/stat 2>/dev/null)
	front_ms=$(awk -v tick="$(getconf CLK_TCK)" '
		{ printf "%d", ($14 + $15) * 1000 / tick }' "/proc/$front_pid/stat")
	front_kib=$(awk '/^VmRSS:/ { print $2 }' "/proc/$front_pid/status")
}

# ----------------------------------------------------------------- the dialogs
# Each call has a line of its own: a token and the address of its user's keys.
dialogs()
{
	{
		echo SEQUENTIAL
		head -n "$members" "$dir/users" | while read -r user; do
			read -r token <"$dir/tokens/$user"
			encoded=$(printf '%s' "$user" | sed 's/:/%3A/; s/@/%40/')
			echo "$token;org.3gpp.MCPTT-GKTP/users/$encoded/$group_path/~~/GKTPs/GMK-GKTPs;"
		done
	} >"$dir/calls.csv"
	sip_begin dialogs
	sip_subscribe 1 3600 '[field0]' '[field1]'
	# The NOTIFY comes by another connection, and may be the first to be read.
	echo '<recv request="NOTIFY" optional="true" next="1"/>' | sip_add
	sip_expect 200
	sip_notify 200
	echo '<nop next="2"/><label id="1"/>' | sip_add
	sip_answer 200
	sip_expect 200
	echo '<label id="2"/></scenario>' | sip_add
	front_figures
	dialogs_cpu_ms=$front_ms
	from=$(date +%s%3N)
	TERM=dumb sipp -sf "$dir/dialogs.xml" -inf "$dir/calls.csv" -m "$members" \
		-r "$rate" -l "$members" -t t1 -nostdin -timeout 120 -timeout_error \
		-i 127.0.0.1 -trace_stat -stf "$dir/dialogs.stat" -fd 1 \
		-trace_err -error_file "$dir/dialogs.err" \
		"127.0.0.1:$sip_port" >"$dir/dialogs.out" 2>&1 </dev/null ||
		{
			head -n 30 "$dir/dialogs.err" | cut -c 1-300
			exit 1
		}
	dialogs_ms=$(($(date +%s%3N) - from))
	front_figures
	dialogs_cpu_ms=$((front_ms - dialogs_cpu_ms))
}

# ------------------------------------------------------------------ the members
events() # EVENT
{
	grep -c "\"event\":\"$1\"" "$dir/events"
}

await_events() # EVENT COUNT
{
	since=$(date +%s)
	until [ "$(events "$1")" -ge "$2" ]; do
		[ $(($(date +%s) - since)) -lt 300 ] || world_die "$1 is missing"
		sleep 0.1
	done
}

start_members()
{
	world_members "$members" >"$dir/members"
	"$mcue" run --members "$dir/members" --group "$group" --json \
		--gms "$url" --gms-id sip:gms@example.org --ca "$dir/ca.pem" \
		--sip "sip:gms@127.0.0.1:$sip_port" >"$dir/events" \
		2>"$dir/mcue.log" &
	ue_pid=$!
}

# The last 200 to a NOTIFY with the new key, as gmsd has it.
last_answered_ms() # GMK-ID
{
	sed -n "s/^time=\([^ ]*\) .*event=delivery.accepted .*gmk_id=0x$1 .*/\1/p" \
		"$dir/gmsd.log" | tail -n 1 | {
		read -r at
		date -d "$at" +%s%3N
	}
}

expel()
{
	accepted=$(metric gmsd_deliveries_accepted_total)
	front_figures
	expel_cpu_ms=$front_ms
	from=$(date +%s%3N)
	control compromise sip:m2@example.org
	await_events key $((2 * members - 1))
	await_metric gmsd_deliveries_accepted_total $((accepted + members - 1))
	front_figures
	expel_cpu_ms=$((front_ms - expel_cpu_ms))
	last=$(grep '"event":"key"' "$dir/events" | tail -n 1)
	opened_ms=$(($(printf '%s' "$last" | jq .at_ms) - from))
	answered_ms=$(($(last_answered_ms "$(printf '%s' "$last" | jq -r .gmk_id)") - from))
}

# -------------------------------------------------------------------- the story
world_make "$members"
sip_configure 'subscriptions = 20000; pending = 20000;'
sip_start_gmsd
head -n "$members" "$dir/users" >"$dir/list"
control group create "$group" --members "$dir/list" --no-wait
await_metric gmsd_messages_signed_total "$members"
# The next key is made ahead, which is none of this.
await_metric gmsd_envelopes_wrapped_total $((2 * members))
dialogs
# sipp is gone, and so are its subscriptions, once gmsd finds that out.
sip_configure 'pending = 20000;'
world_stop_gmsd
rm -f "$dir/gmsd.log"
sip_start_gmsd
start_members
await_events key "$members"
expel
printf '{"members": %d, "dialogs": %d, "dialogs_ms": %d, ' \
	"$members" "$members" "$dialogs_ms"
printf '"dialogs_per_s": %d, "dialogs_front_cpu_ms": %d, ' \
	$((members * 1000 / dialogs_ms)) "$dialogs_cpu_ms"
printf '"expel_to_last_answered_ms": %d, "expel_to_last_opened_ms": %d, ' \
	"$answered_ms" "$opened_ms"
printf '"front_cpu_ms": %d, "front_rss_kib": %d}\n' "$expel_cpu_ms" "$front_kib"
