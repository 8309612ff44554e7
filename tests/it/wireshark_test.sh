#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# wireshark_test.sh - the Wireshark plugin under tshark.
#
# Messages become captures with text2pcap; what tshark prints of them, with
# tools/wireshark/muster-mikey.lua loaded, is compared field by field. Ends
# with "N passed, N failed, N skipped"; exit 1 when a test failed, 77 when
# there is no tshark or it runs no Lua plugins.
set -u
LC_ALL=C TZ=UTC
export LC_ALL TZ

top=${srcdir:-$(dirname "$0")/../..}
plugin=$top/tools/wireshark/muster-mikey.lua
vectors=$top/tests/vectors/wireshark.vec
vendor=$top/../shared/vectors/vendor
cr=$(printf '\r')
passed=0 failed=0 skipped=0

finish()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ] || exit 1
	exit "${1:-0}"
}

if ! command -v tshark >/dev/null || ! command -v text2pcap >/dev/null; then
	echo "no tshark: nothing tested"
	skipped=1
	finish 77
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# A home of our own, so that no installed copy of the plugin and no personal
# preference is in the way.
HOME=$dir XDG_CONFIG_HOME=$dir
export HOME XDG_CONFIG_HOME

test_is() # NAME EXPECTED ACTUAL
{
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	printf '%s\n  expected: %s\n  actual:   %s\n' "$1" "$2" "$3"
}

dissect() # CAPTURE [TSHARK-OPTION...]
{
	capture=$dir/$1
	shift
	tshark -n -r "$capture" -X "lua_script:$plugin" "$@" 2>>"$dir/stderr"
}

fields() # CAPTURE FIELD...: what they show, repeated ones with commas
{
	[ -f "$dir/$1.pdml" ] || dissect "$1" -T pdml >"$dir/$1.pdml"
	awk -v fields="$*" '
		function attribute(key) {
			if (!match($0, " " key "=\"[^\"]*"))
				return ""
			return substr($0, RSTART + length(key) + 3,
				RLENGTH - length(key) - 3)
		}
		/<field name="muster_/ {
			key = substr(attribute("name"), 8)
			show = attribute("show")
			if (show == "")
				show = attribute("showname")
			if (show ~ /^[0-9a-f][0-9a-f](:[0-9a-f][0-9a-f])+$/)
				gsub(/:/, "", show)
			value[key] = seen[key]++ ? value[key] "," show : show
		}
		END {
			n = split(fields, name, " ")
			for (i = 2; i <= n; i++)
				printf "%s%s", value[name[i]], i < n ? " " : "\n"
		}' "$dir/$1.pdml"
}

verbose() # CAPTURE: all that tshark prints of it
{
	[ -f "$dir/$1.txt" ] || dissect "$1" -V >"$dir/$1.txt"
	cat "$dir/$1.txt"
}

# What must never be printed: an error of the plugin, an exception.
slips() # CAPTURE
{
	verbose "$1" |
		grep -c -i -E 'lua error|malformed packet|dissector bug|exception'
}

having() # CAPTURE PATTERN: how many of its packets have it in a line
{
	verbose "$1" | awk -v pattern="$2" '
		/^Frame / { n += found; found = 0 }
		$0 ~ pattern { found = 1 }
		END { print n + found }'
}

packets() # one packet a line of hex, as text2pcap reads it
{
	sed 's/../& /g; s/^/0 /'
}

to_pcap() # CAPTURE OPTION...
{
	capture=$1
	shift
	text2pcap -q "$@" - "$dir/$capture" 2>"$dir/text2pcap" ||
		cat "$dir/text2pcap" >>"$dir/stderr"
}

udp() # CAPTURE: one message a line of hex
{
	packets | to_pcap "$1" -u 40000,2269
}

text() # CAPTURE OPTION...: one packet of text
{
	capture=$1
	shift
	od -An -v -tx1 | tr -d ' \n' | packets |
		to_pcap "$capture" "$@"
}

hex() # NAME: a message of the vector file
{
	awk -v name="$1" '/^name/ { found = substr($0, 8) == name }
		found && /^wire/ { print $3 }' "$vectors"
}

