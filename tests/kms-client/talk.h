/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk.h - a session with the KMS of tests/kms-client/fake_kms.h.
 *
 * Failures end the running test.
 */
#ifndef TESTS_KMS_CLIENT_TALK_H
#define TESTS_KMS_CLIENT_TALK_H

#include "tests/kms-client/fake_kms.h"

#define TALK_BASE "https://kds.example.org:8444/keymanagement/identity/v1"

/* A device in conversation with a KMS. */
struct talk {
    struct fake_kms kms;
    struct kms_session_config config;
    struct kms_session *session;
    struct kms_next next;
    uint64_t now_s;
};

/* For calls that have to succeed. */
void talk_must(enum mu_err err);

/* A user without keys, and a session that has not begun. */
void talk_init(struct talk *t);
void talk_clear(struct talk *t);

/* Another session, as t->config says now, over the same key set. */
void talk_anew(struct talk *t);

void talk_start(struct talk *t);

/* The KMS answers the request that is open. */
void talk_answer(struct talk *t);

/* From the start to the end, whatever it is. */
void talk_run(struct talk *t);

#endif
