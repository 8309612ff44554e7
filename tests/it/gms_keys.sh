# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # $dir and so on are gms_world.sh's
# gms_keys.sh - read behind gms_world.sh by the tests of group keys: what members
# have in their hands, from their KMS and from gmsd.
#
#   keep_enrolment USER... copies their enrolment files, each of which is good
#                          once: a device of USER, and another for mcue
#   clear_keys USER [PERIOD]
#                          a new device of USER gets its keys from kdsd and exports
#                          them in clear: keys.USER, and the certificate in
#                          cert.USER
#   ctl ARG...             gmsctl as the control room
#   secrets_of USER        after clear_keys: prints what is secret of it, a line
#                          "NAME HEX" each, for gms_world search
#   document USER FILE [GROUP]
#                          his key document of the group
#   messages FILE          prints its messages, one a line: "ID HEX"
#   opens USER HEX         our own tool opens a message, with --show-secret: in
#                          $dir/opened, of which opened NAME prints a field
#   looks USER             a member looks once; its state in $dir/state.USER
#   current USER           prints the GMK-ID that he sends with then, or nothing
#   soon COMMAND...        until that holds, and for half a minute at most
#   has_key USER           any that is in force
#   has_other_key USER GMK-ID
#   refuses COMMAND...     passes when that fails
#   quietly COMMAND...     without the leak detector, which traces the process:
#                          kms-client does not let it
#
# The group is $g.
client=./kms-client/kms-client
tool=./tools/mikeytool
keys=/xcap/org.3gpp.MCPTT-GKTP/users
g=sip:incident-7@groups.example.org

keep_enrolment() # USER...
{
	for user; do
		cp "$(world_enrolment "$user")" "$dir/copy.$user"
	done
}

percent() # URI: as one segment of a path
{
	echo "$1" | sed 's/:/%3A/g; s/@/%40/g'
}

quietly() # COMMAND...
{
	ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" "$@"
}

refuses()
{
	! "$@"
}

ctl() # ARG...: as the control room
{
	"$gmsctl" "$@" --server "$url" --ca "$dir/ca.pem" \
		--token "$dir/tokens/sip:control@example.org"
}

clear_keys() # USER [PERIOD]
{
	cp "$dir/copy.$1" "$dir/used" # enrol destroys it
	rm -rf "$dir/store.$1" "$dir/keys.$1" "$dir/cert.$1"
	quietly "$client" enrol "$dir/used" --store "$dir/store.$1" &&
		quietly "$client" fetch --store "$dir/store.$1" --ca "$dir/ca.pem" \
			--token "$dir/tokens/sip:$1@example.org" &&
		quietly "$client" export-clear --store "$dir/store.$1" \
			--user "sip:$1@example.org" --period "${2:-$period}" \
			--keys "$dir/keys.$1" --cert "$dir/cert.$1"
}

secrets_of() # USER
{
	sed -n "s/^trk = /trk-of-$1 /p; s/^ink = /ink-of-$1 /p" "$dir/copy.$1"
	for name in UserDecryptKey UserSigningKeySSK; do
		hex=$(tr -d ' \n' <"$dir/keys.$1" |
			sed -n "s/.*<${name}[^>]*>\([0-9A-Fa-f]*\)<.*/\1/p")
		# Half a point is bad enough, and it may have lost its 04.
		[ "$name" = UserSigningKeySSK ] || hex=$(echo "$hex" | cut -c 3-130)
		echo "$name-of-$1 $hex"
	done
}

document() # USER FILE [GROUP]
{
	as_user "$1" -f -o "$dir/$2" \
		"$keys/sip%3A$1%40example.org/$(percent "${3:-$g}")"
}

messages() # FILE
{
	tr -d '\n' <"$dir/$1" | tr '<' '\n' |
		sed -n 's/^GKTP [^>]*id="\([^"]*\)"[^>]*>\([0-9a-f]*\)$/\1 \2/p'
}

opens() # USER HEX
{
	printf '%s' "$2" | "$tool" open --cert "$dir/cert.$1" \
		--keys "$dir/keys.$1" --show-secret >"$dir/opened"
}

opened() # NAME
{
	sed -n "s/^$1 //p" "$dir/opened"
}

looks() # USER
{
	"$mcue" fetch --json --enrolment "$dir/copy.$1" \
		--token "$dir/tokens/sip:$1@example.org" --group "$g" \
		--gms "$url" --gms-id sip:gms@example.org --ca "$dir/ca.pem" \
		>"$dir/state.$1" 2>"$dir/looked"
}

current() # USER
{
	looks "$1"
	tr '{' '\n' <"$dir/state.$1" |
		sed -n 's/.*"gmk_id":"\([0-9a-f]*\)".*"state":"current".*/\1/p'
}

soon() # COMMAND...
{
	since=$(date +%s)
	until "$@"; do
		[ $(($(date +%s) - since)) -lt 30 ] || return 1
	done
}

has_key() # USER
{
	[ -n "$(current "$1")" ]
}

has_other_key() # USER GMK-ID
{
	now_has=$(current "$1")
	[ -n "$now_has" ] && [ "$now_has" != "$2" ]
}
