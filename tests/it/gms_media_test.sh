#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gms_media_test.sh - from the KMS to speech, over real programs: keys that
# kdsd gives out are proved against its root certificate, a GMK reaches three
# members, one of them speaks in SRTP, and who left hears nothing. Rows PT-02,
# PT-05 and PT-07 of the acceptance table.
set -u
here=$(dirname -- "$0")
# shellcheck source=tests/it/gms_world.sh
. "$here/gms_world.sh"
# shellcheck source=tests/it/gms_rows.sh
. "$here/gms_rows.sh"
# shellcheck source=tests/it/gms_keys.sh
. "$here/gms_keys.sh"

packet=./tests/it/srtp_packet

# One element of a file of XML whose text is alone in it.
element() # NAME FILE
{
	sed -n "s/.*<$1\( [^>]*\)\{0,1\}>\([^<]*\)<\/$1>.*/\2/p" "$dir/$2"
}

# The last octet of hex, another one.
spoilt() # HEX
{
	case $1 in
	*00) echo "${1%??}01" ;;
	*) echo "${1%??}00" ;;
	esac
}

# ---------------------------------------------- what the KMS's server gives out

uid_of() # USER
{
	"$tool" uid --identity "sip:$1@example.org" --kms kms.example.org \
		--period "$period"
}

# The pairing of RFC 6508 clause 6.1.2: the receiving key is the KMS's for him.
pairs() # USER RSK [CERT]
{
	"$tool" sakke validate-rsk --z "$(element PubEncKey "${3:-cert.$1}")" \
		--id "$(uid_of "$1")" --rsk "$2"
}

# RFC 6507 clause 5.1.2: PVT and SSK are the KMS's for him.
proves() # USER SSK PVT [CERT]
{
	"$tool" eccsi validate --kpak "$(element PubAuthKey "${4:-cert.$1}")" \
		--id "$(uid_of "$1")" --ssk "$2" --pvt "$3"
}

world_make 4
keep_enrolment m1 m2 m3 m4 gms server
for user in m1 m2 m3 gms; do
	row PT-02 "$user gets certificate and keys from kdsd" clear_keys "$user"
	row PT-02 'the certificate is the one of the ceremony' test \
		"$(element PubEncKey "cert.$user") $(element PubAuthKey \
			"cert.$user")" = "$(sed -n 's/^z = //p' \
			"$dir/kms/kms.conf") $(sed -n 's/^kpak = //p' \
			"$dir/kms/kms.conf")"
	row PT-02 'the key set is his, of this period' test \
		"$(element UserID "keys.$user")" = "$(uid_of "$user")"
	rsk=$(element UserDecryptKey "keys.$user")
	ssk=$(element UserSigningKeySSK "keys.$user")
	pvt=$(element UserPubTokenPVT "keys.$user")
	row PT-02 'the pairing holds' pairs "$user" "$rsk"
	row PT-02 'PVT and SSK hold' proves "$user" "$ssk" "$pvt"
done
# What was changed, another user's, and of another KMS: none of them hold.
world_do "$kms" init --insecure-test-key --dir "$dir/other" \
	--uri kms.example.org
cat >"$dir/cert.other" <<-END
	<PubEncKey>$(sed -n 's/^z = //p' "$dir/other/kms.conf")</PubEncKey>
	<PubAuthKey>$(sed -n 's/^kpak = //p' "$dir/other/kms.conf")</PubAuthKey>
END
row PT-02 'the key of another member does not pair' refuses pairs m1 "$rsk"
row PT-02 'nor do his PVT and SSK hold' refuses proves m1 "$ssk" "$pvt"
rsk=$(element UserDecryptKey keys.m1)
ssk=$(element UserSigningKeySSK keys.m1)
pvt=$(element UserPubTokenPVT keys.m1)
row PT-02 'nor what is not as it came' refuses pairs m1 "$(spoilt "$rsk")"
row PT-02 'nor an SSK that is not' refuses proves m1 "$(spoilt "$ssk")" "$pvt"
row PT-02 'nor under another KMS' refuses pairs m1 "$rsk" cert.other
row PT-02 'nor does PVT there' refuses proves m1 "$ssk" "$pvt" cert.other

