#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mikeytool_test.sh - mikeytool as other people's scripts call it: what every
# command prints for the published vectors, and for each way to call it wrongly
# the exit status, an empty standard output and one line on standard error.
#
# Run where the program was built. Ends with "N passed, N failed, N skipped";
# exit 1 when a test failed.
set -u
LC_ALL=C
export LC_ALL
unset MUSTER_CPU

top=${srcdir:-$(dirname "$0")/../..}
vectors=$top/tests/vectors
vendor=$top/../shared/vectors/vendor
tool=${MIKEYTOOL:-./tools/mikeytool}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
input=/dev/null # standard input of the next calls
passed=0 failed=0 skipped=0

verdict() # NAME PROBLEM: empty when all is well
{
	if [ -z "$2" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	printf 'failed: %s: %s\n' "$1" "$2"
	head -n 3 "$dir/out" "$dir/err"
}

call() # ARG...
{
	"$tool" "$@" <"$input" >"$dir/out" 2>"$dir/err"
	status=$?
}

# Exit status 0, that text (printf's escapes) on standard output, nothing else.
prints() # NAME TEXT ARG...
{
	name=$1 problem=
	printf '%b' "$2" >"$dir/want"
	shift 2
	call "$@"
	[ "$status" -eq 0 ] || problem="exit status $status"
	cmp -s "$dir/out" "$dir/want" || problem="$problem other output"
	[ ! -s "$dir/err" ] || problem="$problem standard error"
	verdict "$name" "$problem"
}

# The status, nothing on standard output, one line "mikeytool: what: why".
fails() # NAME STATUS ARG...
{
	name=$1 want=$2 problem=
	shift 2
	call "$@"
	[ "$status" -eq "$want" ] || problem="exit status $status, not $want"
	[ ! -s "$dir/out" ] || problem="$problem output"
	one_line || problem="$problem standard error"
	verdict "$name" "$problem"
}

one_line()
{
	[ "$(wc -l <"$dir/err")" -eq 1 ] &&
		grep -q '^mikeytool: [^:]*[^: ][^:]*: .*[^ ]$' "$dir/err"
}

# The exit status of a call is 0 and its output has a line that matches.
shows() # NAME PATTERN ARG...
{
	name=$1 pattern=$2 problem=
	shift 2
	call "$@"
	[ "$status" -eq 0 ] || problem="exit status $status"
	grep -Eq -- "$pattern" "$dir/out" || problem="$problem no $pattern"
	verdict "$name" "$problem"
}

is() # NAME EXPECTED ACTUAL
{
	if [ "$2" = "$3" ]; then
		verdict "$1" ""
	else
		verdict "$1" "$3, not $2"
	fi
}

records() # FILE: how many
{
	awk '/^#/ { next } NF && !open { n++; open = 1 } !NF { open = 0 }
		END { print n + 0 }' "$vectors/$1"
}

value() # FILE RECORD NAME: the text after NAME =
{
	awk -v want="$2" -v name="$3" '
		/^#/ { next }
		!NF { open = 0; next }
		!open { n++; open = 1 }
		n == want && $1 == name { sub(/^[^=]*=[ ]*/, ""); print; exit }
	' "$vectors/$1"
}

hex() # FILE RECORD NAME: the same, without blanks
{
	value "$@" | tr -d ' '
}

# ---- uid, guk-id, srtp

uid_vectors()
{
	i=1
	while [ "$i" -le "$(records mcptt-uid.vec)" ]; do
		f=mcptt-uid.vec
		prints "uid of record $i" "$(hex $f $i uid)\n" uid \
			--identity "$(value $f $i uri)" --kms "$(value $f $i kms)" \
			--period "$(value $f $i number)" --length "$(value $f $i period)" \
			--offset "$(value $f $i offset)"
		i=$((i + 1))
	done
}

uid_calls()
{
	want=3a81fb14c3b1d0fe43c9c577104d55a6d81788bfd2f09743c4557746a5a0353b
	prints "uid has defaults for length and offset" "$want\n" \
		uid --identity sip:user@example.org --kms kms.example.org --period 1388
	prints "uid takes --name=value in any order" "$want\n" uid --period=1388 \
		--offset=0 --kms=kms.example.org --identity=sip:user@example.org
	prints "uid as JSON" "{\"uid\":\"$want\"}\n" uid --json \
		--identity sip:user@example.org --kms kms.example.org --period 1388
	shows "uid takes 64 bits" '^[0-9a-f]{64}$' uid --identity sip:a \
		--kms k --period 18446744073709551615
	fails "uid without an option" 2 uid --identity sip:a --kms k
	fails "uid with an option of another command" 2 uid --identity sip:a \
		--kms k --period 1 --gmk 00
	fails "uid with 65 bits" 2 uid --identity sip:a --kms k \
		--period 18446744073709551616
	fails "uid with a period that is no number" 2 uid --identity sip:a \
		--kms k --period now
	fails "uid of an empty identity" 1 uid --identity "" --kms k --period 1
	fails "uid with an empty KMS" 1 uid --identity sip:a --kms "" --period 1
}

gmk=07d1a1677ac36d8e81620484689b3c2d
rand=753e9ce62a5ec6d2070fce993835cc14

derive_calls()
{
	# Its own inverse (TS 33.180 clause F.1.3).
	call guk-id --gmk "$gmk" --gmk-id 0df9bc39 --user sip:a@example.org
	guk=$(cat "$dir/out")
	prints "guk-id of a GUK-ID is the GMK-ID" "0df9bc39\n" guk-id --gmk "$gmk" \
		--gmk-id "$guk" --user sip:a@example.org
	shows "guk-id as JSON" '^\{"guk_id":"[0-9a-f]{8}"\}$' guk-id --json \
		--gmk "$gmk" --gmk-id 0df9bc39 --user sip:a
	fails "guk-id with a short GMK" 1 guk-id --gmk 00 --gmk-id 0df9bc39 --user a
	fails "guk-id with a long GMK-ID" 1 guk-id --gmk "$gmk" \
		--gmk-id 0df9bc3900 --user sip:a
	fails "guk-id of an empty user" 1 guk-id --gmk "$gmk" --gmk-id 0df9bc39 \
		--user ""
	f=mikey-messages.vec i=1
	while [ "$i" -le "$(records $f)" ]; do
		key=$(hex $f $i tek_cs1) salt=$(hex $f $i salt_cs1)
		set -- --key "$(hex $f $i ssv)" --csb-id "$(hex $f $i csb_id)" \
			--rand "$(hex $f $i rand)" --cs-id 1
		prints "srtp of message $i" "master_key $key\nmaster_salt $salt\n" \
			srtp "$@"
		i=$((i + 1))
	done
	prints "srtp as JSON" \
		"{\"master_key\":\"$key\",\"master_salt\":\"$salt\"}\n" srtp --json "$@"
	fails "srtp with CS ID 256" 1 srtp --key "$gmk" --csb-id 0df9bc39 \
		--rand "$rand" --cs-id 256
	fails "srtp with a CS ID that is no number" 2 srtp --key "$gmk" \
		--csb-id 0df9bc39 --rand "$rand" --cs-id four
	fails "srtp with a key of 15 octets" 1 srtp --key "${gmk%??}" \
		--csb-id 0df9bc39 --rand "$rand" --cs-id 4
	fails "srtp with an empty RAND" 1 srtp --key "$gmk" --csb-id 0df9bc39 \
		--rand "" --cs-id 4
}

# ---- sakke

sakke_vectors()
{
	f=sakke.vec i=1
	while [ "$i" -le "$(records $f)" ] && [ "$i" -le 4 ]; do
		z=$(hex $f $i z) Z=$(hex $f $i Z) id=$(hex $f $i id)
		rsk=$(hex $f $i rsk) ssv=$(hex $f $i ssv) sed=$(hex $f $i sed)
		prints "sakke public, record $i" "$Z\n" sakke public --secret "$z"
		prints "sakke extract, record $i" "$rsk\n" sakke extract \
			--secret "$z" --id "$id"
		prints "sakke validate-rsk, record $i" "" sakke validate-rsk \
			--z "$Z" --id "$id" --rsk "$rsk"
		prints "sakke encapsulate, record $i" "$sed\n" sakke encapsulate \
			--z "$Z" --id "$id" --ssv "$ssv"
		prints "sakke decapsulate, record $i" "$ssv\n" sakke decapsulate \
			--z "$Z" --id "$id" --rsk "$rsk" --sed "$sed"
		i=$((i + 1))
	done
}

sakke_calls()
{
	prints "sakke public as JSON" "{\"z\":\"$Z\"}\n" \
		sakke public --json --secret "$z"
	prints "sakke extract as JSON" "{\"rsk\":\"$rsk\"}\n" \
		sakke extract --json --secret "$z" --id "$id"
	prints "sakke validate-rsk as JSON" "{\"valid\":true}\n" \
		sakke validate-rsk --json --z "$Z" --id "$id" --rsk "$rsk"
	prints "sakke encapsulate as JSON" "{\"sed\":\"$sed\"}\n" \
		sakke encapsulate --json --z "$Z" --id "$id" --ssv "$ssv"
	prints "sakke decapsulate as JSON" "{\"ssv\":\"$ssv\"}\n" \
		sakke decapsulate --json --z "$Z" --id "$id" --rsk "$rsk" --sed "$sed"
	fails "sakke public of a short secret" 1 sakke public --secret 01
	fails "sakke public of secret 0" 1 sakke public \
		--secret "$(echo "$z" | tr '[:xdigit:]' 0)"
	fails "sakke encapsulate under a Z that is no point" 1 sakke encapsulate \
		--z "${Z%??}00" --id "$id" --ssv "$ssv"
	fails "sakke encapsulate under an empty Z" 1 sakke encapsulate \
		--z "" --id "$id" --ssv "$ssv"
	fails "sakke encapsulate an SSV of 15 octets" 1 sakke encapsulate \
		--z "$Z" --id "$id" --ssv "${ssv%??}"
	fails "sakke encapsulate to an empty identifier" 1 sakke encapsulate \
		--z "$Z" --id "" --ssv "$ssv"
	fails "sakke decapsulate an empty SED" 1 sakke decapsulate --z "$Z" \
		--id "$id" --rsk "$rsk" --sed ""
	for f in sakke-extract-invalid.vec sakke-rsk-invalid.vec \
		sakke-sed-invalid.vec; do
		i=1
		while [ "$i" -le "$(records $f)" ]; do
			id=$(hex $f $i id) name="${f%.vec}: $(value $f $i name)"
			case $f in
			sakke-extract*) fails "$name" 1 sakke extract --id "$id" \
				--secret "$(hex $f $i z)" ;;
			sakke-rsk*) fails "$name" 1 sakke validate-rsk --id "$id" \
				--z "$(hex $f $i Z)" --rsk "$(hex $f $i rsk)" ;;
			*) fails "$name" 1 sakke decapsulate --z "$(hex $f $i Z)" \
				--id "$id" --rsk "$(hex $f $i rsk)" --sed "$(hex $f $i sed)" ;;
			esac
			i=$((i + 1))
		done
	done
}

