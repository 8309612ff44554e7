/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/document.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "gms/work.h"
#include "tests/suites.h"
#include "xml/library.h"

#define URI "sip:inc-1@example.org"

/* What read() was told last. */
struct told {
    unsigned calls;
    enum mu_err err;
    struct gms_document *document; /* referenced */
    struct xml_group_fault fault;
};

static void told_clear(struct told *t)
{
    gms_document_unref(t->document);
}

static void on_read(void *ctx, enum mu_err err, struct gms_document *document,
    const struct xml_group_fault *fault)
{
    struct told *t = ctx;

    gms_document_unref(t->document);
    t->calls++;
    t->err = err;
    t->document = document != NULL ? gms_document_ref(document) : NULL;
    t->fault = *fault;
}

static void drop_documents(struct gms_documents **documents)
{
    gms_documents_free(*documents);
}

static struct gms_documents *make(struct mu_pool *pool)
{
    struct gms_documents *documents = NULL;

    CU_ASSERT_EQUAL_FATAL(
        gms_documents_new(pool, XML_GROUP_KEEP, &documents), MU_OK);
    return documents;
}

/* A group of that many members and that name. */
static struct span write_text(
    struct buf *out, unsigned members, const char *name)
{
    char line[64];

    buf_text(out, "<group xmlns=\"urn:oma:xml:poc:list-service\">"
                  "<list-service uri=\"" URI "\"><display-name>");
    buf_text(out, name);
    buf_text(out, "</display-name><list>");
    for (unsigned i = 0; i < members; i++) {
        (void)snprintf(
            line, sizeof(line), "<entry uri=\"sip:u%u@example.org\"/>\n", i);
        buf_text(out, line);
    }
    buf_text(out, "</list></list-service></group>");
    return buf_span(out);
}

static struct gms_doc stored(struct span text, const char *etag)
{
    return (struct gms_doc){
        .uri = span_str(URI), .text = text, .etag = span_str(etag)};
}

static bool says(struct span text, const char *word)
{
    struct span want = span_str(word);

    for (size_t i = 0; i + want.len <= text.len; i++)
        if (span_eq((struct span){text.p + i, want.len}, want))
            return true;
    return false;
}

static void a_text_comes_with_its_model_and_its_reduced_form(void)
{
    MU_CLEANUP(drop_documents) struct gms_documents *documents = make(NULL);
    MU_CLEANUP(buf_clear) struct buf text = {0};
    MU_CLEANUP(told_clear) struct told told = {0};
    const struct gms_doc doc = stored(write_text(&text, 3, "fire"), "e1");

    gms_documents_read(documents, &doc, on_read, &told);
    CU_ASSERT_EQUAL_FATAL(told.err, MU_OK);
    CU_ASSERT_EQUAL(told.document->group.entry_count, 3);
    CU_ASSERT(span_eq(told.document->doc.text, doc.text));
    CU_ASSERT(told.document->reduced.len < doc.text.len);
    CU_ASSERT_FALSE(says(told.document->reduced, "u1@"));
    CU_ASSERT(says(told.document->reduced, "fire"));
    CU_ASSERT_EQUAL(strlen(told.document->reduced_etag), GMS_REDUCED_ETAG_LEN);
}

static void what_is_stored_is_read_once(void)
{
    MU_CLEANUP(drop_documents) struct gms_documents *documents = make(NULL);
    MU_CLEANUP(buf_clear) struct buf text = {0};
    MU_CLEANUP(told_clear) struct told first = {0}, second = {0}, third = {0};
    struct gms_doc doc = stored(write_text(&text, 3, "fire"), "e1");

    gms_documents_read(documents, &doc, on_read, &first);
    gms_documents_read(documents, &doc, on_read, &second);
    CU_ASSERT_PTR_EQUAL(first.document, second.document);
    doc.etag = span_str("e2");
    gms_documents_read(documents, &doc, on_read, &third);
    CU_ASSERT_PTR_NOT_EQUAL(first.document, third.document);
    CU_ASSERT(span_eq(third.document->doc.etag, span_str("e2")));
}

