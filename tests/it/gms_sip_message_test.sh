#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_sip_message_test.sh - what becomes of a key that goes out by SIP MESSAGE,
# by what the member's device answers. Each device is a sipp of its own, at an
# address of its own, and its subscription is made by another one that names it
# as the Contact.
set -u
here=$(dirname -- "$0")
# shellcheck source=tests/it/gms_world.sh
. "$here/gms_world.sh"
# shellcheck source=tests/it/sip_world.sh
. "$here/sip_world.sh"
# shellcheck source=tests/it/sip_steps.sh
. "$here/sip_steps.sh"
sip_needed

# Loopback is 127.0.0.0/8: two runs at a time have different addresses.
net_b=$((1 + $$ / 250 % 250)) net_c=$((1 + $$ % 250))
net=127.$net_b.$net_c
devices=''
end_devices()
{
	for pid in $devices; do
		kill "$pid"
		wait "$pid"
	done 2>/dev/null
	devices=''
}
trap 'end_devices; world_stop' EXIT

await() # COMMAND...
{
	since=$(date +%s)
	until "$@"; do
		[ $(($(date +%s) - since)) -lt 60 ] || return 1
		sleep 0.02
	done
}

# ------------------------------------------------------------------- devices

reply() # STATUS [HEADER]: to a MESSAGE
{
	cat <<-END
		<send><![CDATA[
		SIP/2.0 $1 Told
		[last_Via:]
		[last_From:]
		[last_To:];tag=[call_number]
		[last_Call-ID:]
		[last_CSeq:]
		${2:-Server: sipp}
		Content-Length: 0

		]]></send>
	END
}

# Answers 200 to each NOTIFY. What it does with its first MESSAGE is what stands
# between begin_device and start_device; the latter says how it answers others,
# which come where a machine is so slow that an answer is not there in time.
begin_device() # NAME
{
	sip_begin "$1"
	sip_add <<-END
		<Global variables="count"/>
		<recv request="NOTIFY" optional="true" next="6"/>
		<recv request="MESSAGE"/>
		<nop next="7" test="later"><action>
		<add assign_to="count" value="1"/>
		<test assign_to="later" variable="count" compare="greater_than" value="1"/>
		</action></nop>
	END
}

listens() # HOST
{
	grep -q "$(printf ': %02X%02X%02X7F:13C4 .* 0A ' "$1" "$net_c" \
		"$net_b")" /proc/net/tcp
}

start_device() # NAME HOST REPLY...: at $net.HOST
{
	name=$1 host=$2
	shift 2
	echo '<nop next="8"/><label id="6"/>' | sip_add
	sip_answer 200
	{
		echo '<nop next="8"/><label id="7"/>'
		reply "$@"
		echo '<label id="8"/>'
	} | sip_add
	sip_end "$name"
	: >"$dir/$name.msg"
	(
		sip_ip=$net.$host sip_args='-p 5060 -m 100 -timeout 600'
		sip_sipp "$name"
	) &
	devices="$devices $!"
	await listens "$host" || world_die "$name does not listen"
}

# From another address than the device's, which is in the Contact.
subscribe() # USER HOST
{
	sip_begin "$1-$2"
	sip_subscribe 1 600 "$(world_token "$1")" "$(keys_of "$1")"
	sip_expect 200
	sed -i "/^\t*Contact/s/@[^;]*;/@$net.$2:5060;/" "$dir/$1-$2.xml"
	sip_ip=$net.$((100 + $2)) sip_run "$1-$2"
}

has_messages() # NAME COUNT
{
	[ "$(grep -c '^MESSAGE ' "$dir/$1.msg")" -ge "$2" ]
}

# Seconds between the first two.
gap() # NAME
{
	awk '/^-----/ { split($3, t, ":"); at = t[1] * 3600 + t[2] * 60 + t[3] }
		/^MESSAGE / { n++; if (n == 1) first = at; if (n == 2) second = at }
		END { d = second - first; print d < 0 ? d + 86400 : d }' \
		"$dir/$1.msg"
}

waited() # NAME SECONDS
{
	gap "$1"
	[ "$(gap "$1" | cut -d. -f1)" -ge "$2" ]
}

# --------------------------------------------------------------- what is known

is_now() # USER STATE [WHY]
{
	"$gmsctl" deliveries sip:inc-1@example.org --server "$url" \
		--ca "$dir/ca.pem" --token "$dir/tokens/sip:control@example.org" |
		grep -q "^ *sip:$1@example.org .* $2 *${3-}"
}

