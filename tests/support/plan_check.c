#include "support/plan_check.h"
#include "support/uncompiled.h"

#include "base/entry.h"
#include "plan/plan.h"
#include "plan/verify/verify.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE = 512 };

/* The tape in both types, with the nodes that are compared. */
typedef struct subject {
    random_tape *wide, *narrow;
    uint32_t outputs[RANDOM_OUTPUTS];
    uint32_t output_count;
} subject;

typedef struct expectation {
    const random_tape *r;
    gt_var outputs[RANDOM_OUTPUTS];
    uint32_t output_count;
    gt_interpreter *run;
    double tolerances[RANDOM_OUTPUTS];
    char *why;
} expectation;

/* ---- what is expected ---------------------------------------------------------------------- */

static expectation *expect(const subject *s, random_tape *r, char *why)
{
    expectation *e = calloc(1, sizeof *e);
    if (e == NULL)
        abort();
    e->r = r;
    e->why = why;
    e->output_count = s->output_count;
    for (uint32_t k = 0; k < s->output_count; k++)
        e->outputs[k] = (gt_var){r->tape, s->outputs[k]};
    e->run = random_tape_evaluate(r, e->outputs, e->output_count);
    return e;
}

static void forget(expectation *e)
{
    gt_interpreter_free(e->run);
    free(e);
}

/*
 * The tolerance of an array: 1e-12 (f64) or 1e-5 (f32) of its largest entry,
 * and the rounding that the tape itself suffers. That is measured: it is the
 * difference between the tape in f32 and in f64, 2^29 times smaller in f64.
 * Where large terms cancel exactly in the interpreter (1 - sum(softmax)), that
 * difference is 0, and yet kernels that differ by a few units in the last place
 * leave such a unit of the terms: 16 of them are allowed.
 */
static double largest(const expectation *e, gt_var v)
{
    const void *data = gt_interpreter_value(e->run, v);
    double size = 0;
    for (int64_t i = 0; data != NULL && i < gt_shape_count(gt_var_shape(v)); i++)
        size = fmax(size, fabs(gt_entry_at(data, gt_var_dtype(v), i)));
    return size;
}

/* The largest entry among all values from which v may have been made. */
static double terms(const expectation *e, gt_var v)
{
    double size = 0;
    for (uint32_t i = 0; i < v.index; i++)
        size = fmax(size, largest(e, gt_tape_var(v.tape, i)));
    return size;
}

static bool is_moderate(const expectation *e, uint32_t k)
{
    const void *data = gt_interpreter_value(e->run, e->outputs[k]);
    for (int64_t i = 0; i < gt_shape_count(gt_var_shape(e->outputs[k])); i++)
        if (!(fabs(gt_entry_at(data, gt_var_dtype(e->outputs[k]), i)) <= 1e9))
            return false;
    return true;
}

static void set_tolerances(expectation *wide, expectation *narrow)
{
    for (uint32_t k = 0; k < wide->output_count; k++) {
        const void *a = gt_interpreter_value(wide->run, wide->outputs[k]);
        const void *b = gt_interpreter_value(narrow->run, narrow->outputs[k]);
        double size = 0, rounding = 0;
        for (int64_t i = 0; i < gt_shape_count(gt_var_shape(wide->outputs[k])); i++) {
            double x = gt_entry_at(a, gt_var_dtype(wide->outputs[k]), i),
                   y = gt_entry_at(b, gt_var_dtype(narrow->outputs[k]), i);
            size = fmax(size, fabs(x));
            rounding = fmax(rounding, fabs(x - y));
        }
        double last_place = 16 * terms(wide, wide->outputs[k]);
        wide->tolerances[k] = 1e-12 * size + ldexp(64 * rounding, -29) + ldexp(last_place, -53);
        narrow->tolerances[k] = 1e-5 * size + 16 * rounding + ldexp(last_place, -24);
    }
}

/* ---- comparing ----------------------------------------------------------------------------- */

