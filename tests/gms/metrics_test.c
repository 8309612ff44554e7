/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text is read back by a reader as strict as Prometheus' own format
 * document: each family once, HELP and TYPE before its samples, samples of no
 * other family between them, no sample twice, numbers that are numbers.
 */
#include "gms/metrics.h"

#include "tests/gms/store_fixture.h"
#include "tests/suites.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES_MAX 256

struct sample {
    char name[64], labels[128];
    double value;
};

struct exposition {
    char family[64], type[16]; /* of the samples that come now */
    char families[64][64];
    size_t family_count;
    struct sample samples[SAMPLES_MAX];
    size_t count;
    const char *fault; /* the first rule that was broken */
};

static void need(struct exposition *e, bool ok, const char *rule)
{
    if (!ok && e->fault == NULL)
        e->fault = rule;
}

/* The length of a name at text: [a-zA-Z_:][a-zA-Z0-9_:]* */
static size_t name_len(const char *text)
{
    size_t n = 0;

    if (isdigit((unsigned char)text[0]))
        return 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '_' || text[n] == ':')
        n++;
    return n;
}

static void read_help(struct exposition *e, const char *line)
{
    size_t len = name_len(line + 7);

    need(e, len > 0 && line[7 + len] == ' ' && line[8 + len] != '\0', "HELP");
    need(e, len < sizeof(e->family) && e->family_count < 64, "too much");
    if (e->fault != NULL)
        return;
    memset(e->family, 0, sizeof(e->family));
    memcpy(e->family, line + 7, len);
    e->type[0] = '\0';
    for (size_t i = 0; i < e->family_count; i++)
        need(e, strcmp(e->families[i], e->family) != 0, "family twice");
    memcpy(e->families[e->family_count++], e->family, sizeof(e->family));
}

static void read_type(struct exposition *e, const char *line)
{
    char name[64], type[16], rest;

    need(e, sscanf(line, "# TYPE %63s %15s%c", name, type, &rest) == 2, "TYPE");
    need(e, strcmp(name, e->family) == 0, "TYPE without its HELP");
    need(e, e->type[0] == '\0', "TYPE twice");
    need(e,
        strcmp(type, "counter") == 0 || strcmp(type, "gauge") == 0 ||
            strcmp(type, "histogram") == 0,
        "type");
    need(e,
        (strcmp(type, "counter") == 0) ==
            (strlen(name) > 6 &&
                strcmp(name + strlen(name) - 6, "_total") == 0),
        "a counter is a total");
    memcpy(e->type, type, sizeof(type));
}

/* name="value" with commas between; yields what stands behind the brace. */
static const char *read_labels(
    struct exposition *e, const char *at, struct sample *s)
{
    const char *start = at;
    size_t len;

    for (;;) {
        len = name_len(at);
        need(e, len > 0 && strncmp(at + len, "=\"", 2) == 0, "label");
        if (e->fault != NULL)
            return "";
        at += len + 2;
        while (*at != '"' && *at != '\0' && *at != '\\')
            at++;
        need(e, *at == '"', "label value");
        if (e->fault != NULL)
            return "";
        if (*++at == '}')
            break;
        need(e, *at == ',', "between labels");
        at++;
    }
    len = (size_t)(at - start);
    need(e, len < sizeof(s->labels), "too much");
    if (e->fault == NULL)
        memcpy(s->labels, start, len);
    return at + 1;
}

static bool is_of_family(const struct exposition *e, const char *name)
{
    size_t len = strlen(e->family);

    if (strcmp(e->type, "histogram") != 0)
        return strcmp(name, e->family) == 0;
    return strncmp(name, e->family, len) == 0 &&
           (strcmp(name + len, "_bucket") == 0 ||
               strcmp(name + len, "_sum") == 0 ||
               strcmp(name + len, "_count") == 0);
}

