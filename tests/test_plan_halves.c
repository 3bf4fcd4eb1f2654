/*
 * Plans in two halves: the forward one gives what waits for no cotangent, the backward one the
 * gradients; both together what one program gives, of all cells of the zoo and of random cells.
 */
#include "base/entry.h"
#include "base/memory.h"
#include "plan/plan.h"
#include "plan/verify/verify.h"
#include "recurrent.h"
#include "support/random_cells.h"

#include <math.h>

TestSuite(plan_halves, .timeout = 300);

static const recurrent_sizes small = {3, 4, 2, 3, 5};

/* ---- a cell with its gradients, planned -------------------------------------------------------- */

/* Of the outputs, the answers stand first. */
typedef struct planned {
    recurrent r;
    gt_var outputs[2 * MAX_ARRAYS];
    uint32_t count;
    gt_plan *plan;
} planned;

static gt_plan *plan_outputs(const planned *p, gt_plan_options options, bool halves)
{
    gt_error error = {0};
    options.late = halves ? p->r.cotangents : NULL;
    options.late_count = halves ? p->r.answer_count : 0;
    gt_plan *plan = gt_plan_new(p->outputs, p->count, &options, &error);
    cr_assert_not_null(plan, "%s: %s", p->r.cell->name, error.message);
    cr_assert(gt_code_verify(&plan->code, &plan->program, plan->outputs, &error) == GT_OK, "%s: %s", p->r.cell->name,
              error.message);
    return plan;
}

static planned plan_cell(const gt_cell *cell, recurrent_form form, gt_plan_options options)
{
    planned p = {.r = recurrent_record(cell, small, form)};
    for (uint32_t i = 0; i < p.r.answer_count; i++)
        p.outputs[p.count++] = p.r.answers[i];
    for (uint32_t i = 0; i < p.r.given_count; i++)
        p.outputs[p.count++] = p.r.gradients[i];
    p.plan = plan_outputs(&p, options, true);
    return p;
}

static void planned_free(planned *p)
{
    gt_plan_free(p->plan);
    recurrent_free(&p->r);
}

/* A workspace with numbers of its own. */
typedef struct execution {
    const planned *of;
    gt_workspace *work;
    uint32_t seed;
    void *kept[2 * MAX_ARRAYS];
} execution;

static execution execution_new(const planned *p, const gt_plan *plan, gt_threads *threads, uint32_t seed)
{
    execution e = {.of = p, .work = gt_workspace_new_dividing(plan, threads, 0), .seed = seed};
    cr_assert_not_null(e.work);
    return e;
}

static void bind(execution *e, uint32_t place, gt_var v)
{
    e->kept[place] = random_numbers(gt_var_name(v), e->seed, count_of(v), gt_var_dtype(v));
    cr_assert(gt_workspace_bind(e->work, v, e->kept[place]) == GT_OK);
}

static void forward(execution *e)
{
    for (uint32_t i = 0; i < e->of->r.given_count; i++)
        bind(e, i, e->of->r.given[i]);
    cr_assert(gt_workspace_run_forward(e->work) == GT_OK, "%s", gt_workspace_message(e->work));
}

static void bind_cotangents(execution *e)
{
    for (uint32_t i = 0; i < e->of->r.answer_count; i++)
        bind(e, e->of->r.given_count + i, e->of->r.cotangents[i]);
}

static void backward(execution *e)
{
    bind_cotangents(e);
    cr_assert(gt_workspace_run_backward(e->work) == GT_OK, "%s", gt_workspace_message(e->work));
}

static void execution_free(execution *e)
{
    for (uint32_t i = 0; i < 2 * MAX_ARRAYS; i++)
        free(e->kept[i]);
    gt_workspace_free(e->work);
}

/* ---- comparing ----------------------------------------------------------------------------------- */

