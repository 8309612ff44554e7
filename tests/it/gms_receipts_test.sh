#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_receipts_test.sh - that a key counts as opened when its member proves it,
# and by nothing else: receipts that are true, forged, tampered with, sent again
# and of no key, to a real gmsd (docs/receipts.md); then members of mcue who
# send theirs.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"

client=./kms-client/kms-client
tool=./tools/mikeytool
made=./tests/it/gms_receipt
group=sip:incident-9@groups.example.org
other=sip:other@groups.example.org
g_path=sip%3Aincident-9%40groups.example.org
mcue_pid=''
trap 'receipts_stop' EXIT

receipts_stop()
{
	world_end "$mcue_pid"
	mcue_pid=''
	world_stop
}

# The leak detector traces the process, which kms-client does not let it.
quietly() # COMMAND...
{
	ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" "$@"
}

refuses()
{
	! "$@"
}

ctl() # ARG...: as the control room
{
	"$gmsctl" "$@" --server "$url" --ca "$dir/ca.pem" \
		--token "$dir/tokens/sip:control@example.org"
}

# Another device of USER, whose keys are in clear: keys.USER, cert.USER.
clear_keys() # USER
{
	cp "$(world_enrolment "$1")" "$dir/used" # enrol destroys it
	quietly "$client" enrol "$dir/used" --store "$dir/store.$1" &&
		quietly "$client" fetch --store "$dir/store.$1" --ca "$dir/ca.pem" \
			--token "$dir/tokens/sip:$1@example.org" &&
		quietly "$client" export-clear --store "$dir/store.$1" \
			--user "sip:$1@example.org" --period "$period" \
			--keys "$dir/keys.$1" --cert "$dir/cert.$1"
}

# Until a condition holds, and for a minute at most.
soon() # COMMAND...
{
	since=$(date +%s)
	until "$@"; do
		[ $(($(date +%s) - since)) -lt 60 ] || return 1
	done
}

# What the API says of the deliveries of the newest key that is no spare.
deliveries() # JQ-EXPRESSION
{
	as_user control -f "/v1/groups/$g_path/keys" >"$dir/keys.json" &&
		jq -e '[.keys[] | select(.state != "spare")] | max_by(.epoch) |
			.deliveries | '"$1" "$dir/keys.json"
}

count_is() # STATE NUMBER
{
	deliveries ".$1 == $2"
}

fetched() # USER: his key document is in $dir/doc.USER
{
	as_user "$1" -f -o "$dir/doc.$1" \
		"/xcap/org.3gpp.MCPTT-GKTP/users/sip%3A$1%40example.org/$g_path"
}

# The key that USER opens: sets $gmk_id and $gmk.
open_key() # USER
{
	tr -d '\n' <"$dir/doc.$1" | tr '<' '\n' |
		sed -n 's/^GKTP [^>]*id="\([^"]*\)"[^>]*>\([0-9a-f]*\)$/\1 \2/p' \
			>"$dir/messages"
	read -r gmk_id message <"$dir/messages"
	gmk=$(printf '%s' "$message" | "$tool" open --cert "$dir/cert.$1" \
		--keys "$dir/keys.$1" --show-secret | sed -n 's/^key //p')
}

# Of m1, unless said otherwise; one of these alone is false in a false one.
receipt() # [SIGNER=NAME] [key=HEX] [id=HEX] [group=URI] [member=NAME] [ms=N]
{
	signer=m1 key=$gmk id=$gmk_id of=$group member=m1 ms=$(date +%s%3N)
	for says; do
		value=${says#*=}
		case $says in
		signer=*) signer=$value ;;
		key=*) key=$value ;;
		id=*) id=$value ;;
		group=*) of=$value ;;
		member=*) member=$value ;;
		ms=*) ms=$value ;;
		esac
	done
	"$made" "$dir/cert.$signer" "$dir/keys.$signer" "$key" "$id" "$of" \
		"sip:$member@example.org" "$ms"
}

sent_by() # USER STATUS RECEIPT
{
	printf '{"receipt": "%s"}' "$3" >"$dir/receipt"
	status_is "$2" as_user "$1" -H 'Content-Type: application/json' \
		--data-binary "@$dir/receipt" /v1/receipts
}

says() # JQ-EXPRESSION: of the last answer
{
	jq -e "$1" "$dir/body"
}

world_make 4
for user in m1 m2 m3; do
	clear_keys "$user" >"$dir/made" 2>&1 || world_die "no keys of $user"
done
world_start_gmsd
expect 'a group is created' ctl group create "$group" \
	--member sip:m1@example.org --member sip:m2@example.org --incident --no-wait