# Records of the audit log of a member: its texts have quotes around them.
audited() # EVENT USER [TEXT]
{
	grep -F "event=$1" "$dir/gmsd.audit.log" | grep -F "sip:$2@example.org" |
		grep -qF -- "${3-}"
}

not_failed() # USER
{
	! audited delivery.failed "$1"
}

metric_is() # NAME N
{
	[ "$(metric "$1")" -ge "$2" ]
}

arrived() # USER: the row says so, and the audit log, and no failure came before
{
	await is_now "$1" accepted && await audited delivery.accepted "$1" &&
		not_failed "$1"
}

configure() # OPTION...
{
	sip_configure "retry_least_ms = 50; retry_most_ms = 100;
	    answer_ms = 5000; message = true; $*"
	sip_start_gmsd
}

world_make 7
# shellcheck disable=SC2034 # sip_world.sh reads it
sip_policy='grace_s = 1; coalesce_ms = 50; quorum = 0; quorum_margin_s = 0;
	overlap_s = 1;'
configure
make_group inc-1 m1 m2 m3 m4 m5 m6 m7 || world_die 'no group'
for user in m1 m2 m3 m4 m5 m6 m7; do
	await is_now "$user" sent || world_die "no key for $user"
done

# -------------------------------------------------------------------- answers

device() # NAME HOST REPLY...: one that always says the same
{
	begin_device "$1"
	echo '<nop next="7"/>' | sip_add
	start_device "$@"
}

begin_device busy
reply 503 'Retry-After: 1' | sip_add
start_device busy 1 200
device away 2 404
device never 3 403
begin_device silent
start_device silent 4 200
begin_device slow
sip_hold slow
reply 404 | sip_add
start_device slow 5 404
device patient 9 503 'Retry-After: 3600'

expect 'one subscribes who will be busy' subscribe m1 1
expect 'one who is not there' subscribe m2 2
expect 'one who refuses' subscribe m3 3
expect 'one who says nothing' subscribe m4 4
expect 'one who takes his time' subscribe m5 5
expect 'one who has all the time in the world' subscribe m7 9
for name in busy away never silent slow patient; do
	expect "a MESSAGE goes to who is $name" await has_messages "$name" 1
done
expect 'it is one by RFC 3428' grep -qai '^Content-Type: application/mikey' \
	"$dir/busy.msg"

expect 'without a Contact' sh -c "! sed -n '/^MESSAGE /,/^\r*\$/p' \
	'$dir/busy.msg' | grep -i '^\(Contact\|m\) *:'"

expect '503: he has his key later' arrived m1
expect 'by a second MESSAGE' has_messages busy 2
expect 'not before he asked for it' waited busy 1

expect '403: that is a failure' await is_now m3 failed 'could not be delivered'
expect 'with its reason' audited delivery.failed m3 'message: 403'

expect '404: he is awaited' await metric_is deferred_total 1
expect 'that is no failure' not_failed m2
expect 'his key waits' is_now m2 sent
device back 6 200
expect 'he subscribes from elsewhere' subscribe m2 6
expect 'and has it' arrived m2
expect 'there' has_messages back 1

# The answer of the old device comes when there is a new one.
device new 7 200
expect 'one subscribes anew while a MESSAGE is under way' subscribe m5 7
sip_go slow
expect 'what the old device says does not count' arrived m5
expect 'his new one has the key' has_messages new 1

# What the old one asked for is not what the new one has to wait for.
device prompt 10 200
expect 'one subscribes anew who asked for an hour' subscribe m7 10
expect 'and has his key at once' arrived m7
expect 'on his new device' has_messages prompt 1

expect 'no answer: he has his key later' arrived m4
expect 'by another MESSAGE' has_messages silent 2

# ------------------------------------------------------------------- next hop

world_stop_gmsd
device proxy 8 200
configure "message_proxy = \"sip:$net.8:5060;transport=tcp;lr\";"
expect 'a member without a subscription is reached by the next hop' arrived m6
expect 'to which his URI is shown' grep -q \
	'^MESSAGE sip:m6@example.org SIP/2.0' "$dir/proxy.msg"
expect 'and its own' grep -qF "Route: <sip:$net.8:5060;transport=tcp;lr>" \
	"$dir/proxy.msg"
expect 'nobody else is sent anything, also not who refused' sh -c \
	"! grep '^MESSAGE ' '$dir/proxy.msg' | grep -qv 'sip:m6@'"
expect 'and that stays a failure' is_now m3 failed

closing_line
