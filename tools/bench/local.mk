# SPDX-License-Identifier: Apache-2.0
# tools/muster-bench: what `./muster bench` runs. libwolfssl is measured
# beside ours where it is installed.
noinst_PROGRAMS += tools/muster-bench
tools_muster_bench_CFLAGS = $(AM_CFLAGS) $(WOLFSSL_CFLAGS)
tools_muster_bench_SOURCES = \
	%D%/bench.h \
	%D%/main.c \
	%D%/ours.c \
	%D%/rekey.c
tools_muster_bench_LDADD = \
	gms/libvault.a \
	gms/libgms.a \
	kms-client/libkms-client.a \
	kms-client/libenrol.a \
	http/libhttp.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(SECCOMP_LIBS) $(XML_LIBS) $(CRYPTO_LIBS)
if HAVE_WOLFSSL
tools_muster_bench_SOURCES += \
	%D%/wolfssl.c \
	tools/wolf.c tools/wolf.h
tools_muster_bench_LDADD += $(WOLFSSL_LIBS)
endif
