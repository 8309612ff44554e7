#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119 # sip_notify has a usual argument
# gms_sip_test.sh - subscriptions at a real gmsd, driven by sipp: rows SN-* of
# the acceptance table, what is refused, and a flood.
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

# ---------------------------------------------------------------------- server

world_make 5
sip_policy='grace_s = 1; coalesce_ms = 50; quorum = 0; quorum_margin_s = 0;
	overlap_s = 1;'
sip_configure 'min_interval_ms = 300;'
sip_start_gmsd
m1=$(world_token m1)
make_group inc-1 m1 m2 m3 || world_die 'no group'
await_keys m1 || world_die 'no keys'

# --------------------------------------------------------------------- refused

sip_begin event
sip_event presence
row SN-05 'another event package is 489' refused event 489 600 "$m1" "$g1"
row SN-05 'and says which there is' answered event 'Allow-Events: xcap-diff'
sip_begin accept
sip_accept application/pidf+xml
expect 'who does not accept xcap-diff is 406' refused accept 406 600 "$m1" "$g1"
sip_begin nobody
expect 'without a token it is 403' refused nobody 403 600 - "$g1"
for how in none hmac kid signature; do
	sip_begin "forged-$how"
	expect "a token with a false $how is 403" refused "forged-$how" 403 600 \
		"$("$world" forge "$dir" sip:m1@example.org "$how")" "$g1"
done
sip_begin old
expect 'an expired one is 403' refused old 403 600 "$("$world" token "$dir" \
	sip:m1@example.org 3gpp:mc:ptt_group_management_service -60)" "$g1"
sip_begin short
expect 'too short a time is 423' refused short 423 5 "$m1" "$g1"
expect 'and says how long is enough' answered short 'Min-Expires: 60'
sip_begin unknown
sip_to nobody.1
expect 'a dialog that is not there is 481' refused unknown 481 600 "$m1" "$g1"
sip_begin foreign
expect 'a URI of another server is 400' refused foreign 400 600 "$m1" \
	"https://other.example/xcap/$g1"
sip_begin bad
sip_body application/vnd.3gpp.mcptt-info+xml '<mcpttinfo'
expect 'a body that does not read is 400' refused bad 400 600 -
sip_begin bomb
sip_body 'multipart/mixed;boundary=b' "$(
	i=0
	while [ "$i" -lt 40 ]; do
		printf -- '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'
		i=$((i + 1))
	done
)
--b--"
expect 'a body of too many parts is 413' refused bomb 413 600 -
expect 'refusals are counted' test "$(metric refused_total)" -ge 10
expect 'and nobody is subscribed' test "$(metric subscriptions)" -eq 0

# ------------------------------------------------------------ what one is told

plain=org.openmobilealliance.groups/global/byGroup/sip:inc-1@example.org
row PT-01 'a token subscribes, whoever From is' heard told 600 "$m1" \
	"$g1" "$plain" "$(keys_of m1)"
row PT-01 'as the one it names: his keys are there' \
	is_created told 1 "$(keys_of m1)"
row ID-04 'From does not matter' is_created told 1 "$(keys_of m1)"
row SN-01 'the root is named' says told 1 "xcap-root=\"$root\""
row SN-01 'sel is what was subscribed' is_created told 1 "$g1"
row SN-01 'octet for octet' is_created told 1 "$plain"
row SN-01 'an absolute URI of ours' heard absolute 600 "$m1" "$root$g1"
row SN-01 'is told of relative to the root' is_created absolute 1 "$g1"
row SN-01 'the ETag is that of a GET' test \
	"$(attribute told 1 "$g1" new-etag)" = "$(etag_of as_user m1 "/xcap/$g1")"

row SN-05 'Expires 0 is a fetch' heard fetch 0 "$m1" "$g1"
row SN-05 'which ends at once' state_is fetch 1 'terminated;reason=timeout'
row SN-05 'and tells all' is_created fetch 1 "$g1"
row SN-05 'Expires 4294967295 is shortened' heard long 4294967295 "$m1" "$g1"
row SN-05 'to what is allowed' test "$(sip_answers long |
	sed -n '/^Expires: [1-9]/{s/^Expires: //p;q}')" -le 86400
