/* Networks that read tokens by an embedding of few columns (multiply-tables), against the interpreter. */
#include "gradtape.h"

#include "base/entry.h"
#include "plan/plan.h"
#include "support/planned.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

TestSuite(plan_tables_networks, .timeout = 240);

/* The embedding is (INNER, COLUMNS), a state has ROWS. */
enum { ROWS = 7, INNER = 24, COLUMNS = 5 };

enum { MOST = 40 };

/* A network that reads tokens, with the gradients of its parameters. */
typedef struct subject {
    gt_tape *tape;
    gt_var inputs[2 * MOST], outputs[2 * MOST];
    void *data[2 * MOST];
    uint32_t input_count, output_count;
} subject;

typedef struct subject_form {
    const gt_cell *cell;
    bool bidirectional, unrolled;
    uint32_t layers;
    int64_t m, steps;
    gt_dtype dtype;
} subject_form;

static void add_input(subject *s, gt_var v, gt_random *random)
{
    void *data = calloc((size_t)gt_shape_count(gt_var_shape(v)), sizeof(double));
    cr_assert_not_null(data);
    int64_t entries = gt_shape_count(gt_var_shape(v));
    for (int64_t i = 0; i < entries; i++)
        if (gt_var_dtype(v) == GT_I32)
            ((int32_t *)data)[i] = (int32_t)gt_random_integer(random, 0, COLUMNS - 1);
        else
            gt_entry_set(data, gt_var_dtype(v), i, 2 * gt_random_uniform(random) - 1);
    s->data[s->input_count] = data;
    s->inputs[s->input_count++] = v;
}

static subject *subject_new(const subject_form *f)
{
    subject *s = calloc(1, sizeof *s);
    gt_network_layer layers[2] = {{.cell = f->cell, .bidirectional = f->bidirectional},
                                  {.cell = f->cell, .bidirectional = f->bidirectional}};
    gt_network network = {.cell = f->cell,
                          .layer_count = f->layers,
                          .layers = layers,
                          .vocabulary = COLUMNS,
                          .embedding = INNER,
                          .hidden = ROWS};
    gt_parameters *set = gt_parameters_new(f->dtype);
    gt_error error = {0};
    gt_random random;
    gt_random_seed(&random, 11);
    cr_assert(s != NULL && set != NULL);
    cr_assert_eq(gt_network_declare(&network, set, &error), GT_OK, "%s", error.message);
    s->tape = gt_tape_new(&(gt_tape_options){.dtype = f->dtype});
    gt_var initial[MOST], parameters[MOST], finals[MOST], gradients[MOST];
    uint32_t count = gt_parameters_count(set);
    gt_parameters_record(set, s->tape, parameters);
    gt_network_record_states(&network, s->tape, f->m, initial);
    gt_network_pass pass = {.network = &network,
                            .parameters = parameters,
                            .initial = initial,
                            .tokens = gt_input_i32(s->tape, "tokens", GT_SHAPE(f->m, f->steps)),
                            .targets = gt_input_i32(s->tape, "targets", GT_SHAPE(f->m, f->steps)),
                            .finals = finals,
                            .unrolled = f->unrolled};
    cr_assert_eq(gt_network_record(&pass), GT_OK, "%s", gt_tape_message(s->tape));
    cr_assert_eq(gt_grad(&pass.total, NULL, 1, parameters, count, gradients), GT_OK);
    for (uint32_t k = 0; k < count; k++)
        add_input(s, parameters[k], &random);
    for (uint32_t k = 0; k < gt_network_state_count(&network); k++)
        add_input(s, initial[k], &random);
    add_input(s, pass.tokens, &random);
    add_input(s, pass.targets, &random);
    s->outputs[s->output_count++] = pass.loss;
    memcpy(s->outputs + 1, gradients, count * sizeof *gradients);
    s->output_count += count;
    gt_parameters_free(set);
    return s;
}

static void subject_free(subject *s)
{
    for (uint32_t k = 0; k < s->input_count; k++)
        free(s->data[k]);
    gt_tape_free(s->tape);
    free(s);
}

static void compare_subject(const subject *s, const gt_plan *plan, const char *what)
{
    planned_compare(&(planned_tape){.tape = s->tape,
                                    .inputs = s->inputs,
                                    .input_count = s->input_count,
                                    .outputs = s->outputs,
                                    .output_count = s->output_count,
                                    .data = s->data,
                                    .tolerance = gt_var_dtype(s->outputs[0]) == GT_F32 ? 2e-5 : 1e-12,
                                    .by_largest = true,
                                    .what = what},
                    plan);
}

/* Products of the outer tape that have as many columns as there are tokens, and INNER of them to multiply or as rows.
 */
