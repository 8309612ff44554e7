#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gmsd_test.sh - gmsd as it is run: three processes with the real front and
# vault. What each has open and may do, what happens when one of them ends,
# signals, and a restart without its KMS.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"

# ------------------------------------------------------------------- helpers

# The child of gmsd of that name; empty when there is none.
child() # PROGRAM
{
	tr ' ' '\n' <"/proc/$gmsd_pid/task/$gmsd_pid/children" |
		while read -r pid; do
			[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ] && echo "$pid"
		done
}

in_time() # COMMAND...: until it succeeds, 20 s at most
{
	begun=$(date +%s)
	until "$@"; do
		[ $(($(date +%s) - begun)) -lt 20 ] || return 1
	done
}

ready() { curl -fs -o /dev/null "$health_url/readyz"; }
not_ready() { ! ready; }
is_gone() { [ ! -e "/proc/$1" ]; }

another_vault() # PID
{
	now_vault=$(child gmsd-vault)
	[ -n "$now_vault" ] && [ "$now_vault" != "$1" ]
}

# Each line: number, what it is.
open_files() # PID
{
	for fd in "/proc/$1/fd/"*; do
		echo "$(basename "$fd") $(readlink "$fd")"
	done
}

# Sockets among them that are not of the kind that a parent hands down.
network_of() # PID
{
	for inode in $(open_files "$1" | sed -n 's/.* socket:\[\(.*\)\]$/\1/p'); do
		grep -q " $inode\( \|$\)" "/proc/$1/net/unix" || echo "$inode"
	done
}

status_says() # PID FIELD VALUE
{
	grep -q "^$2:[[:space:]]*$3\$" "/proc/$1/status" || {
		grep "^$2:" "/proc/$1/status"
		return 1
	}
}

# Whose files in /proc are root's although it runs as somebody: not dumpable.
# For root's own processes that does not show, but the limit does.
leaves_no_core() # PID
{
	grep -q '^Max core file size *0 *0 ' "/proc/$1/limits"
}

# ------------------------------------------------------------------- serving

world_make 2
# Accounts of their own when we may: then /proc tells who is dumpable. The
# programs lie where these may go, which root's home is not.
accounts=
if [ "$(id -u)" -eq 0 ]; then
	chmod 0711 "$dir"
	chown -R daemon "$dir" # the front makes files in it
	mkdir "$dir/bin"
	cp ./gms/gmsd ./gms/gmsd-front ./gms/gmsd-vault "$dir/bin"
	gmsd=$dir/bin/gmsd
	accounts='vault_user = "nobody"; front_user = "daemon";'
fi
world_configure "$accounts" 'log_level = "debug";'
expect 'an installation is made and in order' sh -c "
	'$gmsd' --config '$dir/gmsd.conf' keygen &&
	'$gmsd' --config '$dir/gmsd.conf' enrol '$(world_enrolment gms)' &&
	'$gmsd' --config '$dir/gmsd.conf' --check"
world_start_gmsd
front=$(child gmsd-front)
vault=$(child gmsd-vault)
expect 'there is a front' test -n "$front"
expect 'there is a vault' test -n "$vault"

open_files "$vault" >"$dir/vault.files"
expect 'the vault has no network' test -z "$(network_of "$vault")"
expect 'the front has one, so that would have shown' \
	test -n "$(network_of "$front")"
expect 'the vault has its line, its log, and no KEK or identity any more' \
	sh -c "! grep -q 'gmsd.kek\|gmsd.identity' '$dir/vault.files' &&
		grep -q '^3 socket:' '$dir/vault.files' &&
		grep -q '^6 .*gmsd.vault.log' '$dir/vault.files'"
expect 'and nothing of the front' \
	sh -c "! grep -q 'gmsd.db\|audit\|server.key\|jwks' '$dir/vault.files'"
expect 'its system calls are filtered' status_says "$vault" Seccomp 2
for pid in "$gmsd_pid" "$front" "$vault"; do
	expect "$(cat "/proc/$pid/comm") leaves no core" leaves_no_core "$pid"
done
for pid in "$front" "$vault"; do
	expect "$(cat "/proc/$pid/comm") gains no privileges" \
		status_says "$pid" NoNewPrivs 1
done
[ -z "$accounts" ] || {
	expect 'the vault runs as somebody else' status_says "$vault" Uid \
		'65534[[:space:]]*65534[[:space:]]*65534[[:space:]]*65534'
	expect 'who may not look into it' test \
		"$(stat -c %u "/proc/$vault/environ")" -eq 0
}

# Whether the front's account may look into a process, and attach to it: the
# kernel asks the same for /proc/PID/mem as for ptrace(2).
front_account() { setpriv --reuid daemon --regid daemon --clear-groups "$@"; }
may_look() { front_account cat "/proc/$1/maps"; }
may_trace() { front_account sh -c ": <'/proc/$1/mem'"; }
may_not() { ! "$@"; }
if [ -n "$accounts" ]; then
	sleeper=$dir/sleeper
	mkfifo "$sleeper"
	setpriv --reuid daemon --regid daemon --clear-groups \
		cat <>"$sleeper" >/dev/null &
	other=$!
	expect 'the front runs as somebody else, too' status_says "$front" Uid \
		'1[[:space:]]*1[[:space:]]*1[[:space:]]*1'
	in_time sh -c "[ \"\$(cat '/proc/$other/comm')\" = cat ]"
	expect 'whose other processes he may look into' may_look "$other"
	expect 'but not into the front' may_not may_look "$front"
	expect 'nor trace it' may_not may_trace "$front"
	kill "$other"
	wait "$other" 2>/dev/null
