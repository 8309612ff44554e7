#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2034 # all and row evaluate their arguments
# gms_xcap_test.sh - group documents and key documents by XCAP, asked of a real
# gmsd by curl: rows XC-*, ID-*, KD-03 and RB-01 of the acceptance table.
set -u
here=$(dirname -- "$0")
# shellcheck source=tests/it/gms_world.sh
. "$here/gms_world.sh"
# shellcheck source=tests/it/gms_rows.sh
. "$here/gms_rows.sh"

schemas=$here/../../xml/schema
groups=/xcap/org.openmobilealliance.groups
mine=$groups/users/sip%3Acontrol%40example.org
by_id=$groups/global/byGroupID
keys=/xcap/org.3gpp.MCPTT-GKTP/users
doc_type='application/vnd.oma.poc.groups+xml'
el_type='application/xcap-el+xml'
att_type='application/xcap-att+xml'
gmop_type='application/vnd.3gpp.GMOP+xml'
mcptt='urn:urn-7:3gpp-service.ims.icsi.mcptt'

# ------------------------------------------------------------------ documents

# m1 may have the list, others may not; EXTRA stands behind the owner.
make_doc() # FILE URI ENABLER EXTRA MEMBER...
{
	file=$dir/$1 uri=$2 enabler=$3 extra=$4
	shift 4
	{
		cat <<-END
			<?xml version="1.0" encoding="UTF-8"?>
			<!-- of the control room: m1 leads -->
			<group xmlns="urn:oma:xml:poc:list-service"
			       xmlns:rl="urn:ietf:params:xml:ns:resource-lists"
			       xmlns:cp="urn:ietf:params:xml:ns:common-policy"
			       xmlns:oxe="urn:oma:xml:xdm:extensions"
			       xmlns:mcpttgi="urn:3gpp:ns:mcpttGroupInfo:1.0">
			  <list-service uri="$uri">
			    <display-name xml:lang="en">Harbour fire</display-name>
			    <list>
		END
		for member; do
			printf '      <entry uri="sip:%s@example.org">\n' "$member"
			printf '        <rl:display-name>%s</rl:display-name>\n' "$member"
			printf '      </entry>\n'
		done
		cat <<-END
			    </list>
			    <oxe:supported-services>
			      <oxe:service enabler="$enabler">
			        <oxe:group-media>
			          <mcpttgi:mcptt-speech/>
			        </oxe:group-media>
			      </oxe:service>
			    </oxe:supported-services>
			    <cp:ruleset>
			      <cp:rule id="leader">
			        <cp:conditions>
			          <cp:identity>
			            <cp:one id="sip:m1@example.org"/>
			          </cp:identity>
			        </cp:conditions>
			        <cp:actions>
			          <mcpttgi:on-network-allow-getting-member-list>true</mcpttgi:on-network-allow-getting-member-list>
			        </cp:actions>
			      </cp:rule>
			    </cp:ruleset>
			    <mcpttgi:owner>sip:control@example.org</mcpttgi:owner>
			    <mcpttgi:on-network-invite-members>true</mcpttgi:on-network-invite-members>
			    $extra
			  </list-service>
			</group>
		END
	} >"$file"
}

put_doc() # STATUS USER FILE ADDRESS CURL-ARG...
{
	want=$1 user=$2 file=$3 address=$4
	shift 4
	status_is "$want" as_user "$user" -X PUT -H "Content-Type: $doc_type" \
		--data-binary "@$dir/$file" "$@" "$address"
}

put_text() # STATUS TYPE TEXT ADDRESS CURL-ARG...
{
	want=$1 type=$2 text=$3 address=$4
	shift 4
	status_is "$want" as_user control -X PUT -H "Content-Type: $type" \
		--data-binary "$text" "$@" "$address"
}

get() # STATUS USER ADDRESS CURL-ARG...
{
	want=$1 user=$2 address=$3
	shift 3
	status_is "$want" as_user "$user" "$@" "$address"
}

# ------------------------------------------------------------------- answers

# Of the last answer's head, in any case.
field() # NAME
{
	sed -n "s/^$1: *\(.*\)\r\$/\1/Ip" "$dir/head"
}

etag()
{
	field ETag
}

field_is() # NAME VALUE
{
	[ "$(field "$1")" = "$2" ] || {
		echo "$1: $(field "$1")"
		return 1
	}
}

no_body()
{
	[ ! -s "$dir/body" ]
}

body_is() # FILE
{
	cmp "$dir/body" "$dir/$1"
}

# XML of the last answer's body: valid, and its error is that one.
is_valid() # SCHEMA
{
	xmllint --noout --nonet --schema "$schemas/$1" "$dir/body"
}

error_is() # STATUS-AND-COMMAND...: then ELEMENT as the first word
{
	element=$1
	shift
	"$@" && field_is Content-Type application/xcap-error+xml &&
		is_valid xcap-error.xsd &&
		xmllint --xpath "name(/*/*)" "$dir/body" | grep -qx "$element"
}

