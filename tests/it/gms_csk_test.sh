#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119 # sip_notify has a usual argument
# gms_csk_test.sh - tokens that are encrypted under a CSK, at a real gmsd: row
# PT-06, what is refused and how, floods, and where the keys are.
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

csk=./tests/it/gms_csk
memory=./tests/it/gms_memory

# ---------------------------------------------------------------- SUBSCRIBE

# What a device makes of its keys; NAME is of the files.
make_csk() # NAME USER TOKEN-OF HOW...
{
	out=$dir/$1 who=$2 token_of=$3
	shift 3
	"$csk" "$dir/kms" "sip:$who@example.org" \
		"$dir/tokens/sip:$token_of@example.org" "$out" "$@"
}

part() # TYPE FILE [HEADER]
{
	printf -- '--b\nContent-Type: %s\n%s\n%s\n' "$1" "${3:+$3
}" "$(cat "$2")"
}

# Parts: the token as it was made, or a file of NAME's; the CSK, or none.
body() # INFO-FILE MIKEY-FILE URI
{
	part application/vnd.3gpp.mcptt-info+xml "$1"
	[ "$2" = - ] || part application/mikey "$2" \
		'Content-Transfer-Encoding: base64'
	echo "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\">$(
	)<list><entry uri=\"$3\"/></list></resource-lists>" >"$dir/list"
	part application/resource-lists+xml "$dir/list"
	echo '--b--'
}

subscribe() # CSEQ INFO-FILE MIKEY-FILE URI
{
	sip_body 'multipart/mixed;boundary=b' "$(body "$2" "$3" "$4")"
	sip_subscribe "$1" 600 -
}

# A subscription by the CSK of that name, and good-bye.
sealed() # NAME MIKEY-FILE URI
{
	sip_begin "$1"
	subscribe 1 "$dir/$1.info" "$2" "$3"
	sip_expect 200
	sip_notify
	sip_subscribe 2 0 -
	sip_expect 200
	sip_notify
	sip_run "$1"
}

denied() # NAME STATUS [INFO-FILE] [MIKEY-FILE]
{
	sip_begin "$1"
	subscribe 1 "${3:-$dir/$1.info}" "${4:-$dir/$1.mikey}" "$g1"
	sip_expect "$2"
	sip_run "$1"
}

refused_so() # HOW STATUS
{
	make_csk "bad-$1" m1 m1 "$1" && denied "bad-$1" "$2"
}

# -------------------------------------------------------------------- server

world_make 5
# What is wrong with those of one address is soon too much; what is right of one
# member, too.
sip_configure
cat >>"$dir/gmsd.conf" <<-END
	csk = { failures_per_s = 1; failure_burst = 60;
	    each_per_s = 1; each_burst = 12; };
END
sip_start_gmsd
make_group inc-1 m1 m2 m3 m4 || world_die 'no group'
await_keys m1 || world_die 'no keys'

# ------------------------------------------------------------------ accepted

make_csk good m1 m1 good
row PT-06 'a CSK is taken, and the token under it' \
	sealed good "$dir/good.mikey" "$(keys_of m1)"
row PT-06 'he is who signed it: his keys are there' \
	is_created good 1 "$(keys_of m1)"
row PT-06 'the token does not travel in clear' \
	sh -c "! grep -q '$(world_token m1)' '$dir/good.msg'"
row PT-06 'it is counted' test "$(metric csk_opened_total)" -eq 1
row PT-06 'the token as well' test "$(metric token_decrypted_total)" -eq 1
row PT-06 'the key serves for another one' sealed good - "$(keys_of m1)"
refreshed()
{
	make_csk again m2 m2 good &&
		sip_begin again &&
		subscribe 1 "$dir/again.info" "$dir/again.mikey" "$g1"
	sip_expect 200
	sip_notify
	subscribe 2 "$dir/again.info" - "$(keys_of m2)"
	sip_expect 200
	sip_notify
	make_csk next m2 m2 good
	subscribe 3 "$dir/next.info" "$dir/next.mikey" "$g1"
	sip_expect 200
	sip_notify
	sip_subscribe 4 0 -
	sip_expect 200
	sip_notify
	sip_run again
}
row PT-06 'a refresh by the same CSK, and by a new one' refreshed
if command -v xmlsec1 >/dev/null; then
	expect 'xmlsec1 decrypts what our members send' sh -c "xmlsec1 --decrypt \
		--aeskey:'$(cat "$dir/good.name")' '$dir/good.xpk' \
		'$dir/good.info' | grep -q '$(world_token m1)'"