# ---- eccsi

eccsi_vectors()
{
	f=eccsi.vec i=1
	while [ "$i" -le "$(records $f)" ] && [ "$i" -le 6 ]; do
		ksak=$(hex $f $i ksak) kpak=$(hex $f $i kpak) id=$(hex $f $i id)
		v=$(hex $f $i v) j=$(hex $f $i j) ssk=$(hex $f $i ssk)
		pvt=$(hex $f $i pvt) msg=$(hex $f $i msg) sig=$(hex $f $i sig)
		prints "eccsi public, record $i" "$kpak\n" eccsi public --secret "$ksak"
		prints "eccsi extract, record $i" "ssk $ssk\npvt $pvt\n" \
			eccsi extract --secret "$ksak" --id "$id" --v "$v"
		prints "eccsi validate, record $i" "" eccsi validate --kpak "$kpak" \
			--id "$id" --ssk "$ssk" --pvt "$pvt"
		prints "eccsi sign, record $i" "$sig\n" eccsi sign --kpak "$kpak" \
			--id "$id" --ssk "$ssk" --pvt "$pvt" --message "$msg" --j "$j"
		prints "eccsi verify, record $i" "" eccsi verify --kpak "$kpak" \
			--id "$id" --message "$msg" --signature "$sig"
		i=$((i + 1))
	done
}

