/* Loops that are cut into segments, and plans that keep a memory budget. */
#include "base/entry.h"
#include "exec/run_threads.h"
#include "plan/plan.h"
#include "plan/verify/verify.h"
#include "recurrent.h"

#include <criterion/criterion.h>
#include <math.h>
#include <time.h>

TestSuite(plan_segments, .timeout = 240);

enum { MOST = 3 * MAX_ARRAYS };

/* A sequence with all that is computed of it, and what the interpreter says. */
typedef struct subject {
    recurrent r;
    gt_var outputs[MOST], inputs[MOST];
    void *data[MOST];
    uint32_t output_count, input_count;
} subject;

static subject *subject_new(const gt_cell *cell, recurrent_sizes sizes, recurrent_form form)
{
    subject *s = calloc(1, sizeof *s);
    cr_assert_not_null(s);
    s->r = recurrent_record(cell, sizes, form);
    for (uint32_t i = 0; i < s->r.answer_count; i++) {
        s->outputs[s->output_count++] = s->r.answers[i];
        s->inputs[s->input_count++] = s->r.cotangents[i];
    }
    for (uint32_t i = 0; i < s->r.given_count; i++) {
        s->outputs[s->output_count++] = s->r.gradients[i];
        s->inputs[s->input_count++] = s->r.given[i];
    }
    return s;
}

static void subject_evaluate(subject *s)
{
    s->r.run = gt_interpreter_new(s->r.tape);
    for (uint32_t i = 0; i < s->input_count; i++)
        bind_random(s->r.run, s->inputs[i], 3, &s->data[i]);
    cr_assert_eq(gt_interpreter_evaluate(s->r.run, s->outputs, s->output_count), GT_OK, "%s",
                 gt_interpreter_message(s->r.run));
}

static void subject_free(subject *s)
{
    for (uint32_t i = 0; i < s->input_count; i++)
        free(s->data[i]);
    recurrent_free(&s->r);
    free(s);
}

static double largest(const void *data, gt_dtype dtype, size_t count)
{
    double size = 0;
    for (size_t i = 0; i < count; i++)
        size = fmax(size, fabs(gt_entry_at(data, dtype, i)));
    return size;
}

/* The bits of the interpreter, or its numbers to rounding. */
static void expect_interpreter(const subject *s, gt_workspace *work, bool exact, const char *what)
{
    for (uint32_t k = 0; k < s->output_count; k++) {
        gt_dtype dtype = gt_var_dtype(s->outputs[k]);
        size_t count = count_of(s->outputs[k]), bytes = count * gt_dtype_size(dtype);
        const void *a = gt_interpreter_value(s->r.run, s->outputs[k]), *b = gt_workspace_value(work, k);
        cr_assert(a != NULL && b != NULL);
        if (exact) {
            cr_assert_eq(memcmp(a, b, bytes), 0, "%s: output %u differs from the interpreter's", what, (unsigned)k);
            continue;
        }
        double allowed = (dtype == GT_F32 ? 2e-5 : 1e-12) * (1 + largest(a, dtype, count));
        for (size_t i = 0; i < count; i++)
            cr_assert(fabs(gt_entry_at(a, dtype, i) - gt_entry_at(b, dtype, i)) <= allowed,
                      "%s: output %u [%zu] is %.17g, not %.17g", what, (unsigned)k, i, gt_entry_at(b, dtype, i),
                      gt_entry_at(a, dtype, i));
    }
}

/* What one thread gets: so it is in a cell none of whose sums is divided, with segments or without. */
static void expect_bits(const subject *s, gt_workspace *one, gt_workspace *several, const char *what)
{
    for (uint32_t k = 0; k < s->output_count; k++)
        cr_assert_eq(memcmp(gt_workspace_value(one, k), gt_workspace_value(several, k),
                            count_of(s->outputs[k]) * gt_dtype_size(gt_var_dtype(s->outputs[k]))),
                     0, "%s: output %u depends on the number of threads", what, (unsigned)k);
}

