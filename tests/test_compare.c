/* gradtape compare, as a user runs it: killed, resumed, shared, refused. */
#include "program.h"

#include "gradtape.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

/* The folder has others in it. */
static void remove_folders(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(compare, .init = make_folder, .fini = remove_folders, .timeout = 600);

/* Small, but two cells, two tasks and two rates. */
#define SMALL                                                                                                          \
    "--task adding:6 --task parity:4 --parameters 300 --embedding 4 --examples 60 --lr 0.01,0.003 --seeds 2 "          \
    "--iterations 30 "
#define CELLS "lstm gru "

static void write_words(const char *name, const char *words)
{
    write_file(path_of(name), words, strlen(words));
}

/* A shell runs `gradtape compare OPTIONS` in the test's folder; $GT is the program. */
static program_run run_shell(const char *format, ...)
{
    char command[2000];
    va_list arguments;
    va_start(arguments, format);
    int used = snprintf(command, sizeof command, "cd %s; GT=%s; ", folder, GT_PROGRAM);
    vsnprintf(command + used, sizeof command - (size_t)used, format, arguments);
    va_end(arguments);
    return run_other_program((const char *const[]){"sh", "-c", command, NULL}, NULL);
}

static void expect_good(program_run run)
{
    cr_expect_eq(run.status, 0, "status %d: %s%s", run.status, run.output, run.errors);
    free_run(run);
}

static char *read_file_of(const char *directory, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return read_text(path_of(path));
}

static void expect_same(const char *one, const char *other, const char *name)
{
    char *a = read_file_of(one, name), *b = read_file_of(other, name);
    cr_expect_str_eq(a, b, "%s", name);
    free(a);
    free(b);
}

static void expect_same_tables(const char *one, const char *other)
{
    expect_same(one, other, "table.txt");
    expect_same(one, other, "table.csv");
    expect_same(one, other, "table.tex");
}

static int count_files(const char *directory, const char *ending)
{
    int count = 0;
    DIR *list = opendir(path_of(directory));
    for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        size_t length = strlen(entry->d_name), end = strlen(ending);
        count += length > end && strcmp(entry->d_name + length - end, ending) == 0;
    }
    if (list != NULL)
        closedir(list);
    return count;
}

/* ---- the table ----------------------------------------------------------------------------- */

Test(compare, makes_a_table_and_the_same_again)
{
    program_run run = run_shell("$GT compare " CELLS SMALL "--out a");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    cr_expect_str_empty(run.errors); /* no terminal, no progress */
    char *table = read_file_of("a", "table.txt");
    cr_expect_eq(strncmp(run.output, table, strlen(table)), 0, "%s\n%s", run.output, table);
    cr_expect_not_null(strstr(table, "adding:6: squared error of the test data after 30 iterations, 2 seeds\n"));
    cr_expect_not_null(strstr(table, "parity:4: bits of the test data"));
    cr_expect_not_null(strstr(table, "(always the same)"));
    cr_expect_not_null(strstr(table, "lr: of 0.003, 0.01, the one with the smallest mean loss in validation."));
    cr_expect_null(strstr(table, "sequences a second")); /* speeds stand apart */
    cr_expect_not_null(strstr(run.output, "sequences a second"));
    cr_expect_eq(count_files("a/runs", ".json"), 16);
    cr_expect_eq(count_files("a/runs", ".csv"), 16);
    cr_expect_eq(count_files("a/runs", ".claim"), 0);
    free(table);
    free_run(run);
    expect_good(run_shell("$GT compare " CELLS SMALL "--jobs 3 --out b"));
    expect_same_tables("a", "b");
}

/* Offline, whole, and with all that the log has. */
Test(compare, writes_a_page_and_pictures)
{
    expect_good(run_shell("$GT compare " CELLS SMALL "--out 'a&b' --quiet"));
    char *page = read_file_of("a&b", "report.html");
    cr_expect_null(strstr(page, "http://www.w3.org/1999")); /* nothing is asked of anybody: */
    cr_expect_null(strstr(page, "src="));
    cr_expect_null(strstr(page, "href="));
    cr_expect_null(strstr(page, "url("));
    cr_expect_not_null(strstr(page, "default-src 'none'"));
    cr_expect_not_null(strstr(page, "prefers-color-scheme:dark"));
    cr_expect_not_null(strstr(page, "<h2>adding:6</h2>"));
    cr_expect_not_null(strstr(page, "norm of the gradient"));
    cr_expect_not_null(strstr(page, "--out 'a&amp;b'"), "the command is to be given again");
    cr_expect_not_null(strstr(page, "cell lstm"));
    int pictures = 0;
    for (char *found = page; (found = strstr(found, "<svg ")) != NULL; found++)
        pictures++;
    cr_expect_eq(pictures, 4);
    free(page);
    char *curve = read_file_of("a&b", "loss-parity-4.svg");
    cr_expect_eq(strncmp(curve, "<svg ", 5), 0);
    cr_expect_not_null(strstr(curve, "class=\"band f0\""));
    cr_expect_not_null(strstr(curve, "</svg>"));
    free(curve);
    cr_expect_eq(count_files("a&b", ".svg"), 4);
    remove(path_of("a&b/runs/adding-6.gru.lr0.01.seed1.csv"));
    remove(path_of("a&b/runs/adding-6.gru.lr0.005.seed1.csv"));
    expect_failure(run_shell("$GT compare " CELLS SMALL "--out 'a&b' --quiet"), 2, "cannot be opened");
}

