# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034 # read by sh; sets $top for its reader
# script.sh - read by the tests that are scripts: a scratch folder, a count.
#
#   expect NAME COMMAND...   one test, passed when COMMAND exits 0; a COMMAND
#                            that may fail is made a function and tested there
#   closing_line             prints the counts; exit 1 when a test failed
#
# Sets $top (the sources, absolute) and $scratch (with a space in its name;
# removed at the end). The caller has set -eu.
LC_ALL=C
export LC_ALL
unset CDPATH
top=$(cd -- "$(dirname -- "$0")/.." && pwd)
scratch=$(mktemp -d)
# Expanded now: this folder and no other.
# shellcheck disable=SC2064
trap "rm -rf '$scratch'" EXIT
scratch="$scratch/a b"
mkdir "$scratch"
passed=0
failed=0

expect()
{
	name=$1
	shift
	if ("$@"); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $name"
	fi
}

closing_line()
{
	echo "$passed passed, $failed failed, 0 skipped"
	[ "$failed" -eq 0 ]
}
