/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kms-client/world.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "mikey/ntp.h"
#include "xml/dsig.h"

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

void world_init(struct world *w)
{
    struct kms_enrolment *e = &w->enrolment;
    struct xml_cert_point point;

    *w = (struct world){.period_no = 0};
    test_rng_init(&w->rng, 7);
    test_kms_init(&w->kms, &w->rng);
    must(xml_cert_key_make(&w->rng.rng, &w->cert_key));
    must(xml_cert_point_of(&w->cert_key, &point));
    must(mcptt_id_set(&e->kms_uri, span_str("kms.example.org")));
    must(mcptt_id_set(&e->user_uri, span_str("sip:user@example.org")));
    e->serial = 3;
    e->not_after_s = WORLD_NOW + 86400;
    (void)strcpy(e->kds_url, "https://kds.example.org:8444");
    must(mu_rng_fill(&w->rng.rng, e->trk.b, sizeof(e->trk.b)));
    must(mu_rng_fill(&w->rng.rng, e->ink.b, sizeof(e->ink.b)));
    memcpy(e->cert_key, point.b, sizeof(point.b));
    w->period_no = (WORLD_NOW + (uint64_t)MIKEY_NTP_UNIX_S) / WORLD_PERIOD;
}

void world_clear(struct world *w)
{
    test_kms_clear(&w->kms);
    kms_enrolment_clear(&w->enrolment);
}

struct world_cert world_root(const struct world *w)
{
    return (struct world_cert){
        .kms_uri = "kms.example.org",
        .role = "Root",
        .from_s = WORLD_NOW - 1000,
        .to_s = WORLD_NOW + 1000000,
        .kms = &w->kms,
    };
}

void world_bare_cert(
    const struct world *w, const struct world_cert *cert, char text[WORLD_TEXT])
{
    char z_hex[MU_HEX_LEN(MIKEY_POINT_LEN)], kpak_hex[MU_HEX_LEN(65)];
    char from[MU_TIME_TEXT], to[MU_TIME_TEXT];
    uint8_t z[MIKEY_POINT_LEN], kpak[MIKEY_KPAK_LEN];

    (void)w;
    must(mikey_sakke_public(&cert->kms->z, z));
    must(mikey_eccsi_public(&cert->kms->ksak, kpak));
    mu_hex_write(SPAN_OF(z), z_hex);
    mu_hex_write(SPAN_OF(kpak), kpak_hex);
    mu_time_write(cert->from_s * 1000, from);
    mu_time_write(cert->to_s * 1000, to);
    (void)snprintf(text, WORLD_TEXT,
        "<KmsCertificate xmlns=\"urn:3gpp:ns:mcsecKMSInterface:1.0\""
        " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
        " Id=\"c1\" Role=\"%s\" Version=\"1.1.0\"><KmsUri>%s</KmsUri>"
        "<ValidFrom>%s</ValidFrom><ValidTo>%s</ValidTo><Revoked>%s</Revoked>"
        "<UserIdFormat>2</UserIdFormat><UserKeyPeriod>%d</UserKeyPeriod>"
        "<UserKeyOffset>0</UserKeyOffset><PubEncKey>%s</PubEncKey>"
        "<PubAuthKey>%s</PubAuthKey></KmsCertificate>",
        cert->role, cert->kms_uri, from, to, cert->revoked ? "true" : "false",
        WORLD_PERIOD, z_hex, kpak_hex);
}

void world_sign_cert(
    const struct world *w, const struct world_cert *cert, char text[WORLD_TEXT])
{
    char bare[WORLD_TEXT];
    struct span out;
    struct wr wr;

    world_bare_cert(w, cert, bare);
    wr_init(&wr, (uint8_t *)text, WORLD_TEXT - 1);
    must(xml_sign_ecdsa(XML_SIGNED_CERT, span_str(bare), &w->cert_key, &wr));
    must(wr_close(&wr, &out));
    text[out.len] = '\0';
}

void world_wrap_keys(
    struct world *w, uint64_t period_no, struct kms_wrapped_keys *out)
{
    const struct mcptt_trk *trk = &w->enrolment.trk;
    struct mcptt_uid_source source = {
        .identity = mcptt_id_span(&w->enrolment.user_uri),
        .kms = mcptt_id_span(&w->enrolment.kms_uri),
        .rule = {.length_s = WORLD_PERIOD},
        .number = period_no,
    };
    struct mikey_eccsi_pair pair;
    struct mikey_rsk rsk;
    struct span uid;

    *out = (struct kms_wrapped_keys){.period_no = period_no};
    must(mcptt_uid_derive(&source, &out->uid));
    uid = SPAN_OF(out->uid.b);
    must(mikey_sakke_extract(&w->kms.z, uid, &w->rng.rng, &rsk));
    must(mikey_eccsi_extract(
        w->kms.eccsi, &w->kms.ksak, uid, &w->rng.rng, &pair));
    must(xml_wrap_rsk(trk, KW_PAD_RFC5649, &rsk, &out->rsk));
    must(xml_wrap_ssk(trk, KW_PAD_RFC5649, &pair.ssk, &out->ssk));
    must(xml_wrap_pvt(trk, KW_PAD_RFC5649, pair.pvt, &out->pvt));
}

struct kms_keyset *world_keyset(const struct world *w)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;
    struct world_cert root = world_root(w);
    struct kms_keyset *set = NULL;
    struct kms_trust trust;
    struct xml_fault fault;
    char text[WORLD_TEXT];

    world_sign_cert(w, &root, text);
    kms_trust_of(&w->enrolment, &trust);
    must(kms_cert_new(&trust, span_str(text), &fault, &cert));
    must(kms_keyset_new(&w->enrolment.user_uri, &set));
    must(kms_keyset_set_home(set, cert));
    return set;
}
