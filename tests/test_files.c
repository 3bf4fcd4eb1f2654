/* No command destroys what it reads or what an earlier run wrote; "-" means one thing everywhere. */
#include "training.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>

TestSuite(files, .init = make_folder, .fini = remove_folder, .timeout = 150);

static const char cell[] = "cell mine\n  input x[n_x]\n  state a[n_a]\n  param W[n_a, n_x]\n  a' = W @ x\n";

static char cell_file[96], linked[96];

static void name_files(void)
{
    name_paths();
    snprintf(cell_file, sizeof cell_file, "%s/mine.cell", folder);
    snprintf(linked, sizeof linked, "%s/link", folder);
    write_file(cell_file, cell, sizeof cell - 1);
}

static void expect_unchanged(const char *path, file_bytes before)
{
    file_bytes after = read_file(path);
    cr_expect(before.size == after.size && memcmp(before.bytes, after.bytes, before.size) == 0, "%s is not as it was",
              path);
    free(before.bytes);
    free(after.bytes);
}

/* Every output of every command against its inputs and other outputs. */
Test(files, an_output_is_no_input)
{
    name_files();
    file_bytes texts = read_file(text), cells = read_file(cell_file);
    const char *same = "are the same file";
    expect_failure(TRAIN("--text", text, "--save", text, "--overwrite"), 2,
                   "it would be overwritten; give --save another file");
    expect_failure(TRAIN("--text", text, "--save", model, "--log", text, "--overwrite"), 2,
                   "--text and --log are the same file");
    expect_failure(TRAIN("--text", text, "--cell", cell_file, "--save", cell_file, "--overwrite"), 2,
                   "--cell and --save are the same file");
    expect_failure(TRAIN("--text", text, "--save", model, "--log", model), 2,
                   "one would overwrite the other; give --log another file");
    expect_failure(RUN("graph", cell_file, "-o", cell_file, "--format", "dot"), 2,
                   "CELL and --output are the same file");
    expect_failure(RUN("check", cell_file, "--junit", cell_file), 2, "CELL and --junit are the same file");
    expect_failure(RUN("check", "rnn", "--against", text, "--junit", text), 2,
                   "--against and --junit are the same file");
    expect_failure(RUN("grad", "rnn", "--in", text, "--out", text), 2, "--in and --out are the same file");
    expect_failure(RUN("grad", cell_file, "--in", text, "--out", cell_file), 2, same);
    expect_failure(RUN("plot", "--log", text, "-o", text), 2, "--log and --output are the same file");
    expect_failure(TRAIN("--data", text, "--task", "tag", "--save", text, "--overwrite"), 2,
                   "--data and --save are the same file");
    char named[128];
    snprintf(named, sizeof named, "%s:mine", cell_file);
    expect_failure(RUN("graph", named, "-o", cell_file, "--format", "dot"), 2, same);
    expect_unchanged(text, texts);
    expect_unchanged(cell_file, cells);
    cr_expect_neq(access(model, F_OK), 0);
}

/* By other names: links, hard links, another way through the folders, files that are not there yet. */
Test(files, by_whatever_name)
{
    name_files();
    char around[160], there[160];
    snprintf(around, sizeof around, "%s/../%s/./text", folder, strrchr(folder, '/') + 1);
    snprintf(there, sizeof there, "%s/./model.npz", folder);
    cr_assert_eq(symlink(text, linked), 0);
    expect_failure(TRAIN("--text", text, "--save", linked, "--overwrite"), 2, "are the same file");
    expect_failure(TRAIN("--text", linked, "--save", text, "--overwrite"), 2, "are the same file");
    expect_failure(TRAIN("--text", around, "--save", text, "--overwrite"), 2, "are the same file");
    expect_failure(TRAIN("--text", text, "--save", model, "--log", there), 2, "are the same file");
    unlink(linked);
    cr_assert_eq(link(text, linked), 0);
    expect_failure(TRAIN("--text", text, "--save", linked, "--overwrite"), 2, "are the same file");
    unlink(linked);
    cr_assert_eq(symlink("model.npz", linked), 0); /* to where nothing is yet */
    expect_failure(TRAIN("--text", text, "--save", model, "--log", linked), 2, "are the same file");
    program_run run = TRAIN("--text", text, "--save", model, "--log", "/dev/null", "--iterations", "1", SMALL);
    cr_expect_eq(run.status, 0, "what is no file is nobody's: %s", run.errors);
    free_run(run);
    snprintf(around, sizeof around, "%s/name", folder); /* the name of a cell is no file */
    write_words("lstm", 3);
    expect_success(RUN("graph", "lstm", "-o", path_of("lstm"), "--format", "dot"));
}