else
	skipped=$((skipped + 1))
	echo 'skipped: the front cannot be traced by its user: not root'
fi

# ------------------------------------------------------------------ a group

gktp=/xcap/org.3gpp.MCPTT-GKTP/users
json='Content-Type: application/json'
members='["sip:m1@example.org","sip:m2@example.org"]'
create()
{
	status_is 201 as_user control -X POST -H "$json" \
		-d "{\"id\":\"sip:inc@example.org\",\"members\":$members}" /v1/groups
}
has_key() # USER
{
	as_user "$1" -f -o "$dir/key.$1" \
		"$gktp/sip%3A$1%40example.org/sip%3Ainc%40example.org"
}
expect 'a group is created' create
expect 'its members have a key' in_time has_key m1
expect 'each of them' in_time has_key m2

# ------------------------------------------------------ without the vault

kill -KILL "$vault"
expect 'the vault is seen to be gone, or has a successor' \
	in_time another_vault "$vault"
expect 'the front is the same' test "$(child gmsd-front)" = "$front"
expect 'and is ready again by itself' in_time ready
expect 'members have the key that they had' has_key m1
vault=$(child gmsd-vault)
kill -STOP "$vault"
kill -KILL "$vault"
rekey()
{
	as_user control -X POST -H "$json" -d '{}' -f -o "$dir/body" \
		/v1/groups/sip%3Ainc%40example.org/rekey
}
expect 'a rekeying that falls between two vaults' rekey
before=$(cksum <"$dir/key.m1")
has_another_key() { has_key m1 && [ "$(cksum <"$dir/key.m1")" != "$before" ]; }
expect 'is done by the next' in_time has_another_key

# ----------------------------------------------------------------- signals

kill -HUP "$gmsd_pid"
reloaded() { grep -q 'event=gms.reloaded' "$dir/gmsd.log"; }
expect 'SIGHUP reaches the front' in_time reloaded
front=$(child gmsd-front)
vault=$(child gmsd-vault)
kill -TERM "$gmsd_pid"
wait "$gmsd_pid"
expect 'SIGTERM ends it well' test $? -eq 0
gmsd_pid=''
expect 'the front is gone' is_gone "$front"
expect 'the vault is gone' is_gone "$vault"

# --------------------------------------------------- without KMS, front, both

world_end "$kdsd_pid"
kdsd_pid=''
world_start_gmsd
expect 'it starts without its KMS' ready
expect 'the key is where it was' has_key m2
front=$(child gmsd-front)
vault=$(child gmsd-vault)
kill -KILL "$front"
wait "$gmsd_pid"
expect 'without its front it fails' test $? -eq 1
gmsd_pid=''
expect 'and leaves no vault' is_gone "$vault"
world_start_gmsd
vault=$(child gmsd-vault)
front=$(child gmsd-front)
kill -KILL "$gmsd_pid"
wait "$gmsd_pid" 2>/dev/null
gmsd_pid=''
expect 'without its monitor there is no front' in_time is_gone "$front"
expect 'nor a vault' in_time is_gone "$vault"

# ---------------------------------------------------------- too many requests

world_configure "$accounts" 'limits = { requests_per_s = 1; burst = 3;
	failures_per_s = 1; failure_burst = 2; };'
world_start_gmsd
# Twenty requests on one connection: their statuses, their heads.
storm() # PATH-WITH-[1-20] CURL-FUNCTION ARG...
{
	path=$1
	shift
	"$@" -o /dev/null -D "$dir/heads" -w '%{http_code}\n' "$path" >"$dir/storm"
}
storm_has() # STATUS
{
	tr '\n' ' ' <"$dir/storm"
	grep -qx "$1" "$dir/storm"
}
as_stranger()
{
	world_curl "$url" -H 'Authorization: Bearer e30.e30.e30' "$@"
}
limited() # OF: whether /metrics has counted some
{
	curl -fs "$health_url/metrics" |
		grep -q "^gmsd_http_limited_total{of=\"$1\"} [1-9]"
}
storm '/v1/groups/[1-20]' as_user control
expect 'a caller who asks too often is told to wait' storm_has 429
expect 'and was let in at first' storm_has 404
expect 'he is told for how long' grep -qi '^retry-after: [123]' "$dir/heads"
expect 'another one is let in' has_key m1
storm '/xcap/org.openmobilealliance.groups/users/sip%3A[1-20]/x' \
	as_user control
expect 'so are those who ask for documents too often' storm_has 429
expect 'that is counted' limited caller
storm '/v1/groups/[1-20]' as_stranger
expect 'a bad token is refused' storm_has 401
expect 'and sent away when there are too many' storm_has 429
expect 'that is counted apart' limited address
expect 'a good one is let in from the same address' has_key m2

# ------------------------------------------------------------- what it says

"$gmsd" --man >"$dir/options"
sed -n '/^\.\\" gmsd --man$/,/^\.\\" end$/p' \
	"${srcdir:-$(dirname "$0")/../..}/docs/gmsd.conf.5" |
	sed '1d;$d' >"$dir/described"
expect 'gmsd.conf(5) describes each option' cmp "$dir/options" "$dir/described"
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }
expect 'no key of keys and no token is in the log' sh -c \
	"! grep -qiF -e '$(hex "$dir/gmsd.kek")' \
		-e '$(world_token gms)' -e '$(world_token control)' '$dir/gmsd.log'"
closing_line
