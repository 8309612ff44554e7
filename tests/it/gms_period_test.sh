#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_period_test.sh - a key period ends while members are away: what they took
# along opens afterwards, and what they come for does, too. Row KD-04 of the
# acceptance table. Nothing moves a clock: the KMS's periods are as long as ever,
# and its offset is such that one of them ends while this test runs.
set -u
here=$(dirname -- "$0")
# shellcheck source=tests/it/gms_world.sh
. "$here/gms_world.sh"
# shellcheck source=tests/it/gms_rows.sh
. "$here/gms_rows.sh"
# shellcheck source=tests/it/gms_keys.sh
. "$here/gms_keys.sh"

later=sip:incident-8@groups.example.org

group() # GROUP: of m2, who is away, and m3
{
	ctl group create "$1" --member sip:m2@example.org \
		--member sip:m3@example.org --no-wait >"$dir/made" 2>&1 ||
		world_die "no group $1"
}

# m3 takes a key document along; GROUP is keyed when that has so many messages.
takes_along() # GROUP FILE COUNT
{
	document m3 "$2" "$1" 2>"$dir/refused" &&
		[ "$(messages "$2" | wc -l)" -eq "$3" ]
}

# gmsd with so many key periods of messages ahead.
serve() # PERIODS
{
	world_configure "policy = { prebuild_periods = $1; };"
	world_start_gmsd
}

# Everything that has to be before the period ends, in so many seconds; false
# when it took longer.
before() # SECONDS
{
	ends=$(($(date +%s) + $1))
	kms_offset=$(((ends + 2208988800) % 2592000))
	world_make 3
	keep_enrolment m2 m3
	clear_keys m3 $((period + 1)) >"$dir/made" 2>&1 || return 1
	mv "$dir/keys.m3" "$dir/keys.next"
	clear_keys m3 >"$dir/made" 2>&1 || return 1
	serve 1
	group "$g"
	soon takes_along "$g" along 2 || return 1
	world_stop_gmsd
	serve 0
	group "$later"
	soon takes_along "$later" later 1 || return 1
	[ "$(date +%s)" -lt "$ends" ]
}

# This is no race: a machine that is too slow gets more time.
for seconds in 8 30 90 ''; do
	[ -n "$seconds" ] || world_die 'no group is keyed before its period ends'
	! before "$seconds" || break
	world_stop
	mkdir "$dir"
done

# ----------------------------------------------------------- while it still is
nth() # FILE N: the message
{
	messages "$1" | sed -n "$2p" | cut -d' ' -f2
}
now=$(nth along 1) next=$(nth along 2)
mv "$dir/keys.m3" "$dir/keys.now"
opens_with() # KEYS MESSAGE
{
	cp "$dir/keys.$1" "$dir/keys.m3"
	opens m3 "$2"
}
row KD-04 'there is a message of this period' opens_with now "$now"
opens_with now "$now"
key=$(opened key) id=$(opened gmk_id) rand=$(opened rand)
row KD-04 'and one of the next' opens_with next "$next"
opens_with next "$next"
row KD-04 'with the same key' test \
	"$(opened key) $(opened gmk_id) $(opened rand)" = "$key $id $rand"
row KD-04 'each opens in its period alone' refuses opens_with now "$next"
row KD-04 'the other, too' refuses opens_with next "$now"
opens_with now "$(nth later 1)"
later_key=$(opened key) later_id=$(opened gmk_id)
row KD-04 'of the second group there is none of the next' refuses opens_with \
	next "$(nth later 1)"

# ----------------------------------------------------------- and when it is not
until [ "$(date +%s)" -ge "$ends" ]; do
	sleep 0.1
done
reads() # FILE: m3's device, of a document that he has
{
	"$mcue" fetch --json --enrolment "$dir/copy.m3" \
		--token "$dir/tokens/sip:m3@example.org" --group "$2" \
		--gms https://127.0.0.1:1 --gms-id sip:gms@example.org \
		--ca "$dir/ca.pem" --document "$dir/$1" >"$dir/read" \
		2>"$dir/looked"
}
row KD-04 'the period ends; who took the messages along has the key' reads \
	along "$g"
row KD-04 'which is in force' grep -q \
	"\"gmk_id\":\"$id\".*\"state\":\"current\"" "$dir/read"
row KD-04 'who took along that of the first period alone has none' refuses \
	reads later "$later"
of_group() # GROUP COMMAND...
{
	g=$1
	shift
	"$@"
}
row KD-04 'who was away comes, and finds a message that he opens' soon has_key m2
row KD-04 'it is the same key' test "$(current m2)" = "$id"
row KD-04 'of the second group it is made anew: he opens it' soon of_group \
	"$later" has_key m2
row KD-04 'the same key again' test "$(of_group "$later" current m2)" = \
	"$later_id"
row KD-04 'his device has keys of this period' clear_keys m2 $((period + 1))
document m2 anew "$later"
row KD-04 'one message, of this period' test "$(messages anew | wc -l)" -eq 1
row KD-04 'with that key' opens m2 "$(nth anew 1)"
opens m2 "$(nth anew 1)"
row KD-04 'octet for octet' test "$(opened key)" = "$later_key"
rows_end
closing_line