/* Twice, whatever can be divided being divided. */
static gt_workspace *run_on(const subject *s, const gt_plan *plan, gt_threads *threads, bool exact, const char *what)
{
    gt_workspace *work = gt_workspace_new_dividing(plan, threads, 0);
    for (uint32_t i = 0; i < s->input_count; i++)
        cr_assert_eq(gt_workspace_bind(work, s->inputs[i], s->data[i]), GT_OK);
    for (int run = 0; run < 2; run++) {
        cr_assert_eq(gt_workspace_run(work), GT_OK, "%s: %s", what, gt_workspace_message(work));
        expect_interpreter(s, work, exact, what);
    }
    return work;
}

static void run_on_threads(const subject *s, const gt_plan *plan, uint32_t count, gt_workspace *one, bool bits,
                           const char *what)
{
    gt_error error = {0};
    gt_threads *threads = gt_threads_new(count, &error);
    cr_assert_not_null(threads, "%s", error.message);
    gt_workspace *several = run_on(s, plan, threads, false, what);
    if (bits)
        expect_bits(s, one, several, what);
    gt_workspace_free(several);
    gt_threads_free(threads);
}

/* On one thread, and a plan that is not exact on `threads` of them: to the bit, too, or to rounding. */
static void run_cut(const subject *s, const gt_segments *segments, bool exact, uint32_t threads, bool bits,
                    const char *what)
{
    gt_error error = {0};
    const gt_plan_options options = {.exact = exact};
    gt_plan *plan = gt_plan_new_cut(s->outputs, s->output_count, &options, segments, NULL, &error);
    cr_assert_not_null(plan, "%s: %s", what, error.message);
    cr_assert_eq(gt_code_verify(&plan->code, &plan->program, plan->outputs, &error), GT_OK, "%s: %s", what,
                 error.message);
    gt_workspace *one = run_on(s, plan, NULL, exact, what);
    if (!exact)
        run_on_threads(s, plan, threads, one, bits, what);
    gt_workspace_free(one);
    gt_plan_free(plan);
}

/* ---- the same numbers ---------------------------------------------------------------------- */

/* `bits`: on several threads, too, which is those of one. */
static void check_cell(const gt_cell *cell, recurrent_sizes sizes, recurrent_form form, bool bits)
{
    static const gt_segments cuts[] = {{1, {1, 0}, false},  {1, {2, 0}, false}, {1, {5, 0}, false},
                                       {1, {12, 0}, false}, {2, {4, 2}, false}, {2, {6, 1}, false},
                                       {1, {1, 0}, true},   {1, {5, 0}, true},  {2, {4, 2}, true}};
    subject *s = subject_new(cell, sizes, form);
    subject_evaluate(s);
    for (uint32_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
        char what[120];
        snprintf(what, sizeof what, "%s, %s, T = %d, %u cuts, %d, %d", cell->name, gt_dtype_name(form.dtype),
                 (int)sizes.T, (unsigned)cuts[k].count, (int)cuts[k].steps[0], (int)cuts[k].steps[1]);
        run_cut(s, &cuts[k], true, 1, bits, what);
        run_cut(s, &cuts[k], false, 2 + k % 3, bits, what);
    }
    subject_free(s);
}

Test(plan_segments, of_any_length_give_the_bits_of_none_in_all_cells)
{
    for (uint32_t c = 0; c < gt_cell_count(); c++)
        for (int64_t T = 13; T >= 1; T = T == 13 ? 6 : T == 6 ? 2 : T - 1)
            check_cell(gt_cell_at(c), (recurrent_sizes){3, 5, 2, T == 6 ? 1 : 4, T},
                       (recurrent_form){false, c % 2 == 0 ? GT_FORWARD : GT_BACKWARD, T == 6 ? GT_F32 : GT_F64}, true);
}

Test(plan_segments, give_the_bits_of_none_in_the_zoo)
{
    for (uint32_t i = 0; i < gt_zoo_count(); i++) {
        const gt_zoo_entry *entry = gt_zoo_at(i);
        gt_parsed_cell *parsed = gt_cell_parse(entry->text, strlen(entry->text), NULL);
        const gt_cell *cell = gt_parsed_cell_get(parsed);
        cr_assert_not_null(cell, "%s", entry->name);
        check_cell(cell, (recurrent_sizes){3, 5, 2, 3, 7}, (recurrent_form){false, GT_FORWARD, GT_F64}, false);
        gt_parsed_cell_free(parsed);
    }
}

