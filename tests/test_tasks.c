/* The sequences of each task are what it says. */
#include "data/tasks.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { EXAMPLES = 300 };

static gt_dataset make(const char *text, uint64_t seed, uint32_t stream)
{
    const gt_task *task;
    int64_t sizes[2];
    gt_error error = {0};
    gt_dataset data;
    cr_assert(gt_task_find(text, &task, sizes, &error) && task != NULL, "%s", error.message);
    cr_assert(gt_task_make(task, sizes, seed, stream, EXAMPLES, GT_F64, &data, &error), "%s", error.message);
    return data;
}

static int32_t token(const gt_dataset *data, int64_t example, int64_t t)
{
    return data->tokens[t * EXAMPLES + example];
}

/* The class at a step; -1: nothing is asked there. */
static int32_t asked(const gt_dataset *data, int64_t example, int64_t t)
{
    return data->weights[t * EXAMPLES + example] > 0 ? data->classes[t * EXAMPLES + example] : -1;
}

Test(tasks, adding_asks_for_the_sum_of_the_marked)
{
    gt_dataset data = make("adding:9", 1, 0);
    cr_assert(data.steps == 9 && data.rows[0] == 2 && data.outputs == 1);
    const double *x = data.inputs[0], *y = data.numbers;
    for (int i = 0; i < EXAMPLES; i++) {
        double sum = 0, marks = 0, early = 0;
        for (int t = 0; t < 9; t++) {
            int place = t * EXAMPLES + i;
            sum += x[2 * place] * x[2 * place + 1];
            marks += x[2 * place + 1];
            early += t < 4 ? x[2 * place + 1] : 0;
            cr_assert(x[2 * place] >= 0 && x[2 * place] < 1 && data.weights[place] == (t == 8));
        }
        cr_assert(marks == 2 && early == 1 && fabs(sum - y[8 * EXAMPLES + i]) < 1e-15);
    }
    gt_baseline baseline;
    cr_assert(gt_dataset_baseline(&data, &baseline, NULL));
    cr_expect(fabs(baseline.loss - 1.0 / 6) < 0.03 && isnan(baseline.accuracy));
    gt_dataset_free(&data);
}

static void expect_copies(const char *text, int64_t wait)
{
    gt_dataset data = make(text, 2, 0);
    for (int i = 0; i < EXAMPLES; i++) {
        int32_t symbols[64];
        int count = 0;
        for (int64_t t = 0; t < wait; t++) {
            cr_assert_eq(asked(&data, i, t), -1);
            if (token(&data, i, t) != 0)
                symbols[count++] = token(&data, i, t);
        }
        cr_assert_eq(count, 10);
        for (int k = 0; k < 10; k++)
            cr_assert(token(&data, i, wait + k) == 9 && asked(&data, i, wait + k) == symbols[k] - 1);
    }
    gt_baseline baseline;
    cr_assert(gt_dataset_baseline(&data, &baseline, NULL));
    cr_expect(fabs(baseline.loss - 3) < 0.01 && fabs(baseline.accuracy - 0.125) < 0.02);
    gt_dataset_free(&data);
}

Test(tasks, copies_ask_for_the_symbols_in_their_order)
{
    expect_copies("copy:7", 17);
    expect_copies("selective-copy:25", 25);
    expect_copies("selective-copy:10", 10);
}

Test(tasks, sums_are_taken_modulo)
{
    gt_dataset bits = make("parity:12", 3, 0), digits = make("modular:7:9", 3, 0);
    for (int i = 0; i < EXAMPLES; i++) {
        int64_t ones = 0, sum = 0;
        for (int t = 0; t < 12; t++)
            ones += token(&bits, i, t);
        for (int t = 0; t < 9; t++)
            sum += token(&digits, i, t);
        cr_assert(asked(&bits, i, 11) == ones % 2 && asked(&bits, i, 10) == -1);
        cr_assert(asked(&digits, i, 8) == sum % 7 && asked(&digits, i, 0) == -1);
    }
    gt_dataset_free(&bits);
    gt_dataset_free(&digits);
}

Test(tasks, brackets_are_closed_by_their_kind)
{
    gt_dataset data = make("dyck:3:40", 4, 0);
    for (int i = 0; i < EXAMPLES; i++) {
        int32_t stack[40];
        int depth = 0;
        for (int t = 0; t < 40; t++) {
            int32_t bracket = token(&data, i, t);
            if (bracket < 3)
                stack[depth++] = bracket;
            else
                cr_assert(depth > 0 && stack[--depth] == bracket - 3);
            cr_assert_eq(asked(&data, i, t), depth > 0 ? stack[depth - 1] : 3);
        }
    }
    gt_dataset_free(&data);
}

/* sin(a + 2 b) = 2 cos(b) sin(a + b) - sin(a): the same cosine at every step. */
Test(tasks, sines_are_sines)
{
    gt_dataset data = make("sine:20", 5, 0);
    const double *x = data.inputs[0], *y = data.numbers;
    for (int i = 0; i < EXAMPLES; i++) {
        double cosine = NAN;
        for (int t = 0; t + 1 < 20; t++) {
            double now = x[t * EXAMPLES + i], next = x[(t + 1) * EXAMPLES + i], after = y[(t + 1) * EXAMPLES + i];
            cr_assert(y[t * EXAMPLES + i] == next || fabs(y[t * EXAMPLES + i] - next) < 1e-12);
            if (fabs(next) < 0.2)
                continue;
            double found = (after + now) / (2 * next);
            cr_assert(isnan(cosine) || fabs(found - cosine) < 1e-9);
            cosine = found;
        }
    }
    gt_dataset_free(&data);
}