static bool agree(const expectation *e, uint32_t k, const void *value, const char *what)
{
    const void *expected = gt_interpreter_value(e->run, e->outputs[k]);
    gt_dtype dtype = gt_var_dtype(e->outputs[k]);
    for (int64_t i = 0; i < gt_shape_count(gt_var_shape(e->outputs[k])); i++) {
        double a = gt_entry_at(expected, dtype, i), b = gt_entry_at(value, dtype, i);
        if (fabs(a - b) <= e->tolerances[k])
            continue;
        snprintf(e->why, MESSAGE, "%s, %s: output %u (node %u) [%d]: %.17g, not %.17g (tolerance %.2g)", what,
                 gt_dtype_name(e->r->options.dtype), (unsigned)k, e->outputs[k].index, (int)i, b, a, e->tolerances[k]);
        return false;
    }
    return true;
}

/* Every address of the code of a program. */
static bool check_code(const expectation *e, const gt_program *program, const char *what)
{
    gt_error error = {0};
    gt_pool pool = {0};
    gt_code code;
    gt_operand outputs[RANDOM_OUTPUTS];
    gt_program chosen = *program; /* which is a copy that no pipeline made */
    chosen.choices = GT_CHOICE_ALL;
    bool good = gt_lower(&chosen, &pool, &code, outputs, &error) == GT_OK &&
                gt_code_verify(&code, &chosen, outputs, &error) == GT_OK;
    if (!good)
        snprintf(e->why, MESSAGE, "%s: %.400s", what, error.message);
    gt_pool_free(&pool);
    return good;
}

static bool check_program(const expectation *e, const gt_program *program, const char *what)
{
    gt_interpreter *run = gt_interpreter_new(program->tape);
    gt_error error = {0};
    bool good = program->tape->error.status == GT_OK && program->input_count == e->r->input_count;
    if (!good)
        snprintf(e->why, MESSAGE, "%s: %.400s", what, program->tape->error.message);
    if (good && gt_program_verify(program, &error) != GT_OK) {
        snprintf(e->why, MESSAGE, "%s: %.400s", what, error.message);
        good = false;
    }
    good = good && check_code(e, program, what);
    for (uint32_t i = 0; i < program->input_count && good; i++)
        good =
            !gt_var_valid(program->inputs[i]) || gt_interpreter_bind(run, program->inputs[i], e->r->data[i]) == GT_OK;
    if (good && gt_interpreter_evaluate(run, program->outputs, program->output_count) != GT_OK) {
        snprintf(e->why, MESSAGE, "%s: %.400s", what, gt_interpreter_message(run));
        good = false;
    }
    for (uint32_t k = 0; k < e->output_count && good; k++) {
        gt_shape a = gt_var_shape(e->outputs[k]), b = gt_var_shape(program->outputs[k]);
        if (a.rank != b.rank || !gt_shape_equal(a, b)) {
            snprintf(e->why, MESSAGE, "%s: output %u has another shape", what, (unsigned)k);
            good = false;
        }
        good = good && agree(e, k, gt_interpreter_value(run, program->outputs[k]), what);
    }
    gt_interpreter_free(run);
    return good;
}

/* Segments of one to three steps, and of one or two steps of those; or none. */
static gt_segments segments_of(const expectation *e)
{
    uint32_t chosen = e->r->options.seed * 2654435761u >> 9;
    return (gt_segments){
        .count = chosen % 3, .steps = {1 + chosen / 3 % 3, 1 + chosen / 9 % 2}, .keeps_last = chosen / 18 % 2 == 1};
}