eccsi_calls()
{
	prints "eccsi public as JSON" "{\"kpak\":\"$kpak\"}\n" \
		eccsi public --json --secret "$ksak"
	prints "eccsi extract as JSON" "{\"ssk\":\"$ssk\",\"pvt\":\"$pvt\"}\n" \
		eccsi extract --json --secret "$ksak" --id "$id" --v "$v"
	prints "eccsi verify as JSON" "{\"valid\":true}\n" eccsi verify --json \
		--kpak "$kpak" --id "$id" --message "$msg" --signature "$sig"
	call eccsi extract --secret "$ksak" --id "$id"
	ssk=$(sed -n 's/^ssk //p' "$dir/out") pvt=$(sed -n 's/^pvt //p' "$dir/out")
	prints "eccsi extract without v makes a pair" "" eccsi validate \
		--kpak "$kpak" --id "$id" --ssk "$ssk" --pvt "$pvt"
	call eccsi sign --kpak "$kpak" --id "$id" --ssk "$ssk" --pvt "$pvt" \
		--message ""
	sig=$(cat "$dir/out")
	prints "eccsi sign without j signs the empty message" "" eccsi verify \
		--kpak "$kpak" --id "$id" --message "" --signature "$sig"
	call eccsi sign --kpak "$kpak" --id "$id" --ssk "$ssk" --pvt "$pvt" \
		--message ""
	[ "$sig" != "$(cat "$dir/out")" ]
	is "eccsi sign uses j once" 0 $?
	fails "eccsi public of secret 0" 1 eccsi public \
		--secret "$(echo "$ksak" | tr '[:xdigit:]' 0)"
	fails "eccsi extract with an empty v" 1 eccsi extract --secret "$ksak" \
		--id "$id" --v ""
	fails "eccsi sign with j 0" 1 eccsi sign --kpak "$kpak" --id "$id" \
		--ssk "$ssk" --pvt "$pvt" --message 00 --j "$(echo "$j" | tr '[:xdigit:]' 0)"
	fails "eccsi sign with another's key" 1 eccsi sign --kpak "$kpak" --id 00 \
		--ssk "$ssk" --pvt "$pvt" --message 00
	fails "eccsi verify an empty signature" 1 eccsi verify --kpak "$kpak" \
		--id "$id" --message "" --signature ""
	fails "eccsi verify under a KPAK that is no point" 1 eccsi verify \
		--kpak "${kpak%??}00" --id "$id" --message "" --signature "$sig"
	for f in eccsi-pair.vec eccsi-verify.vec; do
		i=1
		while [ "$i" -le "$(records $f)" ]; do
			kpak=$(hex $f $i kpak) id=$(hex $f $i id)
			name="${f%.vec}: $(value $f $i name)"
			if [ $f = eccsi-pair.vec ]; then
				set -- eccsi validate --ssk "$(hex $f $i ssk)" \
					--pvt "$(hex $f $i pvt)" --kpak "$kpak" --id "$id"
			else
				set -- eccsi verify --message "$(hex $f $i msg)" \
					--signature "$(hex $f $i sig)" --kpak "$kpak" --id "$id"
			fi
			if [ -n "$(value $f $i error)" ]; then
				fails "$name" 1 "$@"
			else
				prints "$name" "" "$@"
			fi
			i=$((i + 1))
		done
	done
}

