/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gms/ctl.h"
#include "tests/suites.h"

/* Rows of two cells; what comes out is a string in out. */
static void print(const char *const *cells, size_t count, struct buf *out)
{
    MU_CLEANUP(gms_ctl_table_clear) struct gms_ctl_table table;

    gms_ctl_table_init(&table, 2);
    for (size_t i = 0; i < count; i++)
        gms_ctl_cell(&table, cells[i]);
    gms_ctl_table_write(&table, out);
    buf_add(out, (struct span){(const uint8_t *)"", 1});
    CU_ASSERT_EQUAL_FATAL(out->err, MU_OK);
}

static void columns_stand_below_their_heads(void)
{
    static const char *const cells[] = {
        "GROUP", "NAME", "sip:a@b", "Fire", "x", NULL, "tel:+1", ""};
    MU_CLEANUP(buf_clear) struct buf out = {0};

    print(cells, sizeof(cells) / sizeof(cells[0]), &out);
    CU_ASSERT_STRING_EQUAL((char *)out.p, "GROUP    NAME\n"
                                          "sip:a@b  Fire\n"
                                          "x        -\n"
                                          "tel:+1   -\n");
}

static void a_line_is_never_wider_than_a_terminal(void)
{
    char wide[201];
    const char *const cells[] = {"GROUP", "NAME", wide, wide};
    MU_CLEANUP(buf_clear) struct buf out = {0};
    const char *line;

    memset(wide, 'w', 200);
    wide[200] = '\0';
    print(cells, 4, &out);
    line = strchr((char *)out.p, '\n') + 1;
    CU_ASSERT_EQUAL(strcspn(line, "\n"), GMS_CTL_WIDTH);
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "ww..  ww"));
}

static void characters_count_not_octets(void)
{
    static const char *const cells[] = {"A", "B", "caf\xc3\xa9", "x"};
    MU_CLEANUP(buf_clear) struct buf out = {0};

    print(cells, 4, &out);
    CU_ASSERT_STRING_EQUAL((char *)out.p, "A     B\ncaf\xc3\xa9  x\n");
}

static void what_commands_a_terminal_is_disarmed(void)
{
    static const char *const cells[] = {"\x1b[2J", "a\r\nb",
        ("\xc2\x9b"
         "2J"),
        "\x7f"};
    MU_CLEANUP(buf_clear) struct buf out = {0};

    print(cells, 4, &out);
    CU_ASSERT_STRING_EQUAL((char *)out.p, "?[2J  a??b\n??2J  ?\n");
}

CU_TestInfo gms_ctl_table_tests[] = {
    {"columns stand below their heads", columns_stand_below_their_heads},
    {"a line is never wider than a terminal",
        a_line_is_never_wider_than_a_terminal},
    {"characters count, not octets", characters_count_not_octets},
    {"what commands a terminal is disarmed",
        what_commands_a_terminal_is_disarmed},
    CU_TEST_INFO_NULL,
};
