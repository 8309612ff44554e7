/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/audit.h"

#include "base/alloc.h"
#include "gms/audit_events.h"
#include "tests/clock.h"
#include "tests/folder.h"
#include "tests/log.h"
#include "tests/rng.h"
#include "tests/suites.h"

#include <stdio.h>
#include <string.h>

static const struct mu_sign_key key = {{4, 2}};

struct fixture {
    struct test_folder folder;
    struct test_clock now;
    struct test_rng rng;
    struct gms_audit *audit;
};

static enum mu_err open_audit(struct fixture *f, const struct mu_sign_key *by)
{
    const struct gms_audit_config config = {
        .path = test_folder_path(&f->folder, "audit.log"),
        .key = by,
        .clock = &f->now.clock,
        .rng = &f->rng.rng,
    };

    return gms_audit_open(&config, &f->audit);
}

static void setup(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    test_folder_make(&f->folder);
    test_clock_init(&f->now, 1700000000000);
    test_rng_init(&f->rng, 1);
    CU_ASSERT_EQUAL_FATAL(open_audit(f, &key), MU_OK);
}

static void clear(struct fixture *f)
{
    gms_audit_close(f->audit);
    test_folder_remove(&f->folder);
}

static void deleted(struct fixture *f, const char *group)
{
    gms_audit_say(f->audit, GMS_AUDIT_DELETED, mu_log_str("group", group),
        mu_log_str("by", "sip:owner@x"));
}

/* The payloads of a log that verifies, each ended by LF. */
struct text {
    char text[2048];
    size_t len, records;
};

static void on_record(void *ctx, const struct mu_chain_record *record)
{
    struct text *t = ctx;
    size_t len = record->payload.len;

    t->records++;
    if (record->seq == 0 || t->len + len + 2 > sizeof(t->text))
        return;
    memcpy(t->text + t->len, record->payload.p, len);
    t->len += len;
    t->text[t->len++] = '\n';
    t->text[t->len] = '\0';
}

static void read_log(struct fixture *f, struct text *out)
{
    struct mu_chain_check check = {
        .name = "gmsd-audit", .on_record = on_record, .ctx = out};
    struct mu_chain_report report;

    memset(out, 0, sizeof(*out));
    CU_ASSERT_EQUAL_FATAL(mu_sign_public(&key, &check.key), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mu_chain_file_verify(
            test_folder_path(&f->folder, "audit.log"), &check, &report),
        MU_OK);
}

static void a_record_is_in_the_log_after_a_flush(void)
{
    MU_CLEANUP(clear) struct fixture f;
    struct text t;

    setup(&f);
    deleted(&f, "sip:g@x");
    read_log(&f, &t);
    CU_ASSERT_STRING_EQUAL(t.text, "");
    CU_ASSERT_EQUAL(gms_audit_stats(f.audit).waiting, 1);
    CU_ASSERT(gms_audit_flush(f.audit));
    read_log(&f, &t);
    CU_ASSERT_STRING_EQUAL(
        t.text, "event=group.deleted group=sip:g@x by=sip:owner@x\n");
    CU_ASSERT_EQUAL(gms_audit_stats(f.audit).waiting, 0);
    CU_ASSERT_EQUAL(gms_audit_stats(f.audit).written, 1);
    CU_ASSERT_EQUAL(gms_audit_head(f.audit)->seq, 1);
}

static void a_log_goes_on_and_closing_writes_what_waits(void)
{
    MU_CLEANUP(clear) struct fixture f;
    struct text t;

    setup(&f);
    deleted(&f, "sip:a@x");
    gms_audit_close(f.audit);
    f.audit = NULL;
    CU_ASSERT_EQUAL_FATAL(open_audit(&f, &key), MU_OK);
    deleted(&f, "sip:b@x");
    CU_ASSERT(gms_audit_flush(f.audit));
    read_log(&f, &t);
    CU_ASSERT_STRING_EQUAL(t.text,
        "event=group.deleted group=sip:a@x by=sip:owner@x\n"
        "event=group.deleted group=sip:b@x by=sip:owner@x\n");
}

static void the_log_of_another_key_is_refused(void)
{
    MU_CLEANUP(clear) struct fixture f;
    const struct mu_sign_key stranger = {{4, 3}};

    setup(&f);
    gms_audit_close(f.audit);
    f.audit = NULL;
    CU_ASSERT_EQUAL(open_audit(&f, &stranger), MU_E_CRYPTO);
}