static uint32_t count_large(const gt_program *program, int64_t positions)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < gt_tape_node_count(program->tape); i++) {
        gt_var v = gt_tape_var(program->tape, i);
        if (strcmp(gt_var_op(v)->name, "matmul") != 0)
            continue;
        gt_shape a = gt_var_shape(gt_var_input(v, 0)), b = gt_var_shape(gt_var_input(v, 1)), own = gt_var_shape(v);
        bool wide = gt_shape_count(b) == b.size[0] * positions;
        count += wide && (a.size[0] == INNER || b.size[0] == INNER || own.size[0] == INNER);
    }
    return count;
}

static void check_network(subject_form f, bool changes, const char *what)
{
    for (int dtype = 0; dtype < 2; dtype++) {
        f.dtype = dtype == 0 ? GT_F64 : GT_F32;
        subject *s = subject_new(&f);
        static const char *const skip[] = {"multiply-tables", NULL};
        gt_program with, without;
        compare_subject(s, NULL, what);
        cr_assert_eq(gt_pipeline_run(s->outputs, s->output_count, NULL, &with, NULL), GT_OK);
        cr_assert_eq(gt_pipeline_run(s->outputs, s->output_count, &(gt_plan_options){.skip = skip}, &without, NULL),
                     GT_OK);
        uint32_t before = count_large(&without, f.m * f.steps), after = count_large(&with, f.m * f.steps);
        cr_expect_gt(before, 0, "%s", what);
        cr_expect_eq(after, changes ? 0 : before, "%s: %u products of %u are left", what, (unsigned)after,
                     (unsigned)before);
        gt_program_free(&with);
        gt_program_free(&without);
        subject_free(s);
    }
}

Test(plan_tables_networks, have_no_product_of_all_tokens)
{
    for (uint32_t c = 0; c < gt_cell_count(); c++) {
        const gt_cell *cell = gt_cell_at(c);
        check_network((subject_form){.cell = cell, .layers = 1, .m = 3, .steps = 6}, true, cell->name);
    }
    const gt_cell *lstm = &gt_cell_lstm;
    check_network((subject_form){.cell = lstm, .layers = 2, .m = 3, .steps = 6}, true, "two layers");
    check_network((subject_form){.cell = lstm, .layers = 1, .m = 1, .steps = 20}, true, "one example");
    check_network((subject_form){.cell = lstm, .layers = 1, .m = 20, .steps = 1}, true, "one step");
    check_network((subject_form){.cell = lstm, .layers = 1, .m = 3, .steps = 6, .unrolled = true}, true, "unrolled");
    check_network((subject_form){.cell = lstm, .layers = 1, .m = 2, .steps = 2}, false, "few positions");
    check_network((subject_form){.cell = &gt_cell_gru, .layers = 1, .bidirectional = true, .m = 3, .steps = 6}, true,
                  "both directions");
}

Test(plan_tables_networks, in_segments)
{
    static const gt_segments cuts[] = {{1, {1, 0}, false}, {1, {4, 0}, true}, {1, {7, 0}, false}, {2, {6, 3}, true}};
    subject *s = subject_new(&(subject_form){.cell = &gt_cell_lstm, .layers = 1, .m = 5, .steps = 13, .dtype = GT_F64});
    for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
        gt_error error = {0};
        gt_plan *plan = gt_plan_new_cut(s->outputs, s->output_count, NULL, &cuts[k], NULL, &error);
        cr_assert_not_null(plan, "%s", error.message);
        compare_subject(s, plan, "in segments");
        gt_plan_free(plan);
    }
    subject_free(s);
}

/* ---- prepared plans ------------------------------------------------------------------------------------ */

/* Instructions of a half that multiply, in its loops, too. */
static uint32_t count_products(const gt_block *block, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++) {
        const gt_loop *loop = gt_loop_of(&block->list[i]);
        count += gt_multiplication_of(&block->list[i]) != NULL;
        count += loop == NULL ? 0 : count_products(&loop->body, 0, loop->body.count);
    }
    return count;
}

