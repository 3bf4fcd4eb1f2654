/* Sequences to learn from that cannot be had: what is asked for, and what archives say together. */
#include "files.h"

#include "gradtape.h"

TestSuite(datasets, .init = make_folder, .fini = remove_folder);

enum { EXAMPLES = 6, STEPS = 4 };

static void refuse(const gt_data_source *source, gt_status status, const char *words)
{
    gt_datasets sets;
    gt_error error = {0};
    cr_expect_eq(gt_datasets_get(&sets, source, &error), status, "%s: %s", words, error.message);
    cr_expect_not_null(strstr(error.message, words), "expected: %s\nbut it said: %s", words, error.message);
    gt_datasets_free(&sets);
}

static gt_data_source source_of(const char *task)
{
    gt_data_source source = GT_DATA_SOURCE_INIT;
    source.task = task;
    source.cell = &gt_cell_rnn;
    return source;
}

/* ---- what is asked for -------------------------------------------------------------------------- */

Test(datasets, a_source_lacks_something)
{
    static const char words[] = "sequences need a task, a cell that has an input, at least one example";
    gt_cell deaf = gt_cell_rnn;
    deaf.input_count = 0;
    gt_data_source source = source_of(NULL);
    refuse(&source, GT_ERROR_ARGUMENT, words);
    source = source_of("adding:9");
    source.cell = NULL;
    refuse(&source, GT_ERROR_ARGUMENT, words);
    source.cell = &deaf;
    refuse(&source, GT_ERROR_ARGUMENT, words);
    source = source_of("adding:9");
    source.examples = 0;
    refuse(&source, GT_ERROR_ARGUMENT, words);
    source = source_of("adding:9");
    source.validation_part = -0.1;
    refuse(&source, GT_ERROR_ARGUMENT, words);
    source.validation_part = 1;
    refuse(&source, GT_ERROR_ARGUMENT, words);
}

Test(datasets, a_task_and_its_files)
{
    gt_data_source source = source_of("classifi");
    refuse(&source, GT_ERROR_ARGUMENT, "there is no task 'classifi'; did you mean classify");
    source = source_of("qqqqqqqqqqqqqqqqqqqqqqq");
    refuse(&source, GT_ERROR_ARGUMENT, "there is no task 'qqqqqqqqqqqqqqqqqqqqqqq': classify,");
    source = source_of("classify");
    refuse(&source, GT_ERROR_ARGUMENT, "--task classify: give the sequences with --data FILE.npz");
    source = source_of("adding:9");
    source.training = "x.npz";
    refuse(&source, GT_ERROR_ARGUMENT, "--task adding makes its sequences: leave --data out");
    source = source_of("adding:9");
    source.test = "x.npz";
    refuse(&source, GT_ERROR_ARGUMENT, "--test-data is for sequences that are given with --data");
    static const gt_cell_array inputs[] = {{.name = "x", .rows = "n_x"}, {.name = "k", .rows = "1"}};
    gt_cell two = gt_cell_rnn;
    two.inputs = inputs;
    two.input_count = 2;
    source = source_of("adding:9");
    source.cell = &two;
    refuse(&source, GT_ERROR_ARGUMENT, "the task adding has one input, cell rnn has 2");
}

Test(datasets, both_directions_see_what_follows)
{
    static const char *const tasks[] = {"lm", "forecast"};
    for (int i = 0; i < 2; i++) {
        gt_data_source source = source_of(tasks[i]);
        source.training = "x.npz";
        source.bidirectional = true;
        refuse(&source, GT_ERROR_ARGUMENT, "predicts what follows, and a layer in both directions");
    }
}

/* ---- what archives say together -------------------------------------------------------------------- */

static double numbers[8 * EXAMPLES * STEPS];
static int32_t tokens[EXAMPLES * STEPS];

