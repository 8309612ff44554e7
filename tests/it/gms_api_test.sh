#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_api_test.sh - the JSON API of a real gmsd, and gmsctl over it: who may
# what, groups and their members, keys, requests that are sent twice, events,
# and what the logs say in the end.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"

unset GMSCTL_SERVER GMSCTL_CA GMSCTL_TOKEN GMSCTL_CERT GMSCTL_KEY
HOME=$dir XDG_CONFIG_HOME=$dir
export HOME XDG_CONFIG_HOME
scope=3gpp:mc:ptt_group_management_service
g=sip:inc-42@example.org
group=/v1/groups/sip%3Ainc-42%40example.org
m2=$group/members/sip%3Am2%40example.org
json='Content-Type: application/json'

# --------------------------------------------------------------------- helpers

# Whether the body of the last answer fulfils an expression of jq.
holds() # JQ-EXPRESSION
{
	jq -e "$1" "$dir/body" >/dev/null || {
		cat "$dir/body"
		return 1
	}
}

as_nobody() # CURL-ARG... PATH
{
	world_curl "$url" "$@"
}

code_is() # STATUS CODE CURL-FUNCTION ARG...
{
	want=$1 code=$2
	shift 2
	status_is "$want" "$@" && holds ".code == \"$code\"" &&
		grep -qi '^content-type: application/problem+json' "$dir/head"
}

field() # NAME: of the last head
{
	grep -qi "^$1:" "$dir/head"
}

post() # STATUS USER PATH BODY [CURL-ARG...]
{
	status=$1 user=$2 path=$3 body=$4
	shift 4
	status_is "$status" as_user "$user" -X POST -H "$json" -d "$body" "$@" \
		"$path"
}

ctl() # ARG...: as the control room
{
	"$gmsctl" "$@" --server "$url" --ca "$dir/ca.pem" \
		--token "$dir/tokens/sip:control@example.org"
}

# Prints the same file that XCAP gives out.
document()
{
	as_user control \
		"/xcap/org.openmobilealliance.groups/global/byGroupID/$1"
}

refuses() # WORD COMMAND...: fails, says why in one line, prints nothing else
{
	word=$1
	shift
	"$@" >"$dir/printed" 2>"$dir/why"
	got=$?
	cat "$dir/printed" "$dir/why"
	[ "$got" -eq 1 ] && [ ! -s "$dir/printed" ] &&
		[ "$(wc -l <"$dir/why")" -eq 1 ] && grep -q "$word" "$dir/why"
}

in_time() # COMMAND...: until it succeeds, 20 s at most
{
	start=$(date +%s)
	until "$@"; do
		[ $(($(date +%s) - start)) -lt 20 ] || return 1
	done
}

# Until the group's newest key that members may hold has an epoch above $1.
await_epoch() # EPOCH
{
	in_time is_above "$1"
}

is_above() # EPOCH
{
	epoch=$(newest_epoch) && [ "$epoch" -gt "$1" ]
}

newest_epoch()
{
	as_user control "$group/keys" | jq '[.keys[] |
		select(.kind == "GMK") |
		select(.state == "active" or .state == "pending").epoch] | max // 0'
}

# ---------------------------------------------------------------------- server

world_make 4
world_configure 'policy = { grace_s = 1; coalesce_ms = 50; quorum = 0;
    quorum_margin_s = 0; overlap_s = 1; };'
role() # USER ROLE GROUPS: one more in the configuration
{
	sed -i "s/roles = (/&{ who = \"sip:$1@example.org\"; role = \"$2\";\
	groups = [ \"$3\" ]; },/" "$dir/gmsd.conf"
}
role viewer viewer '*'
role chief supervisor '*'
role other dispatcher 'sip:other*'
for user in viewer chief other; do
	"$world" token "$dir" "sip:$user@example.org" "$scope" 3600 \
		>"$dir/tokens/sip:$user@example.org"
done
world_start_gmsd

expect 'gmsctl finds no fault in the configuration' \
	"$gmsctl" config check "$dir/gmsd.conf"
