/* SPDX-License-Identifier: Apache-2.0 */
/* What the audit log has, against what the store knows was told to it. */
#include <unistd.h>

#include "tests/gms/keeper_world.h"
#include "tests/suites.h"

static unsigned count_of(const struct buf *file, const char *text)
{
    struct buf rest = *file;
    unsigned n = 0;

    for (uint8_t *at = test_buf_find(&rest, span_str(text)); at != NULL; n++) {
        rest.len -= (size_t)(at + 1 - rest.p);
        rest.p = at + 1;
        at = test_buf_find(&rest, span_str(text));
    }
    return n;
}

static unsigned in_log(struct keeper_world *w, const char *text)
{
    MU_CLEANUP(buf_clear) struct buf file = {0};

    test_folder_read(&w->folder, "audit", &file);
    return count_of(&file, text);
}

/* The log as it was some records ago: what waited was never written. */
static void lose(struct keeper_world *w, unsigned records)
{
    MU_CLEANUP(buf_clear) struct buf file = {0};
    size_t len;

    test_folder_read(&w->folder, "audit", &file);
    len = file.len;
    for (unsigned i = 0; i < records; i++)
        for (len--; len > 0 && file.p[len - 1] != '\n';)
            len--;
    CU_ASSERT_FATAL(len > 0);
    test_folder_write(&w->folder, "audit", (struct span){file.p, len});
}

static void what_waited_when_the_process_died_is_missed(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    keeper_world_restart(&w);
    CU_ASSERT_EQUAL(gms_audit_stats(w.audit).lost, 0);
    CU_ASSERT_EQUAL(in_log(&w, "audit.gap"), 0);
    lose(&w, 3);
    keeper_world_restart(&w);
    CU_ASSERT_EQUAL(gms_audit_stats(w.audit).lost, 3);
    kw_put(&w, "abcd", 0); /* life goes on */
    kw_run(&w);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abcd");
    keeper_world_restart(&w);
    CU_ASSERT_EQUAL(gms_audit_stats(w.audit).lost, 0); /* said once */
    CU_ASSERT_EQUAL(in_log(&w, "event=audit.gap lost=3"), 1);
    CU_ASSERT_EQUAL(in_log(&w, "audit.undone"), 0);
}

/* Whatever became of the old one. */
static void a_log_that_begins_anew_says_what_it_lacks(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    uint64_t told;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    told = gms_audit_told(w.audit);
    CU_ASSERT(told > 3);
    CU_ASSERT_EQUAL_FATAL(unlink(test_folder_path(&w.folder, "audit")), 0);
    keeper_world_restart(&w);
    CU_ASSERT_EQUAL(gms_audit_stats(w.audit).lost, told);
}

CU_TestInfo gms_keeper_told_tests[] = {
    {"what waited when the process died is missed",
        what_waited_when_the_process_died_is_missed},
    {"a log that begins anew says what it lacks",
        a_log_that_begins_anew_says_what_it_lacks},
    CU_TEST_INFO_NULL,
};