/* Curves go on where the first seed's run ended before the others'. */
Test(compare, draws_the_longest_run_to_its_end)
{
#define ALONE "gru --task adding:6 --seeds 2 --iterations 60 --examples 60 --hidden 5 --out a --quiet"
    expect_good(run_shell("$GT compare " ALONE));
    expect_good(run_shell("cd a/runs; head -n 11 adding-6.gru.lr0.005.seed1.csv > short; "
                          "mv short adding-6.gru.lr0.005.seed1.csv"));
    expect_good(run_shell("$GT compare " ALONE));
    char *curve = read_file_of("a", "loss-adding-6.svg");
    cr_expect_not_null(strstr(curve, ">60</text>"), "%s", curve);
    free(curve);
}

/* The numbers of the table are those of the runs, and those of train. */
Test(compare, a_run_is_what_train_does)
{
    expect_good(run_shell("$GT compare gru --task adding:6 --hidden 7 --examples 60 --lr 0.01 --seeds 2 "
                          "--iterations 30 --out a --quiet"));
    expect_good(run_shell("$GT train --task adding:6 --cell gru --hidden 7 --examples 60 --lr 0.01 --seed 2 "
                          "--iterations 30 --threads 1 --save m.npz --log train.csv --quiet"));
    char *one = read_text(path_of("train.csv")), *other = read_file_of("a", "runs/adding-6.gru.lr0.01.seed2.csv");
    cr_expect_str_eq(one, other);
    free(one);
    free(other);
}

/* Equal sizes: as near as a whole number of units comes. */
Test(compare, solves_for_the_parameters)
{
    program_run run = run_shell("$GT compare " CELLS "rnn " SMALL "--out a --csv");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    int rows = 0;
    for (char *line = strchr(run.output, '\n'); line != NULL && line[1] != '\0';
         line = strchr(line + 1, '\n'), rows++) {
        long hidden, parameters;
        cr_assert_eq(sscanf(line + 1, "%*[^,],%*d,%*[^,],%ld,%ld", &hidden, &parameters), 2);
        cr_expect(hidden >= 1 && labs(parameters - 300) < 60, "%s", line);
    }
    cr_expect_eq(rows, 6);
    free_run(run);
    expect_failure(run_shell("$GT compare lstm " SMALL "--parameters=5 --out b"), 2, "given twice");
    expect_failure(run_shell("$GT compare lstm --task adding:6 --parameters 5 --out b"), 2,
                   "lstm, adding:6: cell lstm has 18 parameters with one unit already");
    expect_failure(run_shell("$GT compare lstm --task adding:6 --parameters 500 --hidden 5 --out b"), 2,
                   "leave one of them out");
}

Test(compare, more_can_be_asked_for_later)
{
    expect_good(run_shell("$GT compare " CELLS "--task adding:6 --seeds 2 --iterations 20 --examples 40 --hidden 5 "
                          "--out a --quiet"));
    char *before = read_file_of("a", "runs/adding-6.gru.lr0.005.seed2.json");
    program_run run = run_shell("$GT compare " CELLS "rnn --task adding:6 --seeds 3 --iterations 20 --examples 40 "
                                "--hidden 5 --out a --json");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.output, "\"runs\": 9"));
    char *after = read_file_of("a", "runs/adding-6.gru.lr0.005.seed2.json");
    cr_expect_str_eq(before, after); /* with its times: it was not done again */
    free(before);
    free(after);
    free_run(run);
    expect_failure(run_shell("$GT compare " CELLS "--task adding:6 --iterations 21 --examples 40 --hidden 5 --out a"),
                   2, "is the result of another comparison (iterations is 21 now, and was 20)");
}

