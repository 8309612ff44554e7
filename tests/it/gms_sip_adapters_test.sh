#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119 # sip_notify has a usual argument
# gms_sip_adapters_test.sh - the two ways to deliver keys that no standard has,
# from a real gmsd: parts of a NOTIFY, and SIP MESSAGE. Members are mcue, and
# sipp where the octets count.
set -u
here=$(dirname -- "$0")
# shellcheck source=tests/it/gms_world.sh
. "$here/gms_world.sh"
# shellcheck source=tests/it/sip_world.sh
. "$here/sip_world.sh"
# shellcheck source=tests/it/sip_steps.sh
. "$here/sip_steps.sh"
sip_needed

# A member's device; what happens to it is in $dir/USER.events.
run_member() # USER ARG...
{
	user=$1
	shift
	: >"$dir/$user.events" # at once: not what the last one said
	"$mcue" run --sip "sip:gms@127.0.0.1:$sip_port" --gms "$url" --json \
		--gms-id sip:gms@example.org --ca "$dir/ca.pem" \
		--group sip:inc-1@example.org \
		--enrolment "$(world_enrolment "$user")" \
		--token "$dir/tokens/sip:$user@example.org" "$@" \
		>"$dir/$user.events" 2>>"$dir/mcue.log" &
	mcue_pid=$!
}

end_member()
{
	kill "$mcue_pid"
	wait "$mcue_pid"
}

await() # COMMAND...
{
	since=$(date +%s)
	until "$@"; do
		[ $(($(date +%s) - since)) -lt 20 ] || return 1
		sleep 0.02
	done
}

has_events() # USER EVENT COUNT
{
	[ "$(grep -c "\"event\":\"$2\"" "$dir/$1.events")" -ge "$3" ]
}

# Records of the audit log of a member: its texts have quotes around them.
audited() # EVENT USER [TEXT]
{
	grep -F "event=$1" "$dir/gmsd.audit.log" | grep -F "sip:$2@example.org" |
		grep -qF -- "${3-}"
}

not_audited()
{
	! audited "$@"
}

metric_is() # NAME N
{
	[ "$(metric "$1")" -ge "$2" ]
}

rekey()
{
	status_is 202 as_user control -X POST -H "$json" -d '{"hard":true}' \
		"$(api_group inc-1)/rekey"
}

again() # OPTION...: the same gmsd, with other options
{
	world_stop_gmsd
	sip_configure "retry_least_ms = 50; retry_most_ms = 100;
	    answer_ms = 3000; $*"
	sip_start_gmsd
}

world_make 4
sip_policy='grace_s = 1; coalesce_ms = 50; quorum = 0; quorum_margin_s = 0;
	overlap_s = 1;'
sip_configure 'mikey_part = true;'
sip_start_gmsd
make_group inc-1 m1 m2 m3 m4 || world_die 'no group'

# ------------------------------------------------------------ parts of a NOTIFY

run_member m1 --sip-documents
expect 'a member has his key' await has_events m1 key 1
expect 'his 200 proves it' await audited delivery.accepted m1
rekey
expect 'the next key comes as a part, too' await has_events m1 key 2
expect 'and nobody fetched a document for it' not_audited keys.fetched m1
end_member

# What is on the wire; who does not take such bodies is told of the document.
sip_begin parts
sip_accept 'application/xcap-diff+xml, multipart/mixed, application/mikey'
sip_subscribe 1 600 "$(world_token m2)" "$(keys_of m2)"
sip_expect 200
sip_notify
sip_run parts
expect 'a NOTIFY has parts' grep -qai '^Content-Type: multipart/mixed;boundary=' \
	"$dir/parts.msg"
expect 'one of which is a key message' grep -qai \
	'^Content-Type: application/mikey' "$dir/parts.msg"
expect 'it has a name' grep -qai '^Content-ID: <gmk-[0-9a-f]*\.[0-9]*@gms>' \
	"$dir/parts.msg"
expect 'it is as it is, without an encoding' \
	sh -c "! grep -qai '^Content-Transfer-Encoding' '$dir/parts.msg'"
sip_begin plain
sip_subscribe 1 600 "$(world_token m3)" "$(keys_of m3)"
sip_expect 200
sip_notify
sip_run plain
expect 'who does not take parts gets none' \
	sh -c "! grep -qai 'application/mikey' '$dir/plain.msg'"
expect 'but is told of his document' is_created plain 1 "$(keys_of m3)"

# ---------------------------------------------------------------- SIP MESSAGE

again 'message = true;'
run_member m4 --sip-messages
expect 'a key that waited comes with the subscription' \
	await has_events m4 key 1
expect 'its 200 proves it' await audited delivery.accepted m4
rekey
expect 'the next one comes at once' await has_events m4 key 2
expect 'by MESSAGE' metric_is messages_total 2
expect 'without a document' not_audited keys.fetched m4
end_member

closing_line
