/* gradtape train on sequences, as a user runs it. */
#include "training.h"

#include "gradtape.h"

#include <math.h>

TestSuite(train_data, .init = make_folder, .fini = remove_folder, .timeout = 600);

enum { N = 60, T = 8 };

static char data[96], other[96];

static void name_files(void)
{
    name_paths();
    snprintf(data, sizeof data, "%s/data.npz", folder);
    snprintf(other, sizeof other, "%s/more.npz", folder);
}

static void add(gt_archive *archive, const char *name, gt_dtype dtype, gt_shape shape, const void *numbers)
{
    gt_error error = {0};
    gt_array array = {.data = (void *)numbers, .dtype = dtype, .shape = shape};
    cr_assert(gt_archive_add(archive, name, array, &error) == GT_OK, "%s", error.message);
}

static void write_archive(gt_archive *archive, const char *path)
{
    gt_error error = {0};
    cr_assert(gt_archive_write(archive, path, false, &error) == GT_OK, "%s", error.message);
    gt_archive_free(archive);
}

/* Sequences of two numbers; what may be predicted of them: the sum of the first, and its sign, so far and at the end.
 */
typedef struct sequences {
    double x[2 * N * T], gate[N * T], sums[N * T], last[N], mask[N * T];
    int32_t signs[N * T], last_sign[N], lengths[N], tokens[N * T];
} sequences;

static sequences draw(uint32_t seed)
{
    sequences s;
    gt_random random;
    gt_random_seed(&random, seed);
    for (int i = 0; i < N; i++) {
        double sum = 0;
        s.lengths[i] = (int32_t)(T - i % 3);
        for (int t = 0; t < T; t++) {
            int place = t * N + i;
            s.x[2 * place] = gt_random_normal(&random);
            s.x[2 * place + 1] = gt_random_normal(&random);
            s.gate[place] = gt_random_integer(&random, 0, 2) != 0;
            s.mask[place] = t % 2;
            s.tokens[place] = (i + t) % 4;
            sum += s.x[2 * place] / T;
            s.sums[place] = sum;
            s.signs[place] = sum > 0;
            if (t < s.lengths[i]) {
                s.last[i] = sum;
                s.last_sign[i] = sum > 0;
            }
        }
    }
    return s;
}

static gt_archive *begin(const sequences *s)
{
    gt_archive *archive = gt_archive_new();
    add(archive, "x", GT_F64, GT_SHAPE(2, N, T), s->x);
    return archive;
}

/* Runs a task of --data and returns a number of its JSON. */
static double run_task(const char *task, const char *key)
{
    program_run run =
        RUN("train", "--data", data, "--validation-data", data, "--task", task, "--save", model, "--hidden", "16",
            "--lr", "0.02", "--iterations", "250", "--cell", "gru", "--overwrite", "--quiet", "--json");
    cr_assert_eq(run.status, 0, "%s: %s", task, run.errors);
    char *found = strstr(run.output, key);
    cr_assert_not_null(found, "%s: %s", task, run.output);
    double value = strtod(found + strlen(key), NULL);
    free_run(run);
    return value;
}

#define LOSS "\"validation_loss\": "
#define RIGHT "\"validation_accuracy\": "

Test(train_data, every_task_is_learnt)
{
    name_files();
    const sequences s = draw(3);
    gt_archive *archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(1, N, T), s.sums);
    add(archive, "mask", GT_F64, GT_SHAPE(N, T), s.mask);
    write_archive(archive, data);
    cr_expect(run_task("regress", LOSS) < 0.02);
    archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(N), s.last);
    add(archive, "lengths", GT_I32, GT_SHAPE(N), s.lengths);
    write_archive(archive, data);
    cr_expect(run_task("regress", LOSS) < 0.02);
    archive = begin(&s);
    add(archive, "y", GT_I32, GT_SHAPE(N, T), s.signs);
    write_archive(archive, data);
    cr_expect(run_task("tag", RIGHT) > 0.9);
    archive = begin(&s);
    add(archive, "y", GT_I32, GT_SHAPE(N), s.last_sign);
    add(archive, "lengths", GT_I32, GT_SHAPE(N), s.lengths);
    write_archive(archive, data);
    cr_expect(run_task("classify", RIGHT) > 0.95);
    archive = gt_archive_new();
    add(archive, "x", GT_I32, GT_SHAPE(N, T), s.tokens);
    write_archive(archive, data);
    cr_expect(run_task("lm", LOSS) < 0.1);
    double wave[N * T];
    for (int i = 0; i < N * T; i++)
        wave[i] = sin(0.7 * (i / N) + i % N);
    archive = gt_archive_new();
    add(archive, "x", GT_F64, GT_SHAPE(1, N, T), wave);
    write_archive(archive, data);
    cr_expect(run_task("forecast", LOSS) < 0.1);
}