absent=$groups/sip%3Ainc-2%40example.org
refresh()
{
	sip_begin refresh
	sip_subscribe 1 600 "$m1" "$g1"
	sip_expect 200
	sip_notify
	sip_subscribe 2 900 -
	sip_expect 200
	sip_notify
	sip_subscribe 3 700 "$m1" "$(keys_of m1)"
	sip_expect 200
	sip_notify
	sip_subscribe 4 700 "$(world_token m2)" "$g1"
	sip_expect 403
	sip_subscribe 5 700 "$m1" "https://other.example/x"
	sip_expect 400
	sip_event presence
	sip_subscribe 6 700 -
	sip_expect 489
	sip_event 'xcap-diff;id=another'
	sip_subscribe 7 700 -
	sip_expect 481
	sip_contact elsewhere
	sip_subscribe 8 700 -
	sip_expect 200
	sip_notify
	sip_subscribe 9 0 -
	sip_expect 200
	sip_notify
	sip_subscribe 10 600 -
	sip_expect 481
	sip_run refresh
}
# Where the N-th NOTIFY went.
notified_at() # NAME N
{
	sip_came "$1" | grep '^NOTIFY' | sed -n "$2s/^NOTIFY sip:\([^@]*\)@.*/\1/p"
}
row SN-05 'a refresh is answered, and told all again' refresh
row SN-05 'without a list it keeps the list' silent refresh 2 GKTP
row SN-05 'its time is the new one' grep -qE \
	'active;expires=(899|900)' "$dir/refresh.msg"
row SN-05 'with a list it has the new one' \
	is_created refresh 3 "$(keys_of m1)"
row SN-05 'and not the old one' silent refresh 3 "$g1"
row SN-05 'he is told where he was' test "$(notified_at refresh 3)" = ue
row SN-05 'and then where he says that he is' test \
	"$(notified_at refresh 4)" = elsewhere
row SN-05 'good-bye ends it' state_is refresh 5 'terminated;reason=timeout'

# ------------------------------------------------ what changes, and who sees it

sip_begin watch
sip_subscribe 1 600 "$(world_token control)" "$absent"
sip_expect 200
for _ in 1 2 3 4 5; do
	sip_notify
done
sip_start watch
sip_begin stranger
sip_subscribe 1 600 "$(world_token m4)" "$g1" "$(keys_of m1)" "$groups/x"
sip_expect 200
sip_notify
sip_notify
sip_start stranger
sip_begin folder
sip_subscribe 1 600 "$(world_token control)" "$groups/"
sip_expect 200
sip_notify
sip_notify
sip_start folder
row SN-06 'what is not there is no error' sip_await watch 1
row SN-06 'and not spoken of' silent watch 1 '<document'
row SN-06 'nor is what one may not read' sip_await stranger 1
row SN-06 'at all' silent stranger 1 '<document'
row SN-07 'a folder is subscribed' sip_await folder 1
row SN-07 'and says what is in it' is_created folder 1 "$g1"
make_group inc-2 m1 m2 || world_die 'no second group'
row SN-02 'a document is created' sip_await watch 2
row SN-02 'with its new ETag alone' is_created watch 2 "$absent"
row SN-06 'it appears when it is created' is_created watch 2 "$absent"
row SN-07 'a new one in a folder is told of' sip_wait folder
row SN-07 'by its own name' is_created folder 2 "$absent"
row SN-07 'alone' silent folder 2 "$g1"
rename_group inc-2 'another name'
row SN-02 'it is changed' sip_await watch 3
row SN-02 'from the one to the other' is_changed watch 3 "$absent"
row SN-02 'which is the one told before' test \
	"$(attribute watch 3 "$absent" previous-etag)" = \
	"$(attribute watch 2 "$absent" new-etag)"
put_again()
{
	as_user control -fo "$dir/same" "$(written_at inc-2)" &&
		as_user control -f -X PUT --data-binary "@$dir/same" \
			-H 'Content-Type: application/vnd.oma.poc.groups+xml' \
			"$(written_at inc-2)"
}
row SN-02 'it is written as it is' put_again
row SN-02 'which is told' sip_await watch 4
row SN-02 'as another tag' is_changed watch 4 "$absent"
row SN-02 'of the same body' says watch 4 '<body-not-changed>'
row SN-02 'as nothing was before' silent watch 3 body-not-changed
as_user control -f -X DELETE "$(written_at inc-2)"
row SN-02 'it is deleted' sip_wait watch
row SN-02 'with its previous ETag alone' is_gone watch 5 "$absent"
status_is 201 as_user control -X POST -H "$json" -d \
	'{"uri":"sip:m4@example.org"}' "$(api_group inc-1)/members"
row SN-06 'and when it is allowed' sip_wait stranger
row SN-06 'it is told of' is_created stranger 2 "$g1"
row SN-06 'but never are the keys of another' silent stranger 2 m1

# ---------------------------------------------------------- one NOTIFY at a time

sip_begin late
sip_subscribe 1 600 "$m1" "$g1"
sip_expect 200
sip_notify
sip_notify -
sip_hold late
sip_answer 200
sip_notify
sip_start late
sip_await late 1
rename_group inc-1 one
sip_await late 2
rename_group inc-1 two
rename_group inc-1 three
# When this one has heard of a change, the other one has had time to.
sip_begin prompt
sip_subscribe 1 600 "$(world_token m2)" "$g1"
sip_expect 200
sip_notify
sip_notify
sip_start prompt
sip_await prompt 1
rename_group inc-1 four
row SN-03 'who answers is told of the next change' sip_wait prompt
row SN-03 'no second NOTIFY before the first is answered' test \
	"$(sip_notices late)" -eq 2
