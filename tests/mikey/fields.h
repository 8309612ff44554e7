/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.h - what a trace saw, as one line of text: "next=14 rand_len=16
 * rand=0001.. cs{ cs_id=4 }", numbers in decimal, octets in hex.
 */
#ifndef TESTS_MIKEY_FIELDS_H
#define TESTS_MIKEY_FIELDS_H

#include "base/bytes.h"

struct fields {
    struct rd_trace trace; /* to be given to a reader */
    size_t len;
    char text[4096]; /* a test whose fields do not fit fails */
};

void fields_init(struct fields *f);

#endif