fi

# The device of an implementer: raw octets in place of base64, by mcue.
head -n 2 "$dir/users" | sed 's/^sip:\(.*\)@example.org$/\1/' |
	while read -r name; do
		echo "enrol/sip%3A$name@example.org-1.enrol" \
			"tokens/sip:$name@example.org"
	done >"$dir/two"
"$mcue" run --csk --sip "sip:gms@127.0.0.1:$sip_port" --gms "$url" --json \
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
row PT-06 'mcue --csk subscribes so' await_events subscribed 2
row PT-06 'and gets its keys' await_events key 2
kill "$mcue_pid"
wait "$mcue_pid"

# ------------------------------------------------------------------- refused

subscribed=$(metric subscribed_total)
before=$(metric csk_refused_total)
for how in signature gmk receiver old hidden us; do
	row PT-06 "a message with a wrong $how is 403" refused_so "$how" 403
	row PT-06 "which says why ($how)" answered "bad-$how" \
		'Warning: 399 gms "140 unable to decrypt XML content"'
done
row PT-06 'one that was here before is 403' denied good 403
echo 'AAAA' >"$dir/none.mikey"
cp "$dir/good.info" "$dir/none.info"
row PT-06 'none is 400' denied none 400
row PT-06 'each was counted' test \
	$(($(metric csk_refused_total) - before)) -eq 8

unread=$(metric token_unread_total)
for how in key name cipher; do
	row PT-06 "a token with a wrong $how is 403" refused_so "$how" 403
	row PT-06 "which says why (token, $how)" answered "bad-$how" \
		'140 unable to decrypt XML content'
done
sed 's/aes128-gcm/aes256-gcm/' "$dir/good.info" >"$dir/alg.info"
row PT-06 'another algorithm is 403' denied alg 403 "$dir/alg.info" -
row PT-06 'each was counted, too' test \
	$(($(metric token_unread_total) - unread)) -eq 4
make_csk lent m1 m3 good
row PT-06 "another member's token under one's own CSK is 403" denied lent 403
make_csk clear m1 m1 good
echo "<mcpttinfo xmlns=\"urn:3gpp:ns:mcpttInfo:1.0\"><mcptt-Params>$(
)<mcptt-access-token><mcpttString>$(world_token m3)</mcpttString>$(
)</mcptt-access-token></mcptt-Params></mcpttinfo>" >"$dir/clear.info"
row PT-06 "another member's CSK beside a token in clear is 403" denied clear 403
expect 'nobody was subscribed by that' test \
	"$(metric subscribed_total)" -eq "$subscribed"

# -------------------------------------------------------------------- floods

