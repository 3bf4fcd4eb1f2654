/* gradtape train and sample with a cell of one's own, written as text. */
#include "addresses.h"
#include "training.h"

#include "gradtape.h"
#include "io/members.h"

#include <unistd.h>

TestSuite(train_cell, .init = make_folder, .fini = remove_folder, .timeout = 600);

#define ZOO_LSTM GT_CELLS "/lstm.cell"

static char cell[128];

static void write_cell(const char *name, const char *source)
{
    snprintf(cell, sizeof cell, "%s/%s", folder, name);
    FILE *file = fopen(cell, "w");
    cr_assert_not_null(file);
    fputs(source, file);
    cr_assert_eq(fclose(file), 0);
}

static const char two_cells[] = "cell first\n"
                                "  input x[n_x]\n"
                                "  state a[n_a]\n"
                                "  param W[n_a, n_x]\n"
                                "  a' = tanh(a + W @ x)\n"
                                "cell second\n"
                                "  input x[n_x]\n"
                                "  state a[n_a], c[2 * n_c] = 0.5\n"
                                "  param W[n_a, n_a + n_x], V[2 * n_c, n_a], U[n_a, 2 * n_c]\n"
                                "  c' = sigmoid(V @ a) * c\n"
                                "  a' = tanh(W @ concat(a, x) + U @ c')\n";

static void expect_same_files(const char *a, const char *b)
{
    file_bytes x = read_file(a), y = read_file(b);
    cr_expect(x.size > 0 && x.size == y.size && memcmp(x.bytes, y.bytes, x.size) == 0, "%s and %s differ", a, b);
    free(x.bytes);
    free(y.bytes);
}

Test(train_cell, the_text_of_the_lstm_learns_as_the_built_in_one)
{
    name_paths();
    expect_success(TRAIN("--text", text, "--save", model, "--log", losses, "--iterations", "20", SMALL));
    expect_success(TRAIN("--text", text, "--save", other_model, "--log", other_losses, "--iterations", "20", "--cell",
                         ZOO_LSTM, SMALL));
    expect_same_files(losses, other_losses);
}

/* What a cell declares as its output is what the layer above and the projection read, of whatever size. */
Test(train_cell, a_layer_hands_on_the_output_of_its_cell)
{
    name_paths();
    write_cell("out.cell", "cell out\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_a+n_x], D[n_o, n_a]\n"
                           "  h' = tanh(W @ concat(h, x))\n  output y = D @ h'\n");
    expect_success(TRAIN("--text", text, "--save", model, "--cell", cell, "--dims", "n_o=9", "--layers", "2",
                         "--iterations", "12", SMALL));
    gt_error error = {0};
    gt_archive *archive = gt_archive_read(model, &error);
    cr_assert_not_null(archive, "%s", error.message);
    cr_expect_eq(gt_archive_find(archive, "parameter/Wy").shape.size[1], 9);
    cr_expect_eq(gt_archive_find(archive, "parameter/layer2.W").shape.size[1], 12 + 9);
    cr_expect_not_null(gt_archive_find(archive, "parameter/layer2.D").data);
    gt_archive_free(archive);
    expect_success(RUN("sample", "--model", model, "--length", "10"));
    /* Resumed, it is as if nothing had happened. */
    expect_success(TRAIN("--resume", "--save", model, "--iterations", "20", "--quiet"));
    expect_success(TRAIN("--text", text, "--save", other_model, "--cell", cell, "--dims", "n_o=9", "--layers", "2",
                         "--iterations", "20", "--decay-iterations", "12", SMALL));
    file_bytes a = read_file(model), b = read_file(other_model);
    cr_expect(a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0);
    free(a.bytes);
    free(b.bytes);
}

Test(train_cell, a_model_needs_the_file_of_its_cell_no_more)
{
    name_paths();
    write_cell("idea.cell", two_cells);
    char second[160];
    snprintf(second, sizeof second, "%s:second", cell);
    expect_success(TRAIN("--text", text, "--save", other_model, "--log", other_losses, "--iterations", "12", "--cell",
                         second, "--dims", "n_c=7", "--schedule", "constant", SMALL));
    expect_success(TRAIN("--text", text, "--save", model, "--log", losses, "--iterations", "5", "--cell", second,
                         "--dims", "n_c=7", "--schedule", "constant", SMALL));
    cr_assert_eq(unlink(cell), 0);
    expect_success(TRAIN("--resume", "--save", model, "--log", losses, "--iterations", "12", "--quiet"));
    expect_same_files(losses, other_losses);
    program_run run = RUN("sample", "--model", model, "--length", "40");
    cr_expect(run.status == 0 && strlen(run.output) > 30, "%s", run.errors);
    free_run(run);
}