/* A cell of one's own, whose text decides. */
Test(compare, a_cell_that_changed_is_another)
{
    write_words("mine.cell", "cell mine\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x], U[n_a, n_a]\n"
                             "  h' = tanh(W @ x + U @ h)\n");
    expect_good(run_shell("$GT compare mine.cell rnn --task adding:6 --seeds 1 --iterations 20 --hidden 5 --out a -q"));
    write_words("mine.cell", "cell mine\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x], U[n_a, n_a]\n"
                             "  h' = sin(W @ x + U @ h)\n");
    expect_failure(
        run_shell("$GT compare mine.cell rnn --task adding:6 --seeds 1 --iterations 20 --hidden 5 --out a -q"), 2,
        "text of the cell is");
    write_words("broken.cell", "cell broken\n  input x[n_x]\n  state h[n_a]\n  h' = tanh(W @ x)\n");
    expect_failure(run_shell("$GT compare broken.cell --task adding:6 --out b"), 2, "broken.cell:4:");
    expect_failure(run_shell("$GT compare rnn ./mine.cell mine.cell --task adding:6 --out b"), 2,
                   "is called mine as another cell is");
}

/* A constant is swept: a cell that has it is several, one that has not is one. */
Test(compare, sweeps_constants)
{
    write_words("leaky.cell", "cell leaky\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x], U[n_a, n_a]\n"
                              "  const dt = 0.5\n  h' = h + dt * (tanh(W @ x + U @ h) - h)\n");
    program_run run = run_shell("$GT compare leaky.cell rnn --set dt=0.1 --set dt=0.9 --task adding:6 --seeds 1 "
                                "--iterations 20 --hidden 5 --out a");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.output, " leaky(dt=0.1) "), "%s", run.output);
    cr_expect_not_null(strstr(run.output, " leaky(dt=0.9) "), "%s", run.output);
    cr_expect_not_null(strstr(run.output, " rnn "), "%s", run.output);
    cr_expect_eq(count_files("a/runs", ".json"), 3);
    char *one = read_file_of("a", "runs/adding-6.leaky-dt-0.1-.lr0.005.seed1.csv");
    char *other = read_file_of("a", "runs/adding-6.leaky-dt-0.9-.lr0.005.seed1.csv");
    cr_expect_str_neq(one, other);
    free(one);
    free(other);
    free_run(run);
    expect_failure(run_shell("$GT compare leaky.cell rnn --set dx=0.1 --task adding:6 --out b"), 2,
                   "--set dx=0.1 fits none of the cells");
}

/* In layers of several cells a constant is set wherever it is; a name must be of one of them. */
Test(compare, sets_constants_of_layers)
{
    const char *text = "cell %s\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x], U[n_a, n_a]\n  const %s = 0.5\n"
                       "  h' = h + %s * (tanh(W @ x + U @ h) - h)\n";
    char cell[400], other[400];
    snprintf(cell, sizeof cell, text, "leaky", "dt", "dt");
    write_words("leaky.cell", cell);
    snprintf(other, sizeof other, text, "slow", "rate", "rate");
    write_words("slow.cell", other);
    const char *train =
        "$GT train --task adding:6 --examples 40 --hidden 5 --iterations 5 --cell 'bi(leaky.cell), rnn, "
        "slow.cell' --overwrite -q --log %s.csv --save %s.npz %s";
    expect_good(run_shell(train, "plain", "plain", ""));
    expect_good(run_shell(train, "same", "same", "--set rate=0.5,dt=0.5"));
    expect_good(run_shell(train, "one", "one", "--set dt=0.9"));
    expect_good(run_shell(train, "two", "two", "--set rate=0.1,dt=0.9"));
    char *plain = read_text(path_of("plain.csv")), *same = read_text(path_of("same.csv"));
    char *one = read_text(path_of("one.csv")), *two = read_text(path_of("two.csv"));
    cr_expect_str_eq(plain, same);
    cr_expect_str_neq(plain, one);
    cr_expect_str_neq(one, two);
    free(plain);
    free(same);
    free(one);
    free(two);
    expect_good(run_shell("$GT train --resume --save two.npz --iterations 8 -q"));
    expect_failure(run_shell(train, "bad", "bad", "--set dt=0.9,rat=1"), 2,
                   "--set rat: none of the layers' cells has a constant of that name; did you mean rate?");
    expect_failure(run_shell(train, "bad", "bad", "--set dt=x"), 2, "--set dt=x: that is no number");
    expect_failure(run_shell("$GT train --task adding:6 --save x.npz --cell 'lstm, rnn' --set q=1 -q"), 2,
                   "--set q: none of the layers' cells has a constant of that name\n");
    expect_good(run_shell("$GT compare 'leaky.cell, rnn' --set dt=0.1 --set dt=0.9 --task adding:6 --seeds 1 "
                          "--iterations 5 --examples 40 --hidden 5 --out layers -q"));
    cr_expect_eq(count_files("layers/runs", ".json"), 2);
}

/* ---- killed, resumed, shared --------------------------------------------------------------- */

/* Long enough to be interrupted. */
#define LONG "--task adding:6 --parameters 300 --examples 60 --seeds 4 --iterations 600 "

