#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# xml_schema_test.sh - the schemas of our own under xmllint: they take what the
# group server writes and what others send, and refuse what breaks them.
#
# Run where the programs were built. Ends with "N passed, N failed, N skipped";
# exit 1 when a test failed, 77 when there is no xmllint.
set -u
LC_ALL=C
export LC_ALL

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
maker=./tests/it/xml_documents
passed=0 failed=0

if ! command -v xmllint >/dev/null; then
	echo "no xmllint: nothing tested"
	echo "0 passed, 0 failed, 1 skipped"
	exit 77
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

verdict() # NAME STATUS
{
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "failed: $1"
	head -n 3 "$dir/log"
}

valid() # SCHEMA FILE
{
	xmllint --nonet --noout --schema "$top/xml/schema/$1.xsd" "$2" \
		>"$dir/log" 2>&1
}

takes() # SCHEMA FILE
{
	valid "$1" "$2"
	verdict "$1.xsd takes $(basename "$2")" $?
}

# 3: well-formed, but against the schema.
refuses() # SCHEMA FILE
{
	valid "$1" "$2"
	test $? -eq 3
	verdict "$1.xsd refuses $(basename "$2")" $?
}

makes() # NAME
{
	"$maker" "$1" >"$dir/$1" || verdict "$1 is made" 1
}

changes() # NAME CHANGED SED
{
	sed "$3" "$dir/$1" >"$dir/$2"
	if cmp -s "$dir/$1" "$dir/$2"; then
		verdict "$2 is a change" 1
	fi
}

makes group
makes caps
makes keys
takes group "$dir/group"
takes gktp "$dir/keys"
takes xcap-caps "$dir/caps"

changes group no-uri 's/list-service uri=/list-service id=/'
changes group no-boolean 's/>true</>yes</'
changes group no-number 's/>200</>many</'
changes group external 's/<list>/<list><external anchor="x"\/>/'
for what in no-uri no-boolean no-number external; do
	refuses group "$dir/$what"
done
changes keys no-hex 's/011a05/011a0g/'
changes keys no-id 's/ id="0a1b2c3d"//'
changes keys no-time 's/activationtime="2/activationtime="x/'
for what in no-hex no-id no-time; do
	refuses gktp "$dir/$what"
done
changes caps no-auids 's/auids>/ids>/g'
refuses xcap-caps "$dir/no-auids"

# All ten errors (acceptance row XC-05), and one that is none of them.
"$maker" errors >"$dir/errors"
test "$(grep -c . "$dir/errors")" -eq 10
verdict 'there are ten errors' $?
while read -r error; do
	makes "$error"
	takes xcap-error "$dir/$error"
done <"$dir/errors"
changes constraint-failure no-error 's/constraint-failure/no-error/g'
refuses xcap-error "$dir/no-error"

# What others write: the examples that seed the fuzzers.
for what in constituent-regrouped incident temporary without-list; do
	takes group "$top/fuzz/corpus/xml_group/$what"
done
takes gktp "$top/fuzz/corpus/xml_gktp/a-member"

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
