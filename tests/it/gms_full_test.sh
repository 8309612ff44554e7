#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_full_test.sh - a gmsd whose audit log is on a disk that fills up: members
# get their keys, and lose them, as before; the operator is told; and when there
# is room again the log has all of it, or says what it lacks.
#
# The disk is a small one of the test's own, in namespaces of its own: where
# there are none, there is no such test.
set -u
here=$(dirname -- "$0")
if [ -z "${MUSTER_FULL_TEST-}" ]; then
	for mine in 'unshare --map-root-user --mount' 'unshare --mount'; do
		# shellcheck disable=SC2086 # the words of $mine
		! $mine mount -t tmpfs none /tmp 2>/dev/null ||
			MUSTER_FULL_TEST=1 exec $mine sh "$0" "$@"
	done
	echo 'skipped: no namespaces here, so no disk that is full'
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
fi
# shellcheck source=tests/it/gms_world.sh
. "$here/gms_world.sh"
# shellcheck source=tests/it/gms_keys.sh
. "$here/gms_keys.sh"

disk=$dir/disk
trail=$disk/audit.log
json='Content-Type: application/json'
trap 'world_end "$gmsd_pid"; gmsd_pid=""; umount "$disk"; world_stop' EXIT

# The log's last page has some room still: members fetch until a record does not
# fit it, and is torn.
fails_to_write()
{
	document m1 doc.m1 && metric_is gmsd_audit_failing 1
}
fill()
{
	! cat /dev/zero >"$disk/ballast" 2>"$dir/full" &&
		grep -q 'No space left' "$dir/full" && soon fails_to_write
}

make_room()
{
	rm "$disk/ballast"
}

metric_is() # NAME VALUE
{
	curl -fs "$health_url/metrics" | grep -qx "$1 $2"
}

metric_is_not() # NAME VALUE
{
	curl -fs "$health_url/metrics" >"$dir/metrics" &&
		grep -q "^$1 " "$dir/metrics" && ! grep -qx "$1 $2" "$dir/metrics"
}

expel() # USER
{
	status_is 200 as_user control -X DELETE \
		"/v1/groups/$(percent "$g")/members/sip%3A$1%40example.org?stop=hard"
}

rekey()
{
	status_is 202 as_user control -X POST -H "$json" -d '{"hard":true}' \
		"/v1/groups/$(percent "$g")/rekey"
}

holds() # USER GMK-ID: to send with
{
	[ "$(current "$1")" = "$2" ]
}

lacks() # USER GMK-ID: his document has no message of that key
{
	case $(as_user "$1" -o "$dir/body" -w '%{http_code}' \
		"$keys/sip%3A$1%40example.org/$(percent "$g")") in
	403 | 404) ;;
	*) ! grep -q "id=\"$2\"" "$dir/body" ;;
	esac
}

verify() # JQ-EXPRESSION: of what it says
{
	"$gmsctl" audit verify --json --audit "$trail" --vault "$dir/gmsd.vault.log" \
		>"$dir/verified" 2>"$dir/why"
	echo $? >"$dir/verify.status"
	cat "$dir/verified" "$dir/why"
	jq -e "$1" "$dir/verified"
}

verify_ends() # STATUS
{
	[ "$(cat "$dir/verify.status")" -eq "$1" ]
}

says() # EVENT: in the ordinary log
{
	grep -q "event=$1 " "$dir/gmsd.log"
}

world_make 4
mkdir "$disk"
mount -t tmpfs -o size=128k muster-full "$disk" || world_die 'no disk'
keep_enrolment m1 m2 m3 m4
world_configure "audit_log = \"$trail\";" 'policy = { grace_s = 1;
	overlap_s = 1; quorum_margin_s = 1; coalesce_ms = 0; };'
world_start_gmsd
expect 'a group is made' ctl group create "$g" --member sip:m1@example.org \
	--member sip:m2@example.org --member sip:m3@example.org --incident --no-wait
for user in m1 m2 m3; do
	expect "$user has its key" soon has_key "$user"
done
first=$(current m1)
expect 'all of it is in the log' soon metric_is gmsd_audit_waiting 0
expect 'which verifies' verify '.breaches == [] and .lost == 0'

# --------------------------------------------------------------- a full disk
expect 'the disk is full' fill
expect 'a member is expelled' expel m2
for user in m1 m3; do
	expect "$user gets a new key" soon has_other_key "$user" "$first"
done
second=$(current m1)
expect 'both the same' soon holds m3 "$second"
expect 'and the one expelled does not' lacks m2 "$second"
expect 'another joins' ctl member add "$g" sip:m4@example.org
expect 'and has the key' soon has_key m4
expect 'the key is replaced' rekey
expect 'which arrives' soon has_other_key m4 "$second"
third=$(current m4)
for user in m1 m3; do
	expect "at $user, too" soon holds "$user" "$third"
done

expect 'the ordinary log says it' says audit.failing
expect 'with what waits' grep -q 'event=audit.failing .*waiting=[1-9]' \
	"$dir/gmsd.log"
expect 'once' test "$(grep -c 'event=audit.failing ' "$dir/gmsd.log")" -eq 1
expect 'the metrics have an alarm' metric_is gmsd_audit_failing 1
expect 'and what waits' metric_is_not gmsd_audit_waiting 0
expect 'gmsctl status says it' sh -c "'$gmsctl' status --server '$url' \
	--ca '$dir/ca.pem' --token '$dir/tokens/sip:control@example.org' |
	grep -q 'CANNOT BE WRITTEN'"
expect 'it is ready all the same' curl -fs -o "$dir/body" "$health_url/readyz"
# It is tried again and again: what was torn is there for a moment.
expect 'nothing stays torn on the disk, nor told' soon verify '.audit.fault == "good" and
	([.breaches[].what] | index("exclusion or admission nobody decided"))'
expect 'which is no good end' verify_ends 1

# ------------------------------------------------------------- there is room
expect 'there is room' make_room
expect 'the alarm ends' soon metric_is gmsd_audit_failing 0
expect 'nothing waits' soon metric_is gmsd_audit_waiting 0
expect 'nothing was lost' metric_is gmsd_audit_lost_total 0
expect 'the ordinary log says it' says audit.restored
expect 'who was expelled is in the log' grep -q \
	'event=holder.excluded .*member=sip:m2@example.org' "$trail"
expect 'which verifies' verify '.breaches == [] and .lost == 0'
expect 'and ends well' verify_ends 0

# ------------------------------------- full, and the process that knew is gone
expect 'the disk is full again' fill
expect 'another is expelled' expel m3
expect 'whoever is left gets a new key' soon has_other_key m1 "$third"
fourth=$(current m1)
expect 'the front dies with what it knew' kill -KILL \
	"$(world_child gmsd-front)"
wait "$gmsd_pid"
expect 'and gmsd with it' test $? -eq 1
gmsd_pid=''
expect 'there is room again' make_room
world_start_gmsd
expect 'members have their key' holds m1 "$fourth"
expect 'life goes on' rekey
expect 'with new keys' soon has_other_key m1 "$fourth"
expect 'the log says that it lacks something' soon grep -q \
	'event=audit.gap lost=[1-9]' "$trail"
expect 'and so does the check of it' soon verify '.lost > 0 and
	.audit.fault == "good"'
expect 'which finds what nobody is known to have decided' verify '.breaches |
	length > 0 and all(.member == "sip:m3@example.org" or .member == null)'
expect 'and is no good end' verify_ends 1
expect 'the lost are in the metrics' metric_is_not gmsd_audit_lost_total 0
closing_line
