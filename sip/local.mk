# SPDX-License-Identifier: Apache-2.0
# libsip.a is the user agent and the event package. Dialogs, watches and
# messages are data; sofia-sip is behind agent.c, incoming.c, outgoing.c
# and way.c.
noinst_LIBRARIES += %D%/libsip.a
%C%_libsip_a_CFLAGS = $(AM_CFLAGS) $(SOFIA_CFLAGS)
%C%_libsip_a_SOURCES = \
	%D%/access.c %D%/access.h \
	%D%/agent.c %D%/agent.h \
	%D%/command.c %D%/command.h \
	%D%/dialog.c %D%/dialog.h \
	%D%/incoming.c %D%/incoming.h \
	%D%/message.c %D%/message.h \
	%D%/multipart.c %D%/multipart.h \
	%D%/outgoing.c %D%/outgoing.h \
	%D%/protocols.c %D%/protocols.h \
	%D%/schedule.c %D%/schedule.h \
	%D%/watch.c %D%/watch.h \
	%D%/way.c %D%/way.h