/* Output k within a tolerance, relative to its largest entry; 0: bit for bit, but for the sign of a zero. */
static void compare_output(const execution *e, uint32_t k, const void *expected, double tolerance, const char *what)
{
    const void *value = gt_workspace_value(e->work, k);
    gt_var v = e->of->outputs[k];
    cr_assert(value != NULL && expected != NULL, "%s, %s: output %u is not there", e->of->r.cell->name, what, k);
    double size = 0;
    for (size_t i = 0; i < count_of(v); i++)
        size = fmax(size, fabs(gt_entry_at(expected, gt_var_dtype(v), i)));
    for (size_t i = 0; i < count_of(v); i++) {
        double a = gt_entry_at(expected, gt_var_dtype(v), i), b = gt_entry_at(value, gt_var_dtype(v), i);
        cr_assert(fabs(a - b) <= tolerance * size, "%s, %s: output %u [%zu] is %.17g, not %.17g", e->of->r.cell->name,
                  what, k, i, b, a);
    }
}

/* With what the interpreter gives for the seed of the execution: its answers, or all. */
static void compare(const execution *e, bool all, double tolerance, const char *what)
{
    recurrent r = e->of->r;
    recurrent_evaluate(&r, e->seed);
    for (uint32_t k = 0; k < e->of->count; k++)
        if (all || k < r.answer_count)
            compare_output(e, k, gt_interpreter_value(r.run, e->of->outputs[k]), tolerance, what);
        else if (strcmp(gt_var_op(e->of->outputs[k])->name, "fill") != 0) /* the gradient of what nothing reads */
            cr_assert_null(gt_workspace_value(e->work, k), "%s: gradient %u is there", r.cell->name, k);
    gt_interpreter_free(r.run);
}

/* Three workspaces, of which each waits for others between its halves. */
static void interleave(const planned *p, gt_threads *threads, double tolerance)
{
    execution list[3];
    for (uint32_t i = 0; i < 3; i++)
        list[i] = execution_new(p, p->plan, threads, 11 + i);
    forward(&list[0]);
    compare(&list[0], false, tolerance, "forward");
    forward(&list[1]);
    forward(&list[2]);
    backward(&list[1]);
    compare(&list[1], true, tolerance, "the second");
    compare(&list[2], false, tolerance, "the third, forward");
    backward(&list[0]);
    backward(&list[2]);
    compare(&list[0], true, tolerance, "the first");
    compare(&list[2], true, tolerance, "the third");
    for (uint32_t i = 0; i < 3; i++)
        execution_free(&list[i]);
}

/* ---- cells --------------------------------------------------------------------------------------- */

/* Without exactness, in double; exactly, in both types. */
static void check_cell(const gt_cell *cell, bool unrolled)
{
    planned usual = plan_cell(cell, (recurrent_form){unrolled, GT_FORWARD, GT_F64}, (gt_plan_options){0});
    interleave(&usual, NULL, 2e-12);
    planned_free(&usual);
    for (int dtype = GT_F64; dtype <= GT_F32; dtype++) {
        recurrent_form form = {unrolled, GT_BACKWARD, (gt_dtype)dtype};
        planned exact = plan_cell(cell, form, (gt_plan_options){.exact = true});
        interleave(&exact, NULL, 0);
        planned_free(&exact);
    }
}

static void for_each_cell(void (*test)(const gt_cell *))
{
    for (uint32_t i = 0; i < gt_zoo_count(); i++) {
        const gt_zoo_entry *entry = gt_zoo_at(i);
        gt_parsed_cell *parsed = gt_cell_parse(entry->text, strlen(entry->text), NULL);
        cr_assert_not_null(gt_parsed_cell_get(parsed), "%s", entry->name);
        test(gt_parsed_cell_get(parsed));
        gt_parsed_cell_free(parsed);
    }
}

static void check_rolled(const gt_cell *cell)
{
    check_cell(cell, false);
}

static void check_unrolled(const gt_cell *cell)
{
    check_cell(cell, true);
}

Test(plan_halves, all_cells)
{
    for_each_cell(check_rolled);
}

Test(plan_halves, all_cells_recorded_step_by_step)
{
    for_each_cell(check_unrolled);
}

