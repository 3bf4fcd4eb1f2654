/*
 * Outputs that are told of as soon as they are complete: each once, with what it has in the end, and no
 * later than what writes it last; of random tapes, of cells, on threads, cut for a budget, bound, and in halves.
 */
#include "exec/run_threads.h"
#include "plan/complete.h"
#include "recurrent.h"
#include "support/random_tape.h"

#include <criterion/criterion.h>

TestSuite(plan_outputs, .timeout = 300);

/* ---- what is told ------------------------------------------------------------------------------ */

typedef struct watch {
    gt_workspace *work;
    uint32_t count;
    uint32_t told[RANDOM_OUTPUTS];
    void *then[RANDOM_OUTPUTS]; /* what it was when it was told */
} watch;

static size_t bytes_of(const gt_workspace *work, uint32_t i)
{
    gt_array a = gt_workspace_array(work, i);
    return (size_t)gt_shape_count(a.shape) * gt_dtype_size(a.dtype);
}

static void note(void *context, uint32_t i)
{
    watch *w = context;
    cr_assert_lt(i, w->count);
    w->told[i]++;
    cr_assert_not_null(gt_workspace_value(w->work, i), "output %u is told of and not there", i);
    free(w->then[i]);
    w->then[i] = malloc(bytes_of(w->work, i) + 1);
    memcpy(w->then[i], gt_workspace_value(w->work, i), bytes_of(w->work, i));
}

static watch begin(gt_workspace *work, uint32_t count)
{
    cr_assert_not_null(work);
    return (watch){.work = work, .count = count};
}

static void expect_told(watch *w, uint32_t i, const char *what)
{
    cr_assert_eq(w->told[i], 1, "%s: output %u is told of %u times", what, i, w->told[i]);
    cr_assert_eq(memcmp(w->then[i], gt_workspace_value(w->work, i), bytes_of(w->work, i)), 0,
                 "%s: output %u was told of before it was complete", what, i);
    w->told[i] = 0;
}

static void end(watch *w)
{
    for (uint32_t i = 0; i < w->count; i++)
        free(w->then[i]);
    gt_workspace_free(w->work);
}

/* Two runs that tell, with the bits of one that does not. */
static void run_telling(watch *w, const char *what)
{
    void *quiet[RANDOM_OUTPUTS];
    cr_assert_eq(gt_workspace_run(w->work), GT_OK, "%s: %s", what, gt_workspace_message(w->work));
    for (uint32_t i = 0; i < w->count; i++) {
        quiet[i] = malloc(bytes_of(w->work, i) + 1);
        memcpy(quiet[i], gt_workspace_value(w->work, i), bytes_of(w->work, i));
    }
    cr_assert_eq(gt_workspace_on_output(w->work, note, w), GT_OK);
    for (int again = 0; again < 2; again++) {
        cr_assert_eq(gt_workspace_run(w->work), GT_OK, "%s: %s", what, gt_workspace_message(w->work));
        for (uint32_t i = 0; i < w->count; i++) {
            expect_told(w, i, what);
            cr_assert_eq(memcmp(quiet[i], gt_workspace_value(w->work, i), bytes_of(w->work, i)), 0,
                         "%s: output %u is another when outputs are told of", what, i);
        }
    }
    for (uint32_t i = 0; i < w->count; i++)
        free(quiet[i]);
    cr_assert_eq(gt_workspace_on_output(w->work, NULL, NULL), GT_OK);
    cr_assert_eq(gt_workspace_run(w->work), GT_OK);
    for (uint32_t i = 0; i < w->count; i++)
        cr_assert_eq(w->told[i], 0, "%s: told of though nobody asks", what);
}

/* ---- random tapes ------------------------------------------------------------------------------ */

static gt_plan *plan_of(const random_tape *r, gt_plan_options options)
{
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(r->outputs, r->output_count, &options, &error);
    cr_assert_not_null(plan, "seed %u: %s", r->options.seed, error.message);
    return plan;
}