# ---- messages

# Message N of mikey-messages.vec on standard input, the values to open it in $@.
message()
{
	f=mikey-messages.vec
	hex $f "$1" message >"$dir/message"
	input=$dir/message
}

open_args()
{
	f=mikey-messages.vec
	printf '%s\n' --kpak "$(hex mikey-kms.vec 1 kpak)" \
		--z "$(hex mikey-kms.vec 1 Z)" --sender-id "$(hex $f "$1" initiator_id)" \
		--receiver-id "$(hex $f "$1" responder_id)" \
		--rsk "$(hex $f "$1" responder_rsk)"
}

# Like fails, but what was read first may be on standard output.
stops() # NAME PATTERN ARG...
{
	name=$1 pattern=$2 problem=
	shift 2
	call "$@"
	[ "$status" -eq 1 ] || problem="exit status $status"
	one_line || problem="$problem standard error"
	grep -q "$pattern" "$dir/err" || problem="$problem no $pattern"
	verdict "$name" "$problem"
}

decode_calls()
{
	message 2
	call decode
	cp "$dir/out" "$dir/decoded"
	shows "decode shows each payload with its offset" '^ *34 T$' decode
	shows "decode shows each field with its offset" '^ *36  ts .*0xec898da8' \
		decode
	hex $f 2 message | tr 'abcdef' 'ABCDEF' | sed 's/..../& /g' |
		fold -w 60 >"$dir/spaced"
	input=$dir/spaced
	call decode
	cmp -s "$dir/out" "$dir/decoded"
	is "decode takes hex with blanks, in upper case" 0 $?
	# Octal escapes are what printf has everywhere.
	hex $f 2 message | fold -w 2 | while read -r octet; do
		printf '%b' "\\0$(printf '%03o' "0x$octet")"
	done >"$dir/raw"
	input=$dir/raw
	call decode
	cmp -s "$dir/out" "$dir/decoded"
	is "decode takes raw octets" 0 $?
	base64 "$dir/raw" >"$dir/base64"
	input=$dir/base64
	call decode
	cmp -s "$dir/out" "$dir/decoded"
	is "decode takes base64" 0 $?
	tr -d '=\n' <"$dir/base64" >"$dir/unpadded"
	input=$dir/unpadded
	call decode
	cmp -s "$dir/out" "$dir/decoded"
	is "decode takes base64 without padding" 0 $?
	input=/dev/null
	fails "decode of nothing" 1 decode
	echo "hello, world" >"$dir/text"
	input=$dir/text
	fails "decode of what is no message" 1 decode
	echo 011a0 >"$dir/text"
	fails "decode of an odd number of digits" 1 decode
}