Test(plan_halves, random_cells)
{
    for (uint32_t seed = 1; seed <= 40; seed++) {
        char text[16384];
        random_cell(seed % 2 == 0 ? RANDOM_CELL_PLAIN : RANDOM_CELL_SMOOTH, seed, text, sizeof text);
        gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
        cr_assert_not_null(gt_parsed_cell_get(parsed), "seed %u", seed);
        planned exact = plan_cell(gt_parsed_cell_get(parsed), (recurrent_form){false, GT_FORWARD, GT_F64},
                                  (gt_plan_options){.exact = true, .repeatable = seed % 3 == 0});
        interleave(&exact, NULL, 0);
        planned_free(&exact);
        gt_parsed_cell_free(parsed);
    }
}

/* The same items in the same order but for the turning point, where halves are only cut apart. */
static void compare_with_one_program(const gt_cell *cell)
{
    planned p = plan_cell(cell, (recurrent_form){false, GT_FORWARD, GT_F32}, (gt_plan_options){0});
    gt_plan *one = plan_outputs(&p, (gt_plan_options){0}, false);
    execution halves = execution_new(&p, p.plan, NULL, 5), whole = execution_new(&p, one, NULL, 5);
    forward(&halves);
    backward(&halves);
    for (uint32_t i = 0; i < p.r.given_count; i++)
        bind(&whole, i, p.r.given[i]);
    bind_cotangents(&whole);
    cr_assert(gt_workspace_run(whole.work) == GT_OK);
    for (uint32_t k = 0; k < p.count; k++)
        compare_output(&halves, k, gt_workspace_value(whole.work, k), 0, "the bits of one program");
    execution_free(&halves);
    execution_free(&whole);
    gt_plan_free(one);
    planned_free(&p);
}

Test(plan_halves, bits_of_one_program)
{
    for_each_cell(compare_with_one_program);
}

static planned plan_named(const char *name, gt_plan_options options)
{
    return plan_cell(gt_cell_find(name), (recurrent_form){false, GT_FORWARD, GT_F64}, options);
}

Test(plan_halves, on_threads)
{
    gt_error error = {0};
    gt_threads *threads = gt_threads_new(3, &error);
    static const char *const names[] = {"rnn", "lstm", "gru"};
    for (int i = 0; i < 3; i++) {
        planned p = plan_named(names[i], (gt_plan_options){.repeatable = i == 1});
        interleave(&p, threads, 2e-12);
        planned_free(&p);
    }
    gt_threads_free(threads);
}

/* ---- the backward half again ---------------------------------------------------------------------- */

static void run_again(const char *cell, gt_plan_options options)
{
    planned p = plan_named(cell, options);
    execution e = execution_new(&p, p.plan, NULL, 1);
    forward(&e);
    for (int run = 0; run < 3; run++) {
        bind_cotangents(&e);
        cr_assert(gt_workspace_run_backward(e.work) == GT_OK, "%s", gt_workspace_message(e.work));
        compare(&e, true, 2e-12, "again");
        for (uint32_t i = 0; i < p.r.answer_count; i++)
            free(e.kept[p.r.given_count + i]);
    }
    memset(e.kept + p.r.given_count, 0, p.r.answer_count * sizeof *e.kept);
    execution_free(&e);
    planned_free(&p);
}

Test(plan_halves, a_repeatable_plan_runs_backward_again)
{
    run_again("lstm", (gt_plan_options){.repeatable = true});
    for (uint32_t c = 0; c < gt_cell_count(); c++)
        run_again(gt_cell_at(c)->name, (gt_plan_options){.prepared = true});
}

static void expect_unbound(const execution *e)
{
    cr_expect_eq(gt_workspace_run_backward(e->work), GT_ERROR_UNBOUND);
    cr_expect_not_null(strstr(gt_workspace_message(e->work), "call gt_workspace_bind_output"), "%s",
                       gt_workspace_message(e->work));
}

/* ---- memory ---------------------------------------------------------------------------------------- */