static void check_tape(const random_tape *r, gt_plan_options options, gt_threads *threads, bool bound, const char *what)
{
    gt_plan *plan = plan_of(r, options);
    watch w = begin(gt_workspace_new_dividing(plan, threads, 0), r->output_count);
    void *own[RANDOM_OUTPUTS] = {NULL};
    for (uint32_t i = 0; i < r->input_count; i++)
        cr_assert_eq(gt_workspace_bind(w.work, r->inputs[i], r->data[i]), GT_OK);
    for (uint32_t i = 0; i < r->output_count && bound; i++) {
        own[i] = calloc(count_of(r->outputs[i]) + 1, sizeof(double));
        cr_assert_eq(gt_workspace_bind_output(w.work, i, own[i]), GT_OK);
    }
    run_telling(&w, what);
    for (uint32_t i = 0; i < r->output_count; i++)
        free(own[i]);
    end(&w);
    gt_plan_free(plan);
}

static void check_seed(uint32_t seed, gt_threads *threads)
{
    random_options options = {.seed = seed, .dtype = seed % 2, .scans = seed % 3, .order = (int)(seed / 2 % 2)};
    random_tape *r = random_tape_new(&options);
    cr_assert_eq(gt_tape_status(r->tape), GT_OK, "seed %u", seed);
    char what[64];
    snprintf(what, sizeof what, "seed %u", seed);
    check_tape(r, (gt_plan_options){0}, NULL, false, what);
    check_tape(r, (gt_plan_options){.exact = true}, NULL, false, what);
    check_tape(r, (gt_plan_options){0}, threads, false, what);
    check_tape(r, (gt_plan_options){.bind_outputs = true}, NULL, true, what);
    random_tape_free(r);
}

Test(plan_outputs, random_tapes)
{
    gt_threads *threads = gt_threads_new(2, NULL);
    cr_assert_not_null(threads);
    for (uint32_t seed = 1; seed <= 60; seed++)
        check_seed(seed, threads);
    gt_threads_free(threads);
}

/* ---- cells ------------------------------------------------------------------------------------- */

typedef struct planned {
    recurrent r;
    gt_var outputs[2 * MAX_ARRAYS];
    void *data[2 * MAX_ARRAYS];
    uint32_t count, early_count;
} planned;

static planned record(const gt_cell *cell)
{
    planned p = {
        .r = recurrent_record(cell, (recurrent_sizes){3, 8, 2, 5, 40}, (recurrent_form){false, GT_FORWARD, GT_F64})};
    for (uint32_t i = 0; i < p.r.answer_count; i++)
        p.outputs[p.count++] = p.r.answers[i];
    p.early_count = p.count;
    for (uint32_t i = 0; i < p.r.given_count; i++)
        p.outputs[p.count++] = p.r.gradients[i];
    return p;
}

static void bind_all(planned *p, gt_workspace *work)
{
    for (uint32_t i = 0; i < p->r.given_count + p->r.answer_count; i++) {
        gt_var v = i < p->r.given_count ? p->r.given[i] : p->r.cotangents[i - p->r.given_count];
        p->data[i] = random_numbers(gt_var_name(v), 3, count_of(v), GT_F64);
        cr_assert_eq(gt_workspace_bind(work, v, p->data[i]), GT_OK);
    }
}

static void forget(planned *p)
{
    for (uint32_t i = 0; i < 2 * MAX_ARRAYS; i++)
        free(p->data[i]);
    recurrent_free(&p->r);
}

static gt_plan *plan_cell(const planned *p, gt_plan_options options)
{
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(p->outputs, p->count, &options, &error);
    cr_assert_not_null(plan, "%s: %s", p->r.cell->name, error.message);
    return plan;
}

/* Nothing is told in the middle of what is done together. */
static void expect_between(const gt_plan *plan, uint32_t output, bool threads)
{
    const gt_block *block = &plan->code.block;
    uint32_t behind = gt_plan_complete_behind(plan, output, threads), i = 0;
    while (i < behind) {
        const gt_instruction *loop = threads ? gt_companions_find(block, i) : NULL;
        i = loop != NULL ? (uint32_t)(loop - block->list) + 1 + loop->loop->following
                         : i + gt_machine_takes(&block->list[i]);
    }
    cr_assert_eq(i, behind, "output %u is told of behind %u instructions, within those that end at %u", output, behind,
                 i);
}

