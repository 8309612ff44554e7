#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# demo.sh [--members N] [--https] [--json] [--keep] [--capture FILE] - an
# incident, from the group to the keys, on loopback: a KMS ceremony with shares,
# kdsd, gmsd and N members (500) who provision themselves; a control room makes
# an incident group, all members open their key; one is expelled as compromised,
# the rest hold a new key, and the expelled one cannot open it.
#
# Members are told of keys over SIP; with --https there is none, and each looks
# at its key document every second.
#
# Every number is measured: what members opened is what mcue says they opened,
# and what gmsd knows of it is what it believed of their receipts.
# Run by ./muster demo in the folder of the build. --json prints one object as
# the last line; --keep leaves everything running until Ctrl-C; --capture writes
# what went over SIP to FILE, with dumpcap, where that may (docs/capture.md).
set -u
members=500 https=false json=false keep=false capture=
while [ $# -gt 0 ]; do
	case $1 in
	--members)
		members=${2-}
		shift
		;;
	--https) https=true ;;
	--json) json=true ;;
	--keep) keep=true ;;
	--capture)
		capture=${2-}
		shift
		;;
	*)
		echo "demo: unknown option: $1" >&2
		exit 2
		;;
	esac
	shift
done
case $members in
'' | *[!0-9]* | 0* | ??????*)
	echo "demo: --members takes a number from 3 to 5000" >&2
	exit 2
	;;
esac
if [ "$members" -lt 3 ] || [ "$members" -gt 5000 ]; then
	echo "demo: --members takes a number from 3 to 5000" >&2
	exit 2
fi
if $https && [ -n "$capture" ]; then
	echo 'demo: --capture is of SIP, of which --https has none' >&2
	exit 2
fi
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/../../tests/it/gms_world.sh"
# shellcheck source=tests/it/sip_world.sh
. "$(dirname -- "$0")/../../tests/it/sip_world.sh"
trap 'demo_stop' EXIT

group=sip:incident-1@groups.example.org
thief=m2 honest=m1
ue_pid='' drain_pid='' capture_pid='' watch_pid='' bar=false receipts=0
# A bar is for eyes: a file gets one line for each step.
[ ! -t 1 ] || bar=true
begun=$(date +%s%3N)

demo_stop()
{
	end_capture
	# The shell would say that the watch was terminated.
	{ world_end "$watch_pid"; } 2>/dev/null
	world_end "$ue_pid"
	watch_pid='' ue_pid=''
	world_stop
}

now_ms()
{
	date +%s%3N
}

# ------------------------------------------------------------ what one sees
step() # TEXT: its time follows when it is done
{
	step_text=$1 step_from=$(now_ms)
	! $bar || printf '%-44s' "$step_text"
}

progress() # DONE ALL: at most fifty times a step
{
	$bar || return 0
	[ $(($1 * 50 / $2)) -ne $((($1 - 1) * 50 / $2)) ] || return 0
	filled=$(($1 * 24 / $2))
	printf '\r%-44s[%s%s] %d/%d' "$step_text" \
		"$(printf '%*s' "$filled" '' | tr ' ' '#')" \
		"$(printf '%*s' $((24 - filled)) '')" "$1" "$2"
}

done_in() # [MS]
{
	took=${1-$(($(now_ms) - step_from))}
	! $bar || printf '\r\033[K'
	printf '%-44s%9d ms\n' "$step_text" "$took"
}

