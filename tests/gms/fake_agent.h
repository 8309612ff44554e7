/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_agent.h - sip/agent.h without SIP: it hands over the requests that a
 * test makes up, and keeps what it is told to answer and to ask.
 *
 * It stands in for the real one by the linker, which takes these functions and
 * so does not look for them in libsip; therefore its tests are a program of
 * their own, tests/gms-subs-tests. The product has one agent, and needs no
 * table of functions to choose by.
 */
#ifndef TESTS_GMS_FAKE_AGENT_H
#define TESTS_GMS_FAKE_AGENT_H

#include "sip/agent.h"

/* A request that it was told to send. */
struct fake_ask {
    struct fake_ask *next; /* the one after it */
    struct mu_arena arena;
    struct sip_ask ask; /* a copy */
    bool answered;
};

/* An answer that it was told to give. */
struct fake_answer {
    uint64_t request;
    unsigned status;
    char to_tag[64];
    bool has_expires, contact;
    uint32_t expires_s, retry_after_s, min_expires_s;
    char warning[128], allow_events[32];
};

#define FAKE_ANSWERS 64 /* that are remembered */

struct sip_agent {
    int fd; /* of an eventfd */
    struct sip_event *events[64];
    size_t event_count;
    struct fake_ask *first, **end;
    struct fake_answer answers[FAKE_ANSWERS];
    size_t answer_count; /* of all */
    enum mu_err refuses; /* the next requests to be sent; MU_OK: none */
    size_t refused;      /* how many those were */
    struct sip_agent_stats stats;
    /* Called for each request that is to be sent; may be NULL. */
    void (*on_ask)(void *ctx, struct fake_ask *ask);
    void *ctx;
};

struct sip_agent *fake_agent_new(void);
void fake_agent_free(struct sip_agent *agent);

/* A request comes in; all is copied. */
void fake_agent_request(
    struct sip_agent *agent, const struct sip_request *request);

/* The answer to that request; NULL: none yet. */
const struct fake_answer *fake_agent_said(
    const struct sip_agent *agent, uint64_t request);

/* The oldest request that has no outcome; NULL: none. */
struct fake_ask *fake_agent_asked(const struct sip_agent *agent);
size_t fake_agent_open(const struct sip_agent *agent);

/* The outcome of one: a status alone, or all of it. */
void fake_agent_outcome(
    struct sip_agent *agent, struct fake_ask *ask, unsigned status);
void fake_agent_outcome_of(struct sip_agent *agent, struct fake_ask *ask,
    const struct sip_outcome *outcome);

/* What was asked and has its outcome is forgotten. */
void fake_agent_tidy(struct sip_agent *agent);

#endif
