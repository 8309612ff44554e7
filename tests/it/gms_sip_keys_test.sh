#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119 # sip_notify has a usual argument
# gms_sip_keys_test.sh - keys by SIP from a real gmsd: what a NOTIFY brings
# along opens, changes coalesce and exclusions do not wait, and a gmsd that was
# killed goes on in the same dialogs. Members are sipp and mcue.
set -u
here=$(dirname -- "$0")
# shellcheck source=tests/it/gms_world.sh
. "$here/gms_world.sh"
# shellcheck source=tests/it/gms_rows.sh
. "$here/gms_rows.sh"
# shellcheck source=tests/it/sip_world.sh
. "$here/sip_world.sh"
# shellcheck source=tests/it/sip_steps.sh
. "$here/sip_steps.sh"
sip_needed

node()
{
	echo "$(keys_of "$1")/~~/GKTPs/GMK-GKTPs"
}

# What a NOTIFY brought of that node.
content_of() # NAME N
{
	sip_notified "$1" "$2" | \
		sed -n 's/.*<d:element [^>]*>\(.*\)<\/d:element>.*/\1/p'
}

# Opens it as the member's device does.
opens() # USER NAME N
{
	{
		echo '<GKTPs xmlns="urn:3gpp:ns:mcpttGKTP:1.0">'
		content_of "$2" "$3"
		echo '</GKTPs>'
	} >"$dir/document"
	"$mcue" fetch --json --enrolment "$(world_enrolment "$1")" \
		--token "$dir/tokens/sip:$1@example.org" \
		--group sip:inc-1@example.org --gms "$url" --ca "$dir/ca.pem" \
		--gms-id sip:gms@example.org --document "$dir/document" \
		>"$dir/opened" 2>&1
	grep -q '"state":"current"' "$dir/opened" || {
		cat "$dir/opened"
		return 1
	}
}

gmk_id() # of the key to send with, of what was opened last
{
	sed -n 's/.*"gmk_id":"\([0-9a-f]*\)"[^}]*"state":"current".*/\1/p' \
		"$dir/opened"
}

cseq_of() # NAME N
{
	sip_nth "$1" "$2" | sed -n 's/^CSeq: \([0-9]*\) .*/\1/p'
}

came_at() # NAME N: when the N-th NOTIFY came
{
	awk -v n="$2" '
		/^-----------------------------------------------/ { at = $2 " " $3 }
		/^NOTIFY / && ++count == n { print at }' "$dir/$1.msg"
}

earlier() # TIME TIME
{
	[ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort | head -n 1)" = "$1" ]
}

# As a crash ends it: the front, and its monitor goes for want of it.
kill_gmsd()
{
	kill -9 "$(front_pid)"
	wait "$gmsd_pid"
	gmsd_pid=''
}

again() # OPTION...: the same gmsd, with other options
{
	sip_configure "answer_ms = 20000; $*"
	sip_start_gmsd
}

# ------------------------------------------------------------- a key in a NOTIFY

world_make 4
sip_policy='grace_s = 1; coalesce_ms = 50; quorum = 0; quorum_margin_s = 0;
	overlap_s = 1;'
again
m1=$(world_token m1)
make_group inc-1 m1 m2 m3 || world_die 'no group'
await_keys m1 || world_die 'no keys'
row PT-03 'a member subscribes with his token' \
	heard inline 600 "$m1" "$g1" "$(node m1)"
row PT-03 'and is told of the group' is_created inline 1 "$g1"
row PT-03 'whose profile he gets' status_is 200 as_user m1 "/xcap/$g1"
row PT-03 'his key comes along and opens' opens m1 inline 1
first_key=$(gmk_id)
# A node of XCAP leaves its namespaces to the document that it is in; what comes
# along has to stand by itself.
inline_is_get()
{
	content_of inline 1 | sed 's/ xmlns="[^"]*"//' >"$dir/inline"
	as_user m1 -f -g "/xcap/$(node m1)" >"$dir/got" && echo >>"$dir/got"
	[ -s "$dir/inline" ] && cmp "$dir/inline" "$dir/got"
}
row KD-13 'what came along is what a GET gives' inline_is_get
row KD-06 'another device of his subscribes' heard second 600 "$m1" "$(node m1)"
row KD-06 'and opens the same message' test \
	"$(content_of second 1)" = "$(content_of inline 1)"
