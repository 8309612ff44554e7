#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mcue_test.sh - simulated members against a KMS, with key documents made by
# hand: what opens, what does not and what they say of it.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"

client=./kms-client/kms-client
group=sip:incident@groups.example.org
# The leak detector traces the process, which kms-client does not let it.
quietly() # COMMAND...
{
	ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" "$@"
}

refuses() # COMMAND...: exit 1
{
	"$@" >"$dir/refused" 2>&1
	[ $? -eq 1 ]
}

# $dir/message: the key of a message, and the message itself, in hex.
message() # TO GROUP [ended|revoked]
{
	quietly ./tests/it/life_message "$dir/gms.cert" "$dir/gms.keys" "$1" \
		"$(date +%s)" "$2" ${3:+"$3"} >"$dir/message"
}

enclose() # FILE MESSAGE...: a key document
{
	file=$dir/$1
	shift
	{
		echo '<GKTPs xmlns="urn:3gpp:ns:mcpttGKTP:1.0"><GMK-GKTPs>'
		printf '<GKTP id="00123456">%s</GKTP>\n' "$@"
		echo '</GMK-GKTPs></GKTPs>'
	} >"$file"
}

# A key document with one message; also the message itself in hex.
document() # TO GROUP FILE
{
	message "$1" "$2" && enclose "$3" "$(sed -n 2p "$dir/message")"
}

fetch() # USER GROUP [ARG...]
{
	user=$1 of=$2
	shift 2
	"$mcue" fetch --enrolment "$(world_enrolment "$user")" \
		--token "$dir/tokens/sip:$user@example.org" --group "$of" \
		--gms https://127.0.0.1:1 --ca "$dir/ca.pem" "$@"
}

says() # WORDS: in what the last command printed
{
	grep -qF -- "$1" "$dir/said" "$dir/refused" || {
		cat "$dir/said" "$dir/refused"
		return 1
	}
}

world_make 3
quietly "$client" enrol "$(world_enrolment gms)" --store "$dir/store" \
	>/dev/null || exit 1
quietly "$client" fetch --store "$dir/store" --ca "$dir/ca.pem" \
	--token "$dir/tokens/sip:gms@example.org" >/dev/null || exit 1
quietly "$client" export-clear --store "$dir/store" \
	--user sip:gms@example.org --period "$period" --keys "$dir/gms.keys" \
	--cert "$dir/gms.cert" >/dev/null || exit 1

# ------------------------------------------------------------ one key document
gms="--gms-id sip:gms@example.org"
expect 'a key document is made' document sip:m1@example.org "$group" doc
# shellcheck disable=SC2086 # the words of $gms
{
	expect 'its member opens it' sh -c \
		"$(cat <<-END
			"$mcue" fetch --json --enrolment "$(world_enrolment m1)" \
			--token "$dir/tokens/sip:m1@example.org" --group "$group" \
			--gms https://127.0.0.1:1 --ca "$dir/ca.pem" $gms \
			--document "$dir/doc" >"$dir/opened"
		END
		)"
	expect 'and has the key' grep -q '"gmk_id":"00123456"' "$dir/opened"
	expect 'which is in force' grep -q '"state":"current"' "$dir/opened"
	expect 'another member refuses it' refuses fetch m2 "$group" $gms \
		--document "$dir/doc"
	expect 'as it is not for him' says 'not the opener'
	expect 'and cannot open it by force' refuses fetch m2 "$group" $gms \
		--document "$dir/doc" --any-receiver
	expect 'for the key is not in it for him' says 'refused: '
	expect 'under another group it is refused' refuses fetch m1 \
		sip:other@groups.example.org $gms --document "$dir/doc"
	expect 'for its key is of the first' says 'the key is not of this group'
	expect 'of another GMS it is refused' refuses fetch m1 "$group" \
		--gms-id sip:other@example.org --document "$dir/doc"
	expect 'as it is not by that' says 'the message is not by the GMS'
	sed 's/GKTPs/GKTQs/g' "$dir/doc" >"$dir/bad"
	expect 'what is no key document is refused' refuses fetch m1 "$group" \
		$gms --document "$dir/bad"
	expect 'and called so' says 'the document is no key document'
	expect 'a GMS that is not there gives no key' refuses fetch m1 "$group" \
		$gms
	expect 'keys are not printed' refuses grep -qiF \
		"$(sed -n 1p "$dir/message")" "$dir/opened" "$dir/refused"
}

