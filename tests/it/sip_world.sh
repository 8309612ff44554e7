# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # $dir and so on are gms_world.sh's
# sip_world.sh - read behind gms_world.sh by the tests that speak SIP: scenarios
# for sipp, put together from parts.
#
#   sip_begin NAME         begins the scenario $dir/NAME.xml
#   sip_subscribe CSEQ EXPIRES TOKEN URI...
#                          SUBSCRIBE with a token ("-": none) and a list
#                          (no URI: no list); the dialog's from CSEQ 2 on
#   sip_header LINE        one more header for the next SUBSCRIBE
#   sip_event PACKAGE      another event package for the next SUBSCRIBE
#   sip_accept TYPE        another Accept for the next SUBSCRIBE
#   sip_expect STATUS      awaits an answer
#   sip_notify [STATUS]    awaits a NOTIFY and answers it (200); "-": not
#   sip_quiet MS           no NOTIFY for so long
#   sip_run NAME           runs it against $sip_port; passes when it went through
#   sip_start NAME         the same in the background; sip_wait NAME ends it
#   sip_notified NAME N    prints the body of the N-th NOTIFY
#   sip_state NAME N       prints its Subscription-State
#   sip_await NAME N       waits until the N-th NOTIFY came
sip_port=
sip_headers='' sip_package='' sip_type=''

sip_begin() # NAME
{
	sip_name=$1
	sip_headers='' sip_package='' sip_type=''
	echo '<?xml version="1.0" encoding="UTF-8"?><scenario name="s">' \
		>"$dir/$1.xml"
}

sip_add()
{
	cat >>"$dir/$sip_name.xml"
}

sip_header() { sip_headers="$sip_headers$1
"; }
sip_event() { sip_package=$1; }
sip_accept() { sip_type=$1; }

# The body: no part, the token, the list, or both.
sip_parts() # TOKEN URI...
{
	token=$1
	shift
	[ "$token" = - ] || cat <<-END
		--b
		Content-Type: application/vnd.3gpp.mcptt-info+xml

		<mcpttinfo xmlns="urn:3gpp:ns:mcpttInfo:1.0"><mcptt-Params><mcptt-access-token type="Normal"><mcpttString>$token</mcpttString></mcptt-access-token></mcptt-Params></mcpttinfo>
	END
	[ $# -eq 0 ] || {
		cat <<-END
			--b
			Content-Type: application/resource-lists+xml

		END
		printf '%s' '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list>'
		printf '<entry uri="%s"/>' "$@"
		echo '</list></resource-lists>'
	}
	[ "$token" = - ] && [ $# -eq 0 ] || echo '--b--'
}

# From is somebody else on purpose: the token says who.
sip_subscribe() # CSEQ EXPIRES TOKEN URI...
{
	cseq=$1 expires=$2
	shift 2
	peer=
	[ "$cseq" = 1 ] || peer='[peer_tag_param]'
	type=
	[ "$1" = - ] && [ $# -eq 1 ] ||
		type='Content-Type: multipart/mixed;boundary=b
'
	sip_add <<-END
		<send><![CDATA[
		SUBSCRIBE sip:gms@[remote_ip]:[remote_port];transport=[transport] SIP/2.0
		Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
		Max-Forwards: 70
		From: <sip:somebody.else@example.org>;tag=f[pid]x[call_number]
		To: <sip:gms@example.org>$peer
		Call-ID: [call_id]
		CSeq: $cseq SUBSCRIBE
		Contact: <sip:ue@[local_ip]:[local_port];transport=[transport]>
		Event: ${sip_package:-xcap-diff;diff-processing=no-patching}
		Accept: ${sip_type:-application/xcap-diff+xml}
		Expires: $expires
		${sip_headers}${type}Content-Length: [len]

		$(sip_parts "$@")
		]]></send>
	END
	sip_headers='' sip_package='' sip_type=''
}

sip_expect() # STATUS
{
	echo "<recv response=\"$1\" rrs=\"true\" timeout=\"15000\"/>" | sip_add
}

sip_notify() # [STATUS]
{
	echo '<recv request="NOTIFY" timeout="20000"/>' | sip_add
	[ "${1-200}" = - ] || sip_add <<-END
		<send><![CDATA[
		SIP/2.0 ${1-200} Told
		[last_Via:]
		[last_From:]
		[last_To:]
		[last_Call-ID:]
		[last_CSeq:]
		Content-Length: 0

		]]></send>
	END
}

sip_quiet() # MS
{
	echo "<pause milliseconds=\"$1\"/>" | sip_add
}

sip_sipp() # NAME
{
	TERM=dumb exec sipp -sf "$dir/$1.xml" -m 1 -t t1 -nostdin -timeout 60 \
		-timeout_error -i 127.0.0.1 -trace_msg -message_file "$dir/$1.msg" \
		"127.0.0.1:$sip_port" >"$dir/$1.out" 2>&1 </dev/null
}

sip_end() # NAME
{
	grep -q '</scenario>' "$dir/$1.xml" || echo '</scenario>' >>"$dir/$1.xml"
	rm -f "$dir/$1.msg"
}

sip_run() # NAME
{
	sip_end "$1"
	(sip_sipp "$1")
}

sip_start() # NAME
{
	sip_end "$1"
	: >"$dir/$1.msg"
	(sip_sipp "$1") &
	echo $! >"$dir/$1.pid"
}

sip_wait() # NAME
{
	wait "$(cat "$dir/$1.pid")"
}

# Messages that came, one after the other: sipp's trace has them between rules.
sip_nth() # NAME N
{
	awk -v want="$2" '
		/^-----------------------------------------------/ { mine = 0 }
		/^(TCP|UDP) message received/ { fresh = 1; next }
		fresh && /^NOTIFY / { mine = ++n == want; fresh = 0 }
		fresh && /^SIP\/2.0/ { fresh = 0 }
		mine { sub(/\r$/, ""); print }' "$dir/$1.msg"
}

sip_notified() # NAME N
{
	sip_nth "$1" "$2" | sed '1,/^$/d'
}

sip_state() # NAME N
{
	sip_nth "$1" "$2" | sed -n 's/^Subscription-State: //p'
}

sip_await() # NAME N
{
	since=$(date +%s)
	until [ -n "$(sip_nth "$1" "$2")" ]; do
		[ $(($(date +%s) - since)) -lt 20 ] || return 1
	done
}