Test(tasks, a_seed_and_a_stream_say_which_sequences)
{
    for (uint32_t k = 0; gt_task_at(k) != NULL; k++) {
        if (gt_task_at(k)->fill == NULL)
            continue;
        gt_dataset a = make(gt_task_at(k)->name, 1, 0), b = make(gt_task_at(k)->name, 1, 0);
        gt_dataset c = make(gt_task_at(k)->name, 2, 0), d = make(gt_task_at(k)->name, 1, 1);
        uint64_t hash = gt_dataset_hash(&a, 0);
        cr_expect(hash == gt_dataset_hash(&b, 0), "%s", gt_task_at(k)->name);
        cr_expect(hash != gt_dataset_hash(&c, 0) && hash != gt_dataset_hash(&d, 0), "%s", gt_task_at(k)->name);
        gt_dataset_free(&a);
        gt_dataset_free(&b);
        gt_dataset_free(&c);
        gt_dataset_free(&d);
    }
}

Test(tasks, a_part_has_the_same_examples)
{
    gt_dataset data = make("adding:5", 1, 0), part = {0};
    gt_error error = {0};
    cr_assert(gt_dataset_part(&data, 100, 7, &part, &error), "%s", error.message);
    for (int i = 0; i < 7; i++)
        for (int t = 0; t < 5; t++)
            for (int k = 0; k < 2; k++)
                cr_assert(((double *)part.inputs[0])[2 * (t * 7 + i) + k] ==
                          ((double *)data.inputs[0])[2 * (t * EXAMPLES + 100 + i) + k]);
    gt_dataset_free(&data);
    gt_dataset_free(&part);
}

/* ---- as programs get them ------------------------------------------------------------------ */

static gt_data_source source_of(const char *task)
{
    gt_data_source source = GT_DATA_SOURCE_INIT;
    source.task = task;
    source.cell = &gt_cell_gru;
    source.dtype = GT_F32;
    source.examples = 150;
    source.seed = 7;
    return source;
}

Test(tasks, a_program_gets_sets_and_what_they_are)
{
    gt_data_source source = source_of("parity:6");
    gt_datasets sets, again;
    gt_error error = {0};
    source.makes_test = true;
    cr_assert(gt_datasets_get(&sets, &source, &error) == GT_OK, "%s", error.message);
    cr_expect(sets.training.examples == 150 && sets.validation.examples == 100 && sets.test.examples == 100);
    cr_expect(!sets.reads_numbers && !sets.predicts_numbers && sets.at_the_end && sets.further_inputs == 0);
    cr_expect(sets.vocabulary == 2 && sets.outputs == 2 && sets.optimum == 0);
    cr_expect(sets.baseline.loss > 0.9 && sets.baseline.accuracy < 0.7);
    gt_train_data view = gt_dataset_view(&sets.training);
    cr_expect(view.tokens == sets.training.tokens && view.examples == 150 && view.steps == 6);
    cr_assert(gt_datasets_get(&again, &source, &error) == GT_OK);
    cr_expect(gt_datasets_hash(&sets) == gt_datasets_hash(&again));
    gt_datasets_free(&again);
    source.seed++;
    cr_assert(gt_datasets_get(&again, &source, &error) == GT_OK);
    cr_expect(gt_datasets_hash(&sets) != gt_datasets_hash(&again));
    gt_datasets_free(&again);
    gt_datasets_free(&sets);
}

Test(tasks, a_program_is_told_what_does_not_fit)
{
    gt_data_source none = GT_DATA_SOURCE_INIT, few = source_of("parity"), part = source_of("parity"),
                   both = source_of("sine"), unknown = source_of("paritat"), file = source_of("tag");
    few.examples = 0;
    part.validation_part = 1;
    both.bidirectional = true;
    const struct {
        gt_data_source source;
        const char *words;
    } cases[] = {
        {none, "sequences need a task"},
        {few, "at least one example"},
        {part, "a part from 0 to below 1"},
        {both, "the task forecast predicts what follows, and a layer in both directions"},
        {unknown, "there is no task 'paritat'; did you mean parity"},
        {file, "--task tag: give the sequences"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_datasets sets;
        gt_error error = {0};
        cr_expect(gt_datasets_get(&sets, &cases[i].source, &error) == GT_ERROR_ARGUMENT, "%s", cases[i].words);
        cr_expect(strstr(error.message, cases[i].words) != NULL, "%s", error.message);
        cr_expect(gt_datasets_get(&sets, &cases[i].source, NULL) == GT_ERROR_ARGUMENT);
        gt_datasets_free(&sets);
    }
}

Test(tasks, are_described)
{
    gt_task_description task;
    uint32_t count = 0;
    while (gt_task_describe(count, &task)) {
        cr_expect(task.name != NULL && task.tests != NULL && task.source != NULL);
        cr_expect(strncmp(task.form, task.name, strlen(task.name)) == 0);
        cr_expect_not_null(gt_data_kind_name(task.kind));
        count++;
    }
    cr_expect(count >= 8);
    cr_expect_null(gt_data_kind_name((gt_data_kind)5));
    cr_expect_str_eq(gt_data_kind_name(GT_DATA_FORECAST), "forecast");
}

Test(tasks, a_hash_of_symbols_tells_where_one_text_ends)
{
    const uint32_t symbols[] = {'a', 0x1F600, 'b'};
    uint64_t whole = gt_symbols_hash(gt_symbols_hash(GT_HASH_START, symbols, 2), symbols + 2, 1);
    cr_expect(whole != gt_symbols_hash(gt_symbols_hash(GT_HASH_START, symbols, 1), symbols + 1, 2));
    cr_expect(whole == gt_symbols_hash(gt_symbols_hash(GT_HASH_START, symbols, 2), symbols + 2, 1));
}