# A kdsd that gives out the keys of another period as those of this one: they
# open under his transport key, so that nothing but the checks can tell.
at() # USER PERIOD
{
	echo "uri = CAST('sip:$1@example.org' AS BLOB) AND period = $2"
}
false_keys() # USER ELEMENT...
{
	sqlite3 "$dir/kdsd.db" "SELECT hex(xml) FROM key_set
		WHERE $(at "$1" "$period")" >"$dir/good.$1"
	user=$1
	shift
	for name; do
		swapped=$(sqlite3 "$dir/kdsd.db" "UPDATE key_set SET xml = (
			SELECT CAST(substr(a, 1, instr(a, '<$name') - 1) ||
			substr(b, instr(b, '<$name'), instr(b, '</$name>') -
			instr(b, '<$name')) || substr(a, instr(a, '</$name>'))
			AS BLOB) FROM
			(SELECT CAST(xml AS TEXT) AS a FROM key_set
			WHERE $(at "$user" "$period")),
			(SELECT CAST(xml AS TEXT) AS b FROM key_set
			WHERE $(at "$user" $((period + 1)))))
			WHERE $(at "$user" "$period") RETURNING 'swapped'")
		[ "$swapped" = swapped ] || return 1
	done
}
true_keys() # USER
{
	[ "$(sqlite3 "$dir/kdsd.db" "UPDATE key_set SET xml =
		x'$(cat "$dir/good.$1")' WHERE $(at "$1" "$period")
		RETURNING 'back'")" = back ]
}
says() # WORDS: what was refused
{
	grep -qF -- "$1" "$dir/refused" || {
		cat "$dir/refused"
		return 1
	}
}
device_refuses() # USER
{
	! clear_keys "$1" >"$dir/refused" 2>&1
}
row PT-02 'kdsd gives a false receiving key' false_keys m4 UserDecryptKey
row PT-02 'a device refuses it' device_refuses m4
row PT-02 'for what it is' says "are not the user's"
row PT-02 'mcue does, too' refuses looks m4
row PT-02 'and has no keys at all' grep -q '"state":"failed"' "$dir/state.m4"
row PT-02 'with the true one' true_keys m4
row PT-02 'all is well' clear_keys m4
row PT-02 'kdsd gives false signing keys' false_keys server UserSigningKeySSK \
	UserPubTokenPVT
row PT-02 'a device refuses them' device_refuses server
row PT-02 'for what they are' says "are not the user's"
row PT-02 'kdsd gives false ones to the GMS' false_keys gms UserSigningKeySSK \
	UserPubTokenPVT
world_configure 'policy = { grace_s = 1; overlap_s = 1; quorum_margin_s = 1;
	coalesce_ms = 0; };'
world_do "$gmsd" --config "$dir/gmsd.conf" keygen
world_do "$gmsd" --config "$dir/gmsd.conf" enrol "$(world_enrolment gms)"
world_start gmsd.log "$gmsd" --config "$dir/gmsd.conf"
gmsd_pid=$!
health_url=http://127.0.0.1:$(world_port health)
row PT-02 'its vault refuses them' soon grep -q \
	'event=vault.refused .*refusal=keys error=crypto' "$dir/gmsd.log"
row PT-02 'and it is not ready' refuses curl -fs -o "$dir/body" \
	"$health_url/readyz"
world_stop_gmsd
row PT-02 'with the true ones' true_keys gms
world_start_gmsd
row PT-02 'it is' curl -fs -o "$dir/body" "$health_url/readyz"

# -------------------------------------------------- one key for three members

make() # GROUP MEMBER...
{
	group=$1
	shift
	for user; do
		set -- "$@" --member "sip:$user@example.org"
		shift
	done
	ctl group create "$group" "$@" --no-wait
}

# The first message of his document, opened: what of a key he has, by name.
takes() # USER [GROUP]
{
	document "$1" "doc.$1" "${2:-$g}" && messages "doc.$1" >"$dir/messages" &&
		read -r id message <"$dir/messages" && opens "$1" "$message"
}

has() # USER NAME GROUP
{
	takes "$1" "$3" && opened "$2"
}

# The GUK-ID law (TS 33.180 clause 5.2.3), there and back.
law() # USER
{
	[ "$("$tool" guk-id --gmk "$gmk" --gmk-id "$gmk_id" --user \
		"sip:$1@example.org")" = "$(opened guk_id)" ] &&
		[ "$("$tool" guk-id --gmk "$gmk" --gmk-id "$(opened guk_id)" \
			--user "sip:$1@example.org")" = "$gmk_id" ]
}

row PT-05 'a group of three is made' make "$g" m1 m2 m3
for user in m1 m2 m3; do
	row PT-05 "$user gets a message that opens" soon takes "$user"
done
takes m1
gmk=$(opened key) gmk_id=$(opened gmk_id) rand=$(opened rand)
row PT-05 'with a GMK in it' test "${#gmk} ${#gmk_id} ${#rand}" = '32 8 32'
for user in m1 m2 m3; do
	takes "$user"
	row PT-05 "$user has the same GMK" test "$(opened key)" = "$gmk"
	row PT-05 'of the same identifier' test "$(opened gmk_id)" = "$gmk_id"
	row PT-05 'with the same RAND' test "$(opened rand)" = "$rand"
	row PT-05 'and a GUK-ID by the law' law "$user"
	opened guk_id
	cut -d' ' -f2 "$dir/messages" | head -n 1 >>"$dir/all.messages"
