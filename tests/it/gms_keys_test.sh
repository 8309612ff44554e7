#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_keys_test.sh - group keys from end to end, over a real gmsd: what a
# member's key document holds, who can open it, what changes when members come
# and go, and that no key is where it must not be. Rows KD-01, KD-02, KD-08 to
# KD-10 and RB-03 of the acceptance table.
set -u
here=$(dirname -- "$0")
# shellcheck source=tests/it/gms_world.sh
. "$here/gms_world.sh"
# shellcheck source=tests/it/gms_rows.sh
. "$here/gms_rows.sh"

# shellcheck source=tests/it/gms_keys.sh
. "$here/gms_keys.sh"

wolf=./tests/it/wolf_open
schema=$here/../../xml/schema/gktp.xsd

state_is() # USER GMK-ID STATE
{
	looks "$1"
	tr '{' '\n' <"$dir/state.$1" | grep -q "\"gmk_id\":\"$2\".*\"state\":\"$3\""
}

world_make 5
keep_enrolment m1 m2 m3 m4 gms
for user in m1 m2 gms; do
	clear_keys "$user" >"$dir/made" 2>&1 || world_die "no keys of $user"
done
world_configure 'policy = { grace_s = 1; overlap_s = 1; quorum_margin_s = 1;
	coalesce_ms = 0; };'
world_start_gmsd

# ------------------------------------------------------------ the key document
expect 'a group is created' ctl group create "$g" --member sip:m1@example.org \
	--member sip:m2@example.org --member sip:m3@example.org --incident --no-wait
expect 'its members get a key' soon has_key m1
first=$(current m1)
document m1 doc.m1
row KD-01 'the document validates' xmllint --noout --schema "$schema" \
	"$dir/doc.m1"
messages doc.m1 >"$dir/messages.m1"
row KD-01 'it has one message' test "$(wc -l <"$dir/messages.m1")" -eq 1
read -r id message <"$dir/messages.m1"
row KD-01 'whose id is the GMK-ID' test "$id" = "$first"
row KD-01 'the message decodes' sh -c \
	"printf '%s' '$message' | '$tool' decode >/dev/null"
row KD-01 'and opens' opens m1 "$message"

# --------------------------------------------------------- another one opens it
gmk=$(opened key)
if [ -x "$wolf" ]; then
	printf '%s' "$message" | "$wolf" "$dir/cert.m1" "$dir/keys.m1" \
		sip:gms@example.org >"$dir/wolf" 2>&1
	row KD-02 'libwolfssl verifies and opens it' test $? -eq 0
	read -r wolf_gmk guk_id <"$dir/wolf"
	row KD-02 'to the same key' test "$wolf_gmk" = "$gmk"
	row KD-02 'the CSB ID is the GUK-ID' test "$("$tool" guk-id --gmk "$gmk" \
		--gmk-id "$id" --user sip:m1@example.org)" = "$guk_id"
	row KD-02 'by which the GMK-ID comes back' test "$("$tool" guk-id --gmk \
		"$gmk" --gmk-id "$guk_id" --user sip:m1@example.org)" = "$id"
	printf '%s' "$message" | "$wolf" "$dir/cert.m2" "$dir/keys.m2" \
		sip:gms@example.org >"$dir/not" 2>&1
	row KD-02 'but not with the keys of another member' test $? -eq 1
	printf '%s' "$message" | "$wolf" "$dir/cert.m1" "$dir/keys.m1" \
		sip:m2@example.org >"$dir/not" 2>&1
	row KD-02 'nor as signed by another' test $? -eq 1
else
	skipped=$((skipped + 1))
	echo 'row KD-02 skip'
fi

# ---------------------------------------------------------- members come and go
expect 'the second member has the same key' soon has_key m2
row KD-09 'members share one key' test "$(current m2)" = "$first"
row KD-09 'a member is added' ctl member add "$g" sip:m4@example.org
row KD-09 'he gets the key that is there' soon has_key m4
row KD-09 'and no other' test "$(current m4)" = "$first"
document m1 doc.again
row KD-09 'their documents are the same' cmp "$dir/doc.m1" "$dir/doc.again"
row KD-08 'one is expelled as compromised' ctl compromise sip:m2@example.org
for user in m1 m3 m4; do
	row KD-08 "$user gets a new key" soon has_other_key "$user" "$first"
