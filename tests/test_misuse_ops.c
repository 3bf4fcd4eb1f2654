/* What a program that has ops of its own can get wrong: operands, attributes, and rules that ask for what is not there.
 */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <string.h>

static void half_f64(const gt_elementwise_f64 *k)
{
    for (size_t i = 0; i < k->count; i++)
        k->output[i] = 0.5 * k->inputs[0][i * k->strides[0]];
}

static gt_op op_with(gt_reverse_rule *rule)
{
    return (gt_op){.name = "half",
                   .arity = 1,
                   .op_class = GT_CLASS_ELEMENTWISE,
                   .shape = gt_shape_rule_elementwise,
                   .run_f64 = half_f64,
                   .reverse = rule};
}

Test(misuse_ops, nothing_in_place_of_an_op_or_operands)
{
    const gt_op half = op_with(NULL);
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2));
    cr_expect_not(gt_var_valid(gt_apply(NULL, &x, 1, NULL, 0)));
    cr_expect_not(gt_var_valid(gt_apply(&half, NULL, 1, NULL, 0)));
    cr_expect_not(gt_var_valid(gt_apply(&half, (gt_var[]){GT_NONE}, 1, NULL, 0)));
    cr_expect_not(gt_var_valid(gt_apply_leaf(NULL, &half, NULL, 0)));
    cr_expect_not(gt_var_valid(gt_apply_leaf(tape, NULL, NULL, 0)));
    cr_expect_eq(gt_tape_status(tape), GT_OK, "there is no tape to tell");
    gt_tape_free(tape);
}

static void expect_told(const gt_op *op, uint32_t operands, uint32_t attributes, const char *words)
{
    static const int64_t numbers[GT_MAX_ATTRIBUTES + 1];
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2)), list[] = {x, x};
    cr_expect_not(gt_var_valid(gt_apply(op, list, operands, numbers, attributes)));
    cr_expect_eq(gt_tape_status(tape), GT_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(gt_tape_message(tape), words), "expected: %s\nbut it said: %s", words,
                       gt_tape_message(tape));
    cr_expect_not(gt_var_valid(gt_apply(op, list, 1, NULL, 0)), "what follows an error is nothing");
    gt_tape_free(tape);
}

Test(misuse_ops, too_many_operands_or_attributes)
{
    gt_op half = op_with(NULL);
    expect_told(&half, 2, 0, "half: 2 operands given; it takes 1");
    expect_told(&half, 1, GT_MAX_ATTRIBUTES + 1, "attributes given; at most");
}

/* ---- rules ---------------------------------------------------------------------------------------- */

static bool asked;

/* There is one operand. */
static gt_var ask_for_another_operand(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    asked = true;
    cr_expect_eq(gt_reverse_input_count(r), 1);
    cr_expect_eq(gt_reverse_input_shape(r, 0).rank, 1);
    cr_expect_eq(gt_reverse_input_shape(r, 1).rank, -1);
    cr_expect_not(gt_var_valid(gt_reverse_input(r, 1)));
    return gt_mul(gt_reverse_cotangent(r), gt_reverse_input(r, 1));
}

/* What a rule asks for in vain is no gradient: that is told, not computed with. */
Test(misuse_ops, a_rule_asks_for_an_operand_that_is_not_there)
{
    const gt_op half = op_with(ask_for_another_operand);
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2)), y = gt_apply(&half, &x, 1, NULL, 0), dx = GT_NONE;
    cr_assert(gt_var_valid(y), "%s", gt_tape_message(tape));
    gt_status status = gt_grad(&y, NULL, 1, &x, 1, &dx);
    cr_expect(asked);
    cr_expect_neq(status, GT_OK);
    cr_expect_neq(gt_tape_message(tape)[0], '\0');
    cr_expect_not(gt_var_valid(dx));
    gt_tape_free(tape);
}
