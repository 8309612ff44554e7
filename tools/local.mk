# SPDX-License-Identifier: Apache-2.0
bin_PROGRAMS += %D%/mikeytool
%C%_mikeytool_SOURCES = \
	%D%/cmd_batch.c \
	%D%/cmd_decode.c \
	%D%/cmd_derive.c \
	%D%/cmd_eccsi.c \
	%D%/cmd_open.c \
	%D%/cmd_sakke.c \
	%D%/commands.h \
	%D%/explain.c %D%/explain.h \
	%D%/input.c %D%/input.h \
	%D%/mikeytool.c \
	%D%/open.h \
	%D%/open_kms.c \
	%D%/open_print.c
%C%_mikeytool_LDADD = \
	cli/libcli.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(XML_LIBS) $(CRYPTO_LIBS)
TESTS += tests/it/mikeytool_test.sh
EXTRA_DIST += tests/it/mikeytool_test.sh
dist_man_MANS += docs/mikeytool.1

EXTRA_DIST += %D%/demo/demo.sh
