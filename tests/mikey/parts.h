/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts.h - messages put together from named parts (tests/vectors/
 * mikey-msg.vec): what a test of message rules is about can be read there.
 */
#ifndef TESTS_MIKEY_PARTS_H
#define TESTS_MIKEY_PARTS_H

#include "tests/vec.h"

struct parts {
    size_t count;
    struct {
        char name[16];
        uint8_t payload;
        size_t len;
        uint8_t wire[320];
    } part[48];
    struct span message; /* of the present record; in octets */
    uint8_t octets[2048];
};

/* Opens the file; v is the caller's to close. */
void parts_open(struct parts *p, struct vec *v, const char *name);

/* Moves to the next record that is a message; false at the end. */
bool parts_next(struct parts *p, struct vec *v);

#endif
