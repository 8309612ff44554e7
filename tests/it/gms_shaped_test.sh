#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_shaped_test.sh [MEMBERS] - keys over a link of 64 kbit/s: an ordinary rekey
# of one group is under way when somebody is excluded from another. The
# exclusion overtakes it, all come to the new keys, and the link carries no more
# than a bound. MEMBERS of each
# group, 6 or more; `make check-shaped` takes 20.
#
# The link is loopback in a network namespace of its own, shaped by tc.
set -u
[ "${GMS_SHAPED-}" = inside ] || {
	unshare -rn sh -c 'ip link set lo up &&
		tc qdisc add dev lo root tbf rate 64kbit burst 3000 latency 60s' \
		>/dev/null 2>&1 || {
		echo 'skipped: no CAP_NET_ADMIN in a namespace, or no tc with tbf'
		echo '0 passed, 0 failed, 1 skipped'
		exit 0
	}
	GMS_SHAPED=inside exec unshare -rn "$0" "$@"
}
# Larger packets than the shaper's burst would be lost in it.
ip link set lo mtu 1500 up || exit 1
here=$(dirname -- "$0")
# shellcheck source=tests/it/gms_world.sh
. "$here/gms_world.sh"
# shellcheck source=tests/it/sip_world.sh
. "$here/sip_world.sh"

half=${1:-6}
json='Content-Type: application/json'

make_group() # NAME FROM TO
{
	i=$2 list=
	while [ "$i" -le "$3" ]; do
		list="$list,\"sip:m$i@example.org\""
		i=$((i + 1))
	done
	status_is 201 as_user control -X POST -H "$json" -d \
		"{\"id\":\"sip:$1@example.org\",\"name\":\"$1\",\"members\":[${list#,}]}" \
		/v1/groups
}

# Members from the FROM-th to the TO-th, in one group.
start_members() # NAME FROM TO
{
	world_members "$3" | tail -n +"$2" >"$dir/$1.members"
	"$mcue" run --json --members "$dir/$1.members" --gms "$url" \
		--sip "sip:gms@127.0.0.1:$sip_port" --gms-id sip:gms@example.org \
		--ca "$dir/ca.pem" --group "sip:$1@example.org" \
		>"$dir/$1.events" 2>"$dir/$1.log" &
}

count() # NAME EVENT
{
	grep -c "\"event\":\"$2\"" "$dir/$1.events"
}

await() # NAME EVENT COUNT
{
	since=$(date +%s)
	until [ "$(count "$1" "$2")" -ge "$3" ]; do
		[ $(($(date +%s) - since)) -lt 60 ] || return 1
		sleep 0.05
	done
}

# When the N-th of those events was.
at_ms() # NAME EVENT N
{
	grep "\"event\":\"$2\"" "$dir/$1.events" | sed -n "$3s/.*\"at_ms\":\([0-9]*\).*/\1/p"
}

octets()
{
	tc -s qdisc show dev lo | sed -n 's/^ Sent \([0-9]*\) bytes.*/\1/p'
}

world_make $((2 * half))
sip_configure 'octets_per_s = 6000; burst = 6000; answer_ms = 60000;'
sip_start_gmsd
make_group calm 1 "$half" || world_die 'no group'
make_group urgent $((half + 1)) $((2 * half)) || world_die 'no second group'
start_members calm 1 "$half"
calm_pid=$!
start_members urgent $((half + 1)) $((2 * half))
urgent_pid=$!
expect 'all have the first key' await calm current "$half"
expect 'in both groups' await urgent current "$half"

tc qdisc add dev lo root tbf rate 64kbit burst 3000 latency 60s
begun=$(date +%s%3N)
status_is 202 as_user control -X POST -H "$json" -d '{"hard":false}' \
	"/v1/groups/sip%3Acalm%40example.org/rekey" || world_die 'no rekey'
status_is 200 as_user control -X DELETE \
	"/v1/groups/sip%3Aurgent%40example.org/members/sip%3Am$((2 * half))%40example.org?stop=hard" ||
	world_die 'no exclusion'
expect 'whoever is left has the key without the excluded' \
	await urgent key $((2 * half - 1))
expect 'the others have theirs' await calm key $((2 * half))
took=$(($(date +%s%3N) - begun)) sent=$(octets)
tc qdisc del dev lo root
expect 'the exclusion was done before the ordinary rekey' test \
	"$(at_ms urgent key $((2 * half - 1)))" -le "$(at_ms calm key $((2 * half)))"
expect 'no member of the calm group was without a key' test \
	"$(count calm no_key)" -eq 0
# An exclusion ends the old key at once: who hears of that by the same NOTIFY as
# of the new one has none while he opens it. Nobody ever goes on in clear, or
# with the old one: mcue has no such way, and would say another "current".
brief()
{
	awk -v out="sip:m$((2 * half))@" '
		function field(name) {
			if (!match($0, "\"" name "\":\"?[^\",}]*"))
				return ""
			return substr($0, RSTART + length(name) + 3,
				RLENGTH - length(name) - 3)
		}
		{ at = field("at_ms"); user = field("user"); sub(/^"/, "", user) }
		/"event":"no_key"/ && !index(user, out) { since[user] = at }
		/"event":"current"/ && user in since {
			if (at - since[user] > 3000) late = user " " at - since[user]
			delete since[user]
		}
		END {
			for (user in since) late = user
			if (late != "") { print late; exit 1 }
		}' "$dir/urgent.events"
}
expect 'nor of the other for longer than it takes to open one' brief
expect 'nothing was refused' test \
	"$(($(count calm refused) + $(count urgent refused)))" -eq 0
# Two NOTIFYs for each, their answers, and what the control room said.
expect 'the octets were bounded' test "$sent" -le $((2 * half * 12000 + 40000))
kill "$calm_pid" "$urgent_pid"
wait "$calm_pid" "$urgent_pid"
echo "$((2 * half)) members at 64 kbit/s: $took ms, $sent octets"
closing_line