/* Halves need no more than one program, but for what must last to be read again; a forward program keeps nothing. */
Test(plan_halves, memory)
{
    recurrent_form form = {false, GT_FORWARD, GT_F32};
    planned p = {.r = recurrent_record(gt_cell_find("lstm"), (recurrent_sizes){16, 32, 2, 8, 100}, form)};
    p.outputs[p.count++] = p.r.answers[0]; /* the hidden state at every step */
    uint32_t forward_count = p.count;
    for (uint32_t i = 0; i < p.r.given_count; i++)
        p.outputs[p.count++] = p.r.gradients[i];
    gt_plan *halves = plan_outputs(&p, (gt_plan_options){0}, true),
            *one = plan_outputs(&p, (gt_plan_options){0}, false),
            *again = plan_outputs(&p, (gt_plan_options){.repeatable = true}, true);
    p.count = forward_count;
    gt_plan *forward_only = plan_outputs(&p, (gt_plan_options){0}, false);
    size_t state = 32 * 8 * sizeof(float), sequence = 100 * state;
    cr_expect_leq(gt_plan_bytes(halves), gt_plan_bytes(one) + sequence / 10);
    cr_expect_geq(gt_plan_bytes(again), gt_plan_bytes(halves));
    /* Its products with x at all steps, four times the state, and the state at all steps. */
    cr_expect_leq(gt_plan_bytes(forward_only), 5 * sequence + 40 * state + (1 << 16));
    cr_expect_lt(2 * gt_plan_bytes(forward_only), 3 * gt_plan_bytes(halves));
    gt_plan_free(halves);
    gt_plan_free(one);
    gt_plan_free(again);
    gt_plan_free(forward_only);
    recurrent_free(&p.r);
}

/* ---- what is of both halves ------------------------------------------------------------------------- */

/* y[t] = tanh(w x[t]) and g[t] = y[t] c[t], step by step: one loop of both would make y wait for c. */
Test(plan_halves, a_loop_that_would_mix_them_is_not_made)
{
    enum { STEPS = 40 };
    gt_tape *tape = gt_tape_new(NULL);
    gt_var w = gt_parameter(tape, "w", GT_SHAPE(2, 1)), x = gt_input(tape, "x", GT_SHAPE(2, 3, STEPS)),
           c = gt_input(tape, "c", GT_SHAPE(2, 3, STEPS));
    gt_var xs[STEPS], cs[STEPS], outputs[2 * STEPS];
    gt_unstack(x, xs, STEPS);
    gt_unstack(c, cs, STEPS);
    for (int t = 0; t < STEPS; t++) {
        outputs[2 * t] = gt_tanh(gt_mul(w, xs[t]));
        outputs[2 * t + 1] = gt_mul(outputs[2 * t], cs[t]);
    }
    gt_error error = {0};
    gt_plan_options options = {.late = &c, .late_count = 1};
    gt_plan *plan = gt_plan_new(outputs, 2 * STEPS, &options, &error);
    cr_assert_not_null(plan, "%s", error.message);
    gt_workspace *work = gt_workspace_new(plan);
    double numbers[2 * 3 * STEPS], factors[2 * 3 * STEPS], weights[2] = {0.5, -2};
    for (int i = 0; i < 2 * 3 * STEPS; i++) {
        numbers[i] = 0.01 * i - 1;
        factors[i] = 3 - 0.02 * i;
    }
    cr_assert(gt_workspace_bind(work, w, weights) == GT_OK && gt_workspace_bind(work, x, numbers) == GT_OK);
    cr_assert(gt_workspace_run_forward(work) == GT_OK, "%s", gt_workspace_message(work));
    for (int t = 0; t < STEPS; t++) {
        const double *y = gt_workspace_value(work, 2 * (uint32_t)t);
        cr_assert_not_null(y);
        cr_assert_null(gt_workspace_value(work, 2 * (uint32_t)t + 1));
        for (int i = 0; i < 6; i++)
            cr_assert(fabs(y[i] - tanh(weights[i % 2] * numbers[6 * t + i])) <= 1e-14);
    }
    cr_assert(gt_workspace_bind(work, c, factors) == GT_OK && gt_workspace_run_backward(work) == GT_OK);
    for (int t = 0; t < STEPS; t++) {
        const double *g = gt_workspace_value(work, 2 * (uint32_t)t + 1);
        for (int i = 0; i < 6; i++)
            cr_assert(fabs(g[i] - tanh(weights[i % 2] * numbers[6 * t + i]) * factors[6 * t + i]) <= 1e-14);
    }
    gt_workspace_free(work);
    gt_plan_free(plan);
    gt_tape_free(tape);
}

