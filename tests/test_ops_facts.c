/* What descriptors say of their ops for the planner's sake: linearity, and the way through the axes. */
#include "support/op_cases.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ENTRIES = 4096 };

typedef struct run {
    gt_tape *tape;
    gt_interpreter *interpreter;
    gt_var inputs[CASE_INPUTS], outputs[CASE_PARTS];
    double data[CASE_INPUTS][MOST_ENTRIES];
    int32_t whole[CASE_INPUTS][MOST_ENTRIES];
} run;

static run *open_run(const op_case *c)
{
    run *r = calloc(1, sizeof *r);
    gt_random random;
    gt_random_seed(&random, 3);
    r->tape = gt_tape_new(NULL);
    for (uint32_t k = 0; k < c->input_count; k++)
        r->inputs[k] = gt_input_of(r->tape, "x", c->below[k] != 0 ? GT_I32 : GT_F64, c->shapes[k]);
    cr_assert(op_case_record(c, r->inputs, r->outputs) > 0);
    r->interpreter = gt_interpreter_new(r->tape);
    for (uint32_t k = 0; k < c->input_count; k++) {
        int64_t count = gt_shape_count(c->shapes[k]);
        cr_assert(count <= MOST_ENTRIES);
        for (int64_t i = 0; i < count; i++) {
            r->data[k][i] = 0.5 + gt_random_uniform(&random);
            r->whole[k][i] = c->below[k] != 0 ? (int32_t)(i % c->below[k]) : 0;
        }
        const void *data = c->below[k] != 0 ? (const void *)r->whole[k] : r->data[k];
        cr_assert_eq(gt_interpreter_bind(r->interpreter, r->inputs[k], data), GT_OK);
    }
    return r;
}

static void close_run(run *r)
{
    gt_interpreter_free(r->interpreter);
    gt_tape_free(r->tape);
    free(r);
}

/* The first output; its number of entries. */
static size_t evaluate(run *r, double *values)
{
    size_t count = (size_t)gt_shape_count(gt_var_shape(r->outputs[0]));
    cr_assert(count <= MOST_ENTRIES);
    cr_assert_eq(gt_interpreter_evaluate(r->interpreter, r->outputs, 1), GT_OK);
    memcpy(values, gt_interpreter_value(r->interpreter, r->outputs[0]), count * sizeof *values);
    return count;
}

static void check_linear(const op_case *c, uint32_t k)
{
    double before[MOST_ENTRIES], after[MOST_ENTRIES];
    char label[128];
    run *r = open_run(c);
    size_t count = evaluate(r, before);
    for (int64_t i = 0; i < gt_shape_count(c->shapes[k]); i++)
        r->data[k][i] *= -3;
    evaluate(r, after);
    for (size_t i = 0; i < count; i++)
        cr_expect(fabs(after[i] + 3 * before[i]) <= 1e-12 * (1 + fabs(after[i])),
                  "%s: three times input %u, %g becomes %g", op_case_label(c, label, sizeof label), (unsigned)k,
                  before[i], after[i]);
    close_run(r);
}

static void check_ordered(const op_case *c)
{
    double values[MOST_ENTRIES];
    run *r = open_run(c);
    size_t count = evaluate(r, values);
    cr_expect(memcmp(values, r->data[0], count * sizeof *values) == 0, "%s", c->op->name);
    close_run(r);
}

static void reverse_axis(double *data, gt_shape shape, int axis)
{
    int64_t inner = 1, size = shape.size[axis], count = gt_shape_count(shape);
    for (int a = 0; a < axis; a++)
        inner *= shape.size[a];
    for (int64_t block = 0; block < count; block += inner * size)
        for (int64_t j = 0; j < size / 2; j++)
            for (int64_t i = 0; i < inner; i++) {
                double *a = &data[block + j * inner + i], *b = &data[block + (size - 1 - j) * inner + i], kept = *a;
                *a = *b;
                *b = kept;
            }
}

/* Along every other axis the entries go their own ways: in reverse they come out in reverse. */
static void check_along(const op_case *c)
{
    for (int axis = 0; axis < GT_MAX_RANK; axis++) {
        if (axis == c->attributes[0])
            continue;
        double before[MOST_ENTRIES], after[MOST_ENTRIES];
        run *r = open_run(c);
        evaluate(r, before);
        for (uint32_t k = 0; k < c->input_count; k++)
            reverse_axis(r->data[k], c->shapes[k], axis);
        size_t count = evaluate(r, after);
        reverse_axis(after, gt_var_shape(r->outputs[0]), axis);
        cr_expect(memcmp(before, after, count * sizeof *before) == 0, "%s, axis %d", c->op->name, axis);
        close_run(r);
    }
}

Test(ops_facts, what_descriptors_say_is_so)
{
    uint32_t linear = 0, along = 0, ordered = 0;
    for (uint32_t i = 0; i < gt_op_count(); i++) {
        const gt_op *op = gt_op_at(i);
        op_case cases[MAX_CASES];
        uint32_t count = op_has_cases(op) ? op_cases(op, false, cases) : 0;
        for (uint32_t k = 0; k < count; k++) {
            for (uint32_t slot = 0; slot < cases[k].input_count && slot < 32; slot++)
                if (op->linear >> slot & 1) {
                    check_linear(&cases[k], slot);
                    linear++;
                }
            if (op->axes == GT_AXES_ALONG)
                check_along(&cases[k]), along++;
            if (op->axes == GT_AXES_ORDERED)
                check_ordered(&cases[k]), ordered++;
        }
    }
    cr_expect(linear > 30 && along > 5 && ordered > 0, "%u, %u, %u", linear, along, ordered);
}

/* ---- pieces -------------------------------------------------------------------------------- */

/* In which of its pieces a function is at these operands; -1 where two meet, or where there is no telling. */
Test(ops_facts, pieces)
{
    const struct {
        const char *op;
        double operands[3];
        int32_t piece;
    } rows[] = {{"floor", {-1.5}, 0},    {"floor", {-0.5}, 1},    {"floor", {0.5}, 2},        {"floor", {1.5}, 3},
                {"floor", {2}, -1},      {"floor", {0}, -1},      {"floor", {1e9 + 0.5}, -1}, {"floor", {NAN}, -1},
                {"relu", {0.1}, 0},      {"relu", {-0.1}, 1},     {"relu", {0}, -1},          {"abs", {3}, 0},
                {"abs", {-3}, 1},        {"abs", {-0.0}, -1},     {"maximum", {2, 1}, 0},     {"maximum", {1, 2}, 1},
                {"maximum", {1, 1}, -1}, {"minimum", {1, 2}, 0},  {"minimum", {2, 1}, 1},     {"minimum", {1, 1}, -1},
                {"where", {1, 5, 6}, 0}, {"where", {0, 5, 6}, 1}, {"less", {1, 2}, 0},        {"less", {2, 1}, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const gt_pieces *pieces = gt_op_find(rows[i].op)->pieces;
        int32_t count = 0, piece = pieces->find(rows[i].operands);
        while (pieces->names[count] != NULL)
            count++;
        cr_expect_eq(piece, rows[i].piece, "%s of %g, %g: %d", rows[i].op, rows[i].operands[0], rows[i].operands[1],
                     (int)piece);
        cr_expect_lt(piece, count, "%s", rows[i].op);
    }
}
