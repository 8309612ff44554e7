/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/outgoing.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/su_string.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>
#include <sofia-sip/url.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void home_drop(su_home_t **home)
{
    if (*home != NULL)
        su_home_unref(*home);
}

static const char *text(su_home_t *home, struct span octets)
{
    return su_strndup(home, octets.len > 0 ? (const char *)octets.p : "",
        (isize_t)octets.len);
}

/* --------------------------------------------------------------- ports */

static bool is_numeric(const char *address, bool *v6)
{
    struct in6_addr room;

    *v6 = inet_pton(AF_INET6, address, &room) == 1;
    return *v6 || inet_pton(AF_INET, address, &room) == 1;
}

static bool is_port_of(tport_t const *t, const struct sip_listen *listen)
{
    tp_name_t const *name = tport_name(t);

    return su_casematch(
               name->tpn_proto, sip_way_transport(listen->transport)) &&
           name->tpn_port != NULL;
}

/* The newest transport of that kind: the one that was just opened. */
static enum mu_err find_port(
    nta_agent_t *nta, const struct sip_listen *listen, uint16_t *port)
{
    unsigned long number = 0;

    for (tport_t *t = tport_primaries(nta_agent_tports(nta)); t != NULL;
         t = tport_next(t))
        if (is_port_of(t, listen))
            number = strtoul(tport_name(t)->tpn_port, NULL, 10);
    *port = (uint16_t)number;
    return number != 0 ? MU_OK : MU_E_IO;
}

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool listens_at(int fd, uint16_t port)
{
    union address at = {.any = {.sa_family = AF_UNSPEC}};
    socklen_t len = sizeof(int), at_len = sizeof(at);
    int listens = 0;

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) != 0 ||
        listens == 0 || getsockname(fd, &at.any, &at_len) != 0)
        return false;
    if (at.any.sa_family == AF_INET6)
        return ntohs(at.v6.sin6_port) == port;
    return at.any.sa_family == AF_INET && ntohs(at.v4.sin_port) == port;
}

/*
 * sofia-sip takes all octets that wait in a connection for one message: when
 * there are more than a message may have, it is 413 and the connection is
 * closed. A peer that is ahead of us, as a proxy is that speaks for all users,
 * would lose it for that. So fewer may wait (Linux doubles the number), and TCP
 * slows the peer down. Connections inherit it from the socket that listens,
 * which sofia-sip does not give out.
 */
static enum mu_err limit_backlog(uint16_t port)
{
    const int octets = SIP_BACKLOG_MAX / 2;
    long most = sysconf(_SC_OPEN_MAX);

    for (int fd = 0; fd < most; fd++)
        if (listens_at(fd, port))
            return setsockopt(
                       fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof(octets)) == 0
                       ? MU_OK
                       : MU_E_IO;
    return MU_E_IO;
}

enum mu_err sip_outgoing_listen(nta_agent_t *nta,
    const struct sip_listen *listen, const struct sip_agent_config *config,
    uint16_t *port)
{
    _Alignas(url_string_t) char url[160]; /* as text: the first of the union */
    bool v6;

    if (!is_numeric(listen->address, &v6))
        return MU_E_MALFORMED;
    if (listen->transport == SIP_TLS && config->tls_dir == NULL)
        return MU_E_MALFORMED;
    /* A port of 0 is "any" to sofia-sip as "*". */
    (void)snprintf(url, sizeof(url), "%s:%s@%s%s%s:%.*u%s;transport=%s",
        listen->transport == SIP_TLS ? "sips" : "sip", config->user,
        v6 ? "[" : "", listen->address, v6 ? "]" : "", listen->port > 0 ? 1 : 0,
        (unsigned)listen->port, listen->port > 0 ? "" : "*",
        sip_way_transport(listen->transport));
    if (nta_agent_add_tport(nta, (void *)url, TPTAG_IDENT(sip_way_family(v6)),
            TAG_IF(config->tls_dir != NULL, TPTAG_CERTIFICATE(config->tls_dir)),
            TAG_IF(config->idle_ms != 0, TPTAG_IDLE(config->idle_ms)),
            TPTAG_TLS_VERIFY_POLICY(
                config->tls_names
                    ? TPTLS_VERIFY_INCOMING | TPTLS_VERIFY_SUBJECTS_OUT
                    : TPTLS_VERIFY_ALL),
            TAG_END()) != 0)
        return MU_E_IO;
    TRY(find_port(nta, listen, port));
    return listen->transport == SIP_UDP ? MU_OK : limit_backlog(*port);
}

/* ------------------------------------------------------------- answers */

static sip_payload_t *payload(su_home_t *home, struct span body)
{
    return body.len > 0 ? sip_payload_create(home, body.p, (isize_t)body.len)
                        : NULL;
}

/* Where who asked finds us again. */
static sip_contact_t *contact(
    su_home_t *home, nta_agent_t *nta, nta_incoming_t *irq, const char *user)
{
    msg_t *msg = nta_incoming_getrequest(irq);
    struct sip_way way = sip_way_of_request(msg, sip_object(msg));

    msg_destroy(msg); /* the reference that getrequest gave */
    return sip_way_contact(home, nta, user, &way);
}

