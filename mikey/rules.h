/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h - which payloads a SAKKE message has, how often, and which of them
 * the signature covers: one table (TS 33.180 clause E.1.2, RFC 6509 clause
 * 4.1), in the order in which we send.
 */
#ifndef MIKEY_RULES_H
#define MIKEY_RULES_H

#include "mikey/payload.h"

#define MIKEY_RULES 13

/*
 * One kind of payload. Of a payload type with several rows the first that
 * speaks of a payload counts.
 */
struct mikey_rule {
    const char *name; /* for faults */
    uint8_t type;     /* enum mikey_payload_type */
    unsigned kinds;   /* bits of ID roles or extension types; 0: any */
    uint8_t least, most;
    unsigned waived_by; /* tolerance under which least is 0 */
    unsigned needs;     /* tolerance without which none may be there */
    bool covered;       /* by the signature */
};

extern const struct mikey_rule mikey_rules[MIKEY_RULES];

/* The row that speaks of a payload, or MIKEY_RULES. */
size_t mikey_rule_find(const struct mikey_payload *p);

#endif
