/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/xcap.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "gms/xcap_ask.h"
#include "xml/c14n.h"
#include "xml/gktp.h"
#include "xml/gmop.h"
#include "xml/xcap_caps.h"

#define CAPS_MAX 4096
#define ETAG_LEN 32 /* hex digits */

enum mu_err gms_xcap_new(
    const struct gms_xcap_parts *parts, struct gms_xcap **out)
{
    struct gms_xcap *made = mu_alloc(sizeof(*made));

    if (made == NULL)
        return MU_E_NO_MEMORY;
    made->parts = *parts;
    made->usages[GMS_USAGE_GROUPS] =
        (struct xml_xcap_usage){XML_XCAP_AUID_GROUPS, XML_GROUP_NS};
    made->usages[GMS_USAGE_CAPS] =
        (struct xml_xcap_usage){XML_XCAP_AUID_CAPS, XML_XCAP_CAPS_NS};
    made->usages[GMS_USAGE_KEYS] =
        (struct xml_xcap_usage){parts->gktp->auid, XML_GKTP_NS};
    *out = made;
    return MU_OK;
}

void gms_xcap_free(struct gms_xcap *xcap)
{
    mu_free(xcap);
}

void gms_xcap_set_server(struct gms_xcap *xcap, struct http_server *server)
{
    xcap->server = server;
}

/* ---------------------------------------------------------------- addresses */

/* Behind scheme and authority of an absolute target. */
static struct span path_of(struct span target)
{
    const uint8_t *end = target.p + target.len;
    const uint8_t *at = target.p;
    int slashes = 0;

    if (target.len > 0 && target.p[0] == '/')
        return target;
    while (at < end && (slashes += *at == '/') < 3)
        at++;
    return (struct span){at, (size_t)(end - at)};
}

/* Behind as many segments as the route's prefix has; the route was found by
 * their decoded form. */
static struct span behind(struct span path, size_t segments)
{
    const uint8_t *end = path.p + path.len;
    const uint8_t *at = path.p;
    size_t slashes = 0;

    while (at < end && *at != '?' && (slashes += *at == '/') <= segments)
        at++;
    return (struct span){at, (size_t)(end - at)};
}

static bool is_usage(const struct gms_ask *ask, enum gms_usage usage)
{
    return ask->uri.usage == &ask->xcap->usages[usage];
}

bool gms_ask_is_by_group_id(const struct gms_ask *ask)
{
    return ask->uri.tree == XML_XCAP_GLOBAL;
}

/* The methods that an address knows; NULL when this one is among them. RFC
 * 4825 clauses 8.1 and 10; the global tree as notes 1.5 have it. */
static const char *allowed_instead(const struct gms_ask *ask)
{
    bool by_id = gms_ask_is_by_group_id(ask);
    bool document = ask->uri.kind == XML_XCAP_AT_DOCUMENT;
    bool writes = ask->method == HTTP_PUT || ask->method == HTTP_DELETE;
    bool may_write = is_usage(ask, GMS_USAGE_GROUPS) &&
                     ask->uri.kind != XML_XCAP_AT_NAMESPACES &&
                     (!by_id || ask->xcap->parts.xcap->write_global);
    bool may_post = is_usage(ask, GMS_USAGE_GROUPS) && by_id && document;

    if (ask->method == HTTP_GET || (writes && may_write) ||
        (ask->method == HTTP_POST && may_post))
        return NULL;
    if (may_post)
        return may_write ? "GET, POST, PUT, DELETE" : "GET, POST";
    return may_write ? "GET, PUT, DELETE" : "GET";
}

/* -------------------------------------------------------------- the request */

static struct span copy(struct gms_ask *ask, struct span octets)
{
    return octets.p != NULL ? mu_arena_copy(&ask->arena, octets) : octets;
}

static struct span copy_field(
    struct gms_ask *ask, const struct http_request *request, const char *name)
{
    return copy(ask, http_request_field(request, name));
}

static enum mu_err take(struct gms_ask *ask, struct http_request *request)
{
    unsigned method = http_request_method(request);

    ask->head = method == HTTP_HEAD;
    ask->method = ask->head ? HTTP_GET : method;
    ask->id = http_request_id(request);
    ask->host = copy(ask, http_request_host(request));
    ask->type = copy_field(ask, request, "Content-Type");
    ask->accept = copy_field(ask, request, "Accept");
    ask->match.if_match = copy_field(ask, request, "If-Match");
    ask->match.if_none_match = copy_field(ask, request, "If-None-Match");
    ask->body = copy(ask, http_request_body(request));
    return mu_arena_err(&ask->arena);
}