static void what_is_not_stored_is_not_kept(void)
{
    MU_CLEANUP(drop_documents) struct gms_documents *documents = make(NULL);
    MU_CLEANUP(buf_clear) struct buf text = {0};
    MU_CLEANUP(told_clear) struct told first = {0}, second = {0};
    const struct gms_doc doc = {.text = write_text(&text, 3, "fire")};

    gms_documents_read(documents, &doc, on_read, &first);
    gms_documents_read(documents, &doc, on_read, &second);
    CU_ASSERT_EQUAL(first.err, MU_OK);
    CU_ASSERT_PTR_NOT_EQUAL(first.document, second.document);
}

static void the_reduced_tag_does_not_tell_of_the_list(void)
{
    MU_CLEANUP(drop_documents) struct gms_documents *documents = make(NULL);
    struct told told[3] = {{0}, {0}, {0}};
    static const struct {
        unsigned members;
        const char *name;
    } texts[] = {{3, "fire"}, {4, "fire"}, {4, "flood"}};

    for (size_t i = 0; i < 3; i++) {
        MU_CLEANUP(buf_clear) struct buf text = {0};
        const struct gms_doc doc = {
            .text = write_text(&text, texts[i].members, texts[i].name)};

        gms_documents_read(documents, &doc, on_read, &told[i]);
        CU_ASSERT_EQUAL_FATAL(told[i].err, MU_OK);
    }
    CU_ASSERT_STRING_EQUAL(
        told[0].document->reduced_etag, told[1].document->reduced_etag);
    CU_ASSERT_STRING_NOT_EQUAL(
        told[1].document->reduced_etag, told[2].document->reduced_etag);
    for (size_t i = 0; i < 3; i++)
        told_clear(&told[i]);
}

static void a_text_that_is_none_is_told_with_its_fault(void)
{
    MU_CLEANUP(drop_documents) struct gms_documents *documents = make(NULL);
    MU_CLEANUP(told_clear) struct told told = {0};
    const struct gms_doc doc = {.text = span_str("<group")};

    gms_documents_read(documents, &doc, on_read, &told);
    CU_ASSERT_EQUAL(told.err, MU_E_MALFORMED);
    CU_ASSERT_EQUAL(told.fault.kind, XML_GROUP_NOT_WELL_FORMED);
    CU_ASSERT_PTR_NULL(told.document);
}

static void wait_for(struct mu_pool *pool)
{
    struct pollfd fd = {mu_pool_fd(pool), POLLIN, 0};

    CU_ASSERT_EQUAL(poll(&fd, 1, 60000), 1);
    mu_pool_drain(pool);
}

static void a_large_text_is_read_by_a_worker(void)
{
    MU_CLEANUP(buf_clear) struct buf text = {0};
    MU_CLEANUP(told_clear) struct told told = {0}, refused = {0};
    struct mu_pool *pool = NULL;
    struct gms_documents *documents;
    struct gms_doc doc;

    CU_ASSERT_EQUAL_FATAL(mu_pool_new(1, 1, &pool), MU_OK);
    documents = make(pool);
    doc = stored(write_text(&text, 5000, "fire"), "e1");
    CU_ASSERT(doc.text.len > GMS_WORK_INLINE_MAX);
    gms_documents_read(documents, &doc, on_read, &told);
    CU_ASSERT_EQUAL(told.calls, 0);
    gms_documents_read(documents, &doc, on_read, &refused);
    CU_ASSERT_EQUAL(refused.calls, 1);
    CU_ASSERT_EQUAL(refused.err, MU_E_STATE);
    wait_for(pool);
    CU_ASSERT_EQUAL(told.calls, 1);
    CU_ASSERT_EQUAL(told.err, MU_OK);
    mu_pool_free(pool);
    gms_documents_free(documents);
}

CU_TestInfo gms_document_tests[] = {
    {"a text comes with its model and its reduced form",
        a_text_comes_with_its_model_and_its_reduced_form},
    {"what is stored is read once", what_is_stored_is_read_once},
    {"what is not stored is not kept", what_is_not_stored_is_not_kept},
    {"the reduced tag does not tell of the list",
        the_reduced_tag_does_not_tell_of_the_list},
    {"a text that is none is told with its fault",
        a_text_that_is_none_is_told_with_its_fault},
    {"a large text is read by a worker", a_large_text_is_read_by_a_worker},
    CU_TEST_INFO_NULL,
};
