#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119 # sip_notify has a usual argument
# gms_sip_redirect_test.sh - members whose KMS is another one than gmsd thinks:
# two real KMSs that know each other, a gmsd that is a user of the first, and
# 488 with a KMS redirect (TS 33.180 clauses 5.2.8 and D.4). Row KD-07.
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
home=kms.example.org abroad=kms.example.net
other_pid='' mcue_pid='' proxy_pid=''
trap 'redirect_stop' EXIT

redirect_stop()
{
	world_end "$mcue_pid"
	[ -z "$proxy_pid" ] || world_end "$proxy_pid" 2>/dev/null
	world_end "$other_pid"
	world_stop
}

# ------------------------------------------------------------------- two KMSs

# No KMS takes a partner that is one for tests, so these have shares.
ceremony() # FOLDER URI
{
	mkdir "$1.shares"
	world_do "$kms" init --dir "$1" --uri "$2" --shares 2 --threshold 2 \
		--shares-out "$1.shares"
}

shares_of() # FOLDER
{
	echo "--share $1.shares/share-1.txt --share $1.shares/share-2.txt"
}

# The first signs the certificate of the second for its own users.
introduce() # FOLDER OTHER-FOLDER
{
	# shellcheck disable=SC2046 # the words of its shares
	world_do "$kms" cert $(shares_of "$2") --dir "$2"
	cp "$dir/made" "$dir/partner.xml"
	# shellcheck disable=SC2046 # the words of its shares
	world_do "$kms" cert $(shares_of "$2") --dir "$2" --fingerprint
	# shellcheck disable=SC2046 # the words of its shares
	world_do "$kms" cert $(shares_of "$1") --dir "$1" \
		--external "$dir/partner.xml" \
		--partner-key "$(sed -n 's/^cert_key //p' "$dir/made")"
}

world_ceremony()
{
	ceremony "$dir/kms" "$home"
	ceremony "$dir/abroad" "$abroad"
	introduce "$dir/kms" "$dir/abroad"
	introduce "$dir/abroad" "$dir/kms"
	kms_lock=$(shares_of "$dir/kms")
}

# The other KMS's server, and a user who is there, under a URI that the first
# knows as well.
make_abroad() # USER
{
	sed -e "s/$home/$abroad/" -e 's/"kdsd\./"abroad./' \
		-e "s/^bundle_key = .*/bundle_key = \"$(sed -n \
			's/^bundle-key = //p' "$dir/abroad/kms.conf")\";/" \
		"$dir/kdsd.conf" >"$dir/abroad.conf"
	world_do "$kdsd" --config "$dir/abroad.conf" keygen
	import_key=$(cat "$dir/made")
	world_start abroad.log "$kdsd" --config "$dir/abroad.conf"
	other_pid=$!
	other_url=https://127.0.0.1:$(world_port listen) ||
		world_die 'the other kdsd does not start'
	mkdir "$dir/enrol.abroad"
	echo "sip:$1@example.org" >"$dir/users.abroad"
	# shellcheck disable=SC2046 # the words of its shares
	world_do "$kms" users add $(shares_of "$dir/abroad") \
		--dir "$dir/abroad" --users "$dir/users.abroad" \
		--enrol-out "$dir/enrol.abroad" --kds-url "$other_url"
	# shellcheck disable=SC2046 # the words of its shares
	world_do "$kms" issue $(shares_of "$dir/abroad") --dir "$dir/abroad" \
		--period "$period..$((period + 1))" --kdsd-key "$import_key" \
		--out "$dir/bundle.abroad"
	world_do "$kdsd" --config "$dir/abroad.conf" import "$dir/bundle.abroad"
}

# ---------------------------------------------------------------------- members

await() # COMMAND...
{
	since=$(date +%s)
	until "$@"; do
		[ $(($(date +%s) - since)) -lt 30 ] || return 1
		sleep 0.02
	done
}

has_events() # EVENT COUNT
{
	[ "$(grep -c "\"event\":\"$1\"" "$dir/events")" -ge "$2" ]
}

# Records of the audit log of a member.
audited() # EVENT USER [TEXT]
{
	grep -F "event=$1" "$dir/gmsd.audit.log" | grep -F "sip:$2@example.org" |
		grep -qF -- "${3-}"
}

figure() # NAME
{
	curl -sS "$health_url/metrics" | sed -n "s/^gmsd_$1 //p"
}

krr() # KMS...
{
	printf '%s' '<KmsRedirectResponse xmlns="urn:3gpp:ns:mcsecKMSKRR:1.0">'
	printf '<KmsUri>%s</KmsUri>' "$@"
	echo '</KmsRedirectResponse>'
}

# A 488 to the last request.
redirect_to() # KMS...
{
	cat <<-END
		<send><![CDATA[
		SIP/2.0 488 Not Acceptable Here
		[last_Via:]
		[last_From:]
		[last_To:]
		[last_Call-ID:]
		[last_CSeq:]
		Content-Type: application/vnd.3gpp.kmsredirectresponse+xml
		Content-Length: [len]

		$(krr "$@")
		]]></send>
	END
}

world_make 4
make_abroad m2
sip_policy='grace_s = 1; coalesce_ms = 50; quorum = 0; quorum_margin_s = 0;
	overlap_s = 1;'
allowed="redirect_kmss = [ \"$abroad\", \"$home\", \"kms.unknown.example\" ];"
sip_configure "$allowed"
sip_start_gmsd
make_group inc-1 m1 m2 m3 m4 || world_die 'no group'

# --------------------------------------------------------- a KMS that is known

