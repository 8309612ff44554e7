/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/way.h"

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/su_string.h>
#include <sofia-sip/url.h>
#include <string.h>

/* Octets of a request beside its texts, at most: names of fields, Via, Contact,
 * numbers. */
#define FRAME_OCTETS 500

static const char *const names[] = {
    [SIP_UDP] = "udp", [SIP_TCP] = "tcp", [SIP_TLS] = "tls"};

const char *sip_way_transport(enum sip_transport transport)
{
    return names[transport];
}

const char *sip_way_family(bool v6)
{
    return v6 ? "v6" : "v4";
}

static enum sip_transport transport_of(const char *name)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (su_casematch(name, names[i]))
            return (enum sip_transport)i;
    return SIP_TCP;
}

/* "SIP/2.0/TCP" */
static enum sip_transport transport_of_via(sip_via_t const *via)
{
    const char *slash = strrchr(via->v_protocol, '/');

    return transport_of(slash != NULL ? slash + 1 : via->v_protocol);
}

/* Of an address as text: with brackets in a URL, without in a socket's. */
static bool is_v6(const char *host)
{
    return host != NULL && strchr(host, ':') != NULL;
}

struct sip_way sip_way_of_request(msg_t *msg, sip_t const *sip)
{
    su_sockaddr_t *from = msg_addr(msg);
    struct sip_way way = {SIP_TCP, false};

    if (sip->sip_via != NULL)
        way.transport = transport_of_via(sip->sip_via);
    way.v6 = from != NULL && from->su_family == AF_INET6;
    return way;
}

/* -------------------------------------------------------------- our ports */

static sip_via_t const *find_via(nta_agent_t *nta, const struct sip_way *way)
{
    for (sip_via_t const *via = nta_agent_via(nta); via != NULL;
         via = via->v_next)
        if (transport_of_via(via) == way->transport &&
            is_v6(via->v_host) == way->v6)
            return via;
    return NULL;
}

bool sip_way_has_family(nta_agent_t *nta, bool v6)
{
    for (sip_via_t const *via = nta_agent_via(nta); via != NULL;
         via = via->v_next)
        if (is_v6(via->v_host) == v6)
            return true;
    return false;
}

/* ------------------------------------------------------------- of our own */

static size_t text_len(const char *text)
{
    return text != NULL ? strlen(text) : 0;
}

/* As large as it can be: erring is on the side of TCP. */
static size_t octets_of(const struct sip_ask *ask)
{
    const struct sip_dialog *d = &ask->dialog;
    size_t octets = FRAME_OCTETS + ask->body.len + d->target.len +
                    d->local_uri.len + d->local_tag.len + d->remote_uri.len +
                    d->remote_tag.len + d->call_id.len;

    for (size_t i = 0; i < d->route_count; i++)
        octets += d->routes[i].len + 4;
    return octets + text_len(ask->event) + text_len(ask->state) +
           text_len(ask->accept) + text_len(ask->type);
}

static enum sip_transport transport_of_url(url_t const *url)
{
    char name[8] = ""; /* one that is longer is none of ours, and not copied */

    if (url->url_type == url_sips)
        return SIP_TLS;
    if (url_param(url->url_params, "transport", name, sizeof(name)) == 0)
        return SIP_UDP;
    return transport_of(name);
}

/* The same address over that transport. */
static enum mu_err change(
    su_home_t *home, url_t *url, enum sip_transport transport)
{
    const char *param = su_sprintf(home, "transport=%s", names[transport]);

    if (url->url_params != NULL)
        url->url_params = url_strip_param_string(
            su_strdup(home, url->url_params), "transport");
    return param != NULL && url_param_add(home, url, param) == 0
               ? MU_OK
               : MU_E_NO_MEMORY;
}

enum mu_err sip_way_of_ask(su_home_t *home, nta_agent_t *nta,
    const struct sip_ask *ask, struct sip_way *out, url_t **hop)
{
    const struct sip_dialog *d = &ask->dialog;
    struct span next = d->route_count > 0 ? d->routes[0] : d->target;
    char *text = su_strndup(
        home, next.len > 0 ? (const char *)next.p : "", (isize_t)next.len);
    url_t *url = text != NULL ? url_make(home, text) : NULL;

    *hop = NULL;
    if (url == NULL)
        return text != NULL ? MU_E_MALFORMED : MU_E_NO_MEMORY;
    *out = (struct sip_way){transport_of_url(url), is_v6(url->url_host)};
    if (out->transport != SIP_UDP)
        return MU_OK;
    if (octets_of(ask) > SIP_DATAGRAM_MAX || find_via(nta, out) == NULL)
        out->transport = SIP_TCP;
    TRY(change(home, url, out->transport));
    *hop = url;
    return MU_OK;
}

/* ---------------------------------------------------------------- Contact */

sip_contact_t *sip_way_contact(su_home_t *home, nta_agent_t *nta,
    const char *user, const struct sip_way *way)
{
    sip_via_t const *via = find_via(nta, way);

    if (via == NULL)
        return sip_contact_dup(home, nta_agent_contact(nta));
    return sip_contact_create_from_via_with_transport(
        home, via, user, names[transport_of_via(via)]);
}