static void read_sample(struct exposition *e, const char *line)
{
    struct sample *s = &e->samples[e->count];
    size_t len = name_len(line);
    const char *at = line + len;
    char *end = NULL;

    need(e, len > 0 && len < sizeof(s->name) && e->count + 1 < SAMPLES_MAX,
        "sample");
    if (e->fault != NULL)
        return;
    memcpy(s->name, line, len);
    if (*at == '{')
        at = read_labels(e, at + 1, s);
    need(e, *at == ' ' && at[1] != ' ', "blank before the value");
    if (e->fault != NULL)
        return;
    s->value = strtod(at + 1, &end);
    need(e, end != at + 1 && *end == '\0', "value");
    need(e, e->type[0] != '\0' && is_of_family(e, s->name), "family");
    for (size_t i = 0; i < e->count; i++)
        need(e,
            strcmp(e->samples[i].name, s->name) != 0 ||
                strcmp(e->samples[i].labels, s->labels) != 0,
            "sample twice");
    e->count++;
}

static void read_exposition(struct buf *text, struct exposition *e)
{
    char *line, *end;

    memset(e, 0, sizeof(*e));
    need(e, text->len > 0 && text->p[text->len - 1] == '\n', "last line");
    buf_add(text, (struct span){(const uint8_t *)"", 1});
    CU_ASSERT_EQUAL_FATAL(text->err, MU_OK);
    for (line = (char *)text->p; *line != '\0' && e->fault == NULL;
         line = end + 1) {
        end = strchr(line, '\n');
        CU_ASSERT_PTR_NOT_NULL_FATAL(end);
        *end = '\0';
        if (strncmp(line, "# HELP ", 7) == 0)
            read_help(e, line);
        else if (strncmp(line, "# TYPE ", 7) == 0)
            read_type(e, line);
        else
            read_sample(e, line);
    }
    CU_ASSERT_PTR_NULL(e->fault);
    if (e->fault != NULL)
        printf("%s: %s\n", e->family, e->fault);
}

/* NaN for none, which is equal to nothing. */
static double value(
    const struct exposition *e, const char *name, const char *labels)
{
    for (size_t i = 0; i < e->count; i++)
        if (strcmp(e->samples[i].name, name) == 0 &&
            strcmp(e->samples[i].labels, labels) == 0)
            return e->samples[i].value;
    return strtod("nan", NULL);
}

static void print(const struct gms_metrics_values *v, struct exposition *out)
{
    MU_CLEANUP(buf_clear) struct buf text = {0};

    gms_metrics_print(v, &text);
    read_exposition(&text, out);
}

static void values_of_the_keeper_are_where_they_belong(void)
{
    static struct exposition e; /* large */
    struct gms_metrics_values v = {
        .version = "1.2.3",
        .ready = true,
        .uptime_ms = 61005,
        .keeper = {.keys_made = 1,
            .wrapped = 2,
            .messages_signed = 3,
            .accepted = 4,
            .failed = 5,
            .revoked = 6,
            .queued = 7,
            .intents = 8,
            .oldest_ms = 9010,
            .vault_up = true},
        .tally = {.groups = 29},
    };

    v.tally.keys[GMS_GMK_ACTIVE] = 30;
    v.tally.deliveries[GMS_CLASS_EXCLUSION][GMS_DLV_SENT] = 31;
    v.tally.deliveries[GMS_CLASS_BACKGROUND][GMS_DLV_REVOKED] = 32;
    print(&v, &e);
    CU_ASSERT_EQUAL(value(&e, "gmsd_build_info", "version=\"1.2.3\""), 1);
    CU_ASSERT_EQUAL(value(&e, "gmsd_ready", ""), 1);
    CU_ASSERT_EQUAL(value(&e, "gmsd_uptime_seconds", ""), 61.005);
    CU_ASSERT_EQUAL(value(&e, "gmsd_vault_up", ""), 1);
    CU_ASSERT_EQUAL(value(&e, "gmsd_vault_ready", ""), 0);
    CU_ASSERT_EQUAL(value(&e, "gmsd_groups", ""), 29);
    CU_ASSERT_EQUAL(value(&e, "gmsd_keys", "state=\"active\""), 30);
    CU_ASSERT_EQUAL(value(&e, "gmsd_keys", "state=\"pending\""), 0);
    CU_ASSERT_EQUAL(
        value(&e, "gmsd_deliveries", "class=\"exclusion\",state=\"sent\""), 31);
    CU_ASSERT_EQUAL(
        value(&e, "gmsd_deliveries", "class=\"background\",state=\"revoked\""),
        32);
    CU_ASSERT_EQUAL(value(&e, "gmsd_deliveries_queued", ""), 7);
    CU_ASSERT_EQUAL(value(&e, "gmsd_intents", ""), 8);
    CU_ASSERT_EQUAL(value(&e, "gmsd_intent_oldest_seconds", ""), 9.01);
    CU_ASSERT_EQUAL(value(&e, "gmsd_keys_made_total", ""), 1);
    CU_ASSERT_EQUAL(value(&e, "gmsd_envelopes_wrapped_total", ""), 2);
    CU_ASSERT_EQUAL(value(&e, "gmsd_messages_signed_total", ""), 3);
    CU_ASSERT_EQUAL(value(&e, "gmsd_deliveries_accepted_total", ""), 4);
    CU_ASSERT_EQUAL(value(&e, "gmsd_deliveries_failed_total", ""), 5);
    CU_ASSERT_EQUAL(value(&e, "gmsd_keys_revoked_total", ""), 6);
}