/* ---- threads -------------------------------------------------------------------------------- */

static uint32_t count_loops(const gt_block *block, int64_t batch, uint32_t *whole)
{
    uint32_t divided = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        const gt_loop *loop = gt_loop_of(&block->list[i]);
        if (loop != NULL && loop->shared)
            divided += count_loops(&loop->body, batch, whole);
        else if (loop != NULL)
            *(loop->batch == batch ? &divided : whole) += 1;
    }
    return divided;
}

/* Of a cut: the forward half, that again, the backward one, and the steps left over of two; of two cuts four more. */
Test(plan_segments, are_divided_by_examples_like_any_loop)
{
    static const gt_segments cuts[] = {{1, {4, 0}, false}, {2, {6, 2}, false}};
    for (uint32_t c = 0; c < gt_cell_count(); c++)
        for (size_t k = 0; k < 2; k++) {
            subject *s = subject_new(gt_cell_at(c), (recurrent_sizes){3, 5, 2, 7, 14},
                                     (recurrent_form){false, GT_FORWARD, GT_F32});
            gt_error error = {0};
            gt_plan *plan = gt_plan_new_cut(s->outputs, s->output_count, NULL, &cuts[k], NULL, &error);
            cr_assert_not_null(plan, "%s", error.message);
            uint32_t whole = 0, divided = count_loops(&plan->code.block, 7, &whole);
            cr_expect_eq(whole, 0, "%s, %zu cuts: %u loops are not divided", gt_cell_at(c)->name, k + 1,
                         (unsigned)whole);
            cr_expect_geq(divided, k == 0 ? 5 : 9, "%s: %u loops in %zu cuts", gt_cell_at(c)->name, (unsigned)divided,
                          k + 1);
            gt_plan_free(plan);
            subject_free(s);
        }
}

/* Loops with enough to do at a step are divided between all threads, wherever they are. */
Test(plan_segments, are_worth_dividing_where_their_loops_are)
{
    static const gt_segments cut = {1, {40, 0}, false};
    subject *s =
        subject_new(&gt_cell_lstm, (recurrent_sizes){64, 128, 2, 32, 100}, (recurrent_form){false, GT_FORWARD, GT_F32});
    for (int segments = 0; segments < 2; segments++) {
        gt_error error = {0};
        gt_plan *plan = gt_plan_new_cut(s->outputs, s->output_count, NULL, segments == 1 ? &cut : NULL, NULL, &error);
        cr_assert_not_null(plan, "%s", error.message);
        cr_expect_eq(gt_sharing_of(&plan->code.block, 4, GT_WORTH_DIVIDING).batch_parts, 4);
        gt_plan_free(plan);
    }
    subject_free(s);
}

/* ---- what is cut --------------------------------------------------------------------------- */

/* The longest loop of a tape, those within others included. */
static int64_t longest_of(const gt_tape *tape)
{
    int64_t longest = 0;
    for (size_t i = 0; i < tape->scan_count; i++) {
        int64_t within = longest_of(tape->scans[i]->body), steps = tape->scans[i]->steps;
        longest = within > longest ? within : longest;
        longest = steps > longest ? steps : longest;
    }
    return longest;
}

static gt_program program_of(const subject *s, const gt_segments *segments)
{
    gt_program program;
    gt_error error = {0};
    cr_assert_eq(gt_pipeline_run_watched(s->outputs, s->output_count, NULL, segments, NULL, &program, &error), GT_OK,
                 "%s", error.message);
    return program;
}

Test(plan_segments, leave_no_loop_of_more_steps)
{
    static const struct {
        gt_segments segments;
        int64_t longest; /* segments, or steps of one */
    } cases[] = {{{1, {10, 0}, false}, 10},
                 {{1, {7, 0}, false}, 14},
                 {{2, {24, 5}, false}, 5},
                 {{1, {100, 0}, false}, 100},
                 {{1, {200, 0}, false}, 100}};
    subject *s =
        subject_new(&gt_cell_lstm, (recurrent_sizes){3, 5, 2, 4, 100}, (recurrent_form){false, GT_FORWARD, GT_F64});
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        gt_program program = program_of(s, &cases[k].segments);
        cr_expect_eq(longest_of(program.tape), cases[k].longest, "segments of %d: a loop of %d",
                     (int)cases[k].segments.steps[0], (int)longest_of(program.tape));
        gt_program_free(&program);
    }
    subject_free(s);
}