Test(files, the_texts_that_a_model_remembers)
{
    name_files();
    expect_success(TRAIN("--text", text, "--save", model, "--iterations", "2", SMALL));
    file_bytes texts = read_file(text);
    expect_failure(TRAIN("--resume", "--save", model, "--iterations", "4", "--log", text), 2,
                   "the text of the model and --log are the same file");
    expect_unchanged(text, texts);
}

Test(files, a_model_is_replaced_only_on_request)
{
    name_files();
    expect_success(TRAIN("--text", text, "--save", model, "--log", losses, "--iterations", "3", SMALL));
    file_bytes models = read_file(model), logs = read_file(losses);
    expect_failure(TRAIN("--text", text, "--save", model, "--iterations", "1", SMALL), 2,
                   "model.npz is there already: give --save another file, go on with the model with --resume, or "
                   "replace it with --overwrite");
    expect_failure(TRAIN("--text", text, "--save", other_model, "--log", losses, "--iterations", "1", SMALL), 2,
                   "losses.csv is there already: give --log another file, or replace it with --overwrite");
    expect_failure(TRAIN("--resume", "--overwrite", "--save", model), 2, "give one of them");
    expect_unchanged(model, models);
    expect_unchanged(losses, logs);
    cr_expect_eq(folder_count(), 6); /* text, cell, model, log, what the command said */
    expect_success(TRAIN("--text", text, "--save", model, "--log", losses, "--iterations", "1", "--overwrite", SMALL));
    expect_success(TRAIN("--resume", "--save", model, "--log", losses, "--iterations", "2", "--quiet"));
    write_file(path_of("empty"), "", 0); /* as mktemp makes it */
    expect_success(TRAIN("--text", text, "--save", path_of("empty"), "--iterations", "1", SMALL));
}

/* ---- one training at a time ---------------------------------------------------------------- */

Test(files, two_trainings_of_one_model)
{
    name_files();
    char lock[128];
    snprintf(lock, sizeof lock, "%s.lock", model);
    pid_t first = fork();
    if (first == 0) {
        execl(GT_PROGRAM, "gradtape", "train", "--text", text, "--save", model, "--iterations", "100000000",
              "--decay-iterations", "500", "--save-every", "0.01", SMALL, NULL);
        _exit(126);
    }
    for (int i = 0; i < 2000 && access(model, F_OK) != 0; i++)
        usleep(10000);
    char words[96];
    snprintf(words, sizeof words, "another gradtape train (process %ld) saves to ", (long)first);
    expect_failure(TRAIN("--text", text, "--save", model, "--overwrite", SMALL), 2, words);
    cr_assert_eq(symlink(model, linked), 0);
    expect_failure(TRAIN("--resume", "--save", linked, "--quiet"), 2, words);
    kill(first, SIGKILL);
    waitpid(first, NULL, 0);
    cr_expect_eq(access(lock, F_OK), 0);
    expect_success(TRAIN("--text", text, "--save", model, "--overwrite", "--iterations", "1", SMALL));
    cr_expect_neq(access(lock, F_OK), 0, "the lock of the killed process is left");
    write_words("model.npz.lock", 3);
    expect_failure(TRAIN("--resume", "--save", model, "--iterations", "9", "--quiet"), 2,
                   "model.npz.lock is in the way");
    cr_expect_eq(access(lock, F_OK), 0, "a file of the user's was removed");
}

/* ---- "-" ----------------------------------------------------------------------------------- */

static const char *fixture(const char *name)
{
    static char path[2][512];
    static int next;
    char *result = path[next++ % 2];
    snprintf(result, sizeof path[0], GT_FIXTURES "/%s", name);
    return result;
}

