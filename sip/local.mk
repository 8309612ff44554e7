# SPDX-License-Identifier: Apache-2.0
# libsip.a is the user agent and the event package; the pure part of it links
# no SIP library.
noinst_LIBRARIES += %D%/libsip.a
%C%_libsip_a_SOURCES = \
	%D%/watch.c %D%/watch.h