give_up() # WHAT
{
	echo
	echo "demo: $1" >&2
	tail -q -n 2 "$dir"/*.log | cut -c 1-160 >&2
	exit 1
}

# ------------------------------------------------- the world, with a ceremony
world_ceremony()
{
	mkdir "$dir/shares"
	world_do "$kms" init --dir "$dir/kms" --uri kms.example.org \
		--shares 5 --threshold 3 --shares-out "$dir/shares"
	kms_lock="--share $dir/shares/share-1.txt --share $dir/shares/share-3.txt
		--share $dir/shares/share-4.txt"
}

# ------------------------------------------------------- what members say
field() # NAME: of the event in $event, a text or a number, into $value
{
	value=${event#*\""$1"\":}
	value=${value#\"}
	value=${value%%[\",\}]*}
}

# Reads the next event; counts receipts, which come when they come.
hear()
{
	read -r event <&3 || give_up 'the members have ended'
	case $event in
	*'"event":"receipt"'*) receipts=$((receipts + 1)) ;;
	*'"event":"failed"'* | *'"event":"refused"'* | \
		*'"event":"receipt_refused"'*)
		field why
		give_up "a member: $value"
		;;
	esac
}

# Reads until COUNT receipts were believed.
await_receipts() # COUNT
{
	while [ "$receipts" -lt "$1" ]; do
		hear
		progress "$receipts" "$1"
	done
}

# Reads until COUNT members said EVENT; $last is when the last of them did, and
# $gmk_id the key that it was about.
await() # EVENT COUNT
{
	seen=0
	while [ "$seen" -lt "$2" ]; do
		hear
		case $event in
		*"\"event\":\"$1\""*)
			seen=$((seen + 1))
			progress "$seen" "$2"
			;;
		esac
	done
	field at_ms
	last=$value
	field gmk_id
	gmk_id=$value
}

# It captures from the moment that it has named its file.
start_capture()
{
	[ -n "$capture" ] || return 0
	# Members' ports are not known yet: all that is not HTTPS.
	filter=tcp
	for other in "$url" "$mutual_url" "$health_url" "$kds_url"; do
		filter="$filter and not port ${other##*:}"
	done
	dumpcap -q -i lo -f "$filter" -w "$capture" \
		>"$dir/capture.out" 2>&1 &
	capture_pid=$!
	until grep -q '^File:' "$dir/capture.out" 2>/dev/null; do
		kill -0 "$capture_pid" 2>/dev/null || {
			echo "skipped: no capture, dumpcap is not here or may not" >&2
			capture='' capture_pid=''
			return 0
		}
	done
}

end_capture()
{
	[ -z "$capture_pid" ] || {
		kill -INT "$capture_pid" 2>/dev/null
		wait "$capture_pid"
	}
	capture_pid=''
}

start_gmsd()
{
	if $https; then
		world_configure
		world_start_gmsd
	else
		sip_configure '' # no options beside the usual ones
		sip_start_gmsd
	fi
}

start_members()
{
	world_members "$members" >"$dir/members"
	mkfifo "$dir/events"
	hears="--sip sip:gms@127.0.0.1:$sip_port"
	! $https || hears='--poll 1000'
	# So many receipts a second as 500 members send in three.
	spread_ms=$((members < 500 ? members * 6 : 3000))
	# shellcheck disable=SC2086 # the words of $hears
	"$mcue" run --members "$dir/members" --group "$group" --json \
		--gms "$url" --gms-id sip:gms@example.org --ca "$dir/ca.pem" \
		--receipts --receipt-spread $spread_ms --control "$dir/control" $hears \
		>"$dir/events" 2>"$dir/mcue.log" &
	ue_pid=$!
	exec 3<"$dir/events"
}

# ---------------------------------------------------- what the control room does
control() # GMSCTL-ARG...
{
	"$gmsctl" "$@" --server "$url" --ca "$dir/ca.pem" \
		--token "$dir/tokens/sip:control@example.org" \
		>"$dir/gmsctl.out" 2>"$dir/gmsctl.log" || give_up "gmsctl $1 failed"
}

# gmsd's own events, as they come.
start_watch()
{
	"$gmsctl" watch --json --group "$group" --server "$url" \
		--ca "$dir/ca.pem" --token "$dir/tokens/sip:control@example.org" \
		>"$dir/watched" 2>"$dir/watch.log" &
	watch_pid=$!
}

# When the first message with a key went out; the event may be on its way still.
first_sent_ms() # GMK-ID
{
	until at=$(grep -m 1 "\"key.sent\".*$1" "$dir/watched"); do
		kill -0 "$watch_pid" || return 1
	done
	event=$at
	field at
	date -d "$value" +%s%3N
}

# What the front has used so far: CPU milliseconds and memory.
front_figures()
{
	front_pid=$(sed -n "s/^\([0-9]*\) (gmsd-front) [A-Z] $gmsd_pid .*/\1/p" \
		/proc/[0-9]*/stat 2>/dev/null)
	front_ms=$(awk -v tick="$(getconf CLK_TCK)" '
		{ printf "%d", ($14 + $15) * 1000 / tick }' "/proc/$front_pid/stat")
	front_kib=$(awk '/^VmRSS:/ { print $2 }' "/proc/$front_pid/status")
}

# How many members proved that they opened the key, as gmsd knows it.
opened_by_receipts() # GMK-ID
{
	control keys "$group" --json
	tr '{' '\n' <"$dir/gmsctl.out" | sed -n "/\"gmk_id\": *\"$1\"/,\$p" |
		sed -n 's/.*"opened": *\([0-9]*\).*/\1/p' | head -n 1
}

# So far; 0 without SIP.
notifies()
{
	curl -sS "$health_url/metrics" |
		awk '/^gmsd_sip_notified_total / { n = $2 } END { print n + 0 }'
}

messages_sent()
{
	curl -sS "$health_url/metrics" |
		sed -n 's/^gmsd_messages_signed_total \([0-9]*\).*/\1/p'
}

# ------------------------------------------------------ what the expelled can do
key_document() # USER
{
	as_user "$1" -f -o "$dir/document" \
		"/xcap/org.3gpp.MCPTT-GKTP/users/sip%3A$1%40example.org/$group_path"
}

# Whether USER opens the new key out of the honest member's document, which it
# has got somehow, and whoever it may be addressed to.
can_open() # USER
{
	"$mcue" fetch --enrolment "$(world_enrolment "$1")" \
		--token "$dir/tokens/sip:$1@example.org" --group "$group" \
		--gms "$url" --gms-id sip:gms@example.org --ca "$dir/ca.pem" \
		--document "$dir/document" --any-receiver --json \
		>"$dir/opened" 2>"$dir/fetch.log"
	grep -q "\"gmk_id\":\"$gmk_id\"" "$dir/opened"
}

# What its running self holds, and what it can do with a document that it stole.
# The same try has to work for whom the document is.
try_to_open()
{
	key_document "$honest" || give_up 'no key document to steal'
	can_open "$honest" || give_up 'not even its owner opens the document'
	expelled_can_open=false
	! can_open "$thief" || expelled_can_open=true
	"$mcue" status --control "$dir/control" --json | tr '{' '\n' |
		awk -v user="\"user\":\"sip:$thief@example.org\"" -v id="$gmk_id" '
		/"user":/ { his = index($0, user) }
		his && index($0, id) { found = 1 }
		END { exit !found }' && expelled_can_open=true
}

# ------------------------------------------------------------------- the story
group_path=$(printf '%s' "$group" | sed 's/:/%3A/; s/@/%40/')
echo "An incident with $members members, on loopback"
step 'ceremony, 3 of 5 shares; keys; kdsd'
world_make "$members"
done_in
step 'gmsd: monitor, front, vault'
start_gmsd
done_in
start_capture
if $https; then
	step 'members get their own keys'
	start_members
	await ready "$members"
else
	step 'members get their own keys, and subscribe'
	start_members
	await subscribed "$members"
fi
done_in
step 'control room makes a group; all open its key'
head -n "$members" "$dir/users" >"$dir/list"
start_watch
from=$(now_ms)
control group create "$group" --members "$dir/list" --incident --no-wait
await key "$members"
create_ms=$((last - from))
first_gmk=$gmk_id
done_in "$create_ms"
step 'and prove it to gmsd, a little later'
await_receipts "$members"
done_in
step "$thief is compromised: all others have a new key"
front_figures
before_ms=$front_ms notified=$(notifies)
receipts=0 from=$(now_ms)
control compromise "sip:$thief@example.org"
await key $((members - 1))
expel_ms=$((last - from))
front_figures
[ "$gmk_id" != "$first_gmk" ] || give_up 'there is no new key'
done_in "$expel_ms"
remaining=$seen
step 'and prove it to gmsd, a little later'
await_receipts "$remaining"
# What members say from now on is read, or the pipe fills and they stand still.
cat <&3 >/dev/null &
drain_pid=$!
proved=$(opened_by_receipts "$gmk_id")
done_in
sent_ms=$(first_sent_ms "$gmk_id") || give_up 'gmsd has not told of the key'
step "$thief tries to open the new key"
try_to_open
done_in
end_capture
notices=$(($(notifies) - notified))
sent=$(messages_sent)

if $expelled_can_open; then verdict=YES; else verdict=no; fi
cat <<END

members                                      $members
the first key, from the order to the last    $create_ms ms
the new key, from the order to the last      $expel_ms ms
  to the first message of it                 $((sent_ms - from)) ms
remaining members that opened it             $remaining
  and proved it to gmsd by receipts          ${proved:-?}
NOTIFYs of it, and of the last of the old    $notices
  its CPU time for that, its memory          $((front_ms - before_ms)) ms, $((front_kib / 1024)) MiB
can the expelled one open it                 $verdict
messages sent                                ${sent:-?}
in all                                       $(($(now_ms) - begun)) ms
END
if $keep; then
	cat <<END

It goes on running until Ctrl-C. The API is at $url/v1; to watch it:

    ./muster run gmsctl watch --server $url --ca $dir/ca.pem \\
        --token $dir/tokens/sip:control@example.org
    ./muster run mcue status --control $dir/control
END
fi
if $json; then
	transport=sip
	! $https || transport=https
	printf '{"members": %d, "transport": "%s", ' "$members" "$transport"
	printf '"create_to_all_opened_ms": %d, ' "$create_ms"
	printf '"expel_to_all_opened_ms": %d, "expel_to_first_sent_ms": %d, ' \
		"$expel_ms" $((sent_ms - from))
	printf '"expelled_can_open": %s, "remaining_opened": %d, ' \
		"$expelled_can_open" "$remaining"
	printf '"remaining_proved": %d, ' "$proved"
	printf '"notifies": %d, "front_cpu_ms": %d, "front_rss_kib": %d, ' \
		"$notices" $((front_ms - before_ms)) "$front_kib"
	printf '"messages_sent": %d}\n' "$sent"
fi
[ "$expelled_can_open" = false ] || exit 1
if $keep; then
	wait "$drain_pid"
fi