/* The program after each prefix of the passes. */
static bool check_passes(expectation *e)
{
    static const gt_rewrite plain = {0};
    gt_var inputs[RANDOM_INPUTS];
    for (uint32_t i = 0; i < e->r->input_count; i++)
        inputs[i] = e->r->inputs[i];
    gt_program now = {.tape = e->r->tape,
                      .outputs = e->outputs,
                      .output_count = e->output_count,
                      .inputs = inputs,
                      .input_count = e->r->input_count},
               next;
    bool good = gt_program_copy(&now, &plain, &next) && check_program(e, &next, "plain copy");
    next.segments = segments_of(e);
    for (uint32_t p = 0; gt_pipeline[p].name != NULL && good; p++) {
        if (gt_pipeline[p].rewrite == NULL)
            continue; /* a choice of the lowering */
        char what[80];
        snprintf(what, sizeof what, "after pass %u, %s", (unsigned)p + 1, gt_pipeline[p].name);
        now = next;
        good = gt_program_copy(&now, gt_pipeline[p].rewrite, &next) && check_program(e, &next, what);
        gt_program_free(&now);
    }
    gt_program_free(&next);
    return good;
}

static bool run_twice(const expectation *e, gt_workspace *work, const char *what)
{
    for (uint32_t i = 0; i < e->r->input_count; i++)
        if (gt_workspace_bind(work, e->r->inputs[i], e->r->data[i]) != GT_OK) {
            snprintf(e->why, MESSAGE, "%s: %.400s", what, gt_workspace_message(work));
            return false;
        }
    for (int run = 0; run < 2; run++) {
        char which[100];
        snprintf(which, sizeof which, "%s, run %d", what, run + 1);
        if (gt_workspace_run(work) != GT_OK) {
            snprintf(e->why, MESSAGE, "%s: %.400s", which, gt_workspace_message(work));
            return false;
        }
        for (uint32_t k = 0; k < e->output_count; k++)
            if (!agree(e, k, gt_workspace_value(work, k), which))
                return false;
    }
    return true;
}

static bool check_plan(const expectation *e, const char *const *skip, const char *what)
{
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(e->outputs, e->output_count, &(gt_plan_options){.skip = skip}, &error);
    if (plan == NULL) {
        snprintf(e->why, MESSAGE, "%s: %.400s", what, error.message);
        return false;
    }
    gt_workspace *work = gt_workspace_new(plan);
    bool good = run_twice(e, work, what);
    if (good && skip == NULL && can_compile() && count_uncompiled(&plan->code.block) > 0) {
        snprintf(e->why, MESSAGE, "%s: %u runs go op by op", what, (unsigned)count_uncompiled(&plan->code.block));
        good = false;
    }
    gt_workspace_free(work);
    gt_plan_free(plan);
    return good;
}

/* An exact plan gives the interpreter's bits; NaN has none of its own. */
static bool same_bits(const expectation *e, uint32_t k, const void *value)
{
    const char *a = gt_interpreter_value(e->run, e->outputs[k]), *b = value;
    gt_dtype dtype = gt_var_dtype(e->outputs[k]);
    size_t size = gt_dtype_size(dtype);
    for (int64_t i = 0; i < gt_shape_count(gt_var_shape(e->outputs[k])); i++) {
        double x = gt_entry_at(a, dtype, i), y = gt_entry_at(b, dtype, i);
        if (memcmp(a + (size_t)i * size, b + (size_t)i * size, size) == 0 || (isnan(x) && isnan(y)))
            continue;
        snprintf(e->why, MESSAGE, "exact plan, %s: output %u (node %u) [%d]: %.17g, not %.17g", gt_dtype_name(dtype),
                 (unsigned)k, e->outputs[k].index, (int)i, y, x);
        return false;
    }
    return true;
}

static bool check_exact(const expectation *e)
{
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(e->outputs, e->output_count, &(gt_plan_options){.exact = true}, &error);
    gt_workspace *work = gt_workspace_new(plan);
    bool good = work != NULL;
    for (uint32_t i = 0; i < e->r->input_count && good; i++)
        good = gt_workspace_bind(work, e->r->inputs[i], e->r->data[i]) == GT_OK;
    good = good && gt_workspace_run(work) == GT_OK;
    if (!good)
        snprintf(e->why, MESSAGE, "exact plan: %.200s %.200s", error.message, gt_workspace_message(work));
    for (uint32_t k = 0; k < e->output_count && good; k++)
        good = same_bits(e, k, gt_workspace_value(work, k));
    gt_workspace_free(work);
    gt_plan_free(plan);
    return good;
}