static void check_cell(const gt_cell *cell, gt_plan_options options, gt_threads *threads)
{
    planned p = record(cell);
    gt_plan *plan = plan_cell(&p, options);
    watch w = begin(gt_workspace_new_dividing(plan, threads, 0), p.count);
    bind_all(&p, w.work);
    for (uint32_t i = 0; i < p.count; i++)
        expect_between(plan, i, gt_threads_count(threads) > 1);
    run_telling(&w, cell->name);
    end(&w);
    gt_plan_free(plan);
    forget(&p);
}

Test(plan_outputs, cells_on_threads)
{
    gt_threads *threads = gt_threads_new(2, NULL);
    cr_assert_not_null(threads);
    for (uint32_t i = 0; i < gt_zoo_count(); i++) {
        const gt_zoo_entry *entry = gt_zoo_at(i);
        gt_parsed_cell *parsed = gt_cell_parse(entry->text, strlen(entry->text), NULL);
        cr_assert_not_null(gt_parsed_cell_get(parsed), "%s", entry->name);
        check_cell(gt_parsed_cell_get(parsed), (gt_plan_options){0}, NULL);
        check_cell(gt_parsed_cell_get(parsed), (gt_plan_options){0}, threads);
        gt_parsed_cell_free(parsed);
    }
    gt_threads_free(threads);
}

Test(plan_outputs, cut_for_a_budget)
{
    planned p = record(gt_cell_find("lstm"));
    gt_plan *whole = plan_cell(&p, (gt_plan_options){0});
    size_t budget = gt_plan_total_bytes(whole) * 3 / 4;
    gt_plan_free(whole);
    gt_plan *cut = plan_cell(&p, (gt_plan_options){.memory = budget});
    cr_assert_gt(cut->program.segments.count, 0, "nothing was cut");
    gt_plan_free(cut);
    forget(&p);
    check_cell(gt_cell_find("lstm"), (gt_plan_options){.memory = budget}, NULL);
}

/* The forward half tells of its outputs, the backward one of the others. */
Test(plan_outputs, in_halves)
{
    planned p = record(gt_cell_find("gru"));
    gt_plan *plan =
        plan_cell(&p, (gt_plan_options){.late = p.r.cotangents, .late_count = p.r.answer_count, .repeatable = true});
    watch w = begin(gt_workspace_new(plan), p.count);
    bind_all(&p, w.work);
    cr_assert_eq(gt_workspace_on_output(w.work, note, &w), GT_OK);
    cr_assert_eq(gt_workspace_run_forward(w.work), GT_OK);
    for (uint32_t i = 0; i < p.count; i++)
        if (gt_workspace_value(w.work, i) != NULL)
            expect_told(&w, i, "forward");
        else
            cr_assert(w.told[i] == 0 && i >= p.early_count, "output %u", i);
    for (int again = 0; again < 2; again++) {
        cr_assert_eq(gt_workspace_run_backward(w.work), GT_OK);
        for (uint32_t i = p.early_count; i < p.count; i++)
            if (strcmp(gt_var_op(p.outputs[i])->name, "fill") != 0) /* the gradient of what nothing reads */
                expect_told(&w, i, "backward");
        for (uint32_t i = 0; i < p.early_count; i++)
            cr_assert_eq(w.told[i], 0, "output %u is told of again", i);
    }
    end(&w);
    gt_plan_free(plan);
    forget(&p);
}

/* ---- how early --------------------------------------------------------------------------------- */

enum { LAYERS = 3, UNITS = 16, EXAMPLES = 4, STEPS = 8 };