expect 'its keys are made' soon deliveries \
	'.sent == 2'
expect 'a member fetches his' soon fetched m1
open_key m1
expect 'it opens' test -n "$gmk"
expect 'that he fetched it makes it accepted' soon count_is accepted 1
expect 'and not opened' count_is opened 0

# ------------------------------------------------------------------ false ones
expect 'what is no receipt is malformed' sent_by m1 400 AAAA
expect 'and which field is said' says '.code == "malformed" and
	(.detail | length) > 0'
expect 'one that is cut short is malformed' sent_by m1 400 \
	"$(receipt | cut -c 1-200)"
expect 'one without base64 is malformed' sent_by m1 400 '****'
expect 'nobody speaks for another' sent_by m2 403 "$(receipt)"
expect 'and is told so' says '.code == "forbidden"'
expect 'an MCPTT server does not, either' status_is 403 as_server \
	-H 'Content-Type: application/json' --data-binary "@$dir/receipt" \
	/v1/receipts
expect 'who is nobody is not heard' test "$(world_curl "$url" -o "$dir/body" \
	-w '%{http_code}' -H 'Content-Type: application/json' \
	--data-binary "@$dir/receipt" /v1/receipts)" = 403
expect 'another signature under his name proves nothing' sent_by m1 403 \
	"$(receipt signer=m2)"
expect 'which is forbidden' says '.code == "forbidden"'
expect 'an HMAC without the key proves nothing' sent_by m1 403 \
	"$(receipt key=00000000000000000000000000000000)"
expect 'one from the future proves nothing' sent_by m1 403 \
	"$(receipt ms=$(($(date +%s%3N) + 600000)))"
expect 'one of another key period proves nothing' sent_by m1 403 \
	"$(receipt ms=$(($(date +%s%3N) - 2592000000)))"
good=$(receipt)
# The last octet of the HMAC, before the 172 digits of the signature: then the
# signature does not cover what is there, either.
cut=$((${#good} - 173))
flipped=$(printf '%s' "$good" | cut -c "$((cut + 1))" | tr 'A-Za-z0-9+/' 'B-ZAb-za1-90/+')
expect 'one octet changed on the way proves nothing' sent_by m1 403 \
	"$(printf '%s' "$good" | cut -c "1-$cut")$flipped$(printf '%s' "$good" |
		cut -c "$((cut + 2))-")"
expect 'a key that is not there is not found' sent_by m1 404 \
	"$(receipt id=0fffffff)"
expect 'and called so' says '.code == "member-not-found"'
expect 'nor is the key in another group' sent_by m1 404 \
	"$(receipt "group=$other")"
expect 'none of these opened it' count_is opened 0
expect 'it is accepted as before' count_is accepted 1

# -------------------------------------------------------------------- true ones
expect 'a true receipt is believed' sent_by m1 200 "$good"
expect 'and makes it opened' says '.state == "opened"'
expect 'one member has opened it' count_is opened 1
expect 'who does not count as accepted any more' count_is accepted 0
expect 'sent again it says the same' sent_by m1 200 "$good"
expect 'and so does another one of that key' sent_by m1 200 "$(receipt)"
expect 'which opens nothing twice' count_is opened 1
expect 'that is audited once' test \
	"$(grep -c 'event=delivery.opened' "$dir/gmsd.audit.log")" -eq 1
expect 'with key and member' grep -q \
	"event=delivery.opened.*gmk_id=0x$gmk_id.*member=sip:m1@example.org" \
	"$dir/gmsd.audit.log"
expect 'and counted' sh -c "curl -fsS '$health_url/metrics' |
	grep -qx 'gmsd_deliveries_opened_total 1'"
expect 'and how long it took is measured' sh -c "curl -fsS \
	'$health_url/metrics' | grep -q '^gmsd_store_commit_seconds_count [1-9]'"
expect 'fetching it again changes nothing' fetched m1
expect 'it stays opened' count_is opened 1
ctl keys "$group" >"$dir/table"
expect 'gmsctl has a column for it' grep -q 'OPENED' "$dir/table"
expect 'before he has fetched his, one may open it' sent_by m2 200 \
	"$(receipt signer=m2 member=m2)"
expect 'then both have' count_is opened 2
expect 'who is not in the group was sent nothing' sent_by m3 404 \
	"$(receipt signer=m3 member=m3)"

# ------------------------------------------------------- members who send theirs
world_members 2 >"$dir/members"
mkfifo "$dir/events"
"$mcue" run --members "$dir/members" --group "$group" --json --gms "$url" \
	--gms-id sip:gms@example.org --ca "$dir/ca.pem" --poll 200 \
	--receipts --receipt-spread 200 --control "$dir/control" >"$dir/events" 2>"$dir/mcue.log" &
mcue_pid=$!
exec 3<"$dir/events"

# Reads until so many said it; fails when one is refused.
await() # EVENT COUNT
{
	seen=0
	while [ "$seen" -lt "$2" ]; do
		read -r event <&3 || return 1
		echo "$event" >>"$dir/heard"
		case $event in
		*"\"event\":\"$1\""*) seen=$((seen + 1)) ;;
		*'"event":"receipt_refused"'*) return 1 ;;
		esac
	done
}
await receipt 2
expect 'members of mcue say that they have it' test "$seen" -eq 2
expect 'a new key is made' ctl rekey "$group" --no-wait
await receipt 2
expect 'and they say so again' test "$seen" -eq 2
expect 'which is all that gmsd goes by' count_is opened 2
expect 'each said it once for each key' test \
	"$(grep -c '"event":"receipt"' "$dir/heard")" -eq \
	"$(grep -c '"event":"key"' "$dir/heard")"

