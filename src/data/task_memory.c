/* What must be kept for a long time: adding, copy, selective-copy. */
#include "data/tasks.h"

enum { SYMBOLS = 8, KEPT = 10, BLANK = 0, GO = SYMBOLS + 1 }; /* symbols are 1 to 8 */

/* ---- adding: two of T numbers are marked; their sum is asked for at the end ---------------- */

void gt_size_adding(gt_dataset *data, const int64_t sizes[2])
{
    data->steps = sizes[0];
    data->rows[0] = 2; /* a number from 0 to 1, and a mark */
    data->outputs = 1;
}

void gt_fill_adding(gt_dataset *data, const int64_t sizes[2], gt_random *random)
{
    int64_t steps = sizes[0], n = data->examples;
    for (int64_t i = 0; i < n; i++) {
        int64_t marked[2] = {gt_random_integer(random, 0, steps / 2), gt_random_integer(random, steps / 2, steps)};
        double sum = 0;
        for (int64_t t = 0; t < steps; t++) {
            double value = gt_random_uniform(random);
            bool mark = t == marked[0] || t == marked[1];
            sum += mark ? value : 0;
            gt_dataset_set(data, data->inputs[0], 2 * (t * n + i), value);
            gt_dataset_set(data, data->inputs[0], 2 * (t * n + i) + 1, mark);
        }
        gt_dataset_set(data, data->numbers, (steps - 1) * n + i, sum);
        data->weights[(steps - 1) * n + i] = 1;
    }
}

/* ---- copy ---------------------------------------------------------------------------------- */

/* At step t the network reads `token` and is to predict `symbol`, 1 to 8, or nothing (0). */
static void set(gt_dataset *data, int64_t example, int64_t t, int32_t token, int32_t symbol)
{
    int64_t place = t * data->examples + example;
    data->tokens[place] = token;
    data->classes[place] = symbol == 0 ? 0 : symbol - 1;
    data->weights[place] = symbol != 0;
}

static int32_t draw(gt_random *random)
{
    return (int32_t)gt_random_integer(random, 1, SYMBOLS + 1);
}

void gt_size_copy(gt_dataset *data, const int64_t sizes[2])
{
    data->steps = sizes[0] + 2 * KEPT;
    data->vocabulary = SYMBOLS + 2;
    data->outputs = SYMBOLS;
}

/* The symbols, T blanks, and as many marks, at each of which a symbol is asked for. */
void gt_fill_copy(gt_dataset *data, const int64_t sizes[2], gt_random *random)
{
    for (int64_t i = 0; i < data->examples; i++) {
        for (int64_t t = 0; t < sizes[0]; t++)
            set(data, i, KEPT + t, BLANK, 0);
        for (int64_t k = 0; k < KEPT; k++) {
            int32_t symbol = draw(random);
            set(data, i, k, symbol, 0);
            set(data, i, KEPT + sizes[0] + k, GO, symbol);
        }
    }
}

void gt_size_selective_copy(gt_dataset *data, const int64_t sizes[2])
{
    gt_size_copy(data, sizes);
    data->steps = sizes[0] + KEPT;
}

/* Of the T places each is taken with the probability that makes every choice of ten as likely. */
void gt_fill_selective_copy(gt_dataset *data, const int64_t sizes[2], gt_random *random)
{
    for (int64_t i = 0; i < data->examples; i++) {
        int64_t left = KEPT;
        for (int64_t t = 0; t < sizes[0]; t++) {
            bool taken = gt_random_uniform(random) * (double)(sizes[0] - t) < (double)left;
            int32_t symbol = taken ? draw(random) : BLANK;
            set(data, i, t, symbol, 0);
            if (taken)
                set(data, i, sizes[0] + KEPT - left--, GO, symbol);
        }
    }
}
