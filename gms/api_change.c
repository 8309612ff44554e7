/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api_change.h"

#include <stdio.h>

#include "gms/xcap_match.h"

bool gms_api_matches(const struct gms_api_call *call, struct span etag)
{
    struct gms_match_fields fields = {.if_match = call->if_match};

    return gms_match_judge(&fields, etag, false) == GMS_MATCH_GO;
}

static void on_put(void *ctx, const struct gms_group_result *result)
{
    struct gms_api_change *change = ctx;

    if (result->outcome != GMS_GROUP_STALE)
        change->done(change, MU_OK, result);
    else if (++change->tries < GMS_CHANGE_TRIES)
        change->again(change);
    else
        change->done(change, MU_E_EXPIRED, NULL);
}

static void run(struct gms_api_change *change)
{
    static const struct gms_group_result stale = {.outcome = GMS_GROUP_STALE};
    struct mu_arena *arena = &change->call->arena;
    struct gms_group_put it = {.caller = change->call->caller,
        .at = {.uri = change->group},
        .stop = change->stop,
        .retarget = change->retarget,
        .authorised = true};
    struct gms_doc doc;
    enum mu_err err;

    err = gms_store_doc(change->call->parts->store, change->group, arena, &doc);
    if (err == MU_OK && !gms_api_matches(change->call, doc.etag)) {
        change->done(change, MU_OK, &stale);
        return;
    }
    if (err == MU_OK)
        err = change->edit(change, &doc, arena, &it.text);
    it.expect_etag = doc.etag;
    if (err != MU_OK)
        change->done(change, err, NULL);
    else
        gms_group_put(change->call->parts->groups, &it, on_put, change);
}

void gms_api_change_run(struct gms_api_change *change)
{
    change->tries = 0;
    change->again = run;
    run(change);
}

static void fail_invalid(
    struct gms_api_call *call, const struct xml_group_fault *fault)
{
    gms_api_fail(call, GMS_API_INVALID, fault->phrase);
}

static void fail_unknown(struct gms_api_call *call, struct span who)
{
    char why[400];

    (void)snprintf(why, sizeof(why), "%.*s is not known to the system",
        (int)who.len, (const char *)who.p);
    gms_api_fail(call, GMS_API_UNKNOWN_MEMBER, why);
}

static bool failed_outcome(
    struct gms_api_call *call, const struct gms_group_result *result)
{
    switch (result->outcome) {
    case GMS_GROUP_CREATED:
    case GMS_GROUP_REPLACED:
    case GMS_GROUP_DELETED:
        return false;
    case GMS_GROUP_INVALID:
        fail_invalid(call, &result->fault);
        break;
    case GMS_GROUP_TAKEN:
        gms_api_fail(call, GMS_API_GROUP_EXISTS, NULL);
        break;
    case GMS_GROUP_DENIED:
        gms_api_fail(call, GMS_API_FORBIDDEN, NULL);
        break;
    case GMS_GROUP_STALE:
        gms_api_fail(
            call, GMS_API_PRECONDITION, "the group is not what If-Match says");
        break;
    case GMS_GROUP_UNKNOWN_MEMBER:
        fail_unknown(call, result->alt);
        break;
    case GMS_GROUP_ABSENT:
        gms_api_fail(call, GMS_API_NO_GROUP, NULL);
        break;
    case GMS_GROUP_BUSY:
        gms_api_fail(call, GMS_API_UNAVAILABLE, NULL);
        break;
    case GMS_GROUP_FAILED:
        gms_api_fail_err(call, result->err);
        break;
    }
    return true;
}

bool gms_api_change_failed(struct gms_api_call *call, enum mu_err err,
    const struct gms_group_result *result)
{
    if (err == MU_OK)
        return failed_outcome(call, result);
    if (err == MU_E_EXPIRED)
        gms_api_fail(call, GMS_API_CHANGED, "others kept changing the group");
    else
        gms_api_fail_err(call, err);
    return true;
}
