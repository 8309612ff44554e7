# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # read by sh, after gms_world.sh
# gms_rows.sh - rows of the acceptance table (gms-protocol.md section 7), for
# the tests that show them; read after gms_world.sh.
#
#   row ID NAME COMMAND...  one test, as expect; a row passes when all of its
#                           tests do, and it has one
#   rows_end                prints "row ID pass" or "row ID fail" for each, from
#                           which docs/acceptance.md is made
rows='' rows_failed=''

row()
{
	row_id=$1 row_name=$2 row_before=$failed
	shift 2
	case " $rows " in
	*" $row_id "*) ;;
	*) rows="$rows $row_id" ;;
	esac
	expect "$row_id: $row_name" "$@"
	[ "$failed" -eq "$row_before" ] || rows_failed="$rows_failed $row_id"
}

rows_end()
{
	for row_id in $rows; do
		case " $rows_failed " in
		*" $row_id "*) echo "row $row_id fail" ;;
		*) echo "row $row_id pass" ;;
		esac
	done
}