Test(compare, killed_and_resumed_gives_the_same_table)
{
    expect_good(run_shell("$GT compare " CELLS LONG "--out a --quiet"));
    for (int i = 0; i < 3; i++) {
        program_run run = run_shell("$GT compare " CELLS LONG "--jobs 2 --out b --quiet & child=$!; "
                                    "sleep 0.1%d; kill -9 $child; wait $child; sleep 0.2",
                                    i);
        free_run(run);
    }
    program_run run = run_shell("$GT compare " CELLS LONG "--out b --quiet & child=$!; "
                                "sleep 0.05; kill -TERM $child; wait $child");
    /* It may have been done, or not begun. */
    cr_expect(run.status == 0 || run.status == 128 + SIGTERM ||
                  strstr(run.errors, "the same command does the rest") != NULL,
              "%s", run.errors);
    free_run(run);
    expect_good(run_shell("$GT compare " CELLS LONG "--out b"));
    expect_same_tables("a", "b");
    cr_expect_eq(count_files("b/runs", ".claim"), 0);
}

/* A claim whose process was killed at once, before it could remove it. */
static void leave_claim(void)
{
    char machine[64] = "", words[200];
    gethostname(machine, sizeof machine - 1);
    snprintf(words, sizeof words, "gradtape compare, process 1 on %s\n", machine);
    write_words("a/runs/adding-6.gru.lr0.005.seed1.claim", words);
}

Test(compare, takes_over_what_a_killed_process_had)
{
    cr_assert_eq(mkdir(path_of("a"), 0777), 0);
    cr_assert_eq(mkdir(path_of("a/runs"), 0777), 0);
    leave_claim();
    program_run run = run_shell("$GT compare gru " LONG "--out a");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.errors, "1 run was begun by a process that is gone"), "%s", run.errors);
    cr_expect_eq(count_files("a/runs", ".claim"), 0);
    free_run(run);
}

/* It was killed between the result and the end of its claim: the run is done, and the claim is removed. */
Test(compare, removes_the_claim_of_a_run_that_is_done)
{
    expect_good(run_shell("$GT compare gru " LONG "--out a"));
    leave_claim();
    program_run run = run_shell("$GT compare gru " LONG "--out a");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_null(strstr(run.errors, "was begun by a process that is gone"), "%s", run.errors);
    cr_expect_eq(count_files("a/runs", ".claim"), 0);
    free_run(run);
}

/* Of another machine nobody can tell whether it lives: it is said, with what to do. */
Test(compare, says_a_stale_claim_and_what_to_do)
{
    cr_assert_eq(mkdir(path_of("a"), 0777), 0);
    cr_assert_eq(mkdir(path_of("a/runs"), 0777), 0);
    const char *claim = "a/runs/adding-6.gru.lr0.005.seed1.claim";
    write_words(claim, "gradtape compare, process 12 on elsewhere\n");
    program_run run = run_shell("$GT compare gru " LONG "--out a");
    cr_expect_eq(run.status, 0);
    cr_expect_not_null(strstr(run.errors, "seed1 is under way: process 12 on elsewhere"), "%s", run.errors);
    cr_expect_not_null(strstr(run.errors, "3 of 4 runs are done; the table is made when all are"), "%s", run.errors);
    free_run(run);
    struct utimbuf old = {.actime = time(NULL) - 3600, .modtime = time(NULL) - 3600};
    cr_assert_eq(utime(path_of(claim), &old), 0);
    run = run_shell("$GT compare gru " LONG "--out a");
    cr_expect_not_null(
        strstr(run.errors, "has given no sign for 60 minutes: if it is gone, remove a/runs/adding-6.gru"), "%s",
        run.errors);
    free_run(run);
    cr_assert_eq(unlink(path_of(claim)), 0);
    expect_good(run_shell("$GT compare gru " LONG "--out a"));
}

Test(compare, two_processes_share_a_folder)
{
    expect_good(run_shell("$GT compare " CELLS LONG "--out a --quiet"));
    expect_good(run_shell("$GT compare " CELLS LONG "--out b > one 2>&1 & first=$!; "
                          "$GT compare " CELLS LONG "--out b > two 2>&1; second=$?; wait $first && exit $second"));
    /* Each run was begun once: its log says so by its process' claim being gone, and one of the two made the table. */
    char *one = read_text(path_of("one")), *two = read_text(path_of("two"));
    cr_expect(strstr(one, "(always the same)") != NULL || strstr(two, "(always the same)") != NULL, "%s\n%s", one, two);
    expect_same_tables("a", "b");
    cr_expect_eq(count_files("b/runs", ".claim"), 0);
    free(one);
    free(two);
}