row KD-06 'it does' opens m1 second 1
expect 'another member is told nothing of it' heard other 600 \
	"$(world_token m2)" "$(node m1)"
expect 'at all' silent other 1 GKTP

sip_begin change
sip_subscribe 1 600 "$m1" "$g1"
sip_expect 200
sip_notify
sip_notify
sip_start change
row PT-04 'a member subscribes, and is told' sip_await change 1
told=$(attribute change 1 "$g1" new-etag)
row PT-04 'what he gets has that ETag' test \
	"$(etag_of as_user m1 "/xcap/$g1")" = "$told"
row PT-04 'and is 304 if he has it' status_is 304 as_user m1 \
	-H "If-None-Match: \"$told\"" "/xcap/$g1"
rename_group inc-1 changed
row PT-04 'it changes, and he is told' sip_wait change
row PT-04 'he gets it again' status_is 200 as_user m1 \
	-H "If-None-Match: \"$told\"" "/xcap/$g1"
row PT-04 'with the new ETag' test "$(attribute change 2 "$g1" new-etag)" = \
	"$(etag_of as_user m1 "/xcap/$g1")"

# ------------------------------------------------------- pace, and what has none

# In one call of curl, which takes less time than 20 of them.
edits() # FROM TO
{
	i=$1
	while [ "$i" -le "$2" ]; do
		[ "$i" -eq "$1" ] || echo next
		cat <<-END
			url = "$url$(written_at inc-1)/~~/group/list-service/display-name"
			cacert = "$dir/ca.pem"
			header = "Authorization: Bearer $(world_token control)"
			header = "Content-Type: application/xcap-el+xml"
			request = PUT
			data = "<display-name xmlns='urn:oma:xml:poc:list-service' xml:lang='en'>edit $i</display-name>"
			output = "$dir/edited"
			fail
		END
		i=$((i + 1))
	done | curl -sS -K -
}
expel() # USER
{
	status_is 200 as_user control -X DELETE \
		"$(api_group inc-1)/members/sip%3A$1%40example.org?stop=hard"
}
sip_begin edits
sip_subscribe 1 600 "$m1" "$g1"
sip_expect 200
sip_notify
sip_notify
sip_start edits
sip_await edits 1
begun=$(date +%s%3N)
# After the other: what waits for its pace comes after the other's next.
sip_begin keys
sip_subscribe 1 600 "$m1" "$(node m1)"
sip_expect 200
sip_notify
sip_notify
sip_start keys
sip_await keys 1
edits 1 20
expel m3
edits 21 40
took_ms=$(($(date +%s%3N) - begun))
row SN-04 'an exclusion is told of' sip_wait keys
row SN-04 'it brings the new key' opens m1 keys 2
row SN-04 'which is another one' test "$(gmk_id)" != "$first_key"
row SN-04 'and edits are told of' sip_wait edits
# What took longer than the pace of 5 s says nothing of it.
if [ "$took_ms" -lt 4500 ]; then
	row SN-04 '40 of them in 5 s come to one NOTIFY' test \
		"$(attribute edits 2 "$g1" new-etag)" = \
		"$(etag_of as_user m1 "/xcap/$g1")"
	row SN-04 'the exclusion did not wait so long' earlier \
		"$(came_at keys 2)" "$(came_at edits 2)"
else
	skipped=$((skipped + 1))
	echo "skipped: 40 edits took $took_ms ms here"
fi

# ---------------------------------------------------------- killed in mid-life

world_members 2 >"$dir/two"
"$mcue" run --sip "sip:gms@127.0.0.1:$sip_port" --gms "$url" --json \
	--gms-id sip:gms@example.org --ca "$dir/ca.pem" \
	--group sip:inc-1@example.org --members "$dir/two" >"$dir/events" \
	2>"$dir/mcue.log" &
