/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/agent.h"

#include <assert.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/handoff.h"
#include "sip/command.h"
#include "sip/incoming.h"
#include "sip/outgoing.h"
#include "sip/protocols.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/tport.h>

#define BUSY_RETRY_S 5
#define PENDING_ROWS 1024  /* a power of two; ids come one after the other */
#define ASKS_MAX     65536 /* under way; each has a place kept in events */

/* A request that the loop has not answered yet. */
struct sip_pending {
    struct sip_pending *next;
    uint64_t id;
    nta_incoming_t *irq;
};

/* A request of ours under way. */
struct sip_asked {
    struct sip_asked *next, **link; /* what points to it */
    struct sip_agent *agent;
    struct sip_event *outcome; /* made beforehand; NULL: given */
    nta_outgoing_t *orq;
    bool by_datagram;
    su_timer_t *timer; /* its own answer_ms; NULL: the agent's */
};

struct sip_agent {
    const struct sip_agent_config *config;
    struct mu_handoff *events;
    pthread_t thread;
    /* Set by the thread before it tells that it has started. */
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool started;
    enum mu_err start_err;
    uint16_t ports[SIP_LISTENS_MAX];
    su_task_r task;
    /* The thread's alone. */
    su_root_t *root;
    nta_agent_t *nta;
    nta_leg_t *leg;
    struct sip_pending *pending[PENDING_ROWS]; /* by id */
    struct sip_asked *asked_first;
    uint64_t last_id;
    /* Of both. */
    atomic_size_t pending_count, under_way;
    atomic_ullong requests, refused, asked, answered, timed_out;
};

/* sofia-sip's own log says what the outcomes say already. */
static void say_nothing(void *stream, char const *format, va_list args)
{
    (void)stream;
    (void)format;
    (void)args;
}

/* The parser's table with the headers of sip_extra.h, P-Asserted-Identity among
 * them. sofia-sip cannot go back to its own, so it stays with the process. */
static msg_mclass_t *extended;

enum mu_err sip_library_init(void)
{
    if (su_init() != 0)
        return MU_E_IO;
    su_log_redirect(NULL, say_nothing, NULL);
    if (extended != NULL)
        return MU_OK;
    extended = sip_extend_mclass(NULL);
    if (extended == NULL || sip_update_default_mclass(extended) < 0)
        return MU_E_NO_MEMORY;
    return MU_OK;
}

void sip_library_cleanup(void)
{
    su_deinit();
}

/* ------------------------------------------------------- to the loop */

/* A place is kept for every outcome, so this cannot fail for one. */
static enum mu_err give(struct sip_agent *agent, struct sip_event *event)
{
    enum mu_err err = mu_handoff_put(agent->events, event);

    if (err != MU_OK)
        sip_event_free(event);
    return err;
}

static void refuse(
    struct sip_agent *agent, nta_incoming_t *irq, unsigned status)
{
    const struct sip_answer answer = {.status = status,
        .retry_after_s = status == 503 ? BUSY_RETRY_S : 0,
        .allow = status == 405 ? SIP_ALLOW : NULL};

    atomic_fetch_add(&agent->refused, 1);
    sip_outgoing_answer(agent->nta, irq, agent->config->user, &answer);
}

static bool is_ours(sip_method_t method)
{
    return method == sip_method_subscribe || method == sip_method_notify ||
           method == sip_method_message || method == sip_method_options;
}

static struct sip_pending **row_of(struct sip_agent *agent, uint64_t id)
{
    return &agent->pending[id & (PENDING_ROWS - 1)];
}

static struct sip_pending *keep(struct sip_agent *agent, nta_incoming_t *irq)
{
    struct sip_pending *p = mu_alloc(sizeof(*p));

    if (p == NULL)
        return NULL;
    p->id = ++agent->last_id;
    p->irq = irq;
    p->next = *row_of(agent, p->id);
    *row_of(agent, p->id) = p;
    atomic_fetch_add(&agent->pending_count, 1);
    return p;
}

static struct sip_pending *take_pending(struct sip_agent *agent, uint64_t id)
{
    for (struct sip_pending **link = row_of(agent, id); *link != NULL;
         link = &(*link)->next)
        if ((*link)->id == id) {
            struct sip_pending *p = *link;

            *link = p->next;
            atomic_fetch_sub(&agent->pending_count, 1);
            return p;
        }
    return NULL;
}

/* Not what its Via says of itself. */
static bool is_datagram(const struct sip_agent *agent, msg_t const *msg)
{
    tport_t *by = tport_delivered_by(nta_agent_tports(agent->nta), msg);

    return by == NULL || tport_is_dgram(by) != 0;
}

