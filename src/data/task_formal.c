/* Languages: parity, modular sums, brackets. */
#include "data/tasks.h"

/* ---- sums modulo M; parity is that of bits ------------------------------------------------- */

static void size_sum(gt_dataset *data, int64_t modulus, int64_t steps)
{
    data->steps = steps;
    data->vocabulary = modulus;
    data->outputs = modulus;
}

static void fill_sum(gt_dataset *data, int64_t modulus, gt_random *random)
{
    int64_t n = data->examples, last = data->steps - 1;
    for (int64_t i = 0; i < n; i++) {
        int64_t sum = 0;
        for (int64_t t = 0; t < data->steps; t++) {
            data->tokens[t * n + i] = (int32_t)gt_random_integer(random, 0, modulus);
            sum += data->tokens[t * n + i];
        }
        data->classes[last * n + i] = (int32_t)(sum % modulus);
        data->weights[last * n + i] = 1;
    }
}

void gt_size_parity(gt_dataset *data, const int64_t sizes[2])
{
    size_sum(data, 2, sizes[0]);
}

void gt_fill_parity(gt_dataset *data, const int64_t sizes[2], gt_random *random)
{
    (void)sizes;
    fill_sum(data, 2, random);
}

void gt_size_modular(gt_dataset *data, const int64_t sizes[2])
{
    size_sum(data, sizes[0], sizes[1]);
}

void gt_fill_modular(gt_dataset *data, const int64_t sizes[2], gt_random *random)
{
    fill_sum(data, sizes[0], random);
}

/* ---- brackets ------------------------------------------------------------------------------ */

enum { MOST_DEPTH = 8 };

/* Tokens are K opening brackets, then K closing ones; the classes are the K kinds, and none. */
void gt_size_dyck(gt_dataset *data, const int64_t sizes[2])
{
    data->steps = sizes[1];
    data->vocabulary = 2 * sizes[0];
    data->outputs = sizes[0] + 1;
}

/* Opens and closes with even chances, up to a depth that a state of a few numbers can hold. */
void gt_fill_dyck(gt_dataset *data, const int64_t sizes[2], gt_random *random)
{
    int64_t kinds = sizes[0], n = data->examples;
    for (int64_t i = 0; i < n; i++) {
        int64_t stack[MOST_DEPTH], depth = 0;
        for (int64_t t = 0; t < data->steps; t++) {
            bool opens = depth == 0 || (depth < MOST_DEPTH && gt_random_uniform(random) < 0.5);
            int64_t place = t * n + i;
            if (opens)
                stack[depth++] = gt_random_integer(random, 0, kinds);
            else
                depth--;
            data->tokens[place] = (int32_t)(opens ? stack[depth - 1] : kinds + stack[depth]);
            data->classes[place] = (int32_t)(depth == 0 ? kinds : stack[depth - 1]);
            data->weights[place] = 1;
        }
    }
}
