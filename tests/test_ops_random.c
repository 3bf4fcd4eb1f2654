/*
 * Every op with random operands and random attributes, most of them wrong: an
 * op is recorded, evaluated and differentiated, or refused with an error. With
 * the sanitizers on, this is where a shape rule that lets too much through
 * shows itself.
 */
#include "support/probe.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { TRIALS = 600, VARS = 11, LARGEST = 4096 };

static const struct {
    gt_dtype dtype;
    gt_shape shape;
} operands[VARS - 1] = {
    {GT_F64, {0, {1, 1, 1, 1}}}, {GT_F64, {1, {3, 1, 1, 1}}}, {GT_F64, {2, {3, 2, 1, 1}}}, {GT_F64, {2, {2, 3, 1, 1}}},
    {GT_F64, {2, {1, 2, 1, 1}}}, {GT_F64, {3, {3, 2, 2, 1}}}, {GT_F64, {4, {3, 1, 2, 2}}}, {GT_I32, {0, {1, 1, 1, 1}}},
    {GT_I32, {1, {2, 1, 1, 1}}}, {GT_I32, {2, {2, 2, 1, 1}}},
};

static int64_t pick(gt_random *random, int64_t count)
{
    return gt_random_integer(random, 0, count);
}

static int64_t random_attribute(gt_random *random)
{
    static const int64_t extremes[] = {
        INT64_MIN, INT64_MAX, INT64_MIN + 1, INT64_MAX - 1, INT32_MAX, (int64_t)UINT32_MAX + 1, -1, INT64_C(1) << 40};
    switch (pick(random, 8)) {
    case 0:
        return extremes[pick(random, 8)];
    case 1:
        return gt_pack_double(gt_random_uniform(random));
    default:
        return pick(random, 5);
    }
}

static int64_t small_attribute(gt_random *random)
{
    static const int64_t small[] = {0, 0, 1, 1, 1, 1, 2, 3};
    return small[pick(random, 8)];
}

static void declare_operands(probe *p, gt_random *random, gt_var *vars)
{
    for (int i = 0; i < VARS - 1; i++) {
        if (operands[i].dtype == GT_F64) {
            double *x = p->x + p->count;
            vars[i] = probe_real(p, "x", operands[i].shape);
            for (size_t k = 0; k < probe_entries(&vars[i], 1); k++)
                x[k] = gt_random_normal(random);
        } else {
            int32_t *x;
            vars[i] = probe_whole(p, "k", operands[i].shape, &x);
            for (size_t k = 0; k < probe_entries(&vars[i], 1); k++)
                x[k] = (int32_t)pick(random, 3);
        }
    }
    /* For parts; no other op may read it. */
    const int64_t along[] = {1, 0};
    vars[VARS - 1] = gt_apply(gt_op_find("split"), &vars[5], 1, along, 2);
}

/* Evaluates v, or finds that an index is out of range; nothing else may happen. */
static bool evaluates(probe *p, gt_var v, const char *op)
{
    static double values[PROBE_ENTRIES];
    gt_error error = {0};
    gt_status status = probe_evaluate(p, &v, 1, values, &error);
    cr_assert(status == GT_OK || status == GT_ERROR_VALUE, "%s: %s", op, error.message);
    return status == GT_OK;
}

static void expect_refusal(const probe *p, const char *op, size_t *refused)
{
    const char *message = gt_tape_message(p->tape);
    cr_expect_neq(gt_tape_status(p->tape), GT_OK, "%s gave an invalid var and no error", op);
    cr_expect(strncmp(message, op, strlen(op)) == 0, "%s does not say that it is its error: %s", op, message);
    ++*refused;
}

