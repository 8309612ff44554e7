/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/front_sip.h"

#include "base/alloc.h"
#include "base/rng.h"

struct gms_front_sip {
    struct sip_listen listens[SIP_LISTENS_MAX];
    struct sip_agent_config config;
    struct sip_agent *agent;
    struct gms_subs *subs;
    bool library;
};

static void configure(
    const struct gms_conf_sip *conf, struct gms_front_sip *sip)
{
    const struct gms_conf_sip_listen *listen = conf->listens.at;

    for (size_t i = 0; i < conf->listens.len; i++)
        sip->listens[i] = (struct sip_listen){
            .transport = (enum sip_transport)listen[i].transport,
            .address = listen[i].listen.host,
            .port = listen[i].listen.port};
    sip->config = (struct sip_agent_config){.listens = sip->listens,
        .listen_count = conf->listens.len,
        .user = conf->user,
        .tls_dir = conf->tls_dir[0] != '\0' ? conf->tls_dir : NULL,
        .trusted = conf->trusted.at,
        .trusted_count = conf->trusted.len,
        .pending_max = conf->pending,
        .message_max = conf->message_max,
        .answer_ms = (unsigned)conf->answer_ms,
        .idle_ms = (unsigned)conf->idle_ms};
}

static enum mu_err make_subs(struct gms_front *front, struct gms_front_sip *sip)
{
    const struct gms_subs_parts parts = {.base = front->base,
        .clock = mu_clock_system(),
        .rng = mu_rng_system(),
        .conf = &front->conf->sip,
        .gktp = &front->conf->gktp,
        .csk = &front->conf->csk,
        .auth = &front->auth,
        .access = front->access,
        .store = front->store,
        .groups = front->groups,
        .keeper = front->keeper,
        .audit = front->audit,
        .agent = sip->agent,
        .vault = front->vault,
        .identity = gms_provision_identity(front->provision)};

    return gms_front_step(
        front, gms_subs_new(&parts, &sip->subs), "subscriptions");
}

static enum mu_err start(struct gms_front *front, struct gms_front_sip *sip)
{
    configure(&front->conf->sip, sip);
    TRY(gms_front_step(front, sip_library_init(), "SIP library"));
    sip->library = true;
    TRY(gms_front_step(
        front, sip_agent_start(&sip->config, &sip->agent), "SIP listeners"));
    return make_subs(front, sip);
}

static void drop(struct gms_front_sip **sip)
{
    gms_front_sip_free(*sip);
}

enum mu_err gms_front_sip_new(
    struct gms_front *front, struct gms_front_sip **out)
{
    MU_CLEANUP(drop) struct gms_front_sip *sip = NULL;

    if (front->conf->sip.listens.len == 0)
        return MU_OK;
    sip = mu_alloc(sizeof(*sip));
    if (sip == NULL)
        return gms_front_step(front, MU_E_NO_MEMORY, "SIP");
    TRY(start(front, sip));
    *out = sip;
    sip = NULL;
    return MU_OK;
}

void gms_front_sip_free(struct gms_front_sip *sip)
{
    if (sip == NULL)
        return;
    gms_subs_free(sip->subs);
    sip_agent_stop(sip->agent);
    if (sip->library)
        sip_library_cleanup();
    mu_free(sip);
}

uint16_t gms_front_sip_port(const struct gms_front_sip *sip, size_t i)
{
    return sip_agent_port(sip->agent, i);
}

struct gms_subs *gms_front_sip_subs(struct gms_front_sip *sip)
{
    return sip != NULL ? sip->subs : NULL;
}
