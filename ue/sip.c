/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/sip.h"

#include <event2/event.h>

#include "base/alloc.h"
#include "sip/agent.h"
#include "ue/sip_keys.h"
#include "ue/sip_lost.h"
#include "ue/sip_sub.h"
#include "xml/kms_krr.h"

#define PENDING_MAX 8192
#define MESSAGE_MAX ((size_t)1 << 20)
#define EVENTS_MAX  256 /* of the agent in one turn of the loop */

struct ue_sip {
    struct ue_sip_config config;
    struct sip_listen listen;
    struct sip_agent_config agent_config;
    struct sip_agent *agent;
    bool library;
    struct event *on_agent;
    struct ue_sip_sub **subs;
    size_t count;
    struct ue_sip_lost lost;
};

/* ------------------------------------------------------------ what comes in */

static void take_outcome(struct ue_sip *sip, const struct sip_outcome *outcome)
{
    uint64_t index = outcome->id & UINT32_MAX;

    if (index < sip->count)
        ue_sip_sub_outcome(sip->subs[index], outcome);
}

static struct ue_sip_sub *find_called(
    const struct ue_sip *sip, const struct sip_request *request)
{
    uint64_t index;

    if (!ue_sip_sub_index(request->call_id, &index) || index >= sip->count ||
        !ue_sip_sub_is_called(sip->subs[index], request->call_id))
        return NULL;
    return sip->subs[index];
}

/* Of whom a 488 is, for its body. */
struct told {
    struct ue_sip_sub *s;
    unsigned status;
};

/* As if it had not come. */
static bool is_lost(struct ue_sip *sip, const struct sip_request *request)
{
    const struct ue_sip_sub *s = find_called(sip, request);
    uint64_t now_ms = mu_clock_mono_ms(sip->config.env->clock);

    ue_sip_lost_purge(&sip->lost, sip->agent, now_ms);
    if (s == NULL || !ue_faults_lose(ue_member_faults(ue_sip_sub_member(s))))
        return false;
    ue_sip_lost_add(&sip->lost, sip->agent, request->id, now_ms);
    return true;
}

/* A MESSAGE is for the MC service ID, wherever it was sent (RFC 3428). */
static struct ue_sip_sub *find_member(
    const struct ue_sip *sip, const struct sip_request *request)
{
    for (size_t i = 0; i < sip->count; i++)
        if (span_eq(ue_member_uri(ue_sip_sub_member(sip->subs[i])),
                request->to_uri))
            return sip->subs[i];
    return NULL;
}

static unsigned take_message(const struct ue_sip *sip,
    const struct ue_sip_sub *s, const struct sip_request *request)
{
    if (s == NULL)
        return 404;
    return ue_sip_parts(request) == 0
               ? 415
               : ue_sip_take(sip->config.env, ue_sip_sub_member(s), request);
}

static void answer_request(
    struct ue_sip *sip, const struct told *told, uint64_t request)
{
    MU_CLEANUP(buf_clear) struct buf krr = {.p = NULL};
    struct sip_answer answer = {.status = told->status,
        .allow = told->status == 405 ? "NOTIFY, MESSAGE" : NULL};

    if (told->status == 488) {
        ue_sip_sub_report(
            told->s, "redirected", "a message is for another KMS");
        ue_sip_redirect(ue_sip_sub_member(told->s), &krr);
        answer.type = XML_KRR_TYPE;
        answer.body = buf_span(&krr);
    }
    (void)(sip_agent_answer(sip->agent, request, &answer) == MU_OK);
}

static void take_request(struct ue_sip *sip, const struct sip_request *r)
{
    struct told told = {.status = 405};

    if (span_eq(r->method, span_str("NOTIFY"))) {
        told.s = find_called(sip, r);
        told.status = told.s != NULL ? ue_sip_sub_notify(told.s, r) : 481;
    } else if (span_eq(r->method, span_str("MESSAGE"))) {
        told.s = find_member(sip, r);
        told.status = take_message(sip, told.s, r);
    }
    answer_request(sip, &told, r->id);
}

static void take_event(struct ue_sip *sip, const struct sip_event *event)
{
    if (event->is_outcome)
        take_outcome(sip, &event->outcome);
    else if (!is_lost(sip, &event->request))
        take_request(sip, &event->request);
}

static void on_agent(evutil_socket_t fd, short what, void *ctx)
{
    struct ue_sip *sip = ctx;

    (void)fd;
    (void)what;
    for (unsigned i = 0; i < EVENTS_MAX; i++) {
        struct sip_event *event = sip_agent_next(sip->agent);

        if (event == NULL)
            return;
        take_event(sip, event);
        sip_event_free(event);
    }
}

/* -------------------------------------------------------- beginning and end */

static enum mu_err fill(struct ue_sip *sip)
{
    sip->listen = (struct sip_listen){
        .transport = sip->config.tls_dir != NULL ? SIP_TLS : SIP_TCP,
        .address = sip->config.address};
    sip->agent_config = (struct sip_agent_config){.listens = &sip->listen,
        .listen_count = 1,
        .user = "ue",
        .tls_dir = sip->config.tls_dir,
        .tls_names = true,
        .pending_max = PENDING_MAX,
        .message_max = MESSAGE_MAX,
        .answer_ms = sip->config.answer_ms};
    sip->subs =
        mu_alloc_array(sip->config.members, sizeof(struct ue_sip_sub *));
    if (sip->subs == NULL)
        return MU_E_NO_MEMORY;
    TRY(sip_library_init());
    sip->library = true;
    TRY(sip_agent_start(&sip->agent_config, &sip->agent));
    sip->on_agent = event_new(sip->config.env->base, sip_agent_fd(sip->agent),
        EV_READ | EV_PERSIST, on_agent, sip);
    if (sip->on_agent == NULL || event_add(sip->on_agent, NULL) != 0)
        return MU_E_NO_MEMORY;
    return MU_OK;
}

enum mu_err ue_sip_new(const struct ue_sip_config *config, struct ue_sip **out)
{
    struct ue_sip *sip = mu_alloc(sizeof(*sip));
    enum mu_err err;

    if (sip == NULL)
        return MU_E_NO_MEMORY;
    sip->config = *config;
    err = fill(sip);
    if (err != MU_OK) {
        ue_sip_free(sip);
        return err;
    }
    *out = sip;
    return MU_OK;
}

void ue_sip_free(struct ue_sip *sip)
{
    if (sip == NULL)
        return;
    if (sip->on_agent != NULL)
        event_free(sip->on_agent);
    for (size_t i = 0; i < sip->count; i++)
        ue_sip_sub_free(sip->subs[i]);
    mu_free(sip->subs);
    sip_agent_stop(sip->agent);
    if (sip->library)
        sip_library_cleanup();
    mu_free(sip);
}

enum mu_err ue_sip_subscribe(struct ue_sip *sip, struct ue_member *member)
{
    struct ue_sip_sub **place = &sip->subs[sip->count];

    if (sip->count == sip->config.members)
        return MU_E_NO_SPACE;
    TRY(ue_sip_sub_new(&sip->config, sip->agent, member, sip->count, place));
    sip->count++;
    ue_sip_sub_start(*place);
    return MU_OK;
}

void ue_sip_restart(struct ue_sip *sip, const struct ue_member *member)
{
    for (size_t i = 0; i < sip->count; i++)
        if (ue_sip_sub_member(sip->subs[i]) == member)
            ue_sip_sub_start(sip->subs[i]);
}
