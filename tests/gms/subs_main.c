/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subs_main.c - the CUnit suites of gms-subs-tests: those that stand on the
 * fake agent (tests/gms/fake_agent.h).
 */
#include "tests/gms/subs_world.h"
#include "tests/runner.h"
#include "tests/suites.h"

static const CU_SuiteInfo suites[] = {
    {"gms/subs_model", NULL, subs_world_end, NULL, NULL, gms_subs_model_tests},
    {"gms/subs_post", NULL, subs_world_end, NULL, NULL, gms_subs_post_tests},
    {"gms/subs_take", NULL, subs_world_end, NULL, NULL, gms_subs_take_tests},
    {"gms/subs_tell", NULL, subs_world_end, NULL, NULL, gms_subs_tell_tests},
};

int main(int argc, char **argv)
{
    return run_suites(
        suites, sizeof(suites) / sizeof(suites[0]), argc > 1 ? argv[1] : NULL);
}