decode_json()
{
	message 2
	if ! command -v jq >/dev/null; then
		skipped=$((skipped + 1))
		return
	fi
	call decode --json
	is "decode --json is one line" 1 "$(wc -l <"$dir/out")"
	is "decode --json has the header" '1 "19298dcc" 2' \
		"$(jq -c '.prf, .csb_id, .map' "$dir/out" | tr '\n' ' ' | sed 's/ $//')"
	is "decode --json has every payload" '[5,11,14,14,14,14,10,26,4]' \
		"$(jq -c '[.payloads[].type]' "$dir/out")"
	is "decode --json has offsets" '[34,44,63,91,119,139,159,182,460]' \
		"$(jq -c '[.payloads[].offset]' "$dir/out")"
	is "decode --json has octets in hex" "$(hex $f 2 rand)" \
		"$(jq -r '.payloads[1].rand' "$dir/out")"
	input=$dir/short
	head -c 300 "$dir/message" >"$dir/short"
	stops "decode --json of a message that fails" "at " decode --json
	is "decode --json of it has what was read" '[34,44,63,91,119,139]' \
		"$(jq -c '[.payloads[].offset]' "$dir/out")"
	is "decode --json says where it fails" '"IDR"' \
		"$(jq -c .error.payload "$dir/out")"
}

invalid_messages()
{
	f=mikey-invalid.vec i=1
	while [ "$i" -le "$(records $f)" ]; do
		f=mikey-invalid.vec
		name=$(value $f $i name) at=$(value $f $i at)
		hex $f $i message >"$dir/bad"
		of=$(($(value $f $i based_on) + 1))
		input=$dir/bad
		if [ "$(value $f $i error)" != crypto ] && [ -s "$dir/bad" ]; then
			stops "decode: $name" "at $at in" decode
		fi
		# The options are words without blanks.
		# shellcheck disable=SC2046
		fails "open: $name" 1 open $(open_args $of)
		f=mikey-invalid.vec i=$((i + 1))
	done
	message 1
	{
		cat "$dir/message"
		echo 00
	} >"$dir/bad"
	input=$dir/bad
	stops "decode of octets after the signature" "trailing octets" decode
}

# shellcheck disable=SC2046 # options are words without blanks
open_calls()
{
	i=1
	while [ "$i" -le "$(records mikey-messages.vec)" ]; do
		message "$i"
		shows "open message $i" "^key $(hex $f "$i" ssv)\$" \
			open --show-secret $(open_args "$i")
		call open $(open_args "$i")
		! grep -q "$(hex $f "$i" ssv)" "$dir/out"
		is "open message $i keeps the key to itself" 0 $?
		i=$((i + 1))
	done
	shows "open as JSON" '^\{"key_type":.*"signer":.*\}$' \
		open --json $(open_args 6)
	shows "open as JSON with the key" "\"key\":\"$(hex $f 6 ssv)\"" \
		open --json --show-secret $(open_args 6)
	fails "open with another sender's identifier" 1 open \
		$(open_args 6 | sed '/--sender-id/{n;s/^../00/;}')
	fails "open with an RSK one octet short, by value" 1 open \
		$(open_args 6 | sed '$s/..$//')
	grep -q '^mikeytool: --rsk: has 256 octets, not 257$' "$dir/err"
	is "open says how short it is" 0 $?
	fails "open with half of the values" 2 open --kpak 00 --z 00
	fails "open without values" 2 open
	fails "open with values and files" 2 open $(open_args 6) --cert a --keys b
	fails "open with an option from standard input" 2 open --kpak - --z 00 \
		--sender-id 00 --receiver-id 00 --rsk 00
}