static void values_of_log_and_server_are_where_they_belong(void)
{
    static struct exposition e;
    const struct gms_metrics_values v = {
        .version = "1",
        .audit = {.written = 10, .waiting = 11, .lost = 12, .failing = true},
        .http = {.connections = 13,
            .requests_open = 14,
            .accepted = 15,
            .requests = 16,
            .answered = {0, 24, 25, 26, 27, 28},
            .refused = 17,
            .late = 18,
            .cut_head = 19,
            .cut_body = 20,
            .cut_send = 21,
            .cut_idle = 22,
            .full = 23},
    };

    print(&v, &e);
    CU_ASSERT_EQUAL(value(&e, "gmsd_audit_written_total", ""), 10);
    CU_ASSERT_EQUAL(value(&e, "gmsd_audit_waiting", ""), 11);
    CU_ASSERT_EQUAL(value(&e, "gmsd_audit_lost_total", ""), 12);
    CU_ASSERT_EQUAL(value(&e, "gmsd_audit_failing", ""), 1);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_connections", ""), 13);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_requests_open", ""), 14);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_accepted_total", ""), 15);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_requests_total", ""), 16);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_refused_total", ""), 17);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_late_total", ""), 18);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_cut_total", "phase=\"head\""), 19);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_cut_total", "phase=\"body\""), 20);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_cut_total", "phase=\"send\""), 21);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_cut_total", "phase=\"idle\""), 22);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_full_total", ""), 23);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_responses_total", "code=\"1xx\""), 24);
    CU_ASSERT_EQUAL(value(&e, "gmsd_http_responses_total", "code=\"5xx\""), 28);
}

static void the_buckets_of_a_histogram_add_up(void)
{
    static struct exposition e;
    struct gms_metrics_values v = {.version = "1"};

    v.commits.buckets[0] = 5;
    v.commits.buckets[2] = 7;
    v.commits.buckets[GMS_STORE_BOUNDS] = 1;
    v.commits.sum_ms = 3456;
    print(&v, &e);
#define COMMIT "gmsd_store_commit_seconds"
    CU_ASSERT_EQUAL(value(&e, COMMIT "_bucket", "le=\"0.001\""), 5);
    CU_ASSERT_EQUAL(value(&e, COMMIT "_bucket", "le=\"0.002\""), 5);
    CU_ASSERT_EQUAL(value(&e, COMMIT "_bucket", "le=\"0.005\""), 12);
    CU_ASSERT_EQUAL(value(&e, COMMIT "_bucket", "le=\"2.000\""), 12);
    CU_ASSERT_EQUAL(value(&e, COMMIT "_bucket", "le=\"+Inf\""), 13);
    CU_ASSERT_EQUAL(value(&e, COMMIT "_count", ""), 13);
    CU_ASSERT_EQUAL(value(&e, COMMIT "_sum", ""), 3.456);
#undef COMMIT
}