all() # runs each argument as a command line; passes when all do
{
	for line; do
		eval "$line" || {
			echo "not so: $line"
			return 1
		}
	done
}

refuses()
{
	! "$@"
}

# Keys come by themselves, a moment after the document.
await() # COMMAND...
{
	await_from=$(date +%s)
	until "$@" >/dev/null 2>&1; do
		[ $(($(date +%s) - await_from)) -lt 20 ] || return 1
	done
}

entry() # GROUP-URI-ENCODED MEMBER: selector of an entry
{
	printf '~~/group/list-service%%5b@uri=%%22%s%%22%%5d/list/entry%%5b@uri=%%22%s%%22%%5d' \
		"$1" "sip:$2@example.org"
}

# ---------------------------------------------------------------------- world

world_make 4
world_configure 'xcap = { creation_xui = "sip:groups@example.org"; };' \
	'limits = { body_max = 1048576; linger_ms = 60000; };' \
	'policy = { grace_s = 0; quorum_margin_s = 0; };'
sed -i 's|jwks_file = "jwks.json";|& issuer = "https://idms.example.org";|' \
	"$dir/gmsd.conf"
world_start_gmsd

g1=sip:inc-1@groups.example.org
a1=$mine/inc-1
id1=$by_id/sip%3Ainc-1%40groups.example.org
make_doc g1.xml $g1 $mcptt '' m1 m2 m3

# ---------------------------------------------------------------- XC-01..XC-04

row XC-01 'If-None-Match: * creates' all \
	'put_doc 201 control g1.xml $a1 -H "If-None-Match: *"' no_body \
	'etag | grep -qx "\"[A-Za-z0-9]*\""' 'field_is Cache-Control no-cache'
row XC-01 'the users tree has the document, octet for octet' all \
	'get 200 control $a1' 'body_is g1.xml' 'field_is Content-Type $doc_type'
first=$(etag)
row XC-01 'and so has the global tree, under the same ETag' all \
	'get 200 control $id1' 'body_is g1.xml' 'field_is ETag "$first"'
row XC-01 'If-None-Match: * does not create twice' \
	put_doc 412 control g1.xml "$a1" -H 'If-None-Match: *'
row XC-01 'the tree for creation takes one, too' all \
	'make_doc g0.xml sip:inc-0@groups.example.org $mcptt "" m1' \
	'put_doc 201 control g0.xml $groups/users/sip%3Agroups%40example.org/x/y'
row XC-01 'who has no role makes no group, nor in another tree' all \
	'make_doc gx.xml sip:inc-x@groups.example.org $mcptt "" m1' \
	'put_doc 403 m1 gx.xml $groups/users/sip%3Am1%40example.org/x' \
	'put_doc 403 m1 gx.xml $mine/x' \
	'put_doc 403 control gx.xml $groups/users/sip%3Am1%40example.org/x'

row XC-02 'a URI that is taken is told with one that is free' all \
	'error_is uniqueness-failure put_doc 409 control g1.xml $mine/other' \
	'xmllint --xpath "string(//*[local-name()=\"exists\"]/@field)" "$dir/body" |
		grep -qx group/list-service/@uri'
alt=$(xmllint --xpath 'string(//*[local-name()="alt-value"])' "$dir/body")
make_doc alt.xml "$alt" $mcptt '' m1
row XC-02 'with that one the client succeeds' \
	put_doc 201 control alt.xml "$mine/other"

make_doc g1b.xml $g1 $mcptt \
	'<mcpttgi:on-network-group-priority>7</mcpttgi:on-network-group-priority>' \
	m1 m2 m3
row XC-03 'a stale If-Match is 412 and changes nothing' all \
	'put_doc 412 control g1b.xml $a1 -H "If-Match: \"x\""' \
	'field_is ETag "$first"' 'get 200 control $a1' 'body_is g1.xml' \
	'status_is 412 as_user control -X DELETE -H "If-Match: \"x\"" $a1' \
	'get 200 control $a1'
row XC-03 'If-None-Match is 304 without a body' all \
	'get 304 control $a1 -H "If-None-Match: $first"' no_body \
	'field_is ETag "$first"' 'get 304 control $id1 -H "If-None-Match: W/$first"'
row XC-03 'the present If-Match replaces, without a body' all \
	'put_doc 200 control g1b.xml $a1 -H "If-Match: $first"' no_body \
	'refuses field_is ETag "$first"'
second=$(etag)
row XC-03 'and the old tag is stale now' all \
	'get 200 control $a1 -H "If-None-Match: $first"' 'body_is g1b.xml' \
	'field_is ETag "$second"'

