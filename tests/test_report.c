/* Reports: names, lists, words. */
#include "check/report.h"
#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* ---- names ---------------------------------------------------------------------------------- */

Test(report, every_value_has_a_name_of_its_own)
{
    for (int a = GT_OK; a <= GT_ERROR_INTERRUPTED; a++)
        for (int b = GT_OK; b <= GT_ERROR_INTERRUPTED + 1; b++)
            cr_expect((strcmp(gt_status_name((gt_status)a), gt_status_name((gt_status)b)) == 0) == (a == b),
                      "%d and %d", a, b);
    for (int a = 0; a < GT_CHECK_KINDS; a++)
        for (int b = 0; b <= GT_CHECK_KINDS; b++)
            cr_expect((strcmp(gt_check_kind_name((gt_check_kind)a), gt_check_kind_name((gt_check_kind)b)) == 0) ==
                      (a == b));
    for (int a = 0; a <= GT_PATTERN_SCATTERED; a++)
        for (int b = 0; b <= GT_PATTERN_SCATTERED + 1; b++)
            cr_expect((strcmp(gt_pattern_name((gt_pattern)a), gt_pattern_name((gt_pattern)b)) == 0) == (a == b));
    for (int a = 0; a <= GT_REMARK_CONVENTION; a++)
        for (int b = 0; b <= GT_REMARK_CONVENTION + 1; b++)
            cr_expect((strcmp(gt_remark_kind_name((gt_remark_kind)a), gt_remark_kind_name((gt_remark_kind)b)) == 0) ==
                      (a == b));
    cr_expect_str_eq(gt_verdict_name(GT_RIGHT), "right");
    cr_expect_str_eq(gt_verdict_name((gt_verdict)77), "unknown verdict");
}

/* ---- lists ---------------------------------------------------------------------------------- */

static void add_finding(gt_report *report, gt_verdict verdict)
{
    gt_finding f = {.verdict = verdict};
    cr_assert_eq(gt_report_add(report, &f, NULL), GT_OK);
}

Test(report, the_worst_verdict_counts)
{
    gt_report report = {0};
    add_finding(&report, GT_RIGHT);
    cr_expect_eq(report.verdict, GT_RIGHT);
    add_finding(&report, GT_UNDECIDABLE);
    cr_expect_eq(report.verdict, GT_UNDECIDABLE);
    add_finding(&report, GT_WRONG);
    cr_expect_eq(report.verdict, GT_WRONG);
    add_finding(&report, GT_UNDECIDABLE);
    cr_expect_eq(report.verdict, GT_WRONG);
    cr_expect_eq(report.finding_count, 4);
    gt_report_free(&report);
    gt_report_free(NULL);
}

static void add_remark(gt_report *report, gt_remark_kind kind, const char *array, const char *text)
{
    gt_remark r = {.kind = kind, .array = array, .text = text};
    cr_assert_eq(gt_report_remark(report, &r, NULL), GT_OK);
}

static void expect_summary(const gt_report *report, const char *expected)
{
    char text[200];
    cr_expect_str_eq(gt_report_summary(report, text, sizeof text), expected);
}

Test(report, the_summary_says_what_is_not_verified)
{
    gt_report report = {0};
    expect_summary(&report, "right");
    add_remark(&report, GT_REMARK_NOT_READ, "u", "nothing reads u");
    expect_summary(&report, "right");
    cr_expect(gt_report_complete(&report));
    add_remark(&report, GT_REMARK_NOT_SEEN, "T", "one step");
    expect_summary(&report, "right, but not everything could be seen");
    static const char *const names[] = {"da", "db", "dc", "dd", "de", "df", "dg", "dh"};
    static const char *const summaries[] = {
        "right, but da is not verified",
        "right, but da and db are not verified",
        "right, but da, db and dc are not verified",
        "right, but da, db, dc and dd are not verified",
        "right, but da, db, dc, dd and de are not verified",
        "right, but da, db, dc, dd, de and df are not verified",
        "right, but da, db, dc, dd, de and 2 more are not verified",
        "right, but da, db, dc, dd, de and 3 more are not verified",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        add_remark(&report, GT_REMARK_NOT_VERIFIED, names[i], "not there");
        expect_summary(&report, summaries[i]);
    }
    cr_expect_not(gt_report_complete(&report));
    add_finding(&report, GT_WRONG);
    expect_summary(&report, "wrong");
    char text[12] = "";
    cr_expect_str_eq(gt_report_summary(&(gt_report){0}, text, 4), "rig");
    cr_expect_str_eq(gt_report_summary(&(gt_report){0}, text, 0), "rig"); /* as it was */
    gt_report_free(&report);
}

