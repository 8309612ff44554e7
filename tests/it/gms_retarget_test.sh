#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119 # sip_notify has a usual argument
# gms_retarget_test.sh - one member takes the place of another, over SIP at a
# real gmsd: a message of his own after a check, and nothing that was another's.
# Row KD-05 of the acceptance table.
set -u
here=$(dirname -- "$0")
# shellcheck source=tests/it/gms_world.sh
. "$here/gms_world.sh"
# shellcheck source=tests/it/gms_rows.sh
. "$here/gms_rows.sh"
# shellcheck source=tests/it/gms_keys.sh
. "$here/gms_keys.sh"
# shellcheck source=tests/it/sip_world.sh
. "$here/sip_world.sh"
# shellcheck source=tests/it/sip_steps.sh
. "$here/sip_steps.sh"
sip_needed

g=sip:inc-1@example.org
node()
{
	echo "$(keys_of "$1")/~~/GKTPs/GMK-GKTPs"
}

# A member who waits for his keys in one dialog: COUNT NOTIFYs, the first at
# once.
waits() # USER COUNT
{
	sip_begin "waits.$1"
	sip_subscribe 1 600 "$(world_token "$1")" "$(node "$1")"
	sip_expect 200
	count=$2
	while [ "$count" -gt 0 ]; do
		count=$((count - 1))
		sip_notify
	done
	sip_start "waits.$1"
	sip_await "waits.$1" 1
}

# The messages that a NOTIFY brought.
brought() # USER N
{
	sip_notified "waits.$1" "$2" >"$dir/brought"
	messages brought
}

# The control room's command, or another one's.
retarget() # WHO FROM TO
{
	"$gmsctl" member retarget "$g" "sip:$2@example.org" "sip:$3@example.org" \
		--no-wait --server "$url" --ca "$dir/ca.pem" \
		--token "$dir/tokens/sip:$1@example.org"
}

has_row() # USER: the group's list has him
{
	ctl group show "$g" >"$dir/shown" && grep -q "sip:$1@example.org" "$dir/shown"
}

world_make 5
keep_enrolment m1 m2 m4 m5
for user in m2 m4 m5; do
	clear_keys "$user" >"$dir/made" 2>&1 || world_die "no keys of $user"
done
sip_policy='grace_s = 1; coalesce_ms = 0; quorum = 0; quorum_margin_s = 0;
	overlap_s = 1;'
sip_configure 'min_interval_ms = 300;'
sip_start_gmsd
make_group inc-1 m1 m2 m3 || world_die 'no group'
await_keys m2 || world_die 'no keys'
row KD-05 'the one who is in the group has his key' waits m2 2
row KD-05 'the one who is not waits for it' waits m5 2
row KD-05 'in silence' silent waits.m5 1 GKTP
read -r id old <<-END
	$(brought m2 1)
END
row KD-05 'the first opens his message' opens m2 "$old"
opens m2 "$old"
first=$(opened key)
row KD-05 'the other cannot' refuses opens m5 "$old"

# ------------------------------------------------------------------ the check
row KD-05 'a member may not put another in the place of one' refuses retarget \
	m1 m2 m5
row KD-05 'nor himself in it, who is to come' refuses retarget m5 m2 m5
row KD-05 'nor anybody in the place of nobody' refuses retarget control m4 m5
row KD-05 'nothing has changed by that' has_row m2
row KD-05 'he is not in the list' refuses has_row m5
signed_for() # USER
{
	grep 'event=vault.sign' "$dir/gmsd.vault.log" |
		grep -q "to=sip:$1@example.org"
}
row KD-05 'nor was anything signed for him' refuses signed_for m5
row KD-05 'he waits still' test "$(sip_notices waits.m5)" -eq 1

# ----------------------------------------------------------------- and then
row KD-05 'the control room does so' retarget control m2 m5
row KD-05 'he is told at once' sip_wait waits.m5
row KD-05 'in the place of the other' has_row m5
row KD-05 'who is not there any more' refuses has_row m2
brought m5 2 >"$dir/messages"
read -r _ own <"$dir/messages"
row KD-05 'by a message of his own' opens m5 "$own"
row KD-05 'which is not the old one' test "$own" != "$old"
row KD-05 'the old one he cannot open even now' refuses opens m5 "$old"
row KD-05 'nor the other one his' refuses opens m2 "$own"
row KD-05 'the other one is told that his is gone' sip_wait waits.m2
soon has_other_key m1 "$id"
next=$(current m1)
row KD-05 'the rest has another key' test -n "$next"
row KD-05 'which he who came gets, too' soon has_other_key m5 "$id"
document m5 doc.m5
opens m5 "$(messages doc.m5 | sed -n "s/^$next //p")"
row KD-05 'not what the other one had' test "$(opened key)" != "$first"
leaver_opens() # whatever he gets of it
{
	: >"$dir/doc.m2"
	document m2 doc.m2 2>"$dir/refused"
	messages doc.m2 | grep -q "^$next "
}
row KD-05 'of which that one gets nothing' refuses leaver_opens
row KD-05 'the audit says who came for whom' grep -q \
	'member=sip:m5@example.org' "$dir/gmsd.audit.log"

# What is over stays so, whatever comes again.
superseded() # a member who is given both, the old one last
{
	{
		echo '<GKTPs xmlns="urn:3gpp:ns:mcpttGKTP:1.0"><GMK-GKTPs>'
		messages doc.m1 | tac | sed 's/^\([^ ]*\) \(.*\)/<GKTP id="\1">\2<\/GKTP>/'
		echo '</GMK-GKTPs></GKTPs>'
	} >"$dir/both"
	"$mcue" fetch --json --enrolment "$dir/copy.m1" \
		--token "$dir/tokens/sip:m1@example.org" --group "$g" \
		--gms "$url" --gms-id sip:gms@example.org --ca "$dir/ca.pem" \
		--document "$dir/both" >"$dir/state" 2>"$dir/looked"
	tr '{' '\n' <"$dir/state" >"$dir/states"
	grep -q "\"gmk_id\":\"$next\".*\"state\":\"current\"" "$dir/states" &&
		! grep -q "\"gmk_id\":\"$id\".*\"state\":\"current\"" "$dir/states"
}
document m1 doc.m1
row KD-10 'a key that is over does not come back' superseded
rows_end
closing_line