/* h[t] = tanh(W (x[t] + h[t - 1])), one layer above the other. */
static gt_var record_layer(gt_tape *tape, gt_var w, gt_var x)
{
    gt_scan *scan = gt_scan_begin(tape, STEPS, GT_FORWARD);
    gt_var h = gt_scan_carry(scan, "h", gt_fill(tape, GT_SHAPE(UNITS, EXAMPLES), 0));
    gt_var next = gt_tanh(gt_matmul(w, gt_add(gt_scan_input(scan, "x", x), h)));
    gt_scan_next(scan, h, next);
    gt_scan_end(scan);
    return gt_scan_stack(scan, next);
}

typedef struct layers {
    gt_tape *tape;
    gt_var inputs[LAYERS + 1]; /* the weights, and x */
    gt_var outputs[LAYERS];    /* the gradients of the weights */
    void *data[LAYERS + 1];
} layers;

static layers record_layers(void)
{
    static const char *const names[] = {"W1", "W2", "W3"};
    layers l = {.tape = gt_tape_new(NULL)};
    gt_var x = l.inputs[LAYERS] = gt_input(l.tape, "x", GT_SHAPE(UNITS, EXAMPLES, STEPS));
    for (int k = 0; k < LAYERS; k++) {
        l.inputs[k] = gt_parameter(l.tape, names[k], GT_SHAPE(UNITS, UNITS));
        x = record_layer(l.tape, l.inputs[k], x);
    }
    gt_var objective = gt_sum(x, GT_ALL_AXES);
    gt_grad(&objective, NULL, 1, l.inputs, LAYERS, l.outputs);
    cr_assert_eq(gt_tape_status(l.tape), GT_OK, "%s", gt_tape_message(l.tape));
    return l;
}

static gt_workspace *work_on(layers *l, const gt_plan *plan)
{
    gt_workspace *work = gt_workspace_new(plan);
    cr_assert_not_null(work);
    for (int k = 0; k <= LAYERS; k++) {
        l->data[k] = random_numbers(gt_var_name(l->inputs[k]), 7, count_of(l->inputs[k]), GT_F32);
        cr_assert_eq(gt_workspace_bind(work, l->inputs[k], l->data[k]), GT_OK);
    }
    return work;
}

static void layers_free(layers *l)
{
    for (int k = 0; k <= LAYERS; k++)
        free(l->data[k]);
    gt_tape_free(l->tape);
}

typedef struct sequence {
    uint32_t list[LAYERS], count;
} sequence;

static void note_order(void *context, uint32_t i)
{
    sequence *s = context;
    s->list[s->count++] = i;
}

Test(plan_outputs, gradients_of_later_layers_come_first)
{
    layers l = record_layers();
    gt_plan *plan = gt_plan_new(l.outputs, LAYERS, NULL, NULL);
    gt_workspace *work = work_on(&l, plan);
    sequence s = {.count = 0};
    cr_assert_eq(gt_workspace_on_output(work, note_order, &s), GT_OK);
    cr_assert_eq(gt_workspace_run(work), GT_OK);
    cr_assert_eq(s.count, LAYERS);
    for (uint32_t k = 0; k < LAYERS; k++)
        cr_assert_eq(s.list[k], LAYERS - 1 - k);
    double last = gt_workspace_work_until(work, 2), middle = gt_workspace_work_until(work, 1),
           first = gt_workspace_work_until(work, 0);
    cr_assert(0.3 < last && last < 0.8, "W3 at %g", last);
    cr_assert(last < middle && middle < first && first <= 1, "W2 at %g, W1 at %g", middle, first);
    cr_assert_eq(gt_workspace_work_until(work, LAYERS), 1, "there is no such output");
    gt_workspace_free(work);
    gt_plan_free(plan);
    layers_free(&l);
}

