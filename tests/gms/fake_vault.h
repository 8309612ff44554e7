/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_vault.h - a vault without mathematics, for tests of thousands of
 * changes: it answers frames at the far end of the line, keeps the real vault's
 * book of epochs and exclusions, and refuses as that one does. What it signs
 * says in clear what a member would have opened.
 *
 * Keys and identifiers are numbered; a test may make the next ones collide.
 */
#ifndef TESTS_GMS_FAKE_VAULT_H
#define TESTS_GMS_FAKE_VAULT_H

#include <event2/event.h>

#include "base/clock.h"
#include "gms/vault/book.h"

struct fake_vault {
    int fd; /* its end */
    struct event *event;
    const struct mu_clock *clock;
    struct gms_book *book; /* survives its process, as its log does */
    uint32_t last_key;     /* number of the last key */
    uint32_t repeat_key;   /* not 0: the next key has that identifier */
    uint32_t collide_with; /* not 0: the next envelope has that GUK-ID */
    enum gms_vault_refusal refuse; /* everything but HELLO, while it is set */
    unsigned dies_after;           /* requests; 0: never */
    bool keeps_csks;               /* CSKs are not answered, while it is set */
    size_t keys, wraps, signs, excludes, admits; /* requests and items */
};

/* What a message of it says. */
struct fake_message {
    struct mcptt_key_id key;
    uint64_t epoch, activation_s, expiry_s, period, groups;
    bool revoked;
    char member[64], kms[32];
};

void fake_vault_init(struct fake_vault *v, const struct mu_clock *clock);
void fake_vault_clear(struct fake_vault *v);

/* A new process; yields the front's end. */
int fake_vault_start(struct fake_vault *v, struct event_base *base);
/* The line breaks. */
void fake_vault_die(struct fake_vault *v);

/* A message that brings a CSK, as its CSK operation takes it: "csk", then the
 * identifier in eight hex digits, then the sender; written to 256 octets. The
 * key that it yields is fake_vault_csk(). */
struct span fake_csk_write(
    struct mcptt_key_id id, const char *sender, char out[256]);
struct mcptt_sig_conf_key fake_vault_csk(struct mcptt_key_id id);

/* False for octets that are none of its messages. */
bool fake_message_read(struct span octets, struct fake_message *out);

#endif