mcue_pid=$!
await_events() # EVENT COUNT
{
	since=$(date +%s)
	until [ "$(grep -c "\"event\":\"$1\"" "$dir/events")" -ge "$2" ]; do
		[ $(($(date +%s) - since)) -lt 20 ] || return 1
		sleep 0.02
	done
}
expect 'members of mcue subscribe' await_events subscribed 2
expect 'and have their key' await_events key 2
keys_before=$(grep -c '"event":"key"' "$dir/events")
sip_args='-max_reconnect 1000 -reconnect_close false -reconnect_sleep 50'
sip_begin alive
sip_subscribe 1 600 "$m1" "$g1"
sip_expect 200
sip_notify
sip_notify
sip_start alive
sip_args=
sip_await alive 1
rename_group inc-1 'the last words'
kill_gmsd
again
row RB-02 'gmsd was killed; who subscribed is told what changed' sip_await alive 2
row RB-02 'from what he was told last' test \
	"$(attribute alive 2 "$g1" previous-etag)" = \
	"$(attribute alive 1 "$g1" new-etag)"
row RB-02 'to what is there' test "$(attribute alive 2 "$g1" new-etag)" = \
	"$(etag_of as_user m1 "/xcap/$g1")"
row RB-02 'in the dialog that he has, further on' test \
	"$(cseq_of alive 2)" -gt "$(cseq_of alive 1)"
status_is 202 as_user control -X POST -H "$json" -d '{"hard":true}' \
	"$(api_group inc-1)/rekey"
row RB-02 'members of mcue have the next key' \
	await_events key $((keys_before + 2))
row RB-02 'and have not subscribed again' test \
	"$(grep -c '"event":"subscribed"' "$dir/events")" -eq 2
kill "$mcue_pid"
wait "$mcue_pid"
world_stop_gmsd

# ------------------------------------------------------- lost in an emergency

again 'urgent_answer_ms = 500;'
lost=$(metric lost_total)
sip_begin urgent
sip_subscribe 1 600 "$m1" "$(node m1)"
sip_expect 200
sip_notify
sip_notify -
sip_notify
sip_start urgent
sip_await urgent 1
expect 'a server tells of an emergency' status_is 200 as_server -X POST \
	-H "$json" -d '{"condition":"emergency"}' "$(api_group inc-1)/urgency"
status_is 202 as_user control -X POST -H "$json" -d '{"hard":true}' \
	"$(api_group inc-1)/rekey"
row SN-03 'in an emergency what is not answered is sent again' sip_wait urgent
row SN-03 'as another request in its dialog' test \
	"$(cseq_of urgent 3)" -gt "$(cseq_of urgent 2)"
expect 'the key that was lost' opens m1 urgent 2
lost_key=$(gmk_id)
row SN-03 'with the key that was lost' opens m1 urgent 3
row SN-03 'which is the same' test "$(gmk_id)" = "$lost_key"
row SN-03 'and the subscription is there still' test \
	"$(metric lost_total)" -eq "$lost"
world_stop_gmsd

# --------------------------------------------------------------------- good-bye

again 'deactivate = true;'
sip_begin bye
sip_subscribe 1 600 "$m1" "$g1"
sip_expect 200
sip_notify
sip_notify
sip_start bye
sip_await bye 1
world_stop_gmsd
row SN-05 'a gmsd that goes for good says so' sip_wait bye
row SN-05 'as a reason to come again' \
	state_is bye 2 'terminated;reason=deactivated'
again
row SN-05 'and knows nobody any more' test "$(metric subscriptions)" -eq 0

# ------------------------------------------------ documents instead of content

: >"$dir/events" # at once: not what the last one said
"$mcue" run --sip "sip:gms@127.0.0.1:$sip_port" --sip-documents --gms "$url" \
	--json --gms-id sip:gms@example.org --ca "$dir/ca.pem" \
	--group sip:inc-1@example.org --enrolment "$(world_enrolment m2)" \
	--token "$dir/tokens/sip:m2@example.org" >"$dir/events" \
	2>>"$dir/mcue.log" &
mcue_pid=$!
expect 'who is told of his document alone fetches it' await_events key 1
kill "$mcue_pid"
wait "$mcue_pid"
rows_end
closing_line