/* Anybody can put the core's address on a datagram: it asserts nobody. */
static enum mu_err make_event(struct sip_agent *agent, nta_incoming_t *irq,
    sip_t const *sip, struct sip_event **event, unsigned *status)
{
    msg_t *msg = nta_incoming_getrequest(irq);
    enum mu_err err;

    err = sip_incoming_request(msg, sip, agent->config, event, status);
    if (err == MU_OK && is_datagram(agent, msg))
        (*event)->request.asserted = (*event)->request.access =
            (struct span){NULL, 0};
    msg_destroy(msg); /* the reference that getrequest gave */
    return err;
}

/* The status of a request that is not for the loop; 0: it is. */
static unsigned take_request(
    struct sip_agent *agent, nta_incoming_t *irq, sip_t const *sip)
{
    struct sip_event *event = NULL;
    struct sip_pending *p;
    unsigned status;

    if (!is_ours(sip->sip_request->rq_method))
        return 405;
    if (agent->pending_count >= agent->config->pending_max)
        return 503;
    if (make_event(agent, irq, sip, &event, &status) != MU_OK)
        return status;
    p = keep(agent, irq);
    if (p == NULL) {
        sip_event_free(event);
        return 500;
    }
    event->request.id = p->id;
    if (give(agent, event) == MU_OK)
        return 0;
    mu_free(take_pending(agent, p->id));
    return 503;
}

/* NTA's callback for every request: the default leg has no dialogs, so those
 * within one come here, too. */
static int on_request(struct sip_agent *agent, nta_leg_t *leg,
    nta_incoming_t *irq, sip_t const *sip)
{
    unsigned status;

    (void)leg;
    atomic_fetch_add(&agent->requests, 1);
    status = take_request(agent, irq, sip);
    if (status != 0)
        refuse(agent, irq, status);
    return 0;
}

static void asked_free(struct sip_asked *asked)
{
    *asked->link = asked->next;
    if (asked->next != NULL)
        asked->next->link = asked->link;
    if (asked->timer != NULL)
        su_timer_destroy(asked->timer);
    sip_event_free(asked->outcome);
    mu_free(asked);
}

/* Takes the outcome, if it succeeds. */
static struct sip_asked *asked_new(
    struct sip_agent *agent, struct sip_event **outcome)
{
    struct sip_asked *asked = mu_alloc(sizeof(*asked));

    if (asked == NULL)
        return NULL;
    asked->agent = agent;
    asked->outcome = *outcome;
    *outcome = NULL;
    asked->next = agent->asked_first;
    asked->link = &agent->asked_first;
    if (asked->next != NULL)
        asked->next->link = &asked->next;
    agent->asked_first = asked;
    return asked;
}

static void tell(struct sip_agent *agent, struct sip_event **outcome,
    unsigned status, sip_t const *sip)
{
    sip_outcome_fill(*outcome, status, sip);
    (*outcome)->outcome.unanswered = sip == NULL || nta_sip_is_internal(sip);
    (void)give(agent, *outcome);
    *outcome = NULL;
}

/* Its end: sofia-sip lets go of the rest by itself. */
static void finish(struct sip_asked *asked, unsigned status, sip_t const *sip)
{
    struct sip_agent *agent = asked->agent;

    atomic_fetch_add(status == 408 ? &agent->timed_out : &agent->answered, 1);
    asked->outcome->outcome.repeated = asked->by_datagram;
    tell(agent, &asked->outcome, status, sip);
    nta_outgoing_destroy(asked->orq);
    asked_free(asked);
}

static int on_response(
    struct sip_asked *asked, nta_outgoing_t *orq, sip_t const *sip)
{
    int status = nta_outgoing_status(orq);

    if (status < 200)
        return 0;
    asked->orq = orq;
    finish(asked, (unsigned)status, sip);
    return 0;
}

/* sofia-sip's callback: the ask has waited as long as it wanted. */
static void on_late(
    struct sip_agent *agent, su_timer_t *timer, struct sip_asked *asked)
{
    (void)agent;
    (void)timer;
    finish(asked, 408, NULL);
}

/* ------------------------------------------------------ from the loop */

static void do_answer(struct sip_agent *agent, struct sip_command *c)
{
    struct sip_pending *p = take_pending(agent, c->request);

    if (p == NULL)
        return;
    sip_outgoing_answer(agent->nta, p->irq, agent->config->user, &c->answer);
    mu_free(p);
}

/* Without memory for a timer it waits as long as the agent has it. */
static void take_sent(
    struct sip_asked *asked, const struct sip_sent *sent, unsigned answer_ms)
{
    asked->orq = sent->orq;
    asked->by_datagram = sent->by_datagram;
    if (answer_ms != 0 && !sent->by_datagram)
        asked->timer = su_timer_create(asked->agent->task, answer_ms);
    if (asked->timer != NULL)
        (void)su_timer_set(asked->timer, on_late, asked);
}