/* The loss of one step for one example, whose symbol and states are late: fewer columns than the table has. */
Test(plan_tables_networks, prepared_multiply_the_table_once)
{
    subject *s = subject_new(&(subject_form){.cell = &gt_cell_lstm, .layers = 1, .m = 1, .steps = 1, .dtype = GT_F64});
    gt_error error = {0};
    const uint32_t late = 4; /* two states, tokens and targets */
    gt_plan_options options = {.late = s->inputs + s->input_count - late, .late_count = late, .prepared = true};
    gt_plan *plan = gt_plan_new(s->outputs, 1, &options, &error);
    cr_assert_not_null(plan, "%s", error.message);
    const gt_block *block = &plan->code.block;
    cr_expect_eq(count_products(block, 0, plan->code.turn), 4);                /* with the embedding */
    cr_expect_eq(count_products(block, plan->code.turn, block->count), 4 + 1); /* with the state, and the logits */
    gt_workspace *work = gt_workspace_new(plan);
    gt_interpreter *run = gt_interpreter_new(s->tape);
    for (uint32_t k = 0; k < s->input_count; k++) {
        cr_assert_eq(gt_workspace_bind(work, s->inputs[k], s->data[k]), GT_OK);
        cr_assert_eq(gt_interpreter_bind(run, s->inputs[k], s->data[k]), GT_OK);
    }
    cr_assert_eq(gt_workspace_run_forward(work), GT_OK, "%s", gt_workspace_message(work));
    int32_t *token = s->data[s->input_count - 2];
    double *state = s->data[s->input_count - 4];
    for (int32_t k = 0; k < 2 * COLUMNS; k++) {
        *token = (3 * k + 1) % COLUMNS;
        state[0] = 0.1 * k;
        cr_assert_eq(gt_workspace_run_backward(work), GT_OK, "%s", gt_workspace_message(work));
        cr_assert_eq(gt_interpreter_evaluate(run, s->outputs, 1), GT_OK);
        double a = *(const double *)gt_workspace_value(work, 0);
        double b = *(const double *)gt_interpreter_value(run, s->outputs[0]);
        cr_expect(fabs(a - b) <= 1e-12, "%g, not %g", a, b);
    }
    gt_workspace_free(work);
    gt_interpreter_free(run);
    gt_plan_free(plan);
    subject_free(s);
}

/* Products of the forward half of W @ gather(E, i), where i is late and E has so many columns. */
static uint32_t prepared_products(int64_t columns)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var w = gt_parameter(tape, "W", GT_SHAPE(ROWS, 16)), e = gt_parameter(tape, "E", GT_SHAPE(16, columns));
    gt_var i = gt_input_i32(tape, "i", GT_SHAPE(1)), y = gt_matmul(w, gt_gather(e, i));
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(&y, 1, &(gt_plan_options){.late = &i, .late_count = 1, .prepared = true}, &error);
    cr_assert_not_null(plan, "%s", error.message);
    uint32_t count = count_products(&plan->code.block, 0, plan->code.turn);
    gt_plan_free(plan);
    gt_tape_free(tape);
    return count;
}

/* What is prepared must not take longer than what it is for. */
Test(plan_tables_networks, prepared_multiply_no_large_table)
{
    cr_expect_eq(prepared_products(512), 1);
    cr_expect_eq(prepared_products(513), 0);
}

/* The sampler has such a plan: it writes what the interpreter does. */
Test(plan_tables_networks, a_sampler_writes_what_the_interpreter_does)
{
    enum { ENGINES = 3 };
    static const gt_engine engines[ENGINES] = {GT_ENGINE_INTERPRETER, GT_ENGINE_PLANNER, GT_ENGINE_EXACT};
    gt_error error = {0};
    const gt_cell *const cells[] = {&gt_cell_lstm, &gt_cell_gru, &gt_cell_rnn};
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
        gt_network network = {.cell = cells[c], .layer_count = 2, .vocabulary = 9, .embedding = INNER, .hidden = ROWS};
        gt_parameters *set = gt_parameters_new(GT_F64);
        cr_assert_eq(gt_network_declare(&network, set, &error), GT_OK, "%s", error.message);
        cr_assert_eq(gt_parameters_initialize(set, 3), GT_OK);
        gt_sampler *samplers[ENGINES];
        int32_t tokens[ENGINES] = {1, 1, 1};
        for (int i = 0; i < ENGINES; i++)
            cr_assert_not_null(samplers[i] = gt_sampler_new(&network, set, 1, 5, engines[i], NULL, &error), "%s",
                               error.message);
        for (int k = 0; k < 200; k++) {
            for (int i = 0; i < ENGINES; i++)
                cr_assert_eq(gt_sampler_step(samplers[i], tokens[i], &tokens[i], &error), GT_OK, "%s", error.message);
            for (int i = 1; i < ENGINES; i++)
                cr_assert_eq(tokens[i], tokens[0], "%s, token %d", cells[c]->name, k);
        }
        /* Nothing is left of a step that failed. */
        cr_expect_eq(gt_sampler_step(samplers[1], 9, &tokens[1], &error), GT_ERROR_VALUE);
        for (int i = 0; i < ENGINES; i++)
            cr_assert_eq(gt_sampler_step(samplers[i], 2, &tokens[i], &error), GT_OK, "%s", error.message);
        cr_assert_eq(tokens[1], tokens[0]);
        for (int i = 0; i < ENGINES; i++)
            gt_sampler_free(samplers[i]);
        gt_parameters_free(set);
    }
}