/* For Slurm or GNU parallel. */
Test(compare, lists_its_runs_as_commands)
{
    expect_good(run_shell("$GT compare " CELLS SMALL "--out a --quiet"));
    expect_good(run_shell("$GT compare " CELLS SMALL "--out 'b c' --list > list; test $(wc -l < list) = 16; "
                          "sed \"s|^gradtape|$GT|\" list | sh"));
    expect_good(run_shell("$GT compare " CELLS SMALL "--out 'b c' --list > list; test ! -s list; "
                          "$GT compare " CELLS SMALL "--out 'b c' --quiet"));
    expect_same_tables("a", "b c");
    expect_failure(run_shell("$GT compare " CELLS SMALL "--out a --only adding-6.lstm.lr0.01.seed7"), 2,
                   "did you mean adding-6.lstm.lr0.01.seed1");
}

/* ---- what goes wrong ----------------------------------------------------------------------- */

Test(compare, says_what_cannot_be_written)
{
    write_words("file", "x");
    expect_failure(run_shell("$GT compare gru --task adding:6 --out file"), 2, "--out: the folder file cannot be made");
    expect_failure(run_shell("$GT compare gru --task adding:6 --out file/below"), 2, "cannot be made");
    expect_failure(run_shell("$GT compare gru --task adding:6 --out /proc/results"), 2, "cannot be made");
    /* As on a full disk: nothing can be written, but the message goes through a pipe. */
    program_run run = run_shell("mkdir -p full/runs; (trap '' XFSZ; ulimit -f 0; $GT compare gru --task adding:6 "
                                "--out full 2>&1; echo status $?) | cat");
    cr_expect_not_null(strstr(run.output, "cannot be written: File too large"), "%s", run.output);
    cr_expect_not_null(strstr(run.output, "status 2"), "%s", run.output);
    cr_expect_eq(count_files("full/runs", ".claim"), 0);
    cr_expect_eq(count_files("full/runs", ".json"), 0);
    free_run(run);
    if (geteuid() == 0)
        return; /* who may do all */
    cr_assert_eq(mkdir(path_of("closed"), 0777), 0);
    cr_assert_eq(mkdir(path_of("closed/runs"), 0555), 0);
    expect_failure(run_shell("$GT compare gru --task adding:6 --out closed"), 2,
                   "cannot be written: Permission denied");
}

/* Neither what is read nor what somebody else put into the folder. */
Test(compare, overwrites_nothing)
{
    static const char options[] = "--text words --hidden 4 --embedding 3 --batch 2 --steps 8 --seeds 1 --iterations 5";
    static const char *const names[] = {
        "table.txt",   "table.csv",     "table.tex",         "speeds.csv",
        "report.html", "loss-text.svg", "gradient-text.svg", "runs/text.gru.lr0.005.seed1.csv"};
    char words[2000], path[64];
    for (size_t i = 0; i + 1 < sizeof words; i++)
        words[i] = "a few words "[i % 12];
    words[sizeof words - 1] = '\0';
    write_words("words", words);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "r%zu/%s", i, names[i]);
        expect_good(run_shell("mkdir -p r%zu/runs s%zu; ln words %s", i, i, path));
        expect_failure(run_shell("$GT compare gru --out r%zu %s", i, options), 2, "it would be overwritten");
        char *after = read_text(path_of("words"));
        cr_expect_str_eq(after, words, "%s", path);
        free(after);
        if (strchr(names[i], '/') != NULL)
            continue;
        expect_good(run_shell("echo mine > s%zu/%s", i, names[i]));
        expect_failure(run_shell("$GT compare gru --out s%zu %s", i, options), 2,
                       "no comparison was made in that folder");
        expect_good(run_shell("test \"$(cat s%zu/%s)\" = mine", i, names[i]));
    }
    expect_good(run_shell("$GT cells --show gru > c.cell; mkdir d; ln -s ../c.cell d/table.tex"));
    expect_good(run_shell("mkdir d/runs"));
    expect_failure(run_shell("$GT compare c.cell --out d %s", options), 2, "CELL c.cell and --out d/table.tex");
    expect_good(run_shell("$GT compare gru --out t %s && $GT compare gru --out t %s", options, options));
}

Test(compare, refuses_what_does_not_fit_together)
{
    expect_failure(run_shell("$GT compare gru --out a"), 2, "give what to learn from");
    expect_failure(run_shell("$GT compare --task adding:6 --out a"), 2, "CELL is missing");
    expect_failure(run_shell("$GT compare gru --task adding:6"), 2, "--out FOLDER is missing");
    expect_failure(run_shell("$GT compare gru --task addin:6 --out a"), 2, "did you mean adding");
    expect_failure(run_shell("$GT compare gru --task adding:6 --task adding:6 --out a"), 2, "given twice");
    expect_failure(run_shell("$GT compare gru --task adding:6 --lr 0.1,,2 --out a"), 2, "--lr expects numbers");
    expect_failure(run_shell("$GT compare gru --task adding:6 --lr 0.1,0.10 --out a"), 2, "--lr has 0.1 twice");
    expect_failure(run_shell("$GT compare gru --task adding:6 --csv --json --out a"), 2, "exclude each other");
    expect_failure(run_shell("$GT compare gru --task adding:6 --text x --out a"), 2, "a text is learnt");
    expect_failure(run_shell("$GT compare gru --task classify --out a"), 2, "give the sequences with --data");
    expect_failure(run_shell("$GT compare - --task adding:6 --out a"), 2, "not on stdin");
    cr_expect_eq(access(path_of("a"), F_OK), -1); /* nothing was begun */
}