/* What a state begins with is learnt, from each sequence and from the first window of a text; resumed to the bit. */
Test(train_cell, states_begin_with_what_is_learnt)
{
    name_paths();
    write_cell("begin.cell",
               "cell begin\n  input x[n_x]\n  state h[n_a] = tanh(h0)\n  param W[n_a, n_a + n_x], h0[n_a]\n"
               "  h' = tanh(W @ concat(h, x))\n");
    expect_success(TRAIN("--text", text, "--save", other_model, "--log", other_losses, "--iterations", "12", "--cell",
                         cell, "--schedule", "constant", SMALL));
    expect_success(TRAIN("--text", text, "--save", model, "--log", losses, "--iterations", "5", "--cell", cell,
                         "--schedule", "constant", SMALL));
    expect_success(TRAIN("--resume", "--save", model, "--log", losses, "--iterations", "12", "--quiet"));
    expect_same_files(losses, other_losses);
    expect_success(RUN("sample", "--model", model, "--length", "10"));
    char task[96];
    snprintf(task, sizeof task, "%s/task.npz", folder);
    expect_success(TRAIN("--task", "adding:6", "--save", task, "--cell", cell, "--examples", "40", "--hidden", "12",
                         "--iterations", "12", "--quiet"));
    const char *const models[] = {model, task};
    for (int i = 0; i < 2; i++) {
        gt_error error = {0};
        gt_archive *archive = gt_archive_read(models[i], &error);
        cr_assert_not_null(archive, "%s", error.message);
        gt_array h0 = gt_archive_find(archive, "parameter/layer1.h0");
        cr_assert(h0.data != NULL && h0.shape.size[0] == 12);
        for (int k = 0; k < 12; k++)
            cr_expect(((const float *)h0.data)[k] != 0, "entry %d is 0 as before", k);
        gt_archive_free(archive);
    }
}

/* What is drawn is the seed's and the iteration's: the same again, on any number of threads, and resumed. */
Test(train_cell, cells_that_draw)
{
    name_paths();
    write_cell("draw.cell", "cell draw\n  input x[n_x]\n  state h[n_a], k[n_a] ~ bernoulli(1 - p)\n  const p = 0.3\n"
                            "  param W[n_a, n_a + n_x], b[n_a]\n"
                            "  u = tanh(W @ concat(k * h, dropout(x, p)) + b)\n  s = bernoulli(p, h)\n"
                            "  h' = s * h + (1 - s) * u + normal(0.01, u)\n"
                            "  loss ponder = 0.1 * mean(h'**2, axis=0)\n");
    expect_success(TRAIN("--text", text, "--save", other_model, "--log", other_losses, "--iterations", "14", "--cell",
                         cell, "--schedule", "constant", "--layers", "2", "--threads", "2", SMALL));
    expect_success(TRAIN("--text", text, "--save", model, "--log", losses, "--iterations", "6", "--cell", cell,
                         "--schedule", "constant", "--layers", "2", "--threads", "1", SMALL));
    expect_success(TRAIN("--resume", "--save", model, "--log", losses, "--iterations", "14", "--quiet"));
    expect_same_files(losses, other_losses);
    expect_success(TRAIN("--text", text, "--save", model, "--overwrite", "--log", losses, "--iterations", "14",
                         "--cell", cell, "--schedule", "constant", "--layers", "2", "--seed", "2", SMALL));
    file_bytes log = read_file(losses);
    const char *header = "iteration,epoch,bits_per_character,validation_bits_per_character,ponder,"
                         "validation_ponder,learning_rate,";
    cr_expect_eq(memcmp(log.bytes, header, strlen(header)), 0, "the log has no column of the loss");
    free(log.bytes);
    expect_success(RUN("plot", "--log", losses, "-o", path_of("curve.svg")));
    program_run one = RUN("sample", "--model", other_model, "--length", "20", "--seed", "3");
    program_run again = RUN("sample", "--model", other_model, "--length", "20", "--seed", "3");
    cr_expect(one.status == 0 && strcmp(one.output, again.output) == 0, "%s", one.errors);
    free_run(one);
    free_run(again);
    char task[96];
    snprintf(task, sizeof task, "%s/task.npz", folder);
    expect_success(TRAIN("--task", "adding:6", "--save", task, "--cell", cell, "--examples", "40", "--hidden", "12",
                         "--iterations", "12", "--quiet", "--set", "p=0"));
}