/* The matrix has every validation example once, and its diagonal is what was right. */
Test(train_data, the_confusion_matrix_counts_the_validation)
{
    name_files();
    const sequences s = draw(4);
    gt_archive *archive = begin(&s);
    add(archive, "y", GT_I32, GT_SHAPE(N), s.last_sign);
    write_archive(archive, data);
    double right = run_task("classify", RIGHT);
    program_run run = RUN("train", "--resume", "--data", data, "--validation-data", data, "--save", model,
                          "--iterations", "251", "--json", "--quiet");
    char *found = strstr(run.output, "\"confusion\": [");
    cr_assert_not_null(found, "%s%s", run.output, run.errors);
    long counts[4] = {0};
    found += strlen("\"confusion\": [");
    for (int i = 0; i < 4; i++) {
        found += strcspn(found, "0123456789");
        counts[i] = strtol(found, &found, 10);
    }
    cr_expect_eq(counts[0] + counts[1] + counts[2] + counts[3], N);
    cr_expect(fabs((double)(counts[0] + counts[3]) / N - right) < 0.1);
    free_run(run);
}

/* ---- further inputs ------------------------------------------------------------------------ */

static const char gated[] = "cell gated\n  input x[n_x]\n  input g[n_g]\n  state h[n_a]\n"
                            "  param W[n_a, n_a + n_x], V[n_a, n_g]\n"
                            "  h' = tanh(W @ concat(h, x) + V @ g)\n";

Test(train_data, a_cell_has_further_inputs_by_their_names)
{
    name_files();
    write_file(path_of("gated.cell"), gated, strlen(gated));
    char cell[96];
    snprintf(cell, sizeof cell, "%s/gated.cell", folder);
    const sequences s = draw(5);
    gt_archive *archive = begin(&s);
    add(archive, "g", GT_F64, GT_SHAPE(1, N, T), s.gate);
    add(archive, "y", GT_F64, GT_SHAPE(1, N, T), s.gate);
    write_archive(archive, data);
    expect_success(RUN("train", "--data", data, "--task", "regress", "--cell", cell, "--hidden", "5", "--save", model,
                       "--iterations", "4", "--quiet"));
    expect_success(RUN("train", "--resume", "--data", data, "--save", model, "--iterations", "6", "--quiet"));
    archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(1, N, T), s.gate);
    write_archive(archive, data);
    expect_failure(RUN("train", "--data", data, "--task", "regress", "--cell", cell, "--save", other_model), 2,
                   "has no array g, which is an input of cell gated");
}

/* ---- going on ------------------------------------------------------------------------------ */

#define ON "--task", "regress", "--hidden", "8", "--quiet", "--schedule", "constant", "--validate-every", "5"

static void expect_same_logs(void)
{
    file_bytes a = read_file(losses), b = read_file(other_losses);
    cr_expect(a.size > 300 && a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0);
    free(a.bytes);
    free(b.bytes);
}

