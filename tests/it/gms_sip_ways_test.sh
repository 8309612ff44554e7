#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119 # sip_notify has a usual argument
# gms_sip_ways_test.sh - subscriptions by UDP, by IPv6 and by TLS at a real gmsd:
# each is told by the way that it came by, and no key goes into a datagram that
# would be fragmented.
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

listen() # TRANSPORT ADDRESS
{
	printf '{ transport = "%s"; listen = "%s:0"; }' "$1" "$2"
}

v6=no listens="$(listen tcp 127.0.0.1), $(listen udp 127.0.0.1)"
# Folders for TLS as sofia-sip reads them. It finds the name of a peer in the
# common name of its certificate, and that name is an address here.
authority() # NAME
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$dir/$1.key" -out "$dir/$1.pem" -subj "/CN=$1" -days 2
}
tls_folder() # FOLDER AUTHORITY NAME
{
	mkdir "$dir/$1"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$dir/$1/key" -out "$dir/$1/request" -subj "/CN=$3"
	openssl x509 -req -in "$dir/$1/request" -CA "$dir/$2.pem" \
		-CAkey "$dir/$2.key" -CAcreateserial -days 2 -out "$dir/$1/cert"
	cat "$dir/$1/key" "$dir/$1/cert" >"$dir/$1/agent.pem"
	cp "$dir/$2.pem" "$dir/$1/cafile.pem"
}
world_make 3
{
	authority core && authority stranger &&
		tls_folder tls core 127.0.0.1 && tls_folder ue core 127.0.0.1 &&
		tls_folder unknown stranger 127.0.0.1 &&
		tls_folder elsewhere core elsewhere.test
} >"$dir/made" 2>&1 || world_die 'no certificates for SIP'
listens="$listens, $(listen tls 127.0.0.1)"
! grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 2>/dev/null || {
	v6=yes
	listens="$listens, $(listen tcp '[::1]'), $(listen udp '[::1]')"
}
configure() # LINE...
{
	world_configure "sip = { listens = ( $listens ); tls_dir = \"tls\";
		    xcap_root = \"https://gms.example/xcap/\";
		    min_interval_ms = 300; trusted = [ \"127.0.0.1\", \"::1\" ]; };" \
		'policy = { grace_s = 1; coalesce_ms = 50; quorum = 0;
		    quorum_margin_s = 0; overlap_s = 1; };' "$@"
	world_start_gmsd
	line="$line "
}
configure
m1=$(world_token m1)
make_group inc-1 m1 m2 m3 || world_die 'no group'
await_keys m1 || world_die 'no keys'

# A subscription to the group, a change, a refresh where the Contact says, and
# good-bye.
life() # NAME TOKEN URI...
{
	sip_begin "$1"
	life_name=$1
	shift
	sip_subscribe 1 600 "$@"
	sip_expect 200
	sip_notify
	sip_notify
	sip_subscribe 2 600 -
	sip_expect 200
	sip_notify
	sip_subscribe 3 0 -
	sip_expect 200
	sip_notify
	sip_start "$life_name"
	sip_await "$life_name" 1
	rename_group inc-1 "$life_name"
	sip_wait "$life_name"
}
contact_is() # NAME CONTACT: in the answer and in each NOTIFY
{
	[ "$(sip_came "$1" | tr '\r' '\n' | grep '^Contact:' | sort -u)" = \
		"Contact: <$2>" ] || {
		sip_came "$1" | tr '\r' '\n' | grep '^Contact:'
		return 1
	}
}
by() # MODE ADDRESS PORT-NAME: the next scenarios
{
	sip_mode=$1 sip_ip=$2 sip_to_ip=$2
	[ "$2" = 127.0.0.1 ] || sip_to_ip="[$2]"
	sip_port=$(world_port "$3")
}

# ------------------------------------------------------------------- TCP, UDP
by t1 127.0.0.1 sip
expect 'a subscription by TCP' life tcp "$m1" "$g1"
expect 'is found by TCP' contact_is tcp "sip:gms@127.0.0.1:$sip_port;transport=tcp"
by u1 127.0.0.1 sip2
row SN-05 'a subscription by UDP lives' life udp "$m1" "$g1"
row SN-05 'and is found by UDP' contact_is udp \
	"sip:gms@127.0.0.1:$sip_port;transport=udp"