static void differentiate(probe *p, gt_var y, gt_var x, const char *op, size_t *differentiated)
{
    gt_var gradient;
    if (gt_var_dtype(y) != GT_F64 || gt_var_dtype(x) != GT_F64 || gt_var_op(x)->op_class != GT_CLASS_LEAF)
        return;
    cr_assert_eq(gt_grad(&y, NULL, 1, &x, 1, &gradient), GT_OK, "%s: %s", op, gt_tape_message(p->tape));
    cr_expect(gt_shape_equal(gt_var_shape(gradient), gt_var_shape(x)), "%s", op);
    *differentiated += evaluates(p, gradient, op);
}

/* How many attributes the ops that have any take. */
static uint32_t usual_attributes(const gt_op *op)
{
    static const struct {
        const char *name;
        uint32_t count;
    } usual[] = {{"input", 6}, {"fill", 6},        {"pow", 1},     {"matmul", 2},      {"concat", 2},    {"split", 2},
                 {"part", 5},  {"slice", 3},       {"pad", 3},     {"reshape", 5},     {"broadcast", 5}, {"sum", 2},
                 {"mean", 2},  {"scatter_add", 1}, {"one_hot", 1}, {"dropout_mask", 7}};
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (strcmp(usual[i].name, op->name) == 0)
            return usual[i].count;
    return 0;
}

/* Any number of operands and of attributes, or as many as the op takes, with mostly small
 * attributes. */
static gt_var record(gt_tape *tape, const gt_op *op, gt_random *random, bool usual, const gt_var *vars, gt_var *inputs,
                     uint32_t *input_count)
{
    int64_t attributes[GT_MAX_ATTRIBUTES + 1];
    uint32_t count = usual ? usual_attributes(op) : (uint32_t)pick(random, GT_MAX_ATTRIBUTES + 2);
    for (uint32_t i = 0; i < count; i++)
        attributes[i] = usual && pick(random, 20) != 0 ? small_attribute(random) : random_attribute(random);
    *input_count = op->arity == GT_VARIADIC ? 1 + (uint32_t)pick(random, 4) : (uint32_t)op->arity;
    if (!usual && pick(random, 10) == 0)
        *input_count = (uint32_t)pick(random, 5);
    for (uint32_t i = 0; i < *input_count; i++)
        inputs[i] = vars[op->op_class == GT_CLASS_PART && usual ? VARS - 1 : pick(random, VARS)];
    return *input_count == 0 ? gt_apply_leaf(tape, op, attributes, count)
                             : gt_apply(op, inputs, *input_count, attributes, count);
}

typedef struct tally {
    size_t refused, recorded, differentiated;
} tally;

static void try_op(const gt_op *op, gt_random *random, bool usual, tally *t)
{
    probe *p = probe_new(GT_F64);
    gt_var vars[VARS], inputs[4];
    uint32_t count;
    declare_operands(p, random, vars);
    gt_var y = record(p->tape, op, random, usual, vars, inputs, &count);
    if (!gt_var_valid(y)) {
        expect_refusal(p, op->name, &t->refused);
    } else {
        t->recorded++;
        bool computes = op->op_class == GT_CLASS_ELEMENTWISE || op->op_class == GT_CLASS_PART ||
                        (op->op_class != GT_CLASS_TUPLE && op->evaluate != NULL);
        if (computes && gt_shape_count(gt_var_shape(y)) <= LARGEST && evaluates(p, y, op->name) && count > 0)
            differentiate(p, y, inputs[0], op->name, &t->differentiated);
    }
    probe_free(p);
}

Test(ops_random, recorded_or_refused)
{
    gt_random random;
    gt_random_seed(&random, 99);
    for (uint32_t i = 0; i < gt_op_count(); i++) {
        const gt_op *op = gt_op_at(i);
        tally t = {0};
        for (int k = 0; k < TRIALS; k++)
            try_op(op, &random, k % 4 != 0, &t);
        cr_expect_gt(t.refused, 3, "%s refuses hardly anything", op->name);
        cr_expect_gt(t.recorded, 3, "%s was hardly ever recorded: %zu of %d", op->name, t.recorded, TRIALS);
    }
}
