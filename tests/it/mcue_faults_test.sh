#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mcue_faults_test.sh - members that lose messages, are off in time, are
# switched off and on, and are captured, all on command; and what each says of
# why a key did not open. With a real gmsd, over SIP.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"
# shellcheck source=tests/it/sip_world.sh
. "$(dirname -- "$0")/sip_world.sh"

tool=./tools/mikeytool
group=sip:incident-5@groups.example.org
g_path=sip%3Aincident-5%40groups.example.org
ue_pid=''
trap 'faults_stop' EXIT

faults_stop()
{
	world_end "$ue_pid"
	ue_pid=''
	world_stop
}

refuses() # COMMAND...: exit 1
{
	"$@" >"$dir/refused" 2>&1
	[ $? -eq 1 ]
}

wrong() # COMMAND...: exit 2
{
	"$@" >"$dir/refused" 2>&1
	[ $? -eq 2 ]
}

ctl() # ARG...: as the control room
{
	"$gmsctl" "$@" --server "$url" --ca "$dir/ca.pem" \
		--token "$dir/tokens/sip:control@example.org"
}

fault() # ARG...
{
	"$mcue" fault --control "$dir/control" "$@"
}

of() # MEMBER: what follows is of that member
{
	echo "--member sip:$1@example.org"
}

# Until a condition holds, and for a minute at most.
soon() # COMMAND...
{
	since=$(date +%s)
	until "$@"; do
		[ $(($(date +%s) - since)) -lt 60 ] || return 1
	done
}

# What mcue says of a member: a jq expression of his one group.
member() # MEMBER JQ-EXPRESSION
{
	"$mcue" status --control "$dir/control" --json >"$dir/status" &&
		jq -r --arg user "sip:$1@example.org" '.members[] |
			select(.user == $user) | .groups[0] | '"$2" "$dir/status"
}

current() # MEMBER: the GMK-ID that he sends with
{
	member "$1" '.keys[] | select(.state == "current") | .gmk_id'
}

has_other() # MEMBER GMK-ID
{
	now_has=$(current "$1")
	[ -n "$now_has" ] && [ "$now_has" != "$2" ]
}

has_none() # MEMBER
{
	[ -z "$(current "$1")" ]
}

# Whether he holds a key besides the first: $dir/newest is the last of them.
newest() # MEMBER
{
	member "$1" '.keys[].gmk_id' | grep -vx "$first" | tail -n 1 \
		>"$dir/newest"
	[ -s "$dir/newest" ]
}

