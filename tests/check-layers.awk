# SPDX-License-Identifier: Apache-2.0
# check-layers.awk - the rules of check-layers that are about C. It is given
# the lists (order, pure, headers, ...) as words and the files as arguments.

function list(words, set,    n, i, part)
{
	n = split(words, part, " ")
	for (i = 1; i <= n; i++)
		set[part[i]] = i
}

function breach(rule, what)
{
	print FILENAME ":" FNR ": " rule ": " what
}

# The line without comments, and with strings and characters emptied.
# in_comment carries a comment over to the next line.
function code(line,    out, at)
{
	out = ""
	for (;;) {
		if (in_comment) {
			if (!(at = index(line, "*/")))
				return out
			line = substr(line, at + 2)
			in_comment = 0
		}
		if (!match(line, /\/\*|\/\/|"([^"\\]|\\.)*"|'([^'\\]|\\.)*'/))
			return out line
		at = substr(line, RSTART, 2)
		out = out substr(line, 1, RSTART - 1)
		if (at == "//")
			return out
		in_comment = at == "/*"
		if (!in_comment)
			out = out substr(at, 1, 1) substr(at, 1, 1)
		line = substr(line, RSTART + RLENGTH)
	}
}

function check_include(name, quoted,    to)
{
	to = name
	sub(/\/.*/, "", to)
	if (first_include == "")
		first_include = name
	if (!quoted) {
		if (to in place && name ~ /\//)
			breach("include", name " is ours: quotes, not brackets")
	} else if (name != "config.h" && name !~ /\//)
		breach("include", name " without its full path")
	else if (name ~ /\.\.\//)
		breach("include", name " climbs out of its folder")
	else if (to == "tests" || to == "fuzz") {
		if (folder != "tests" && folder != "fuzz")
			breach("include", "a test's header, " name)
	} else if (name != "config.h" && !(to in place))
		breach("include", to " has no place in the order")
	else if (folder in place && place[to] > place[folder])
		breach("include", folder " stands left of " to)
	else if ((folder == "gms" || folder == "ue") && to == "kms" ||
	    folder == "ue" && to == "gms")
		breach("include", folder " may know nothing of " to)
	if (is_pure && !quoted)
		for (to in is_header)
			if (index(name, to) == 1)
				breach("pure", "<" name ">")
}

function check_calls(line,    name)
{
	while (match(line, /[A-Za-z_][A-Za-z_0-9]* *\(/)) {
		name = substr(line, RSTART, RLENGTH - 1)
		sub(/ *$/, "", name)
		if (name in is_function &&
		    substr(line, 1, RSTART - 1) !~ /(\.|->)$/)
			breach("pure", name "()")
		line = substr(line, RSTART + RLENGTH)
	}
}

# A declaration that starts in column 0, or with static anywhere, is of a
# variable when "=", "[" or ";" comes before any parenthesis but that of a
# pointer to a function. It may stand over several lines.
function check_state(line)
{
	if (pending != "")
		line = pending " " line
	pending = ""
	if (line !~ /^[A-Za-z_]/ && line !~ /^[ \t]+(static|_Thread_local)[ \t]/)
		return
	sub(/^__extension__ /, "", line)
	if (line ~ /^(typedef|extern|return|goto|case|default)[ \t:]/ ||
	    line ~ /^(struct|union|enum)( [A-Za-z_0-9]+)?( *;| *\{)/)
		return
	if (!match(line, /[=;[({]/)) {
		if (line ~ /[A-Za-z_0-9*]$/)
			pending = line
		return
	}
	if (substr(line, RSTART, 1) ~ /[({]/ &&
	    substr(line, RSTART, 2) != "(*")
		return
	if (!constant(line))
		breach("pure", "state: " line)
}

# Constant means the thing itself: with a pointer, the const after the star.
function constant(line)
{
	sub(/[=;[].*/, "", line)
	sub(/.*\*/, "", line)
	return line ~ /(^|[^A-Za-z_0-9])const([^A-Za-z_0-9]|$)/
}

BEGIN {
	list(order, place)
	list(pure, pure_folder)
	list(system_files, may_use_system)
	list(state_files, may_keep_state)
	list(headers, is_header)
	list(functions, is_function)
}

FNR == 1 {
	in_comment = 0
	pending = first_include = ""
	folder = FILENAME
	sub(/\/.*/, "", folder)
	# gen_NAME.c is a program that the build runs, and writes a file.
	is_pure = folder in pure_folder && !(FILENAME in may_use_system) &&
	    FILENAME !~ /\/gen_[a-z_]*\.c$/
	own = FILENAME
	sub(/\.c$/, ".h", own)
	has_own = own != FILENAME && (getline line < own) >= 0
	close(own)
	if (!(folder in place) && folder != "tests" && folder != "fuzz")
		breach("folder", folder " has no place in the order")
}

!in_comment && /^[ \t]*#[ \t]*include[ \t]*["<]/ {
	name = $0
	sub(/^[^"<]*["<]/, "", name)
	sub(/[">].*/, "", name)
	check_include(name, $0 ~ /^[^<]*"/)
	if (has_own && first_include != own) {
		breach("include", "own header not first")
		has_own = 0
	}
	next
}

{
	line = code($0)
	if (is_pure && line !~ /^[ \t]*#/) {
		check_calls(line)
		if (!(FILENAME in may_keep_state))
			check_state(line)
	}
}