/* One instruction of the outermost block earlier each gradient is another, or there is something else there. */
Test(plan_outputs, no_later_than_need_be)
{
    layers l = record_layers();
    gt_plan *plan = gt_plan_new(l.outputs, LAYERS, NULL, NULL);
    gt_workspace *work = work_on(&l, plan);
    cr_assert_eq(gt_workspace_run(work), GT_OK);
    for (uint32_t k = 0; k < LAYERS; k++) {
        uint32_t behind = gt_plan_complete_behind(plan, k, false), whole = plan->code.block.count;
        void *complete = malloc(bytes_of(work, k));
        memcpy(complete, gt_workspace_value(work, k), bytes_of(work, k));
        for (uint32_t until = behind - 1; until <= behind; until++) {
            memset((void *)(uintptr_t)gt_workspace_value(work, k), 0, bytes_of(work, k));
            plan->code.block.count = until;
            cr_assert_eq(gt_workspace_run(work), GT_OK);
            bool same = memcmp(complete, gt_workspace_value(work, k), bytes_of(work, k)) == 0;
            cr_assert_eq(same, until == behind, "output %u, %u of %u instructions", k, until, behind);
        }
        plan->code.block.count = whole;
        free(complete);
    }
    gt_workspace_free(work);
    gt_plan_free(plan);
    layers_free(&l);
}

/* ---- runs that do not end well ------------------------------------------------------------------ */

static bool is_asked(void *context)
{
    const sequence *s = context;
    return s->count > 0;
}

Test(plan_outputs, an_interrupted_run_tells_of_no_more)
{
    layers l = record_layers();
    gt_plan *plan = gt_plan_new(l.outputs, LAYERS, NULL, NULL);
    gt_workspace *work = work_on(&l, plan);
    sequence s = {.count = 0};
    cr_assert_eq(gt_workspace_on_output(work, note_order, &s), GT_OK);
    gt_workspace_on_interrupt(work, is_asked, &s);
    cr_assert_eq(gt_workspace_run(work), GT_ERROR_INTERRUPTED);
    cr_assert_eq(s.count, 1);
    cr_assert_eq(s.list[0], LAYERS - 1);
    for (uint32_t k = 0; k < LAYERS; k++)
        cr_assert_null(gt_workspace_value(work, k), "output %u is there", k);
    gt_workspace_free(work);
    gt_plan_free(plan);
    layers_free(&l);
}

static bool count_asked(void *context)
{
    return ++*(int *)context == 4;
}

/* Sums that go on meanwhile are not kept waiting by a product that takes long. */
Test(plan_outputs, asks_within_a_large_product)
{
    enum { ROWS = 64, INNER = 16384 };
    gt_tape *tape = gt_tape_new(NULL);
    gt_var a = gt_input(tape, "a", GT_SHAPE(ROWS, INNER)), b = gt_input(tape, "b", GT_SHAPE(INNER, ROWS));
    gt_var product = gt_matmul(a, b);
    gt_plan *plan = gt_plan_new(&product, 1, NULL, NULL);
    cr_assert_eq(plan->code.block.count, 1);
    float *data = random_numbers("a", 1, ROWS * INNER, GT_F32);
    for (uint32_t count = 1; count <= 2; count++) {
        gt_threads *threads = gt_threads_new(count, NULL);
        gt_workspace *work = gt_workspace_new_on(plan, threads);
        int asked = 0;
        cr_assert(gt_workspace_bind(work, a, data) == GT_OK && gt_workspace_bind(work, b, data) == GT_OK);
        gt_workspace_on_interrupt(work, count_asked, &asked);
        cr_expect_eq(gt_workspace_run(work), GT_ERROR_INTERRUPTED, "asked %d times in the last product", asked);
        cr_expect_eq(asked, 4, "asked %d times", asked);
        cr_expect_null(gt_workspace_value(work, 0));
        cr_expect_eq(gt_workspace_run(work), GT_OK);
        cr_expect_gt(asked, 12, "asked %d times", asked);
        gt_workspace_free(work);
        gt_threads_free(threads);
    }
    gt_plan_free(plan);
    gt_tape_free(tape);
    free(data);
}

Test(plan_outputs, of_nothing)
{
    cr_assert_eq(gt_workspace_on_output(NULL, note_order, NULL), GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_workspace_work_until(NULL, 0), 1);
}