Test(train_data, goes_on_as_if_nothing_had_happened)
{
    name_files();
    const sequences s = draw(6), more = draw(7);
    gt_archive *archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(N), s.last);
    write_archive(archive, data);
    archive = begin(&more);
    add(archive, "y", GT_F64, GT_SHAPE(N), more.last);
    write_archive(archive, other);
    expect_success(
        TRAIN("--data", data, "--save", model, "--log", losses, "--iterations", "30", "--patience", "50", ON));
    expect_success(TRAIN("--data", data, "--save", other_model, "--log", other_losses, "--iterations", "13",
                         "--patience", "50", ON));
    expect_success(TRAIN("--resume", "--data", data, "--save", other_model, "--log", other_losses, "--iterations", "30",
                         "--patience", "50", "--quiet"));
    expect_same_logs();
    expect_failure(TRAIN("--resume", "--data", other, "--save", model, "--iterations", "40"), 2,
                   "the data are not those that");
    expect_success(
        TRAIN("--resume", "--other-data", "--data", other, "--save", model, "--iterations", "40", "--quiet"));
    expect_failure(TRAIN("--resume", "--save", model, "--iterations", "50"), 2, "give the sequences with --data");
    expect_failure(RUN("sample", "--model", model), 2, "it does not write");
}

Test(train_data, a_text_goes_on_with_another)
{
    name_files();
    expect_success(TRAIN("--text", text, "--save", model, "--iterations", "5", SMALL));
    char more[96];
    snprintf(more, sizeof more, "%s/more", folder);
    write_words("more", 900);
    expect_failure(TRAIN("--resume", "--text", more, "--save", model, "--iterations", "9"), 2, "say with --other-data");
    expect_success(TRAIN("--resume", "--other-data", "--text", more, "--save", model, "--iterations", "9", "--quiet"));
    write_pattern("more", "QQ", 900);
    expect_failure(TRAIN("--resume", "--other-data", "--text", more, "--save", model, "--iterations", "12"), 2,
                   "the text has U+0051");
}

/* ---- what does not fit --------------------------------------------------------------------- */

static void expect_refused(gt_archive *archive, const char *task, const char *words)
{
    write_archive(archive, data);
    expect_failure(RUN("train", "--data", data, "--task", task, "--save", model, "--iterations", "1"), 2, words);
}

Test(train_data, says_what_is_wrong_with_an_array)
{
    name_files();
    sequences s = draw(8);
    expect_refused(gt_archive_new(), "regress", "has no array x: the sequences, (features, examples, T)");
    expect_refused(begin(&s), "regress", "has no array y: what is to be predicted in the task regress");
    expect_refused(begin(&s), "lm", "x is (2, 60, 8), but for the task lm tokens (examples, T) is expected");
    gt_archive *archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(1, N, T), s.sums);
    expect_refused(archive, "classify", "y, of real numbers, is (1, 60, 8), but (60), a class from 0 for each example");
    archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(1, N, T), s.sums);
    add(archive, "lengths", GT_F64, GT_SHAPE(N), s.last);
    expect_refused(archive, "regress",
                   "lengths, of real numbers, is (60), but (60), a number of steps from 1 to 8 for each example");
    archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(T, 1, N), s.sums);
    expect_refused(archive, "regress",
                   "y is (8, 1, 60), but (outputs, 60, 8), numbers at every step, or (outputs, 60), at the end");
    archive = begin(&s);
    s.signs[5] = -1;
    add(archive, "y", GT_I32, GT_SHAPE(N, T), s.signs);
    expect_refused(archive, "tag", "y has -1; classes and tokens are numbered from 0");
    archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(1, N, T), s.sums);
    s.mask[3] = NAN;
    add(archive, "mask", GT_F64, GT_SHAPE(N, T), s.mask);
    expect_refused(archive, "regress", "mask has nan at step 0 of example 3; it says what a step counts");
    s.x[7] = INFINITY;
    archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(1, N, T), s.sums);
    expect_refused(archive, "regress", "x has inf at step 0 of example 3, which is not finite");
}

