/* What a diagnosis is asked of: nothing, texts with mistakes elsewhere, blocks with more mistakes than there is room
 * for. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(diagnose_edges, .timeout = 60);

#define FORWARD "cell c\n input x[n]\n state h[n]\n param W[n, n]\n z = W @ x\n h' = tanh(z + h)\n"

static gt_status diagnose(const char *text, gt_diagnosis *list, uint32_t capacity, uint32_t *count, gt_report *words)
{
    gt_error error = {0};
    *count = 77;
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    gt_status status = gt_diagnose_cell(parsed, words, list, capacity, count, &error);
    cr_expect(status == GT_OK || error.message[0] != '\0', "%s", text);
    gt_parsed_cell_free(parsed);
    return status;
}

Test(diagnose_edges, nothing_to_look_at)
{
    static const struct {
        const char *text;
        gt_status status;
    } rows[] = {{"# no cell\n", GT_ERROR_FORMAT},
                {FORWARD, GT_OK},
                {FORWARD "backward\n", GT_OK},
                {FORWARD "backward\n u = (\n", GT_ERROR_FORMAT},
                {FORWARD "backward\n u = nobody * dh'\n", GT_ERROR_FORMAT},
                {"cell c\n input x[n]\n state h[n]\n h' = y\nbackward\n dh = dh'\n", GT_ERROR_FORMAT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gt_report words = {0};
        gt_diagnosis list[2];
        uint32_t count;
        cr_expect_eq(diagnose(rows[i].text, list, 2, &count, &words), rows[i].status, "%s", rows[i].text);
        cr_expect_eq(count, 0, "%s", rows[i].text);
        gt_report_free(&words);
    }
    gt_error error = {0};
    gt_report words = {0};
    gt_diagnosis list[1];
    uint32_t count;
    cr_expect_neq(gt_diagnose_cell(NULL, &words, list, 1, &count, &error), GT_OK);
    cr_expect(error.message[0] != '\0');
}

/* Three lines are wrong; as many are told as there is room for. */
Test(diagnose_edges, less_room_than_mistakes)
{
    static const char text[] = FORWARD "backward\n u = dh' * (1 - h'**2)\n dW = -u @ x.T\n dx = W @ u\n dh = 2 * u\n";
    for (uint32_t capacity = 0; capacity <= 4; capacity++) {
        gt_report words = {0};
        gt_diagnosis list[4];
        uint32_t count;
        cr_assert_eq(diagnose(text, list, capacity, &count, &words), GT_OK);
        cr_expect_eq(count, capacity < 3 ? capacity : 3);
        for (uint32_t i = 0; i < count; i++)
            cr_expect(list[i].kind[0] != '\0' && list[i].place.line > 7, "%s", list[i].text);
        gt_report_free(&words);
    }
}
