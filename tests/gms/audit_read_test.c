/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/audit_read.h"

#include "tests/suites.h"

#include <stdio.h>
#include <string.h>

#define ARENA_MAX (1 << 18)

/* The error of reading a payload; MU_OK only if writing gives it back. */
static enum mu_err read_text(struct span text)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    static uint8_t again[MU_CHAIN_PAYLOAD_MAX];
    struct gms_audit_record record;
    struct span written = {NULL, 0};
    struct wr w;

    mu_arena_init(&arena, ARENA_MAX);
    TRY(gms_audit_record_read(text, &arena, &record));
    wr_init(&w, again, sizeof(again));
    CU_ASSERT_EQUAL(gms_audit_record_write(&w, &record), MU_OK);
    CU_ASSERT_EQUAL(wr_close(&w, &written), MU_OK);
    CU_ASSERT(span_eq(written, text));
    return MU_OK;
}

static void a_record_is_read_as_it_was_written(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_audit_record r = {0};
    uint64_t epoch = 0;

    mu_arena_init(&arena, ARENA_MAX);
    CU_ASSERT_EQUAL_FATAL(
        gms_audit_record_read(
            span_str("event=holder.excluded group=\"sip:a=b@x\" epoch=7"
                     " member=sip:m@x member=\"\\xc3\\xa9 \\\\ \\\"\""),
            &arena, &r),
        MU_OK);
    CU_ASSERT_STRING_EQUAL(r.event->name, GMS_AUDIT_EXCLUDED);
    CU_ASSERT(span_eq(r.values[0], span_str("sip:a=b@x")));
    CU_ASSERT_EQUAL(gms_audit_number(r.values[1], &epoch), MU_OK);
    CU_ASSERT_EQUAL(epoch, 7);
    CU_ASSERT_EQUAL_FATAL(r.count, 2);
    CU_ASSERT(span_eq(r.members[0], span_str("sip:m@x")));
    CU_ASSERT(span_eq(r.members[1], span_str("\xc3\xa9 \\ \"")));
}

/* Each event of the table, with values of each kind. */
static void every_event_makes_the_round_trip(void)
{
    static const char *const values[] = {
        "sip:m@x", "", "a b", "a\"b", "\\", "\x01\xff", "0x0a0b0c0d", "17"};
    size_t count = 0, turn = 0;
    const struct gms_audit_event *events = gms_audit_events(&count);

    for (size_t i = 0; i < count * 8; i++) {
        struct mu_log_field fields[GMS_AUDIT_FIELDS_MAX + 1];
        const struct gms_audit_event *e = &events[i % count];
        struct span text = {NULL, 0};
        uint8_t room[1024];
        struct wr w;
        size_t n = 0;

        for (; n < GMS_AUDIT_FIELDS_MAX && e->fields[n] != NULL; n++)
            fields[n] = mu_log_str(e->fields[n], values[turn++ % 8]);
        if (e->list)
            fields[n++] = mu_log_str("member", values[turn++ % 8]);
        CU_ASSERT(gms_audit_event_fits(e->name, fields, n));
        wr_init(&w, room, sizeof(room));
        mu_log_event_write(&w, e->name, fields, n);
        CU_ASSERT_EQUAL_FATAL(wr_close(&w, &text), MU_OK);
        CU_ASSERT_EQUAL(read_text(text), MU_OK);
    }
}

static void what_nobody_writes_is_malformed(void)
{
    static const char *const bad[] = {
        "",
        "event",
        "event=\"group.deleted\" group=g by=b",
        "evil=group.deleted group=g by=b",
        "event=group.deleted",
        "event=group.deleted group=g",
        "event=group.deleted group=g by=b ",
        "event=group.deleted group=g by=b more=1",
        "event=group.deleted by=b group=g",
        "event=group.deleted  group=g by=b",
        "event=group.deleted group= by=b",
        "event=group.deleted group=\"g\" by=b",
        "event=group.deleted group=\"a b by=b",
        "event=group.deleted group=\"a b\"by=b",
        "event=group.deleted group=\"a b\\n\" by=b",
        "event=group.deleted group=\"\\xC3\" by=b",
        "event=group.deleted group=\"\\x41\" by=b",
        "event=group.deleted group=\"\\xc\" by=b",
        "event=group.deleted group=\"\\...\" by=b",
        "event=group.deleted group=a\\b by=b",
        "event=group.deleted group=a=b by=b",
        "event=holder.added group=g by=b",
        "event=holder.added group=g by=b member=m by=b",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(read_text(span_str(bad[i])), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(
        read_text(span_str("event=group.eaten group=g")), MU_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(
        read_text(span_str("chain=1 name=gmsd-audit id=00")), MU_E_NOT_FOUND);
}

static void no_beginning_of_a_record_is_one(void)
{
    static const char whole[] =
        "event=delivery.failed group=g gmk_id=0x0a0b0c0d member=\"m \\xff\""
        " tries=3 why=\"no way\"";

    CU_ASSERT_EQUAL(read_text(span_str(whole)), MU_OK);
    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        const struct span part = {(const uint8_t *)whole, len};
        bool cut_name =
            len >= strlen("event=") && len < strlen("event=delivery.failed");

        CU_ASSERT_EQUAL(
            read_text(part), cut_name ? MU_E_UNSUPPORTED : MU_E_MALFORMED);
    }
}

static void a_list_has_its_bound(void)
{
    char text[2048] = "event=holder.added group=g by=b";
    size_t len = strlen(text);

    for (size_t i = 0; i <= GMS_AUDIT_MEMBERS_MAX; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, " member=m");
        CU_ASSERT_EQUAL(read_text(span_str(text)),
            i < GMS_AUDIT_MEMBERS_MAX ? MU_OK : MU_E_MALFORMED);
    }
}

static void a_full_arena_is_told(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena small;
    struct gms_audit_record r;

    mu_arena_init(&small, 16);
    CU_ASSERT_EQUAL(
        gms_audit_record_read(
            span_str("event=group.deleted group=sip:g@x by=b"), &small, &r),
        MU_E_NO_SPACE);
}

static void numbers_are_decimal_or_identifiers(void)
{
    uint64_t v = 77;

    CU_ASSERT_EQUAL(gms_audit_number(span_str("0x0a0b0c0d"), &v), MU_OK);
    CU_ASSERT_EQUAL(v, 0x0a0b0c0d);
    CU_ASSERT_EQUAL(gms_audit_number(span_str("12"), &v), MU_OK);
    CU_ASSERT_EQUAL(v, 12);
    CU_ASSERT_EQUAL(gms_audit_number(span_str("0x0a"), &v), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(
        gms_audit_number(span_str("0x0a0b0c0g"), &v), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(gms_audit_number(span_str(""), &v), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(v, 12);
}

CU_TestInfo gms_audit_read_tests[] = {
    {"a record is read as it was written", a_record_is_read_as_it_was_written},
    {"every event makes the round trip", every_event_makes_the_round_trip},
    {"what nobody writes is malformed", what_nobody_writes_is_malformed},
    {"no beginning of a record is one", no_beginning_of_a_record_is_one},
    {"a list has its bound", a_list_has_its_bound},
    {"a full arena is told", a_full_arena_is_told},
    {"numbers are decimal or identifiers", numbers_are_decimal_or_identifiers},
    CU_TEST_INFO_NULL,
};