/* x of so many features, or tokens; and y of so many numbers. */
static const char *write_numbers(const char *name, int64_t features, int64_t outputs)
{
    const char *path = path_of(name);
    gt_error error = {0};
    gt_archive *archive = gt_archive_new();
    for (int i = 0; i < EXAMPLES * STEPS; i++)
        tokens[i] = i % 3;
    gt_array x = {numbers, GT_F64, GT_SHAPE(features, EXAMPLES, STEPS)};
    if (features == 0)
        x = (gt_array){tokens, GT_I32, GT_SHAPE(EXAMPLES, STEPS)};
    gt_status status = gt_archive_add(archive, "x", x, &error);
    gt_array y = {numbers, GT_F64, GT_SHAPE(outputs, EXAMPLES, STEPS)};
    if (status == GT_OK)
        status = gt_archive_add(archive, "y", y, &error);
    if (status == GT_OK)
        status = gt_archive_write(archive, path, false, &error);
    cr_assert_eq(status, GT_OK, "%s", error.message);
    gt_archive_free(archive);
    return path;
}

Test(datasets, archives_unlike_each_other)
{
    gt_data_source source = source_of("regress");
    source.training = write_numbers("training.npz", 2, 3);
    gt_datasets sets;
    gt_error error = {0};
    cr_assert_eq(gt_datasets_get(&sets, &source, &error), GT_OK, "%s", error.message);
    cr_expect(sets.training.examples == EXAMPLES && sets.validation.examples == 0 && sets.predicts_numbers);
    gt_datasets_free(&sets);
    source.validation_part = 0.5;
    cr_assert_eq(gt_datasets_get(&sets, &source, &error), GT_OK, "%s", error.message);
    cr_expect(sets.training.examples == EXAMPLES / 2 && sets.validation.examples == EXAMPLES / 2);
    gt_datasets_free(&sets);
    source.validation = write_numbers("validation.npz", 1, 3);
    refuse(&source, GT_ERROR_SHAPE, "its sequences have 1 features of x, and those to train on 2");
    source.validation = write_numbers("validation.npz", 2, 1);
    refuse(&source, GT_ERROR_SHAPE, "its sequences have 1 numbers to predict, and those to train on 3");
    source.validation = write_numbers("validation.npz", 0, 3);
    refuse(&source, GT_ERROR_SHAPE, "its sequences are of tokens, and those to train on of numbers");
    source.validation = write_numbers("validation.npz", 2, 3);
    source.test = write_numbers("test.npz", 1, 3);
    refuse(&source, GT_ERROR_SHAPE, "its sequences have 1 features of x, and those to train on 2");
    source.training = write_numbers("training.npz", 0, 3);
    source.test = NULL;
    refuse(&source, GT_ERROR_SHAPE, "its sequences are of numbers, and those to train on of tokens");
}

Test(datasets, files_that_are_not_there)
{
    gt_data_source source = source_of("regress");
    const char *there = write_numbers("there.npz", 2, 3);
    source.training = path_of("nothing.npz");
    refuse(&source, GT_ERROR_FILE, "nothing.npz");
    source.validation = there;
    refuse(&source, GT_ERROR_FILE, "nothing.npz");
    source.training = there;
    source.validation = path_of("nothing.npz");
    refuse(&source, GT_ERROR_FILE, "nothing.npz");
    source.validation = NULL;
    source.test = path_of("nothing.npz");
    refuse(&source, GT_ERROR_FILE, "nothing.npz");
    source = source_of("mnist-rows");
    source.training = there;
    refuse(&source, GT_ERROR_FORMAT, "is not Keras's mnist.npz");
}

/* As many as a tenth, within limits. */
Test(datasets, what_is_made_to_validate_on)
{
    static const int64_t examples[] = {50, 2000, 20000}, kept[] = {100, 200, 1000};
    for (int i = 0; i < 3; i++) {
        gt_data_source source = source_of("parity:3");
        gt_datasets sets;
        gt_error error = {0};
        source.examples = examples[i];
        source.makes_test = i == 1;
        cr_assert_eq(gt_datasets_get(&sets, &source, &error), GT_OK, "%s", error.message);
        cr_expect_eq(sets.training.examples, examples[i]);
        cr_expect_eq(sets.validation.examples, kept[i]);
        cr_expect_eq(sets.test.examples, i == 1 ? kept[i] : 0);
        gt_datasets_free(&sets);
    }
}
