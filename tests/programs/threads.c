/*
 * Planned programs on threads, by the public headers alone and without a test library: this runs
 * where Criterion does not, under ThreadSanitizer and on machines it was not built for. Two threads
 * run workspaces of one plan on one pool; all give the same bits, and one thread's numbers to
 * rounding.
 */
#include "gradtape.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS = 24, FEATURES = 12, EXAMPLES = 16, STEPS = 6, LONG = 600, MOST = 32, RUNS = 4, CALLERS = 2 };

static void fail(const char *what, const char *message)
{
    fprintf(stderr, "threads: %s: %s\n", what, message);
    exit(1);
}

/* ---- an LSTM with its gradients ------------------------------------------------------------ */

typedef struct subject {
    gt_tape *tape;
    gt_var given[MOST], outputs[MOST];
    double *data[MOST];
    uint32_t given_count, output_count;
    gt_plan *plan;
} subject;

static const gt_dimension sizes[] = {{"n_x", FEATURES}, {"n_a", UNITS}, {"n_y", 5}};

static void make_inputs(subject *s, const gt_cell_array *rows, uint32_t count, int64_t columns, int64_t steps)
{
    static gt_random random;
    for (uint32_t i = 0; i < count; i++) {
        gt_shape shape;
        gt_error error = {0};
        if (gt_cell_array_shape(&rows[i], sizes, 3, columns, &shape, &error) != GT_OK)
            fail("shape", error.message);
        if (steps > 0)
            shape = GT_SHAPE(shape.size[0], shape.size[1], steps);
        double *data = calloc((size_t)gt_shape_count(shape), sizeof *data);
        if (data == NULL)
            fail("inputs", "no memory");
        gt_random_fill_uniform(&random, shape, data);
        s->data[s->given_count] = data;
        s->given[s->given_count++] = gt_input(s->tape, rows[i].name, shape);
    }
}

/* `part` of the memory that the fastest plan takes; 1: that plan. */
static void make_plan(subject *s, double part)
{
    gt_error error = {0};
    gt_plan_options options = {0};
    s->plan = gt_plan_new(s->outputs, s->output_count, &options, &error);
    if (part < 1 && s->plan != NULL) {
        options.memory = (size_t)(part * (double)gt_plan_bytes(s->plan));
        gt_plan_free(s->plan);
        s->plan = gt_plan_new(s->outputs, s->output_count, &options, &error);
    }
    if (s->plan == NULL)
        fail("plan", error.message);
}

static void make(subject *s, int64_t examples, int64_t steps, double part)
{
    const gt_cell *cell = gt_cell_find("lstm");
    s->tape = gt_tape_new(NULL);
    make_inputs(s, cell->inputs, cell->input_count, examples, steps);
    make_inputs(s, cell->states, cell->state_count, examples, 0);
    make_inputs(s, cell->parameters, cell->parameter_count, 1, 0);
    gt_sequence sequence = {
        .cell = cell,
        .with_outputs = true,
        .inputs = s->given,
        .initial = s->given + cell->input_count,
        .parameters = s->given + cell->input_count + cell->state_count,
        .outputs = s->outputs,
    };
    if (gt_sequence_record(&sequence) != GT_OK)
        fail("recording", gt_tape_message(s->tape));
    s->output_count = cell->output_count;
    if (gt_grad(s->outputs, NULL, s->output_count, s->given, s->given_count, s->outputs + s->output_count) != GT_OK)
        fail("gradient", gt_tape_message(s->tape));
    s->output_count += s->given_count;
    make_plan(s, part);
}

static void forget(subject *s)
{
    gt_plan_free(s->plan);
    gt_tape_free(s->tape);
    for (uint32_t i = 0; i < s->given_count; i++)
        free(s->data[i]);
}

/* ---- running ------------------------------------------------------------------------------- */

typedef struct caller {
    const subject *s;
    gt_threads *threads; /* NULL: none besides the caller */
    gt_workspace *work;
} caller;

static void *run(void *context)
{
    caller *c = context;
    c->work = c->threads == NULL ? gt_workspace_new(c->s->plan) : gt_workspace_new_on(c->s->plan, c->threads);
    if (c->work == NULL)
        fail("workspace", "no memory");
    for (uint32_t i = 0; i < c->s->given_count; i++)
        gt_workspace_bind(c->work, c->s->given[i], c->s->data[i]);
    for (int i = 0; i < RUNS; i++)
        if (gt_workspace_run(c->work) != GT_OK)
            fail("run", gt_workspace_message(c->work));
    return NULL;
}

static void compare(const caller *a, const caller *b, double tolerance)
{
    for (uint32_t i = 0; i < a->s->output_count; i++) {
        const double *x = gt_workspace_value(a->work, i), *y = gt_workspace_value(b->work, i);
        for (int64_t k = 0; k < gt_shape_count(gt_var_shape(a->s->outputs[i])); k++)
            if (!(fabs(x[k] - y[k]) <= tolerance * (1 + fabs(x[k]))))
                fail(gt_var_name(a->s->outputs[i]), "threads give other numbers");
    }
}

static void run_together(const subject *s, uint32_t count)
{
    gt_error error = {0};
    gt_threads *threads = gt_threads_new(count, &error);
    caller alone = {.s = s}, callers[CALLERS];
    pthread_t running[CALLERS];
    if (threads == NULL)
        fail("pool", error.message);
    run(&alone);
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (caller){.s = s, .threads = threads};
        if (pthread_create(&running[i], NULL, run, &callers[i]) != 0)
            fail("caller", "no thread");
    }
    for (int i = 0; i < CALLERS; i++)
        pthread_join(running[i], NULL);
    compare(&callers[0], &callers[1], 0);
    compare(&alone, &callers[0], 1e-11);
    for (int i = 0; i < CALLERS; i++)
        gt_workspace_free(callers[i].work);
    gt_workspace_free(alone.work);
    gt_threads_free(threads);
}

static void check(int64_t examples, int64_t steps, double part)
{
    subject s = {.tape = NULL};
    make(&s, examples, steps, part);
    for (uint32_t count = 1; count <= 4; count++)
        run_together(&s, count);
    forget(&s);
}

/* Loops that threads divide; one that a single thread goes through, beside products of the others; segments. */
int main(void)
{
    check(EXAMPLES, STEPS, 1);
    check(1, LONG, 1);
    check(EXAMPLES, LONG / 4, 0.5);
    puts("threads give the numbers of one");
    return 0;
}
