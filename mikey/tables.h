/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tables.h - the multiples of P and the powers of g, made at build time by
 * mikey/gen_tables.c and the same for every KMS.
 */
#ifndef MIKEY_TABLES_H
#define MIKEY_TABLES_H

#include "mikey/edwards.h"
#include "mikey/torus.h"

extern const struct mikey_edwards_table mikey_table_p; /* 1.7 MiB */
extern const struct mikey_torus_table mikey_table_g;   /* 0.6 MiB */

#endif
