/* SPDX-License-Identifier: Apache-2.0 */
#include "http/token.h"

#include <cjose/base64.h>
#include <cjose/jws.h>
#include <cjose/util.h>
#include <jansson.h>
#include <openssl/err.h>
#include <string.h>

#include "mcptt/ident.h"

enum service {
    PTT,
    VIDEO,
    DATA
};

/* TS 33.180 clause B.4.2.2; Release 13 knew push to talk alone. */
static const struct scope {
    enum service service;
    const char *name, *release_13;
} scopes[HTTP_SCOPES] = {
    [HTTP_SCOPE_PTT_SERVICE] = {PTT, "3gpp:mc:ptt_service",
        "3gpp:mcptt:ptt_server"},
    [HTTP_SCOPE_PTT_KEY_MANAGEMENT] = {PTT,
        "3gpp:mc:ptt_key_management_service",
        "3gpp:mcptt:key_management_server"},
    [HTTP_SCOPE_PTT_GROUP_MANAGEMENT] = {PTT,
        "3gpp:mc:ptt_group_management_service",
        "3gpp:mcptt:group_management_server"},
    [HTTP_SCOPE_PTT_CONFIG_MANAGEMENT] = {PTT,
        "3gpp:mc:ptt_config_management_service",
        "3gpp:mcptt:config_management_server"},
    [HTTP_SCOPE_VIDEO_SERVICE] = {VIDEO, "3gpp:mc:video_service", NULL},
    [HTTP_SCOPE_VIDEO_KEY_MANAGEMENT] = {VIDEO,
        "3gpp:mc:video_key_management_service", NULL},
    [HTTP_SCOPE_VIDEO_GROUP_MANAGEMENT] = {VIDEO,
        "3gpp:mc:video_group_management_service", NULL},
    [HTTP_SCOPE_VIDEO_CONFIG_MANAGEMENT] = {VIDEO,
        "3gpp:mc:video_config_management_service", NULL},
    [HTTP_SCOPE_DATA_SERVICE] = {DATA, "3gpp:mc:data_service", NULL},
    [HTTP_SCOPE_DATA_KEY_MANAGEMENT] = {DATA,
        "3gpp:mc:data_key_management_service", NULL},
    [HTTP_SCOPE_DATA_GROUP_MANAGEMENT] = {DATA,
        "3gpp:mc:data_group_management_service", NULL},
    [HTTP_SCOPE_DATA_CONFIG_MANAGEMENT] = {DATA,
        "3gpp:mc:data_config_management_service", NULL},
};

static const struct fault {
    const char *name;
    enum mu_err err;
} faults[] = {
    [HTTP_TOKEN_GOOD] = {"good", MU_OK},
    [HTTP_TOKEN_FORM] = {"form", MU_E_MALFORMED},
    [HTTP_TOKEN_ALGORITHM] = {"algorithm", MU_E_UNSUPPORTED},
    [HTTP_TOKEN_KEY] = {"key", MU_E_NOT_FOUND},
    [HTTP_TOKEN_SIGNATURE] = {"signature", MU_E_CRYPTO},
    [HTTP_TOKEN_EXPIRED] = {"expired", MU_E_EXPIRED},
    [HTTP_TOKEN_NOT_YET] = {"not yet valid", MU_E_EXPIRED},
    [HTTP_TOKEN_ISSUER] = {"issuer", MU_E_DENIED},
    [HTTP_TOKEN_AUDIENCE] = {"audience", MU_E_DENIED},
    [HTTP_TOKEN_SCOPE] = {"scope", MU_E_DENIED},
    [HTTP_TOKEN_IDENTITY] = {"identity", MU_E_DENIED},
};

const char *http_scope_name(enum http_scope scope)
{
    return scopes[scope].name;
}

const char *http_token_fault_name(enum http_token_fault fault)
{
    return faults[fault].name;
}

/* HEADER.PAYLOAD.SIGNATURE, each in base64url without padding. */
struct parts {
    struct span part[3];
};

