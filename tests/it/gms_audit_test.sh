#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_audit_test.sh - the logs of a gmsd that had a busy life: groups, people
# who come and go, are taken out at once, put back and compromised, new keys,
# vaults and servers that end in between. gmsctl audit verify finds nothing;
# and then what a taken front had its vault do.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"

unset GMSCTL_SERVER GMSCTL_CA GMSCTL_TOKEN GMSCTL_CERT GMSCTL_KEY
HOME=$dir XDG_CONFIG_HOME=$dir
export HOME XDG_CONFIG_HOME
taken=./tests/it/gms_taken
json='Content-Type: application/json'

ctl() # ARG...: as the control room
{
	"$gmsctl" "$@" --server "$url" --ca "$dir/ca.pem" \
		--token "$dir/tokens/sip:control@example.org"
}

# Members by number: "create one 1 2 3".
create() # GROUP MEMBER...
{
	name=$1
	shift
	list=$(printf '"sip:m%s@example.org",' "$@")
	status_is 201 as_user control -X POST -H "$json" -d \
		"{\"id\":\"sip:$name@example.org\",\"members\":[${list%,}]}" /v1/groups
}

join() # GROUP MEMBER
{
	status_is 201 as_user control -X POST -H "$json" \
		-d "{\"uri\":\"sip:m$2@example.org\"}" \
		"/v1/groups/sip%3A$1%40example.org/members"
}

leave() # GROUP MEMBER STOP
{
	status_is 200 as_user control -X DELETE \
		"/v1/groups/sip%3A$1%40example.org/members/sip%3Am$2%40example.org?stop=$3"
}

undo() # GROUP MEMBER
{
	status_is 200 as_user control -X POST -H "$json" \
		"/v1/groups/sip%3A$1%40example.org/members/sip%3Am$2%40example.org/undo"
}

rekey() # GROUP
{
	status_is 202 as_user control -X POST -H "$json" -d '{"hard":true}' \
		"/v1/groups/sip%3A$1%40example.org/rekey"
}

# ------------------------------------------------------------------ a busy life

world_make 6
world_configure 'policy = { grace_s = 1; coalesce_ms = 50; quorum = 0;
    quorum_margin_s = 0; overlap_s = 1; };'
world_start_gmsd

# Until no intent is open: all that was decided is done.
settled()
{
	curl -fs "$health_url/metrics" | grep -qx 'gmsd_intents 0'
}
settles() # 20 s at most
{
	begun=$(date +%s)
	until settled; do
		[ $(($(date +%s) - begun)) -lt 20 ] || return 1
	done
}

kill_vault()
{
	kill -KILL "$(world_child gmsd-vault)"
}

# What may happen to a group of 1 2 3. Each change is done before the next, or
# they would come to fewer keys on a busy machine.
round() # GROUP
{
	join "$1" 4 && settles && leave "$1" 2 soft && undo "$1" 2 && settles &&
		leave "$1" 3 hard && settles && join "$1" 3 && settles &&
		rekey "$1" && settles && leave "$1" 4 soft && settles &&
		join "$1" 5 && settles
}

for group in one two three; do
	expect "group $group is made" create "$group" 1 2 3
	expect "its people come and go" round "$group"
done
expect 'a vault dies in the middle of it' kill_vault
expect 'while others are taken out' leave one 1 hard
expect 'and keys are replaced' rekey two
expect 'all of which is done by the next' settles
expect 'somebody is compromised' ctl compromise sip:m2@example.org
world_stop_gmsd
world_start_gmsd
expect 'after a restart life goes on' join one 6
expect 'with another group' create four 1 6
expect 'and one that ends' leave four 6 hard
expect 'all is done' settles
world_stop_gmsd

verify() # ARG...
{
	"$gmsctl" audit verify --audit "$dir/gmsd.audit.log" \
		--vault "$dir/gmsd.vault.log" "$@" >"$dir/verified" 2>"$dir/why"
	got=$?
	cat "$dir/verified" "$dir/why"
	return "$got"
}
given()
{
	grep -c ' event=vault\.\(wrap\|sign\) ' "$dir/gmsd.vault.log"
}
expect 'the vault has a long log of it' test "$(given)" -gt 60
expect 'in which nothing is that was not authorised' verify

# ---------------------------------------------------------------- a taken front

stranger=sip:m4@example.org
wraps() # WHO: never told to the audit log
{
	"$taken" "$dir/gmsd.conf" "sip:four@example.org" "$1"
}
before=$(given)
expect 'a taken front has a key wrapped for a member' wraps sip:m1@example.org
expect 'which stands in the log' test "$(given)" -eq $((before + 1))
expect 'and is his right' verify
expect 'it has one wrapped for a stranger' wraps "$stranger"
finds()
{
	! verify --json &&
		jq -e --arg who "$stranger" '(.breaches | length) == 1 and
			.breaches[0].member == $who and
			.breaches[0].log == "vault" and
			.breaches[0].group == "sip:four@example.org" and
			.breaches[0].what == "key to somebody who was not a holder"' \
			"$dir/verified"
}
expect 'which is found, and nothing else' finds
closing_line