Test(train_cell, unsuitable_cells_are_explained)
{
    name_paths();
    static const char *const cases[][2] = {
        {"cell c\n input x[n_x], u[n_x]\n state a[n_a]\n a' = a + mean(x * u, axis=0)\n",
         "cell c has 2 inputs; in this network a cell has 1"},
        {"cell c\n input x[n_x]\n state h[n_h]\n h' = h + mean(x, axis=0)\n",
         "cell c has the dimension n_h: say with --dims n_h=N what it is"},
        {"cell c\n input x[n_x]\n state h[2 * n_a]\n h' = h + mean(x, axis=0)\n",
         "h has 2 * n_a = 24 rows; in a network it must have 12 (--embedding gives"},
        {"cell c\n input x[n_x]\n state a[n_a]\n a' = a + y\n", "error: there is no name y"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_cell("case.cell", cases[i][0]);
        expect_failure(TRAIN("--text", text, "--save", model, "--cell", cell, SMALL), 2, cases[i][1]);
    }
    expect_failure(TRAIN("--text", text, "--save", model, "--cell", "lsmt", SMALL), 2, "did you mean 'lstm'?");
    expect_failure(TRAIN("--text", text, "--save", model, "--cell", "none.cell", SMALL), 2,
                   "none.cell: No such file or directory");
    expect_failure(TRAIN("--text", text, "--save", model, "--dims", "n_c=3", SMALL), 2,
                   "--dims: lstm has no dimension 'n_c'");
    cr_expect(access(model, F_OK) != 0, "something was saved");
}

/* ---- models that lie ----------------------------------------------------------------------- */

static void expect_refused(const char *source, const char *json_piece, const char *json_with, const char *words)
{
    gt_error error = {0};
    gt_archive *archive = gt_archive_read(model, &error);
    cr_assert_not_null(archive, "%s", error.message);
    if (source != NULL)
        cr_assert(gt_archive_add_text(archive, "model.cell", source, &error) == GT_OK);
    if (json_piece != NULL) {
        const char *json = gt_archive_text(archive, "model.json"), *found = strstr(json, json_piece);
        cr_assert_not_null(found, "%s", json);
        size_t size = strlen(json) + strlen(json_with) + 1;
        char *changed = calloc(size, 1);
        snprintf(changed, size, "%.*s%s%s", (int)(found - json), json, json_with, found + strlen(json_piece));
        cr_assert(gt_archive_add_text(archive, "model.json", changed, &error) == GT_OK);
        free(changed);
    }
    cr_assert(gt_archive_write(archive, other_model, false, &error) == GT_OK);
    gt_archive_free(archive);
    expect_failure(RUN("sample", "--model", other_model), 2, words);
}

Test(train_cell, a_model_with_a_bad_cell_is_refused)
{
    name_paths();
    write_cell("idea.cell", two_cells);
    expect_success(TRAIN("--text", text, "--save", model, "--iterations", "2", "--cell", cell, SMALL));
    expect_refused("", NULL, NULL, "model.cell:1:1: there is no cell in this text");
    expect_refused("cell first\n input x[n_x]\n state a[n_a]\n a' = (", NULL, NULL,
                   "model.cell:4:8: expected an expression, not the end of the text");
    expect_refused("cell other\n input x[n_x]\n state a[n_a]\n a' = a + mean(x)\n", NULL, NULL,
                   "there is no cell first in this text");
    expect_refused("cell first\n input x[n_x]\n state a[n_a]\n param W[n_a, n_a]\n a' = W @ a + mean(x, axis=0)\n",
                   NULL, NULL, "its parameters have");
    expect_refused("cell first\n input x[n_x]\n state a[n_a]\n param W[999999999 * n_a, 999999 * n_x]\n"
                   " a' = a + mean(W[:n_a, :n_x] @ x)\n",
                   NULL, NULL,
                   FEW_ADDRESSES ? "W: (11999999988, 5999994) is no possible shape"
                                 : "but its settings call for 71999927928000509");
    expect_refused("cell first\n input x[n_x]\n state a[n_a]\n param W[n_a, n_b]\n a' = a + mean(W) + mean(x)\n", NULL,
                   NULL, "the dimension n_b");
    expect_refused(NULL, "\"cell\": \"first\"", "\"cell\": \"second\"", "the dimension n_c");
    expect_refused(NULL, "\"cell\": \"first\"", "\"cell\": 1", "\"cell\" is missing or not the name of a cell");
    expect_refused(NULL, "\"cell\": \"first\"", "\"sell\": \"first\"", "it has the text of its cell, but not the name");
}
