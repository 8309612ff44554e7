/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.h - what the examples have in common and is no part of them: hex from
 * the command line, and an end with a word when something fails.
 */
#ifndef TESTS_EXAMPLES_ARGS_H
#define TESTS_EXAMPLES_ARGS_H

#include "base/bytes.h"
#include "mcptt/key_id.h"

/* Ends the program unless err is MU_OK. */
void must(enum mu_err err, const char *what);

/* Exactly so many octets. */
void arg_octets(const char *hex, uint8_t *out, size_t len);
/* As many as there are, in static storage; 4096 with all others at most. */
struct span arg_hex(const char *hex);
struct mcptt_key_id arg_key_id(const char *hex);

/* 64 octets at most. */
void print_hex(const char *name, struct span octets);
void print_key_id(const char *name, struct mcptt_key_id id);

#endif