holds() # MEMBER GMK-ID STATE
{
	[ "$(member "$1" ".keys[] | select(.gmk_id == \"$2\") | .state")" = "$3" ]
}

cause_is() # MEMBER WORD
{
	[ "$(member "$1" .cause)" = "$2" ]
}

grace() # SECONDS: from now on
{
	status_is 200 as_user control -X PATCH \
		-H 'Content-Type: application/json' -d "{\"grace_s\":$1}" \
		"/v1/groups/$g_path/settings"
}

subscriptions() # at least so many, by gmsd's count
{
	[ "$(curl -fsS "$health_url/metrics" |
		sed -n 's/^gmsd_sip_subscribed_total //p')" -ge "$1" ]
}

world_make 4
sip_policy='grace_s = 600; overlap_s = 600; quorum_margin_s = 1; coalesce_ms = 0;'
sip_configure '' # no options beside the usual ones
sip_start_gmsd
ctl group create "$group" --member sip:m1@example.org \
	--member sip:m2@example.org --member sip:m3@example.org \
	--member sip:m4@example.org --incident --no-wait >"$dir/made" 2>&1 ||
	world_die 'no group'
world_members 4 >"$dir/members"
"$mcue" run --members "$dir/members" --group "$group" --json --gms "$url" \
	--gms-id sip:gms@example.org --ca "$dir/ca.pem" \
	--sip "sip:gms@127.0.0.1:$sip_port" --control "$dir/control" \
	>"$dir/events" 2>"$dir/mcue.log" &
ue_pid=$!
for user in m1 m2 m3 m4; do
	expect "$user has the key" soon has_other "$user" none
done
first=$(current m1)

# ---------------------------------------------------------------- false orders
expect 'a fault has to be named' wrong fault
expect 'and one at a time' wrong fault --restart --lose 5
expect 'more than all cannot be lost' wrong fault --lose 101
expect 'a drift is a number' wrong fault --drift soon
expect 'who is captured has to be named' wrong fault --capture "$dir/taken"
expect 'nobody of that name is there' refuses fault --restart \
	--member sip:nobody@example.org
expect 'and that is said' grep -q 'there is no such member' "$dir/refused"

# --------------------------------------------- lost on the way, then a restart
# A new key counts in ten minutes: nothing here is a matter of who is faster.
# shellcheck disable=SC2046 # the words of of
{
	expect 'one member loses all that comes' fault --lose 100 $(of m2)
	expect 'one is an hour ahead' fault --drift 3600 $(of m3)
	expect 'a new key is made' ctl rekey "$group" --no-wait
	expect 'who hears of it has it' soon newest m1
	second=$(cat "$dir/newest")
	expect 'to send with later' holds m1 "$second" coming
	expect 'and goes on with the old one' holds m1 "$first" current
	expect 'who is ahead sends with it' soon holds m3 "$second" current
	expect 'and with the old one no more' holds m3 "$first" superseded
	expect 'his clock is set right' fault --drift 0 $(of m3)
	expect 'and he rather has none than the old one' has_none m3
	expect 'who loses all has not heard of it' holds m2 "$second" ''
	expect 'his network is well again' fault --lose 0 $(of m2)
	expect 'he is switched off and on' fault --restart $(of m2)
	expect 'and is told by his new subscription' soon holds m2 "$second" \
		coming
	expect 'with the old one out of his store' holds m2 "$first" current
}
expect 'faults are events' test "$(grep -c '"event":"fault"' "$dir/events")" \
	-eq 5
expect 'all restart at once' fault --restart
expect 'and subscribe anew' soon subscriptions 9
for user in m1 m2 m4; do
	expect "$user still has both" holds "$user" "$second" coming
done

# ------------------------------------------------- far from the time of the rest
# shellcheck disable=SC2046 # the words of of
{
	expect 'one is three months ahead' fault --drift 7776000 $(of m4)
	expect 'his keys have ended by then' soon has_none m4
	expect 'a key is made that counts at once' ctl rekey "$group" --hard \
		--no-wait
	expect 'which he refuses, as it is out of its time' soon cause_is m4 time
	expect 'a century ahead he has no keys' fault --drift 3155760000 $(of m4)
	expect 'to read his keys anew' fault --restart $(of m4)
	expect 'which he refuses for that' soon cause_is m4 period
	expect 'a day behind he has no KMS yet' fault --drift -86400 $(of m4)
	expect 'whose certificate' fault --restart $(of m4)
	expect 'is not good for him' soon cause_is m4 kms
	expect 'the cause is in the text form, too' sh -c "'$mcue' status \
		--control '$dir/control' | grep -q 'cause=kms refused: '"
}
for word in time period kms; do
	expect "$word is in the events" grep -q \
		"\"event\":\"refused\".*\"cause\":\"$word\"" "$dir/events"
done
expect 'the others have it' soon has_other m1 "$first"
third=$(current m1)

# -------------------------------------------------------------------- captured
# shellcheck disable=SC2046 # the words of of
{
	expect 'one has it, too' soon holds m2 "$third" current
	expect 'and is captured' fault --capture "$dir/taken" $(of m2)
	expect 'nothing is written over' refuses fault --capture "$dir/taken" \
		$(of m2)
}
expect 'mcue says so loudly' grep -q 'WARNING: .*/taken has keys of' \
	"$dir/mcue.log"
expect 'what he had is for nobody else' test \
	"$(stat -c %a "$dir/taken")" = 600
taken() # NAME: the last of it
{
	sed -n "s/^$1 //p" "$dir/taken" | tail -n 1
}
# The keys of the period that the messages are of.
own() # NAME
{
	sed -n "/^period $period\$/,/^pvt /s/^$1 //p" "$dir/taken"
}

document() # USER
{
	as_user "$1" -f -o "$dir/doc" \
		"/xcap/org.3gpp.MCPTT-GKTP/users/sip%3A$1%40example.org/$g_path"
}

# Whether what was taken opens the message with that key in the document.
taken_opens() # GMK-ID
{
	tr -d '\n' <"$dir/doc" | tr '<' '\n' |
		sed -n 's/^GKTP [^>]*id="'"$1"'"[^>]*>\([0-9a-f]*\)$/\1/p' |
		head -n 1 >"$dir/message"
	[ -s "$dir/message" ] || return 2
	"$tool" open --kpak "$(taken kpak)" --z "$(taken z)" \
		--sender-id "$gms_uid" --receiver-id "$(own uid)" \
		--rsk "$(own rsk)" --receiver sip:m2@example.org --show-secret \
		<"$dir/message" >"$dir/opened" 2>&1
}
gms_uid=$("$tool" uid --identity sip:gms@example.org --kms kms.example.org \
	--period "$period" --length 2592000)
expect 'he can have his document, as he is' document m2
expect 'and opens the key with what was taken' taken_opens "$third"
expect 'which is the one that was taken' test \
	"$(sed -n 's/^key //p' "$dir/opened")" = \
	"$(sed -n "/^gmk-id $third\$/{n;s/^gmk //p;}" "$dir/taken")"
expect 'the control room expels him' ctl compromise sip:m2@example.org
expect 'the rest has a new key' soon has_other m1 "$third"
last=$(current m1)
expect 'which was not taken' refuses grep -q "^gmk-id $last" "$dir/taken"
expect 'a document of the rest is stolen' document m1
taken_opens "$last"
expect 'and what was taken does not open it' test $? -eq 1
expect 'he ends as he is told to' kill "$ue_pid"
wait "$ue_pid"
expect 'with what lost messages left behind' test $? -eq 0
ue_pid=''
closing_line
