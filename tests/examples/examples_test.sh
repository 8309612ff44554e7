#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# examples_test.sh - that the examples for UE developers do what they show.
# Run where they were built.
set -eu
LC_ALL=C
export LC_ALL
here=$(dirname -- "$0")
vector=$here/../vectors/example-message.vec
out=$(mktemp)
trap 'rm -f "$out"' EXIT
passed=0 failed=0

expect() # NAME COMMAND...
{
	name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $name"
		cat "$out"
	fi
}

of() # NAME: of the vector
{
	sed -n "s/^$1 = //p" "$vector"
}

opens() # RSK RECEIVER NOW MESSAGE SENDER
{
	./tests/examples/open_message "$(of kpak)" "$(of z)" "$1" "$(of kms)" \
		"$5" "$2" "$3" "$4" >"$out" 2>&1
}

fails() # WORD COMMAND...: exit 1, and says it
{
	word=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" -eq 1 ] && grep -q "$word" "$out"
}

says() # LINE
{
	grep -qx -- "$1" "$out"
}

value() # NAME: of what was printed
{
	sed -n "s/^$1 //p" "$out"
}

# ------------------------------------------------------------ open_message
me=$(of receiver) gms=$(of sender) now=$(of unix_s) message=$(of message)
expect 'a member opens his message' opens "$(of rsk)" "$me" "$now" \
	"$message" "$gms"
expect 'it is the key that was sent' says "gmk $(of gmk)"
expect 'under its identifier' says "gmk-id $(of gmk_id)"
expect 'of that group' says "group $(of group)"
expect 'it is not revoked' says 'revoked no'
expect 'and good from the time of its message on' says "from $now"
guk_id=$(value guk-id) rand=$(value rand)
expect 'ten days later it opens as well' opens "$(of rsk)" "$me" \
	$((now + 864000)) "$message" "$gms"
expect 'when the key period is over it does not' fails replay opens \
	"$(of rsk)" "$me" $((now + 5184000)) "$message" "$gms"
expect 'by another sender it is refused' fails sender opens "$(of rsk)" \
	"$me" "$now" "$message" sip:thief@example.org
expect 'another member refuses it' fails id opens "$(of other_rsk)" \
	"$(of other)" "$now" "$message" "$gms"
expect 'one octet changed, it does not verify' fails signature opens \
	"$(of rsk)" "$me" "$now" "${message%??}00" "$gms"
expect 'cut short it is no message' fails malformed opens "$(of rsk)" "$me" \
	"$now" "${message%????????}" "$gms"

# ------------------------------------------------------------- derive_srtp
srtp() # SENDER
{
	./tests/examples/derive_srtp "$(of gmk)" "$(of gmk_id)" "$rand" "$1" \
		>"$out"
}
expect 'the keys of a sender are derived' srtp "$me"
expect 'his MKI is the two identifiers' says "mki $(of gmk_id)$guk_id"
key=$(value master-key) salt=$(value master-salt)
expect 'and they are what mikeytool says' test "$(./tools/mikeytool srtp \
	--key "$(of gmk)" --csb-id "$guk_id" --rand "$rand" --cs-id 4 |
	cut -d ' ' -f 2 | tr '\n' ' ')" = "$key $salt "
expect 'another one has other keys' srtp "$(of other)"
expect 'of his own' test "$(value master-key)" != "$key"

# ------------------------------------------------------------- follow_keys
follow() # EXPECTED, the steps on standard input
{
	./tests/examples/follow_keys >"$out" && [ "$(cat "$out")" = "$1" ]
}
expect 'a new key takes over at its activation' follow "$(
	cat <<-END
		100 send a take a
		150 send a take a b
		200 send b take a b
	END
)" <<-END
	key a 100 1000
	at 100
	key b 200 1000
	at 150
	at 200
END
expect 'nobody goes back to an older one' follow "$(
	cat <<-END
		200 send b take a b
		250 send nothing take a
		300 send c take a c
	END
)" <<-END
	key a 100 1000
	key b 200 1000
	at 200
	revoke b
	at 250
	key c 300 0
	at 300
END
expect 'what has ended is not taken' follow "$(
	cat <<-END
		999 send a take a
		1000 send nothing take
	END
)" <<-END
	key a 100 1000
	at 999
	at 1000
END
expect 'what is revoked stays so' follow "$(
	cat <<-END
		150 send nothing take
		160 send nothing take
	END
)" <<-END
	key a 100 1000
	revoke a
	at 150
	key a 100 1000
	at 160
END
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
