/* What the names in a cell's tables are worth: told by a text, by arrays, or by nobody. */
#include "gradtape.h"
#include "models/dimensions.h"

#include <criterion/criterion.h>
#include <string.h>

static const gt_cell_array inputs[] = {{.name = "x", .rows = "n_x"}};
static const gt_cell_array states[] = {{.name = "h", .rows = "n_a"}};
static const gt_cell_array parameters[] = {{.name = "W", .rows = "2 * n_c", .columns = "n_a + n_x"},
                                           {.name = "V", .rows = "n_a", .columns = "2 * n_c"},
                                           {.name = "U", .rows = "n_d", .columns = "n_c + n_e", .output_only = true}};
static const gt_cell cell = {.name = "projected",
                             .inputs = inputs,
                             .input_count = 1,
                             .states = states,
                             .state_count = 1,
                             .parameters = parameters,
                             .parameter_count = 3};

static gt_dimensions names(bool with_outputs)
{
    gt_dimensions d;
    gt_error error = {0};
    cr_assert_eq(gt_dimensions_find(&d, &cell, with_outputs, &error), GT_OK, "%s", error.message);
    return d;
}

static int64_t size_of(gt_dimensions *d, const char *name)
{
    gt_dimension *dimension = gt_dimensions_at(d, name);
    cr_assert(dimension != NULL, "%s is not there", name);
    return dimension->size;
}

Test(dimensions, names_are_those_of_the_tables)
{
    gt_dimensions d = names(false); /* names point elsewhere by now */
    cr_assert_eq(d.count, 3);
    cr_expect_str_eq(d.names[0], "n_x");
    cr_expect_str_eq(d.names[1], "n_a");
    cr_expect_str_eq(d.names[2], "n_c");
    cr_expect_eq(names(true).count, 5);
}

/* No array is as large as n_c alone. */
Test(dimensions, an_open_name_follows_from_a_size_with_others)
{
    gt_dimensions d;
    gt_error error = {0};
    gt_dimensions_find(&d, &cell, false, &error);
    gt_size_fact facts[] = {{"2 * n_c", 14, "W"}, {"n_a + n_x", 8, "W"}, {NULL, 1, "b"}, {"n_a", 5, "V"}};
    gt_dimensions_learn(&d, facts, 4);
    cr_expect_eq(size_of(&d, "n_c"), 7);
    cr_expect_eq(size_of(&d, "n_a"), 5);
    cr_expect_eq(size_of(&d, "n_x"), 3);
    cr_expect_str_eq(d.from[0], "W");
    gt_dimension known[GT_MAX_CELL_ARRAYS];
    cr_expect_eq(gt_dimensions_known(&d, known), 3);
}

Test(dimensions, what_was_told_first_stays)
{
    gt_dimensions d;
    gt_error error = {0};
    gt_dimensions_find(&d, &cell, false, &error);
    cr_assert_eq(gt_dimensions_read(&d, &cell, "dims", "n_a=9,n_c=2", &error), GT_OK, "%s", error.message);
    gt_size_fact facts[] = {{"n_a", 5, "h0"}, {"n_x", 3, "x"}, {"n_x", 4, "other"}};
    gt_dimensions_learn(&d, facts, 3);
    gt_dimensions_usual(&d, 0);
    cr_expect_eq(size_of(&d, "n_a"), 9);
    cr_expect_eq(size_of(&d, "n_c"), 2);
    cr_expect_eq(size_of(&d, "n_x"), 3);
}

Test(dimensions, usual_sizes_are_small_and_different)
{
    gt_dimensions d;
    gt_error error = {0};
    gt_dimensions_find(&d, &cell, true, &error);
    gt_dimensions_usual(&d, 6);
    cr_expect_eq(size_of(&d, "n_x"), 3);
    cr_expect_eq(size_of(&d, "n_a"), 5);
    for (uint32_t i = 0; i < d.count; i++)
        for (uint32_t k = 0; k < i; k++)
            cr_expect_neq(d.list[i].size, d.list[k].size, "%s and %s", d.names[i], d.names[k]);
    for (uint32_t i = 0; i < d.count; i++)
        cr_expect(d.list[i].size > 0 && d.list[i].size != 6, "%s", d.names[i]);
}

Test(dimensions, what_is_refused)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"n_q=3", "dims: projected has no dimension 'n_q'; did you mean"},
        {"hidden=3", "it has n_x, n_a, n_c"},
        {"n_a", "dims expects sizes such as n_a=128, not 'n_a'"},
        {"n_a=0", "a whole number from 1"},
        {"n_a=3,n_a=4", "dims gives n_a twice"},
        {"n_a=99999999999999999999", "a whole number from 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_dimensions d;
        gt_error error = {0};
        gt_dimensions_find(&d, &cell, false, &error);
        cr_expect_eq(gt_dimensions_read(&d, &cell, "dims", cases[i].text, &error), GT_ERROR_ARGUMENT);
        cr_expect(strstr(error.message, cases[i].words) != NULL, "%s: %s", cases[i].text, error.message);
    }
}

/* The list is full of pointers into itself. */
Test(dimensions, one_name_can_be_dropped)
{
    gt_dimensions d;
    gt_error error = {0};
    gt_dimensions_find(&d, &cell, false, &error);
    gt_dimensions_read(&d, &cell, "dims", "n_c=4", &error);
    gt_dimensions_drop(&d, "n_x");
    gt_dimensions_drop(&d, "n_q");
    cr_assert_eq(d.count, 2);
    cr_expect_str_eq(d.list[1].name, "n_c");
    cr_expect_eq(d.list[1].size, 4);
    cr_expect_str_eq(d.from[1], "dims");
}