/* Outputs that are inputs, outputs that nothing forward needs, and a late input that nothing needs. */
Test(plan_halves, halves_with_little_in_them)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2, 1)), d = gt_input(tape, "d", GT_SHAPE(2, 1)),
           unused = gt_input(tape, "unused", GT_SHAPE(2, 1));
    gt_var outputs[] = {x, d, gt_mul(gt_exp(x), d)}, late[] = {d, unused};
    gt_error error = {0};
    gt_plan_options options = {.late = late, .late_count = 2};
    gt_plan *plan = gt_plan_new(outputs, 3, &options, &error);
    cr_assert_not_null(plan, "%s", error.message);
    gt_workspace *work = gt_workspace_new(plan);
    double a[] = {1, 2}, b[] = {3, 5};
    cr_assert(gt_workspace_bind(work, x, a) == GT_OK);
    cr_assert(gt_workspace_run_forward(work) == GT_OK, "%s", gt_workspace_message(work));
    cr_expect_eq(gt_workspace_value(work, 0), (const void *)a);
    cr_expect_null(gt_workspace_value(work, 1));
    cr_expect_null(gt_workspace_array(work, 2).data);
    cr_assert(gt_workspace_bind(work, d, b) == GT_OK);
    cr_assert(gt_workspace_run_backward(work) == GT_OK, "%s", gt_workspace_message(work));
    cr_expect_eq(gt_workspace_value(work, 1), (const void *)b);
    cr_expect(fabs(((const double *)gt_workspace_value(work, 2))[1] - 5 * exp(2)) <= 1e-12);
    gt_workspace_free(work);
    gt_plan_free(plan);
    gt_tape_free(tape);
}

/* ---- outputs in the user's memory --------------------------------------------------------------------- */

/* Gradients of parameters and of x are written there; nothing is lost where only those are bound. */
Test(plan_halves, gradients_in_the_user_s_memory)
{
    planned p = plan_named("lstm", (gt_plan_options){.bind_outputs = true});
    execution e = execution_new(&p, p.plan, NULL, 9);
    void *memory[2 * MAX_ARRAYS] = {NULL};
    uint32_t direct = 0;
    for (uint32_t k = 0; k < p.count; k++)
        direct += p.plan->outputs[k].address.base == GT_BASE_OUTPUT;
    cr_expect_geq(direct, p.r.given_count, "only %u outputs need no copy", direct);
    forward(&e);
    bind_cotangents(&e);
    expect_unbound(&e);
    for (uint32_t k = p.r.answer_count; k < p.count; k++) {
        memory[k] = calloc(count_of(p.outputs[k]), sizeof(double));
        cr_assert(gt_workspace_bind_output(e.work, k, memory[k]) == GT_OK);
    }
    cr_assert(gt_workspace_run_backward(e.work) == GT_OK, "%s", gt_workspace_message(e.work));
    compare(&e, true, 2e-12, "bound");
    for (uint32_t k = p.r.answer_count; k < p.count; k++)
        cr_expect_eq(gt_workspace_value(e.work, k), memory[k]);
    cr_expect_eq(gt_workspace_bind_output(e.work, p.count, memory), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_workspace_bind_output(NULL, 0, memory), GT_ERROR_ARGUMENT);
    cr_assert(gt_workspace_bind_output(e.work, p.r.answer_count, NULL) == GT_OK);
    for (uint32_t k = 0; k < p.count; k++)
        free(memory[k]);
    execution_free(&e);
    planned_free(&p);
    planned other = plan_named("lstm", (gt_plan_options){0});
    e = execution_new(&other, other.plan, NULL, 1);
    cr_expect_eq(gt_workspace_bind_output(e.work, 0, memory), GT_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(gt_workspace_message(e.work), "gt_plan_options.bind_outputs"));
    execution_free(&e);
    planned_free(&other);
}