/* Rows are divided into parts of some cache lines, which what is random is too small for: into any here. */
static void divide_finely(const gt_block *block)
{
    for (uint32_t i = 0; i < block->count; i++) {
        gt_loop *loop = gt_loop_of(&block->list[i]);
        if (loop == NULL)
            continue;
        loop->batch_unit = 1;
        divide_finely(&loop->body);
    }
}

/* Whatever can be divided between threads: the bits of one, but for sums that threads divide, and the values of the
 * interpreter to rounding. */
static bool run_on_threads(const expectation *e, gt_plan *plan, const char *what)
{
    gt_error error = {0};
    gt_threads *threads = gt_threads_new(2 + e->r->options.seed % 3, &error);
    if (plan != NULL)
        divide_finely(&plan->code.block);
    gt_workspace *first = gt_workspace_new_dividing(plan, threads, 0), *second = gt_workspace_new(plan);
    bool good = run_twice(e, first, what) && run_twice(e, second, what);
    for (uint32_t k = 0; k < e->output_count && good && !plan->code.folds; k++) {
        size_t bytes = (size_t)gt_shape_count(gt_var_shape(e->outputs[k])) * gt_dtype_size(gt_var_dtype(e->outputs[k]));
        good = memcmp(gt_workspace_value(first, k), gt_workspace_value(second, k), bytes) == 0;
        if (!good)
            snprintf(e->why, MESSAGE, "%s: output %u differs from that of one thread", what, (unsigned)k);
    }
    gt_workspace_free(first);
    gt_workspace_free(second);
    gt_threads_free(threads);
    return good;
}

static bool check_threads(const expectation *e)
{
    gt_error error = {0};
    gt_plan *plan = gt_plan_new(e->outputs, e->output_count, NULL, &error);
    bool good = run_on_threads(e, plan, "on threads");
    gt_plan_free(plan);
    return good;
}

/* ---- outputs in memory of the user's ------------------------------------------------------------ */

static size_t bytes_of(gt_var v)
{
    return (size_t)gt_shape_count(gt_var_shape(v)) * gt_dtype_size(gt_var_dtype(v));
}

static void bind_outputs(const expectation *e, gt_workspace *work, void **memory)
{
    for (uint32_t k = 0; k < e->output_count; k++) {
        memory[k] = malloc(bytes_of(e->outputs[k]));
        memset(memory[k], 0x5a, bytes_of(e->outputs[k]));
        cr_assert(gt_workspace_bind_output(work, k, memory[k]) == GT_OK, "%s", gt_workspace_message(work));
    }
}

static void free_outputs(const expectation *e, void **memory)
{
    for (uint32_t k = 0; k < e->output_count; k++)
        free(memory[k]);
}

static bool check_bound(const expectation *e, const char *const *skip)
{
    gt_error error = {0};
    void *memory[RANDOM_OUTPUTS];
    gt_plan *plan =
        gt_plan_new(e->outputs, e->output_count, &(gt_plan_options){.skip = skip, .bind_outputs = true}, &error);
    gt_workspace *work = gt_workspace_new(plan);
    if (work == NULL) {
        snprintf(e->why, MESSAGE, "outputs bound: %.400s", error.message);
        return false;
    }
    bind_outputs(e, work, memory);
    bool good = run_twice(e, work, "outputs bound") &&
                gt_code_verify(&plan->code, &plan->program, plan->outputs, &error) == GT_OK;
    for (uint32_t k = 0; k < e->output_count && good; k++)
        good = agree(e, k, memory[k], "memory that is bound");
    free_outputs(e, memory);
    gt_workspace_free(work);
    gt_plan_free(plan);
    return good;
}

/* ---- two halves ---------------------------------------------------------------------------- */

typedef struct halves {
    const expectation *e;
    gt_var late[RANDOM_INPUTS];
    uint32_t late_count;
    bool waits[RANDOM_OUTPUTS]; /* for a late input */
    gt_workspace *work;
    const char *what;
} halves;