static enum mu_err read_address(
    struct gms_ask *ask, const struct http_request *request)
{
    struct span target = copy(ask, behind(path_of(http_request_target(request)),
                                       http_request_rest(request)));

    TRY(mu_arena_err(&ask->arena));
    ask->uri.target = target; /* for the log, should it be none */
    return xml_xcap_uri_read(
        &ask->arena, ask->xcap->usages, GMS_USAGES, target, &ask->uri);
}

static void dispatch(struct gms_ask *ask)
{
    if (is_usage(ask, GMS_USAGE_CAPS))
        gms_ask_caps(ask);
    else if (is_usage(ask, GMS_USAGE_KEYS))
        gms_ask_keys(ask);
    else
        gms_ask_groups(ask);
}

/* An ask whose request was answered by somebody else. */
static void forget(struct gms_ask *ask)
{
    mu_arena_clear(&ask->arena);
    mu_free(ask);
}

/* Notes 1.4, steps 1 and 2: first the address, then who asks. */
static void begin(struct gms_ask *ask, struct http_request *request)
{
    enum mu_err err = read_address(ask, request);
    const char *instead;

    if (err == MU_E_NO_SPACE) {
        gms_ask_end_problem(ask, HTTP_PROBLEM_URI_TOO_LONG, NULL);
        return;
    }
    if (err != MU_OK) {
        gms_ask_end_err(ask, err);
        return;
    }
    instead = allowed_instead(ask);
    if (instead != NULL) {
        gms_ask_end_method(ask, instead);
        return;
    }
    if (!gms_caller_admit(ask->xcap->parts.auth, request, &ask->caller)) {
        forget(ask);
        return;
    }
    ask->caller.uri = copy(ask, ask->caller.uri);
    if (mu_arena_err(&ask->arena) != MU_OK)
        gms_ask_end_err(ask, MU_E_NO_MEMORY);
    else
        dispatch(ask);
}

void gms_xcap_request(struct gms_xcap *xcap, struct http_request *request)
{
    struct gms_ask *ask = mu_alloc(sizeof(*ask));

    if (ask == NULL) {
        http_answer_err(request, MU_E_NO_MEMORY, NULL);
        return;
    }
    ask->xcap = xcap;
    mu_arena_init(&ask->arena, XML_XCAP_EDIT_ARENA);
    if (take(ask, request) != MU_OK)
        gms_ask_end_err(ask, MU_E_NO_MEMORY);
    else
        begin(ask, request);
}

/* ------------------------------------------------------------- capabilities */

/* What is validated is advertised, and nothing else (notes 1.3). */
static enum mu_err write_caps(const struct gms_ask *ask, struct wr *w)
{
    const char *const auids[] = {XML_XCAP_AUID_CAPS, XML_XCAP_AUID_GROUPS,
        ask->xcap->parts.gktp->auid, NULL};
    const char *const namespaces[] = {XML_XCAP_CAPS_NS, XML_XCAP_ERROR_NS,
        XML_GROUP_NS, XML_GKTP_NS, XML_GMOP_NS, NULL};

    return xml_xcap_caps_write(w, auids, namespaces);
}

static bool is_caps_index(const struct gms_ask *ask)
{
    return ask->uri.tree == XML_XCAP_GLOBAL && ask->uri.segments == 1 &&
           span_eq(ask->uri.segment[0], span_str("index"));
}

void gms_ask_caps(struct gms_ask *ask)
{
    uint8_t *text = mu_arena_alloc(&ask->arena, CAPS_MAX, 1);
    char *etag = mu_arena_alloc(&ask->arena, ETAG_LEN + 1, 1);
    uint8_t digest[XML_SHA256_LEN];
    struct span done = {NULL, 0};
    struct wr w;

    if (text == NULL || etag == NULL) {
        gms_ask_end_err(ask, MU_E_NO_MEMORY);
        return;
    }
    wr_init(&w, text, CAPS_MAX);
    if (!is_caps_index(ask)) {
        gms_ask_end_err(ask, MU_E_NOT_FOUND);
    } else if (write_caps(ask, &w) != MU_OK || wr_close(&w, &done) != MU_OK ||
               xml_sha256(done, digest) != MU_OK) {
        gms_ask_end_err(ask, MU_E_IO);
    } else {
        mu_hex_write((struct span){digest, ETAG_LEN / 2}, etag);
        gms_ask_end_get(ask, XML_XCAP_CAPS_TYPE, done, span_str(etag));
    }
}