/* ---- the verifier ------------------------------------------------------------------------------------- */

static void expect_fault(const planned *p, const char *words)
{
    gt_error error = {0};
    cr_expect_eq(gt_code_verify(&p->plan->code, &p->plan->program, p->plan->outputs, &error), GT_ERROR_TAPE);
    cr_expect_not_null(strstr(error.message, words), "expected: %s\nbut it said: %s", words, error.message);
}

Test(plan_halves, the_verifier_finds_a_wrong_turning_point)
{
    planned p = plan_named("rnn", (gt_plan_options){0});
    uint32_t turn = p.plan->code.turn, end = p.plan->code.block.count;
    cr_assert(0 < turn && turn < end);
    p.plan->code.turn = end;
    expect_fault(&p, "is not there, or not yet");
    p.plan->code.turn = 0;
    expect_fault(&p, "is written over an output of the forward half");
    p.plan->code.turn = end + 1;
    expect_fault(&p, "the turning point is behind the end");
    p.plan->code.turn = turn;
    planned_free(&p);
}

Test(plan_halves, the_verifier_finds_an_output_that_comes_too_late)
{
    planned p = plan_named("rnn", (gt_plan_options){0});
    gt_code code = {0};
    gt_lowering lowering = {.code = &code, .program = &p.plan->program};
    gt_error error = {0};
    cr_assert(gt_level_find_all(&lowering, &error));
    gt_level *top = lowering.levels[0];
    top->order = gt_order_find(&lowering, top);
    cr_assert_eq(gt_halves_verify(&p.plan->program, top, &error), GT_OK, "%s", error.message);
    gt_order early = *top->order;
    early.turn = 0;
    top->order = &early;
    cr_expect_eq(gt_halves_verify(&p.plan->program, top, &error), GT_ERROR_TAPE);
    cr_expect_not_null(strstr(error.message, "comes too late"), "%s", error.message);
    gt_pool_free(&lowering.scratch);
    gt_memory_free(lowering.levels);
    planned_free(&p);
}

/* Two items, with the turning point between them, and a buffer that both use. */
Test(plan_halves, the_verifier_finds_what_does_not_last)
{
    gt_order order = {.item_count = 2, .turn = 1};
    gt_level top = {.order = &order, .bytes = 64}, *levels[] = {&top};
    gt_program program = {.repeatable = true};
    gt_buffer buffer = {.bytes = 64, .begin = 0, .end = 1};
    gt_lowering lowering = {
        .levels = levels, .level_count = 1, .program = &program, .buffers = &buffer, .buffer_count = 1};
    gt_error error = {0};
    cr_expect_eq(gt_arena_verify(&lowering, &error), GT_ERROR_TAPE);
    cr_expect_not_null(strstr(error.message, "does not last"), "%s", error.message);
    gt_buffers_keep(&lowering, &top);
    cr_expect_eq(gt_arena_verify(&lowering, &error), GT_OK);
    program.repeatable = false;
    buffer.end = 1;
    cr_expect_eq(gt_arena_verify(&lowering, &error), GT_OK);
}

/* ---- errors ------------------------------------------------------------------------------------------ */

static void expect_refused(const execution *e, gt_status (*run)(gt_workspace *), gt_status status, const char *words)
{
    gt_status got = run(e->work);
    cr_expect_eq(got, status, "%s", gt_workspace_message(e->work));
    cr_expect_not_null(strstr(gt_workspace_message(e->work), words), "expected: %s\nbut it said: %s", words,
                       gt_workspace_message(e->work));
}

