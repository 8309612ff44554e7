# SPDX-License-Identifier: Apache-2.0
# libenrol.a is what the offline KMS needs of this folder, without a network.
noinst_LIBRARIES += %D%/libenrol.a
%C%_libenrol_a_SOURCES = \
	%D%/enrol.c %D%/enrol.h