Test(report, a_remark_is_made_once)
{
    gt_report report = {0};
    add_remark(&report, GT_REMARK_NOT_SEEN, "T", "one step");
    add_remark(&report, GT_REMARK_NOT_SEEN, "T", "one step");
    cr_expect_eq(report.remark_count, 1);
    add_remark(&report, GT_REMARK_NOT_SEEN, "T", "another");
    add_remark(&report, GT_REMARK_NOT_SEEN, "m", "one step");
    add_remark(&report, GT_REMARK_NOT_READ, "T", "one step");
    cr_expect_eq(report.remark_count, 4);
    gt_report_free(&report);
}

/* ---- words ---------------------------------------------------------------------------------- */

Test(report, findings_and_remarks_in_words)
{
    gt_finding f = {.kind = GT_CHECK_NUMERIC,
                    .verdict = GT_UNDECIDABLE,
                    .array = "dk",
                    .of = "k",
                    .step = 3,
                    .shape = GT_SHAPE(2, 5),
                    .index = {1, 4},
                    .value = -0.0,
                    .expected = 2,
                    .error_bar = 0.5,
                    .entry_count = 10,
                    .kink = true,
                    .left = -1,
                    .right = 3};
    char text[1000], cut[20];
    size_t length = gt_finding_format(&f, text, sizeof text);
    cr_expect_eq(length, strlen(text));
    cr_expect_str_eq(text, "undecidable: dk, the gradient of k\n"
                           "    dk[1, 4] at time step 3 is 0; numbers give 2 +- 0.5\n"
                           "    a kink: the slope is -1 on the left and 3 on the right\n");
    cr_expect_eq(gt_finding_format(&f, cut, sizeof cut), length, "the length of the whole, as snprintf");
    cr_expect_eq(strlen(cut), sizeof cut - 1);
    cr_expect_eq(gt_finding_format(&f, NULL, 0), length);
    gt_remark r = {.kind = GT_REMARK_NOT_READ, .place = {NULL, 4, 2}, .text = "nothing reads u"};
    gt_remark_format(&r, text, sizeof text);
    cr_expect_str_eq(text, ":4:2: remark: nothing reads u\n");
    r = (gt_remark){.kind = GT_REMARK_NOT_SEEN, .place = {"a.cell", 4, 2}, .text = "one step"};
    cr_expect_eq(gt_remark_format(&r, text, sizeof text), strlen("a.cell:4:2: not seen: one step\n"));
    cr_expect_str_eq(text, "a.cell:4:2: not seen: one step\n");
    cr_expect_eq(gt_remark_format(&r, NULL, 0), strlen(text));
}

Test(report, a_report_in_words)
{
    gt_report report = {.counts = {[GT_CHECK_NUMERIC] = {.entries = 30, .projections = 24}}};
    char text[1000];
    add_remark(&report, GT_REMARK_NOT_VERIFIED, "dh", "dh: the block does not define it");
    size_t length = gt_report_format(&report, text, sizeof text);
    cr_expect_str_eq(text, "right, but dh is not verified: 30 entries compared, and 24 random projections\n"
                           "not verified: dh: the block does not define it\n");
    cr_expect_eq(length, strlen(text));
    cr_expect_eq(gt_report_format(&report, NULL, 0), length);
    gt_report_free(&report);
}

Test(report, its_words_are_its_own)
{
    gt_report report = {0};
    char name[8] = "dW", text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    gt_finding f = {.verdict = GT_WRONG, .array = name, .text = text, .diagnosis = {.kind = "wrong sign"}};
    cr_assert_eq(gt_report_add(&report, &f, NULL), GT_OK);
    cr_assert_eq(gt_report_add(&report, &f, NULL), GT_OK);
    memset(name, 'y', sizeof name - 1);
    memset(text, 'y', sizeof text - 1);
    const gt_finding *found = report.findings;
    cr_expect_str_eq(found[0].array, "dW");
    cr_expect_eq(strspn(found[0].text, "x"), sizeof text - 1, "it is not cut");
    cr_expect_str_eq(found[0].formula, "", "NULL is nothing to say");
    cr_expect_str_eq(found[0].diagnosis.repaired, "");
    cr_expect_eq(found[0].text, found[1].text, "the same words are there once");
    cr_expect_str_eq(gt_report_write(&report, "%s%d", "x", 7), "x7");
    gt_report_free(&report);
}

Test(report, a_finding_without_words_can_be_printed)
{
    gt_finding f = {.verdict = GT_WRONG, .step = -1};
    char text[200];
    gt_finding_format(&f, text, sizeof text);
    cr_expect_str_eq(text, "wrong: the forward pass\n");
}