sip_go late
row SN-03 'then there is one' sip_wait late
row SN-03 'of all changes since the one before' test \
	"$(attribute late 3 "$g1" previous-etag)" = \
	"$(attribute late 2 "$g1" new-etag)"
row SN-03 'up to the last' test "$(attribute late 3 "$g1" new-etag)" = \
	"$(etag_of as_user m1 "/xcap/$g1")"

# --------------------------------------------------------------------- a server

asserted() # NAME WHO
{
	sip_begin "$1"
	sip_header "P-Asserted-Identity: <sip:$2@example.org>"
}
by_server()
{
	asserted server server
	sip_subscribe 1 600 - "$g1" "$(keys_of m1)"
	sip_expect 200
	sip_notify
	sip_subscribe 2 0 -
	sip_expect 200
	sip_notify
	sip_run server
}
row SN-08 'a server subscribes by the identity that its core asserts' by_server
row SN-08 'it is told of the document' is_created server 1 "$g1"
row SN-08 'and not of keys' silent server 1 GKTP
row SN-08 'the ETag is that of the whole document' test \
	"$(attribute server 1 "$g1" new-etag)" = \
	"$(etag_of as_server "/xcap/$g1")"
row SN-08 'which has the list in it' grep -q 'sip:m2@example.org' "$dir/body"
asserted member m1
row SN-08 'nobody else does so' refused member 403 600 - "$g1"
from_outside()
{
	sip_ip=127.0.0.2
	asserted outside server
	refused outside 403 600 - "$g1"
}
row SN-08 'nor from outside of the core' from_outside

# ------------------------------------------------------------------------ flood

# Sixteen devices, and no more.
crowd()
{
	sip_args='-m 16'
	sip_begin crowd
	sip_subscribe 1 600 "$(world_token m5)" "$g1"
	sip_expect 200
	sip_notify
	sip_run crowd
}
# A sanitized gmsd is several times slower, and its flood smaller.
sanitized=no many=10000 rate=4000
! grep -q __asan_init "$(dirname "$gmsd")/gmsd-front" ||
	sanitized=yes many=2000 rate=400
flood()
{
	sip_args="-m $many -r $rate -l 1000 -aa -timeout 240"
	sip_begin flood
	sip_subscribe 1 600 "$(world_token m5)" "$g1"
	sip_expect 480
	sip_start flood
	in_time is_flooded
	falls_behind
	falls_behind
	falls_behind
	sip_wait flood
}
is_flooded()
{
	[ "$(metric refused_total)" -ge $((refusals + many / 5)) ]
}
# In the middle of it the front does nothing until its peer cannot go on; what is
# before it then is more each time, as far as TCP is let. It refuses all that,
# but does not close the connection, which is a core's for all its users.
falls_behind()
{
	front=$(front_pid) size=
	kill -STOP "$front"
	until [ "$(stat -c %s "$dir/flood.msg")" = "$size" ]; do
		size=$(stat -c %s "$dir/flood.msg")
		sleep 0.2
	done
	kill -CONT "$front"
}
expect 'one identity has sixteen subscriptions' crowd
refusals=$(metric refused_total) before=$(front_kib)
active=$(metric subscriptions)
expect "all else of $many SUBSCRIBEs from one source is 480" flood
rm -f "$dir/flood.msg"
expect 'each is counted' test "$(metric refused_total)" -eq $((refusals + many))
expect 'no subscription is made' test "$(metric subscriptions)" -le "$active"
# A sanitized build keeps what was freed, and shadows it.
if [ $sanitized = yes ]; then
	echo 'skipped: memory after a flood, in a sanitized build'
	skipped=$((skipped + 1))
else
	expect 'and memory is as before, by 32 MiB at most' test \
		$(($(front_kib) - before)) -lt 32768
fi

# ----------------------------------------------------------- who never answers

world_stop_gmsd
sip_configure 'answer_ms = 1000;'
sip_start_gmsd
sip_begin mute
sip_subscribe 1 600 "$(world_token m3)" "$g1"
sip_expect 200
sip_notify -
sip_hold mute
sip_subscribe 2 600 -
sip_expect 481
sip_start mute
sip_await mute 1
is_gone_for_good()
{
	grep -q 'event=gms.sub_gone who=sip:m3@example.org ' "$dir/gmsd.log"
}
row SN-03 'who never answers is given up' in_time is_gone_for_good
row SN-03 'which is counted' test "$(metric lost_total)" -ge 1
sip_go mute
row SN-03 'he is no subscriber any more' sip_wait mute
row SN-03 'and has heard nothing more' test "$(sip_notices mute)" -eq 1
rows_end
closing_line