m4=$(entry $g1 m4)
note='~~/group/list-service/@rl:note?xmlns(rl=urn:ietf:params:xml:ns:resource-lists)'
new='<entry uri="sip:m4@example.org"/>'
awk -v new="$new" '
	/<\/entry>/ && ++n == 3 { sub(/<\/entry>/, "</entry>" new) }
	{ print }
' "$dir/g1b.xml" >"$dir/added.xml"
row XC-04 'an entry is added behind its siblings' all \
	'put_text 201 $el_type "$new" "$a1/$m4" -H "If-Match: $second"' no_body \
	'refuses field_is ETag "$second"' 'get 200 control $a1' 'body_is added.xml'
row XC-04 'and is there by its own address' all \
	'get 200 control "$id1/$m4"' 'field_is Content-Type $el_type' \
	'[ "$(cat "$dir/body")" = "$new" ]'
newer='<entry uri="sip:m4@example.org"><rl:display-name>Four</rl:display-name></entry>'
sed "s|$new|$newer|" "$dir/added.xml" >"$dir/changed.xml"
row XC-04 'it is replaced in its place' all \
	'put_text 200 $el_type "$newer" "$a1/$m4"' 'get 200 control $a1' \
	'body_is changed.xml'
row XC-04 'one attribute is read and written' all \
	'get 200 control "$a1/~~/group/list-service/@uri"' \
	'field_is Content-Type $att_type' '[ "$(cat "$dir/body")" = "$g1" ]' \
	'put_text 201 $att_type new "$a1/$note"' \
	'get 200 control "$a1/$note"' '[ "$(cat "$dir/body")" = new ]' \
	'put_text 200 $att_type newer "$a1/$note"' \
	'status_is 200 as_user control -X DELETE "$a1/$note"' \
	'etag | grep -q .' 'get 200 control $a1' \
	'sed "s|uri=\"$g1\">|uri=\"$g1\" >|" "$dir/changed.xml" >"$dir/blank.xml"' \
	'body_is blank.xml' 'put_doc 200 control changed.xml $a1'
row XC-04 'removed, it leaves the white space around it' all \
	'status_is 200 as_user control -X DELETE "$a1/$m4"' no_body \
	'etag | grep -q .' 'get 200 control $a1' 'body_is g1b.xml' \
	'get 404 control "$a1/$m4"'
row XC-04 'the bindings in scope are read' all \
	'get 200 control "$a1/~~/group/list-service/namespace::*"' \
	'field_is Content-Type application/xcap-ns+xml' \
	'grep -q urn:3gpp:ns:mcpttGroupInfo:1.0 "$dir/body"'

# ----------------------------------------------------------------------- XC-05

printf '<group' >"$dir/broken.xml"
printf '<?xml version="1.0" encoding="UTF-8"?>\n<group xmlns="urn:oma:xml:poc:list-service">\377</group>' \
	>"$dir/latin.xml"
grep -v 'list-service uri' "$dir/g1.xml" |
	sed 's|^    <display-name|  <list-service>&|' >"$dir/no-uri.xml"
make_doc twice.xml $g1 $mcptt '' m1 m1
make_doc self.xml $g1 $mcptt '' m1
sed -i "s|sip:m1@example.org\">|$g1\">|" "$dir/self.xml"
list="$a1/~~/group/list-service/list"
row XC-05 not-well-formed error_is not-well-formed \
	put_doc 409 control broken.xml "$a1"
row XC-05 not-xml-frag error_is not-xml-frag \
	put_text 409 $el_type '<entry uri="a"/><entry uri="b"/>' "$a1/$m4"
row XC-05 no-parent all \
	'error_is no-parent put_text 409 $el_type "<a/>" "$a1/~~/group/list-service/nothing/a"' \
	'xmllint --xpath "string(//*[local-name()=\"ancestor\"])" "$dir/body" |
		grep -q "^$url.*/group/list-service\$"'
row XC-05 schema-validation-error error_is schema-validation-error \
	put_doc 409 control no-uri.xml "$a1"
row XC-05 not-xml-att-value error_is not-xml-att-value \
	put_text 409 $att_type '<' "$a1/~~/group/list-service/@uri"
row XC-05 cannot-insert error_is cannot-insert \
	put_text 409 $el_type '<entry uri="sip:m9@example.org"/>' "$a1/$m4"
row XC-05 cannot-delete error_is cannot-delete \
	status_is 409 as_user control -X DELETE "$list/entry%5b1%5d"
row XC-05 uniqueness-failure error_is uniqueness-failure \
	put_doc 409 control g1.xml "$mine/once-more"
row XC-05 constraint-failure error_is constraint-failure \
	put_doc 409 control twice.xml "$a1"
row XC-05 not-utf-8 error_is not-utf-8 put_doc 409 control latin.xml "$a1"
row XC-05 'the group as its own member is a constraint-failure' \
	error_is constraint-failure put_doc 409 control self.xml "$a1"