/* h' = tanh(W h + x), all steps. */
static gt_var record_layer(gt_tape *tape, const char *name, gt_var x)
{
    gt_var W = gt_parameter(tape, name, GT_SHAPE(8, 8));
    gt_scan *scan = gt_scan_begin(tape, gt_var_shape(x).size[2], GT_FORWARD);
    gt_var h = gt_scan_carry(scan, "h", gt_fill(tape, GT_SHAPE(8, 4), 0));
    gt_var next = gt_tanh(gt_add(gt_matmul(W, h), gt_scan_input(scan, "x", x)));
    gt_scan_next(scan, h, next);
    gt_scan_end(scan);
    return gt_scan_stack(scan, next);
}

/*
 * Of two layers, what each keeps of itself is there for a segment alone; what the gradient hands on to the lower
 * one, and what that is computed from, is there for all steps.
 */
Test(plan_segments, join_layers)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(8, 4, 2000)), V = gt_parameter(tape, "V", GT_SHAPE(8, 8));
    gt_var lower = record_layer(tape, "W1", x), upper = record_layer(tape, "W2", gt_sigmoid(gt_matmul(V, lower)));
    gt_var dy = gt_input(tape, "dy", gt_var_shape(upper)), dx;
    cr_assert_eq(gt_grad(&upper, &dy, 1, &x, 1, &dx), GT_OK, "%s", gt_tape_message(tape));
    gt_error error = {0};
    gt_plan_options options = {.bind_outputs = true};
    gt_plan *all = gt_plan_new(&dx, 1, &options, &error);
    cr_assert_not_null(all, "%s", error.message);
    options.memory = gt_plan_total_bytes(all) / 4 * 3;
    gt_plan *cut = gt_plan_new(&dx, 1, &options, &error);
    cr_expect_not_null(cut, "%s", error.message);
    gt_plan_free(all);
    gt_plan_free(cut);
    gt_tape_free(tape);
}

/* ---- budgets ------------------------------------------------------------------------------- */

static size_t most_of(const subject *s, gt_plan_options options)
{
    gt_error error = {0};
    options.memory = 0;
    gt_plan *plan = gt_plan_new(s->outputs, s->output_count, &options, &error);
    size_t bytes = gt_plan_total_bytes(plan);
    cr_assert_not_null(plan, "%s", error.message);
    gt_plan_free(plan);
    return bytes;
}

Test(plan_segments, a_budget_is_kept_or_refused_in_all_cells)
{
    for (uint32_t c = 0; c < gt_cell_count(); c++) {
        subject *s = subject_new(gt_cell_at(c), (recurrent_sizes){4, 16, 2, 8, 3000},
                                 (recurrent_form){false, GT_FORWARD, GT_F32});
        gt_plan_options options = {.bind_outputs = true};
        size_t all = most_of(s, options);
        for (size_t part = 1; part <= 8; part *= 2) {
            gt_error error = {0};
            options.memory = all / part;
            gt_plan *plan = gt_plan_new(s->outputs, s->output_count, &options, &error);
            cr_assert_not_null(plan, "%s, 1/%zu of %zu: %s", gt_cell_at(c)->name, part, all, error.message);
            cr_expect_leq(gt_plan_total_bytes(plan), options.memory, "%s", gt_cell_at(c)->name);
            cr_expect_eq(plan->program.segments.count, (uint32_t)(part > 1), "%s, 1/%zu", gt_cell_at(c)->name, part);
            gt_plan_free(plan);
        }
        subject_free(s);
    }
}

/*
 * The last segment is kept until it has been read, and takes the memory that the others do behind it; so does the
 * loop over segments that goes forward.
 */