static void a_number_of_any_size_is_exact(void)
{
    MU_CLEANUP(buf_clear) struct buf text = {0};
    struct gms_metrics_values v = {.version = "1"};

    v.audit.written = UINT64_MAX;
    gms_metrics_print(&v, &text);
    CU_ASSERT_PTR_NOT_NULL(test_buf_find(
        &text, span_str("\ngmsd_audit_written_total 18446744073709551615\n")));
}

static void rows_are_counted_by_state_and_class(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct gms_group_row group = store_group_row(STORE_GROUP, 1);
    struct gms_gmk gmk = store_gmk_row(0x0a0a0a0a, 1);
    struct gms_delivery d = store_delivery_row(0x0a0a0a0a, "sip:a@x");
    struct gms_store_tally tally = {0};

    store_fixture_setup(&f);
    (void)store_add_delivery(&f, &d);
    d.member = span_str("sip:b@x");
    (void)store_add_delivery(&f, &d);
    d.member = span_str("sip:c@x");
    d.state = GMS_DLV_OPENED;
    d.class = GMS_CLASS_PERIL;
    (void)store_add_delivery(&f, &d);
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_put_group(f.store, &group), MU_OK);
    CU_ASSERT_EQUAL(gms_store_add_gmk(f.store, &gmk), MU_OK);
    gmk = store_gmk_row(0x0b0b0b0b, 2);
    gmk.state = GMS_GMK_DESTROYED;
    CU_ASSERT_EQUAL(gms_store_add_gmk(f.store, &gmk), MU_OK);
    store_commit(&f);
    CU_ASSERT_EQUAL_FATAL(gms_store_tally(f.store, &tally), MU_OK);
    CU_ASSERT_EQUAL(tally.groups, 1);
    CU_ASSERT_EQUAL(tally.keys[GMS_GMK_ACTIVE], 1);
    CU_ASSERT_EQUAL(tally.keys[GMS_GMK_DESTROYED], 0);
    CU_ASSERT_EQUAL(tally.deliveries[GMS_CLASS_NORMAL][GMS_DLV_QUEUED], 2);
    CU_ASSERT_EQUAL(tally.deliveries[GMS_CLASS_PERIL][GMS_DLV_OPENED], 1);
    CU_ASSERT_EQUAL(tally.deliveries[GMS_CLASS_NORMAL][GMS_DLV_OPENED], 0);
}

/* A clock that moves by itself, so that a commit takes as long as is said. */
static uint64_t next_ms(void *ctx)
{
    uint64_t *step = ctx;
    static uint64_t now;

    return now += *step;
}

static void commits_are_measured(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    uint64_t step = 7;
    const struct mu_clock clock = {next_ms, next_ms, &step};
    struct gms_store_times t;

    store_fixture_setup(&f);
    store_begin(&f);
    store_commit(&f); /* nobody measures */
    gms_store_set_clock(f.store, &clock);
    store_begin(&f);
    store_commit(&f);
    step = 99999;
    store_begin(&f);
    store_commit(&f);
    t = gms_store_times(f.store);
    CU_ASSERT_EQUAL(t.sum_ms, 7 + 99999);
    for (size_t i = 0; i <= GMS_STORE_BOUNDS; i++)
        CU_ASSERT_EQUAL(t.buckets[i], i == 3 || i == GMS_STORE_BOUNDS);
}

CU_TestInfo gms_metrics_tests[] = {
    {"values of the keeper are where they belong",
        values_of_the_keeper_are_where_they_belong},
    {"values of log and server are where they belong",
        values_of_log_and_server_are_where_they_belong},
    {"the buckets of a histogram add up", the_buckets_of_a_histogram_add_up},
    {"a number of any size is exact", a_number_of_any_size_is_exact},
    {"rows are counted by state and class",
        rows_are_counted_by_state_and_class},
    {"commits are measured", commits_are_measured},
    CU_TEST_INFO_NULL,
};