Test(plan_halves, what_is_refused)
{
    planned p = plan_named("gru", (gt_plan_options){0});
    gt_plan *one = plan_outputs(&p, (gt_plan_options){0}, false);
    execution e = execution_new(&p, p.plan, NULL, 2), whole = execution_new(&p, one, NULL, 2);
    expect_refused(&whole, gt_workspace_run_forward, GT_ERROR_ARGUMENT, "gt_plan_options.late");
    expect_refused(&whole, gt_workspace_run_backward, GT_ERROR_ARGUMENT, "gt_plan_options.late");
    expect_refused(&e, gt_workspace_run_forward, GT_ERROR_UNBOUND, "input 'x' has no value");
    expect_refused(&e, gt_workspace_run_backward, GT_ERROR_ARGUMENT, "call gt_workspace_run_forward first");
    forward(&e);
    expect_refused(&e, gt_workspace_run_backward, GT_ERROR_UNBOUND, "input 'seed 0' has no value");
    expect_refused(&e, gt_workspace_run, GT_ERROR_UNBOUND, "input 'seed 0' has no value");
    backward(&e);
    expect_refused(&e, gt_workspace_run_backward, GT_ERROR_ARGUMENT, "run the forward half again");
    cr_expect(gt_workspace_run_forward(e.work) == GT_OK && gt_workspace_run_backward(e.work) == GT_OK);
    compare(&e, true, 2e-12, "after errors");
    cr_expect(gt_workspace_run(e.work) == GT_OK);
    compare(&e, true, 2e-12, "both at once");
    expect_refused(&e, gt_workspace_run_backward, GT_ERROR_ARGUMENT, "run the forward half again");
    cr_expect_eq(gt_workspace_run_forward(NULL), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_workspace_run_backward(NULL), GT_ERROR_ARGUMENT);
    execution_free(&e);
    execution_free(&whole);
    gt_plan_free(one);
    planned_free(&p);
}

static bool at_once(void *context)
{
    return *(bool *)context;
}

/* What the backward half would read may be written over by then. */
Test(plan_halves, an_interrupted_half_must_be_run_again)
{
    planned p = plan_named("lstm", (gt_plan_options){0});
    execution e = execution_new(&p, p.plan, NULL, 3);
    bool stops = true;
    forward(&e);
    gt_workspace_on_interrupt(e.work, at_once, &stops);
    bind_cotangents(&e);
    expect_refused(&e, gt_workspace_run_backward, GT_ERROR_INTERRUPTED, "interrupted");
    expect_refused(&e, gt_workspace_run_forward, GT_ERROR_INTERRUPTED, "interrupted");
    stops = false;
    expect_refused(&e, gt_workspace_run_backward, GT_ERROR_ARGUMENT, "call gt_workspace_run_forward first");
    cr_expect_null(gt_workspace_value(e.work, 0));
    cr_expect(gt_workspace_run_forward(e.work) == GT_OK && gt_workspace_run_backward(e.work) == GT_OK);
    compare(&e, true, 2e-12, "after an interruption");
    execution_free(&e);
    planned_free(&p);
}

static void expect_no_plan(gt_var output, gt_plan_options options, gt_status status, const char *words)
{
    gt_error error = {0};
    cr_expect_null(gt_plan_new(&output, 1, &options, &error));
    cr_expect_eq(error.status, status);
    cr_expect_not_null(strstr(error.message, words), "%s", error.message);
}

Test(plan_halves, what_is_late_is_an_input_of_the_tape)
{
    gt_tape *tape = gt_tape_new(NULL), *other = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2, 1)), y = gt_exp(x), late[] = {x, gt_input(other, "d", GT_SHAPE(2, 1))};
    expect_no_plan(y, (gt_plan_options){.late_count = 1}, GT_ERROR_ARGUMENT, "late is NULL");
    expect_no_plan(y, (gt_plan_options){.late = &y, .late_count = 1}, GT_ERROR_TAPE, "late var 1 is no input");
    expect_no_plan(y, (gt_plan_options){.late = late, .late_count = 2}, GT_ERROR_TAPE, "late var 2 is no input");
    expect_no_plan(y, (gt_plan_options){.late = &(gt_var){0}, .late_count = 1}, GT_ERROR_TAPE, "late var 1");
    gt_tape_free(tape);
    gt_tape_free(other);
}