done >"$dir/guk_ids"
row PT-05 'three GUK-IDs in all' test "$(sort -u "$dir/guk_ids" | wc -l)" -eq 3
row PT-05 'in three messages' test "$(sort -u "$dir/all.messages" | wc -l)" -eq 3
row PT-05 'the GUK-ID of one is not by the law of another' refuses law m1
other=sip:incident-8@groups.example.org
row PT-05 'another group' make "$other" m1 m2
row PT-05 'has a message' soon takes m1 "$other"
takes m1 "$other"
row PT-05 'with another GMK' test "$(opened key)" != "$gmk"
row PT-05 'another GMK-ID' test "$(opened gmk_id)" != "$gmk_id"
row PT-05 'and another RAND' test "$(opened rand)" != "$rand"

# --------------------------------------------------------------- who hears whom

# What a member has of the key in force, from his own message: KEY.USER with its
# GMK, GMK-ID and RAND.
learns() # USER
{
	takes "$1" && echo "$(opened key) $(opened gmk_id) $(opened rand)" \
		>"$dir/key.$1"
}

# SRTP master key and salt of a sender, as a member computes them.
srtp_keys() # USER SENDER
{
	read -r key id random <"$dir/key.$1"
	"$tool" srtp --key "$key" --rand "$random" --cs-id 4 --csb-id \
		"$("$tool" guk-id --gmk "$key" --gmk-id "$id" --user \
			"sip:$2@example.org")"
}

speaks() # USER WORDS: prints the packet
{
	read -r key id random <"$dir/key.$1"
	printf '%s' "$2" | "$packet" seal "$key" "$id" "$random" \
		"sip:$1@example.org"
}

hears() # USER PACKET: prints the words
{
	read -r key _ random <"$dir/key.$1"
	"$packet" open "$key" "$random" "$2"
}

for user in m1 m2 m3; do
	row PT-07 "$user takes his key" learns "$user"
done
row PT-07 'two members derive the same SRTP key for one sender' test \
	"$(srtp_keys m1 m1)" = "$(srtp_keys m2 m1)"
row PT-07 'and for another sender another' test \
	"$(srtp_keys m1 m1)" != "$(srtp_keys m1 m2)"
first=$(speaks m1 'all units, this is one')
row PT-07 'one speaks' test -n "$first"
row PT-07 'in cipher' refuses grep -q "$(printf 'all units' | od -An -tx1 |
	tr -d ' \n')" <<-END
	$first
END
for user in m2 m3; do
	row PT-07 "$user hears him" test "$(hears "$user" "$first")" = \
		'all units, this is one'
done
row PT-07 'the MKI is GMK-ID and GUK-ID of the sender' test \
	"$(echo "$first" | sed 's/.*\(.\{16\}\)$/\1/')" = \
	"$gmk_id$(sed -n 1p "$dir/guk_ids")"
row PT-07 'what was changed on its way nobody hears' refuses hears m2 \
	"$(echo "$first" | sed 's/^\(.\{30\}\)\(..\)/\1ff/')"

cp "$dir/doc.m3" "$dir/doc.before"
row PT-07 'one leaves' ctl member remove "$g" sip:m3@example.org --hard
row PT-07 'the rest has another key' soon has_other_key m1 "$gmk_id"
for user in m1 m2; do
	row PT-07 "$user takes it" learns "$user"
done
row PT-07 'which is the same' cmp "$dir/key.m1" "$dir/key.m2"
second=$(speaks m1 'one has left us')
row PT-07 'who stays hears' test "$(hears m2 "$second")" = 'one has left us'
row PT-07 'who left does not, with the key that he has' refuses hears m3 \
	"$second"
row PT-07 'which is not what the MKI names' test \
	"$(echo "$second" | sed 's/.*\(.\{16\}\)$/\1/' | cut -c1-8)" != "$gmk_id"
# All that he can get hold of: his own document, if there is one, and another's.
: >"$dir/doc.m3"
document m3 doc.m3 2>"$dir/refused"
document m1 doc.m1
cat "$dir/doc.m3" "$dir/doc.m1" "$dir/doc.before" >"$dir/doc.all"
messages doc.all >"$dir/messages.all"
tries=0 heard=0 opening=0
while read -r _ message; do
	tries=$((tries + 1))
	opens m3 "$message" 2>"$dir/refused" || continue
	opening=$((opening + 1))
	echo "$(opened key) $(opened gmk_id) $(opened rand)" >"$dir/key.m3"
	! hears m3 "$second" >"$dir/body" 2>&1 || heard=$((heard + 1))
done <"$dir/messages.all"
row PT-07 'he tries what he fetches and what he steals' test "$tries" -ge 3
row PT-07 'his own messages open' test "$opening" -ge 1
row PT-07 'and none lets him hear' test "$heard" -eq 0
row PT-07 'though what was said before he still hears' test \
	"$(hears m3 "$first")" = 'all units, this is one'
rows_end
closing_line