/* All sets of one training have the same sizes: what is beyond an array is never read. */
Test(train_data, sets_of_different_sizes)
{
    name_files();
    const sequences s = draw(8);
    gt_archive *archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(1, N, T), s.sums);
    write_archive(archive, data);
    archive = gt_archive_new();
    add(archive, "x", GT_F64, GT_SHAPE(1, N, T), s.x);
    add(archive, "y", GT_F64, GT_SHAPE(1, N, T), s.sums);
    write_archive(archive, other);
    const char *few = "its sequences have 1 features of x, and those to train on 2";
    expect_failure(RUN("train", "--data", data, "--validation-data", other, "--task", "regress", "--save", model), 2,
                   few);
    expect_failure(RUN("compare", "gru", "--data", data, "--test-data", other, "--task", "regress", "--out", folder), 2,
                   few);
    archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(2, N, T), s.x);
    write_archive(archive, other);
    expect_failure(RUN("train", "--data", data, "--validation-data", other, "--task", "regress", "--save", model), 2,
                   "its sequences have 2 numbers to predict, and those to train on 1");
    archive = gt_archive_new();
    add(archive, "x", GT_I32, GT_SHAPE(N, T), s.tokens);
    add(archive, "y", GT_F64, GT_SHAPE(1, N, T), s.sums);
    write_archive(archive, other);
    expect_failure(RUN("train", "--data", data, "--validation-data", other, "--task", "regress", "--save", model), 2,
                   "its sequences are of tokens, and those to train on of numbers");
}

/* Further inputs tell sizes of the cell when a model begins; from then on, and of all of one name, they are fixed. */
Test(train_data, further_inputs_of_another_size)
{
    static const char cell[] = "cell two\n input x[n_x], u[%s]\n state h[n_a]\n param W[n_a, n_x], V[n_a, %s]\n"
                               " h' = tanh(W @ x + V @ u + h)\n";
    static const char *const sizes[] = {"n_u", "n_x", "2 * n_u + 2"};
    static const char *const refusals[] = {NULL, "the data have 1 features of u, and the cell two has n_x = 2",
                                           "the cell two has 2 * n_u + 2, which cannot be that"};
    char text_of_cell[300], path[96];
    name_files();
    snprintf(path, sizeof path, "%s/two.cell", folder);
    const sequences s = draw(8);
    for (int u = 1; u <= 2; u++) {
        gt_archive *archive = begin(&s);
        add(archive, "y", GT_F64, GT_SHAPE(1, N, T), s.sums);
        add(archive, "u", GT_F64, GT_SHAPE(u, N, T), s.x);
        write_archive(archive, u == 1 ? data : other);
    }
    for (int i = 2; i >= 0; i--) {
        snprintf(text_of_cell, sizeof text_of_cell, cell, sizes[i], sizes[i]);
        write_file(path, text_of_cell, strlen(text_of_cell));
        program_run run = RUN("train", "--data", data, "--task", "regress", "--cell", path, "--hidden", "3", "--save",
                              model, "--iterations", "2", "--quiet");
        if (refusals[i] != NULL)
            expect_failure(run, 2, refusals[i]);
        else
            expect_success(run);
    }
    expect_failure(RUN("train", "--data", other, "--task", "regress", "--save", model, "--resume", "--other-data",
                       "--iterations", "4"),
                   2, "the data have 2 features of u, and the cell two has n_u = 1");
}

