# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libmikey.a
%C%_libmikey_a_SOURCES = \
	$(mikey_field_sources) \
	%D%/codes.c %D%/codes.h \
	%D%/cs_map.c %D%/cs_map.h \
	%D%/eccsi.c %D%/eccsi.h \
	%D%/err.c %D%/err.h \
	%D%/ext.c %D%/ext.h \
	%D%/hash_range.c %D%/hash_range.h \
	%D%/hdr.c %D%/hdr.h \
	%D%/idr.c %D%/idr.h \
	%D%/imsg.c %D%/imsg.h \
	%D%/keydata.c %D%/keydata.h \
	%D%/mac.c %D%/mac.h \
	%D%/msg.c %D%/msg.h \
	%D%/nonce.c %D%/nonce.h \
	%D%/ntp.c %D%/ntp.h \
	%D%/p256.c %D%/p256.h \
	%D%/p256_scalar.c %D%/p256_scalar.h \
	%D%/pairing.c %D%/pairing.h \
	%D%/payload.c %D%/payload.h \
	%D%/prf.c %D%/prf.h \
	%D%/pubkey.c %D%/pubkey.h \
	%D%/rand.c %D%/rand.h \
	%D%/rules.c %D%/rules.h \
	%D%/sakke.c %D%/sakke.h \
	%D%/sakke_check.c \
	%D%/sakke_extract.c \
	%D%/sakke_lanes.c %D%/sakke_lanes.h \
	%D%/sakke_pl.c %D%/sakke_pl.h \
	%D%/sign.c %D%/sign.h \
	%D%/sp.c %D%/sp.h \
	%D%/tables.c %D%/tables.h \
	%D%/ts.c %D%/ts.h

# What the generator of the tables needs, and the library as well.
mikey_field_sources = \
	%D%/curve.c %D%/curve.h \
	%D%/edwards.c %D%/edwards.h \
	%D%/fp.c %D%/fp.h \
	%D%/mod.c %D%/mod.h \
	%D%/mod_inv.c \
	%D%/params.c %D%/params.h \
	%D%/scalar.c %D%/scalar.h \
	%D%/torus.c %D%/torus.h

noinst_PROGRAMS += %D%/gen_tables
%C%_gen_tables_SOURCES = %D%/gen_tables.c $(mikey_field_sources)
%C%_gen_tables_LDADD = base/libbase.a $(CRYPTO_LIBS)

# tables.c takes the file in with .incbin, so the compiler does not see it.
CLEANFILES += %D%/tables.bin
%D%/tables.bin: %D%/gen_tables$(EXEEXT)
	$(AM_V_GEN)%D%/gen_tables$(EXEEXT) $@.tmp && mv $@.tmp $@
%D%/tables.$(OBJEXT): %D%/tables.bin
