#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_world_test.sh - that the world of the other gms tests is what it says: a
# user provisions in it, a stranger and a forged token do not.
set -u
# shellcheck source=tests/it/gms_world.sh
. "$(dirname -- "$0")/gms_world.sh"

client=./kms-client/kms-client
# The leak detector traces the process, which kms-client does not let it.
ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
export ASAN_OPTIONS

fetch() # TOKEN-FILE
{
	"$client" fetch --store "$dir/store" --token "$1" --ca "$dir/ca.pem" \
		>"$dir/fetched"
}

refuses()
{
	! "$@"
}

world_make 3
expect 'the enrolment of a user is there' "$client" enrol \
	"$(world_enrolment m3)" --store "$dir/store"
expect 'his token and keys are good' fetch "$dir/tokens/sip:m3@example.org"
expect 'he has this period and the next' grep -q 'and the next' "$dir/fetched"
for how in none hmac kid signature; do
	"$world" forge "$dir" sip:m3@example.org "$how" >"$dir/forged.$how"
	expect "a token with a false $how is refused" refuses fetch \
		"$dir/forged.$how"
done
"$world" token "$dir" sip:m3@example.org 3gpp:mc:ptt_key_management_service \
	-60 >"$dir/old"
expect 'an old one is refused' refuses fetch "$dir/old"
"$world" token "$dir" sip:m3@example.org 3gpp:mc:ptt_key_management_service \
	60 >"$dir/new"
expect 'one made later is good' fetch "$dir/new"
closing_line
