#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_relay_test.sh [MEMBERS [DELAY_MS [LOSS]]] - keys through a network that
# delays each message by DELAY_MS each way and loses LOSS in a hundred of them,
# either way (tests/it/relay.c). Two groups of half the members each get their first
# key, then one loses a member to a compromise while the other, in which an
# emergency call is under way, has its key renewed. All come to the newest key,
# the emergency before the exclusion; nobody is ever without one unawares; the
# network carries no more than a bound. `make check-relay` takes 500 members, 500
# ms and 30.
#
# Nothing here is held to a time, but for one that says that it hangs.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"
# shellcheck source=tests/it/sip_world.sh
. "$(dirname -- "$0")/sip_world.sh"
members=${1-40} delay_ms=${2-100} loss=${3-10}
half=$((members / 2))
hang_s=$((120 + members))
# A round trip, and a server or member that is slow.
answer_ms=$((2 * delay_ms + 1000))
# Members find out by a refresh that they are not subscribed any more. A third of
# the octets per second are for what refreshes cause, the rest for keys.
expires_s=$((3 + members / 50))
octets_per_s=$((3000 * members / expires_s + 3000))
json='Content-Type: application/json'
relay_pid='' calm_pid='' urgent_pid=''
trap 'relay_stop' EXIT

relay_stop()
{
	for pid in $calm_pid $urgent_pid $relay_pid; do
		kill "$pid" 2>/dev/null
		wait "$pid"
	done
	relay_pid='' calm_pid='' urgent_pid=''
	world_stop
}

path_of() # GROUP
{
	echo "/v1/groups/sip%3A$1%40example.org"
}

make_group() # NAME FROM TO
{
	list=$(sed -n "$2,$3s/.*/\"&\"/p" "$dir/users" | paste -sd ,)
	status_is 201 as_user control -X POST -H "$json" -d \
		"{\"id\":\"sip:$1@example.org\",\"name\":\"$1\",\"members\":[$list]}" \
		/v1/groups
}

start_members() # NAME FROM TO
{
	world_members "$3" | tail -n +"$2" >"$dir/$1.members"
	"$mcue" run --json --members "$dir/$1.members" --gms "$url" \
		--sip "sip:gms@127.0.0.1:$relay_port" --sip-expires "$expires_s" \
		--sip-answer "$answer_ms" --gms-id sip:gms@example.org \
		--ca "$dir/ca.pem" --group "sip:$1@example.org" \
		--control "$dir/$1.control" >"$dir/$1.events" 2>"$dir/$1.log" &
}

# The newest key that members are to have.
newest() # GROUP
{
	as_user control "$(path_of "$1")/keys" | jq -r '[.keys[] |
		select(.kind == "GMK" and (.state == "pending" or .state == "active"))] |
		max_by(.epoch).gmk_id // "none"'
}

# Into $key, once it is another than that one.
await_newer() # GROUP GMK-ID
{
	since=$(date +%s)
	until key=$(newest "$1") && [ "$key" != none ] && [ "$key" != "$2" ]; do
		[ $(($(date +%s) - since)) -lt "$hang_s" ] || return 1
		sleep 0.05
	done
}

# Members who said that they have that key: who, when, in the order of time.
holders() # GROUP GMK-ID
{
	grep '"event":"key"' "$dir/$1.events" | grep "\"gmk_id\":\"$2\"" |
		jq -r '"\(.at_ms) \(.user)"'
}

await_holders() # GROUP GMK-ID COUNT
{
	since=$(date +%s)
	until [ "$(holders "$1" "$2" | wc -l)" -ge "$3" ]; do
		[ $(($(date +%s) - since)) -lt "$hang_s" ] || {
			echo "$(holders "$1" "$2" | wc -l) of $3"
			return 1
		}
		sleep 0.2
	done
}

# How many of the group's members have that key in force.
in_force() # GROUP GMK-ID
{
	"$mcue" status --json --control "$dir/$1.control" |
		jq --arg id "$2" '[.members[] | select(any(.groups[].keys[];
			.gmk_id == $id and .state == "current"))] | length'
}

await_in_force() # GROUP GMK-ID COUNT
{
	since=$(date +%s)
	until [ "$(in_force "$1" "$2")" -eq "$3" ]; do
		[ $(($(date +%s) - since)) -lt "$hang_s" ] || return 1
		sleep 0.2
	done
}

# When, after the order, the P-th of a hundred had it.
percentile_ms() # GROUP GMK-ID P
{
	holders "$1" "$2" | sort -n | awk -v p="$3" -v from="$begun" '
		{ at[NR] = $1 }
		END { n = int((NR * p + 99) / 100); print at[n] - from }'
}

# Of the NOTIFYs with keys since the order, the place in line of the middle one
# of those that were the first to a member of the group.
middle_place() # GROUP FROM TO
{
	sed -n "$2,$3p" "$dir/users" >"$dir/$1.uris"
	awk -v from="$begun" '
		FNR == NR { his[$1] = 1; next }
		$1 == "notify" && $2 >= from && $4 == "key" && !($3 in seen) {
			seen[$3] = 1; place++
			if ($3 in his) at[++n] = place
		}
		END { print at[int((n + 1) / 2)] }' "$dir/$1.uris" "$dir/relay.out"
}

# ------------------------------------------------------------- the first key
world_make "$members"
# shellcheck disable=SC2034 # sip_world.sh reads it
sip_policy='grace_s = 3;'
sip_configure "expires_least_s = 2; answer_ms = $answer_ms;
	urgent_answer_ms = $answer_ms;
	octets_per_s = $octets_per_s; burst = 8000; retry_least_ms = 500;"
