/* SPDX-License-Identifier: Apache-2.0 */
#include "http/guard.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Fields that a request has once at most: those that frame it, and those by
 * which we judge who sends what. */
static const char *const named[] = {
    "host",
    "content-length",
    "transfer-encoding",
    "authorization",
    "content-type",
    "x-3gpp-asserted-identity",
    "x-xcap-asserted-identity",
};

enum {
    HOST,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    NAMED = sizeof(named) / sizeof(named[0])
};

static void refuse(struct http_guard *g, const char *fault)
{
    g->state = HTTP_GUARD_REFUSED;
    g->fault = fault;
}

/* A token's character (RFC 9110 clause 5.6.2). */
static bool is_token(uint8_t c)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || (c != 0 && strchr(marks, c) != NULL);
}

static void word_start(struct http_guard *g)
{
    g->len = 0;
}

static void word_add(struct http_guard *g, uint8_t c)
{
    if (g->len < sizeof(g->word))
        g->word[g->len] = (char)c;
    if (g->len <= sizeof(g->word))
        g->len++;
}

static bool word_is(const struct http_guard *g, const char *text)
{
    return g->len == strlen(text) && g->len <= sizeof(g->word) &&
           strncasecmp(g->word, text, g->len) == 0;
}

static bool has(const struct http_guard *g, unsigned field)
{
    return (g->fields >> field & 1U) != 0;
}

/* RFC 9112 clause 2.2 would let a server skip an empty line here; nobody who
 * counts octets right needs that. */
static void at_start(struct http_guard *g, uint8_t c)
{
    *g = (struct http_guard){.begun = g->begun + 1, .state = HTTP_GUARD_METHOD};
    if (!is_token(c))
        refuse(g, "request line");
    else
        word_add(g, c);
}

/* evhttp reads a body for these methods alone, and takes the octets behind
 * others as the next request. */
static bool method_has_body(const struct http_guard *g)
{
    return word_is(g, "POST") || word_is(g, "PUT") || word_is(g, "PATCH");
}

static void in_method(struct http_guard *g, uint8_t c)
{
    if (c == ' ') {
        g->bodied = method_has_body(g);
        g->state = HTTP_GUARD_TARGET;
        word_start(g);
    } else if (is_token(c)) {
        word_add(g, c);
    } else {
        refuse(g, "request line");
    }
}

static void in_target(struct http_guard *g, uint8_t c)
{
    if (c == ' ' && g->len > 0) {
        g->state = HTTP_GUARD_VERSION;
        word_start(g);
    } else if (c > ' ' && c != 0x7f) {
        word_add(g, c);
    } else {
        refuse(g, "request line");
    }
}

static void in_version(struct http_guard *g, uint8_t c)
{
    if (c != '\r') {
        word_add(g, c);
        if (c == '\n' || g->len > strlen("HTTP/1.1"))
            refuse(g, c == '\n' ? "bare LF" : "request line");
        return;
    }
    g->old = word_is(g, "HTTP/1.0");
    g->state = HTTP_GUARD_LINE_LF;
    if (!g->old && !word_is(g, "HTTP/1.1"))
        refuse(g, "HTTP version");
}

static void at_line_lf(struct http_guard *g, uint8_t c)
{
    g->state = HTTP_GUARD_FIELD;
    if (c != '\n')
        refuse(g, "CR without LF");
}

static void at_field(struct http_guard *g, uint8_t c)
{
    word_start(g);
    word_add(g, c);
    if (c == '\r')
        g->state = HTTP_GUARD_HEAD_LF;
    else if (is_token(c))
        g->state = HTTP_GUARD_NAME;
    else if (c == '\n')
        refuse(g, "bare LF");
    else
        refuse(g, c == ' ' || c == '\t' ? "folded field" : "field name");
}

static void name_end(struct http_guard *g)
{
    size_t i = 0;

    while (i < NAMED && !word_is(g, named[i]))
        i++;
    g->field = i;
    g->state = HTTP_GUARD_VALUE;
    word_start(g);
    if (i < NAMED && has(g, (unsigned)i))
        refuse(g, "repeated field");
    else if (i < NAMED)
        g->fields |= 1U << i;
}

static void in_name(struct http_guard *g, uint8_t c)
{
    if (c == ':')
        name_end(g);
    else if (is_token(c))
        word_add(g, c);
    else
        refuse(g, c == ' ' || c == '\t' ? "blank before colon" : "field name");
}

/* Blanks around a value are no part of it. */
static void value_trim(struct http_guard *g)
{
    size_t at = 0, len = g->len;

    if (len > sizeof(g->word))
        return;
    while (at < len && strchr(" \t", g->word[at]) != NULL)
        at++;
    while (len > at && strchr(" \t", g->word[len - 1]) != NULL)
        len--;
    memmove(g->word, g->word + at, len - at);
    g->len = len - at;
}

static void value_end(struct http_guard *g)
{
    struct span value;

    value_trim(g);
    value = (struct span){(const uint8_t *)g->word, g->len};
    g->state = HTTP_GUARD_LINE_LF;
    if (g->field == CONTENT_LENGTH &&
        (g->len > sizeof(g->word) || mu_text_u64(value, &g->left) != MU_OK))
        refuse(g, "Content-Length");
    else if (g->field == TRANSFER_ENCODING && !word_is(g, "chunked"))
        refuse(g, "Transfer-Encoding");
    else if (g->field == HOST && g->len == 0)
        refuse(g, "no Host");
}

