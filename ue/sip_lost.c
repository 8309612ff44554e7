/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/sip_lost.h"

static void drop_first(struct ue_sip_lost *lost, struct sip_agent *agent)
{
    const struct sip_answer late = {.status = 408};

    (void)(sip_agent_answer(agent, lost->at[lost->first].id, &late) == MU_OK);
    lost->first = (lost->first + 1) % UE_SIP_LOST_MAX;
    lost->count--;
}

void ue_sip_lost_add(struct ue_sip_lost *lost, struct sip_agent *agent,
    uint64_t id, uint64_t now_ms)
{
    size_t place;

    if (lost->count == UE_SIP_LOST_MAX)
        drop_first(lost, agent);
    place = (lost->first + lost->count++) % UE_SIP_LOST_MAX;
    lost->at[place].id = id;
    lost->at[place].at_ms = now_ms;
}

void ue_sip_lost_purge(
    struct ue_sip_lost *lost, struct sip_agent *agent, uint64_t now_ms)
{
    while (lost->count > 0 &&
           now_ms - lost->at[lost->first].at_ms >= UE_SIP_LOST_MS)
        drop_first(lost, agent);
}
