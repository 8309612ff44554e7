# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # $dir and so on are gms_world.sh's
# sip_steps.sh - read behind sip_world.sh by the tests of subscriptions: groups,
# whole calls, and questions about what a NOTIFY said.
#
#   sip_needed             ends the test as skipped where there is no sipp
#   make_group NAME MEMBER...
#                          the control room makes sip:NAME@example.org
#   rename_group NAME TEXT it edits its display name
#   keys_of USER [GROUP]   prints the selector of a key document
#   heard NAME EXPIRES TOKEN URI...
#                          a subscription, its NOTIFY, and good-bye
#   refused NAME STATUS EXPIRES TOKEN URI...
#                          a SUBSCRIBE that is refused; sip_begin NAME came before
#   answered NAME LINE     an answer had that line
#   says, silent NAME N TEXT
#                          the N-th NOTIFY's body has it, or has not
#   is_created, is_changed, is_gone NAME N SEL
#                          what it says of that document
#   attribute NAME N SEL ATTRIBUTE
#                          prints one of it
#   etag_of CURL-FUNCTION ARG...
#                          prints the ETag of an answer that is 200
#   in_time COMMAND...     until it succeeds, 20 s at most
#   metric NAME            prints gmsd_sip_NAME
#   front_pid, front_kib   print the front's process and its memory
# shellcheck disable=SC2034 # read by those who read this
json='Content-Type: application/json'
groups=org.openmobilealliance.groups/global/byGroupID
g1=$groups/sip%3Ainc-1%40example.org
root='https://gms.example/xcap/'

sip_needed()
{
	command -v sipp >/dev/null || {
		echo 'skipped: sipp is not here'
		echo '0 passed, 0 failed, 1 skipped'
		exit 0
	}
}

keys_of() # USER [GROUP]
{
	echo "org.3gpp.MCPTT-GKTP/users/sip%3A$1%40example.org/sip%3A${2:-inc-1}%40example.org"
}

await_keys() # USER
{
	since=$(date +%s)
	until status_is 200 as_user "$1" "/xcap/$(keys_of "$1")" >/dev/null; do
		[ $(($(date +%s) - since)) -lt 20 ] || return 1
	done
}

# Where the control room writes it; members read it at $groups.
written_at() # NAME
{
	echo "/xcap/org.openmobilealliance.groups/users/sip%3Acontrol%40example.org/$1"
}

make_group() # NAME MEMBER...
{
	name=$1
	shift
	{
		cat <<-END
			<group xmlns="urn:oma:xml:poc:list-service"
			 xmlns:oxe="urn:oma:xml:xdm:extensions"
			 xmlns:mcpttgi="urn:3gpp:ns:mcpttGroupInfo:1.0">
			<list-service uri="sip:$name@example.org">
			<display-name xml:lang="en">$name</display-name><list>
		END
		printf '<entry uri="sip:%s@example.org"/>' "$@"
		cat <<-END
			</list><oxe:supported-services>
			<oxe:service enabler="urn:urn-7:3gpp-service.ims.icsi.mcptt">
			<oxe:group-media><mcpttgi:mcptt-speech/></oxe:group-media>
			</oxe:service></oxe:supported-services>
			</list-service></group>
		END
	} >"$dir/group"
	status_is 201 as_user control -X PUT --data-binary "@$dir/group" \
		-H 'Content-Type: application/vnd.oma.poc.groups+xml' \
		"$(written_at "$name")"
}

api_group() # NAME
{
	echo "/v1/groups/sip%3A$1%40example.org"
}

rename_group() # NAME TEXT
{
	as_user control -fo "$dir/renamed" -X PUT \
		-H 'Content-Type: application/xcap-el+xml' -d \
		"<display-name xmlns=\"urn:oma:xml:poc:list-service\" xml:lang=\"en\">$2</display-name>" \
		"$(written_at "$1")/~~/group/list-service/display-name"
}

etag_of() # CURL-FUNCTION ARG...
{
	status_is 200 "$@" &&
		sed -n 's/^etag: *"\(.*\)"\r$/\1/Ip' "$dir/head"
}

says() # NAME N TEXT: in the body of that NOTIFY
{
	sip_notified "$1" "$2" | grep -qF -- "$3" || {
		sip_notified "$1" "$2"
		return 1
	}
}

silent() # NAME N TEXT
{
	! says "$1" "$2" "$3" >/dev/null
}

state_is() # NAME N STATE
{
	[ "$(sip_state "$1" "$2")" = "$3" ] || {
		sip_state "$1" "$2"
		return 1
	}
}

attribute() # NAME N SEL ATTRIBUTE: of the document with that sel
{
	sip_notified "$1" "$2" | tr '<' '\n' | grep -F "sel=\"$3\"" |
		sed -n "s/.* $4=\"\([^\"]*\)\".*/\1/p"
}

# new-etag alone: there; previous-etag alone: gone; both: changed.
is_created()
{
	[ -n "$(attribute "$1" "$2" "$3" new-etag)" ] &&
		[ -z "$(attribute "$1" "$2" "$3" previous-etag)" ]
}

is_changed()
{
	[ -n "$(attribute "$1" "$2" "$3" new-etag)" ] &&
		[ -n "$(attribute "$1" "$2" "$3" previous-etag)" ]
}

is_gone()
{
	[ -z "$(attribute "$1" "$2" "$3" new-etag)" ] &&
		[ -n "$(attribute "$1" "$2" "$3" previous-etag)" ]
}

# One SUBSCRIBE that is refused; sip_header and the like came before.
refused() # NAME STATUS EXPIRES TOKEN URI...
{
	refused_name=$1 status=$2
	shift 2
	sip_subscribe 1 "$@"
	sip_expect "$status"
	sip_run "$refused_name"
}

# One subscription with one NOTIFY, and good-bye.
heard() # NAME EXPIRES TOKEN URI...
{
	sip_begin "$1"
	heard_name=$1
	shift
	sip_subscribe 1 "$@"
	sip_expect 200
	sip_notify
	[ "$1" -eq 0 ] || {
		sip_subscribe 2 0 -
		sip_expect 200
		sip_notify
	}
	sip_run "$heard_name"
}

answered() # NAME LINE
{
	sip_answers "$1" | grep -qiF -- "$2"
}

in_time() # COMMAND...
{
	since=$(date +%s)
	until "$@" >/dev/null 2>&1; do
		[ $(($(date +%s) - since)) -lt 20 ] || return 1
	done
}

metric() # NAME
{
	curl -sS "$health_url/metrics" | sed -n "s/^gmsd_sip_$1 //p"
}

front_pid()
{
	sed -n "s/^\([0-9]*\) (gmsd-front) [A-Z] $gmsd_pid .*/\1/p" \
		/proc/[0-9]*/stat 2>/dev/null
}

front_kib()
{
	awk '/^VmRSS:/ { print $2 }' "/proc/$(front_pid)/status"
}
