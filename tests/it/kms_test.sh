#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kms_test.sh - the offline tool: a ceremony with three of five shares, users,
# the log and what is refused; and that nothing of it touches a network.
#
# Run where the program was built. Ends with "N passed, N failed, N skipped";
# exit 1 when a test failed.
set -u
LC_ALL=C
export LC_ALL
# The leak detector traces the process, which kms does not let it.
ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
export ASAN_OPTIONS

kms=$(realpath "${KMS:-./kms/kms}") || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
passed=0 failed=0 skipped=0
now=1764000000
trace= # what stands before each call: strace, or nothing

verdict() # NAME PROBLEM: empty when all is well
{
	if [ -z "$2" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	printf 'failed: %s: %s\n' "$1" "$2"
	head -n 3 out err
}

call() # ARG...
{
	# shellcheck disable=SC2086 # the words of strace
	$trace "$kms" "$@" <input >out 2>err
	status=$?
}

works() # NAME ARG...
{
	name=$1
	shift
	call "$@"
	problem=
	[ $status -eq 0 ] || problem="exit status $status"
	[ ! -s err ] || problem='standard error is not empty'
	verdict "$name" "$problem"
}

# Exit status 1, nothing on standard output, this in one line on standard error.
fails() # NAME STATUS TEXT ARG...
{
	name=$1 want=$2 text=$3
	shift 3
	call "$@"
	problem=
	[ $status -eq "$want" ] || problem="exit status $status"
	[ ! -s out ] || problem='standard output is not empty'
	[ "$(wc -l <err)" -eq 1 ] || problem='not one line on standard error'
	grep -qF -e "$text" err || problem="does not say: $text"
	verdict "$name" "$problem"
}

has() # NAME TEXT FILE
{
	if grep -qF -e "$2" "$3"; then
		verdict "$1" ''
	else
		verdict "$1" "no \"$2\" in $3"
	fi
}

differs() # NAME FILE FILE
{
	if cmp -s "$2" "$3"; then
		verdict "$1" "$2 and $3 are the same"
	else
		verdict "$1" ''
	fi
}

same() # NAME FILE FILE
{
	if cmp -s "$2" "$3"; then
		verdict "$1" ''
	else
		verdict "$1" "$2 and $3 differ"
	fi
}

gone() # NAME PATH
{
	if [ -e "$2" ]; then
		verdict "$1" "$2 is there"
	else
		verdict "$1" ''
	fi
}

: >input
mkdir shares others enrol
url=https://kds.example.org:8444
three='--share shares/share-1.txt --share shares/share-4.txt --share shares/share-5.txt'
traced=
if command -v strace >/dev/null 2>&1; then
	traced=yes
	trace="strace -f -A -o trace -e trace=%network,seccomp,openat"
fi

# The ceremony.
works 'a ceremony' init --dir D --uri kms.example.org --shares 5 \
	--threshold 3 --shares-out shares --now $now
has 'the ceremony prints the head of the log' 'head 1:' out
works 'the log is good' log head --dir D
cp out head-after-init
fails 'a second ceremony on one directory' 1 'is there already' init --dir D \
	--uri kms.example.org --shares-out others --now $now
works 'a rehearsal' init --dir R --uri kms.example.org --shares-out others \
	--rehearse --now $now
gone 'a rehearsal leaves no directory' R
gone 'a rehearsal leaves no share' others/share-1.txt
works 'another KMS' init --dir O --uri kms.example.net --shares-out others \
	--now $now
fails 'a share written once is not overwritten' 1 'cannot be given out' init \
	--dir R --uri x --shares-out others
gone 'a ceremony that failed leaves nothing' R
fails 'one share for one key' 2 '--threshold' init --dir R --uri x --shares 3 \
	--threshold 1 --shares-out others
# shellcheck disable=SC2086 # the words of $three
works 'users are added' users add --dir D $three \
	--user sip:alice@example.org --enrol-out enrol --kds-url $url --now $now
printf 'sip:bob@example.org\r\nsip:carol@example.org\n' >list
# shellcheck disable=SC2086
works 'users are added from a list' users add --dir D $three --users list \
	--enrol-out enrol --kds-url $url --now $now
has 'the list had two' 'added 2' out
file=enrol/sip%3Abob@example.org-1.enrol
has 'an enrolment file names its user' 'user_uri = sip:bob@example.org' "$file"
has 'an enrolment file expires' "not_after = $((now + 604800))" "$file"
# shellcheck disable=SC2086
fails 'a user twice' 1 'is there already' users add --dir D $three \
	--user sip:bob@example.org --enrol-out enrol --kds-url $url --now $now
# shellcheck disable=SC2086
works 'a user again with new keys' users add --dir D $three --renew \
	--user sip:bob@example.org --enrol-out enrol --kds-url $url --now $now
differs 'new keys are others' "$file" enrol/sip%3Abob@example.org-2.enrol
# shellcheck disable=SC2086
works 'a user is revoked' users revoke --dir D $three \
	--user sip:carol@example.org --now $now
# shellcheck disable=SC2086
fails 'who is revoked cannot be revoked' 1 'is revoked already' users revoke \
	--dir D $three --user sip:carol@example.org --now $now
works 'users are listed' users list --dir D
printf '%s\n' "active 1 $now sip:alice@example.org" \
	"active 2 $now sip:bob@example.org" \
	"revoked 1 $now sip:carol@example.org" >want
same 'the list is that of the users' out want

# Shares.
fails 'two shares' 1 'are too few' users revoke --dir D \
	--share shares/share-1.txt --share shares/share-2.txt \
	--user sip:bob@example.org --now $now
fails 'one share twice' 1 'twice' users revoke --dir D \
	--share shares/share-1.txt --share shares/share-2.txt \
	--share shares/share-1.txt --user sip:bob@example.org --now $now
fails 'a share of another KMS' 1 'not of one key' users revoke --dir D \
	--share shares/share-1.txt --share shares/share-2.txt \
	--share others/share-3.txt --user sip:bob@example.org --now $now
fails 'the shares of another KMS' 1 'another KMS' users revoke --dir D \
	--share others/share-1.txt --share others/share-2.txt \
	--share others/share-3.txt --user sip:bob@example.org --now $now
sed 's/^./7/' shares/share-2.txt >mistyped
fails 'a share with a wrong character' 1 'checksum' users revoke --dir D \
	--share shares/share-1.txt --share mistyped \
	--share shares/share-3.txt --user sip:bob@example.org --now $now
works 'what was refused is in the log' log show --dir D
has 'too few shares are in the log' 'what=shares why="are too few"' out

# The test key.
works 'a KMS for tests' init --dir T --uri test.example.org \
	--insecure-test-key --now $now
fails 'a KMS for tests without the option' 1 'is missing' users list --dir T
works 'a KMS for tests says so in its certificate' cert --dir T \
	--insecure-test-key
has 'the issuer is the warning' '<Issuer>INSECURE TEST KEY</Issuer>' out
cp out test.xml
fails 'a KMS proper with the option' 1 'this is none' users list --dir D \
	--insecure-test-key

# Certificates.
works 'our certificate' cert --dir D
cp out ours.xml
works 'what to compare' cert --dir O --fingerprint
key=$(sed -n 's/^cert_key //p' out)
works "a partner's certificate" cert --dir O
cp out theirs.xml
# shellcheck disable=SC2086
works "a partner's certificate is imported" cert --dir D $three \
	--external theirs.xml --partner-key "$key" --now $now
has 'it is external now' 'Role="External"' "$(echo D/external/*.xml)"
# shellcheck disable=SC2086
fails 'a certificate of somebody else' 1 'is not signed' cert --dir D $three \
	--external ours.xml --partner-key "$key" --now $now
works 'the key of a KMS for tests' cert --dir T --insecure-test-key \
	--fingerprint
key=$(sed -n 's/^cert_key //p' out)
# shellcheck disable=SC2086
fails 'a partner that keeps no secret' 1 'test KMS' cert --dir D $three \
	--external test.xml --partner-key "$key" --now $now
sed 's/2592000/2592001/' ours.xml >D/cert.xml
fails 'an edited certificate is not handed out' 1 'was changed' cert --dir D
cp ours.xml D/cert.xml

# An editor at work.
cp D/kms.conf conf
sed 's/^period = .*/period = 86400/' conf >D/kms.conf
# shellcheck disable=SC2086
fails 'an edited configuration' 1 'was changed' users revoke --dir D $three \
	--user sip:bob@example.org --now $now
cp conf D/kms.conf
cp D/users users
sed 's/^revoked/active/' users >D/users
# shellcheck disable=SC2086
fails 'a user brought back by an editor' 1 'changed record' users revoke \
	--dir D $three --user sip:carol@example.org --now $now
cp users D/users

# Monitoring.
works "an investigator's key" monitor keygen --key-out investigator
to=$(cat out)
works 'a case is opened' monitor open --dir D --user sip:alice@example.org \
	--period 1500 --reason 'complaint 7' --investigator "$to" --now $now
has 'it is the first' 'case 1' out
for officer in anna bela; do
	# shellcheck disable=SC2086
	works "officer $officer" officer add $officer --dir D $three \
		--key-out $officer.key --now $now
done
# shellcheck disable=SC2086
works 'an officer of another KMS' officer add chris --dir O \
	--share others/share-1.txt --share others/share-2.txt \
	--share others/share-3.txt --key-out chris.key --now $now
# shellcheck disable=SC2086
fails 'a case that nobody approved' 1 'two officers have not' monitor extract \
	--dir D $three --case 1 --out warrant --now $now
works 'one approves' monitor approve --dir D --case 1 --key anna.key --now $now
fails 'the same officer again' 1 'approved already' monitor approve --dir D \
	--case 1 --key anna.key --now $now
fails 'who is no officer' 1 'not that of an officer' monitor approve --dir D \
	--case 1 --key chris.key --now $now
# shellcheck disable=SC2086
fails 'a case that one approved' 1 'two officers have not' monitor extract \
	--dir D $three --case 1 --out warrant --now $now
works 'another approves' monitor approve --dir D --case 1 --key bela.key \
	--now $now
fails 'a case without the shares' 1 'no terminal' monitor extract --dir D \
	--case 1 --out warrant --now $now
cp D/cases/1 case
sed 's/^period = .*/period = 1501/' case >D/cases/1
# shellcheck disable=SC2086
fails 'a case edited after it was approved' 1 'were changed' monitor extract \
	--dir D $three --case 1 --out warrant --now $now
cp case D/cases/1
gone 'what was refused leaves nothing' warrant
# shellcheck disable=SC2086
works 'a case that two approved' monitor extract --dir D $three --case 1 \
	--out warrant --now $now
works 'its investigator opens it' monitor unseal --key investigator --in warrant
verdict 'what he gets is an RSK' "$([ "$(wc -c <out)" -eq 515 ] || echo no)"
works 'somebody else' monitor keygen --key-out other
fails 'somebody else opens nothing' 1 'another key' monitor unseal --key other \
	--in warrant
sed 's/alice/alicf/' warrant >edited
fails 'a warrant under another name' 1 'was changed' monitor unseal \
	--key investigator --in edited
works 'the case is shown' monitor show --dir D --case 1
has 'with its approvals' 'approvals 2' out
works 'the log knows all of it' log show --dir D
for event in monitor.open monitor.approve monitor.extract officer.add \
	'what=--key why="this officer approved already"'; do
	has "$event is in the log" "$event" out
done

# The log, and its witness.
works 'the head' log head --dir D
head=$(cat out)
cp D/log log
works 'the log against its witness' log verify --dir D --head "$head"
works 'the log against an older witness' log verify --dir D \
	--head "$(cat head-after-init)"
sed 's/user=sip:bob/user=sip:bot/' log >D/log
fails 'an edited log' 1 'changed, or signed by another key' log verify --dir D
# shellcheck disable=SC2086
fails 'an edited log is not gone on with' 1 'line' users revoke --dir D $three \
	--user sip:bob@example.org --now $now
sed 4d log >D/log
fails 'a log without a record' 1 'out of order' log verify --dir D
sed '$d' log >D/log
works 'a log cut off is good without a witness' log verify --dir D
fails 'a log cut off is found with one' 1 'ends before' log verify --dir D \
	--head "$head"
# shellcheck disable=SC2086
call users revoke --dir D $three --user sip:bob@example.org --now $now
fails 'a log that went on elsewhere is found' 1 'not the record' log verify \
	--dir D --head "$head"
cp log D/log
fails 'a witness that is none' 1 'no SEQ:HASH' log verify --dir D --head 7

# Bundles. Period 1540 began in May 2026.
active=$(grep -c '^active ' D/users)
# shellcheck disable=SC2086
works 'a bundle' issue --dir D $three --period 1540..1541 --out b1 --now $now
has 'it is the first' 'sequence 1' out
has 'two periods for each active user' "key_sets $((2 * active))" out
key=$(sed -n 's/^bundle_key //p' out)
cp out issued
works 'a bundle is explained' bundle show b1
has 'a signature is not taken for good' 'signature not checked' out
works 'a bundle is verified' bundle show b1 --key "$key"
has 'its signature is good' 'signature good' out
grep '^log_head ' out | cut -d' ' -f2 >witness
grep '^head ' issued | cut -d' ' -f2 >printed
same 'it carries the head of the log' witness printed
works 'the log goes on from that head' log verify --dir D --head "$(cat printed)"
fails 'another key verifies no bundle' 1 'signature at offset' bundle show \
	b1 --key "$(printf '%064d' 1)"
head -c 1000 b1 >short
fails 'a truncated bundle' 1 'at offset' bundle show short
# shellcheck disable=SC2086
fails 'a bundle is not overwritten' 1 'is there already' issue --dir D $three \
	--period 1542 --out b1 --now $now
printf 'sip:alice@example.org\nsip:nobody@example.org\n' >some
# shellcheck disable=SC2086
fails 'keys for a stranger' 1 "line 2: is no user's URI" issue --dir D $three \
	--users some --period 1542 --out b2 --now $now
gone 'a refused issue leaves no bundle' b2
# shellcheck disable=SC2086
fails 'periods in the wrong order' 1 '--period' issue --dir D $three \
	--period 1542..1541 --out b2 --now $now
printf 'sip:alice@example.org\n' >some
# shellcheck disable=SC2086
works 'the next bundle' issue --dir D $three --users some --period 1542 \
	--out b2 --check-all --kdsd-key \
	"$(printf '09%062d' 0)" --strip-04 --now $now
works 'it is explained' bundle show b2 --key "$key"
has 'it is the second' 'sequence 2' out
has 'it follows the first' "previous $(sha256sum b1 | cut -d' ' -f1)" out
has 'keys for the chosen user alone' 'key_sets 1' out
has 'InKs go along to those who can have keys' "inks $active" out

# No network: in no call so far, and not by way of any library.
if [ -n "$traced" ]; then
	strace -f -o canary -e trace=%network getent hosts localhost >out 2>&1
	has 'the trace would show a socket' 'socket(' canary
	if grep -nE '(socket|socketpair|connect|bind|sendto)\(' trace >out; then
		verdict 'no call opens a socket' "$(head -n 1 out)"
	else
		verdict 'no call opens a socket' ''
	fi
	has 'every call filters' 'seccomp(SECCOMP_SET_MODE_FILTER' trace
	awk '{ pid = $1 } /SECCOMP_SET_MODE_FILTER/ { filtered[pid] = 1 }
		/kms\.conf/ && !(pid in filtered) { print }' trace >out
	verdict 'the filter comes before the directory' "$(head -n 1 out)"
else
	skipped=$((skipped + 1))
	echo 'skipped: no strace'
fi
trace=
ldd "$kms" >libraries
nm -D --undefined-only "$kms" >symbols
grep -E 'libevent|libcurl|libsrtp2|libfd|sofia|libssl' libraries >out
verdict 'no library for a network' "$(head -n 1 out)"
grep -wE 'socket|connect|bind|listen|accept|getaddrinfo|send|recv' symbols >out
verdict 'no function for a network' "$(head -n 1 out)"

# Shares on the terminal, as people type them.
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	mkfifo keys
	script -qefc "'$kms' init --dir P --uri p.example.org --shares 3 \
		--threshold 2 --now $now" /dev/null <keys >screen &
	pid=$!
	exec 3>keys
	# Each share is shown in a line of its own: Enter, then typed back.
	shown=0
	tail -n +1 -f --pid=$pid screen | while read -r line; do
		line=$(printf '%s' "$line" | tr -d '\r')
		case $line in
		[0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z]' '*)
			shown=$((shown + 1))
			printf '\n%s\n' "$line" >&3
			printf '%s\n' "$line" >>typed
			[ $shown -lt 3 ] || break
			;;
		esac
	done
	wait $pid
	verdict 'a ceremony at the terminal' "$(test -e P/master.sealed || echo none)"
	exec 3>&-
	sed -n '1p;3p' typed | tr '[:upper:]' '[:lower:]' >answers
	script -qefc "'$kms' users add --dir P --user sip:x@example.org \
		--enrol-out enrol --kds-url $url --now $now" /dev/null \
		<answers >screen
	has 'shares are typed to unlock' 'added 1' screen
else
	skipped=$((skipped + 1))
	echo 'skipped: no script, or no pseudo-terminal'
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