row XC-05 'another URI at the same address, too' error_is constraint-failure \
	put_doc 409 control g0.xml "$a1"
row XC-05 'none of them changed anything' all 'get 200 control $a1' \
	'body_is g1b.xml'

# ----------------------------------------------------------------------- XC-06

row XC-06 'an unknown AUID is 404' all 'get 404 control /xcap/no.such/global/x' \
	'get 404 control /xcap/' 'get 404 control $groups'
row XC-06 'an unknown document or group is 404' all \
	'get 404 control $mine/nothing' \
	'get 404 control $by_id/sip%3Anothing%40groups.example.org' \
	'get 404 control $groups/global/byName/x' \
	'status_is 404 as_user control -X DELETE $mine/nothing'
row XC-06 'a selector of another form is 404' all \
	'get 404 control "$a1/~~/group//entry"' \
	'get 404 control "$a1/~~/group/list-service%5blast()%5d"' \
	'get 404 control "$a1/~~/group/nothing"'
row XC-06 'an undeclared prefix is 400, a declared one fine' all \
	'get 400 control "$a1/~~/group/list-service/g:owner"' \
	'get 200 control "$a1/~~/group/list-service/g:owner?xmlns(g=urn:3gpp:ns:mcpttGroupInfo:1.0)"'
row XC-06 'PUT to a namespace selector is 405 with Allow: GET' all \
	'put_text 405 application/xcap-ns+xml x "$a1/~~/group/namespace::*"' \
	'field_is Allow GET' \
	'status_is 405 as_user control -X DELETE "$a1/~~/group/namespace::*"' \
	'field_is Allow GET'
row XC-06 'another type is 415' all \
	'status_is 415 as_user control -X PUT -H "Content-Type: application/xml" --data-binary "@$dir/g1.xml" $a1' \
	'put_text 415 application/xml "$new" "$a1/$m4"' \
	'put_text 415 $el_type x "$a1/~~/group/list-service/@uri"'
row XC-06 'the global tree is not written' all \
	'put_doc 405 control g1.xml $id1' 'field_is Allow "GET, POST"' \
	'status_is 405 as_user control -X DELETE $id1' \
	'field_is Allow "GET, POST"'
row XC-06 'POST elsewhere is 405' all \
	'status_is 405 as_user control -X POST --data x $a1' \
	'field_is Allow "GET, PUT, DELETE"' \
	'status_is 405 as_user control -X POST --data x /xcap/xcap-caps/global/index' \
	'field_is Allow GET'
row XC-06 'authority comes before the precondition, that before the type' all \
	'status_is 403 as_user m2 -X PUT -H "If-Match: \"x\"" -H "Content-Type: a/b" --data x $a1' \
	'status_is 412 as_user control -X PUT -H "If-Match: \"x\"" -H "Content-Type: a/b" --data x $a1' \
	'status_is 415 as_user control -X PUT -H "Content-Type: a/b" --data x $a1'

# ----------------------------------------------------------------------- XC-07

op()
{
	printf '<document xmlns="urn:3gpp:ns:mcpttGMOP:1.0"><request><%s/></request></document>' "$1"
}
post() # STATUS USER TYPE BODY
{
	status_is "$1" as_user "$2" -X POST -H "Content-Type: $3" \
		--data-binary "$4" "$id1"
}
row XC-07 'get-excluding-memberlist answers without the list' all \
	'post 200 m2 $gmop_type "$(op get-excluding-memberlist)"' \
	'field_is Content-Type $doc_type' 'is_valid group.xsd' \
	'refuses grep -q "entry\|<list>" "$dir/body"' \
	'grep -q "Harbour fire" "$dir/body"'
row XC-07 'even to who may have it' all \
	'post 200 control $gmop_type "$(op get-excluding-memberlist)"' \
	'refuses grep -q "entry\|<list>" "$dir/body"'
# More than the loop reads itself; a worker does (gms/work.h).
padded() # OPERATION
{
	op "$1"
	printf '<!--%100000s-->' x
}
row XC-07 'a long body is read as well as a short one' all \
	'post 200 m2 $gmop_type "$(padded get-excluding-memberlist)"' \
	'is_valid group.xsd' 'post 501 m2 $gmop_type "$(padded nothing)"' \
	'post 400 m2 $gmop_type "$(padded nothing)<"'
row XC-07 'another operation is 501' all \
	'post 501 m2 $gmop_type "$(op group-regroup-creation)"' \
	'post 501 m2 $gmop_type "$(op nothing)"'
row XC-07 'what is no XML is 400' all 'post 400 m2 $gmop_type "<document"' \
	'post 400 m2 $gmop_type ""'
row XC-07 'another type is 415' \
	post 415 m2 application/xml "$(op get-excluding-memberlist)"
row XC-07 'a stranger is 403' \
	post 403 m4 $gmop_type "$(op get-excluding-memberlist)"