Test(compare, says_a_damaged_result)
{
    expect_good(run_shell("$GT compare gru --task adding:6 --seeds 1 --iterations 5 --out a --quiet"));
    write_words("a/runs/adding-6.gru.lr0.005.seed1.json", "{\"format\": \"gradtape run\", ");
    expect_failure(run_shell("$GT compare gru --task adding:6 --seeds 1 --iterations 5 --out a"), 2,
                   "remove it, and the run is done again");
    write_words("a/runs/adding-6.gru.lr0.005.seed1.json", "{\"format\": \"something\"}");
    expect_failure(run_shell("$GT compare gru --task adding:6 --seeds 1 --iterations 5 --out a"), 2,
                   "is no result that this gradtape reads");
}

/* Training that leads to no numbers is a result of the cell, and no rate of that kind is chosen. */
/* Each key of a result is there and is a number, where it was a number; the run is the one it is called after. */
Test(compare, says_a_result_that_lacks_something)
{
    static const char *const changes[] = {"s/\"test_loss\": [^,]*,/\"test_loss\": null,/",
                                          "s/\"test_loss\": [^,]*,/\"test_loss\": \"1\",/",
                                          "/validation_loss/d",
                                          "s/\"outcome\": \"done\"/\"outcome\": \"dune\"/",
                                          "s/\"best_iteration\": [^,]*,$/\"best_iteration\": -1,/",
                                          "s/\"run\": \"/\"run\": \"x/"};
    expect_good(
        run_shell("$GT compare gru --task adding:6 --seeds 1 --iterations 5 --out a --quiet; cp -r a/runs kept"));
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        expect_good(run_shell("sed '%s' kept/*.json > a/runs/adding-6.gru.lr0.005.seed1.json", changes[i]));
        expect_failure(run_shell("$GT compare gru --task adding:6 --seeds 1 --iterations 5 --out a"), 2,
                       "remove it, and the run is done again");
    }
    expect_failure(run_shell("$GT compare gru --task adding:6 --lr 0.1,0.100000000000001 --out b"), 2,
                   "two runs would both be called adding-6.gru.lr0.1.seed1");
}

Test(compare, says_that_the_data_have_changed)
{
    static const char command[] =
        "$GT compare gru --text words --hidden 4 --embedding 3 --batch 2 --steps 8 --seeds 1 --iterations 5 --out a";
    expect_good(run_shell("yes 'a few words' | head -n 200 > words; %s", command));
    expect_good(run_shell("touch words; %s", command));
    expect_failure(run_shell("yes 'other words' | head -n 200 > words; %s", command), 2,
                   "is the result of other data: a file has changed since");
}

Test(compare, training_that_diverges_is_said)
{
    program_run run = run_shell("$GT compare gru --task adding:6 --seeds 2 --iterations 60 --examples 60 --hidden 5 "
                                "--optimizer sgd --clip 0 --lr 0.1,1e30 --out a");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    char *row = strstr(run.output, "1  gru");
    cr_assert_not_null(row, "%s", run.output);
    cr_expect_not_null(strstr(row, " 0.1 "), "%s", run.output);
    free_run(run);
    run = run_shell("$GT compare gru lstm --task adding:6 --seeds 2 --iterations 60 --examples 60 --hidden 5 "
                    "--optimizer sgd --clip 0 --lr 1e30 --out b");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.output, "2 of 2 diverged"), "%s", run.output);
    free_run(run);
}

static void write_sequences(const char *name, double sign)
{
    enum { N = 30, T = 5 };
    static double x[N * T];
    static int32_t y[N];
    gt_error error = {0};
    gt_archive *archive = gt_archive_new();
    for (int i = 0; i < N * T; i++)
        x[i] = sign * (1 + i * i % 7);
    for (int i = 0; i < N; i++)
        y[i] = i % 2;
    cr_assert(gt_archive_add(archive, "x", (gt_array){x, GT_F64, GT_SHAPE(1, N, T)}, &error) == GT_OK);
    cr_assert(gt_archive_add(archive, "y", (gt_array){y, GT_I32, GT_SHAPE(N)}, &error) == GT_OK);
    cr_assert(gt_archive_write(archive, path_of(name), false, &error) == GT_OK, "%s", error.message);
    gt_archive_free(archive);
}

