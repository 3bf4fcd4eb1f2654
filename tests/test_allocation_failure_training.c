/* Every allocation made to fail in turn: texts, vocabularies, data sets and descriptions of models. */
#include "files.h"
#include "support/allocation.h"

#include "data/dataset.h"
#include "data/tasks.h"
#include "training/model.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Takes its memory where it is counted. */
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

TestSuite(allocation_failure_training, .init = make_folder, .fini = remove_folder, .timeout = 300);

/* False with words, or true. */
static gt_status status_of(bool good, const gt_error *error)
{
    cr_assert(good || (error->status != GT_OK && error->message[0] != '\0'));
    return good ? GT_OK : error->status;
}

/* ---- texts --------------------------------------------------------------------------------- */

typedef struct reading {
    gt_text_list files;
    bool bytes;
} reading;

static gt_status read_texts(const void *context, double *result)
{
    const reading *r = context;
    gt_error error = {0};
    gt_corpus text;
    gt_vocabulary vocabulary = {0};
    int32_t *tokens = NULL;
    bool good = gt_corpus_read(&text, &r->files, r->bytes, 0.25, GT_ANY_SIZE, &error) &&
                gt_vocabulary_find(&vocabulary, &text, r->bytes, &error);
    gt_status status = status_of(good, &error);
    if (good) {
        tokens = gt_vocabulary_tokens(&vocabulary, &text.training);
        status = tokens == NULL ? GT_ERROR_MEMORY : GT_OK;
        *result = (double)(text.training.count + 3 * text.validation.count + 7 * vocabulary.count) +
                  (tokens == NULL ? 0 : tokens[text.training.count - 1]);
    }
    free(tokens);
    gt_vocabulary_free(&vocabulary);
    gt_corpus_free(&text);
    return status;
}

Test(allocation_failure_training, texts)
{
    static char long_text[20000];
    char first[96], second[96];
    snprintf(first, sizeof first, "%s", path_of("first"));
    snprintf(second, sizeof second, "%s", path_of("second"));
    for (size_t i = 0; i < sizeof long_text; i++)
        long_text[i] = (char)('a' + i % 20);
    write_file(first,
               (uint8_t *)"na\xc3\xaf"
                          "ve caf\xc3\xa9",
               12);
    write_file(second, (uint8_t *)long_text, sizeof long_text);
    const char *paths[] = {first, second};
    for (int bytes = 0; bytes < 2; bytes++)
        cr_expect_gt(fail_every_allocation("texts", read_texts, &(reading){{paths, 2}, bytes == 1}, NULL), 5);
}

/* ---- model.json ---------------------------------------------------------------------------- */

/* What jansson takes for itself is not counted: it does not say why it fails. */
static gt_status understand(const void *text, double *result)
{
    gt_model model = {.settings = gt_settings_defaults()};
    gt_error error = {0};
    gt_cell_names names;
    bool good = gt_model_understand(&model, text, &names, &error);
    *result = (double)(model.vocabulary.count + model.file_count + (uint32_t)model.iteration) + names.count;
    gt_cell_names_free(&names);
    gt_model_free(&model);
    return status_of(good, &error);
}

/* Those that the fuzzer found and that are understood. */
Test(allocation_failure_training, descriptions_of_models)
{
    DIR *list = opendir(GT_CORPUS);
    int understood = 0;
    cr_assert_not_null(list);
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        char path[512];
        double result;
        snprintf(path, sizeof path, "%s/%s", GT_CORPUS, entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        file_bytes file = read_file(path);
        char *text = calloc(file.size + 1, 1);
        memcpy(text, file.bytes, file.size);
        if (understand(text, &result) == GT_OK) {
            cr_expect_gt(fail_every_allocation(entry->d_name, understand, text, NULL), 3);
            understood++;
        }
        free(text);
        free(file.bytes);
    }
    closedir(list);
    cr_expect_gt(understood, 0);
}

/* ---- a new model --------------------------------------------------------------------------- */

static gt_status create(const void *cell, double *result)
{
    gt_model model = {.settings = gt_settings_defaults()};
    gt_error error = {0};
    gt_settings *s = &model.settings;
    s->hidden = 2, s->embedding = 2, s->batch = 2, s->steps = 3, s->cell = cell;
    gt_settings_complete(s);
    model.data = (gt_model_data){.present = true, .vocabulary = 3, .outputs = 2};
    bool good = gt_model_create(&model, &error);
    *result = good ? (double)gt_parameters_total(model.parameters) : 0;
    gt_model_free(&model);
    return status_of(good, &error);
}

Test(allocation_failure_training, layers)
{
    cr_expect_gt(fail_every_allocation("layers", create, "bi(rnn 1), gru, bi(rnn)", NULL), 20);
}

/* ---- data ---------------------------------------------------------------------------------- */

static gt_status make_task(const void *name, double *result)
{
    const gt_task *task;
    int64_t sizes[2];
    gt_error error = {0};
    gt_dataset data = {0};
    gt_baseline baseline = {0};
    bool good = gt_task_find(name, &task, sizes, &error) && gt_task_make(task, sizes, 1, 0, 3, GT_F32, &data, &error) &&
                gt_dataset_baseline(&data, &baseline, &error);
    *result = (double)gt_dataset_hash(&data, 1);
    gt_dataset_free(&data);
    return status_of(good, &error);
}

Test(allocation_failure_training, tasks)
{
    for (uint32_t i = 0; gt_task_at(i) != NULL; i++)
        if (gt_task_at(i)->fill != NULL)
            cr_expect_gt(fail_every_allocation(gt_task_at(i)->name, make_task, gt_task_at(i)->name, NULL), 1);
}

static gt_status read_dataset(const void *path, double *result)
{
    gt_error error = {0};
    gt_dataset data, part = {0};
    bool good = gt_dataset_read(&data, path, GT_DATA_REGRESS, gt_cell_find("gru"), GT_F64, &error) &&
                gt_dataset_part(&data, 1, 2, &part, &error);
    *result = (double)gt_dataset_hash(&part, 1);
    gt_dataset_free(&part);
    gt_dataset_free(&data);
    return status_of(good, &error);
}

Test(allocation_failure_training, data_sets)
{
    double numbers[2 * 3 * 4] = {1, 2, 3};
    gt_archive *archive = gt_archive_new();
    char path[96];
    snprintf(path, sizeof path, "%s", path_of("data.npz"));
    gt_archive_add(archive, "x", (gt_array){numbers, GT_F64, GT_SHAPE(2, 3, 4)}, NULL);
    gt_archive_add(archive, "y", (gt_array){numbers, GT_F64, GT_SHAPE(2, 3)}, NULL);
    cr_assert_eq(gt_archive_write(archive, path, false, NULL), GT_OK);
    gt_archive_free(archive);
    cr_expect_gt(fail_every_allocation("a data set", read_dataset, path, NULL), 10);
}

/* ---- what a text tells ---------------------------------------------------------------------- */

static gt_status measure(const void *context, double *result)
{
    (void)context;
    uint32_t symbols[] = {'a', 'b', 'c'};
    static const int32_t tokens[] = {0, 1, 0, 1};
    const gt_vocabulary vocabulary = {symbols, 3, false};
    return gt_vocabulary_entropy(&vocabulary, tokens, 4, result) ? GT_OK : GT_ERROR_MEMORY;
}

Test(allocation_failure_training, entropy)
{
    double bits;
    cr_assert_eq(measure(NULL, &bits), GT_OK);
    cr_expect_eq(bits, 1);
    cr_expect_eq(fail_every_allocation("entropy", measure, NULL, NULL), 1);
}
