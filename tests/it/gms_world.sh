# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034 # read by sh; sets names for its reader
# gms_world.sh - read by the tests that need a group server: a KMS for tests, a
# kdsd that serves it, users with enrolment files and tokens, and a gmsd.
#
#   world_make N           users sip:m1@example.org to sip:mN@example.org,
#                          control@, server@ and gms@; their keys for this
#                          period and the next; kdsd, running
#   world_configure LINE...  writes $dir/gmsd.conf: the usual lines, then these
#   world_start_gmsd       makes what is missing for gmsd (its KEK, its
#                          enrolment), starts it and awaits that it serves
#   world_child PROGRAM    prints the process of gmsd's that runs gmsd-front or
#                          gmsd-vault
#   world_stop_gmsd        SIGTERM, and waits until it has gone
#   world_stop             ends all that runs and removes the folder; done by a
#                          trap when the script ends
#   world_members N        prints the list of members for mcue, of m1 to mN
#   world_token USER       prints the user's access token: "m1", "control"
#   as_user USER ARG...    curl with that token; ARG... as for curl, but the
#                          URL may be a path, "/v1/groups"
#   as_server ARG...       curl as the MCPTT server sip:server@example.org, at
#                          the mutual listener
#   as_officer ARG...      curl with the client certificate of
#                          sip:officer@example.org, there
#   status_is STATUS CURL-FUNCTION ARG...
#                          passes when the answer has that status; its body is
#                          then in $dir/body, its head in $dir/head
#   expect NAME COMMAND... one test, passed when COMMAND exits 0
#   closing_line           prints the counts; exit 1 when a test failed
#
# Sets $dir (a scratch folder), $world (gms_world), $kds_url; with gmsd $url,
# $mutual_url, $health_url and $gmsd_pid. The present key period is $period; it
# began when that of $kms_offset, 0, says.
#
# Run where the programs were built; the caller has set -u. Ports are chosen by
# the system; nothing sleeps.
LC_ALL=C
export LC_ALL
unset http_proxy https_proxy

kms=./kms/kms
kdsd=./kms/kdsd
gmsd=./gms/gmsd
gmsctl=./gms/gmsctl
mcue=./ue/mcue
world=./tests/it/gms_world
passed=0 failed=0 skipped=0
kdsd_pid='' gmsd_pid=''
url='' mutual_url='' health_url='' kms_offset=0
dir=$(mktemp -d) || exit 1
trap 'world_stop' EXIT
trap 'exit 1' HUP INT TERM

expect()
{
	name=$1
	shift
	if ("$@") >"$dir/said" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'failed: %s\n' "$name"
		head -n 5 "$dir/said"
	fi
}

closing_line()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
}