static bool waits_for(const halves *h, gt_var v)
{
    uint8_t *late = calloc(v.index + 1u, 1);
    if (late == NULL)
        abort();
    for (uint32_t i = 0; i < h->late_count; i++)
        if (h->late[i].index <= v.index)
            late[h->late[i].index] = 1;
    for (uint32_t i = 0; i <= v.index; i++)
        for (uint32_t k = 0; k < gt_var_input_count((gt_var){v.tape, i}) && i > 0; k++)
            late[i] |= late[gt_var_input((gt_var){v.tape, i}, k).index];
    bool waits = late[v.index];
    free(late);
    return waits;
}

/* About a third of the inputs are late; another one for each seed is, always. */
static halves choose_late(const expectation *e)
{
    halves h = {.e = e};
    uint32_t seed = e->r->options.seed, chosen = seed * 2654435761u >> 7;
    for (uint32_t i = 0; i < e->r->input_count; i++)
        if (i == seed % e->r->input_count || (chosen >> i % 32 & 1 && seed >> i % 32 & 1))
            h.late[h.late_count++] = e->r->inputs[i];
    for (uint32_t k = 0; k < e->output_count; k++)
        h.waits[k] = waits_for(&h, e->outputs[k]);
    return h;
}

static bool is_late(const halves *h, gt_var input)
{
    for (uint32_t i = 0; i < h->late_count; i++)
        if (h->late[i].index == input.index)
            return true;
    return false;
}

static bool bind_half(const halves *h, bool late)
{
    const random_tape *r = h->e->r;
    for (uint32_t i = 0; i < r->input_count; i++)
        if (is_late(h, r->inputs[i]) == late && gt_workspace_bind(h->work, r->inputs[i], r->data[i]) != GT_OK)
            return false;
    return true;
}

/* The outputs that are there: all, or those that wait for nothing late. */
static bool half_agrees(const halves *h, bool all)
{
    for (uint32_t k = 0; k < h->e->output_count; k++) {
        const void *value = gt_workspace_value(h->work, k);
        bool there = all || !h->waits[k];
        if ((value != NULL) != there) {
            snprintf(h->e->why, MESSAGE, "%s: output %u is %s", h->what, (unsigned)k, there ? "missing" : "early");
            return false;
        }
        if (there && !agree(h->e, k, value, h->what))
            return false;
    }
    return true;
}

static bool ran(const halves *h, gt_status status)
{
    if (status != GT_OK)
        snprintf(h->e->why, MESSAGE, "%s: %.400s", h->what, gt_workspace_message(h->work));
    return status == GT_OK;
}

/* The forward half of one workspace, all of another one, the backward half of the first. */
static bool run_halves(const halves *first, const halves *second, bool repeatable)
{
    bool good = bind_half(first, false) && ran(first, gt_workspace_run_forward(first->work)) &&
                half_agrees(first, false) && bind_half(second, false) && bind_half(second, true) &&
                ran(second, gt_workspace_run(second->work)) && half_agrees(second, true) && bind_half(first, true);
    for (int run = 0; run < (repeatable ? 3 : 1) && good; run++)
        good = ran(first, gt_workspace_run_backward(first->work)) && half_agrees(first, true);
    if (good && !repeatable && gt_workspace_run_backward(first->work) == GT_OK) {
        snprintf(first->e->why, MESSAGE, "%s: a second backward half is not refused", first->what);
        return false;
    }
    return good;
}