# Forgeries from one source: after so many the vault is not even asked.
flood() # ADDRESS COUNT [HEADER]
{
	make_csk flood m1 m1 signature
	sip_begin flood
	[ $# -eq 2 ] || sip_header "$3"
	subscribe 1 "$dir/flood.info" "$dir/flood.mikey" "$g1"
	cat >>"$dir/flood.xml" <<-END
		<recv response="403" optional="true" next="1"/>
		<recv response="480" timeout="15000"/><label id="1"/>
	END
	sip_ip=$1 sip_args="-m $2 -r 400 -l 50"
	sip_run flood
	sip_ip=127.0.0.1 sip_args=''
}
asked=$(metric csk_refused_total)
row PT-06 'a flood of forgeries is answered' flood 127.0.0.9 400
row PT-06 'the vault is spared of most' test \
	$(($(metric csk_refused_total) - asked)) -lt 300
row PT-06 'and that is counted' test "$(metric csk_limited_total)" -gt 100
limited=$(metric csk_limited_total)
row PT-06 'so is one of a single member of the core' flood 127.0.0.1 100 \
	'P-Asserted-Identity: <sip:m1@example.org>'
row PT-06 'which is not listened to either' test \
	"$(metric csk_limited_total)" -gt "$limited"
make_csk calm m3 m3 good
row PT-06 'from elsewhere, and from the core, members come in' sealed calm "$dir/calm.mikey" "$g1"

# ------------------------------------------------------- what was written down

expect 'the vault wrote down who sent one' \
	grep -q 'event=vault.csk.* from=sip:m1@example.org' "$dir/gmsd.vault.log"
expect 'but not what was refused' sh -c \
	"! grep -q 'event=vault.csk.* from=sip:gms@' '$dir/gmsd.vault.log'"
# A new vault knows what the one before opened.
make_csk twice m3 m3 good
sealed twice "$dir/twice.mikey" "$g1" >"$dir/said" 2>&1
world_stop_gmsd
expect 'audit verify finds nothing in that' "$gmsctl" audit verify \
	--audit "$dir/gmsd.audit.log" --vault "$dir/gmsd.vault.log"
sed -i 's/each_burst = 12/each_burst = 2/' "$dir/gmsd.conf"
sip_start_gmsd
row PT-06 'a replay is refused by the next vault, too' denied twice 403
make_csk fresh m3 m3 good
row PT-06 'and a new one is taken' sealed fresh "$dir/fresh.mikey" "$g1"

# ------------------------------------------------------ too many of one member

# As many at once, each good in itself; the first few are let in.
many()
{
	: >"$dir/many.rows"
	for i in 1 2 3 4 5 6 7 8; do
		make_csk "many$i" m4 m4 good || return 1
		printf '%s;%s\n' "$(cat "$dir/many$i.info")" \
			"$(cat "$dir/many$i.mikey")" >>"$dir/many.rows"
	done
	{
		echo SEQUENTIAL
		cat "$dir/many.rows"
	} >"$dir/many.csv"
	echo '[field0]' >"$dir/many.info"
	echo '[field1]' >"$dir/many.mikey"
	sip_begin many
	subscribe 1 "$dir/many.info" "$dir/many.mikey" "$g1"
	echo '<recv response="480" optional="true" next="1"/>' | sip_add
	sip_expect 200
	sip_notify
	echo '<label id="1"/>' | sip_add
	sip_args="-inf $dir/many.csv -m 8 -r 400"
	sip_run many
	sip_args=''
}
asked=$(metric csk_refused_total)
row PT-06 'many of one member are answered' many
row PT-06 'too many are refused' test "$(metric csk_refused_total)" -gt "$asked"
row PT-06 'with 480' grep -q '^SIP/2.0 480' "$dir/many.msg"
row PT-06 'and when to come again' grep -q '^Retry-After: ' "$dir/many.msg"
make_csk other m3 m3 good
row PT-06 'others are served' sealed other "$dir/other.mikey" "$g1"
cat "$dir"/*.log "$dir"/gmsd.db* >"$dir/disk"
cat "$dir"/*.keys >"$dir/all.secrets"
expect 'no CSK, and nothing derived, is on the disk' sh -c \
	"[ -z \"\$('$memory' search '$dir/disk' <'$dir/all.secrets')\" ]"

# ------------------------------------------------------------- where keys are

# All of its memory, what is marked as not for dumps, too.
image() # PID FILE
{
	gdb -p "$1" -batch -ex 'set use-coredump-filter off' \
		-ex 'set dump-excluded-mappings on' -ex "gcore $2" \
		>"$dir/gdb" 2>&1 && [ -s "$2" ]
}
rsk()
{
	./tools/mikeytool sakke extract --secret \
		"$("$memory" master "$dir/kms" | sed -n 's/^z //p')" --id \
		"$(./tools/mikeytool uid --identity sip:gms@example.org \
			--kms kms.example.org --period "$period")"
}
holds_xpk_alone()
{
	image "$(front_pid)" "$dir/front.image" &&
		{ cat "$dir/fresh.keys"; echo "rsk $(rsk)"; } >"$dir/secrets" &&
		"$memory" search "$dir/front.image" <"$dir/secrets" >"$dir/found"
	cat "$dir/found"
	[ "$(sort -u "$dir/found")" = xpk ]
}
if [ "$(id -u)" -eq 0 ] && command -v gdb >/dev/null &&
	! grep -q __asan_init ./gms/gmsd-front; then
	row PT-06 'the front holds the derived key, and no CSK' holds_xpk_alone
fi
rows_end
closing_line
