#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_kek_test.sh - another KEK for a gmsd with a live group, as gmsd(8) says it
# is done: everything goes under the new one, members notice nothing, the old
# one opens nothing any more; killed in between it goes on; and who takes the
# old one away too early is told which.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"
# shellcheck source=tests/it/gms_keys.sh
. "$(dirname -- "$0")/gms_keys.sh"

unset GMSCTL_SERVER GMSCTL_CA GMSCTL_TOKEN GMSCTL_CERT GMSCTL_KEY
HOME=$dir XDG_CONFIG_HOME=$dir
export HOME XDG_CONFIG_HOME

kek() # ARG...: gmsctl kek as the security officer
{
	"$gmsctl" kek "$@" --server "$mutual_url" --ca "$dir/ca.pem" \
		--cert "$dir/officer.pem" --key "$dir/officer.key"
}

status() # JQ-FILTER
{
	kek status --json | jq -r "$1"
}

gmsd_does() # COMMAND
{
	quietly "$gmsd" --config "$dir/gmsd.conf" "$1"
}

restart()
{
	world_stop_gmsd
	world_start_gmsd
}

# What of the server's files has an object in it that begins as one does that
# is sealed under that KEK: version, KEK-ID.
under() # KEK-ID
{
	for file in "$dir"/gmsd.db* "$dir/gmsd.identity"; do
		od -An -v -tx1 "$file" | tr -d ' \n' | grep -q "01$1" &&
			basename "$file"
	done
}

nothing_under() # KEK-ID
{
	[ -z "$(under "$1")" ]
}

says() # TEXT COMMAND...: fails, and says it
{
	text=$1
	shift
	refuses "$@" >"$dir/words" 2>&1 && grep -q -- "$text" "$dir/words"
}

# A gmsd that says why it ends, and ends.
starts()
{
	quietly timeout 60 "$gmsd" --config "$dir/gmsd.conf"
}

# ------------------------------------------------------------ a group that lives

world_make 4
keep_enrolment m1 m2 m3 m4
world_start_gmsd
clear_keys m1 >"$dir/made" 2>&1 || world_die 'no keys for m1'
expect 'a group is made' ctl group create "$g" --member sip:m1@example.org \
	--member sip:m2@example.org --member sip:m3@example.org
expect 'its members have its key' soon has_key m1
first=$(current m1)
spare_is_made() { [ "$(status '.keks[0].envelopes')" -ge 6 ]; }
expect 'the next one is wrapped for them' soon spare_is_made

# ------------------------------------------------------------------- the rotation

old=$(status .kek)
expect 'one KEK seals all of it' test "$(status '.keks | length') $(status .left)" \
	= '1 0'
for right in '/v1/kek' '-X POST /v1/kek/rotate'; do
	# shellcheck disable=SC2086 # words
	expect "it is not the control room's: $right" status_is 403 as_user control \
		$right
done
cp "$dir/gmsd.kek" "$dir/kek.old"
expect 'another KEK is made' gmsd_does kek-add
expect 'behind the first' sh -c "[ \$(wc -c <'$dir/gmsd.kek') = 64 ] &&
	cmp -n 32 '$dir/gmsd.kek' '$dir/kek.old'"
expect 'which changes nothing yet' test "$(status .kek)" = "$old"
restart
new=$(status .kek)
expect 'it seals from then on' test "$new" != "$old"
expect 'the identity file is under it' test \
	"$(status ".keks[] | select(.kek == \"$new\").identity")" = true
expect 'keys and envelopes are not' test "$(under "$old")" = gmsd.db
left=$(status .left)
expect 'it is told how many' test "$left" -ge 8

# ---------------------------------------------------- the old one goes too early

world_stop_gmsd
expect 'the old one is taken away' gmsd_does kek-retire
expect 'into a file beside' cmp "$dir/gmsd.kek.retired" "$dir/kek.old"
expect 'then it does not begin, and says what is missing' says \
	"KEK $old is missing, and .* keys and .* envelopes" starts
