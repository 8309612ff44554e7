/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent.h - the SIP user agent: transactions, transports and syntax by
 * sofia-sip's NTA, in a thread of its own; dialogs and what they mean are the
 * caller's (sip/dialog.h).
 *
 * What comes goes through a bounded hand-off (base/handoff.h) to the loop,
 * which watches sip_agent_fd(). When it is full a request is answered 503 with
 * Retry-After at once, and never an outcome is lost: so many are kept free for
 * them. All functions are for the loop's thread.
 *
 * SUBSCRIBE, NOTIFY, MESSAGE and OPTIONS come to the loop; anything else is
 * answered 405 here. sip_library_init() once in main, before threads.
 */
#ifndef SIP_AGENT_H
#define SIP_AGENT_H

#include "sip/message.h"

MU_MUST_CHECK enum mu_err sip_library_init(void);
void sip_library_cleanup(void);

#define SIP_LISTENS_MAX 8
/* Methods that come to the loop. */
#define SIP_ALLOW "SUBSCRIBE, NOTIFY, MESSAGE, OPTIONS"

enum sip_transport {
    SIP_UDP,
    SIP_TCP,
    SIP_TLS
};

struct sip_listen {
    enum sip_transport transport;
    const char *address; /* numeric, v4, or v6 without brackets */
    uint16_t port;       /* 0: one that is free */
};

/* Octets that wait in a connection until they are read, at most; the peer is
 * slowed down then. */
#define SIP_BACKLOG_MAX 32768

struct sip_agent_config {
    const struct sip_listen *listens;
    size_t listen_count;
    const char *user; /* of our Contact: the part before @ */
    /* agent.pem and cafile.pem; NULL: no TLS. Both sides of a connection show
     * certificates by the authorities in cafile.pem. */
    const char *tls_dir;
    /* And whoever we call, one of the name in his URI. A name, no address:
     * sofia-sip does not find those in certificates. */
    bool tls_names;
    /* Numeric addresses whose P-Asserted-Identity is believed: the SIP core,
     * when it comes by TCP or TLS. */
    const char *const *trusted;
    size_t trusted_count;
    size_t pending_max; /* requests not yet answered */
    size_t message_max; /* octets of a message; SIP_BACKLOG_MAX more are 413 */
    unsigned answer_ms; /* until a request of ours is 408; 0: 32 s */
    /* Until a connection on which nothing comes or goes is closed; 0: never.
     * One that is no SIP is closed by that alone: sofia-sip reads no more of
     * it, and does not see its end. */
    unsigned idle_ms;
};

struct sip_agent;

/*
 * Starts the thread and opens the ports. Texts are borrowed until
 * sip_agent_stop().
 *
 * Returns MU_OK; MU_E_IO when a port or the certificate is refused;
 * MU_E_MALFORMED for an address that is none; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err sip_agent_start(
    const struct sip_agent_config *config, struct sip_agent **out);
/* Ends the thread; what was not answered is gone. NULL is fine. */
void sip_agent_stop(struct sip_agent *agent);

/* The port of the i-th listen. */
uint16_t sip_agent_port(const struct sip_agent *agent, size_t i);

/* Something that happened; all its spans live as long as it does. */
struct sip_event {
    bool is_outcome;
    union {
        struct sip_request request;
        struct sip_outcome outcome;
    };
    struct mu_arena arena;
};
int sip_agent_fd(const struct sip_agent *agent);
/* The next one, the caller's to free; NULL when there is none. */
struct sip_event *sip_agent_next(struct sip_agent *agent);
void sip_event_free(struct sip_event *event); /* NULL is fine */

/* Answers a request; one that is gone by now is none of its concern.
 * MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err sip_agent_answer(
    struct sip_agent *agent, uint64_t id, const struct sip_answer *answer);

/*
 * Sends a request; its outcome comes as an event. A request too large for a
 * datagram goes over TCP, whatever the target's URI says: a key is never
 * fragmented.
 *
 * Returns MU_OK; MU_E_NO_SPACE while too many are under way; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err sip_agent_ask(
    struct sip_agent *agent, const struct sip_ask *ask);

struct sip_agent_stats {
    uint64_t requests, refused, asked, answered, timed_out, pending;
};
struct sip_agent_stats sip_agent_stats(const struct sip_agent *agent);

#endif