/* Runs a shell's command line in the folder with the program as $0 and two files as $1 and $2. */
static int in_shell(const char *line, const char *first, const char *second)
{
    pid_t child = fork();
    if (child == 0) {
        if (chdir(folder) == 0)
            execl("/bin/sh", "sh", "-c", line, GT_PROGRAM, first, second, NULL);
        _exit(126);
    }
    int state;
    cr_assert_eq(waitpid(child, &state, 0), child);
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

static void expect_same(const char *a, const char *b)
{
    file_bytes first = read_file(path_of(a));
    expect_unchanged(path_of(b), first);
}

Test(files, stdout_in_place_of_an_output)
{
    name_files();
    const char *in = fixture("grad_rnn_in.npz");
    cr_expect_eq(in_shell("exec \"$0\" grad rnn --in \"$1\" --out a.npz > said", in, NULL), 0);
    cr_expect_eq(in_shell("\"$0\" grad rnn --in \"$1\" --out - | cat > b.npz", in, NULL), 0);
    expect_same("a.npz", "b.npz");
    cr_expect_eq(in_shell("exec \"$0\" check rnn --steps 2 --junit a.xml > said", NULL, NULL), 0);
    cr_expect_eq(in_shell("exec \"$0\" check rnn --steps 2 --junit - > b.xml", NULL, NULL), 0);
    cr_expect_eq(in_shell("for i in a b; do sed 's/time=\"[0-9.]*\"//' $i.xml > $i.txt; done", NULL, NULL), 0);
    expect_same("a.txt", "b.txt");
    cr_expect_eq(in_shell("exec \"$0\" graph rnn -o a.json > said", NULL, NULL), 0);
    cr_expect_eq(in_shell("exec \"$0\" graph rnn -o - --format json > b.json", NULL, NULL), 0);
    expect_same("a.json", "b.json");
    cr_expect_neq(access(path_of("-"), F_OK), 0, "a file named - was made");
}

Test(files, a_log_on_stdout)
{
    name_files();
#define TRAINS "exec \"$0\" train --text text --hidden 8 --batch 4 --steps 8 --iterations 3 "
    cr_expect_eq(in_shell(TRAINS "--save a.npz --log a.csv --quiet", NULL, NULL), 0);
    cr_expect_eq(in_shell(TRAINS "--save b.npz --log - > b.csv 2> said", NULL, NULL), 0);
    expect_same("a.csv", "b.csv");
    cr_expect_eq(in_shell(TRAINS "--save c.npz --log - --quiet > /dev/full 2> said", NULL, NULL), 2);
}

Test(files, stdin_in_place_of_an_input)
{
    name_files();
    cr_expect_eq(in_shell("exec \"$0\" graph mine.cell -o a.dot > said", NULL, NULL), 0);
    cr_expect_eq(in_shell("cat mine.cell | \"$0\" graph - -o b.dot > said", NULL, NULL), 0);
    expect_same("a.dot", "b.dot");
    cr_expect_eq(in_shell("\"$0\" cells --show lstm | \"$0\" check - --steps 2 > said", NULL, NULL), 0);
    cr_expect_eq(in_shell("cat text | \"$0\" train --text - --save a.npz --iterations 2 --quiet 2> said", NULL, NULL),
                 0);
    cr_expect_eq(in_shell("cat text | \"$0\" train --resume --text - --save a.npz --iterations 4 --quiet", NULL, NULL),
                 0);
    expect_failure(TRAIN("--resume", "--save", path_of("a.npz"), "--iterations", "6"), 2, "name it with --text");
    cr_expect_eq(in_shell("printf 'cell a\\n  state a[n_a]\\n  a = b\\n' | \"$0\" check - 2> said", NULL, NULL), 2);
    char *said = read_text(path_of("said"));
    cr_expect_eq(strncmp(said, "<stdin>:1:", 10), 0, "%s", said);
    free(said);
}

Test(files, where_a_stream_cannot_be)
{
    name_files();
    expect_failure(TRAIN("--text", text, "--save", "-"), 2, "--save -: it is saved as a whole again and again");
    expect_failure(RUN("grad", "rnn", "--in", "-", "--out", "a"), 2, "--in -: an archive is read from its end");
    expect_failure(RUN("sample", "--model", "-"), 2, "--model -: an archive");
    expect_failure(RUN("check", "rnn", "--against", "-"), 2, "--against -: an archive");
    expect_failure(TRAIN("--text", "-", "--cell", "-", "--save", model), 2, "both read stdin");
    expect_failure(TRAIN("--text", text, "--save", model, "--log", "-", "--json"), 2,
                   "--log and --json both write to stdout");
    expect_failure(RUN("grad", "rnn", "--in", text, "--out", "-", "--json"), 2, "both write to stdout");
    expect_failure(RUN("check", "rnn", "--junit", "-", "--json"), 2, "both write to stdout");
    cr_expect_neq(access("-", F_OK), 0);
}