static bool is_base64url(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

static bool split(struct span token, struct parts *out)
{
    size_t n = 0, start = 0;

    if (token.len > HTTP_TOKEN_MAX)
        return false;
    for (size_t i = 0; i <= token.len; i++) {
        if (i < token.len && is_base64url(token.p[i]))
            continue;
        if (n == 3 || i == start || (i < token.len && token.p[i] != '.'))
            return false;
        out->part[n++] = (struct span){token.p + start, i - start};
        start = i + 1;
    }
    return n == 3;
}

/* An object, its names unique, or NULL. */
static json_t *parse(struct span text)
{
    json_t *json = json_loadb(
        (const char *)text.p, text.len, JSON_REJECT_DUPLICATES, NULL);

    if (json_is_object(json))
        return json;
    json_decref(json);
    return NULL;
}

static json_t *parse_header(struct span part)
{
    uint8_t *text = NULL;
    size_t len = 0;
    json_t *header = NULL;
    cjose_err err;

    if (cjose_base64url_decode(
            (const char *)part.p, part.len, &text, &len, &err))
        header = parse((struct span){text, len});
    cjose_get_dealloc()(text);
    return header;
}

static bool says(const json_t *object, const char *name, const char *text)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value != NULL && strcmp(value, text) == 0;
}

/* Which key has to have signed, by what the header says (RFC 7515 clause 4.1;
 * extensions that we must understand we do not). */
static enum http_token_fault choose_key(const json_t *header,
    const struct http_jwks *keys, const struct http_jwk **out)
{
    const char *kid = json_string_value(json_object_get(header, "kid"));
    const struct http_jwk *key;

    if (json_object_get(header, "crit") != NULL)
        return HTTP_TOKEN_ALGORITHM;
    if (!says(header, "alg", "RS256") && !says(header, "alg", "ES256"))
        return HTTP_TOKEN_ALGORITHM;
    key = kid != NULL ? http_jwks_find(keys, span_str(kid)) : NULL;
    if (key == NULL)
        return HTTP_TOKEN_KEY;
    if (!says(header, "alg", key->alg))
        return HTTP_TOKEN_ALGORITHM;
    *out = key;
    return HTTP_TOKEN_GOOD;
}

static enum http_token_fault find_key(struct span token,
    const struct http_jwks *keys, const struct http_jwk **out)
{
    enum http_token_fault fault = HTTP_TOKEN_FORM;
    struct parts parts;
    json_t *header;

    if (!split(token, &parts))
        return HTTP_TOKEN_FORM;
    header = parse_header(parts.part[0]);
    if (header != NULL)
        fault = choose_key(header, keys, out);
    json_decref(header);
    return fault;
}

static enum http_token_fault verify(
    struct span token, const struct http_jwk *key, json_t **claims)
{
    cjose_err err;
    cjose_jws_t *jws = cjose_jws_import((const char *)token.p, token.len, &err);
    enum http_token_fault fault = HTTP_TOKEN_SIGNATURE;
    uint8_t *text = NULL;
    size_t len = 0;

    if (jws == NULL)
        return HTTP_TOKEN_FORM;
    if (cjose_jws_verify(jws, key->key, &err) &&
        cjose_jws_get_plaintext(jws, &text, &len, &err)) {
        *claims = parse((struct span){text, len});
        fault = *claims != NULL ? HTTP_TOKEN_GOOD : HTTP_TOKEN_FORM;
    }
    cjose_jws_release(jws);
    ERR_clear_error(); /* or the next TLS connection would find it */
    return fault;
}

/* NumericDate: seconds since 1970, perhaps with a fraction, which is dropped
 * (RFC 7519 clause 2). */
static bool read_date(const json_t *value, uint64_t *out)
{
    double real = json_real_value(value);

    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = (uint64_t)json_integer_value(value);
        return true;
    }
    if (!json_is_real(value) || real < 0 || real > 1e15)
        return false;
    *out = (uint64_t)real;
    return true;
}

static enum http_token_fault check_time(
    const json_t *claims, uint64_t now_s, uint64_t *expires_s)
{
    const json_t *nbf = json_object_get(claims, "nbf");
    uint64_t from = 0;

    if (!read_date(json_object_get(claims, "exp"), expires_s))
        return HTTP_TOKEN_EXPIRED;
    if (now_s > HTTP_TOKEN_SKEW_S && now_s - HTTP_TOKEN_SKEW_S >= *expires_s)
        return HTTP_TOKEN_EXPIRED;
    if (nbf != NULL && !read_date(nbf, &from))
        return HTTP_TOKEN_FORM;
    return from > now_s + HTTP_TOKEN_SKEW_S ? HTTP_TOKEN_NOT_YET
                                            : HTTP_TOKEN_GOOD;
}

/* One text or a list of them (RFC 7519 clause 4.1.3). */
static bool names_audience(const json_t *aud, const char *audience)
{
    const char *one = json_string_value(aud);

    if (one != NULL)
        return strcmp(one, audience) == 0;
    for (size_t i = 0; i < json_array_size(aud); i++) {
        one = json_string_value(json_array_get(aud, i));
        if (one != NULL && strcmp(one, audience) == 0)
            return true;
    }
    return false;
}

