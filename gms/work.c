/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/work.h"

void gms_work(struct mu_pool *pool, struct mu_job *job, size_t octets)
{
    if (pool == NULL || octets <= GMS_WORK_INLINE_MAX) {
        job->kind->run(job);
        job->kind->done(job, MU_OK);
        return;
    }
    if (mu_pool_submit(pool, job) != MU_OK)
        job->kind->done(job, MU_E_STATE);
}