static void in_value(struct http_guard *g, uint8_t c)
{
    if (c == '\r')
        value_end(g);
    else if (c == '\n')
        refuse(g, "bare LF");
    else if ((c < ' ' && c != '\t') || c == 0x7f)
        refuse(g, "field value");
    else
        word_add(g, c);
}

/* RFC 9112 clause 6.3: what both lengths mean together is a matter of taste,
 * and chunks do not exist in HTTP/1.0. */
static const char *head_fault(const struct http_guard *g)
{
    if (!g->old && !has(g, HOST))
        return "no Host";
    if (has(g, TRANSFER_ENCODING) && (g->old || has(g, CONTENT_LENGTH)))
        return "Transfer-Encoding";
    if (!g->bodied && (has(g, TRANSFER_ENCODING) || g->left > 0))
        return "body of a method without one";
    return NULL;
}

static void at_head_lf(struct http_guard *g, uint8_t c)
{
    const char *fault = c == '\n' ? head_fault(g) : "CR without LF";

    g->chunked = has(g, TRANSFER_ENCODING);
    if (g->chunked)
        g->state = HTTP_GUARD_CHUNK_SIZE;
    else
        g->state = g->left > 0 ? HTTP_GUARD_BODY : HTTP_GUARD_START;
    word_start(g);
    if (fault != NULL)
        refuse(g, fault);
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* No extensions: nobody defines any (RFC 9112 clause 7.1.1). */
static void in_chunk_size(struct http_guard *g, uint8_t c)
{
    int digit = hex_digit(c);

    if (c == '\r' && g->len > 0) {
        g->state = HTTP_GUARD_CHUNK_LF;
    } else if (digit < 0 || g->len == 8) {
        refuse(g, "chunk size");
    } else {
        g->left = (g->len == 0 ? 0 : g->left << 4) | (uint64_t)digit;
        word_add(g, c);
    }
}

static void at_chunk_lf(struct http_guard *g, uint8_t c)
{
    g->state = g->left > 0 ? HTTP_GUARD_CHUNK_DATA : HTTP_GUARD_LAST_CR;
    if (c != '\n')
        refuse(g, "chunk size");
}

static void at_chunk_cr(struct http_guard *g, uint8_t c)
{
    g->state = HTTP_GUARD_CHUNK_END;
    if (c != '\r')
        refuse(g, "chunk end");
}

static void at_chunk_end(struct http_guard *g, uint8_t c)
{
    g->state = HTTP_GUARD_CHUNK_SIZE;
    word_start(g);
    if (c != '\n')
        refuse(g, "chunk end");
}

/* evhttp would add trailers to the fields of the head, behind our back. */
static void at_last_cr(struct http_guard *g, uint8_t c)
{
    g->state = HTTP_GUARD_LAST_LF;
    if (c != '\r')
        refuse(g, "trailer");
}

static void at_last_lf(struct http_guard *g, uint8_t c)
{
    g->state = HTTP_GUARD_START;
    if (c != '\n')
        refuse(g, "trailer");
}

/* Runs of octets that mean nothing are skipped before these are asked. */
static void (*const steps[])(struct http_guard *g, uint8_t c) = {
    [HTTP_GUARD_START] = at_start,
    [HTTP_GUARD_METHOD] = in_method,
    [HTTP_GUARD_TARGET] = in_target,
    [HTTP_GUARD_VERSION] = in_version,
    [HTTP_GUARD_LINE_LF] = at_line_lf,
    [HTTP_GUARD_FIELD] = at_field,
    [HTTP_GUARD_NAME] = in_name,
    [HTTP_GUARD_VALUE] = in_value,
    [HTTP_GUARD_HEAD_LF] = at_head_lf,
    [HTTP_GUARD_CHUNK_SIZE] = in_chunk_size,
    [HTTP_GUARD_CHUNK_LF] = at_chunk_lf,
    [HTTP_GUARD_CHUNK_CR] = at_chunk_cr,
    [HTTP_GUARD_CHUNK_END] = at_chunk_end,
    [HTTP_GUARD_LAST_CR] = at_last_cr,
    [HTTP_GUARD_LAST_LF] = at_last_lf,
};

bool http_guard_in_body(const struct http_guard *g)
{
    return g->state >= HTTP_GUARD_BODY && g->state < HTTP_GUARD_REFUSED;
}

bool http_guard_in_head(const struct http_guard *g)
{
    return g->state > HTTP_GUARD_START && g->state < HTTP_GUARD_BODY;
}

/* Octets of a body that may be passed over at once. */
static size_t body_run(struct http_guard *g, size_t len)
{
    size_t run = g->left < len ? (size_t)g->left : len;

    g->left -= run;
    if (g->left == 0)
        g->state = g->state == HTTP_GUARD_BODY ? HTTP_GUARD_START
                                               : HTTP_GUARD_CHUNK_CR;
    return run;
}

void http_guard_feed(struct http_guard *g, struct span octets)
{
    size_t i = 0;

    while (i < octets.len && g->state != HTTP_GUARD_REFUSED) {
        if (g->state == HTTP_GUARD_BODY || g->state == HTTP_GUARD_CHUNK_DATA)
            i += body_run(g, octets.len - i);
        else
            steps[g->state](g, octets.p[i++]);
    }
}
