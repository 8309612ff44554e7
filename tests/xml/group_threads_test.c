/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker pool of the group server reads documents on several threads, all
 * with the one compiled schema. valgrind --tool=helgrind looks into libxml2 as
 * well; here every thread has to get what one thread gets.
 */
#include <pthread.h>

#include "tests/suites.h"
#include "xml/group_doc.h"

#define THREADS 4
#define ROUNDS  25

#define OPEN                                                                   \
    "<group xmlns='urn:oma:xml:poc:list-service'"                              \
    " xmlns:cp='urn:ietf:params:xml:ns:common-policy'"                         \
    " xmlns:m='urn:3gpp:ns:mcpttGroupInfo:1.0'><list-service uri='g'>"
#define CLOSE "</list-service></group>"

static const struct {
    const char *text;
    enum mu_err err;
    enum xml_group_fault_kind kind;
} rows[] = {
    {OPEN "<list><entry uri='a'><m:user-priority>1</m:user-priority></entry>"
          "<entry uri='b'/></list><cp:ruleset><cp:rule id='r'/></cp:ruleset>"
          "<m:on-network-hang-timer>PT1M</m:on-network-hang-timer><m:x/>" CLOSE,
        MU_OK, XML_GROUP_SCHEMA},
    {OPEN "<m:protect-media>maybe</m:protect-media>" CLOSE, MU_E_MALFORMED,
        XML_GROUP_SCHEMA},
    {OPEN "<list><entry uri='a'/><entry uri='a'/></list>" CLOSE, MU_E_MALFORMED,
        XML_GROUP_CONSTRAINT},
    {OPEN, MU_E_MALFORMED, XML_GROUP_NOT_WELL_FORMED},
};

/* CUnit's assertions are for one thread: a thread says how often it failed. */
struct worker {
    pthread_t thread;
    unsigned failed;
};

static bool reads_as_it_should(size_t row)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_group_fault fault;
    struct xml_group group;
    enum mu_err err;

    mu_arena_init(&arena, XML_GROUP_ARENA);
    err = xml_group_read(
        span_str(rows[row].text), XML_GROUP_KEEP, &arena, &group, &fault);
    if (err != rows[row].err)
        return false;
    return err == MU_OK ? group.entry_count == 2 && group.unknown == 1
                        : fault.kind == rows[row].kind;
}

static void *work(void *to)
{
    struct worker *w = to;

    for (unsigned i = 0; i < ROUNDS; i++)
        for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)
            w->failed += !reads_as_it_should(row);
    return NULL;
}

static void several_threads_read_with_one_schema(void)
{
    struct worker workers[THREADS] = {{.failed = 0}};

    for (unsigned i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(
            pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL(pthread_join(workers[i].thread, NULL), 0);
        CU_ASSERT_EQUAL(workers[i].failed, 0);
    }
}

CU_TestInfo xml_group_threads_tests[] = {
    {"several threads read with one schema",
        several_threads_read_with_one_schema},
    CU_TEST_INFO_NULL,
};