static bool check_halves(const expectation *e, const char *const *skip, bool repeatable, gt_threads *threads)
{
    gt_error error = {0};
    halves first = choose_late(e);
    void *memory[RANDOM_OUTPUTS], *others[RANDOM_OUTPUTS];
    bool bound = e->r->options.seed / 2 % 2 == 0;
    gt_plan_options options = {.skip = skip,
                               .late = first.late,
                               .late_count = first.late_count,
                               .repeatable = repeatable,
                               .bind_outputs = bound};
    gt_plan *plan = gt_plan_new(e->outputs, e->output_count, &options, &error);
    first.work = gt_workspace_new_dividing(plan, threads, 0);
    first.what = repeatable ? "halves, repeatable" : "halves";
    halves second = first;
    second.what = "both halves at once";
    second.work = gt_workspace_new_dividing(plan, threads, 0);
    bool good = first.work != NULL && second.work != NULL &&
                gt_code_verify(&plan->code, &plan->program, plan->outputs, &error) == GT_OK;
    if (!good)
        snprintf(e->why, MESSAGE, "%s: %.400s", first.what, error.message);
    if (bound && good) {
        bind_outputs(e, first.work, memory);
        bind_outputs(e, second.work, others);
    }
    bool ran_both = good;
    good = good && run_halves(&first, &second, repeatable);
    if (bound && ran_both) {
        free_outputs(e, memory);
        free_outputs(e, others);
    }
    gt_workspace_free(first.work);
    gt_workspace_free(second.work);
    gt_plan_free(plan);
    return good;
}

static bool check_all_halves(const expectation *e, const char *const *none, const char *const *some)
{
    gt_error error = {0};
    if (e->r->input_count == 0)
        return true;
    gt_threads *threads = gt_threads_new(2, &error);
    bool good = check_halves(e, NULL, false, NULL) && check_halves(e, NULL, true, NULL) &&
                check_halves(e, none, false, NULL) && check_halves(e, some, false, NULL) &&
                check_halves(e, some, true, NULL) && check_halves(e, NULL, true, threads);
    gt_threads_free(threads);
    return good;
}

/* Loops cut into segments: the interpreter's bits from an exact plan, and its numbers to rounding from any. */
static bool check_cut(const expectation *e, bool exact)
{
    gt_error error = {0};
    gt_segments segments = segments_of(e);
    gt_plan *plan =
        gt_plan_new_cut(e->outputs, e->output_count, &(gt_plan_options){.exact = exact}, &segments, NULL, &error);
    gt_workspace *work = gt_workspace_new(plan);
    bool good = work != NULL && gt_code_verify(&plan->code, &plan->program, plan->outputs, &error) == GT_OK;
    if (!good)
        snprintf(e->why, MESSAGE, "segments: %.400s", error.message);
    good = good && run_twice(e, work, exact ? "segments, exact" : "segments");
    for (uint32_t k = 0; k < e->output_count && good && exact; k++)
        good = same_bits(e, k, gt_workspace_value(work, k));
    gt_workspace_free(work);
    good = good && (exact || run_on_threads(e, plan, "segments on threads"));
    gt_plan_free(plan);
    return good;
}