"$mcue" run --sip "sip:gms@127.0.0.1:$sip_port" --gms "$url" --json \
	--gms-id sip:gms@example.org --ca "$dir/ca.pem" \
	--group sip:inc-1@example.org \
	--enrolment "$dir/enrol.abroad/sip%3Am2@example.org-1.enrol" \
	--token "$dir/tokens/sip:m2@example.org" >"$dir/events" \
	2>"$dir/mcue.log" &
mcue_pid=$!
row KD-07 'a member sends gmsd to the KMS that is his' \
	await has_events redirected 1
row KD-07 'a message for that one follows, and opens' await has_events key 1
row KD-07 'the audit log says where he is' \
	audited delivery.redirected m2 "$abroad"
row KD-07 'his 200 proves it' await audited delivery.accepted m2

# --------------------------------------------------------- one that is not

sip_begin unknown
sip_subscribe 1 600 "$(world_token m3)" "$(keys_of m3)/~~/GKTPs/GMK-GKTPs"
sip_expect 200
sip_notify -
redirect_to kms.unknown.example | sip_add
sip_hold unknown
sip_subscribe 2 0 -
sip_expect 200
sip_notify
sip_start unknown
row KD-07 'a KMS whose certificate is not here is refused' \
	await audited delivery.failed m3 'no certificate of that KMS'
row KD-07 'that is counted' test "$(figure redirects_refused_total)" -ge 1
sip_go unknown
row KD-07 'the subscription goes on' sip_wait unknown

# ------------------------------------------------------------------------ a loop

# Whichever KMS a message is for, he wants the other one. By MESSAGE, which are
# calls of their own.
world_stop_gmsd
sip_configure "$allowed message = true; answer_ms = 3000;"
sip_start_gmsd
{
	echo '<?xml version="1.0" encoding="UTF-8"?><scenario name="s">'
	echo '<recv request="MESSAGE"/>'
	redirect_to "$home" "$abroad"
	echo '</scenario>'
} >"$dir/loop.answer.xml"
before=$(figure redirects_total)
sip_begin loop
sip_subscribe 1 600 "$(world_token m4)" "$g1"
sip_expect 200
sip_notify
sip_hold loop
sip_subscribe 2 0 -
sip_expect 200
sip_notify
sip_args="-oocsf $dir/loop.answer.xml"
sip_start loop
sip_args=
row KD-07 'a loop is stopped' \
	await audited delivery.failed m4 'redirected too often'
row KD-07 'after three redirects' test \
	"$(figure redirects_total)" -eq $((before + 3))
sip_go loop
expect 'he says good-bye' sip_wait loop

# -------------------------------------------------------------- what is remembered

status_is 202 as_user control -X POST -H "$json" -d '{"hard":true}' \
	"$(api_group inc-1)/rekey"
row KD-07 'the next key is for his KMS at once' await has_events key 2
row KD-07 'though another process makes it, and asks nobody' test \
	"$(grep -c '"event":"redirected"' "$dir/events")" -eq 1
world_end "$mcue_pid"
mcue_pid=

# -------------------------------------------------------------- through a proxy

# Loopback is 127.0.0.0/8: two runs at a time have different addresses. What the
# proxy says is what members behind it say, so each of them is his own.
net_b=$((1 + $$ / 250 % 250)) net_c=$((1 + $$ % 250))
proxy_ip=127.$net_b.$net_c.9

# To the first MESSAGE of m1 a redirect, to all others a 200.
# Each piece by itself: what sip_answer adds would overtake what is in a pipe.
sip_begin proxy
sip_add <<-END
	<Global variables="count"/>
	<recv request="MESSAGE"><action>
	<ereg regexp="^MESSAGE sip:m1@" search_in="msg" assign_to="his"/>
	</action></recv>
	<nop next="1" test="his"/>
	<nop next="2"/>
	<label id="1"/>
	<nop next="2" test="later"><action>
	<add assign_to="count" value="1"/>
	<test assign_to="later" variable="count" compare="greater_than" value="1"/>
	</action></nop>
END
redirect_to "$abroad" | sip_add
echo '<nop next="3"/><label id="2"/>' | sip_add
sip_answer 200
echo '<label id="3"/>' | sip_add
world_stop_gmsd
sip_end proxy
: >"$dir/proxy.msg"
(
	sip_ip=$proxy_ip sip_args='-p 5060 -m 100 -timeout 600'
	sip_sipp proxy
) &
proxy_pid=$!
await grep -q "$(printf ': %02X%02X%02X7F:13C4 .* 0A ' 9 "$net_c" "$net_b")" \
	/proc/net/tcp || {
	cat "$dir/proxy.out"
	world_die 'the proxy does not listen'
}
sip_configure "$allowed message = true;
	message_proxy = \"sip:$proxy_ip:5060;transport=tcp;lr\";"
sip_start_gmsd

accepted_at() # USER KMS
{
	as_user control -f "$(api_group inc-1)/deliveries?state=accepted" |
		jq -e ".deliveries | any(.member == \"sip:$1@example.org\" and
			.kms == \"$2\")"
}
row KD-07 'a redirect comes through a proxy as well' \
	await audited delivery.redirected m1 "$abroad"
row KD-07 'and the message for that KMS goes by it, too' \
	await accepted_at m1 "$abroad"
row KD-07 'who is behind it and wants no other KMS keeps his' \
	await accepted_at m3 "$home"
expect 'each MESSAGE has the proxy in its Route' test \
	"$(grep -c '^MESSAGE ' "$dir/proxy.msg")" -eq \
	"$(grep -cF "Route: <sip:$proxy_ip:5060;transport=tcp;lr>" \
		"$dir/proxy.msg")"
rows_end
closing_line