/* What stands where nothing counts any more is not looked at; what later steps read is. */
Test(train_data, padding_may_be_anything)
{
    name_files();
    sequences s = draw(8), padded = s;
    for (int i = 0; i < N; i++)
        for (int t = s.lengths[i]; t < T; t++)
            padded.x[2 * (t * N + i)] = padded.sums[t * N + i] = NAN;
    program_run runs[2];
    for (int k = 0; k < 2; k++) {
        const sequences *own = k == 0 ? &s : &padded;
        gt_archive *archive = begin(own);
        add(archive, "y", GT_F64, GT_SHAPE(1, N, T), own->sums);
        add(archive, "lengths", GT_I32, GT_SHAPE(N), own->lengths);
        write_archive(archive, data);
        runs[k] = RUN("train", "--data", data, "--task", "regress", "--save", k == 0 ? model : other, "--iterations",
                      "9", "--json", "--threads", "1");
        cr_expect_eq(runs[k].status, 0, "%s", runs[k].errors);
    }
    const char *loss[2] = {strstr(runs[0].output, "\"loss\""), strstr(runs[1].output, "\"loss\"")};
    cr_assert(loss[0] != NULL && loss[1] != NULL, "%s", runs[0].output);
    cr_expect(strncmp(loss[0], loss[1], strcspn(loss[0], "\n")) == 0, "%s%s", runs[0].output, runs[1].output);
    free_run(runs[0]);
    free_run(runs[1]);
    remove(model);
    s.x[0] = NAN;
    memset(s.mask, 0, sizeof s.mask);
    for (int i = 0; i < N; i++)
        s.mask[(T - 1) * N + i] = 1;
    gt_archive *archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(1, N, T), s.sums);
    add(archive, "mask", GT_F64, GT_SHAPE(N, T), s.mask);
    expect_refused(archive, "regress", "x has nan at step 0 of example 0, which is not finite; it does not count, but");
}

Test(train_data, a_damaged_file_is_an_error_in_words)
{
    name_files();
    const sequences s = draw(9);
    gt_archive *archive = begin(&s);
    add(archive, "y", GT_F64, GT_SHAPE(N), s.last);
    write_archive(archive, other);
    file_bytes file = read_file(other);
    for (size_t size = 0; size < file.size; size += file.size / 9) {
        write_file(data, file.bytes, size);
        expect_failure(RUN("train", "--data", data, "--task", "regress", "--save", model), 2, "data.npz");
    }
    free(file.bytes);
}

Test(train_data, options_that_do_not_go_together)
{
    name_files();
    expect_failure(RUN("train", "--save", model), 2, "give what to learn from");
    expect_failure(RUN("train", "--save", model, "--text", text, "--task", "parity"), 2,
                   "a text is learnt character by");
    expect_failure(RUN("train", "--save", model, "--data", "x.npz"), 2, "say with --task what is to be predicted");
    expect_failure(RUN("train", "--save", model, "--data", "x.npz", "--task", "parity"), 2, "leave --data out");
    expect_failure(RUN("train", "--save", model, "--task", "parety"), 2, "did you mean parity");
    expect_failure(RUN("train", "--save", model, "--task", "parity:0"), 2, "a whole number from 1 to 100000");
    expect_failure(RUN("train", "--save", model, "--task", "parity:3:3"), 2, "write parity[:T]");
    expect_failure(RUN("train", "--save", model, "--task", "mnist-rows"), 2, "give the sequences with --data");
    expect_failure(RUN("train", "--save", model, "--task", "parity", "--lr-factors", "W"), 2, "is no NAME=FACTOR");
    expect_failure(RUN("train", "--save", model, "--task", "parity", "--lr-factors", "Zz=1"), 2, "no parameter Zz");
}

/* ---- pictures of logs ---------------------------------------------------------------------- */

static int count_of(const char *whole, const char *word)
{
    int count = 0;
    for (; (whole = strstr(whole, word)) != NULL; whole++)
        count++;
    return count;
}

