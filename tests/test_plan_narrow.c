/* Work on narrower operands (narrow-ops): the same numbers, by fewer or shorter ops. */
#include "gradtape.h"

#include "ops/rule.h"
#include "plan/describe/description.h"
#include "plan/rewrite/copy.h"
#include "plan/rewrite/passes.h"
#include "support/planned.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 37, COLUMNS = 5 };

typedef struct operands {
    gt_var x, y;       /* (ROWS, COLUMNS) */
    gt_var row, other; /* (1, COLUMNS) */
    gt_var column;     /* (ROWS, 1) */
    gt_var number;     /* () */
} operands;

static gt_var sum_of_product(const operands *o)
{
    return gt_sum(gt_mul(o->row, o->x), 0);
}
static gt_var sum_of_product_with_number(const operands *o)
{
    return gt_sum(gt_mul(o->x, o->number), 0);
}
static gt_var negated_mean(const operands *o)
{
    return gt_mean(gt_neg(gt_mul(gt_mul(o->x, o->row), gt_mul(o->other, o->y))), 0);
}
static gt_var sum_of_two(const operands *o)
{
    return gt_sum(gt_add(gt_mul(o->x, o->row), gt_mul(o->other, o->y)), 0);
}
static gt_var outer_product(const operands *o)
{
    return gt_sum(gt_mul(o->row, o->column), 0);
}
static gt_var one_term_whole(const operands *o)
{
    return gt_sum(gt_add(o->x, gt_mul(o->other, o->y)), 0);
}
static gt_var sum_of_rows(const operands *o)
{
    return gt_sum(gt_mul(o->row, o->x), 1);
}
static gt_var sum_of_all(const operands *o)
{
    return gt_sum(gt_mul(o->row, o->x), GT_ALL_AXES);
}
static gt_var sum_of_one_row(const operands *o)
{
    return gt_sum(gt_mul(o->row, o->other), 0);
}
static gt_var sum_of_column_factor(const operands *o)
{
    return gt_sum(gt_mul(o->column, o->x), 0);
}
static gt_var sum_of_vector(const operands *o)
{
    return gt_sum(gt_mul(gt_reshape(o->column, GT_SHAPE(ROWS)), o->number), 0);
}
static gt_var sum_of_cube(const operands *o)
{
    return gt_sum(gt_mul(gt_reshape(o->row, GT_SHAPE(1, COLUMNS, 1)), o->x), 0);
}
/* The sum has fewer axes than its factor. */
static gt_var sum_to_number(const operands *o)
{
    gt_var factor = gt_reshape(o->number, GT_SHAPE(1, 1, 1));
    return gt_sum_to(gt_mul(gt_reshape(o->column, GT_SHAPE(ROWS, 1, 1)), factor), GT_SCALAR);
}
static gt_var quotient(const operands *o)
{
    return gt_add(gt_div(o->x, o->row), gt_div(o->y, o->number));
}
static gt_var equal_terms(const operands *o)
{
    gt_var term = gt_mul(o->row, o->x);
    return gt_add(gt_add(o->y, term), term);
}

/* Deeper than it is looked into: some of its numbers stay. */
static gt_var long_product(const operands *o)
{
    gt_var product = gt_mul(o->x, o->row);
    for (int k = 0; k < 20; k++)
        product = gt_mul(k % 2 == 0 ? o->other : o->y, product);
    return gt_sum(product, 0);
}

/* Whether the plan has a step whose text ends so. */
static bool has_step(gt_var output, const gt_plan_options *options, const char *text)
{
    gt_plan_description *d = gt_plan_describe(&output, 1, options, false, NULL);
    cr_assert_not_null(d);
    bool has = false;
    const gt_plan_line *line;
    for (uint32_t i = 0; (line = gt_plan_description_line(d, i)) != NULL; i++)
        has |= strstr(line->text, text) != NULL;
    gt_plan_description_free(d);
    return has;
}

