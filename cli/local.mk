# SPDX-License-Identifier: Apache-2.0
# libcli.a is what command-line programs have in common.
noinst_LIBRARIES += %D%/libcli.a
%C%_libcli_a_SOURCES = \
	%D%/args.c %D%/args.h \
	%D%/command.c %D%/command.h \
	%D%/help.c \
	%D%/json.c %D%/json.h \
	%D%/program.c %D%/program.h