mv "$dir/gmsd.kek" "$dir/kek.new"
cp "$dir/kek.old" "$dir/gmsd.kek"
expect 'nor with the old one alone' says \
	"is sealed under KEK $new, which is missing" starts
cat "$dir/kek.old" "$dir/kek.new" >"$dir/gmsd.kek"
rm "$dir/gmsd.kek.retired"

# ----------------------------------------------------------- killed in the midst

# The same programs, but for the points at which the front dies.
mkdir "$dir/bin"
cp ./gms/gmsd ./gms/gmsd-vault "$dir/bin"
cp ./gms/gmsd-front-fault "$dir/bin/gmsd-front"
sound=$gmsd
dies_when_ordered()
{
	gmsd=$dir/bin/gmsd
	MUSTER_FAULT=reseal.ordered:1
	export MUSTER_FAULT
	world_start_gmsd
	unset MUSTER_FAULT
	gmsd=$sound
	if kek rotate >"$dir/rotated" 2>&1; then
		world_stop_gmsd
		return 1
	fi
	wait "$gmsd_pid"
	gmsd_pid=''
}
goes_on_and_dies_at() # POINT
{
	MUSTER_FAULT=$1:1 quietly timeout 60 "$dir/bin/gmsd" \
		--config "$dir/gmsd.conf" >"$dir/out" 2>>"$dir/gmsd.log"
	[ $? -eq 1 ]
}
dies_when_ordered || world_die 'it was not killed'
expect 'killed when it is ordered, nothing is lost' test \
	"$(under "$old")" = gmsd.db
# Two batches: keys, then envelopes.
for point in reseal.ask reseal.answered reseal.stored reseal.answered \
	reseal.stored reseal.finish; do
	expect "killed at $point, it went on by itself till there" \
		goes_on_and_dies_at "$point"
done
world_start_gmsd
is_done() { [ "$(status .rotation.running) $(status .left)" = 'false 0' ]; }
expect 'and goes on to the end' soon is_done

# ------------------------------------------------------------------ to the end

expect 'once more is no harm, and says that nothing is left' sh -c "
	'$gmsctl' kek rotate --server '$mutual_url' --ca '$dir/ca.pem' \
		--cert '$dir/officer.pem' --key '$dir/officer.key' |
	grep -q 'nothing is left under an older KEK'"
expect 'every object is there still' test "$(status \
	'[.keks[] | .keys + .envelopes] | add')" -ge "$left"
expect 'all is under the new one' test "$(status .left) $(status '.keks[] |
	select(.seals).identity') $(status .rotation.unreadable)" = '0 true 0'
expect 'no file has anything under the old one' nothing_under "$old"
expect 'the member holds the same key' test "$(current m1)" = "$first"
expect 'the old KEK is taken away' gmsd_does kek-retire
expect 'and lies beside, to be destroyed' cmp "$dir/gmsd.kek.retired" \
	"$dir/kek.old"
restart
expect 'without it one is there' test "$(status '.keks | length') $(status \
	.kek)" = "1 $new"
expect 'who joins gets the key that is in force' ctl member add "$g" \
	sip:m4@example.org
has_first() { [ "$(current m4)" = "$first" ]; }
expect 'of before the rotation' soon has_first
expect 'the spare key serves: one is expelled' ctl compromise sip:m2@example.org
for user in m1 m3 m4; do
	expect "$user has another key" soon has_other_key "$user" "$first"
done

# ------------------------------------------------------------------------- logs

expect 'the audit log says who ordered it' grep -q \
	"event=kek.rotation by=sip:officer@example.org kek=$new" \
	"$dir/gmsd.audit.log"
expect 'and that it was done' grep -q "event=kek.rotated kek=$new " \
	"$dir/gmsd.audit.log"
expect 'the vault says what it sealed anew' grep -q \
	"event=vault.reseal kek=$new keys=0 envelopes=" "$dir/gmsd.vault.log"
world_stop_gmsd
expect 'the logs agree' "$gmsctl" audit verify --audit "$dir/gmsd.audit.log" \
	--vault "$dir/gmsd.vault.log"
expect 'still no file has anything under the old one' nothing_under "$old"
closing_line