Test(train_data, a_log_is_drawn)
{
    name_files();
    char picture[96];
    snprintf(picture, sizeof picture, "%s/a<b&.svg", folder);
    expect_success(TRAIN("--text", text, "--save", model, "--log", losses, "--iterations", "30", SMALL));
    expect_success(TRAIN("--text", text, "--save", other_model, "--log", other_losses, "--iterations", "20", SMALL));
    expect_success(RUN("plot", "--log", losses, other_losses, "-o", picture));
    file_bytes file = read_file(picture);
    file.bytes[file.size] = '\0';
    const char *svg = (const char *)file.bytes;
    cr_expect_eq(count_of(svg, "<circle"), 4 + 2); /* validations, every 7 iterations */
    cr_expect_eq(count_of(svg, "stroke=\"#0072b2\""), 2);
    cr_expect(strstr(svg, "bits per character") != NULL && strstr(svg, ">losses.csv<") != NULL);
    cr_expect(strstr(svg, "nan") == NULL && strstr(svg, "inf") == NULL);
    free(file.bytes);
    expect_success(TRAIN("--task", "parity:3", "--examples", "40", "--save", model, "--log", losses, "--iterations",
                         "3", "--overwrite", SMALL));
    expect_failure(RUN("plot", "--log", losses, other_losses, "-o", picture), 2, "draw them apart");
    expect_success(RUN("plot", "--log", losses, "-o", picture, "--logarithmic"));
    write_pattern("losses.csv", "iteration,epoch,loss,validation_loss,x\n1,2,three,4,\n", 1);
    expect_failure(RUN("plot", "--log", losses, "-o", picture), 2, "line 2, is no row of a log");
    write_pattern("losses.csv", "iteration,epoch,loss,validation_loss,x\n1,0.1,nan,,\n", 1);
    expect_failure(RUN("plot", "--log", losses, "-o", picture), 2, "there is no loss to draw");
    write_pattern("losses.csv", "iteration,epoch,loss,validation_loss,x\n", 1);
    expect_failure(RUN("plot", "--log", losses, "-o", picture), 2, "has no iteration yet");
    expect_failure(RUN("plot", "--log", text, "-o", picture), 2, "is no log that");
}

/* ---- tasks --------------------------------------------------------------------------------- */

Test(train_data, a_task_is_learnt_and_its_baseline_is_shown)
{
    name_files();
    program_run run = RUN("train", "--task", "dyck:1:10", "--examples", "500", "--hidden", "12", "--lr", "0.02",
                          "--batch", "16", "--iterations", "300", "--save", model, "--optimizer", "adamw");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.errors, "always predicting the same: bits 0.7"), "%s", run.errors);
    cr_expect_not_null(strstr(run.output, "100.0 % right"), "%s", run.output);
    cr_expect_not_null(strstr(run.output, "true \\ predicted      0      1"), "%s", run.output);
    free_run(run);
    run = RUN("tasks");
    cr_expect_not_null(strstr(run.output, "adding[:T]"), "%s", run.output);
    free_run(run);
    run = RUN("tasks", "--json");
    cr_expect_not_null(strstr(run.output, "\"name\": \"selective-copy\""), "%s", run.output);
    free_run(run);
}

/* Images whose brightest row is their digit, in the layout of Keras's file. */
Test(train_data, images_are_read_row_by_row)
{
    enum { IMAGES = 50, ROWS = 10, COLUMNS = 3 };
    name_files();
    static int32_t images[IMAGES * ROWS * COLUMNS], labels[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
        labels[i] = i % 10;
        for (int column = 0; column < COLUMNS; column++)
            images[i + IMAGES * (labels[i] + ROWS * column)] = 255;
    }
    gt_archive *archive = gt_archive_new();
    add(archive, "x_train", GT_I32, GT_SHAPE(IMAGES, ROWS, COLUMNS), images);
    add(archive, "y_train", GT_I32, GT_SHAPE(IMAGES), labels);
    add(archive, "x_test", GT_I32, GT_SHAPE(IMAGES, ROWS, COLUMNS), images);
    add(archive, "y_test", GT_I32, GT_SHAPE(IMAGES), labels);
    write_archive(archive, data);
    program_run run = RUN("train", "--task", "mnist-rows", "--data", data, "--save", model, "--hidden", "24", "--lr",
                          "0.02", "--iterations", "200", "--cell", "gru");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.output, "100.0 % right"), "%s", run.output);
    free_run(run);
    images[0] = 256;
    archive = gt_archive_new();
    add(archive, "x_train", GT_I32, GT_SHAPE(IMAGES, ROWS, COLUMNS), images);
    add(archive, "y_train", GT_I32, GT_SHAPE(IMAGES), labels);
    write_archive(archive, data);
    expect_failure(RUN("train", "--task", "mnist-rows", "--data", data, "--save", other_model), 2,
                   "is not Keras's mnist.npz");
}
