# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # $dir and so on are gms_world.sh's
# sip_world.sh - read behind gms_world.sh by the tests that speak SIP: scenarios
# for sipp, put together from parts.
#
#   sip_configure LINE...  world_configure with a SIP listener; LINE... are
#                          options of its group
#   sip_start_gmsd         world_start_gmsd, and sets $sip_port
#   sip_begin NAME         begins the scenario $dir/NAME.xml
#   sip_subscribe CSEQ EXPIRES TOKEN URI...
#                          SUBSCRIBE with a token ("-": none) and a list
#                          (no URI: no list); the dialog's from CSEQ 2 on
#   sip_header LINE        one more header for the next SUBSCRIBE
#   sip_event PACKAGE      another event package for the next SUBSCRIBE
#   sip_accept TYPE        another Accept for the next SUBSCRIBE
#   sip_to TAG             another tag of ours for the next SUBSCRIBE
#   sip_contact USER       another user in the Contact of the next SUBSCRIBE
#   sip_body TYPE BODY     a body for the next SUBSCRIBE, in place of its parts
#   sip_expect STATUS      awaits an answer
#   sip_notify [STATUS]    awaits a NOTIFY and answers it (200); "-": not
#   sip_answer STATUS      answers the last one after all
#   sip_hold NAME          no NOTIFY until sip_go NAME; once in a scenario
#   sip_run NAME           runs it against $sip_port; passes when it went through
#   sip_start NAME         the same in the background; sip_wait NAME ends it
#   sip_answers NAME       prints the answers that came
#   sip_notified NAME N    prints the body of the N-th NOTIFY
#   sip_notices NAME       prints how many NOTIFYs came
#   sip_state NAME N       prints its Subscription-State
#   sip_await NAME N       waits until the N-th NOTIFY came
#
# $sip_ip is where sipp calls from, $sip_to_ip where to, by $sip_mode: t1, TCP,
# or u1, UDP; $sip_args are more arguments for it, $sip_policy options of the
# group policy.
sip_port='' sip_ip=127.0.0.1 sip_to_ip=127.0.0.1 sip_mode=t1 sip_args=''
sip_policy=''
sip_headers='' sip_package='' sip_type='' sip_tag='' sip_text='' sip_text_type=''
sip_user=''