# ----------------------------------------------------------------------- XC-08

full=$(get 200 control "$a1" && etag)
row XC-08 'a member without the right gets no list, and another tag' all \
	'get 200 m2 $id1' 'is_valid group.xsd' \
	'refuses grep -q "entry\|<list>\|m1 leads\|m3" "$dir/body"' \
	'refuses field_is ETag "$full"'
reduced=$(etag)
row XC-08 'by no address' all 'get 200 m2 $a1' 'field_is ETag "$reduced"' \
	'refuses grep -q "entry\|m3" "$dir/body"' \
	'get 200 m2 $groups/global/byGroup/$g1' 'field_is ETag "$reduced"' \
	'refuses grep -q "entry\|m3" "$dir/body"'
row XC-08 'by no selector' all 'get 404 m2 "$id1/$(entry $g1 m3)"' \
	'get 404 m2 "$id1/$(entry $g1 m2)"' 'get 404 m2 "$id1/$(entry $g1 m9)"' \
	'get 404 m2 "$id1/~~/group/list-service/list"' \
	'get 404 m2 "$id1/~~/group/list-service/list/entry%5b1%5d/@uri"' \
	'get 404 m2 "$id1/~~/group/list-service/list/namespace::*"' \
	'get 404 m2 "$id1/~~/group/list-service/*%5b2%5d/entry%5b3%5d"' \
	'get 200 m2 "$id1/~~/group/list-service"' \
	'refuses grep -q "entry\|m3" "$dir/body"' \
	'get 200 m2 "$id1/~~/group/list-service/*%5b2%5d"' \
	'refuses grep -q "entry" "$dir/body"'
row XC-08 'by no ETag: it does not move with the list' all \
	'get 200 m2 "$id1" -H "If-None-Match: $full"' \
	'get 412 m2 "$id1" -H "If-Match: $full"' \
	'put_text 201 $el_type "$new" "$a1/$m4"' 'get 200 control $a1' \
	'refuses field_is ETag "$full"' \
	'get 304 m2 "$id1" -H "If-None-Match: $reduced"' \
	'status_is 200 as_user control -X DELETE "$a1/$m4"'
row XC-08 'with everything else it does' all \
	'put_doc 200 control g1.xml $a1' \
	'get 200 m2 "$id1" -H "If-None-Match: $reduced"'
row XC-08 'HEAD tells no other length' all \
	'get 200 m2 $id1' 'size=$(wc -c <"$dir/body")' \
	'status_is 200 as_user m2 -I $id1' 'field_is Content-Length "$size"'
row XC-08 'whom the rules let have it gets all' all 'get 200 m1 $id1' \
	'body_is g1.xml'
row XC-08 'a stranger gets nothing' all 'get 403 m4 $id1' 'get 403 m4 $a1' \
	'get 403 m4 "$id1/$(entry $g1 m4)"' 'get 403 gms $id1'
row XC-08 'a server reads all of it' all 'status_is 200 as_server $id1' \
	'body_is g1.xml'

# ---------------------------------------------------------------- XC-09, XC-11

row XC-09 'capabilities name usages and name spaces' all \
	'get 200 m4 /xcap/xcap-caps/global/index' \
	'field_is Content-Type application/xcap-caps+xml' \
	'is_valid xcap-caps.xsd' \
	'grep -q "<auid>org.openmobilealliance.groups</auid>" "$dir/body"' \
	'grep -q "<auid>xcap-caps</auid>" "$dir/body"' \
	'grep -q "<auid>org.3gpp.MCPTT-GKTP</auid>" "$dir/body"' \
	'grep -q "<namespace>urn:oma:xml:poc:list-service</namespace>" "$dir/body"'
caps=$(etag)
row XC-09 'and do not change' \
	get 304 m1 /xcap/xcap-caps/global/index -H "If-None-Match: $caps"
row XC-09 'another document there is 404' \
	get 404 m1 /xcap/xcap-caps/global/other

alias1=$groups/global/byGroup/sip%3Ainc-1%40groups.example.org
row XC-11 'byGroup answers as byGroupID' all 'get 200 control $alias1' \
	'body_is g1.xml' 'tag=$(etag)' 'get 200 control $id1' \
	'field_is ETag "$tag"' 'get 304 control $alias1 -H "If-None-Match: $tag"'
row XC-11 'also when the URI is not encoded' all \
	'get 200 control $groups/global/byGroup/$g1' 'body_is g1.xml' \
	'get 200 control $by_id/$g1' 'body_is g1.xml'
row XC-11 'and is written as little' all 'put_doc 405 control g1.xml $alias1' \
	'status_is 200 as_user m2 -X POST -H "Content-Type: $gmop_type" --data-binary "$(op get-excluding-memberlist)" $alias1'