echo 'litsen = "x";' >"$dir/bad.conf"
names_the_fault()
{
	! "$gmsctl" config check "$dir/bad.conf" >"$dir/out" 2>/dev/null &&
		grep -q 'litsen: no such option' "$dir/out"
}
expect 'and names one' names_the_fault

# ----------------------------------------------------------------- who may what

expect 'nobody in particular is refused' status_is 403 as_nobody /v1/groups
expect 'a member without a role may not list groups' \
	code_is 403 forbidden as_user m1 /v1/groups
expect 'but may read what the API is' \
	status_is 200 as_user m1 /v1/openapi.json
expect 'which is the document of this release' cmp -s "$dir/body" \
	"$(dirname -- "$0")/../../gms/openapi.json"
expect 'a viewer may list groups' status_is 200 as_user viewer /v1/groups
expect 'and not make one' post 403 viewer /v1/groups \
	"{\"id\":\"$g\",\"members\":[]}"
expect 'an officer by certificate sees the state' \
	status_is 200 as_officer /v1/status
expect 'the vault is ready' holds '.vault.up and .vault.ready'
expect 'every answer has the time' holds '.now | test("^20.*Z$")'
expect 'an unknown path is 404' code_is 404 not-found as_user viewer /v1/nothing
expect 'another method 405' \
	code_is 405 method-not-allowed as_user control -X DELETE /v1/groups
expect 'with Allow' field Allow

# ------------------------------------------------------------------ make a group