static enum http_token_fault check_parties(
    const json_t *claims, const struct http_token_policy *policy)
{
    const json_t *aud = json_object_get(claims, "aud");

    if (policy->issuer != NULL && !says(claims, "iss", policy->issuer))
        return HTTP_TOKEN_ISSUER;
    if (aud == NULL)
        return policy->require_aud ? HTTP_TOKEN_AUDIENCE : HTTP_TOKEN_GOOD;
    if (policy->audience != NULL && !names_audience(aud, policy->audience))
        return HTTP_TOKEN_AUDIENCE;
    return HTTP_TOKEN_GOOD;
}

/* Whether a list with blanks between has the name (RFC 6749 clause 3.3). */
static bool lists(const char *list, const char *name)
{
    size_t len = name != NULL ? strlen(name) : 0;

    while (len > 0 && *list != '\0') {
        size_t word = strcspn(list, " ");

        if (word == len && strncmp(list, name, len) == 0)
            return true;
        list += word;
        list += strspn(list, " ");
    }
    return false;
}

static const char *identity_of(const json_t *claims, enum service service)
{
    static const char *const names[] = {
        [PTT] = "mcptt_id", [VIDEO] = "mcvideo_id", [DATA] = "mcdata_id"};

    return json_string_value(json_object_get(claims, names[service]));
}

/* The first scope asked for that the token has and whose identity it names. */
static enum http_token_fault find_scope(const json_t *claims,
    const struct http_token_policy *policy, enum http_scope *out)
{
    const char *list = json_string_value(json_object_get(claims, "scope"));
    enum http_token_fault fault = HTTP_TOKEN_SCOPE;

    for (unsigned i = 0; list != NULL && i < HTTP_SCOPES; i++) {
        const char *id = identity_of(claims, scopes[i].service);

        if ((policy->scopes >> i & 1U) == 0 ||
            !(lists(list, scopes[i].name) ||
                (policy->release_13 && lists(list, scopes[i].release_13))))
            continue;
        *out = (enum http_scope)i;
        if (id != NULL && mcptt_id_check(span_str(id)) == MU_OK)
            return HTTP_TOKEN_GOOD;
        fault = HTTP_TOKEN_IDENTITY;
    }
    return fault;
}

static enum http_token_fault check_claims(const json_t *claims,
    const struct http_token_terms *terms, struct http_claims *out)
{
    enum http_token_fault fault =
        check_time(claims, terms->now_s, &out->expires_s);

    if (fault == HTTP_TOKEN_GOOD)
        fault = check_parties(claims, terms->policy);
    if (fault == HTTP_TOKEN_GOOD)
        fault = find_scope(claims, terms->policy, &out->scope);
    return fault;
}

static const char *copy(
    struct mu_arena *arena, const json_t *claims, const char *name)
{
    const char *text = json_string_value(json_object_get(claims, name));

    return text != NULL ? mu_arena_text(arena, span_str(text)) : NULL;
}

static enum mu_err keep_claims(
    struct mu_arena *arena, const json_t *claims, struct http_claims *out)
{
    const char *identity = identity_of(claims, scopes[out->scope].service);

    out->identity = mu_arena_copy(arena, span_str(identity));
    out->mcptt_id = copy(arena, claims, "mcptt_id");
    out->mcvideo_id = copy(arena, claims, "mcvideo_id");
    out->mcdata_id = copy(arena, claims, "mcdata_id");
    out->client_id = copy(arena, claims, "client_id");
    out->subject = copy(arena, claims, "sub");
    out->issuer = copy(arena, claims, "iss");
    out->scopes = copy(arena, claims, "scope");
    return mu_arena_err(arena);
}

static void json_drop(json_t **json)
{
    json_decref(*json);
}

enum mu_err http_token_check(struct mu_arena *arena, struct span token,
    const struct http_token_terms *terms, struct http_claims *claims,
    enum http_token_fault *fault)
{
    MU_CLEANUP(json_drop) json_t *json = NULL;
    const struct http_jwk *key = NULL;
    struct http_claims found = {.expires_s = 0};

    *fault = find_key(token, terms->keys, &key);
    if (*fault == HTTP_TOKEN_GOOD)
        *fault = verify(token, key, &json);
    if (*fault == HTTP_TOKEN_GOOD)
        *fault = check_claims(json, terms, &found);
    if (*fault != HTTP_TOKEN_GOOD)
        return faults[*fault].err;
    TRY(keep_claims(arena, json, &found));
    *claims = found;
    return MU_OK;
}