# ------------------------------------------------------- XC-10, XC-12 and KD-03

key_of() # MEMBER GROUP: address of a key document
{
	printf '%s/sip%%3A%s%%40example.org/sip%%3A%s%%40groups.example.org' \
		"$keys" "$1" "$2"
}
no='<mcpttgi:protect-media>false</mcpttgi:protect-media><mcpttgi:protect-floor-control-signalling>false</mcpttgi:protect-floor-control-signalling>'
make_doc clear.xml sip:clear@groups.example.org $mcptt "$no" m1 m2
make_doc data.xml sip:data@groups.example.org \
	urn:urn-7:3gpp-service.ims.icsi.mcdata.sds '' m1 m2
make_doc later.xml sip:later@groups.example.org $mcptt '' m1 m2
row XC-10 'a document that does not say gets a key' \
	await get 200 m2 "$(key_of m2 inc-1)"
row XC-10 'one that says false is stored' \
	put_doc 201 control clear.xml "$mine/clear"
row XC-12 'one without the MCPTT enabler, too' all \
	'put_doc 201 control data.xml $mine/data' 'get 200 control $mine/data' \
	'body_is data.xml'
# Keys are made in the order of the changes: once this one is there, those of
# the groups before it would be.
row XC-10 'a later one has its key' all \
	'put_doc 201 control later.xml $mine/later' \
	'await get 200 m1 "$(key_of m1 later)"'
row XC-10 'and the one that says false has none' all \
	'get 404 m1 "$(key_of m1 clear)"' 'get 404 m2 "$(key_of m2 clear)"'
row XC-12 'nor has that without the enabler' all \
	'get 404 m1 "$(key_of m1 data)"' 'get 404 m2 "$(key_of m2 data)"'

row KD-03 'a member gets his own key document' all \
	'get 200 m2 "$(key_of m2 inc-1)"' 'is_valid gktp.xsd' \
	'field_is Content-Type application/xml' 'etag | grep -q .' \
	'field_is Cache-Control no-cache'
cp "$dir/body" "$dir/key.m2"
row KD-03 'each has a message of his own' all \
	'await get 200 m3 "$(key_of m3 inc-1)"' 'refuses body_is key.m2'
row KD-03 'another member gets it by no means' all \
	'get 403 m1 "$(key_of m2 inc-1)"' 'get 403 control "$(key_of m2 inc-1)"' \
	'get 403 m1 "$(key_of m2 nothing)"' \
	'status_is 403 as_server "$(key_of m2 inc-1)"' \
	'status_is 403 as_server "$(key_of server inc-1)"' \
	'status_is 403 as_officer "$(key_of m2 inc-1)"'
row KD-03 'who is no member has none' get 404 m4 "$(key_of m4 inc-1)"

# A key of the changes before may come between the two.
same_tag()
{
	get 200 m2 "$(key_of m2 inc-1)" &&
		get 304 m2 "$(key_of m2 inc-1)" -H "If-None-Match: $(etag)"
}
row KD-03 'the tag is of the content' await same_tag
row KD-03 'an XML type that is asked for by name is sent' all \
	'get 200 m2 "$(key_of m2 inc-1)" -H "Accept: text/html, application/vnd.3gpp.mcptt-gktp+xml;q=0.5"' \
	'field_is Content-Type application/vnd.3gpp.mcptt-gktp+xml' \
	'get 200 m2 "$(key_of m2 inc-1)" -H "Accept: */*"' \
	'field_is Content-Type application/xml'
row KD-03 'nobody writes there' all \
	'status_is 405 as_user m2 -X PUT --data x "$(key_of m2 inc-1)"' \
	'field_is Allow GET' \
	'status_is 405 as_user m2 -X DELETE "$(key_of m2 inc-1)"'

audited() # WHAT
{
	grep -q "$1" "$dir/gmsd.audit.log"
}
row KD-03 'who fetched is audited, and counts as delivered' all \
	'await audited "event=keys.fetched group=$g1 by=sip:m2@example.org "' \
	'await audited "event=delivery.accepted group=$g1 .*member=sip:m2@"' \
	'await audited "event=group.fetched group=$g1 by=sip:server@example.org "' \
	'refuses audited "by=sip:m4@example.org .*keys.fetched"' \
	'audited "event=access.denied by=sip:m2@example.org right=edit"'

# ---------------------------------------------------------------- ID-01..ID-04

bare() # CURL-ARG...
{
	world_curl "$url" "$@"
}
with_file() # ARG...: with the token in $token
{
	world_curl "$url" -H "Authorization: Bearer $(cat "$token")" "$@"
}
status_with() # STATUS TOKEN-FILE ARG...
{
	want=$1 token=$2
	shift 2
	status_is "$want" with_file "$@"
}
asserted='X-3GPP-Asserted-Identity'
row ID-01 'without a header it is 403' status_is 403 bare "$id1"
row ID-01 'asserted on a listener that is not trusted, too' all \
	'status_is 403 bare -H "$asserted: \"sip:control@example.org\"" $id1' \
	'status_is 403 bare -H "X-XCAP-Asserted-Identity: \"sip:server@example.org\"" $id1'