# ------------------------------------------------- why, each cause by its word
# Of m1's one group, as mcue says it when he is given a document.
cause_is() # WORD FILE [ARG...]
{
	word=$1 of_file=$dir/$2
	shift 2
	[ $# -gt 0 ] || set -- --gms-id sip:gms@example.org
	fetch m1 "$group" --json --threads 1 --document "$of_file" "$@" \
		>"$dir/causes" 2>&1
	[ "$(sed -n 's/.*"cause":"\([a-z]*\)".*/\1/p' "$dir/causes")" = "$word" ]
}
made() # [ended|revoked]: a message for m1
{
	message sip:m1@example.org "$group" "$@" && sed -n 2p "$dir/message"
}
good=$(made)
# The last digit belongs to the signature; one in the middle of the SAKKE
# payload, whose signature then does not hold either.
flipped=$(printf '%s' "$good" | sed 's/.$//')$(printf '%s' "$good" |
	sed 's/.*\(.\)$/\1/' | tr '0-9a-f' '1-9a-f0')
enclose spoilt "$flipped"
expect 'a false signature is called so' cause_is signature spoilt
enclose short "$(printf '%s' "$good" | cut -c 1-400)"
expect 'and a message cut short' cause_is form short
enclose ended "$(made ended)"
expect 'and a key that has ended' cause_is expired ended
enclose revoked "$(made revoked)" "$good"
expect 'and one that was revoked before it came' cause_is revoked revoked
enclose twice "$good" "$(made)"
expect 'and a second key of one identifier' cause_is conflict twice
document sip:m2@example.org "$group" foreign
expect 'and a message for somebody else' cause_is receiver foreign
expect 'and a key that does not come out' cause_is key foreign \
	--gms-id sip:gms@example.org --any-receiver
expect 'and another GMS' cause_is sender doc --gms-id sip:other@example.org
expect 'and what is no key document' cause_is document bad
document sip:m1@example.org sip:other@groups.example.org other
expect 'and the key of another group' cause_is group other
enclose fine "$good"
expect 'and a good one has none' cause_is '' fine

# ------------------------------------------------------------ many that run on
world_members 3 >"$dir/members"
mkfifo "$dir/events"
"$mcue" run --members "$dir/members" --group "$group" --json \
	--gms https://127.0.0.1:1 --gms-id sip:gms@example.org \
	--ca "$dir/ca.pem" --poll 60000 --control "$dir/control" \
	>"$dir/events" 2>"$dir/run.log" &
run_pid=$!
ready=0
while [ "$ready" -lt 3 ] && read -r event; do
	case $event in *'"event":"ready"'*) ready=$((ready + 1)) ;; esac
done <"$dir/events"
expect 'all members become ready' test "$ready" -eq 3
expect 'one asks how they stand' "$mcue" status --control "$dir/control"
expect 'and is told of each' test \
	"$("$mcue" status --control "$dir/control" --json |
		grep -o '"state":"ready"' | wc -l)" -eq 3
expect 'a second one cannot be asked there' refuses "$mcue" run \
	--members "$dir/members" --group "$group" --gms https://127.0.0.1:1 \
	--gms-id sip:gms@example.org --ca "$dir/ca.pem" --control "$dir/control"
kill "$run_pid"
wait "$run_pid"
expect 'it ends when it is told to' test $? -eq 0
expect 'and takes its socket along' test ! -e "$dir/control"
expect 'nobody answers then' refuses "$mcue" status --control "$dir/control"

# ----------------------------------------------------------------- false calls
"$mcue" run --group "$group" --gms x --gms-id y >"$dir/out" 2>&1
expect 'members are needed' test $? -eq 2
echo one >"$dir/false"
expect 'a line without a token is refused' refuses "$mcue" run \
	--members "$dir/false" --group "$group" --gms https://127.0.0.1:1 \
	--gms-id sip:gms@example.org
expect 'and so is an enrolment that is none' refuses "$mcue" fetch \
	--enrolment "$dir/false" --token "$dir/false" --group "$group" \
	--gms https://127.0.0.1:1 --gms-id sip:gms@example.org
closing_line