row SN-02 'it is told of the change' is_changed udp 2 "$g1"
row SN-01 'and of the root' says udp 1 "xcap-root=\"$root\""

# ------------------------------------------------------------ keys and datagrams

largest_datagram() # NAME
{
	sed -n 's/^UDP message received \[\([0-9]*\)\] bytes.*/\1/p' \
		"$dir/$1.msg" | sort -n | tail -n 1
}
# He has no TCP: no key goes out, he is told to fetch it. His address is one at
# which no other test has a port either.
sip_ip=127.0.0.53
for transport in ';transport=[transport]' ''; do
	call=keys${transport:+-udp}
	sip_begin "$call"
	sip_subscribe 1 600 "$m1" "$(node m1)"
	sip_expect 200
	sip_notify
	sip_subscribe 2 0 -
	sip_expect 200
	sip_notify
	[ -n "$transport" ] ||
		sed -i '/^\t*Contact/s/;transport=\[transport\]//' "$dir/$call.xml"
	expect "a member at UDP${transport:+ by name} subscribes to his keys" \
		sip_run "$call"
	expect 'he is told that there are some' says "$call" 1 "$(node m1)"
	expect 'but not what' silent "$call" 1 '<GKTP '
	expect 'and no datagram would be fragmented' test \
		"$(largest_datagram "$call")" -le 1300
done
row PT-03 'he fetches them' status_is 200 as_user m1 "/xcap/$(keys_of m1)"

# He has: that is how they come. Another sipp is his TCP.
tcp_port_of() # PID
{
	ss -Hltnp | sed -n "s/.* 127\.0\.0\.1:\([0-9]*\) .*pid=$1,.*/\1/p"
}
has_tcp_port()
{
	[ -n "$(tcp_port_of "$1")" ]
}
soon()
{
	since=$(date +%s)
	until "$@"; do
		[ $(($(date +%s) - since)) -lt 20 ] || return 1
		sleep 0.02
	done
}
sip_begin arrives
sip_notify
sip_end arrives
by t1 127.0.0.1 sip
(sip_sipp arrives) &
tcp_pid=$!
if soon has_tcp_port "$tcp_pid"; then
	sip_begin comes
	sip_subscribe 1 600 "$m1" "$(node m1)"
	sip_expect 200
	sed -i "/^\t*Contact/s/\[local_port\]/$(tcp_port_of "$tcp_pid")/" \
		"$dir/comes.xml"
	by u1 127.0.0.1 sip2
	expect 'a member at UDP and TCP subscribes to his keys' sip_run comes
	wait "$tcp_pid"
	expect 'the NOTIFY comes' test $? -eq 0
	expect 'by TCP, with his keys' grep -q '<GKTP ' "$dir/arrives.msg"
else
	skipped=$((skipped + 1))
	echo 'skipped: no ss(8) that says which port sipp has'
	kill "$tcp_pid"
	wait "$tcp_pid"
fi

# ------------------------------------------------------------------------ IPv6
if [ "$v6" = yes ]; then
	by t1 ::1 sip4
	expect 'a subscription by TCP over IPv6' life tcp6 "$m1" "$g1"
	expect 'is found there' contact_is tcp6 \
		"sip:gms@[::1]:$sip_port;transport=tcp"
	by u1 ::1 sip5
	expect 'one by UDP over IPv6' life udp6 "$m1" "$g1"
	expect 'is found there' contact_is udp6 \
		"sip:gms@[::1]:$sip_port;transport=udp"
	by t1 ::1 sip4
	expect 'keys come by IPv6' heard keys6 600 "$m1" "$(node m1)"
	expect 'inline' says keys6 1 '<GKTP '
else
	skipped=$((skipped + 1))
	echo 'skipped: no IPv6 on loopback'
fi

# -------------------------------------------------------------------------- TLS