/* A test that comes to no number is not one that was not made: what was validated does not stand for it. */
Test(compare, a_test_without_a_number_is_said)
{
    write_sequences("train.npz", 1);
    write_sequences("test.npz", -1);
    write_words("root.cell", "cell root\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x], U[n_a, n_a]\n"
                             "  h' = tanh(W @ sqrt(x) + U @ h)\n");
    program_run run = run_shell("$GT compare root.cell rnn --data train.npz --test-data test.npz --task classify "
                                "--seeds 2 --iterations 5 --hidden 3 --out a --json");
    cr_expect_not_null(strstr(run.output, "\"data\": \"test\""), "%s%s", run.output, run.errors);
    const char *rnn = strstr(run.output, "\"cell\": \"rnn\""), *root = strstr(run.output, "\"cell\": \"root\"");
    cr_assert(rnn != NULL && root != NULL && rnn < root, "%s", run.output); /* the best first */
    cr_expect_not_null(strstr(root, "\"diverged\": 2"), "%s", root);
    free_run(run);
}

/* A text has no test sequences: what is validated is told. */
/* ---- when a run fails ---------------------------------------------------------------------- */

/* Its reason is told with its name, what else is under way comes to its end, and the command goes on later. */
Test(compare, names_the_run_that_fails)
{
    cr_assert_eq(mkdir(path_of("a"), 0777), 0);
    cr_assert_eq(mkdir(path_of("a/runs"), 0777), 0);
    cr_assert_eq(mkdir(path_of("a/runs/adding-6.gru.lr0.01.seed1.csv"), 0777), 0); /* where the log is to be */
    program_run run = run_shell("$GT compare gru --task adding:6 --parameters 300 --examples 60 --lr 0.01 --seeds 3 "
                                "--iterations 3 --jobs 2 --out a");
    cr_expect_eq(run.status, 2);
    cr_expect_not_null(strstr(run.errors, "run adding-6.gru.lr0.01.seed1: "), "%s", run.errors);
    cr_expect_eq(count_files("a/runs", ".claim"), 0);
    cr_expect_leq(count_files("a/runs", ".json"), 2);
    free_run(run);
    cr_assert_eq(rmdir(path_of("a/runs/adding-6.gru.lr0.01.seed1.csv")), 0);
    expect_good(run_shell("$GT compare gru --task adding:6 --parameters 300 --examples 60 --lr 0.01 --seeds 3 "
                          "--iterations 3 --out a"));
    cr_expect_eq(count_files("a/runs", ".json"), 3);
}

static void expect_killed(const char *signal_name, const char *words)
{
    program_run run = run_shell("$GT compare gru --task adding:6 --parameters 300 --examples 60 --lr 0.01 --seeds 1 "
                                "--iterations 1000000 --out %s & command=$!; "
                                "until pkill -%s -P $command; do sleep 0.05; done; wait $command",
                                signal_name, signal_name);
    cr_expect_eq(run.status, 2);
    cr_expect_not_null(strstr(run.errors, words), "%s", run.errors);
    free_run(run);
}

Test(compare, says_by_what_a_process_was_ended)
{
    expect_killed("KILL", "its process was ended by signal 9 (is there too little memory?)");
    expect_killed("ABRT", "its process was ended by signal 6\n");
}

Test(compare, ends_with_epochs)
{
    expect_good(
        run_shell("$GT compare gru --task adding:6 --parameters 300 --examples 60 --epochs 2 --batch 20 --out a"));
    char *log = read_file_of("a/runs", "adding-6.gru.lr0.005.seed1.csv");
    cr_expect_not_null(strstr(log, "\n6,2.000000,"), "%s", log); /* 60 sequences, 20 at a time, twice */
    free(log);
}