sip_start_gmsd
mkfifo "$dir/relay.fifo"
./tests/it/relay "$sip_port" "$delay_ms" "$loss" 1 >"$dir/relay.fifo" \
	2>"$dir/relay.log" &
relay_pid=$!
exec 4<"$dir/relay.fifo"
read -r relay_ready <&4
relay_port=${relay_ready#ready port=}
cat <&4 >"$dir/relay.out" &
cat_pid=$!
expect 'a group is made' make_group calm 1 "$half"
expect 'another is made' make_group urgent $((half + 1)) "$members"
# It is under way before anybody is there.
expect 'a server tells of an emergency' status_is 200 as_server -X POST \
	-H "$json" -d '{"condition":"emergency"}' "$(path_of urgent)/urgency"
start_members calm 1 "$half"
calm_pid=$!
start_members urgent $((half + 1)) "$members"
urgent_pid=$!
await_newer calm none || world_die 'no key'
calm_old=$key
await_newer urgent none || world_die 'no second key'
urgent_old=$key
expect 'all come to the first key' await_holders calm "$calm_old" "$half"
expect 'in both groups' await_holders urgent "$urgent_old" $((members - half))

# ------------------------------------- an exclusion and an emergency together
out=sip:m$half@example.org
begun=$(date +%s%3N)
# The exclusion comes second: it would overtake another rekey than this one, and
# a busy machine cannot give it a lead.
status_is 202 as_user control -X POST -H "$json" -d '{"hard":false}' \
	"$(path_of urgent)/rekey" || world_die 'no rekey'
status_is 200 as_user control -X DELETE \
	"$(path_of calm)/members/sip%3Am$half%40example.org?stop=hard" ||
	world_die 'no exclusion'
await_newer calm "$calm_old" || world_die 'no key without the excluded'
calm_new=$key
await_newer urgent "$urgent_old" || world_die 'no newer key'
urgent_new=$key
expect 'all in the emergency come to the newest key' \
	await_holders urgent "$urgent_new" $((members - half))
expect 'all but the excluded in the other group' \
	await_holders calm "$calm_new" $((half - 1))
expect 'the emergency was told of before the exclusion' test \
	"$(middle_place urgent $((half + 1)) "$members")" -lt \
	"$(middle_place calm 1 "$half")"
expect 'and most had its key earlier' test \
	"$(percentile_ms urgent "$urgent_new" 50)" -lt \
	"$(percentile_ms calm "$calm_new" 50)"
# A lost message finds nobody: in the emergency it is sent again until it is
# answered, after the exclusion not so often. Of a few members with little loss
# chance has the last word.
[ "$loss" -lt 30 ] || expect 'and all had theirs earlier' test \
	"$(percentile_ms urgent "$urgent_new" 100)" -lt \
	"$(percentile_ms calm "$calm_new" 100)"

# ------------------------------------------------------------- what they say
expect 'the newest key is in force with all' \
	await_in_force urgent "$urgent_new" $((members - half))
expect 'but the excluded' await_in_force calm "$calm_new" $((half - 1))
expect 'who never had it' sh -c \
	"! grep -F '$calm_new' '$dir/calm.events' | grep -qF '$out'"
# A member has a key in force or says that he has none; there is no third thing
# that he could say, and the last word of each but the excluded is a key.
expect 'there is no word but of keys' sh -c "jq -r .event '$dir'/*.events |
	sort -u | grep -vxE 'ready|subscribed|unsubscribed|key|times|revoked|current|no_key|receipt'
	test \$? -eq 1"
last_words()
{
	jq -r 'select(.event == "current" or .event == "no_key") |
		"\(.user) \(.event)"' "$dir/calm.events" "$dir/urgent.events" |
		awk '{ last[$1] = $2 }
			END { for (user in last) if (last[user] != "current") print user }' \
			>"$dir/keyless"
	! grep -vxF "$out" "$dir/keyless"
}
expect 'whoever said that he has no key has one again' last_words

# -------------------------------------------------------------- what it took
kill "$calm_pid" "$urgent_pid"
wait "$calm_pid" "$urgent_pid"
calm_pid='' urgent_pid=''
kill "$relay_pid"
wait "$relay_pid"
expect 'the relay ends in peace' test $? -eq 0
relay_pid=''
wait "$cat_pid"
total() # NAME
{
	sed -n "s/^total .*\\b$1=\\([0-9]*\\).*/\\1/p" "$dir/relay.out"
}
expect 'it lost messages' test "$(total dropped)" -gt \
	$(($(total messages) * loss / 300))
# A NOTIFY goes out for a SUBSCRIBE or for a change of what it is about: keys,
# their revocation, new times, of which there are at most eight here. None is
# sent again and again into the void.
expect 'no more NOTIFYs than there was cause for' test "$(total notifies)" -le \
	$(($(total subscribes) + 8 * members))
expect 'a message has its bound' test "$(total largest)" -le 12000
expect 'and so have all' test "$(total octets)" -le $((
	$(total notifies) * 1500 + $(total subscribes) * 3500 + members * 8 * 6000))
echo "$members members, $delay_ms ms each way, $(total dropped) of" \
	"$(total messages) messages lost, $(total octets) octets; keyed after ms" \
	"50/90/100 %: emergency $(percentile_ms urgent "$urgent_new" 50)" \
	"$(percentile_ms urgent "$urgent_new" 90)" \
	"$(percentile_ms urgent "$urgent_new" 100), exclusion" \
	"$(percentile_ms calm "$calm_new" 50)" \
	"$(percentile_ms calm "$calm_new" 90)" \
	"$(percentile_ms calm "$calm_new" 100)"
closing_line
