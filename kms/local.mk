# SPDX-License-Identifier: Apache-2.0
# libbundle.a is what the offline tool and the online server have in common.
noinst_LIBRARIES += %D%/libbundle.a
%C%_libbundle_a_SOURCES = \
	%D%/bundle.c %D%/bundle.h \
	%D%/import_key.c %D%/import_key.h

# libkms.a is of the offline tool alone.
noinst_LIBRARIES += %D%/libkms.a
%C%_libkms_a_SOURCES = \
	%D%/extract.c %D%/extract.h