Test(compare, refuses_what_names_and_rates_cannot_be)
{
    static const struct {
        const char *options, *words;
    } rows[] = {{"--lr 0.1,", "--lr expects numbers"},
                {"--lr ,0.1", "--lr expects numbers"},
                {"--lr 0.1x", "--lr expects numbers"},
                {"--lr ''", "--lr is empty"},
                {"--lr=-1", "--lr expects numbers"},
                {"--lr 1e39", "--lr expects numbers"},
                {"--lr nan", "--lr expects numbers"},
                {"--lr $(seq -s, 1 65)", "64 at most"},
                {"--lr 0.1,0.10", "--lr has 0.1 twice"},
                {"--seeds 10000 --lr $(seq -s, 1 64) --task parity:4", "up to 1000000 are compared"},
                {"$(seq -f '--task adding:%g' 10 80)", "tasks are too many: up to 64"},
                {"--only nothing", "there is no run 'nothing'; --list lists them"},
                {"--only adding-6.gru.lr0.005.seed9", "did you mean adding-6.gru.lr0.005.seed"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        program_run run = run_shell("$GT compare gru --task adding:6 %s --out a 2>&1", rows[i].options);
        cr_expect_eq(run.status, 2, "%s", rows[i].options);
        cr_expect_not_null(strstr(run.output, rows[i].words), "%s: %s", rows[i].options, run.output);
        free_run(run);
    }
    cr_assert_eq(mkdir(path_of("b"), 0777), 0);
    write_words("b/runs", "a file");
    program_run run = run_shell("$GT compare gru --task adding:6 --out b");
    cr_expect_eq(run.status, 2);
    cr_expect_not_null(strstr(run.errors, "the folder b/runs cannot be made"), "%s", run.errors);
    free_run(run);
}

Test(compare, a_text)
{
    FILE *file = fopen(path_of("text"), "w");
    for (int i = 0; i < 300; i++)
        fprintf(file, "the cell forgets %d\n", i % 7);
    fclose(file);
    program_run run = run_shell("$GT compare gru rnn --text text --seeds 2 --iterations 20 --hidden 8 --embedding 4 "
                                "--batch 4 --steps 8 --out a");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.output, "text: bits of the validation data after 20 iterations"), "%s", run.output);
    cr_expect_not_null(strstr(run.output, "characters a second"), "%s", run.output);
    free_run(run);
    expect_failure(run_shell("$GT compare gru rnn --text text --seeds 2 --iterations 20 --validation 0 --out b"), 2,
                   "gru, text: nothing is left to validate on, and to compare by: give more text, or a larger "
                   "--validation");
}

/* Layers are compared as cells are, under the names that they are written with. */
Test(compare, layers_of_several_cells)
{
    program_run run = run_shell(
        "$GT compare 'bi(gru 3)' 'mgu 4,gru' --task parity:4 --embedding 4 --examples 60 --hidden 5 --seeds 2 "
        "--iterations 10 --out layers");
    cr_expect_eq(run.status, 0, "%s%s", run.output, run.errors);
    cr_expect(strstr(run.output, "bi(gru 3) ") != NULL && strstr(run.output, "mgu 4, gru ") != NULL, "%s", run.output);
    free_run(run);
    cr_expect_eq(count_files("layers/runs", ".json"), 4);
    expect_failure(run_shell("$GT compare 'bi(gru 3)' gru --task sine:6 --out no"), 2, "would see it");
}

/* Each of them has a column, empty for cells without; a result keeps them. */
Test(compare, losses_that_cells_declare)
{
    const char *head = "  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_a + n_x]\n  h' = tanh(W @ concat(h, x))\n";
    char text[500];
    snprintf(text, sizeof text, "cell a\n%s  loss half = 0.5 + 0 * mean(h, axis=0)\n", head);
    write_words("a.cell", text);
    snprintf(text, sizeof text,
             "cell b\n%s  loss ponder = 0.1 * mean(h'**2, axis=0)\n  loss half = 0.25 + 0 * mean(h, axis=0)\n", head);
    write_words("b.cell", text);
    const char *command = "$GT compare a.cell b.cell 'a.cell 3, b.cell 3' rnn --task adding:6 --seeds 2 --iterations 8 "
                          "--hidden 5 --examples 40 --out r --jobs 1 --json";
    program_run first = run_shell(command), again = run_shell(command);
    cr_expect_eq(first.status, 0, "%s", first.errors);
    cr_expect_not_null(strstr(first.output, "\"ponder\": {\n"), "%s", first.output);
    char *speeds = strstr(first.output, "\"speeds\"");
    cr_assert_not_null(speeds);
    cr_expect_eq(strncmp(first.output, again.output, (size_t)(speeds - first.output)), 0, "read back otherwise");
    free_run(first);
    free_run(again);
    char *table = read_file_of("r", "table.csv"),
         *name = strstr(table, ",check,half,half_interval,ponder,ponder_interval\n");
    cr_assert_not_null(name, "%s", table);
    cr_expect_not_null(strstr(table, ",right,3,0,,\n"), "a has a half at each of six steps: %s", table);
    cr_expect_not_null(strstr(table, ",right,1.5,0,0."), "b has a quarter: %s", table);
    cr_expect_not_null(strstr(table, ",right,4.5,0,0."), "layers of both have the sum: %s", table);
    cr_expect_not_null(strstr(table, ",right,,,,\n"), "rnn has none: %s", table);
    free(table);
    table = read_file_of("r", "table.txt");
    cr_expect_not_null(strstr(table, "half, ponder: of the same data"), "%s", table);
    free(table);
    expect_good(run_shell("sed -i s/ponder/ponded/ r/runs/adding-6.b.*seed1.json"));
    expect_failure(run_shell("%s", command), 2, "is damaged: remove it");
}