static void do_ask(struct sip_agent *agent, struct sip_command *c)
{
    struct sip_asked *asked = asked_new(agent, &c->outcome);
    const struct sip_reply_to to = {on_response, asked, agent->config->user};
    struct sip_sent sent;

    if (asked == NULL) {
        tell(agent, &c->outcome, 503, NULL);
        return;
    }
    if (sip_outgoing_ask(agent->nta, agent->leg, &c->ask, &to, &sent) !=
        MU_OK) {
        tell(agent, &asked->outcome, 503, NULL);
        asked_free(asked);
        return;
    }
    /* It is the first until its outcome is there, if that was at once. */
    if (agent->asked_first == asked)
        take_sent(asked, &sent, c->ask.answer_ms);
}

/* sofia-sip's callback in the thread for a message of ours. */
static void on_command(
    struct sip_agent *agent, su_msg_r msg, struct sip_command **arg)
{
    struct sip_command *c = *arg;

    (void)msg;
    *arg = NULL; /* ours now, not deinit's */
    switch (c->order) {
    case SIP_ORDER_ANSWER:
        do_answer(agent, c);
        break;
    case SIP_ORDER_ASK:
        do_ask(agent, c);
        break;
    case SIP_ORDER_STOP:
        su_root_break(agent->root);
        break;
    }
    sip_command_free(c);
}

/* A message that was never delivered: the thread has ended. */
static void on_undelivered(struct sip_command **arg)
{
    if (*arg != NULL)
        sip_command_free(*arg);
}

static enum mu_err order(struct sip_agent *agent, struct sip_command *c)
{
    su_msg_r msg = SU_MSG_R_INIT;

    if (su_msg_create(msg, agent->task, su_task_null, on_command,
            sizeof(struct sip_command *)) != 0) {
        sip_command_free(c);
        return MU_E_NO_MEMORY;
    }
    *su_msg_data(msg) = c;
    (void)su_msg_deinitializer(msg, on_undelivered);
    return su_msg_send(msg) == 0 ? MU_OK : MU_E_NO_MEMORY;
}

enum mu_err sip_agent_answer(
    struct sip_agent *agent, uint64_t id, const struct sip_answer *answer)
{
    struct sip_command *c;

    TRY(sip_command_answer(id, answer, &c));
    return order(agent, c);
}

enum mu_err sip_agent_ask(struct sip_agent *agent, const struct sip_ask *ask)
{
    struct sip_command *c;
    enum mu_err err;

    if (agent->under_way >= ASKS_MAX)
        return MU_E_NO_SPACE;
    TRY(sip_command_ask(ask, &c));
    c->outcome = sip_outcome_new(ask->id, agent->config->message_max);
    if (c->outcome == NULL) {
        sip_command_free(c);
        return MU_E_NO_MEMORY;
    }
    atomic_fetch_add(&agent->under_way, 1);
    atomic_fetch_add(&agent->asked, 1);
    err = order(agent, c);
    if (err != MU_OK)
        atomic_fetch_sub(&agent->under_way, 1);
    return err;
}

/* ---------------------------------------------------------- the thread */

static enum mu_err open_each(struct sip_agent *agent)
{
    for (size_t i = 0; i < agent->config->listen_count; i++)
        TRY(sip_outgoing_listen(agent->nta, &agent->config->listens[i],
            agent->config, &agent->ports[i]));
    return MU_OK;
}

/* Who starts an agent waits for it: nobody else makes contexts of TLS. */
static enum mu_err open_ports(struct sip_agent *agent)
{
    enum mu_err err;

    if (agent->config->tls_dir == NULL)
        return open_each(agent);
    TRY(sip_protocols_limit());
    err = open_each(agent);
    TRY(sip_protocols_release());
    return err;
}

static enum mu_err open_agent(struct sip_agent *agent)
{
    agent->root = su_root_create(agent);
    if (agent->root == NULL)
        return MU_E_NO_MEMORY;
    (void)su_root_threading(agent->root, 0);
    su_task_copy(agent->task, su_root_task(agent->root));
    agent->nta = nta_agent_create(agent->root, SIP_NO_URL, NULL, NULL,
        NTATAG_UA(0),
        NTATAG_MAXSIZE((usize_t)agent->config->message_max + SIP_BACKLOG_MAX),
        NTATAG_UDP_MTU(SIP_DATAGRAM_MAX), NTATAG_USE_NAPTR(0),
        NTATAG_SERVER_RPORT(1),
        TAG_IF(agent->config->answer_ms != 0,
            NTATAG_SIP_T1X64(agent->config->answer_ms)),
        TAG_END());
    if (agent->nta == NULL)
        return MU_E_NO_MEMORY;
    TRY(open_ports(agent));
    agent->leg = nta_leg_tcreate(
        agent->nta, on_request, agent, NTATAG_NO_DIALOG(1), TAG_END());
    return agent->leg != NULL ? MU_OK : MU_E_NO_MEMORY;
}

