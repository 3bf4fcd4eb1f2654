/* Networks that read tokens by an embedding of few columns (multiply-tables), against the interpreter. */
#include "gradtape.h"

#include "base/entry.h"
#include "plan/plan.h"
#include "support/planned.h"

#include <criterion/criterion.h>
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
    static const gt_segments cuts[] = {{1, {1, 0}}, {1, {4, 0}}, {1, {7, 0}}, {2, {6, 3}}};
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
