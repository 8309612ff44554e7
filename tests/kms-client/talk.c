/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kms-client/talk.h"

#include <CUnit/CUnit.h>

void talk_must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

void talk_anew(struct talk *t)
{
    kms_session_free(t->session);
    talk_must(kms_session_new(&t->config, &t->session));
}

void talk_init(struct talk *t)
{
    struct kms_keyset *keys = NULL;

    *t = (struct talk){.now_s = WORLD_NOW};
    fake_kms_init(&t->kms);
    talk_must(kms_keyset_new(&t->kms.world.enrolment.user_uri, &keys));
    t->config = (struct kms_session_config){
        .enrolment = &t->kms.world.enrolment,
        .keys = keys,
        .rng = &t->kms.world.rng.rng,
    };
    talk_anew(t);
}

void talk_clear(struct talk *t)
{
    kms_session_free(t->session);
    kms_keyset_free(t->config.keys);
    fake_kms_clear(&t->kms);
}

void talk_start(struct talk *t)
{
    talk_must(kms_session_start(t->session, t->now_s, &t->next));
    CU_ASSERT_EQUAL(t->next.what, KMS_DO_SEND);
}

void talk_answer(struct talk *t)
{
    struct kms_answer a;

    fake_kms_answer(&t->kms, &t->next.request, t->now_s, &a);
    talk_must(kms_session_answer(t->session, &a, t->now_s, &t->next));
}

void talk_run(struct talk *t)
{
    talk_start(t);
    while (t->next.what == KMS_DO_SEND)
        talk_answer(t);
}