by t1 127.0.0.1 sip3
await_event() # EVENT
{
	soon grep -q "\"event\":\"$1\"" "$dir/events"
}
tls_member() # FOLDER
{
	: >"$dir/events"
	"$mcue" run --sip "sips:gms@127.0.0.1:$sip_port" --sip-tls "$dir/$1" \
		--gms "$url" --json --gms-id sip:gms@example.org \
		--ca "$dir/ca.pem" --group sip:inc-1@example.org \
		--sip-answer 1000 --enrolment "$(world_enrolment m2)" \
		--token "$dir/tokens/sip:m2@example.org" >"$dir/events" \
		2>>"$dir/mcue.log" &
	mcue_pid=$!
}
end_member()
{
	kill "$mcue_pid"
	wait "$mcue_pid"
}
tls_member ue
expect 'a member subscribes by TLS' await_event subscribed
expect 'and has his key' await_event key
end_member
# shellcheck disable=SC2094 # it waits for the end of what is written
hello() # FOLDER VERSION: what gmsd says to an OPTIONS
{
	{
		printf 'OPTIONS sip:gms@127.0.0.1 SIP/2.0\r\n'
		printf 'Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bKo\r\n'
		printf 'From: <sip:a@example.org>;tag=1\r\nTo: <sip:gms@b>\r\n'
		printf 'Call-ID: o\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n'
		printf 'Content-Length: 0\r\n\r\n'
		soon grep -q '^SIP/2.0 200 \|error' "$dir/hello"
	} | openssl s_client -connect "127.0.0.1:$sip_port" "$2" \
		-CAfile "$dir/core.pem" -cert "$dir/$1/cert" -key "$dir/$1/key" \
		>"$dir/hello" 2>&1
	grep -q '^SIP/2.0 200 ' "$dir/hello"
}
refused_hello()
{
	! hello "$@"
}
expect 'gmsd answers who shows a certificate' hello ue -tls1_2
expect 'not one of another authority' refused_hello unknown -tls1_2
expect 'nor what sofia-sip cannot speak' refused_hello ue -tls1_3

# A server of another name, and one of an authority that nobody knows.
for folder in elsewhere unknown; do
	world_stop_gmsd
	rm -r "$dir/tls"
	cp -r "$dir/$folder" "$dir/tls"
	configure
	by t1 127.0.0.1 sip3
	tls_member ue
	expect "a member fails at a server that is $folder" await_event unsubscribed
	expect 'and does not subscribe' test "$(metric subscribed_total)" -eq 0
	end_member
done

# ---------------------------------------------------------- who asks too often
world_stop_gmsd
configure 'limits = { requests_per_s = 1; burst = 3; failures_per_s = 1;
	failure_burst = 3; };'
by t1 127.0.0.1 sip
# Thirty at once, each answered so, or 480.
crowd() # NAME STATUS EXPIRES TOKEN
{
	sip_begin "$1"
	sip_subscribe 1 "$3" "$4" "$g1"
	echo '<recv response="480" optional="true" next="1"/>' | sip_add
	sip_expect "$2"
	echo '<label id="1"/>' | sip_add
	sip_args='-m 30 -r 500'
	sip_run "$1"
}
answers() # NAME STATUS: how many
{
	grep -c "^SIP/2.0 $2 " "$dir/$1.msg"
}
expect 'one who asks too often is answered' crowd often 423 5 "$m1"
expect 'some are let in' test "$(answers often 423)" -ge 3
expect 'and most not' test "$(answers often 480)" -ge 10
expect 'they are to wait' grep -q '^Retry-After: ' "$dir/often.msg"
expect 'another one need not' heard calm 0 "$(world_token m2)" "$g1"
expect 'false tokens are refused' crowd false 403 600 \
	"$("$world" forge "$dir" sip:m3@example.org none)"
expect 'and when there are too many, not even that' test \
	"$(answers false 480)" -ge 10
expect 'nor logged' test "$(grep -c 'event=gms.sub_refused .*status=403' \
	"$dir/gmsd.log")" -le "$(answers false 403)"
expect 'who has a good one there is not kept away' heard calm 0 \
	"$(world_token m3)" "$g1"
rows_end
closing_line
