/* hidden y = ...: what a layer hands on. */
#include "lang_rows.h"

#define BEGIN "cell c\n input x[n]\n state h[n]\n param V[n_y, n]\n"
#define END " h' = h + x\n"

Test(lang_hidden, errors)
{
    static const row rows[] = {
        {BEGIN " hidden y = V @ h\n" END, ""},
        {BEGIN " hidden y = h'\n" END, "5:13: h' is used before it is assigned, in line 6; the old state is h"},
        {BEGIN END " hidden = V @ h\n output y = hidden\n", ""},
        {BEGIN " hidden y = V @ h\n hidden z = h\n" END,
         "6:9: a layer hands on one array, which is y, in line 5; write output z = ..., or join the two with concat"},
        {BEGIN " hidden y = V @ x.T\n" END, "5:13: matmul: V is (n_y, n) but x.T is (m, n); V @ x would fit"},
        {BEGIN " hidden y' = V @ x\n" END, "5:9: an output has no prime; write hidden y = y'"},
        {BEGIN " hidden y[n_y]\n" END, "5:2: there is no word hidden in a cell; write state"},
        {BEGIN END "backward\n hidden y = h\n", "7:2: outputs belong before the backward block"},
        {BEGIN " hidden y V @ x\n" END, "5:11: expected = behind the name, not 'V'; an equation is written y = ..."},
    };
    expect_cells(rows, COUNT(rows));
}

/* The place in the outputs of what is handed on. */
static int32_t handed_on(const char *text)
{
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    cr_assert_not_null(cell, "%s", text);
    int32_t place = gt_cell_handed_on(cell);
    gt_parsed_cell_free(parsed);
    return place;
}

Test(lang_hidden, is_handed_on)
{
    cr_expect_eq(handed_on(BEGIN END " output y = V @ h'\n"), -1);
    cr_expect_eq(handed_on(BEGIN END " output s = h * x\n output y = V @ h'\n"), 0);
    cr_expect_eq(handed_on(BEGIN END " output s = h * x\n hidden y = V @ h'\n"), 1);
    cr_expect_eq(handed_on(BEGIN END " output s = h * x\n hidden z = h'\n"), 1);
    cr_expect_eq(handed_on(BEGIN END " hidden y = V @ h'\n"), 0, "n_y rows or not");
}