vendor_hex() # FILE N: its n-th message
{
	sed -n 's/.*"message_hex": "\([0-9a-f]*\)".*/\1/p' "$vendor/$1" |
		sed -n "$2p"
}

body() # START TYPE TEXT: a message of HTTP or SIP with this body
{
	content=$(printf '%s' "$3" | sed "s/\$/$cr/")
	printf '%s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s\n' \
		"$1" "$2" $((${#content} + 1)) "$content"
}

base64_of() # HEX
{
	echo "$1" | tr a-f A-F | basenc --base16 -d | base64 -w 0
}

# An administrator may have switched Lua off, for root or for all.
echo 'print("Lua runs")' >"$dir/probe.lua"
echo 00 | udp probe.pcap
if ! tshark -r "$dir/probe.pcap" -X "lua_script:$dir/probe.lua" 2>&1 |
	grep -q 'Lua runs'; then
	echo "tshark runs no Lua here: nothing tested"
	skipped=1
	finish 77
fi

# Group key: every payload of a 3GPP message.

gmk=$(hex 'group key')
echo "$gmk" | udp gmk.pcap

test_is 'header of a group key' \
	'1 26 1 0x0a1b2c3d 2 2 4,5 7,7 0x05566778 0x0a1b2c3d 0x05566778 0x11223344 515' \
	"$(fields gmk.pcap mikey.version mikey.data_type mikey.prf mikey.csb_id \
		mikey.cs_count mikey.map_type mikey.cs.id mikey.cs.policy \
		mikey.cs.gmk_id mikey.cs.guk_id mikey.cs.key_id mikey.cs.ssrc \
		mikey.cs.seq)"
test_is 'time and RAND' \
	'Jan 28, 2002 16:51:12.500000000 UTC 000102030405060708090a0b0c0d0e0f' \
	"$(fields gmk.pcap mikey.ts.time mikey.rand.value)"
test_is 'identities, hidden and clear' \
	'8,9,1,2,6,7 1,2,1,1,1,1 sip:gms@muster.example,sip:unit7@muster.example,kms.muster.example,kms.muster.example' \
	"$(fields gmk.pcap mikey.id.role mikey.id.type mikey.id.uri)"
test_is 'UIDs' \
	'808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f,c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf' \
	"$(fields gmk.pcap mikey.id.uid)"
test_is 'policy: AES-GCM and RCCm3' '7 0 6 16 4 12 0 0 1 4 0 16' \
	"$(fields gmk.pcap mikey.sp.policy mikey.sp.prot mikey.sp.encr_alg \
		mikey.sp.encr_key_len mikey.sp.auth_alg mikey.sp.salt_len \
		mikey.sp.prf mikey.sp.kdr mikey.sp.roc_rate mikey.sp.srtp_tag_len \
		mikey.sp.srtcp_tag_len mikey.sp.aead_tag_len)"
test_is 'extensions' '1,6,7 mikey' \
	"$(fields gmk.pcap mikey.ext.type mikey.ext.sdp_ids)"
test_is 'SAKKE to self, then to the member' \
	'1,1 2,2 273,273 0x04,0x04 101112131415161718191a1b1c1d1e1f,0a0b0c0d0e0f10111213141516171819' \
	"$(fields gmk.pcap mikey.sakke.params mikey.sakke.scheme mikey.sakke.len \
		mikey.sakke.prefix mikey.sakke.hint)"
test_is 'key parameters' \
	'1 0 3 Mar 17, 2030 17:46:40.000000000 UTC 1 303132333435363738393a3b3c3d3e3f 0x0a1b2c3d 36 505152535455565758595a5b5c5d5e5f60616263 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf' \
	"$(fields gmk.pcap mikey.kp.protected mikey.kp.authenticated \
		mikey.kp.type mikey.kp.time mikey.kp.alg mikey.kp.iv \
		mikey.kp.dppk_id mikey.kp.len mikey.kp.ciphertext mikey.kp.tag)"
test_is 'signature' \
	'2 129 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20' \
	"$(fields gmk.pcap mikey.sign.type mikey.sign.len mikey.sign.r)"
test_is 'nothing to complain about' '   ' \
	"$(fields gmk.pcap mikey.malformed mikey.unsupported mikey.incomplete \
		mikey.unusual)"
test_is 'names instead of numbers' 3 "$(grep -c -E \
	'"(ID role: Responder.*\(IDRuidr\) \(9\)|Encryption algorithm: AES-GCM \(6\)|Authentication algorithm: RCCm3 \(4\))"' \
	"$dir/gmk.pcap.pdml")"

# The other payloads, and the other maps.

hex 'all other payloads' | udp others.pcap
test_is 'KEMAC, PKE, DH, CERT, CHASH, V, ERR, TR, RANDR, key data, key IDs' \
	'1 2021222324252627 1 a0a1a2a3 1 b0b1 1 2 2 10 2 2 3 bbcc 010203,0405' \
	"$(fields others.pcap mikey.kemac.encr_alg mikey.kemac.mac mikey.pke.c \
		mikey.pke.data mikey.dh.group mikey.kv.spi mikey.cert.type \
		mikey.chash.func mikey.ver.alg mikey.err.no mikey.tr.role \
		mikey.randr.role mikey.keydata.type mikey.kv.to \
		mikey.key_id.value | sed 's/\(2021222324252627\)[0-9a-f]*/\1/')"
{
	hex 'empty map'
	hex 'generic map'
	hex 'srtp map'
} | udp maps.pcap
test_is 'the three kinds of map' '1,2,0 4,5 0x11223344 0xcafebabe' \
	"$(fields maps.pcap mikey.map_type mikey.cs.id mikey.cs.ssrc \
		mikey.srtp_id.ssrc)"
test_is 'no fault in verified messages' '' "$(fields maps.pcap mikey.malformed)"

# Where messages stand.

echo "$gmk" | packets | to_pcap tcp.pcap -T 40000,2269
test_is 'TCP port 2269' '0x0a1b2c3d ' \
	"$(fields tcp.pcap mikey.csb_id mikey.malformed)"

xml="<k:GKTPs xmlns:k=\"urn:3gpp:ns:mcpttGKTP:1.0\"><k:GMK-GKTPs>
<k:GKTP id=\"0a1b2c3d\" activationtime='2030-01-02T03:04:05Z'>
  $gmk
</k:GKTP><k:GKTP id=\"0badf00d\">123</k:GKTP><k:on-network-regrouped-GKTPs
temporary-MCPTT-group-ID=\"sip:tmp@muster.example\"><k:GKTP id=\"05566778\">$(
	hex 'empty map' | tr a-f A-F)</k:GKTP></k:on-network-regrouped-GKTPs>
</k:GMK-GKTPs></k:GKTPs>"
gktp='0a1b2c3d,0badf00d,05566778 2030-01-02T03:04:05Z 0x0a1b2c3d,0x42ff8824'
notify='NOTIFY sip:unit7@192.0.2.10 SIP/2.0'
for type in text/xml application/xml application/xcap-el+xml; do
	capture=${type#*/}.pcap
	body 'HTTP/1.1 200 OK' "$type" "$xml" | text "$capture" -T 80,40000
	test_is "key document in HTTP as $type" "$gktp" \
		"$(fields "$capture" gktp.id gktp.activationtime mikey.csb_id)"
done
test_is 'the GKTP without hexBinary is named' 'The content is not hexBinary' \
	"$(fields xml.pcap gktp.malformed)"
body "$notify" application/xcap-diff+xml "$xml" | text sip.pcap -u 5060,5060
test_is 'key document in SIP' '0x0a1b2c3d,0x42ff8824 ' \
	"$(fields sip.pcap mikey.csb_id mikey.malformed)"
sdp="v=0
o=- 1 1 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
"
audio='m=audio 49000 RTP/SAVP 0
'
line="a=key-mgmt:mikey $(base64_of "$gmk")
"
body "$notify" application/sdp "$sdp$line$audio" | text session.pcap -u 5060,5060
body "$notify" application/sdp "$sdp$audio$line" | text media.pcap -u 5060,5060
for capture in session media; do
	test_is "a=key-mgmt of a $capture in SDP" '0x0a1b2c3d ' \
		"$(fields $capture.pcap mikey.csb_id mikey.malformed)"
done
body "$notify" 'multipart/mixed;boundary=b' "--b
Content-Type: application/mikey
Content-Transfer-Encoding: base64

$(base64_of "$gmk")
--b--
" | text part.pcap -u 5060,5060
test_is 'application/mikey in base64' '0x0a1b2c3d ' \
	"$(fields part.pcap mikey.csb_id mikey.malformed)"
{
	printf '%s\r\nContent-Type: application/mikey\r\nContent-Length: %d\r\n\r\n' \
		"$notify" $((${#gmk} / 2)) | od -An -v -tx1 | tr -d ' \n'
	echo "$gmk"
} | packets | to_pcap raw.pcap -u 5060,5060
test_is 'application/mikey as octets' '0x0a1b2c3d ' \
	"$(fields raw.pcap mikey.csb_id mikey.malformed)"

# What is broken, on purpose.

echo "$gmk" | awk '{ for (i = 2; i < length; i += 2) print substr($0, 1, i) }' |
	udp cut.pcap
test_is 'every truncation is a fault' "$((${#gmk} / 2 - 1))" \
	"$(having cut.pcap 'Error/Malformed')"
test_is 'a fault names field and offset' 4 \
	"$(having cut.pcap 'RAND at offset 58 needs 16, has (0|5|10|15) octets]')"
test_is 'no truncation upsets the plugin' 0 "$(slips cut.pcap)"
echo "$gmk" "$(hex 'all other payloads')" | awk -v packets=300 '
	function below(n) { # minimal standard generator: the same run each time
		seed = (seed * 16807) % 2147483647
		return seed % n
	}
	BEGIN { seed = 20 }
	{
		for (p = 0; p < packets; p++) {
			s = $(p % 2 + 1)
			for (flips = below(4); flips >= 0; flips--) {
				at = 2 * below(length(s) / 2)
				s = substr(s, 1, at) sprintf("%02x", below(256)) \
					substr(s, at + 3)
			}
			print s
		}
	}' >"$dir/flips"
udp flips.pcap <"$dir/flips"
test_is 'all flips are dissected' 300 \
	"$(having flips.pcap '^Multimedia Internet KEYing')"
test_is 'no flip upsets the plugin' 0 "$(slips flips.pcap)"

for content in A AB A=== AQ== zz; do
	body "$notify" application/mikey "$content" | od -An -v -tx1 | tr -d ' \n'
	echo
	body "$notify" application/sdp "$sdp${audio}a=key-mgmt:mikey $content" |
		od -An -v -tx1 | tr -d ' \n'
	echo
done | packets | to_pcap scraps.pcap -u 5060,5060
test_is 'every scrap of base64 is a fault' 10 \
	"$(having scraps.pcap 'Error/Malformed')"
test_is 'no scrap upsets the plugin' 0 "$(slips scraps.pcap)"
i=0
while [ "$i" -lt 65 ]; do
	printf '<GKTP>011a</GKTP>'
	i=$((i + 1))
done >"$dir/many"
body 'HTTP/1.1 200 OK' text/xml "<GKTPs>$(cat "$dir/many")</GKTPs>" |
	text many.pcap -T 80,40000
test_is 'a key document has an end' 'Too many messages' \
	"$(fields many.pcap gktp.malformed)"

# Messages of shipped products: read in place, never copied.

vendor_tests()
{
	vendor_hex imessage_streamwide_v5.json 1 | udp v1.pcap
	test_is 'vendor 1: header with a GENERIC-ID map' \
		'0x06a12aea 1 2 4 0 0x0df9bc39 0x06a12aea Oct  2, 2025 23:47:52.000000000 UTC ca2f5d51ff0866362c1d85a56f84651e' \
		"$(fields v1.pcap mikey.csb_id mikey.cs_count mikey.map_type \
			mikey.cs.id mikey.cs.policy mikey.cs.gmk_id mikey.cs.guk_id \
			mikey.ts.time mikey.rand.value)"
	test_is 'vendor 1: identities' \
		'8,9,6,7 15a4d5b12856538d02d91fedbb766e6dd377b014c92e216666c8fb678608d20e,b5c452309219da6a3d805615548d6c1b0f4de45a6b48fb13d9a24d857fc03dc4 kms.mydev.streamwide.com,kms.mydev.streamwide.com' \
		"$(fields v1.pcap mikey.id.role mikey.id.uid mikey.id.uri)"
	test_is 'vendor 1: policy' '6 16 4 12 0 0 4 0 16' \
		"$(fields v1.pcap mikey.sp.encr_alg mikey.sp.encr_key_len \
			mikey.sp.auth_alg mikey.sp.salt_len mikey.sp.prf \
			mikey.sp.kdr mikey.sp.srtp_tag_len mikey.sp.srtcp_tag_len \
			mikey.sp.aead_tag_len)"
	test_is 'vendor 1: key parameters' \
		'3 Jan  1, 1970 00:00:01.000000000 UTC 1 28704fa41c8fe20f881c1bab0d32d8ca 0x06a12aea 36 08d505759206cc789d05a4ce0e49364d' \
		"$(fields v1.pcap mikey.kp.type mikey.kp.time mikey.kp.alg \
			mikey.kp.iv mikey.kp.dppk_id mikey.kp.len mikey.kp.tag)"
	vendor_hex imessage_alea.json 1 | udp v2.pcap
	test_is 'vendor 2: header' \
		'0x0c340888 0 1 Sep 29, 2025 15:27:17.000000000 UTC b97600f1ee9b6caa2d1fca9b66f66e47' \
		"$(fields v2.pcap mikey.csb_id mikey.cs_count mikey.map_type \
			mikey.ts.time mikey.rand.value)"
	test_is 'vendor 2: identities' \
		'8,9,6,7 c4ebd4a105a1b788a56e49592dbdbe5f80440d6b135dd1faed68a62560ccd3cc,4c36ce1c357a7b99105705d711bc0fc2d124c578f7923905fd0daeb3a504afe7 sip:common_kms.test.org,sip:common_kms.test.org' \
		"$(fields v2.pcap mikey.id.role mikey.id.uid mikey.id.uri)"
	test_is 'vendor 2: policy' '1 6 16 4 12 0 0 1 4 0 16' \
		"$(fields v2.pcap mikey.sp.policy mikey.sp.encr_alg \
			mikey.sp.encr_key_len mikey.sp.auth_alg mikey.sp.salt_len \
			mikey.sp.prf mikey.sp.kdr mikey.sp.roc_rate \
			mikey.sp.srtp_tag_len mikey.sp.srtcp_tag_len \
			mikey.sp.aead_tag_len)"
	test_is 'vendor 2: key parameters' \
		'0 Sep 29, 2025 15:27:17.000000000 UTC 1 88287fc6cad808cf05ba712599712802 0x0c340888 67 1a5550ceb9aa7ac8ca59f18bed5384a9' \
		"$(fields v2.pcap mikey.kp.type mikey.kp.time mikey.kp.alg \
			mikey.kp.iv mikey.kp.dppk_id mikey.kp.len mikey.kp.tag)"
	for file in "$vendor"/imessage_*.json; do
		vendor_hex "${file##*/}" '1,$'
	done | udp all.pcap
	test_is 'vendor messages have their signature' 15 \
		"$(having all.pcap '^ +PVT: 04')"
	test_is 'no fault in any vendor message' 0 \
		"$(having all.pcap 'Error/Malformed|Warning/')"
}

if [ -d "$vendor" ]; then
	vendor_tests
else
	echo "$vendor is absent: ten tests skipped"
	skipped=10
fi

test_is 'nothing on stderr' '' \
	"$(sed '/^Running as user "root"/d' "$dir/stderr")"
finish