static void a_record_is_logged_too(void)
{
    MU_CLEANUP(clear) struct fixture f;
    static struct test_log log; /* large */

    setup(&f);
    test_log_start(&log, MU_LOG_TEXT);
    deleted(&f, "sip:g@x");
    test_log_stop(&log);
    CU_ASSERT_EQUAL(log.lines, 1);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(log.text, "event=group.deleted group=sip:g@x by=sip:owner@x"));
}

static void a_long_list_is_several_records(void)
{
    MU_CLEANUP(clear) struct fixture f;
    const struct mu_log_field head[] = {
        mu_log_str("group", "sip:g@x"), mu_log_str("by", "gmsd")};
    struct span members[GMS_AUDIT_MEMBERS_MAX + 1];
    static struct test_log log; /* large */
    const char *second;
    struct text t;

    setup(&f);
    for (size_t i = 0; i < GMS_AUDIT_MEMBERS_MAX; i++)
        members[i] = span_str("sip:m@x");
    members[GMS_AUDIT_MEMBERS_MAX] = span_str("sip:last@x");
    test_log_start(&log, MU_LOG_TEXT);
    gms_audit_members(
        f.audit, GMS_AUDIT_ADDED, head, 2, members, GMS_AUDIT_MEMBERS_MAX + 1);
    gms_audit_members(f.audit, GMS_AUDIT_ADDED, head, 2, members, 0);
    test_log_stop(&log);
    CU_ASSERT(gms_audit_flush(f.audit));
    read_log(&f, &t);
    CU_ASSERT_EQUAL(t.records, 3);
    CU_ASSERT_EQUAL(strncmp(t.text,
                        "event=holder.added group=sip:g@x by=gmsd"
                        " member=sip:m@x member=sip:m@x",
                        70),
        0);
    second = strchr(t.text, '\n');
    CU_ASSERT_PTR_NOT_NULL_FATAL(second);
    CU_ASSERT_STRING_EQUAL(second + 1,
        "event=holder.added group=sip:g@x by=gmsd member=sip:last@x\n");
    /* The ordinary log is not for lists. */
    CU_ASSERT_PTR_NOT_NULL(
        strstr(log.text, "group=sip:g@x by=gmsd members=30\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(log.text, "by=gmsd member=sip:last@x\n"));
}

/* As many members as there may be, each as long as may be, and each octet of
 * them four characters. */
static void the_longest_list_fits_a_record(void)
{
    MU_CLEANUP(clear) struct fixture f;
    const struct mu_log_field head[] = {
        mu_log_str("group", "sip:g@x"), mu_log_str("by", "gmsd")};
    struct span members[GMS_AUDIT_MEMBERS_MAX];
    uint8_t uri[MU_LOG_VALUE_MAX / 2];
    struct text t;

    setup(&f);
    memset(uri, 0xff, sizeof(uri));
    for (size_t i = 0; i < GMS_AUDIT_MEMBERS_MAX; i++)
        members[i] = SPAN_OF(uri);
    gms_audit_members(
        f.audit, GMS_AUDIT_ADDED, head, 2, members, GMS_AUDIT_MEMBERS_MAX);
    CU_ASSERT(gms_audit_flush(f.audit));
    CU_ASSERT_EQUAL(gms_audit_stats(f.audit).lost, 0);
    read_log(&f, &t);
    CU_ASSERT_EQUAL(t.records, 2);
}

static void a_full_disk_is_waited_for(void)
{
    MU_CLEANUP(clear) struct fixture f;
    static struct test_log log; /* large */
    struct text t;

    setup(&f);
    test_log_start(&log, MU_LOG_TEXT);
    test_files_limit(500); /* record 0 and a little */
    deleted(&f, "sip:a@x");
    CU_ASSERT_FALSE(gms_audit_flush(f.audit));
    deleted(&f, "sip:b@x");
    CU_ASSERT_FALSE(gms_audit_flush(f.audit));
    CU_ASSERT(gms_audit_stats(f.audit).failing);
    CU_ASSERT_EQUAL(gms_audit_stats(f.audit).waiting, 2);
    CU_ASSERT_EQUAL(gms_audit_stats(f.audit).written, 0);
    test_files_unlimit();
    CU_ASSERT(gms_audit_flush(f.audit));
    test_log_stop(&log);
    CU_ASSERT_FALSE(gms_audit_stats(f.audit).failing);
    read_log(&f, &t);
    CU_ASSERT_STRING_EQUAL(t.text,
        "event=group.deleted group=sip:a@x by=sip:owner@x\n"
        "event=group.deleted group=sip:b@x by=sip:owner@x\n");
    /* Said when it began and when it ended, not each time. */
    CU_ASSERT_EQUAL(log.lines, 4);
    CU_ASSERT_PTR_NOT_NULL(strstr(log.text, "event=audit.failing"));
    CU_ASSERT_PTR_NOT_NULL(strstr(log.text, "event=audit.restored"));
}

/* Fills the memory that the log may have while it waits. */
static size_t fill(struct fixture *f)
{
    const struct mu_log_field head[] = {
        mu_log_str("group", "sip:g@x"), mu_log_str("by", "gmsd")};
    struct span members[GMS_AUDIT_MEMBERS_MAX];
    uint8_t uri[MU_LOG_VALUE_MAX / 2];
    size_t n = 0;

    memset(uri, 0xff, sizeof(uri));
    for (size_t i = 0; i < GMS_AUDIT_MEMBERS_MAX; i++)
        members[i] = SPAN_OF(uri);
    for (; gms_audit_stats(f->audit).lost == 0; n++)
        gms_audit_members(
            f->audit, GMS_AUDIT_ADDED, head, 2, members, GMS_AUDIT_MEMBERS_MAX);
    return n - 1;
}

static void what_is_lost_is_counted_in_its_place(void)
{
    MU_CLEANUP(clear) struct fixture f;
    size_t kept;
    struct text t;

    setup(&f);
    test_files_limit(500);
    kept = fill(&f);
    CU_ASSERT(kept > 100);
    CU_ASSERT_FALSE(gms_audit_flush(f.audit));
    deleted(&f, "sip:lost@x"); /* small enough, but after one that is lost */
    CU_ASSERT_EQUAL(gms_audit_stats(f.audit).lost, 2);
    CU_ASSERT_EQUAL(gms_audit_stats(f.audit).waiting, kept);
    test_files_unlimit();
    CU_ASSERT(gms_audit_flush(f.audit));
    deleted(&f, "sip:after@x");
    CU_ASSERT(gms_audit_flush(f.audit));
    read_log(&f, &t);
    CU_ASSERT_EQUAL(t.records, 1 + kept + 2);
    CU_ASSERT_STRING_EQUAL(t.text, /* the long ones did not fit it */
        "event=audit.gap lost=2\n"
        "event=group.deleted group=sip:after@x by=sip:owner@x\n");
    CU_ASSERT_EQUAL(gms_audit_stats(f.audit).lost, 2);
}

static void a_log_without_memory_has_a_gap(void)
{
    MU_CLEANUP(clear) struct fixture f;
    struct text t;

    setup(&f);
    mu_alloc_fail_nth(1);
    deleted(&f, "sip:a@x");
    CU_ASSERT(mu_alloc_fail_end());
    mu_alloc_fail_nth(1);
    CU_ASSERT_FALSE(gms_audit_flush(f.audit)); /* nor for the gap */
    CU_ASSERT(mu_alloc_fail_end());
    CU_ASSERT_EQUAL(gms_audit_stats(f.audit).lost, 1);
    CU_ASSERT(gms_audit_flush(f.audit));
    read_log(&f, &t);
    CU_ASSERT_STRING_EQUAL(t.text, "event=audit.gap lost=1\n");
}

static void what_is_told_has_its_number_before_it_is_written(void)
{
    MU_CLEANUP(clear) struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL(gms_audit_told(f.audit), 0);
    deleted(&f, "sip:a@x");
    CU_ASSERT_EQUAL(gms_audit_told(f.audit), 1);
    CU_ASSERT(gms_audit_flush(f.audit));
    CU_ASSERT_EQUAL(gms_audit_told(f.audit), 1);
    mu_alloc_fail_nth(1);
    deleted(&f, "sip:lost@x");
    CU_ASSERT(mu_alloc_fail_end());
    CU_ASSERT_EQUAL(gms_audit_told(f.audit), 2); /* the gap's */
    CU_ASSERT(gms_audit_flush(f.audit));
    CU_ASSERT_EQUAL(gms_audit_told(f.audit), 2);
    CU_ASSERT_EQUAL(gms_audit_head(f.audit)->seq, 2);
}

static void a_change_that_was_none_is_undone(void)
{
    MU_CLEANUP(clear) struct fixture f;
    struct text t;

    setup(&f);
    gms_audit_undo(f.audit, 0); /* nothing was told */
    deleted(&f, "sip:a@x");
    deleted(&f, "sip:b@x");
    gms_audit_undo(f.audit, 1);
    gms_audit_undo(f.audit, gms_audit_told(f.audit));
    CU_ASSERT(gms_audit_flush(f.audit));
    read_log(&f, &t);
    CU_ASSERT_STRING_EQUAL(t.text,
        "event=group.deleted group=sip:a@x by=sip:owner@x\n"
        "event=group.deleted group=sip:b@x by=sip:owner@x\n"
        "event=audit.undone first=2 last=2\n");
}

static void the_last_change_is_known_when_a_log_is_opened(void)
{
    MU_CLEANUP(clear) struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL(gms_audit_changed(f.audit), 0);
    deleted(&f, "sip:a@x");
    deleted(&f, "sip:b@x");
    gms_audit_say(f.audit, GMS_AUDIT_STOPPED, mu_log_str("why", "SIGTERM"));
    gms_audit_close(f.audit);
    f.audit = NULL;
    CU_ASSERT_EQUAL_FATAL(open_audit(&f, &key), MU_OK);
    CU_ASSERT_EQUAL(gms_audit_changed(f.audit), 2);
    CU_ASSERT_EQUAL(gms_audit_told(f.audit), 3);
}

static void a_time_is_that_of_the_event(void)
{
    MU_CLEANUP(clear) struct fixture f;
    MU_CLEANUP(buf_clear) struct buf log = {0};

    setup(&f);
    deleted(&f, "sip:a@x");
    test_clock_step(&f.now, 5000);
    CU_ASSERT(gms_audit_flush(f.audit));
    test_folder_read(&f.folder, "audit.log", &log);
    CU_ASSERT_PTR_NOT_NULL(test_buf_find(
        &log, span_str("1 2023-11-14T22:13:20.000Z event=group.deleted")));
}

static void only_what_the_table_says_is_an_event(void)
{
    struct mu_log_field fields[40] = {
        mu_log_str("group", ""), mu_log_str("by", "")};

    CU_ASSERT(gms_audit_event_fits(GMS_AUDIT_DELETED, fields, 2));
    CU_ASSERT_FALSE(gms_audit_event_fits(GMS_AUDIT_DELETED, fields, 1));
    CU_ASSERT_FALSE(gms_audit_event_fits(GMS_AUDIT_DELETED, fields, 3));
    CU_ASSERT_FALSE(gms_audit_event_fits("group.eaten", fields, 2));
    CU_ASSERT_FALSE(gms_audit_event_fits(GMS_AUDIT_ADDED, fields, 2));
    for (size_t i = 2; i < 40; i++)
        fields[i] = mu_log_str("member", "");
    CU_ASSERT(gms_audit_event_fits(GMS_AUDIT_ADDED, fields, 3));
    CU_ASSERT(gms_audit_event_fits(
        GMS_AUDIT_ADDED, fields, 2 + GMS_AUDIT_MEMBERS_MAX));
    CU_ASSERT_FALSE(gms_audit_event_fits(
        GMS_AUDIT_ADDED, fields, 3 + GMS_AUDIT_MEMBERS_MAX));
    fields[4] = mu_log_str("by", "");
    CU_ASSERT_FALSE(gms_audit_event_fits(GMS_AUDIT_ADDED, fields, 5));
}

static void each_event_of_the_table_is_found_once(void)
{
    size_t count = 0;
    const struct gms_audit_event *events = gms_audit_events(&count);

    CU_ASSERT(count > 20);
    for (size_t i = 0; i < count; i++)
        CU_ASSERT_PTR_EQUAL(
            gms_audit_event_find(span_str(events[i].name)), &events[i]);
}

CU_TestInfo gms_audit_tests[] = {
    {"a record is in the log after a flush",
        a_record_is_in_the_log_after_a_flush},
    {"a log goes on, and closing writes what waits",
        a_log_goes_on_and_closing_writes_what_waits},
    {"the log of another key is refused", the_log_of_another_key_is_refused},
    {"a record is logged, too", a_record_is_logged_too},
    {"a long list is several records", a_long_list_is_several_records},
    {"the longest list fits a record", the_longest_list_fits_a_record},
    {"a full disk is waited for", a_full_disk_is_waited_for},
    {"what is lost is counted in its place",
        what_is_lost_is_counted_in_its_place},
    {"a log without memory has a gap", a_log_without_memory_has_a_gap},
    {"what is told has its number before it is written",
        what_is_told_has_its_number_before_it_is_written},
    {"a change that was none is undone", a_change_that_was_none_is_undone},
    {"the last change is known when a log is opened",
        the_last_change_is_known_when_a_log_is_opened},
    {"a time is that of the event", a_time_is_that_of_the_event},
    {"only what the table says is an event",
        only_what_the_table_says_is_an_event},
    {"each event of the table is found once",
        each_event_of_the_table_is_found_once},
    CU_TEST_INFO_NULL,
};
