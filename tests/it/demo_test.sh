#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# demo_test.sh - that the demo tells its story, over SIP and over HTTPS: with
# five members, as a script would read it.
set -u
LC_ALL=C
export LC_ALL
demo=$(dirname -- "$0")/../../tools/demo/demo.sh
out=$(mktemp) || exit 1
trap 'rm -f "$out" "$out.err"' EXIT
passed=0 failed=0

expect() # NAME COMMAND...
{
	name=$1
	shift
	if "$@" >/dev/null 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $name"
		tail -n 15 "$out" "$out.err"
	fi
}

says() # JQ-EXPRESSION: of the last line
{
	tail -n 1 "$out" | jq -e "$1"
}

usage() # ARG...: is exit status 2
{
	sh "$demo" "$@"
	[ $? -eq 2 ]
}

tells_its_story() # OVER: sip or https
{
	expect "over $1 its last line is an object" says 'type == "object"'
	expect 'of five members' says '.members == 5'
	expect 'and that way' says ".transport == \"$1\""
	expect 'four of whom hold the new key' says '.remaining_opened == 4'
	expect 'and proved it to gmsd' says '.remaining_proved == 4'
	expect 'the fifth cannot open it' says '.expelled_can_open == false'
	expect 'times are times' says '[.create_to_all_opened_ms,
		.expel_to_all_opened_ms, .expel_to_first_sent_ms] | all(. >= 0)'
	expect 'a message went to each' says '.messages_sent >= 9'
}

sh "$demo" --members 5 --json >"$out" 2>"$out.err"
expect 'the demo ends well' test $? -eq 0
tells_its_story sip
expect 'members were told' says '.notifies >= 4'
sh "$demo" --https --members 5 --json >"$out" 2>"$out.err"
expect 'without SIP it ends well, too' test $? -eq 0
tells_its_story https
expect 'nobody was told' says '.notifies == 0'
expect 'and there is nothing to capture' usage --https --capture "$out.pcapng"
expect 'an unknown option is a mistake in usage' usage --colour
expect 'and so are two members' usage --members 2
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