Test(plan_segments, compute_the_last_one_once_and_take_turns_in_memory)
{
    subject *s =
        subject_new(&gt_cell_lstm, (recurrent_sizes){4, 16, 2, 8, 3000}, (recurrent_form){false, GT_FORWARD, GT_F32});
    gt_plan_options options = {.bind_outputs = true};
    options.memory = most_of(s, options) / 8;
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(s->outputs, s->output_count, &options, &error);
    cr_assert_not_null(plan, "%s", error.message);
    const gt_segments *segments = &plan->program.segments;
    cr_expect(segments->keeps_last);
    size_t regions = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->code.block.count; i++) {
        const gt_loop *loop = gt_loop_of(&plan->code.block.list[i]);
        if (loop == NULL || !loop->shared)
            continue;
        cr_expect_eq(loop->steps, gt_segments_of(3000, segments->steps[0]) - 1);
        regions += loop->region_bytes;
        count++;
    }
    cr_expect_eq(count, 2);
    cr_expect_lt(plan->code.arena_bytes, regions);
    gt_plan_free(plan);
    subject_free(s);
}

Test(plan_segments, an_lstm_of_100000_steps_fits_into_a_three_hundredth)
{
    subject *s = subject_new(&gt_cell_lstm, (recurrent_sizes){64, 128, 2, 32, 100000},
                             (recurrent_form){false, GT_FORWARD, GT_F32});
    gt_plan_options options = {.bind_outputs = true};
    size_t all = most_of(s, options);
    for (int part = 20; part <= 300; part += 280) {
        gt_error error = {0};
        options.memory = all / (size_t)part;
        gt_plan *plan = gt_plan_new(s->outputs, s->output_count, &options, &error);
        cr_assert_not_null(plan, "%s", error.message);
        cr_expect_eq(plan->program.segments.count, (uint32_t)(part == 20 ? 1 : 2));
        gt_plan_free(plan);
    }
    subject_free(s);
}

Test(plan_segments, what_is_too_little_is_refused_with_the_least)
{
    subject *s =
        subject_new(&gt_cell_gru, (recurrent_sizes){4, 16, 2, 8, 500}, (recurrent_form){false, GT_FORWARD, GT_F64});
    gt_plan_options options = {.bind_outputs = true, .memory = 1000};
    gt_error error = {0};
    cr_assert_null(gt_plan_new(s->outputs, s->output_count, &options, &error));
    cr_expect_eq(error.status, GT_ERROR_MEMORY);
    const char *least = strstr(error.message, "the least that was found is ");
    cr_assert_not_null(least, "%s", error.message);
    options.memory = (size_t)(1e6 * strtod(least + strlen("the least that was found is "), NULL) * 1.001) + 1;
    gt_plan *plan = gt_plan_new(s->outputs, s->output_count, &options, &error);
    cr_expect_not_null(plan, "%zu bytes are too little after all: %s", options.memory, error.message);
    gt_plan_free(plan);
    subject_free(s);
}

Test(plan_segments, where_there_is_no_loop_that_is_said)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(100, 100)), y = gt_exp(x);
    gt_error error = {0};
    cr_assert_null(gt_plan_new(&y, 1, &(gt_plan_options){.memory = 100}, &error));
    cr_expect_eq(error.status, GT_ERROR_MEMORY);
    cr_expect_not_null(strstr(error.message, "no loop"), "%s", error.message);
    gt_tape_free(tape);
}

static double seconds_of(int64_t steps)
{
    subject *s =
        subject_new(&gt_cell_lstm, (recurrent_sizes){16, 32, 2, 8, steps}, (recurrent_form){false, GT_FORWARD, GT_F32});
    gt_plan_options options = {.bind_outputs = true};
    options.memory = most_of(s, options) / 10;
    double least = INFINITY;
    for (int k = 0; k < 5; k++) {
        gt_error error = {0};
        double begin = (double)clock() / CLOCKS_PER_SEC;
        gt_plan *plan = gt_plan_new(s->outputs, s->output_count, &options, &error);
        least = fmin(least, (double)clock() / CLOCKS_PER_SEC - begin);
        cr_assert_not_null(plan, "%s", error.message);
        gt_plan_free(plan);
    }
    subject_free(s);
    return least;
}

Test(plan_segments, are_found_in_a_time_that_does_not_depend_on_the_steps)
{
    double few = seconds_of(10000), many = seconds_of(10000000);
    cr_expect_lt(many, 5 * few, "%.3g s for 10,000 steps, %.3g s for 10,000,000", few, many);
}
