/*
 * What recording costs: nodes, bytes, and the time to record and to
 * differentiate an LSTM, unrolled and rolled, at several lengths. Medians of
 * several repetitions, as one JSON object per line.
 */
#include <gradtape.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N_X = 64, N_A = 128, M = 32, REPEATS = 9, MOST = 16 };

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, REPEATS, sizeof *values, by_value);
    return values[REPEATS / 2];
}

typedef struct recording {
    double record_us, differentiate_us;
    uint32_t nodes;
    double node_bytes, total_bytes;
} recording;

/* One tape: the LSTM over T steps, then the gradients of everything from a cotangent of every state. */
static recording record_once(const gt_cell *cell, int64_t steps, bool unrolled)
{
    gt_error error = {0};
    const gt_dimension dimensions[] = {{"n_x", N_X}, {"n_a", N_A}};
    gt_parameters *set = gt_parameters_new(GT_F32);
    if (gt_cell_declare(cell, dimensions, 2, false, "", set, &error) != GT_OK) {
        fprintf(stderr, "record: %s\n", error.message);
        exit(2);
    }
    double begin = now_us();
    gt_tape *tape = gt_tape_new(&(gt_tape_options){.dtype = GT_F32});
    gt_var declared[MOST], parameters[MOST], initial[MOST], states[MOST], wrt[2 * MOST], gradients[2 * MOST];
    uint32_t count = 0;
    gt_parameters_record(set, tape, declared);
    for (uint32_t k = 0, next = 0; k < cell->parameter_count; k++)
        parameters[k] = cell->parameters[k].output_only ? GT_NONE : (wrt[count++] = declared[next++]);
    gt_var x = wrt[count++] = gt_input(tape, "x", GT_SHAPE(N_X, M, steps));
    for (uint32_t k = 0; k < cell->state_count; k++)
        initial[k] = wrt[count++] = gt_state(tape, cell->states[k].name, GT_SHAPE(N_A, M));
    gt_sequence sequence = {.cell = cell,
                            .unrolled = unrolled,
                            .inputs = &x,
                            .initial = initial,
                            .parameters = parameters,
                            .states = states};
    gt_sequence_record(&sequence);
    gt_var cotangent = gt_input(tape, "da", GT_SHAPE(N_A, M, steps));
    double recorded = now_us();
    gt_grad(states, &cotangent, 1, wrt, count, gradients);
    double end = now_us();
    if (gt_tape_status(tape) != GT_OK) {
        fprintf(stderr, "record: %s\n", gt_tape_message(tape));
        exit(2);
    }
    uint32_t nodes = gt_tape_node_count(tape);
    recording r = {recorded - begin, end - recorded, nodes, (double)gt_tape_node_bytes(tape) / nodes,
                   (double)gt_tape_total_bytes(tape)};
    gt_tape_free(tape);
    gt_parameters_free(set);
    return r;
}

int main(void)
{
    static const int64_t lengths[] = {100, 1000, 10000};
    for (int unrolled = 1; unrolled >= 0; unrolled--)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            double record_us[REPEATS], differentiate_us[REPEATS];
            recording r = {0};
            for (int k = 0; k < REPEATS; k++) {
                r = record_once(&gt_cell_lstm, lengths[i], unrolled != 0);
                record_us[k] = r.record_us;
                differentiate_us[k] = r.differentiate_us;
            }
            printf("{\"form\": \"%s\", \"steps\": %lld, \"nodes\": %u, \"bytes_per_node\": %.0f, "
                   "\"bytes_per_node_with_edges\": %.1f, \"record_us\": %.0f, \"differentiate_us\": %.0f}\n",
                   unrolled ? "unrolled" : "rolled", (long long)lengths[i], (unsigned)r.nodes, r.node_bytes,
                   r.total_bytes / r.nodes, median(record_us), median(differentiate_us));
        }
    return 0;
}
