/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.h - a type of its own for every kind of key.
 *
 * SECRET_TYPE(mcptt_gmk, 16) declares struct mcptt_gmk with one member, the
 * octets b; mcptt_gmk_clear(), which wipes it and is meant for MU_CLEANUP;
 * and mcptt_gmk_eq(), which compares in constant time. Passing one kind of
 * key where another belongs does not compile.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Overwrites len octets with zero; never optimised away. */
void mu_wipe(void *p, size_t len);

/* Equal octet for octet; the time taken depends on len alone. */
bool mu_ct_eq(const void *a, const void *b, size_t len);

#define SECRET_TYPE(name, octets)                                              \
    struct name {                                                              \
        uint8_t b[octets];                                                     \
    };                                                                         \
    static inline __attribute__((unused)) void name##_clear(struct name *s)    \
    {                                                                          \
        mu_wipe(s->b, sizeof(s->b));                                           \
    }                                                                          \
    static inline __attribute__((unused)) bool name##_eq(                      \
        const struct name *a, const struct name *b)                            \
    {                                                                          \
        return mu_ct_eq(a->b, b->b, sizeof(a->b));                             \
    }                                                                          \
    struct name /* the user's semicolon ends this declaration */

#endif