officer_says()
{
	as_officer -H "$asserted: \"sip:control@example.org\"" "$@"
}
row ID-01 'and from a peer that is not named' \
	status_is 403 officer_says "$id1"
both()
{
	as_server -H "Authorization: Bearer $(world_token m2)" "$@"
}
row ID-01 'with both the token wins' all 'status_is 200 both $id1' \
	'refuses grep -q entry "$dir/body"' \
	'status_is 200 both "$(key_of m2 inc-1)"'
bad_both()
{
	as_server -H 'Authorization: Bearer nothing' "$@"
}
row ID-01 'even a bad one' status_is 401 bad_both "$id1"
row ID-01 'nothing of it is served in clear' all \
	'[ "$(curl -s -o /dev/null -w "%{http_code}" "$health_url$id1")" = 404 ]' \
	'[ "$(curl -s -o /dev/null -w "%{http_code}" "$health_url/v1/groups")" = 404 ]'

scoped() # SCOPES
{
	"$world" token "$dir" sip:m1@example.org "$1" 60 >"$dir/scoped"
}
row ID-02 'without the scope it is 403 insufficient_scope' all \
	'scoped 3gpp:mc:ptt_key_management_service' \
	'status_with 403 "$dir/scoped" $id1' \
	'field WWW-Authenticate | grep -q "error=\"insufficient_scope\", scope=\"3gpp:mc:ptt_group_management_service\""'
row ID-02 'that of Release 13 will do' all \
	'scoped 3gpp:mcptt:group_management_server' \
	'status_with 200 "$dir/scoped" $id1'

forged() # HOW
{
	"$world" forge "$dir" sip:control@example.org "$1" >"$dir/forged" &&
		status_with 401 "$dir/forged" "$id1" &&
		field WWW-Authenticate | grep -q 'error="invalid_token"'
}
for how in none hmac kid signature issuer; do
	row ID-03 "a token with a false $how is 401" forged $how
done
"$world" token "$dir" sip:control@example.org \
	3gpp:mc:ptt_group_management_service -60 >"$dir/old"
row ID-03 'an expired one, too' status_with 401 "$dir/old" "$id1"
row ID-03 'and what is none' all 'printf "a.b" >"$dir/none"' \
	'status_with 401 "$dir/none" $id1'

row ID-04 'no other header is stronger than the token' all \
	'get 403 m4 $id1 -H "$asserted: \"sip:control@example.org\""' \
	'get 403 m4 $id1 -H "X-XCAP-Asserted-Identity: \"sip:control@example.org\""' \
	'get 403 m4 $id1 -H "From: sip:control@example.org"' \
	'get 403 m4 $id1 -H "P-Asserted-Identity: <sip:control@example.org>"' \
	'get 403 m4 "$id1?mcptt_id=sip%3Acontrol%40example.org" || get 400 m4 "$id1?mcptt_id=sip%3Acontrol%40example.org"'
row ID-04 'nor is the tree' all \
	'get 403 m4 $a1' 'status_is 403 as_user m4 -X DELETE $a1' \
	'get 200 control $a1'

# ----------------------------------------------------------------------- RB-01

entity='<?xml version="1.0"?><!DOCTYPE group [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><group xmlns="urn:oma:xml:poc:list-service">&b;</group>'
printf '%s' "$entity" >"$dir/entity.xml"
printf '%s' '<?xml version="1.0"?><!DOCTYPE group SYSTEM "file:///etc/passwd"><group xmlns="urn:oma:xml:poc:list-service"/>' \
	>"$dir/external.xml"
{
	printf '<group xmlns="urn:oma:xml:poc:list-service">'
	awk 'BEGIN { for (i = 0; i < 5000; i++) printf "<a>" }'
} >"$dir/deep.xml"
many() # N: that many members, and no key for them
{
	make_doc some.xml sip:many@groups.example.org $mcptt "$no" m1
	awk -v n="$1" '
		/<entry uri/ {
			for (i = 2; i <= n; i++)
				printf "      <entry uri=\"sip:u%d@example.org\"/>\n", i
		}
		{ print }
	' "$dir/some.xml" >"$dir/many.xml"
}
row RB-01 'entities are refused' error_is not-well-formed \
	put_doc 409 control entity.xml "$mine/evil"
row RB-01 'and so is what lies elsewhere' error_is not-well-formed \
	put_doc 409 control external.xml "$mine/evil"
row RB-01 'depth is refused' error_is not-well-formed \
	put_doc 409 control deep.xml "$mine/evil"
