/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/redirect.h"

#include "xml/kms_krr.h"

const char *gms_redirect_name(enum gms_redirect verdict)
{
    static const char *const names[GMS_REDIRECT_VERDICTS] = {
        [GMS_REDIRECT_FOLLOW] = "followed",
        [GMS_REDIRECT_NO_CERTIFICATE] = "no certificate of that KMS",
        [GMS_REDIRECT_NOT_ALLOWED] = "not a KMS that is allowed",
        [GMS_REDIRECT_SAME] = "the same KMS again",
        [GMS_REDIRECT_LOOP] = "redirected too often",
        [GMS_REDIRECT_MALFORMED] = "no KMS redirect response",
    };

    return (unsigned)verdict < GMS_REDIRECT_VERDICTS ? names[verdict]
                                                     : "unknown";
}

static bool is_allowed(const struct mu_conf_strs *allowed, struct span kms)
{
    for (size_t i = 0; i < allowed->len; i++)
        if (span_eq(span_str(allowed->at[i]), kms))
            return true;
    return false;
}

static enum gms_redirect judge_kms(
    const struct gms_redirect_terms *terms, struct span kms)
{
    struct gms_period period;

    if (span_eq(kms, terms->present))
        return GMS_REDIRECT_SAME;
    if (!is_allowed(terms->allowed, kms))
        return GMS_REDIRECT_NOT_ALLOWED;
    if (gms_domains_period(terms->domains, kms, terms->now_s, &period) != MU_OK)
        return GMS_REDIRECT_NO_CERTIFICATE;
    return GMS_REDIRECT_FOLLOW;
}

/* The first good one of the outermost layer that names any; else the reason
 * that says most. */
static enum gms_redirect choose(const struct xml_krr *krr,
    const struct gms_redirect_terms *terms, struct span *kms)
{
    enum gms_redirect best = GMS_REDIRECT_MALFORMED;
    unsigned outermost = XML_KRR_DEPTH_MAX;

    for (size_t i = 0; i < krr->count; i++)
        if (krr->uris[i].depth < outermost)
            outermost = krr->uris[i].depth;
    for (size_t i = 0; i < krr->count && best != GMS_REDIRECT_FOLLOW; i++) {
        enum gms_redirect verdict;

        if (krr->uris[i].depth != outermost)
            continue;
        verdict = judge_kms(terms, krr->uris[i].uri);
        if (verdict >= best)
            continue;
        best = verdict;
        *kms = krr->uris[i].uri;
    }
    return best;
}

/* A layer inside is a redirect that came before it. */
static unsigned hops_of(
    const struct xml_krr *krr, const struct gms_redirect_terms *terms)
{
    unsigned hops = terms->hops + 1;

    for (size_t i = 0; i < krr->count; i++)
        if (krr->uris[i].depth > hops)
            hops = krr->uris[i].depth;
    return hops;
}

enum gms_redirect gms_redirect_judge(struct span krr,
    const struct gms_redirect_terms *terms, struct mu_arena *arena,
    struct gms_redirect_found *out)
{
    struct gms_redirect_found found;
    enum gms_redirect verdict;
    struct xml_fault fault;
    struct xml_krr read;
    enum mu_err err = xml_krr_read(krr, arena, &fault, &read);

    if (err != MU_OK)
        return err == MU_E_NO_SPACE ? GMS_REDIRECT_LOOP
                                    : GMS_REDIRECT_MALFORMED;
    found.hops = hops_of(&read, terms);
    if (found.hops > GMS_REDIRECTS_MAX)
        return GMS_REDIRECT_LOOP;
    verdict = choose(&read, terms, &found.kms);
    if (verdict == GMS_REDIRECT_FOLLOW)
        *out = found;
    return verdict;
}
