/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/status.h"

#include "base/text.h"
#include "cli/json.h"

static void hex_of(struct mcptt_key_id id, char out[MU_HEX_LEN(4)])
{
    uint8_t octets[MCPTT_KEY_ID_LEN];
    struct wr w;

    wr_init(&w, octets, sizeof(octets));
    mcptt_key_id_write(&w, id);
    mu_hex_write(SPAN_OF(octets), out);
}

static uint64_t expiry_of(const struct ue_key *key)
{
    return key->until_s == UINT64_MAX ? 0 : key->until_s;
}

static void key_json(struct json *j, const struct ue_key *key, uint64_t now_s)
{
    char hex[MU_HEX_LEN(MCPTT_KEY_ID_LEN)];

    json_open(j, NULL, '{');
    hex_of(key->gmk_id, hex);
    json_text(j, "gmk_id", span_str(hex));
    hex_of(key->guk_id, hex);
    json_text(j, "guk_id", span_str(hex));
    json_text(j, "state", span_str(ue_key_word(key, now_s)));
    json_number(j, "activation_s", key->from_s);
    json_number(j, "expiry_s", expiry_of(key));
    json_close(j, '}');
}

static void group_json(struct json *j, const struct ue_group *group)
{
    const struct ue_keystore *store = ue_group_keys(group);

    json_open(j, NULL, '{');
    json_text(j, "group", ue_group_uri(group));
    json_number(j, "status", ue_group_status(group));
    if (ue_group_why(group)[0] != '\0') {
        json_text(j, "cause", span_str(ue_cause_name(ue_group_cause(group))));
        json_text(j, "refused", span_str(ue_group_why(group)));
    }
    json_open(j, "keys", '[');
    for (size_t i = 0; i < store->len; i++)
        key_json(j, &store->keys[i], ue_group_now_s(group));
    json_close(j, ']');
    json_close(j, '}');
}

static void member_json(struct json *j, const struct ue_member *member)
{
    json_open(j, NULL, '{');
    json_text(j, "user", ue_member_uri(member));
    json_text(
        j, "state", span_str(ue_member_state_name(ue_member_state(member))));
    json_open(j, "groups", '[');
    for (size_t i = 0; i < ue_member_group_count(member); i++)
        group_json(j, ue_member_group(member, i));
    json_close(j, ']');
    json_close(j, '}');
}

void ue_status_json(const struct ue_crowd *crowd, struct buf *out)
{
    struct json j = {.out = out};

    json_open(&j, NULL, '{');
    json_open(&j, "members", '[');
    for (size_t i = 0; i < ue_crowd_count(crowd); i++)
        member_json(&j, ue_crowd_member(crowd, i));
    json_close(&j, ']');
    json_close(&j, '}');
    buf_text(out, "\n");
}

static void key_text(struct buf *out, const struct ue_key *key, uint64_t now_s)
{
    char hex[MU_HEX_LEN(MCPTT_KEY_ID_LEN)];

    hex_of(key->gmk_id, hex);
    buf_text(out, "    gmk_id=");
    buf_text(out, hex);
    hex_of(key->guk_id, hex);
    buf_text(out, " guk_id=");
    buf_text(out, hex);
    buf_text(out, " ");
    buf_text(out, ue_key_word(key, now_s));
    buf_text(out, " activation_s=");
    buf_number(out, key->from_s);
    buf_text(out, " expiry_s=");
    buf_number(out, expiry_of(key));
    buf_text(out, "\n");
}

static void group_text(struct buf *out, const struct ue_group *group)
{
    const struct ue_keystore *store = ue_group_keys(group);

    buf_text(out, "  ");
    buf_add(out, ue_group_uri(group));
    buf_text(out, " status=");
    buf_number(out, ue_group_status(group));
    if (ue_group_why(group)[0] != '\0') {
        buf_text(out, " cause=");
        buf_text(out, ue_cause_name(ue_group_cause(group)));
        buf_text(out, " refused: ");
        buf_text(out, ue_group_why(group));
    }
    buf_text(out, "\n");
    for (size_t i = 0; i < store->len; i++)
        key_text(out, &store->keys[i], ue_group_now_s(group));
}

void ue_status_text(const struct ue_crowd *crowd, struct buf *out)
{
    for (size_t i = 0; i < ue_crowd_count(crowd); i++) {
        const struct ue_member *member = ue_crowd_member(crowd, i);

        buf_add(out, ue_member_uri(member));
        buf_text(out, " ");
        buf_text(out, ue_member_state_name(ue_member_state(member)));
        buf_text(out, "\n");
        for (size_t k = 0; k < ue_member_group_count(member); k++)
            group_text(out, ue_member_group(member, k));
    }
}