new="{\"id\":\"$g\",\"name\":\"Fire\",\"template\":\"incident\",\"members\":
	[\"sip:m1@example.org\",{\"uri\":\"sip:m2@example.org\",\"name\":\"Zwei\"},
	\"sip:m3@example.org\"]}"
expect 'a misspelt member is refused by name' \
	post 400 control /v1/groups "{\"id\":\"$g\",\"membres\":[]}"
expect 'and said' holds '.detail | test("membres")'
expect 'a body of another type is 415' code_is 415 unsupported-media-type \
	as_user control -X POST -H 'Content-Type: text/plain' -d x /v1/groups
expect 'a dispatcher of other groups may not make this one' \
	post 403 other /v1/groups "$new"
expect 'the control room makes a group' post 201 control /v1/groups "$new" \
	-H 'Idempotency-Key: one'
expect 'with an ETag' field ETag
expect 'and where it is' grep -qi "^location: $group" "$dir/head"
expect 'with three members' holds '.members == 3'
cp "$dir/body" "$dir/created"
expect 'the same request again is answered' post 201 control /v1/groups \
	"$new" -H 'Idempotency-Key: one'
expect 'as it was' cmp -s "$dir/body" "$dir/created"
expect 'and says so' grep -qi '^idempotent-replayed: true' "$dir/head"
expect 'another one of that name is not' code_is 409 idempotency-key-reused \
	as_user control -X POST -H "$json" -H 'Idempotency-Key: one' \
	-d '{"id":"sip:other@example.org","members":[]}' /v1/groups
expect 'without the name the group is there already' code_is 409 group-exists \
	as_user control -X POST -H "$json" -d "$new" /v1/groups
expect 'its first key comes' await_epoch 0
expect 'the group is shown' status_is 200 as_user viewer "$group"
expect 'with members and key' \
	holds '(.members | length) == 3 and .keyed and .name == "Fire"'
expect 'a dispatcher of others may not see it' \
	code_is 403 forbidden as_user other "$group"
expect 'nor in the list' status_is 200 as_user other /v1/groups
expect 'which is empty' holds '.groups == []'

# ------------------------------------------------------------------------ members

document "${group##*/}" >"$dir/before"
expect 'the document is XCAP'"'"'s, too' grep -q 'sip:m2@example.org' \
	"$dir/before"
expect 'a stale If-Match is 412' code_is 412 precondition-failed as_user \
	control -X DELETE -H 'If-Match: "old"' "$m2"
epoch=$(newest_epoch)
expect 'a viewer may not take anybody out' \
	code_is 403 forbidden as_user viewer -X DELETE "$m2"
expect 'a soft stop takes a member out' \
	status_is 200 as_user control -X DELETE "$m2?stop=soft"
expect 'and can be undone' holds '.undo and .stop == "soft"'
expect 'once he is out, he is no member' \
	code_is 404 member-not-found as_user control -X DELETE "$m2"
expect 'undo puts him back' post 200 control "$m2/undo" ''
document "${group##*/}" >"$dir/after"
has_same_lines()
{
	tr '>' '\n' <"$dir/before" | sort >"$dir/a"
	tr '>' '\n' <"$dir/after" | sort >"$dir/b"
	cmp -s "$dir/a" "$dir/b"
}
expect 'as he was' has_same_lines
expect 'undoing twice is nothing' code_is 409 nothing-to-undo as_user control \
	-X POST "$m2/undo"
epoch=$(newest_epoch)
expect 'a hard stop takes him out' \
	status_is 200 as_user control -X DELETE "$m2?stop=hard"
expect 'and the others get another key' await_epoch "$epoch"
expect 'which cannot be undone' code_is 409 nothing-to-undo as_user control \
	-X POST "$m2/undo"
expect 'a newcomer comes' post 201 control "$group/members" \
	'{"uri":"sip:m4@example.org","name":"Vier & Co"}'
expect 'and is there by his name' status_is 200 as_user control "$group"
expect 'well' holds '[.members[] | select(.name == "Vier & Co")] | length == 1'
expect 'another takes his place' post 200 control \
	"$group/members/sip%3Am4%40example.org/retarget" \
	'{"to":"sip:m2@example.org"}'
expect 'and he is gone' holds '.replaced == "sip:m4@example.org"'

# --------------------------------------------------------------------------- keys

expect 'keys are listed by what they are' \
	status_is 200 as_user viewer "$group/keys"
expect 'their identifiers are hex' \
	holds '[.keys[].gmk_id | test("^[0-9a-f]{8}$")] | all'
expect 'who holds what is known' \
	status_is 200 as_user viewer "$group/deliveries?member=sip%3Am1%40example.org"
expect 'of one member' \
	holds '[.deliveries[].member == "sip:m1@example.org"] | all and length > 0'
expect 'and why not' holds '[.deliveries[] | .held or .why != null] | all'
expect 'there is no such state' code_is 400 malformed as_user viewer \
	"$group/deliveries?state=lost"
epoch=$(newest_epoch)
expect 'a new key is asked for' post 202 control "$group/rekey" '{"hard":true}'
expect 'and comes' await_epoch "$epoch"
expect 'a group that is not there has none' code_is 404 group-not-found \
	as_user control "/v1/groups/sip%3Anone%40example.org/keys"

# ------------------------------------------------------------- what servers ask

ask() # STATUS NAME PURPOSE
{
	status_is "$1" as_server -X POST -H "$json" -H "Idempotency-Key: $2" \
		-H 'Prefer: wait=10' -d "{\"purpose\":\"$3\"}" "$group/key-requests"
}
expect 'a server has to name its question' code_is 400 \
	idempotency-key-required as_server -X POST -H "$json" \
	-d '{"purpose":"group-call"}' "$group/key-requests"
expect 'then learns the key in force' ask 200 call-1 group-call
expect 'who should hold it, and until when' \
	holds '.members == 3 and (.holders + .missing | length) == 3 and .until'
first=$(jq -r .gmk_id "$dir/body")
expect 'asking again makes no other' ask 200 call-2 group-call
expect 'the same' holds ".gmk_id == \"$first\" and (.made | not)"
expect 'a user without a role may not ask' post 403 m1 \
	"$group/key-requests" '{"purpose":"group-call"}' -H 'Idempotency-Key: x'
expect 'a server gets a key of its own as a message' ask 200 floor-1 \
	floor-control
expect 'to itself' holds '.receiver == "sip:server@example.org" and
	.kind == "MKFC" and (.message | length) > 800'
expect 'another kind, too' ask 200 multicast-1 multicast-signalling
expect 'of its name' holds '.kind == "MuSiK"'

# ------------------------------------------------------------------------ urgency

word() # STATUS JSON
{
	status_is "$1" as_server -X POST -H "$json" -d "$2" "$group/urgency"
}
expect 'a server says that there is an emergency' word 200 \
	'{"condition":"emergency","talkers":["sip:m1@example.org"],"for_s":60}'
expect 'and hears until when that holds' \
	holds '.condition == "emergency" and .until > .now'
expect 'so does the control room' "$gmsctl" urgency sip:inc-42@example.org \
	--condition normal --affiliated sip:m1@example.org --for 60 \
	--server "$url" --ca "$dir/ca.pem" \
	--token "$dir/tokens/sip:control@example.org"
expect 'another condition is none' word 400 '{"condition":"dire"}'
expect 'two days are too long' word 400 \
	'{"condition":"normal","for_s":172800}'
expect 'a user without a role may not say so' post 403 m1 "$group/urgency" \
	'{"condition":"emergency"}'

# ----------------------------------------------------------------------- settings

expect 'the control room changes a policy' status_is 200 as_user control \
	-X PATCH -H "$json" -d '{"grace_s":2,"quorum":50}' "$group/settings"
expect 'it is in force' holds '.settings.grace_s == 2 and .own.quorum == 50'
expect 'null goes back to the default' status_is 200 as_user control \
	-X PATCH -H "$json" -d '{"grace_s":1,"quorum":null}' "$group/settings"
expect 'it has' holds '.settings.quorum == 0 and (.own | has("quorum") | not)'
expect 'a value out of range is refused' code_is 400 malformed as_user control \
	-X PATCH -H "$json" -d '{"quorum":101}' "$group/settings"
media='{"media_entities":["sip:server@example.org"]}'
expect 'the control room may not give keys to a server' code_is 403 forbidden \
	as_user control -X PATCH -H "$json" -d "$media" "$group/settings"
expect 'the security officer may' status_is 200 as_officer \
	-X PATCH -H "$json" -d "$media" "$group/settings"
expect 'and it is shown on the group' status_is 200 as_user viewer "$group"
expect 'who it is' \
	holds '.settings.media_entities == ["sip:server@example.org"]'

# ------------------------------------------------------------------------- gmsctl

printf '# a roster\nsip:m1@example.org Eins\nsip:m3@example.org\n' \
	>"$dir/roster"
watches()
{
	ctl watch --count 1 --group sip:two@example.org --after 0 >"$dir/events"
}
makes_a_group()
{
	ctl group create sip:two@example.org --name Two --members "$dir/roster" \
		>"$dir/out" && grep -q '^ready for *2$' "$dir/out" &&
		grep -Eq '^key *[0-9a-f]{8}$' "$dir/out"
}
watches &
watch_pid=$!
expect 'gmsctl makes a group and follows its key' makes_a_group
wait "$watch_pid"
expect 'gmsctl watch saw it happen' grep -q ' sip:two@example.org' \
	"$dir/events"
lists()
{
	ctl group list >"$dir/out" && grep -q '^sip:inc-42@example.org  Fire' \
		"$dir/out" && [ "$(wc -l <"$dir/out")" -eq 3 ] &&
		! grep -q '.\{81\}' "$dir/out"
}
expect 'gmsctl lists groups within 80 columns' lists
shows()
{
	ctl group show "$g" >"$dir/out" &&
		grep -q '^KEYS ALSO TO  sip:server@example.org$' "$dir/out"
}
expect 'gmsctl shows who else gets the keys' shows
removes()
{
	ctl member remove "$g" sip:m3@example.org --json >"$dir/out" &&
		jq -e '.stop == "soft" and .delivery.ready > 0' "$dir/out" >/dev/null
}
expect 'gmsctl takes a member out and follows the new key' removes
expect 'gmsctl undoes it' ctl member undo "$g" sip:m3@example.org
dry_run()
{
	ctl compromise sip:m1@example.org --dry-run --json >"$dir/out" &&
		jq -e '[.groups[].outcome == "would-rekey"] |
			all and length == 2' "$dir/out" >/dev/null
}
expect 'gmsctl says what a compromise would do' dry_run
expect 'which does nothing' dry_run
compromises()
{
	ctl compromise sip:m1@example.org >"$dir/out" &&
		[ "$(grep -c ' rekeyed ' "$dir/out")" -eq 2 ]
}
expect 'gmsctl takes him out of all his groups' compromises
expect 'he is in none' status_is 200 as_user control "$group"
expect 'any more' \
	holds '[.members[].uri != "sip:m1@example.org"] | all'
expect 'gmsctl says what the server says' refuses group-not-found \
	ctl group show sip:none@example.org
configured()
{
	mkdir -p "$dir/muster" && cat >"$dir/muster/gmsctl.conf" <<-END &&
		server = "$url"; ca = "$dir/ca.pem";
		token = "$dir/tokens/sip:viewer@example.org";
	END
		[ "$("$gmsctl" health)" = healthy ]
}
expect 'gmsctl finds its server in a file' configured
expect 'gmsctl believes nobody else' refuses certificate "$gmsctl" health \
	--ca "$dir/tokens/sip:viewer@example.org"

# ----------------------------------------------------------------- restart, logs

world_stop_gmsd
world_start_gmsd
expect 'after a restart the same request has the same answer' post 201 control \
	/v1/groups "$new" -H 'Idempotency-Key: one'
expect 'to the octet' cmp -s "$dir/body" "$dir/created"
expect 'and the same question' ask 200 call-1 group-call
expect 'the same key' holds ".gmk_id == \"$first\""
expect 'a supervisor may end a group' status_is 200 as_user chief -X DELETE \
	/v1/groups/sip%3Atwo%40example.org
expect 'which is gone' code_is 404 group-not-found as_user control \
	/v1/groups/sip%3Atwo%40example.org
has_an_event()
{
	grep -q '^id: ' "$dir/stream"
}
goes_on()
{
	seq=$(as_user control '/v1/events?most=2' | jq .last)
	: >"$dir/stream"
	curl -sN --cacert "$dir/ca.pem" -H 'Accept: text/event-stream' \
		-H "Authorization: Bearer $(world_token control)" \
		-H "Last-Event-ID: $seq" "$url/v1/events" >>"$dir/stream" &
	stream_pid=$!
	in_time has_an_event
	kill "$stream_pid"
	wait "$stream_pid"
	[ "$(grep -m 1 '^id: ' "$dir/stream")" = "id: $((seq + 1))" ]
}
expect 'a stream goes on from the last event' goes_on
"$gmsctl" audit head --server "$mutual_url" --ca "$dir/ca.pem" \
	--cert "$dir/officer.pem" --key "$dir/officer.key" --token /dev/null \
	>"$dir/head.witness" 2>"$dir/why"
expect 'the officer keeps the head of the audit log' \
	grep -Eq '^audit +[0-9]+:[0-9a-f]{64}$' "$dir/head.witness"
expect 'and of the vault'"'"'s' \
	grep -Eq '^vault +[0-9]+:[0-9a-f]{64}$' "$dir/head.witness"
head_of() # LOG
{
	sed -n "s/^$1 *//p" "$dir/head.witness"
}
world_stop_gmsd
verifies()
{
	"$gmsctl" audit verify --audit "$dir/gmsd.audit.log" \
		--vault "$dir/gmsd.vault.log" --head "$(head_of audit)" \
		--vault-head "$(head_of vault)"
}
expect 'the logs are whole, and all was authorised' verifies
cut_log()
{
	head -n 3 "$dir/gmsd.audit.log" >"$dir/cut.log"
	refuses 'audit log' "$gmsctl" audit verify --audit "$dir/cut.log" \
		--vault "$dir/gmsd.vault.log" --head "$(head_of audit)"
}
expect 'a log that was cut is found by the head' cut_log
closing_line
