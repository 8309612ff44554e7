/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables are taken in as they are: as an initialiser in C the compiler
 * would chew on nine megabytes of digits. The one file that make writes is
 * found from the top of the build tree, where all compilers run.
 */
#include "mikey/tables.h"

#include <assert.h>

#define TABLE_P_SIZE 1794048
#define TABLE_G_SIZE 598016

static_assert(sizeof(struct mikey_edwards_table) == TABLE_P_SIZE, "layout");
static_assert(sizeof(struct mikey_torus_table) == TABLE_G_SIZE, "layout");

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

/* clang-format off */
#define TABLE(name, skip, size)                                               \
    __asm__(".section .rodata\n"                                              \
            ".balign 64\n"                                                    \
            ".globl " name "\n"                                               \
            ".type " name ", %object\n"                                       \
            ".size " name ", " TEXT(size) "\n"                                \
            name ":\n"                                                        \
            ".incbin \"mikey/tables.bin\", " TEXT(skip) ", " TEXT(size) "\n"  \
            ".previous\n")
/* clang-format on */

TABLE("mikey_table_p", 0, TABLE_P_SIZE);
TABLE("mikey_table_g", TABLE_P_SIZE, TABLE_G_SIZE);