void sip_outgoing_answer(nta_agent_t *nta, nta_incoming_t *irq,
    const char *user, const struct sip_answer *a)
{
    MU_CLEANUP(home_drop) su_home_t *home = su_home_new(sizeof(*home));
    char expires[16], retry[16], min[16];

    (void)snprintf(expires, sizeof(expires), "%u", (unsigned)a->expires_s);
    (void)snprintf(retry, sizeof(retry), "%u", (unsigned)a->retry_after_s);
    (void)snprintf(min, sizeof(min), "%u", (unsigned)a->min_expires_s);
    if (a->to_tag != NULL)
        (void)nta_incoming_tag(irq, a->to_tag);
    if (home != NULL)
        (void)nta_incoming_treply(irq, (int)a->status,
            sip_status_phrase((int)a->status),
            TAG_IF(a->has_expires, SIPTAG_EXPIRES_STR(expires)),
            TAG_IF(a->retry_after_s != 0, SIPTAG_RETRY_AFTER_STR(retry)),
            TAG_IF(a->min_expires_s != 0, SIPTAG_MIN_EXPIRES_STR(min)),
            TAG_IF(a->allow != NULL, SIPTAG_ALLOW_STR(a->allow)),
            TAG_IF(a->warning != NULL, SIPTAG_WARNING_STR(a->warning)),
            TAG_IF(a->allow_events != NULL,
                SIPTAG_ALLOW_EVENTS_STR(a->allow_events)),
            TAG_IF(a->contact, SIPTAG_CONTACT(contact(home, nta, irq, user))),
            TAG_IF(a->type != NULL, SIPTAG_CONTENT_TYPE_STR(a->type)),
            TAG_IF(a->body.len > 0, SIPTAG_PAYLOAD(payload(home, a->body))),
            TAG_END());
    nta_incoming_destroy(irq);
}

/* ---------------------------------------------------------------- asks */

/* "<uri>;tag=x" for From and To. */
static const char *party(su_home_t *home, struct span uri, struct span tag)
{
    return su_sprintf(home, "<%s>%s%s", text(home, uri),
        tag.len > 0 ? ";tag=" : "", text(home, tag));
}

static const char *route_list(su_home_t *home, const struct sip_dialog *d)
{
    const char *list = NULL;

    for (size_t i = 0; i < d->route_count; i++)
        list = su_sprintf(home, "%s%s<%s>", list != NULL ? list : "",
            list != NULL ? ", " : "", text(home, d->routes[i]));
    return list;
}

/* Such a request begins no dialog, and MUST NOT have a Contact (RFC 3428). */
static bool is_message(const struct sip_ask *ask)
{
    return strcmp(ask->method, "MESSAGE") == 0;
}

static nta_outgoing_t *send_ask(su_home_t *home, nta_agent_t *nta,
    nta_leg_t *leg, const struct sip_ask *k, const struct sip_reply_to *to,
    bool *by_datagram)
{
    const struct sip_dialog *d = &k->dialog;
    const char *routes = route_list(home, d);
    char cseq[64], expires[16];
    struct sip_way way;
    url_t *hop;

    if (sip_way_of_ask(home, nta, k, &way, &hop) != MU_OK)
        return NULL;
    *by_datagram = way.transport == SIP_UDP;
    (void)snprintf(
        cseq, sizeof(cseq), "%u %s", (unsigned)d->local_cseq, k->method);
    (void)snprintf(expires, sizeof(expires), "%u", (unsigned)k->expires_s);
    return nta_outgoing_tcreate(leg, to->callback, to->asked,
        (url_string_t *)hop, sip_method_code(k->method), k->method,
        (url_string_t *)url_make(home, text(home, d->target)),
        TAG_IF(sip_way_has_family(nta, way.v6),
            TPTAG_IDENT(sip_way_family(way.v6))),
        SIPTAG_CALL_ID_STR(text(home, d->call_id)),
        SIPTAG_FROM_STR(party(home, d->local_uri, d->local_tag)),
        SIPTAG_TO_STR(party(home, d->remote_uri, d->remote_tag)),
        SIPTAG_CSEQ_STR(cseq), TAG_IF(routes != NULL, SIPTAG_ROUTE_STR(routes)),
        TAG_IF(!is_message(k),
            SIPTAG_CONTACT(sip_way_contact(home, nta, to->user, &way))),
        TAG_IF(k->event != NULL, SIPTAG_EVENT_STR(k->event)),
        TAG_IF(k->state != NULL, SIPTAG_SUBSCRIPTION_STATE_STR(k->state)),
        TAG_IF(k->accept != NULL, SIPTAG_ACCEPT_STR(k->accept)),
        TAG_IF(k->has_expires, SIPTAG_EXPIRES_STR(expires)),
        TAG_IF(k->type != NULL, SIPTAG_CONTENT_TYPE_STR(k->type)),
        TAG_IF(k->body.len > 0, SIPTAG_PAYLOAD(payload(home, k->body))),
        TAG_END());
}

enum mu_err sip_outgoing_ask(nta_agent_t *nta, nta_leg_t *leg,
    const struct sip_ask *ask, const struct sip_reply_to *to,
    struct sip_sent *out)
{
    MU_CLEANUP(home_drop) su_home_t *home = su_home_new(sizeof(*home));

    if (home == NULL)
        return MU_E_NO_MEMORY;
    out->orq = send_ask(home, nta, leg, ask, to, &out->by_datagram);
    return out->orq != NULL ? MU_OK : MU_E_NO_MEMORY;
}