done
second=$(current m1)
row KD-08 'all the same' test "$(current m3) $(current m4)" = "$second $second"
status_of() # USER: of his key document
{
	as_user "$1" -s -o "$dir/body" -w '%{http_code}' \
		"$keys/sip%3A$1%40example.org/$(percent "$g")"
}
gone()
{
	case $(status_of "$1") in
	403 | 404) ;;
	*) refuses grep -q "id=\"$second\"" "$dir/body" ;;
	esac
}
row KD-08 'the one expelled has nothing of it' gone m2
document m1 doc.stolen
"$mcue" fetch --json --enrolment "$dir/copy.m2" \
	--token "$dir/tokens/sip:m2@example.org" --group "$g" --gms "$url" \
	--gms-id sip:gms@example.org --ca "$dir/ca.pem" --any-receiver \
	--document "$dir/doc.stolen" >"$dir/stolen" 2>"$dir/looked"
row KD-08 'nor opens what he steals' refuses grep -q "\"gmk_id\":\"$second\"" \
	"$dir/stolen"
# The audit log and the vault's say who was sent it, and who fetched.
sent_to() # USER
{
	grep "key_id=0x$second" "$dir/gmsd.vault.log" | grep 'event=vault.sign' |
		grep -q "to=sip:$1@example.org"
}
row KD-08 'the vault signed for the rest' sent_to m3
row KD-08 'and not for him' refuses sent_to m2
row KD-08 'the audit shows who fetched it' grep -q \
	"event=delivery.accepted.*gmk_id=0x$second.*member=sip:m3@example.org" \
	"$dir/gmsd.audit.log"
row KD-08 'and that he did not' refuses grep -q \
	"event=delivery.accepted.*gmk_id=0x$second.*member=sip:m2@example.org" \
	"$dir/gmsd.audit.log"
row KD-10 'the old key is revoked on the wire' soon state_is m1 "$first" revoked
document m1 doc.m1
revocation=$(messages doc.m1 | sed -n "s/^$first //p" | tail -n 1)
row KD-10 'by a message for it' test -n "$revocation"
row KD-10 'which says so' sh -c "printf '%s' '$revocation' | '$tool' open \
	--cert '$dir/cert.m1' --keys '$dir/keys.m1' | grep -qi 'revoked'"

# ------------------------------------------------------------- no secret escapes
opens m1 "$(messages doc.m1 | sed -n "s/^$second //p" | head -n 1)"
{
	for user in m1 m2 gms; do
		secrets_of "$user"
	done
	echo "kek $(od -An -v -tx1 <"$dir/gmsd.kek" | tr -d ' \n')"
	echo "first-gmk $gmk"
	echo "second-gmk $(opened key)"
} >"$dir/secrets"
row RB-03 'secrets to look for are at hand' test \
	"$(grep -c '^[^ ]* [0-9A-Fa-f]\{32,\}$' "$dir/secrets")" -eq 15
found() # FILE: lines of what is in it
{
	"$world" search "$dir/secrets" "$1"
}
# Canaries: the search finds what is there, in each form.
{
	printf 'octets '
	cat "$dir/gmsd.kek"
	printf ' hex %s capitals %s' "$gmk" \
		"$(sed -n 's/^trk-of-m1 //p' "$dir/secrets" | tr a-f A-F)"
	sed -n 's/^UserSigningKeySSK-of-gms //p' "$dir/secrets" | tr a-f A-F |
		basenc --base16 -d | base64 -w 0
} >"$dir/canary"
row RB-03 'the search finds what is planted' test \
	"$(found "$dir/canary" | wc -l)" -eq 4
world_stop_gmsd
for file in gmsd.log gmsd.audit.log gmsd.vault.log gmsd.db gmsd.db-wal \
	gmsd.identity kdsd.log kdsd.db kdsd.db-wal doc.m1 doc.stolen state.m1 \
	state.m3 stolen looked; do
	[ ! -f "$dir/$file" ] ||
		row RB-03 "nothing is in $file" test -z "$(found "$dir/$file")"
done
row RB-03 'the front leaves its InK alone in its file' test \
	"$(found "$dir/gmsd.enrolment" | cut -d' ' -f1)" = ink-of-gms
rows_end
closing_line