/* Of the output of the pass, which has as many axes as the tape's. */
static gt_shape narrowed_shape(const operands *o, gt_var output)
{
    gt_var inputs[] = {o->x, o->y, o->row, o->other, o->column, o->number};
    gt_program recorded = {.tape = output.tape,
                           .outputs = &output,
                           .output_count = 1,
                           .inputs = inputs,
                           .input_count = sizeof inputs / sizeof inputs[0]};
    gt_program narrowed;
    cr_assert(gt_program_copy(&recorded, &gt_pass_narrow_ops, &narrowed));
    gt_shape shape = gt_var_shape(narrowed.outputs[0]);
    gt_program_free(&narrowed);
    return shape;
}

/* Whether the pass changes nothing. */
static bool has_same_steps(gt_var output, const gt_plan_options *without)
{
    gt_plan_description *a = gt_plan_describe(&output, 1, NULL, false, NULL),
                        *b = gt_plan_describe(&output, 1, without, false, NULL);
    cr_assert(a != NULL && b != NULL);
    bool same = true;
    for (uint32_t i = 0; same; i++) {
        const gt_plan_line *x = gt_plan_description_line(a, i), *y = gt_plan_description_line(b, i);
        if (x == NULL && y == NULL)
            break;
        same = x != NULL && y != NULL && strcmp(x->text, y->text) == 0;
    }
    gt_plan_description_free(a);
    gt_plan_description_free(b);
    return same;
}

static void compare(gt_tape *tape, const operands *o, gt_var output, size_t number)
{
    char what[24];
    const gt_var inputs[] = {o->x, o->y, o->row, o->other, o->column, o->number};
    snprintf(what, sizeof what, "case %zu", number);
    planned_compare(
        &(planned_tape){
            .tape = tape, .inputs = inputs, .input_count = 6, .outputs = &output, .output_count = 1, .what = what},
        NULL);
}

Test(plan_narrow, ops)
{
    static const struct {
        gt_var (*record)(const operands *);
        const char *step; /* that there is only because of the pass; NULL: it changes nothing */
    } cases[] = {
        {sum_of_product, "sum(x)"},
        {sum_of_product_with_number, "sum(x)"},
        {negated_mean, "mul(row, other)"},
        {sum_of_two, "sum(y)"},
        {outer_product, "sum(column)"},
        {one_term_whole, NULL},
        {sum_of_rows, NULL},
        {sum_of_all, NULL},
        {sum_of_one_row, NULL},
        {sum_of_column_factor, NULL},
        {quotient, "div(1, row)"},
        {equal_terms, "add(row, row)"},
        {sum_of_vector, "sum(column)"},
        {sum_of_cube, "sum(x)"},
        {sum_to_number, "sum(column)"},
        {long_product, "mul(other, other)"},
    };
    static const char *const skip[] = {"narrow-ops", NULL};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_tape *tape = gt_tape_new(NULL);
        operands o = {
            .x = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS)),
            .y = gt_input(tape, "y", GT_SHAPE(ROWS, COLUMNS)),
            .row = gt_input(tape, "row", GT_SHAPE(1, COLUMNS)),
            .other = gt_input(tape, "other", GT_SHAPE(1, COLUMNS)),
            .column = gt_input(tape, "column", GT_SHAPE(ROWS, 1)),
            .number = gt_input(tape, "number", GT_SCALAR),
        };
        gt_var output = cases[i].record(&o);
        cr_assert_eq(gt_tape_status(tape), GT_OK, "case %zu: %s", i, gt_tape_message(tape));
        compare(tape, &o, output, i);
        const gt_shape shape = gt_var_shape(output), narrowed = narrowed_shape(&o, output);
        cr_expect(gt_shape_same(narrowed, shape), "case %zu has %d axes, not %d", i, narrowed.rank, shape.rank);
        const gt_plan_options without = {.skip = skip};
        cr_expect_eq(has_same_steps(output, &without), cases[i].step == NULL, "case %zu", i);
        if (cases[i].step != NULL) {
            cr_expect(has_step(output, NULL, cases[i].step), "case %zu has no %s", i, cases[i].step);
            cr_expect_not(has_step(output, &without, cases[i].step), "case %zu", i);
        }
        gt_tape_free(tape);
    }
}
