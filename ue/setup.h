/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setup.h - from the options that the commands have in common to a crowd.
 *
 * Whatever fails is told by cli_fail().
 */
#ifndef UE_SETUP_H
#define UE_SETUP_H

#include "cli/command.h"
#include "ue/crowd.h"

enum ue_option {
    UE_MEMBERS,
    UE_ENROLMENT,
    UE_TOKEN,
    UE_GROUP,
    UE_GROUPS,
    UE_GMS,
    UE_GMS_ID,
    UE_PATH,
    UE_KDS,
    UE_CA,
    UE_THREADS,
    UE_CONNECTIONS,
    UE_COMMON_OPTIONS
};

/* Their rows, for the table of a command. */
// clang-format off
#define UE_COMMON_ROWS                                                         \
    [UE_MEMBERS] = {"--members", CLI_FILE, CLI_OPTIONAL,                       \
        "a line for each member: its enrolment file, its token file"},         \
    [UE_ENROLMENT] = {"--enrolment", CLI_FILE, CLI_OPTIONAL,                   \
        "or the enrolment file of one member"},                                \
    [UE_TOKEN] = {"--token", CLI_FILE, CLI_OPTIONAL,                           \
        "and a file with its access token"},                                   \
    [UE_GROUP] = {"--group", CLI_URI, CLI_OPTIONAL, "URI of the group"},      \
    [UE_GROUPS] = {"--groups", CLI_FILE, CLI_OPTIONAL,                         \
        "or a file with a URI a line"},                                        \
    [UE_GMS] = {"--gms", CLI_URI, CLI_REQUIRED,                               \
        "its scheme, host and port"},                                          \
    [UE_GMS_ID] = {"--gms-id", CLI_URI, CLI_REQUIRED,                         \
        "URI that its messages have to be signed as"},                         \
    [UE_PATH] = {"--path", CLI_TEXT, CLI_OPTIONAL,                             \
        "of key documents, with {mcptt_id} and {gid_encoded}"},                \
    [UE_KDS] = {"--kds", CLI_URI, CLI_OPTIONAL,                               \
        "the KMS's server, instead of the enrolment's"},                       \
    [UE_CA] = {"--ca", CLI_FILE, CLI_OPTIONAL,                                 \
        "PEM of the authorities to believe; otherwise the system's"},          \
    [UE_THREADS] = {"--threads", CLI_NUMBER, CLI_OPTIONAL,                     \
        "that open keys; otherwise one for each processor"},                   \
    [UE_CONNECTIONS] = {"--connections", CLI_NUMBER, CLI_OPTIONAL,             \
        "that the members share, 64"}
// clang-format on

const char *ue_setup_check(const struct cli *cli);

/* Starts as {.cli = cli}. */
struct ue_setup {
    struct cli *cli;
    struct buf groups_text, members_text;
    struct mu_arena arena;
    struct ue_crowd_config config;
    struct ue_crowd *crowd;
};

/*
 * Makes the crowd with all its members; config holds what the command sets
 * beside the options: report, watch, poll_ms and callbacks.
 */
MU_MUST_CHECK enum mu_err ue_setup_open(struct ue_setup *setup);
void ue_setup_clear(struct ue_setup *setup);

#endif