world_die() # WHAT...
{
	printf '%s\n' "$*"
	tail -n 5 "$dir"/*.log "$dir/made" 2>/dev/null
	exit 1
}

# A step that has to work. kms and gmsd take themselves out of reach of the
# leak detector, which traces the process.
world_do() # COMMAND...
{
	ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" "$@" >"$dir/made" 2>&1 ||
		world_die "failed: $*"
}

world_users() # N
{
	i=1
	while [ "$i" -le "$1" ]; do
		echo "sip:m$i@example.org"
		i=$((i + 1))
	done
	printf 'sip:%s@example.org\n' control server gms
}

world_configure_kdsd()
{
	cat >"$dir/kdsd.conf" <<-END
		kms_uri = "kms.example.org";
		bundle_key = "$(sed -n 's/^bundle-key = //p' "$dir/kms/kms.conf")";
		kek_file = "kdsd.kek";
		import_key_file = "kdsd.import";
		database = "kdsd.db";
		listen = "127.0.0.1:0";
		health = "127.0.0.1:0";
		tls_cert = "server.pem";
		tls_key = "server.key";
		token = { jwks_file = "jwks.json"; };
		online_signing = true;
	END
}

# Starts a daemon and reads its readiness line into $line; the process is $!.
world_start() # LOG COMMAND...
{
	log=$dir/$1
	shift
	rm -f "$dir/ready"
	mkfifo "$dir/ready"
	ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" "$@" >"$dir/ready" \
		2>>"$log" &
	read -r line <"$dir/ready" || line=
}

world_port() # NAME: of the readiness line
{
	expr "$line " : ".*[ ]$1=\([0-9]*\) "
}

world_start_kdsd()
{
	world_start kdsd.log "$kdsd" --config "$dir/kdsd.conf"
	kdsd_pid=$!
	kds_url=https://127.0.0.1:$(world_port listen) ||
		world_die 'kdsd does not start'
}

# Enrolment files are named by the user's URI, percent-encoded, and a number.
world_enrolment() # USER
{
	printf '%s\n' "$dir/enrol/sip%3A$1@example.org-1.enrol"
}

# Sets $kms_lock: what each later command of kms says to open its secrets.
world_ceremony()
{
	world_do "$kms" init --insecure-test-key --dir "$dir/kms" \
		--uri kms.example.org --offset "$kms_offset"
	kms_lock=--insecure-test-key
}

world_make() # N
{
	now=$(date +%s)
	period=$(((now + 2208988800 - kms_offset) / 2592000))
	mkdir "$dir/enrol"
	world_users "$1" >"$dir/users"
	world_do "$world" make "$dir" "$dir/users"
	world_ceremony
	world_configure_kdsd
	world_do "$kdsd" --config "$dir/kdsd.conf" keygen
	import_key=$(cat "$dir/made")
	world_start_kdsd
	# shellcheck disable=SC2086 # the words of $kms_lock
	world_do "$kms" users add $kms_lock --dir "$dir/kms" \
		--users "$dir/users" --enrol-out "$dir/enrol" --kds-url "$kds_url"
	# shellcheck disable=SC2086 # the words of $kms_lock
	world_do "$kms" issue $kms_lock --dir "$dir/kms" \
		--period "$period..$((period + 1))" --kdsd-key "$import_key" \
		--out "$dir/bundle.1"
	world_do "$kdsd" --config "$dir/kdsd.conf" import "$dir/bundle.1"
}

# Roles: control is a dispatcher, officer the security officer, server a server,
# each for every group.
# shellcheck disable=SC2120 # readers of this file have lines to add
world_configure() # LINE...
{
	{
		cat <<-END
			listen = "127.0.0.1:0";
			health = "127.0.0.1:0";
			tls_cert = "server.pem";
			tls_key = "server.key";
			mutual = ( { listen = "127.0.0.1:0"; client_ca = "ca.pem";
			    trusted_peers = [ "client.test" ]; } );
			token = { jwks_file = "jwks.json"; };
			roles = (
			    { who = "sip:control@example.org"; role = "dispatcher";
			      groups = [ "*" ]; },
			    { who = "sip:officer@example.org"; role = "security";
			      groups = [ "*" ]; },
			    { who = "sip:server@example.org"; role = "server";
			      groups = [ "*" ]; } );
			kek_file = "gmsd.kek";
			kds = { ca_file = "ca.pem";
			    token_file = "tokens/sip:gms@example.org"; };
		END
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$dir/gmsd.conf"
}

# The identity is made once; a restart finds it.
world_start_gmsd()
{
	# shellcheck disable=SC2119 # no lines beside the usual ones
	[ -f "$dir/gmsd.conf" ] || world_configure
	[ -f "$dir/gmsd.kek" ] || {
		world_do "$gmsd" --config "$dir/gmsd.conf" keygen
		world_do "$gmsd" --config "$dir/gmsd.conf" enrol \
			"$(world_enrolment gms)"
	}
	now=$(date +%s)
	world_start gmsd.log "$gmsd" --config "$dir/gmsd.conf"
	gmsd_pid=$!
	url=https://127.0.0.1:$(world_port listen) ||
		world_die 'gmsd does not start'
	mutual_url=https://127.0.0.1:$(world_port mutual)
	health_url=http://127.0.0.1:$(world_port health)
	world_await_ready
}

# Its ports are open before its own keys have come from the KMS.
world_await_ready()
{
	until curl -fs -o /dev/null "$health_url/readyz"; do
		[ $(($(date +%s) - now)) -lt 60 ] || world_die 'gmsd is not ready'
	done
}

world_child() # PROGRAM
{
	tr ' ' '\n' <"/proc/$gmsd_pid/task/$gmsd_pid/children" |
		while read -r pid; do
			[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != "$1" ] || echo "$pid"
		done
}

world_stop_gmsd()
{
	world_end "$gmsd_pid"
	gmsd_pid=''
}

world_end() # PID
{
	[ -z "$1" ] || {
		kill "$1" 2>/dev/null
		wait "$1"
	}
}

world_stop()
{
	world_end "$gmsd_pid"
	world_end "$kdsd_pid"
	gmsd_pid='' kdsd_pid=''
	rm -rf "$dir"
}

world_token() # USER
{
	cat "$dir/tokens/sip:$1@example.org"
}

# The list of members for mcue: the first N users.
world_members() # N
{
	head -n "$1" "$dir/users" | sed 's/^sip:\(.*\)@example.org$/\1/' |
		while read -r name; do
			echo "enrol/sip%3A$name@example.org-1.enrol" \
				"tokens/sip:$name@example.org"
		done
}

# The last argument may be a path of gmsd's.
world_curl() # BASE-URL CURL-ARG... URL-OR-PATH
{
	base=$1
	shift
	for last; do :; done
	case $last in
	/*) set -- --url "$base$last" "$@" ;;
	*) set -- --url "$last" "$@" ;;
	esac
	# Without the last one, which has gone to the front.
	count=$#
	while [ "$count" -gt 1 ]; do
		set -- "$@" "$1"
		shift
		count=$((count - 1))
	done
	shift
	curl -sS --path-as-is --cacert "$dir/ca.pem" "$@"
}

as_user() # USER CURL-ARG... URL-OR-PATH
{
	bearer=$(world_token "$1")
	shift
	world_curl "$url" -H "Authorization: Bearer $bearer" "$@"
}

as_server() # CURL-ARG... URL-OR-PATH
{
	world_curl "$mutual_url" --cert "$dir/client.pem" --key "$dir/client.key" \
		-H 'X-3GPP-Asserted-Identity: "sip:server@example.org"' "$@"
}

as_officer() # CURL-ARG... URL-OR-PATH
{
	world_curl "$mutual_url" --cert "$dir/officer.pem" \
		--key "$dir/officer.key" "$@"
}

status_is() # STATUS CURL-FUNCTION ARG...
{
	want=$1 how=$2
	shift 2
	: >"$dir/body" # which curl leaves as it was for 304
	case $how in
	as_user)
		user=$1
		shift
		got=$(as_user "$user" -o "$dir/body" -D "$dir/head" \
			-w '%{http_code}' "$@")
		;;
	*)
		got=$("$how" -o "$dir/body" -D "$dir/head" -w '%{http_code}' "$@")
		;;
	esac
	[ "$got" = "$want" ] || {
		echo "status $got"
		cat "$dir/body"
		return 1
	}
}