# ------------------------------------------------- answers to them that are lost
# Until there is a receipt for each key; fails when one is refused.
await_all()
{
	until [ "$(grep -c '"event":"receipt"' "$dir/heard")" -eq \
		"$(grep -c '"event":"key"' "$dir/heard")" ]; do
		read -r event <&3 || return 1
		echo "$event" >>"$dir/heard"
		case $event in
		*'"event":"receipt_refused"'*) return 1 ;;
		esac
	done
}
expect 'a third key is made' ctl rekey "$group" --no-wait
await key 2
expect 'from now on no answer comes' "$mcue" fault --control "$dir/control" \
	--lose 100
expect 'gmsd believes them all the same' soon count_is opened 2
expect 'answers come again' "$mcue" fault --control "$dir/control" --lose 0
await_all
expect 'and who had none has asked again' test $? -eq 0
expect 'which opens nothing twice' count_is opened 2

# ------------------------------------------------ a gmsd that is busy or not ready
# One that has lost what its KMS gave it, and cannot ask for it again; before it
# a member that looks at its document ten times as often as it may.
exec 3<&-
world_end "$mcue_pid"
mcue_pid=''
world_stop_gmsd
sqlite3 "$dir/gmsd.db" \
	"DELETE FROM blob WHERE CAST(name AS TEXT) = 'kms keyset'" ||
	world_die 'no store'
mv "$dir/tokens/sip:gms@example.org" "$dir/token"
echo none >"$dir/tokens/sip:gms@example.org"
world_configure 'limits = { requests_per_s = 1; burst = 2; };'
# Its ports are open, and that is all that is awaited.
world_await_ready()
{
	:
}
world_start_gmsd
world_members 1 >"$dir/members"
from=$(date +%s%3N)
"$mcue" run --members "$dir/members" --group "$group" --json --gms "$url" \
	--gms-id sip:gms@example.org --ca "$dir/ca.pem" --poll 100 --receipts \
	--receipt-spread 1 >"$dir/events" 2>"$dir/mcue.log" &
mcue_pid=$!
exec 3<"$dir/events"

# Reads until an event has that text; fails when a receipt is refused.
hear() # TEXT
{
	while read -r event <&3; do
		case $event in
		*"$1"*) return 0 ;;
		*'"event":"receipt_refused"'*) return 1 ;;
		esac
	done
	return 1
}

sent_back()
{
	grep -q 'event=vault.refused .*refusal="not ready"' "$dir/gmsd.log"
}

# Those that were too many: not more than one a second of the looks, and of the
# receipts. Who does not wait as he is told has nine of the looks.
waits_as_told()
{
	took=$(($(date +%s%3N) - from))
	many=$(curl -fsS "$health_url/metrics" |
		sed -n 's/^gmsd_http_limited_total{of="caller"} //p')
	echo "$many in $took ms"
	[ "$many" -ge 1 ] && [ "$many" -le $((2 + 2 * took / 1000)) ]
}
hear '"status":429'
expect 'who looks too often is told so' test $? -eq 0
expect 'a vault without keys sends his receipt back' soon sent_back
fetched m2
open_key m2
expect 'as unavailable' sent_by m2 503 "$(receipt signer=m2 member=m2)"
expect 'which says so' says '.code == "unavailable"'
expect 'and when to come again' grep -qi '^retry-after: [1-9]' "$dir/head"
mv "$dir/token" "$dir/tokens/sip:gms@example.org"
hear '"event":"receipt"'
expect 'he comes again until it is believed' test $? -eq 0
expect 'and looks no sooner than he was told' waits_as_told
closing_line
