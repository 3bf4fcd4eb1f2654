/* Descriptions and costs of plans. */
#include "gradtape.h"
#include "plan/describe/description.h"

#include <criterion/criterion.h>
#include <string.h>

enum { N = 5, M = 3, T = 4 };

typedef struct recurrence {
    gt_tape *tape;
    gt_var outputs[3];
} recurrence;

/* a' = tanh(W @ concat(a, x)), its last value, and the gradients by W and x of its sum. */
static recurrence record(void)
{
    recurrence r = {.tape = gt_tape_new(NULL)};
    gt_var W = gt_parameter(r.tape, "W", GT_SHAPE(N, 2 * N)), a0 = gt_state(r.tape, "a0", GT_SHAPE(N, M));
    gt_var x = gt_input(r.tape, "x", GT_SHAPE(N, M, T)), wrt[] = {W, x}, gradients[2];
    gt_scan *scan = gt_scan_begin(r.tape, T, GT_FORWARD);
    gt_var a = gt_scan_carry(scan, "a", a0), xt = gt_scan_input(scan, "x", x);
    gt_var next = gt_name(gt_tanh(gt_matmul(W, gt_concat((gt_var[]){a, xt}, 2, 0))), "b");
    gt_scan_next(scan, a, next);
    gt_scan_end(scan);
    r.outputs[0] = gt_name(gt_sum(gt_scan_final(scan, a), GT_ALL_AXES), "loss");
    gt_grad(r.outputs, NULL, 1, wrt, 2, gradients);
    r.outputs[1] = gradients[0];
    r.outputs[2] = gradients[1];
    cr_assert(gt_tape_status(r.tape) == GT_OK, "%s", gt_tape_message(r.tape));
    return r;
}

static uint32_t find(const gt_plan_description *d, gt_plan_line_kind kind, const char *text, const gt_plan_line **found)
{
    uint32_t count = 0;
    for (uint32_t i = 0; gt_plan_description_line(d, i) != NULL; i++) {
        const gt_plan_line *line = gt_plan_description_line(d, i);
        if (line->kind == kind && strstr(line->text, text) != NULL) {
            count++;
            *found = line;
        }
    }
    return count;
}

Test(plan_describe, says_what_is_in_the_loop_and_what_is_not)
{
    recurrence r = record();
    gt_error error = {0};
    const gt_plan_line *line = NULL;
    gt_plan_description *d = gt_plan_describe(r.outputs, 3, NULL, false, &error);
    cr_assert_not_null(d, "%s", error.message);
    cr_assert_eq(find(d, GT_PLAN_LOOP, "4 steps", &line), 2);
    cr_assert_eq(find(d, GT_PLAN_LOOP, "backward", &line), 1);
    cr_assert_eq(find(d, GT_PLAN_PRODUCT, "W[:, 5:10] @ x", &line), 1);
    cr_expect_eq(line->depth, 0);
    cr_expect_eq(line->times, 1);
    cr_expect_eq(line->flops, 2 * N * N * M * T);
    cr_assert_eq(find(d, GT_PLAN_PRODUCT, "W[:, 0:5] @ a", &line), 1);
    cr_expect_eq(line->depth, 1);
    cr_expect_eq(line->times, T);
    cr_assert_eq(find(d, GT_PLAN_PRODUCT, "W[:, 0:5]ᵀ @ d(b.in)", &line), 1);
    cr_expect_eq(line->depth, 1);
    cr_assert_eq(find(d, GT_PLAN_RUN_STEP, "tanh(", &line), 1);
    cr_expect_str_eq(line->result, "b");
    cr_expect_eq(line->stored, 8 * N * M); /* the gradient by W needs it */
    cr_expect_eq(line->depth, 2);
    gt_plan_description_free(d);
    gt_tape_free(r.tape);
}

Test(plan_describe, says_what_a_pass_did)
{
    recurrence r = record();
    bool left = false, split = false;
    gt_plan_description *d = gt_plan_describe(r.outputs, 3, NULL, false, NULL);
    for (uint32_t i = 0; gt_plan_description_change(d, i) != NULL; i++) {
        const gt_plan_change *change = gt_plan_description_change(d, i);
        cr_expect(change->text[0] != '\0');
        left |= strcmp(change->pass, "fission") == 0 && strstr(change->text, "out of a loop: W[:, 5:10] @ x") != NULL;
        split |= strcmp(change->pass, "split-products") == 0 && strstr(change->text, "W[:, 0:5] @ a") != NULL;
    }
    cr_expect(left);
    cr_expect(split);
    gt_plan_description_free(d);
    const char *skip[] = {"fission", NULL};
    const gt_plan_line *line = NULL;
    d = gt_plan_describe(r.outputs, 3, &(gt_plan_options){.skip = skip}, false, NULL);
    cr_assert_eq(find(d, GT_PLAN_PRODUCT, "W[:, 5:10] @ x", &line), 1);
    cr_expect_eq(line->depth, 1);
    gt_plan_description_free(d);
    gt_tape_free(r.tape);
}

