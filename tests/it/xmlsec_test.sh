#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# xmlsec_test.sh - what xml/dsig.h signs, under xmllint and the xmlsec1 program.
#
# Run where the programs were built. Ends with "N passed, N failed, N skipped";
# exit 1 when a test failed, 77 when there is no xmlsec1 or xmllint.
set -u
LC_ALL=C
export LC_ALL

maker=./tests/it/xml_signed
passed=0 failed=0

if ! command -v xmlsec1 >/dev/null || ! command -v xmllint >/dev/null; then
	echo "no xmlsec1 or no xmllint: nothing tested"
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

accepts() # NAME COMMAND...
{
	name=$1
	shift
	"$@" >"$dir/log" 2>&1
	verdict "$name" $?
}

refuses() # NAME COMMAND...
{
	name=$1
	shift
	if "$@" >"$dir/log" 2>&1; then
		verdict "$name" 1
	else
		verdict "$name" 0
	fi
}

hmac() # ELEMENT FILE
{
	xmlsec1 --verify --hmackey "$dir/ink" "--id-attr:Id" "$1" "$2"
}

# The signature that verifies is the one whose parent is the wrapper.
ecdsa() # FILE
{
	xmlsec1 --verify --pubkey-pem "$dir/point.pem" "--id-attr:Id" \
		KmsCertificate --node-xpath \
		"//*[local-name()='SignedKmsCertificate']/*[local-name()='Signature']" \
		"$1"
}

for what in certificate request response point ink; do
	"$maker" "$what" >"$dir/$what" || verdict "$what is made" 1
done

# A SubjectPublicKeyInfo of P-256 is 26 octets and the point.
{
	printf '\060\131\060\023\006\007\052\206\110\316\075\002\001'
	printf '\006\010\052\206\110\316\075\003\001\007\003\102\000'
	cat "$dir/point"
} | openssl pkey -pubin -inform DER -out "$dir/point.pem" 2>"$dir/log" ||
	verdict 'the point is a public key' 1

for what in certificate request response; do
	accepts "xmllint reads the $what" xmllint --nonet --noout "$dir/$what"
	sed 's/example/exampel/' "$dir/$what" >"$dir/changed-$what"
done

accepts 'xmlsec1 verifies a request' hmac KmsRequest "$dir/request"
refuses 'xmlsec1 refuses a changed request' \
	hmac KmsRequest "$dir/changed-request"
accepts 'xmlsec1 verifies a certificate' ecdsa "$dir/certificate"
refuses 'xmlsec1 refuses a changed certificate' ecdsa "$dir/changed-certificate"
accepts 'xmlsec1 verifies a certificate in a response' ecdsa "$dir/response"

# The canonical form is ours and xmllint's alike.
xmllint --nonet --c14n "$dir/request" >"$dir/canonical" 2>"$dir/log"
accepts 'a request is written in its canonical form but for declarations' \
	test "$(sed 's/ xmlns[:a-z]*="[^"]*"//g' "$dir/canonical")" = \
	"$(sed 's/ xmlns[:a-z]*="[^"]*"//g' "$dir/request")"

# Of two signatures, xmlsec1 takes the one it is told: the envelope's.
accepts 'xmlsec1 verifies a response' xmlsec1 --verify --hmackey "$dir/ink" \
	"--id-attr:Id" KmsResponse --node-xpath \
	"/*[local-name()='SignedKmsResponse']/*[local-name()='Signature']" \
	"$dir/response"

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
