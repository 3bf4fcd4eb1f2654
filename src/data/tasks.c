#include "data/tasks.h"

#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const gt_task tasks[] = {
    {
        .name = "adding",
        .form = "adding[:T]",
        .tests = "carries two marked numbers of T over a long time and adds them",
        .source = "Hochreiter and Schmidhuber 1997; Le et al. 2015",
        .kind = GT_DATA_REGRESS,
        .usual = {200},
        .low = {2},
        .high = {100000},
        .optimum = 0,
        .size = gt_size_adding,
        .fill = gt_fill_adding,
    },
    {
        .name = "copy",
        .form = "copy[:T]",
        .tests = "repeats 10 symbols after T blanks",
        .source = "Hochreiter and Schmidhuber 1997; Arjovsky et al. 2016",
        .kind = GT_DATA_TAG,
        .usual = {100},
        .low = {1},
        .high = {100000},
        .optimum = 0,
        .size = gt_size_copy,
        .fill = gt_fill_copy,
    },
    {
        .name = "selective-copy",
        .form = "selective-copy[:T]",
        .tests = "repeats 10 symbols that stand anywhere among T: what to store depends on the input",
        .source = "Jing et al. 2019; Gu and Dao 2023",
        .kind = GT_DATA_TAG,
        .usual = {100},
        .low = {10},
        .high = {100000},
        .optimum = 0,
        .size = gt_size_selective_copy,
        .fill = gt_fill_selective_copy,
    },
    {
        .name = "parity",
        .form = "parity[:T]",
        .tests = "whether T bits have an odd number of ones: a state that each one must turn",
        .source = "Minsky and Papert 1969; Hahn 2020",
        .kind = GT_DATA_CLASSIFY,
        .usual = {40},
        .low = {1},
        .high = {100000},
        .optimum = 0,
        .size = gt_size_parity,
        .fill = gt_fill_parity,
    },
    {
        .name = "dyck",
        .form = "dyck[:K[:T]]",
        .tests = "which of K kinds of bracket is to be closed next, at each of T steps: a stack",
        .source = "Hewitt et al. 2020",
        .kind = GT_DATA_TAG,
        .usual = {2, 60},
        .low = {1, 2},
        .high = {1000, 100000},
        .optimum = 0,
        .size = gt_size_dyck,
        .fill = gt_fill_dyck,
    },
    {
        .name = "modular",
        .form = "modular[:M[:T]]",
        .tests = "the sum of T digits modulo M: counting around",
        .source = "Deletang et al. 2023",
        .kind = GT_DATA_CLASSIFY,
        .usual = {5, 40},
        .low = {2, 1},
        .high = {1000, 100000},
        .optimum = 0,
        .size = gt_size_modular,
        .fill = gt_fill_modular,
    },
    {
        .name = "sine",
        .form = "sine[:T]",
        .tests = "the next of T values of a sine of any frequency and phase",
        .source = "a usual first test",
        .kind = GT_DATA_FORECAST,
        .usual = {100},
        .low = {2},
        .high = {100000},
        .optimum = NAN,
        .size = gt_size_sine,
        .fill = gt_fill_sine,
    },
    {
        .name = GT_TASK_ROWS,
        .form = GT_TASK_ROWS " --data mnist.npz",
        .tests = "which digit an image shows, read row by row; the file is Keras's mnist.npz",
        .source = "LeCun et al. 1998; Le et al. 2015",
        .kind = GT_DATA_CLASSIFY,
        .optimum = NAN,
    },
};

const gt_task *gt_task_at(uint32_t i)
{
    return i < sizeof tasks / sizeof *tasks ? &tasks[i] : NULL;
}

bool gt_task_describe(uint32_t i, gt_task_description *description)
{
    const gt_task *task = gt_task_at(i);
    if (task != NULL)
        *description =
            (gt_task_description){task->name, task->form, task->tests, task->source, task->kind, task->optimum};
    return task != NULL;
}

/* ---- finding ------------------------------------------------------------------------------- */

static bool read_size(const gt_task *task, int which, const char **text, int64_t *size, gt_error *error)
{
    char *end;
    errno = 0;
    long long value = strtoll(*text + 1, &end, 10);
    bool number = end != *text + 1 && (*end == '\0' || *end == ':') && errno == 0;
    if (number && task->high[which] > 0 && value >= task->low[which] && value <= task->high[which]) {
        *size = value;
        *text = end;
        return true;
    }
    if (task->high[which] == 0)
        gt_error_set(error, GT_ERROR_ARGUMENT, "--task: write %s", task->form);
    else
        gt_error_set(error, GT_ERROR_ARGUMENT, "--task: a size of %s is a whole number from %lld to %lld: write %s",
                     task->name, (long long)task->low[which], (long long)task->high[which], task->form);
    return false;
}

bool gt_task_find(const char *text, const gt_task **task, int64_t sizes[2], gt_error *error)
{
    size_t length = strcspn(text, ":");
    *task = NULL;
    for (uint32_t i = 0; gt_task_at(i) != NULL && *task == NULL; i++)
        if (strlen(tasks[i].name) == length && strncmp(tasks[i].name, text, length) == 0)
            *task = &tasks[i];
    if (*task == NULL)
        return true;
    sizes[0] = (*task)->usual[0];
    sizes[1] = (*task)->usual[1];
    text += length;
    for (int which = 0; which < 2 && *text == ':'; which++)
        if (!read_size(*task, which, &text, &sizes[which], error))
            return false;
    if (*text == '\0')
        return true;
    gt_error_set(error, GT_ERROR_ARGUMENT, "--task: write %s", (*task)->form);
    return false;
}

/* ---- making -------------------------------------------------------------------------------- */

bool gt_task_make(const gt_task *task, const int64_t sizes[2], uint64_t seed, uint32_t stream, int64_t examples,
                  gt_dtype dtype, gt_dataset *data, gt_error *error)
{
    *data = (gt_dataset){.kind = task->kind, .dtype = dtype, .examples = examples, .input_count = 1};
    task->size(data, sizes);
    if (!gt_dataset_allocate(data, error))
        return false;
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)}, counter[4] = {stream, 0, 0, 0x7461736bu};
    uint32_t start[4];
    gt_random random;
    gt_random_philox(key, counter, start); /* neighbouring seeds have nothing in common */
    gt_random_seed(&random, start[0]);
    task->fill(data, sizes, &random);
    return true;
}