/* The lines add up to the cost of the plan. */
Test(plan_describe, costs_add_up)
{
    recurrence r = record();
    gt_plan_description *d = gt_plan_describe(r.outputs, 3, NULL, false, NULL);
    gt_plan_cost cost;
    gt_plan_find_cost(gt_plan_description_plan(d), &cost);
    double flops = 0, products = 0, bytes = 0;
    for (uint32_t i = 0; gt_plan_description_line(d, i) != NULL; i++) {
        const gt_plan_line *line = gt_plan_description_line(d, i);
        products += line->kind == GT_PLAN_PRODUCT ? line->flops * line->times : 0;
        flops += line->kind == GT_PLAN_RUN_STEP ? 0 : line->flops * line->times;
        bytes += line->bytes * line->times;
    }
    /* Forward, by a and x; and the adjoints and the weight gradients of both, as often. */
    cr_expect_eq(cost.product_flops, 3 * 2.0 * N * 2 * N * M * T);
    cr_expect_geq(products, cost.product_flops);
    cr_expect_leq(products, cost.product_flops + cost.other_flops); /* with the additions that products do in passing */
    cr_expect_eq(flops, cost.product_flops + cost.other_flops);
    cr_expect_eq(bytes, cost.bytes);
    cr_expect_eq(cost.input_bytes, 8 * (N * 2 * N + N * M + N * M * T));
    cr_expect_geq(cost.workspace_bytes, gt_plan_bytes(gt_plan_description_plan(d)));
    gt_plan_description_free(d);
    gt_tape_free(r.tape);
}

Test(plan_describe, errors)
{
    gt_error error = {0};
    cr_expect_null(gt_plan_describe(&(gt_var){0}, 1, NULL, false, &error));
    cr_expect(error.status != GT_OK && error.message[0] != '\0');
    cr_expect_null(gt_plan_description_line(NULL, 0));
    cr_expect_null(gt_plan_description_change(NULL, 0));
    cr_expect_null(gt_plan_description_plan(NULL));
    gt_plan_description_free(NULL);
    gt_plan_cost cost = {1, 1, 1, 1, 1};
    gt_plan_find_cost(NULL, &cost);
    cr_expect_eq(cost.product_flops + cost.bytes, 0);
}

/* A line for each node, and a few for what enters a loop. */
static size_t lines_with(const char *text, const char *word)
{
    size_t lines = 0;
    for (const char *found = strstr(text, word); found != NULL; found = strstr(found + 1, word))
        lines++;
    return lines;
}

Test(plan_describe, writes_the_tape_after_each_pass)
{
    recurrence r = record();
    gt_error error = {0};
    const gt_plan_options options = {.skip = (const char *const[]){"roll", NULL}};
    gt_plan_description *d = gt_plan_describe(r.outputs, 3, &options, true, &error), *plain;
    cr_assert_not_null(d, "%s", error.message);
    const gt_plan_change *first = gt_plan_description_change(d, 0), *last = first;
    for (uint32_t k = 0; gt_plan_description_change(d, k) != NULL; k++)
        last = gt_plan_description_change(d, k);
    cr_expect_str_eq(first->pass, "simplify");
    cr_expect_eq(lines_with(first->program, " = matmul("), 3, "%s", first->program);
    cr_expect_eq(lines_with(first->program, "steps forward\n"), 1);
    cr_expect_eq(lines_with(first->program, "steps backward\n"), 1);
    cr_expect_eq(lines_with(first->program, " is a slice of %"), 4, "%s", first->program);
    cr_expect_eq(lines_with(first->program, "output "), 3);
    cr_expect_not_null(strstr(first->program, " b = tanh("));
    cr_expect_not_null(strstr(first->program, " x = input  (5, 3, 4) f64\n"), "%s", first->program);
    cr_expect_eq(lines_with(last->program, " = matmul("), 6, "%s", last->program);
    plain = gt_plan_describe(r.outputs, 3, NULL, false, &error);
    cr_expect_str_eq(gt_plan_description_change(plain, 0)->program, "");
    gt_plan_description_free(plain);
    gt_plan_description_free(d);
    gt_tape_free(r.tape);
}