# Who asks before he sends, who is told while he sends, and who does not say
# how much it will be.
row RB-01 'size is refused' all \
	'head -c 1048577 /dev/zero | tr "\0" " " >"$dir/large.xml"' \
	'put_doc 413 control large.xml $mine/evil --expect100-timeout 30' \
	'put_doc 413 control large.xml $mine/evil -H Expect:' \
	'put_doc 413 control large.xml $mine/evil -H Expect: -H "Transfer-Encoding: chunked"'
row RB-01 'a deep selector is refused' all \
	'deep=$(awk "BEGIN { for (i = 0; i < 20; i++) printf \"/*\" }")' \
	'get 414 control "$a1/~~$deep"' 'get 414 control "$a1/~~$deep$deep$deep"' \
	'long=$(awk "BEGIN { for (i = 0; i < 9000; i++) printf \"a\" }")' \
	'get 414 control "$a1/~~/$long"'
row RB-01 'nothing of that was stored' get 404 control "$mine/evil"
row RB-01 '10,000 entries are served' all 'many 10000' \
	'put_doc 201 control many.xml $mine/many' 'get 200 control $mine/many' \
	'body_is many.xml'
many=sip:many@groups.example.org
many_id=$by_id/sip%3Amany%40groups.example.org
row RB-01 'and edited, one by one' all \
	'status_is 200 as_user control -X DELETE "$mine/many/$(entry $many u7)"' \
	'get 404 control "$many_id/$(entry $many u7)"' \
	'put_text 201 $el_type "<entry uri=\"sip:m9@example.org\"/>" "$mine/many/$(entry $many m9)"' \
	'get 200 control "$many_id/$(entry $many m9)"' \
	'get 200 control "$many_id/~~/group/list-service/list/entry%5b9999%5d"' \
	'get 200 m1 $many_id'
row RB-01 'one more is refused' all 'many 10001' \
	'error_is constraint-failure put_doc 409 control many.xml $mine/many'

# ------------------------------------------------- a vault dies, signals come

vault_pid() # of this gmsd, and of no other
{
	pgrep -P "$gmsd_pid" gmsd-vault
}
logged() # WHAT
{
	grep -q "$1" "$dir/gmsd.log"
}
is_ready()
{
	curl -fs -o /dev/null "$health_url/readyz"
}
old_vault=$(vault_pid)
make_doc after.xml sip:after@groups.example.org $mcptt '' m1 m2
expect 'without a vault documents are read and written, keys come later' all \
	'kill -9 "$old_vault"' 'get 200 control $id1' \
	'put_doc 201 control after.xml $mine/after' \
	'await audited event=vault.down' 'await is_ready' \
	'[ "$(vault_pid)" != "$old_vault" ]' \
	'await get 200 m2 "$(key_of m2 after)"'
expect 'a viewer sees health and metrics over TLS, others do not' all \
	'get 200 control /readyz' 'get 200 control /metrics' \
	'grep -q ^gmsd_ready "$dir/body"' 'get 403 m1 /metrics' \
	'status_is 403 bare /healthz'
cp "$dir/server.pem" "$dir/kept.pem"
expect 'SIGHUP reads files again, and keeps what cannot be read' all \
	'echo nothing >"$dir/server.pem"' 'kill -HUP "$gmsd_pid"' \
	'await logged "event=gms.kept what=TLS"' \
	'await logged event=gms.reloaded' 'get 200 control $id1' \
	'cp "$dir/kept.pem" "$dir/server.pem"'

# ------------------------------------------------------------------- the end

row XC-01 'a deleted document is gone at both addresses' all \
	'status_is 200 as_user control -X DELETE $mine/later' no_body \
	'[ -z "$(etag)" ]' 'get 404 control $mine/later' \
	'get 404 control $by_id/sip%3Alater%40groups.example.org'
expect 'SIGTERM ends it well' all 'kill "$gmsd_pid"' \
	'await logged event=gms.stopped' 'await audited event=service.stopped'
wait "$gmsd_pid"

# ------------------------------------------------------------------ slow ones

# A client that sends half a head, or half a body, is cut off. Times are short in
# this run of gmsd alone: on a busy machine others need theirs.
sed -i 's/body_max = 1048576;/& head_ms = 700; request_ms = 1500;/' \
	"$dir/gmsd.conf"
world_start_gmsd
port=${url##*:}
stalls() # WHAT-IT-SENDS
{
	printf '%b' "$1" | timeout 30 openssl s_client -quiet \
		-connect "127.0.0.1:$port" >"$dir/stalled" 2>&1
	[ $? -ne 124 ]
}
row RB-01 'a client that stops within its head is cut off' \
	stalls "GET $id1 HTTP/1.1\r\nHost: a\r\n"
row RB-01 'within its body, too' \
	stalls "PUT $a1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"
row RB-01 'and others are served' await get 200 control "$id1"
rows_end
closing_line