static bool contains(const char *const *names, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* With all passes, with none, and without some that the seed chooses. */
static bool check_plans(const expectation *e)
{
    enum { MOST_PASSES = 24 };
    const char *none[MOST_PASSES + 1] = {NULL}, *some[MOST_PASSES + 1] = {NULL}, *name;
    uint32_t all = 0, count = 0, chosen = e->r->options.seed * 2654435761u >> 4;
    for (uint32_t i = 0; (name = gt_plan_pass(i)) != NULL; i++)
        if (!contains(none, all, name))
            none[all++] = name;
    cr_assert_leq(all, MOST_PASSES);
    for (uint32_t i = 0; i < all; i++)
        if (chosen & 1u << i)
            some[count++] = none[i];
    return check_plan(e, NULL, "plan") && check_plan(e, none, "plan without passes") &&
           check_plan(e, some, "plan with some passes") && check_exact(e) && check_cut(e, true) &&
           check_cut(e, false) && check_threads(e) && check_bound(e, NULL) && check_bound(e, some) &&
           check_all_halves(e, none, some);
}

static bool verify(const subject *s, char *why)
{
    expectation *wide = expect(s, s->wide, why), *narrow = expect(s, s->narrow, why);
    set_tolerances(wide, narrow);
    bool good = check_passes(wide) && check_plans(wide) && check_passes(narrow) && check_plans(narrow);
    forget(wide);
    forget(narrow);
    return good;
}

/* Second derivatives may get out of hand; what is compared are those that did not. */
static void choose_outputs(subject *s)
{
    char why[MESSAGE];
    s->output_count = s->wide->output_count;
    for (uint32_t k = 0; k < s->output_count; k++)
        s->outputs[k] = s->wide->outputs[k].index;
    expectation *wide = expect(s, s->wide, why), *narrow = expect(s, s->narrow, why);
    s->output_count = 0;
    for (uint32_t k = 0; k < wide->output_count; k++)
        if (is_moderate(wide, k) && is_moderate(narrow, k))
            s->outputs[s->output_count++] = wide->outputs[k].index;
    forget(wide);
    forget(narrow);
}

/* ---- shrinking ----------------------------------------------------------------------------- */

static bool still_differs(subject *s, const subject *changed, char *why)
{
    char message[MESSAGE];
    if (verify(changed, message))
        return false;
    *s = *changed;
    snprintf(why, MESSAGE, "%s", message);
    return true;
}

static bool drop_output(subject *s, char *why)
{
    for (uint32_t k = 0; k < s->output_count && s->output_count > 1; k++) {
        subject changed = *s;
        changed.outputs[k] = changed.outputs[--changed.output_count];
        if (still_differs(s, &changed, why))
            return true;
    }
    return false;
}

static gt_var wide_var(const subject *s, uint32_t k)
{
    return (gt_var){s->wide->tape, s->outputs[k]};
}

/* An operand in the place of an output; for a stack, the stack of an operand. */
static bool move_up(subject *s, char *why)
{
    for (uint32_t k = 0; k < s->output_count; k++) {
        gt_var v = wide_var(s, k);
        gt_scan *scan = gt_var_scan(v);
        for (uint32_t slot = 0; slot < gt_var_input_count(v) && scan == NULL; slot++) {
            subject changed = *s;
            changed.outputs[k] = gt_var_input(v, slot).index;
            gt_op_class op_class = gt_var_op(gt_var_input(v, slot))->op_class;
            if (op_class != GT_CLASS_TUPLE && op_class != GT_CLASS_SCAN && still_differs(s, &changed, why))
                return true;
        }
        for (uint32_t slot = 0; scan != NULL && slot < gt_var_input_count(gt_var_input(v, 0)); slot++) {
            subject changed = *s;
            changed.outputs[k] = gt_var_input(gt_var_input(v, 0), slot).index;
            if (still_differs(s, &changed, why))
                return true;
        }
    }
    return false;
}

static bool check_and_shrink(subject *s, char *why)
{
    if (verify(s, why))
        return true;
    for (int attempts = 0; attempts < 300; attempts++)
        if (!drop_output(s, why) && !move_up(s, why))
            break;
    return false;
}

void plan_check(const random_options *options)
{
    char why[MESSAGE] = "";
    random_options wide = *options, narrow = *options;
    wide.dtype = GT_F64;
    narrow.dtype = GT_F32;
    subject s = {.wide = random_tape_new(&wide), .narrow = random_tape_new(&narrow)};
    cr_assert_eq(gt_tape_status(s.wide->tape), GT_OK, "seed %u: %s", options->seed, gt_tape_message(s.wide->tape));
    cr_assert_eq(gt_tape_status(s.narrow->tape), GT_OK, "seed %u: %s", options->seed, gt_tape_message(s.narrow->tape));
    choose_outputs(&s);
    cr_assert_gt(2 * s.output_count, s.wide->output_count, "seed %u: values are not of moderate size", options->seed);
    bool good = check_and_shrink(&s, why);
    if (!good) {
        gt_var outputs[RANDOM_OUTPUTS];
        for (uint32_t k = 0; k < s.output_count; k++)
            outputs[k] = wide_var(&s, k);
        random_tape_print(s.wide->tape, outputs, s.output_count);
    }
    cr_assert(good, "seed %u, %u %s, order %d: %s", options->seed, options->scans, options->loops ? "loops" : "scans",
              options->order, why);
    random_tape_free(s.wide);
    random_tape_free(s.narrow);
}
