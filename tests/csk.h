/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csk.h - messages that bring a CSK, right or wrong in one thing: of tests that
 * play the client and have a KMS of their own.
 */
#ifndef TESTS_CSK_H
#define TESTS_CSK_H

#include "mcptt/message.h"
#include "mcptt/uid.h"

/* One end: what the message says, and what it is made for. */
struct test_csk_end {
    struct span uri, kms;
    struct mcptt_uid uid; /* in the period of unix_ms */
    bool hidden;
};

struct test_csk {
    struct test_csk_end client, server;
    const struct mikey_eccsi_signer *signer;  /* of client.uid */
    const struct mikey_sakke_kms *server_kms; /* the key goes to server.uid */
    struct mcptt_key key;                     /* its kind, the tag's */
    uint32_t random;                          /* of the identifier, 28 bits */
    uint64_t unix_ms;
    const struct mcptt_key_params *params; /* NULL: none */
};

/* The identifier, whose tag is the kind of the key. */
struct mcptt_key_id test_csk_id(const struct test_csk *csk);

/* Returns as mcptt_message_build(); out is of MCPTT_MESSAGE_MAX octets. */
MU_MUST_CHECK enum mu_err test_csk_write(
    const struct test_csk *csk, const struct mu_rng *rng, struct wr *out);

#endif