static void drop_pending(struct sip_agent *agent)
{
    struct sip_pending *p, *next;

    for (size_t i = 0; i < PENDING_ROWS; i++)
        for (p = agent->pending[i]; p != NULL; p = next) {
            next = p->next;
            nta_incoming_destroy(p->irq);
            mu_free(p);
        }
}

static void close_agent(struct sip_agent *agent)
{
    drop_pending(agent);
    while (agent->asked_first != NULL) {
        nta_outgoing_destroy(agent->asked_first->orq);
        asked_free(agent->asked_first);
    }
    if (agent->leg != NULL)
        nta_leg_destroy(agent->leg);
    if (agent->nta != NULL)
        nta_agent_destroy(agent->nta);
    if (agent->root != NULL) {
        su_task_deinit(agent->task);
        su_root_destroy(agent->root);
    }
}

static void *run(void *ctx)
{
    struct sip_agent *agent = ctx;
    enum mu_err err = open_agent(agent);

    (void)pthread_mutex_lock(&agent->lock);
    agent->start_err = err;
    agent->started = true;
    (void)pthread_cond_signal(&agent->told);
    (void)pthread_mutex_unlock(&agent->lock);
    if (err == MU_OK)
        su_root_run(agent->root);
    close_agent(agent);
    return NULL;
}

static enum mu_err await_start(struct sip_agent *agent)
{
    (void)pthread_mutex_lock(&agent->lock);
    while (!agent->started)
        (void)pthread_cond_wait(&agent->told, &agent->lock);
    (void)pthread_mutex_unlock(&agent->lock);
    return agent->start_err;
}

static void agent_free(struct sip_agent *agent)
{
    struct sip_event *event;

    while (agent->events != NULL && (event = sip_agent_next(agent)) != NULL)
        sip_event_free(event);
    mu_handoff_free(agent->events);
    (void)pthread_cond_destroy(&agent->told);
    (void)pthread_mutex_destroy(&agent->lock);
    mu_free(agent);
}

enum mu_err sip_agent_start(
    const struct sip_agent_config *config, struct sip_agent **out)
{
    struct sip_agent *agent = mu_alloc(sizeof(*agent));
    enum mu_err err;

    if (agent == NULL)
        return MU_E_NO_MEMORY;
    assert(config->listen_count <= SIP_LISTENS_MAX);
    agent->config = config;
    (void)pthread_mutex_init(&agent->lock, NULL);
    (void)pthread_cond_init(&agent->told, NULL);
    err = mu_handoff_new(config->pending_max + ASKS_MAX, &agent->events);
    if (err == MU_OK && pthread_create(&agent->thread, NULL, run, agent) != 0)
        err = MU_E_NO_MEMORY;
    if (err == MU_OK) {
        err = await_start(agent);
        if (err != MU_OK)
            (void)pthread_join(agent->thread, NULL);
    }
    if (err == MU_OK)
        *out = agent;
    else
        agent_free(agent);
    return err;
}

void sip_agent_stop(struct sip_agent *agent)
{
    struct sip_command *c;

    if (agent == NULL)
        return;
    c = sip_command_new(SIP_ORDER_STOP, 0);
    if (c != NULL && order(agent, c) == MU_OK)
        (void)pthread_join(agent->thread, NULL);
    agent_free(agent);
}

uint16_t sip_agent_port(const struct sip_agent *agent, size_t i)
{
    return agent->ports[i];
}

int sip_agent_fd(const struct sip_agent *agent)
{
    return mu_handoff_fd(agent->events);
}

struct sip_event *sip_agent_next(struct sip_agent *agent)
{
    struct sip_event *event = mu_handoff_take(agent->events);

    if (event != NULL && event->is_outcome)
        atomic_fetch_sub(&agent->under_way, 1); /* its place is free now */
    return event;
}

struct sip_agent_stats sip_agent_stats(const struct sip_agent *agent)
{
    return (struct sip_agent_stats){.requests = agent->requests,
        .refused = agent->refused,
        .asked = agent->asked,
        .answered = agent->answered,
        .timed_out = agent->timed_out,
        .pending = agent->pending_count};
}