# The port that was free at first stays ours: after a restart members find it.
sip_configure() # LINE...
{
	world_configure "sip = { listens = (
		{ transport = \"tcp\"; listen = \"127.0.0.1:${sip_port:-0}\"; } );
	    xcap_root = \"https://gms.example/xcap/\";
	    trusted = [ \"127.0.0.1\" ]; $*
	};" ${sip_policy:+"policy = { $sip_policy };"}
}

sip_start_gmsd()
{
	world_start_gmsd
	line="$line "
	sip_port=$(world_port sip)
}

sip_begin() # NAME
{
	sip_name=$1
	sip_forget
	echo '<?xml version="1.0" encoding="UTF-8"?><scenario name="s">' \
		>"$dir/$1.xml"
}

sip_add()
{
	cat >>"$dir/$sip_name.xml"
}

sip_header() { sip_headers="$sip_headers$1
"; }
sip_forget()
{
	sip_headers='' sip_package='' sip_type='' sip_tag='' sip_user=''
	sip_text='' sip_text_type=''
}

sip_to() { sip_tag=$1; }
sip_contact() { sip_user=$1; }
sip_body() { sip_text_type=$1 sip_text=$2; }
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
	[ -z "$sip_tag" ] || peer=";tag=$sip_tag"
	type=
	if [ -n "$sip_text_type" ]; then
		type="Content-Type: $sip_text_type
"
	elif [ "$1" != - ] || [ $# -gt 1 ]; then
		type='Content-Type: multipart/mixed;boundary=b
'
		sip_text=$(sip_parts "$@")
	fi
	sip_add <<-END
		<send><![CDATA[
		SUBSCRIBE sip:gms@[remote_ip]:[remote_port];transport=[transport] SIP/2.0
		Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
		Max-Forwards: 70
		From: <sip:somebody.else@example.org>;tag=f[pid]x[call_number]
		To: <sip:gms@example.org>$peer
		Call-ID: [call_id]
		CSeq: $cseq SUBSCRIBE
		Contact: <sip:${sip_user:-ue}@[local_ip]:[local_port];transport=[transport]>
		Event: ${sip_package:-xcap-diff;diff-processing=no-patching}
		Accept: ${sip_type:-application/xcap-diff+xml}
		Expires: $expires
		${sip_headers}${type}Content-Length: [len]

		$sip_text
		]]></send>
	END
	sip_forget
}

sip_expect() # STATUS
{
	echo "<recv response=\"$1\" rrs=\"true\" timeout=\"15000\"/>" | sip_add
}

sip_notify() # [STATUS]
{
	echo '<recv request="NOTIFY" timeout="20000"/>' | sip_add
	[ "${1-200}" = - ] || sip_answer "${1-200}"
}

sip_answer() # STATUS
{
	sip_add <<-END
		<send><![CDATA[
		SIP/2.0 $1 Told
		[last_Via:]
		[last_From:]
		[last_To:]
		[last_Call-ID:]
		[last_CSeq:]
		Content-Length: 0

		]]></send>
	END
}

# sipp looks at a file again and again. What it reads may have octets of its
# buffer behind it.
sip_hold() # NAME
{
	printf wait >"$dir/$1.go"
	sip_add <<-END
		<label id="1"/>
		<pause milliseconds="20"/>
		<nop test="gone" next="2"><action>
		<assignstr assign_to="said" value="[file name=$dir/$1.go]"/>
		<ereg regexp="^go" search_in="var" variable="said" assign_to="gone"/>
		</action></nop>
		<nop next="1"/>
		<label id="2"/>
	END
}

sip_go() # NAME
{
	printf go >"$dir/$1.go.new"
	mv "$dir/$1.go.new" "$dir/$1.go"
}

sip_sipp() # NAME
{
	# shellcheck disable=SC2086 # the words of $sip_args
	TERM=dumb exec sipp -sf "$dir/$1.xml" -m 1 -t "$sip_mode" -nostdin -timeout 60 \
		-timeout_error -i "$sip_ip" -trace_msg -message_file "$dir/$1.msg" \
		$sip_args "$sip_to_ip:$sip_port" >"$dir/$1.out" 2>&1 </dev/null
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
	rm -f "$dir/$1.rc"
	{
		(sip_sipp "$1")
		echo $? >"$dir/$1.rc.new"
		mv "$dir/$1.rc.new" "$dir/$1.rc"
	} &
}

# From any shell, and no longer than sipp itself waits.
sip_wait() # NAME
{
	until [ -f "$dir/$1.rc" ]; do
		sleep 0.02
	done
	[ "$(cat "$dir/$1.rc")" -eq 0 ] || {
		cat "$dir/$1.out"
		return 1
	}
}

# Messages of the scenario's first call that came, each on one line with \r
# between its own: sipp's trace has them between rules. The call is that of the
# first message sent: the port was another's before, and what his dialogs are
# told may come before all else.
sip_came() # NAME
{
	awk '
		function flush() {
			if (came && text != "" && index(text, "\rCall-ID: " call "\r"))
				print text
			came = 0; text = ""
		}
		{ sub(/\r$/, "") }
		/^-----------------------------------------------/ {
			flush(); sent = 0; next
		}
		/^(TCP|UDP) message received/ { came = 1; text = ""; next }
		/^(TCP|UDP) message sent/ { sent = 1; next }
		sent && /^Call-ID: / && call == "" { call = substr($0, 10) }
		came && (text != "" || $0 != "") { text = text $0 "\r" }
		END { flush() }' "$dir/$1.msg"
}

sip_nth() # NAME N
{
	sip_came "$1" | grep '^NOTIFY ' | sed -n "$2p" | tr '\r' '\n'
}

sip_notices() # NAME
{
	sip_came "$1" | grep -c '^NOTIFY '
}

sip_answers() # NAME
{
	sip_came "$1" | grep '^SIP/' | tr '\r' '\n'
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
		sleep 0.02
	done
}