xml_calls()
{
	message 2
	cert=$vectors/xml/kms-certificate.xml keys=$vectors/xml/kms-key-set.xml
	shows "open with bare XML" "^key $(hex $f 2 ssv)\$" \
		open --show-secret --cert "$cert" --keys "$keys"
	shows "open with the responses of a KMS" '^signer sip:a906772@example.org$' \
		open --cert "$vectors/xml/kms-init.xml" \
		--keys "$vectors/xml/kms-keyprov.xml"
	fails "open with one file" 2 open --cert "$cert"
	fails "open with a file that is not there" 1 open --cert "$cert" \
		--keys "$dir/none"
	fails "open with the key set as certificate" 1 open --cert "$keys" \
		--keys "$keys"
	fails "open with an error of the KMS" 1 open --cert "$cert" \
		--keys "$vectors/xml/kms-error.xml"
	fails "open with what is no XML" 1 open --cert "$cert" --keys "$dir/message"
	is "open says of the file that it is none" \
		"mikeytool: --keys: $dir/message is not XML" "$(cat "$dir/err")"
	sed 's/<KeyPeriodNo>1531/<KeyPeriodNo>1532/' "$keys" >"$dir/keys.xml"
	fails "open with keys of another period" 1 open --cert "$cert" \
		--keys "$dir/keys.xml"
	sed 's/<UserID>75/<UserID>76/' "$keys" >"$dir/keys.xml"
	fails "open with a UserID that is not the UID" 1 open --cert "$cert" \
		--keys "$dir/keys.xml"
	sed 's/sip:b602878/sip:c602878/' "$keys" >"$dir/keys.xml"
	fails "open with another user's key set" 1 open --cert "$cert" \
		--keys "$dir/keys.xml"
	sed 's/<UserDecryptKey>041b/<UserDecryptKey>041a/' "$keys" >"$dir/keys.xml"
	fails "open with a false RSK" 1 open --cert "$cert" --keys "$dir/keys.xml"
	sed 's,..</UserDecryptKey>,</UserDecryptKey>,' "$keys" >"$dir/keys.xml"
	fails "open with an RSK one octet short" 1 open --cert "$cert" \
		--keys "$dir/keys.xml"
	grep -q 'UserDecryptKey is not hex or base64 of the right length' "$dir/err"
	is "open says which key is short" 0 $?
	sed 's/kms\.example\.org/kms.example.com/' "$cert" >"$dir/cert.xml"
	fails "open with another KMS's certificate" 1 open --cert "$dir/cert.xml" \
		--keys "$keys"
	sed 's,</KmsUri>,&<Revoked>true</Revoked>,' "$cert" >"$dir/cert.xml"
	fails "open with a revoked certificate" 1 open --cert "$dir/cert.xml" \
		--keys "$keys"
	sed 's,</KmsUri>,&<ValidTo>2025-10-01T00:00:00Z</ValidTo>,' "$cert" \
		>"$dir/cert.xml"
	fails "open with a certificate that had expired" 1 open \
		--cert "$dir/cert.xml" --keys "$keys"
	input=/dev/null
}

# The messages of deployed products that are marked as verified.
vendor_messages()
{
	if [ ! -d "$vendor" ] || ! command -v jq >/dev/null; then
		[ -z "${MUSTER_REQUIRE_VENDOR-}" ] || verdict "vendor vectors" "absent"
		skipped=$((skipped + 1))
		return
	fi
	for file in streamwide_v5 streamwide_v4 alea; do
		f=$vendor/imessage_$file.json
		i=0
		while [ "$i" -lt "$(jq '.messages | length' "$f")" ]; do
			vendor_message "$i"
			i=$((i + 1))
		done
	done
	input=/dev/null
}

