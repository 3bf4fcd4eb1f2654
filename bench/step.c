/*
 * One training step of a cell by the interpreter or by a plan, on request: forward over T
 * steps, then the gradients of x, the initial states and all parameters from an
 * upstream gradient of the hidden state at every step. For each line on
 * standard input it runs one step and prints its time in microseconds, so that
 * compare.py can interleave it with its peers.
 *
 * Usage: step CELL n_x n_a m T f32|f64 [rolled|unrolled|planned]
 */
#include <gradtape.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 32 };

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static void fail(const char *message)
{
    fprintf(stderr, "step: %s\n", message);
    exit(2);
}

typedef struct engine {
    gt_interpreter *run;
    gt_workspace *work; /* NULL: the interpreter */
} engine;

/* Random data of the shape of v, bound to it. */
static void bind_random(const engine *e, gt_var v, gt_random *random)
{
    int64_t count = gt_shape_count(gt_var_shape(v));
    void *data = malloc((size_t)count * gt_dtype_size(gt_var_dtype(v)));
    if (data == NULL)
        fail("no memory");
    for (int64_t i = 0; i < count; i++) {
        double value = 0.1 * gt_random_normal(random);
        if (gt_var_dtype(v) == GT_F64)
            ((double *)data)[i] = value;
        else
            ((float *)data)[i] = (float)value;
    }
    gt_interpreter_bind(e->run, v, data);
    gt_workspace_bind(e->work, v, data);
}

int main(int argc, char **argv)
{
    const gt_cell *cell = argc >= 7 ? gt_cell_find(argv[1]) : NULL;
    if (cell == NULL)
        fail("usage: step CELL n_x n_a m T f32|f64 [rolled|unrolled|planned]");
    int64_t n_x = atoll(argv[2]), n_a = atoll(argv[3]), m = atoll(argv[4]), steps = atoll(argv[5]);
    gt_dtype dtype = strcmp(argv[6], "f64") == 0 ? GT_F64 : GT_F32;
    const gt_dimension dimensions[] = {{"n_x", n_x}, {"n_a", n_a}};
    gt_error error = {0};
    gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = dtype});
    gt_var parameters[MOST], initial[MOST], states[MOST], wrt[MOST], outputs[MOST + 1];
    uint32_t count = 0;
    for (uint32_t k = 0; k < cell->parameter_count; k++) {
        gt_shape shape;
        parameters[k] = GT_NONE;
        if (cell->parameters[k].output_only)
            continue;
        if (gt_cell_array_shape(&cell->parameters[k], dimensions, 2, 1, &shape, &error) != GT_OK)
            fail(error.message);
        parameters[k] = wrt[count++] = gt_parameter(tape, cell->parameters[k].name, shape);
    }
    gt_var x = wrt[count++] = gt_input(tape, "x", dtype, GT_SHAPE(n_x, m, steps));
    for (uint32_t k = 0; k < cell->state_count; k++)
        initial[k] = wrt[count++] = gt_state(tape, cell->states[k].name, GT_SHAPE(n_a, m));
    gt_sequence sequence = {.cell = cell, .unrolled = argc > 7 && strcmp(argv[7], "unrolled") == 0,
                            .inputs = &x, .initial = initial, .parameters = parameters, .states = states};
    gt_sequence_record(&sequence);
    gt_var cotangent = gt_input(tape, "da", dtype, GT_SHAPE(n_a, m, steps));
    gt_grad(states, &cotangent, 1, wrt, count, outputs);
    if (gt_tape_status(tape) != GT_OK)
        fail(gt_tape_message(tape));
    outputs[count] = states[0];

    gt_random random;
    gt_random_seed(&random, 1);
    engine e = {gt_interpreter_new(tape), NULL};
    if (argc > 7 && strcmp(argv[7], "planned") == 0) {
        e.work = gt_workspace_new(gt_plan_new(outputs, count + 1, NULL, &error));
        if (e.work == NULL)
            fail(error.message);
    }
    for (uint32_t k = 0; k < count; k++)
        bind_random(&e, wrt[k], &random);
    bind_random(&e, cotangent, &random);
    char line[16];
    while (fgets(line, sizeof line, stdin) != NULL) {
        double begin = now_us();
        gt_status status =
            e.work != NULL ? gt_workspace_run(e.work) : gt_interpreter_evaluate(e.run, outputs, count + 1);
        if (status != GT_OK)
            fail(e.work != NULL ? gt_workspace_message(e.work) : gt_interpreter_message(e.run));
        printf("%.3f\n", now_us() - begin);
        fflush(stdout);
    }
    return 0;
}
