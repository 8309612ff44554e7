/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ct.h - marks for the poisoned-memory test of constant time (make check-ct).
 *
 * That test compiles the library with MU_CT and runs it under valgrind, where
 * a poisoned octet counts as undefined: a jump or an address that depends on
 * one is reported. Elsewhere the marks are nothing.
 *
 * MU_CT_DECLASSIFY stands only where a value derived from secrets becomes
 * public by design, with a comment that says why.
 */
#ifndef BASE_CT_H
#define BASE_CT_H

#ifdef MU_CT
#include <valgrind/memcheck.h>
#define MU_CT_POISON(p, len)     VALGRIND_MAKE_MEM_UNDEFINED((p), (len))
#define MU_CT_DECLASSIFY(p, len) VALGRIND_MAKE_MEM_DEFINED((p), (len))
#else
#define MU_CT_POISON(p, len)     ((void)(p), (void)(len))
#define MU_CT_DECLASSIFY(p, len) ((void)(p), (void)(len))
#endif

#endif
