/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gms/vault_frames.h"

#include <string.h>

#define GROUP "sip:g@x"
#define KMS   "kms.x"

static struct gms_sealed_key key(const struct frames *f)
{
    return (struct gms_sealed_key){
        .id = {0x01020304},
        .group = span_str(GROUP),
        .epoch = 7,
        .sealed = SPAN_OF(f->sealed),
    };
}

void frames_init(struct frames *f)
{
    static const char *const uris[2] = {"sip:a@x", "sip:b@x"};
    static const char *const messages[2] = {"message", "another"};

    memset(f->sealed, 0x11, sizeof(f->sealed));
    for (uint8_t i = 0; i < 2; i++) {
        memset(f->envelopes[i], 0x22 + i, sizeof(f->envelopes[i]));
        f->uris[i] = span_str(uris[i]);
        f->items[i] =
            (struct gms_vault_sign_item){f->uris[i], SPAN_OF(f->envelopes[i])};
        f->made[i] = (struct gms_vault_envelope){
            {0x0a000000U + i}, SPAN_OF(f->envelopes[i])};
        f->messages[i] = span_str(messages[i]);
    }
    f->objects[0] = (struct gms_vault_object){.key = key(f),
        .envelope = SPAN_OF(f->envelopes[0]),
        .period = {span_str(KMS), 1519},
        .recipient = f->uris[0],
        .revocation = true};
    f->objects[0].key.sealed = (struct span){NULL, 0};
    f->objects[1] = (struct gms_vault_object){.key = key(f)};
    f->sealed_anew[0] = SPAN_OF(f->sealed);
    f->sealed_anew[1] = (struct span){f->sealed, 0}; /* does not open */
}

static struct kms_wrapped_keys wrapped(void)
{
    return (struct kms_wrapped_keys){
        .period_no = 1519,
        .uid = {{1, 2, 3}},
        .rsk = {{4}, 272},
        .ssk = {{5}, 40},
        .pvt = {{6}, 80},
    };
}

static struct gms_sign_terms terms(void)
{
    return (struct gms_sign_terms){
        .activation_s = 1700000000,
        .expiry_s = 1800000000,
        .text = span_str("Incident 42"),
        .groups = {span_str(GROUP), span_str("sip:h@x")},
        .group_count = 2,
    };
}

struct gms_vault_request frames_request(
    const struct frames *f, enum gms_vault_op op)
{
    const struct gms_vault_period period = {span_str(KMS), 1519};
    struct gms_vault_request q = {.op = op, .id = 0xa0b0c0d0U + op};

    switch (op) {
    case GMS_VAULT_CERT:
        q.cert = span_str("<KmsCertificate/>");
        break;
    case GMS_VAULT_KEYS:
        q.keys = wrapped();
        break;
    case GMS_VAULT_NEW_KEY:
        q.new_key =
            (struct gms_vault_new_key){MCPTT_KIND_MUSIK, span_str(GROUP), 7};
        break;
    case GMS_VAULT_WRAP:
        q.wrap = (struct gms_vault_wrap){key(f), period, true, f->uris, 2};
        break;
    case GMS_VAULT_SIGN:
        q.sign = (struct gms_vault_sign){key(f), period, terms(), f->items, 2};
        break;
    case GMS_VAULT_EXCLUDE:
    case GMS_VAULT_ADMIT:
        q.members = (struct gms_vault_members){span_str(GROUP), 8, f->uris, 2};
        break;
    case GMS_VAULT_RECEIPT:
        q.receipt = (struct gms_vault_receipt){key(f), span_str("receipt")};
        break;
    case GMS_VAULT_CSK:
        q.csk = (struct gms_vault_csk){span_str("message")};
        break;
    case GMS_VAULT_RESEAL:
        q.reseal = (struct gms_vault_reseal){f->objects, 2};
        break;
    case GMS_VAULT_HELLO:
    case GMS_VAULT_OPS:
        break;
    }
    return q;
}

static struct gms_vault_hello hello(void)
{
    return (struct gms_vault_hello){
        .identity = span_str("sip:gms@x"),
        .kms = span_str(KMS),
        .kek = {{1, 2, 3, 4, 5, 6, 7, 8}},
        .now_ms = 1700000000123,
        .ready = true,
        .log_head = span_str("3:00ff"),
        .identity_kek = {{9, 2, 3, 4, 5, 6, 7, 8}},
        .keks = {{{9, 2, 3, 4, 5, 6, 7, 8}}, {{1, 2, 3, 4, 5, 6, 7, 8}}},
        .kek_count = 2,
    };
}

struct gms_vault_answer frames_answer(
    const struct frames *f, enum gms_vault_op op)
{
    struct gms_vault_answer a = {
        .op = op, .id = 0xa0b0c0d0U + op, .last = true};

    switch (op) {
    case GMS_VAULT_HELLO:
        a.hello = hello();
        break;
    case GMS_VAULT_NEW_KEY:
        a.key = key(f);
        break;
    case GMS_VAULT_WRAP:
        a.last = false;
        a.envelopes.first = 254;
        a.envelopes.count = 2;
        a.envelopes.at = f->made;
        break;
    case GMS_VAULT_SIGN:
        a.messages.first = 126;
        a.messages.count = 2;
        a.messages.at = f->messages;
        break;
    case GMS_VAULT_CSK:
        a.csk = (struct gms_vault_csk_opened){
            span_str("sip:a@x"), {0x20000001}, 1800000000, {{0x33}}};
        break;
    case GMS_VAULT_RESEAL:
        a.objects.first = 62;
        a.objects.count = 2;
        a.objects.at = f->sealed_anew;
        break;
    case GMS_VAULT_CERT:
    case GMS_VAULT_KEYS:
    case GMS_VAULT_EXCLUDE:
    case GMS_VAULT_ADMIT:
    case GMS_VAULT_RECEIPT:
    case GMS_VAULT_OPS:
        break;
    }
    return a;
}

struct gms_vault_answer frames_refusal(void)
{
    return (struct gms_vault_answer){
        .op = GMS_VAULT_SIGN,
        .id = 9,
        .last = true,
        .err = MU_E_DENIED,
        .refusal = GMS_REFUSED_EXCLUDED,
        .why = span_str("sip:a@x"),
    };
}
