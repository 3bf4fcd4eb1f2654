/* Which products start at what is added to them, where they are written, and that the values stay the same. */
#include "plan/lower.h"
#include "plan/pipeline.h"

#include "gradtape.h"
#include "support/planned.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { N = 5, K = 4, M = 3, T = 6, MOST = 32 };

/* ---- tapes ----------------------------------------------------------------------------------- */

typedef struct tape {
    gt_tape *tape;
    gt_var inputs[MOST];
    double data[MOST][N * N * M * T];
    uint32_t input_count;
    gt_random random;
} tape;

static void begin(tape *t)
{
    memset(t, 0, sizeof *t);
    t->tape = gt_tape_new(NULL);
    gt_random_seed(&t->random, 11);
}

static gt_var input(tape *t, gt_shape shape)
{
    for (int64_t i = 0; i < gt_shape_count(shape); i++)
        t->data[t->input_count][i] = gt_random_normal(&t->random);
    return t->inputs[t->input_count++] = gt_input(t->tape, "input", shape);
}

typedef struct lowered {
    gt_program program;
    gt_pool pool;
    gt_code code;
    gt_operand outputs[MOST];
} lowered;

static void lower(lowered *l, const gt_var *outputs, uint32_t count, const char *const *skip)
{
    gt_error error = {0};
    *l = (lowered){0};
    gt_plan_options options = {.skip = skip};
    cr_assert_eq(gt_pipeline_run(outputs, count, &options, &l->program, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_lower(&l->program, &l->pool, &l->code, l->outputs, &error), GT_OK, "%s", error.message);
}

static void forget(lowered *l)
{
    gt_pool_free(&l->pool);
    gt_program_free(&l->program);
}

/* The planned value of the first output, against the interpreter's. */
static void compare(tape *t, gt_var output, const char *const *skip, const char *what)
{
    void *data[MOST];
    for (uint32_t i = 0; i < t->input_count; i++)
        data[i] = t->data[i];
    planned_compare(&(planned_tape){.tape = t->tape,
                                    .inputs = t->inputs,
                                    .input_count = t->input_count,
                                    .data = data,
                                    .outputs = &output,
                                    .output_count = 1,
                                    .skip = skip,
                                    .what = what},
                    NULL);
}

typedef struct counts {
    uint32_t products, started, columns, ops; /* ops: of runs */
} counts;

static counts count(const gt_block *block)
{
    counts found = {0};
    for (uint32_t i = 0; i < block->count; i++) {
        const gt_multiplication *m = gt_multiplication_of(&block->list[i]);
        found.products += m != NULL;
        found.started += m != NULL && m->has_addend;
        found.columns += m != NULL && m->has_addend && m->addend_leading == 0;
        found.ops += gt_group_of(&block->list[i]) != NULL ? gt_group_of(&block->list[i])->op_count : 0;
    }
    return found;
}

/* ---- outside of loops ------------------------------------------------------------------------ */

static void check_outside(tape *t, gt_var output, counts expected, const char *what)
{
    lowered l;
    lower(&l, &output, 1, NULL);
    counts found = count(&l.code.block);
    cr_expect_eq(found.products, expected.products, "%s: %u products", what, found.products);
    cr_expect_eq(found.started, expected.started, "%s: %u start at an addend", what, found.started);
    cr_expect_eq(found.columns, expected.columns, "%s: %u start at one column", what, found.columns);
    cr_expect_eq(found.ops, expected.ops, "%s: %u ops in runs", what, found.ops);
    forget(&l);
    compare(t, output, NULL, what);
    gt_tape_free(t->tape);
}

Test(plan_sums, a_product_starts_at_a_bias)
{
    tape t;
    begin(&t);
    gt_var W = input(&t, GT_SHAPE(N, K)), a = input(&t, GT_SHAPE(K, M)), b = input(&t, GT_SHAPE(N, 1));
    check_outside(&t, gt_add(gt_matmul(W, a), b), (counts){1, 1, 1, 0}, "W a + b");
}

Test(plan_sums, a_product_starts_at_a_matrix)
{
    tape t;
    begin(&t);
    gt_var W = input(&t, GT_SHAPE(N, K)), a = input(&t, GT_SHAPE(K, M)), h = input(&t, GT_SHAPE(N, M));
    check_outside(&t, gt_add(h, gt_matmul(W, a)), (counts){1, 1, 0, 0}, "h + W a");
}

Test(plan_sums, a_sum_of_products_starts_at_a_bias_that_stands_between_them)
{
    tape t;
    begin(&t);
    gt_var W = input(&t, GT_SHAPE(N, K)), a = input(&t, GT_SHAPE(K, M)), b = input(&t, GT_SHAPE(N, 1));
    gt_var V = input(&t, GT_SHAPE(N, N)), h = input(&t, GT_SHAPE(N, M));
    gt_var sum = gt_add(gt_add(gt_matmul(W, a), b), gt_matmul(V, h));
    check_outside(&t, sum, (counts){2, 1, 1, 0}, "W a + b + V h");
}

/* exp(h) is one op more of the run that the product would have to wait for. */
Test(plan_sums, a_product_does_not_wait_for_a_run_of_its_own)
{
    tape t;
    begin(&t);
    gt_var W = input(&t, GT_SHAPE(N, K)), a = input(&t, GT_SHAPE(K, M)), h = input(&t, GT_SHAPE(N, M));
    check_outside(&t, gt_tanh(gt_add(gt_exp(h), gt_matmul(W, a))), (counts){1, 0, 0, 3}, "tanh(exp(h) + W a)");
}

/* The run that gives the operand gives the addend too. */
Test(plan_sums, a_product_starts_at_what_it_waits_for_anyway)
{
    tape t;
    begin(&t);
    gt_var W = input(&t, GT_SHAPE(N, N)), h = input(&t, GT_SHAPE(N, M)), g = gt_tanh(h);
    check_outside(&t, gt_add(gt_mul(g, h), gt_matmul(W, g)), (counts){1, 1, 0, 2}, "g h + W g");
}

Test(plan_sums, a_product_that_is_read_elsewhere_starts_at_zero)
{
    tape t;
    begin(&t);
    gt_var W = input(&t, GT_SHAPE(N, K)), a = input(&t, GT_SHAPE(K, M)), h = input(&t, GT_SHAPE(N, M));
    gt_var product = gt_matmul(W, a);
    check_outside(&t, gt_mul(gt_add(h, product), product), (counts){1, 0, 0, 2}, "(h + W a) * W a");
}

/* One number for each column, one for all, and a product that is itself added to every column. */
Test(plan_sums, other_shapes_are_no_addends)
{
    tape t;
    begin(&t);
    gt_var W = input(&t, GT_SHAPE(N, K)), a = input(&t, GT_SHAPE(K, M)), row = input(&t, GT_SHAPE(1, M));
    check_outside(&t, gt_add(gt_matmul(W, a), row), (counts){1, 0, 0, 1}, "W a + row");
    begin(&t);
    W = input(&t, GT_SHAPE(N, K)), a = input(&t, GT_SHAPE(K, M));
    check_outside(&t, gt_add(gt_matmul(W, a), input(&t, GT_SHAPE(1, 1))), (counts){1, 0, 0, 1}, "W a + number");
    begin(&t);
    W = input(&t, GT_SHAPE(N, K)), a = input(&t, GT_SHAPE(K, 1));
    check_outside(&t, gt_add(gt_matmul(W, a), input(&t, GT_SHAPE(N, M))), (counts){1, 0, 0, 1}, "W column + h");
}

/* ---- in loops -------------------------------------------------------------------------------- */

/* The parameters of a step, and what it may add up. */
typedef struct step {
    gt_var W, U, V, b, p, x, extra, s;
} step;

typedef gt_var step_function(const step *s);

/* The stack of s' = tanh(sum) over a sequence. */
static gt_var record_loop(tape *t, step_function *sum, gt_direction direction)
{
    step s = {.W = input(t, GT_SHAPE(N, K)),
              .U = input(t, GT_SHAPE(N, N)),
              .V = input(t, GT_SHAPE(N, N)),
              .b = input(t, GT_SHAPE(N, 1)),
              .p = input(t, GT_SHAPE(N, 1))};
    gt_var x = input(t, GT_SHAPE(K, M, T)), extra = input(t, GT_SHAPE(N, M, T)), s0 = input(t, GT_SHAPE(N, M));
    gt_scan *scan = gt_scan_begin(t->tape, T, direction);
    s.s = gt_scan_carry(scan, "s", s0);
    s.x = gt_scan_input(scan, "x", x);
    s.extra = gt_scan_input(scan, "extra", extra);
    gt_var next = gt_tanh(sum(&s));
    gt_scan_next(scan, s.s, next);
    gt_scan_end(scan);
    gt_var stack = gt_scan_stack(scan, next);
    cr_assert_eq(gt_tape_status(t->tape), GT_OK, "%s", gt_tape_message(t->tape));
    return stack;
}

static gt_var with_bias(const step *s)
{
    return gt_add(gt_add(gt_matmul(s->W, s->x), gt_matmul(s->U, s->s)), s->b);
}

static gt_var bias_alone(const step *s)
{
    return gt_add(gt_matmul(s->U, s->s), s->b);
}

static gt_var slice_alone(const step *s)
{
    return gt_add(s->extra, gt_matmul(s->U, s->s));
}

static gt_var peephole(const step *s)
{
    return gt_add(gt_add(gt_add(gt_matmul(s->U, s->s), gt_mul(s->p, s->s)), s->b), gt_matmul(s->W, s->x));
}

static gt_var with_state(const step *s)
{
    return gt_add(s->s, gt_matmul(s->U, gt_tanh(s->s)));
}

/* The run that gives the product's operand gives p s, too. */
static gt_var early(const step *s)
{
    gt_var u = gt_sigmoid(s->s);
    return gt_add(gt_add(gt_add(gt_matmul(s->U, u), gt_mul(s->p, u)), s->b), gt_add(s->extra, gt_matmul(s->W, s->x)));
}

static gt_var of_two_products(const step *s)
{
    gt_var u = gt_sigmoid(gt_matmul(s->V, s->s));
    return gt_add(gt_add(gt_matmul(s->U, u), gt_matmul(s->W, s->x)), gt_add(gt_matmul(s->V, u), gt_mul(u, s->extra)));
}

static gt_var all_numbers(const step *s)
{
    gt_var number = gt_constant(s->s.tape, 0.25);
    return gt_add(gt_add(gt_add(number, gt_matmul(s->W, s->x)), gt_add(s->b, s->p)),
                  gt_add(gt_matmul(s->U, s->s), gt_add(s->extra, number)));
}

static const gt_loop *loop_of(const lowered *l)
{
    for (uint32_t i = 0; i < l->code.block.count; i++)
        if (gt_loop_of(&l->code.block.list[i]) != NULL)
            return gt_loop_of(&l->code.block.list[i]);
    cr_assert_fail("there is no loop");
    return NULL;
}

/* What each sum leaves in the loop and puts in front of it. */
Test(plan_sums, additions_leave_loops)
{
    static const struct {
        const char *name;
        step_function *sum;
        counts inside, outside;
    } cases[] = {
        {"U s + (b + W x)", with_bias, {1, 1, 0, 1}, {1, 1, 1, 0}},
        {"U s + b", bias_alone, {1, 1, 1, 1}, {0}},
        {"extra + U s", slice_alone, {1, 1, 0, 1}, {0}},
        {"U s + (b + W x), + p s", peephole, {1, 1, 0, 3}, {1, 1, 1, 0}},
        {"s + U tanh(s)", with_state, {1, 1, 0, 2}, {0}},
        {"U u + (p u + extra + (b + W x))", early, {1, 1, 0, 5}, {1, 1, 1, 0}},
        {"U u + V u + (u extra + W x)", of_two_products, {3, 1, 0, 4}, {1, 0, 0, 0}},
        {"numbers", all_numbers, {1, 1, 0, 3}, {1, 1, 1, 2}},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        for (int backward = 0; backward < 2; backward++) {
            tape t;
            lowered l;
            begin(&t);
            gt_var stack = record_loop(&t, cases[k].sum, backward ? GT_BACKWARD : GT_FORWARD);
            lower(&l, &stack, 1, NULL);
            counts in = count(&loop_of(&l)->body), out = count(&l.code.block);
            cr_expect_eq(memcmp(&in, &cases[k].inside, sizeof in), 0,
                         "%s: in the loop %u products, %u at addends, %u at columns, %u ops", cases[k].name,
                         in.products, in.started, in.columns, in.ops);
            cr_expect_eq(memcmp(&out, &cases[k].outside, sizeof out), 0,
                         "%s: outside %u products, %u at addends, %u at columns, %u ops", cases[k].name, out.products,
                         out.started, out.columns, out.ops);
            forget(&l);
            static const char *const skips[][3] = {{NULL},
                                                   {"start-sums"},
                                                   {"reorder-sums"},
                                                   {"fission"},
                                                   {"fetch-ahead"},
                                                   {"reuse-memory"},
                                                   {"start-sums", "reorder-sums"},
                                                   {"shift-states"}};
            for (size_t s = 0; s < sizeof skips / sizeof *skips; s++)
                compare(&t, stack, skips[s], cases[k].name);
            gt_tape_free(t.tape);
        }
}

/* ---- where the products are ------------------------------------------------------------------ */

/* A product that starts at the slot of x's products is written over it, and the state over that. */
Test(plan_sums, are_in_the_slots_of_what_they_start_at_or_end_as)
{
    tape t;
    lowered l;
    begin(&t);
    gt_var stack = record_loop(&t, with_bias, GT_FORWARD);
    lower(&l, &stack, 1, NULL);
    const gt_block *body = &loop_of(&l)->body;
    cr_assert_eq(body->count, 2);
    const gt_multiplication *m = gt_multiplication_of(&body->list[0]);
    const gt_group_step *last = &gt_group_of(&body->list[1])->steps[0];
    cr_expect_eq(m->output.address.base, GT_BASE_ARENA);
    cr_expect_eq(m->output.address.offset, last->output.address.offset);
    cr_expect_eq(m->output.address.step[0], last->output.address.step[0]);
    forget(&l);
    /* Without that, it has memory of its own. */
    lower(&l, &stack, 1, (const char *const[]){"reuse-memory", NULL});
    cr_expect_eq(gt_multiplication_of(&loop_of(&l)->body.list[0])->output.address.base, GT_BASE_REGION);
    forget(&l);
    gt_tape_free(t.tape);
}

/* An LSTM's gates: one product of four that start at their slots and stay in them. */
Test(plan_sums, gates_stay_in_their_slots)
{
    tape t;
    lowered l;
    begin(&t);
    const gt_cell *cell = gt_cell_find("lstm");
    const gt_dimension dimensions[] = {{"n_x", K}, {"n_a", N}, {"n_y", 2}};
    gt_var parameters[MOST], initial[2], states[2];
    for (uint32_t k = 0; k < cell->parameter_count; k++) {
        gt_shape shape;
        cr_assert_eq(gt_cell_array_shape(&cell->parameters[k], dimensions, 3, 1, &shape, NULL), GT_OK);
        parameters[k] = gt_parameter(t.tape, cell->parameters[k].name, shape);
    }
    gt_var x = input(&t, GT_SHAPE(K, M, T));
    for (int k = 0; k < 2; k++)
        initial[k] = input(&t, GT_SHAPE(N, M));
    gt_sequence sequence = {.cell = cell, .inputs = &x, .initial = initial, .parameters = parameters, .states = states};
    cr_assert_eq(gt_sequence_record(&sequence), GT_OK, "%s", gt_tape_message(t.tape));
    gt_var cotangent = input(&t, GT_SHAPE(N, M, T)), outputs[2] = {states[0]};
    cr_assert_eq(gt_grad(states, &cotangent, 1, &x, 1, outputs + 1), GT_OK);
    lower(&l, outputs, 2, NULL);
    const gt_block *body = &loop_of(&l)->body;
    cr_assert_eq(body->count, 5, "four products and a run");
    cr_assert_eq(gt_multiplication_of(&body->list[0])->also_count, 3);
    for (uint32_t k = 0; k < 4; k++) {
        const gt_multiplication *m = gt_multiplication_of(&body->list[k]);
        cr_expect(m->has_addend);
        cr_expect_eq(m->addend.address.base, m->output.address.base);
        cr_expect_eq(m->addend.address.offset, m->output.address.offset);
        cr_expect_eq(m->addend.address.step[0], m->output.address.step[0]);
    }
    forget(&l);
    gt_tape_free(t.tape);
}