vendor_message() # N of $f
{
	jq -r "
		. as \$d | .messages[$1] |
		def user(\$uri): [\$d.users[] | select((.UserUri // .uri) == \$uri)][0];
		if .verifies == false then empty else
		user(.initiator) as \$i | user(.responder) as \$r |
		select(\$i != null and \$r != null) |
		{message_hex, responder, key, id: (.key_id // .csb_id),
		 kpak: \$d.kms.PubAuthKey, z: \$d.kms.PubEncKey,
		 kms: \$d.kms.KmsUri, length: \$d.kms.UserKeyPeriod,
		 offset: \$d.kms.UserKeyOffset,
		 number: (\$r.KeyPeriodNo // \$d.kms.KeyPeriodNo),
		 sender: \$i.UserID, receiver: \$r.UserID,
		 rsk: \$r.UserDecryptKey, ssk: \$r.UserSigningKeySSK,
		 pvt: \$r.UserPubTokenPVT} |
		to_entries[] | \"\(.key)=\(.value | @sh)\" end" "$f" >"$dir/values"
	[ -s "$dir/values" ] || return 0
	message_hex='' responder='' key='' id='' kpak='' z='' kms='' length=''
	offset='' number='' sender='' receiver='' rsk='' ssk='' pvt=''
	# Those variables, as jq has quoted them for the shell.
	# shellcheck disable=SC1091
	. "$dir/values"
	printf '%s' "$message_hex" >"$dir/message"
	input=$dir/message name="${f##*_} message $1"
	call open --show-secret --kpak "$kpak" --z "$z" --sender-id "$sender" \
		--receiver-id "$receiver" --rsk "$rsk" --receiver "$responder"
	vendor_result "$name by values"
	vendor_xml
	call open --show-secret --cert "$dir/cert.xml" --keys "$dir/keys.xml"
	vendor_result "$name by XML"
}

vendor_result() # NAME
{
	is "$1: key" "$key" "$(sed -n 's/^key //p' "$dir/out")"
	is "$1: identifier" "$id" \
		"$(sed -n -e 's/^gmk_id //p' -e 's/^key_id //p' "$dir/out")"
}

vendor_xml()
{
	ns=urn:3gpp:ns:mcsecKMSInterface:1.0
	cat >"$dir/cert.xml" <<-EOF
		<KmsCertificate xmlns="$ns" Version="1.1.0" Role="Root">
		<KmsUri>$kms</KmsUri><UserIdFormat>2</UserIdFormat>
		<UserKeyPeriod>$length</UserKeyPeriod>
		<UserKeyOffset>$offset</UserKeyOffset>
		<PubEncKey>$z</PubEncKey><PubAuthKey>$kpak</PubAuthKey>
		</KmsCertificate>
	EOF
	cat >"$dir/keys.xml" <<-EOF
		<KmsKeySet xmlns="$ns" Version="1.1.0">
		<KmsUri>$kms</KmsUri><UserUri>$responder</UserUri>
		<UserID>$receiver</UserID><KeyPeriodNo>$number</KeyPeriodNo>
		<UserDecryptKey>$rsk</UserDecryptKey>
		<UserSigningKeySSK>$ssk</UserSigningKeySSK>
		<UserPubTokenPVT>$pvt</UserPubTokenPVT>
		</KmsKeySet>
	EOF
}

# ---- batch

batch_calls()
{
	f=mikey-messages.vec
	Z=$(hex mikey-kms.vec 1 Z) ssv=$(hex $f 2 ssv)
	for i in 2 4 6; do
		hex $f $i responder_id
	done >"$dir/ids"
	want=
	while read -r id; do
		call sakke encapsulate --z "$Z" --ssv "$ssv" --id "$id"
		want="$want$(cat "$dir/out")\n"
	done <"$dir/ids"
	input=$dir/ids
	prints "batch keeps the order" "$want" batch --z "$Z" --ssv "$ssv"
	sed 's/$/\r/' "$dir/ids" >"$dir/crlf"
	input=$dir/crlf
	prints "batch takes CRLF" "$want" batch --z "$Z" --ssv "$ssv"
	printf '%s' "$(cat "$dir/ids")" >"$dir/cut"
	input=$dir/cut
	prints "batch takes a last line without an end" "$want" \
		batch --z "$Z" --ssv "$ssv"
	shows "batch as JSON" '^\{"seds":\["04[0-9a-f]*",("[0-9a-f]*",?)*\]\}$' \
		batch --json --z "$Z" --ssv "$ssv"
	input=/dev/null
	prints "batch of nothing prints nothing" "" batch --z "$Z" --ssv "$ssv"
	i=0
	while [ "$i" -lt 70 ]; do # more than one chunk
		head -n 1 "$dir/ids"
		i=$((i + 1))
	done >"$dir/many"
	for bad in "" 00 xyz "$(head -n 1 "$dir/ids")00" \
		"$(head -n 1 "$dir/ids" | tr '[:xdigit:]' 0)"; do
		{
			cat "$dir/many"
			printf '%s\n' "$bad"
		} >"$dir/bad"
		input=$dir/bad
		fails "batch with a bad line: '$(printf '%.8s' "$bad")'" 1 \
			batch --z "$Z" --ssv "$ssv"
		grep -q 'line 71:' "$dir/err"
		is "batch names it" 0 $?
	done
	fails "batch with an option from standard input" 2 batch --z - --ssv "$ssv"
	input=/dev/null
}

# ---- what all commands have in common

hex_forms()
{
	printf '%s \n\n' "$gmk" >"$dir/hex"
	set -- --gmk-id 0DF9BC39 --user sip:a@example.org
	prints "hex from a file" "$guk\n" guk-id --gmk "@$dir/hex" "$@"
	input=$dir/hex
	prints "hex from standard input" "$guk\n" guk-id --gmk - "$@"
	fails "two options from standard input" 2 guk-id --gmk - --gmk-id - --user a
	input=/dev/null
	fails "empty hex where a key has to be, from standard input" 1 \
		guk-id --gmk - "$@"
	fails "hex from a file that is not there" 1 guk-id --gmk "@$dir/none" "$@"
	echo "not hex" >"$dir/text"
	fails "no hex in a file" 2 guk-id --gmk "@$dir/text" "$@"
	printf '%s %s\n' "$gmk" 00 >"$dir/text"
	fails "hex with a blank inside in a file" 2 guk-id --gmk "@$dir/text" "$@"
	printf '%s\000' "$gmk" >"$dir/text"
	fails "hex with a NUL behind it in a file" 2 guk-id --gmk "@$dir/text" "$@"
	fails "odd hex" 2 guk-id --gmk "${gmk}0" "$@"
	fails "no hex" 2 guk-id --gmk "${gmk%?}g" "$@"
	fails "hex with a blank inside" 2 guk-id --gmk "${gmk} " "$@"
	fails "hex with 0x" 2 guk-id --gmk "0x$gmk" "$@"
}

# Every command and option of --help is in the man page.
man_page()
{
	"$tool" --help | awk '/--json/ {
		print $2 ($3 ~ /^[-[]/ ? "" : " " $3)
	}' >"$dir/commands"
	is "--help names the commands" 16 "$(wc -l <"$dir/commands")"
	while read -r command; do
		missing=
		# One word or two.
		# shellcheck disable=SC2086
		for option in $("$tool" $command --help </dev/null |
			sed -n 's/^  -\(-[a-z-]*\).*/\1/p'); do
			grep -Eq "^\.It Cm $command .*Fl $option( |\$)" \
				"$top/docs/mikeytool.1" || missing="$missing $option"
		done
		[ "$missing" = " -json" ] && missing=
		verdict "the man page has $command" "$missing"
	done <"$dir/commands"
}

usage()
{
	fails "no command" 2
	fails "unknown command" 2 frobnicate
	fails "half a command" 2 sakke
	fails "unknown second word" 2 sakke sign
	fails "unknown option" 2 uid --colour
	fails "abbreviated option" 2 sakke public --sec 00
	fails "argument that is no option" 2 sakke public deadbeef
	! grep -q deadbeef "$dir/err"
	is "such an argument is not repeated" 0 $?
	fails "unknown option with a value" 2 sakke public --sekret=deadbeef
	! grep -q deadbeef "$dir/err"
	is "nor is such a value" 0 $?
	fails "option without its value" 2 sakke public --secret
	fails "option given twice" 2 sakke public --secret 00 --secret 00
	fails "flag with a value" 2 open --show-secret=yes
	fails "a line break in an argument" 2 "$(printf 'a\nb')"
	for command in uid guk-id srtp "sakke public" "sakke extract" \
		"sakke validate-rsk" "sakke encapsulate" "sakke decapsulate" \
		"eccsi public" "eccsi extract" "eccsi validate" "eccsi sign" \
		"eccsi verify" decode open batch; do
		# One word or two.
		# shellcheck disable=SC2086
		shows "$command --help" "^usage: mikeytool $command" $command --help
		shows "--help names $command" "^mikeytool $command" --help
		# shellcheck disable=SC2086
		[ "$command" = decode ] ||
			fails "$command without options" 2 $command
	done
}

processor()
{
	set -- guk-id --gmk "$gmk" --gmk-id 0df9bc39 --user sip:a@example.org
	MUSTER_CPU=portable
	export MUSTER_CPU
	prints "MUSTER_CPU=portable" "$guk\n" "$@"
	MUSTER_CPU=abacus
	fails "MUSTER_CPU with an unknown value" 2 "$@"
	unset MUSTER_CPU
	if [ -w /dev/full ]; then
		"$tool" "$@" >/dev/full 2>"$dir/err"
		is "a full disk" 1 $?
	else
		skipped=$((skipped + 1))
	fi
}

uid_vectors
uid_calls
derive_calls
sakke_vectors
sakke_calls
eccsi_vectors
eccsi_calls
decode_calls
decode_json
invalid_messages
open_calls
xml_calls
vendor_messages
batch_calls
hex_forms
man_page
usage
processor
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
