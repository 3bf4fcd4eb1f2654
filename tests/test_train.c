/* gradtape train, as a user runs it. */
#include "training.h"

#include <ctype.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

TestSuite(train, .init = make_folder, .fini = remove_folder, .timeout = 1200);

static void expect_same_files(const char *a, const char *b)
{
    file_bytes x = read_file(a), y = read_file(b);
    cr_expect(x.size > 0 && x.size == y.size && memcmp(x.bytes, y.bytes, x.size) == 0,
              "%s (%zu bytes) and %s (%zu bytes) differ", a, x.size, b, y.size);
    free(x.bytes);
    free(y.bytes);
}

/* The iteration of the log's last row; 0 if it has none yet. */
static long last_iteration(const char *path)
{
    if (access(path, R_OK) != 0)
        return 0;
    file_bytes file = read_file(path);
    file.bytes[file.size] = '\0';
    char *line = (char *)file.bytes;
    long last = 0;
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        if (isdigit((unsigned char)*line))
            last = strtol(line, NULL, 10);
    free(file.bytes);
    return last;
}

/* ---- the same seed, the same losses -------------------------------------------------------- */

Test(train, the_same_run_twice_gives_the_same_files)
{
    name_paths();
    expect_success(TRAIN("--text", text, "--save", model, "--log", losses, "--iterations", "30", SMALL));
    expect_success(TRAIN("--text", text, "--save", other_model, "--log", other_losses, "--iterations", "30", SMALL));
    cr_expect_eq(last_iteration(losses), 30);
    expect_same_files(losses, other_losses);
    expect_same_files(model, other_model);
}

/*
 * The numbers of the program before its trainer moved into the library. Other libraries of
 * mathematics may differ in the last digits.
 */
Test(train, losses_are_those_of_earlier_versions)
{
    static const double expected[] = {4.3261319820915594, 4.2184612322446577, 3.8924817243370313, 3.9778749986619815};
    name_paths();
    write_pattern("text", "the cell forgets what it was told; a gate opens\n", 40);
    expect_success(TRAIN("--text", text, "--save", model, "--log", losses, "--cell", "gru", "--layers", "2", "--hidden",
                         "9", "--embedding", "8", "--batch", "3", "--steps", "7", "--iterations", "40", "--dropout",
                         "0.2", "--dtype", "f64", "--engine", "interpreter", "--validate-every", "10", "--quiet"));
    file_bytes log = read_file(losses);
    log.bytes[log.size] = '\0';
    double found[4] = {0}, epoch;
    int iteration = 0;
    for (char *line = (char *)log.bytes; (line = strchr(line, '\n')) != NULL && line[1] != '\0';) {
        double loss = 0, validation = 0;
        sscanf(++line, "%d,%lf,%lf,%lf", &iteration, &epoch, &loss, &validation);
        if (iteration == 1 || iteration == 20 || iteration == 40)
            found[iteration / 20] = loss;
        if (iteration == 40)
            found[3] = validation;
    }
    for (int i = 0; i < 4; i++)
        cr_expect(fabs(found[i] - expected[i]) <= 1e-10 * expected[i], "%d: %.17g, not %.17g", i, found[i],
                  expected[i]);
    free(log.bytes);
}

/* Large enough to be divided between threads. */
#define WIDE "--hidden", "96", "--embedding", "32", "--batch", "16", "--steps", "16", "--iterations", "6", "--quiet"

Test(train, losses_do_not_depend_on_when_which_thread_runs)
{
    name_paths();
    for (int threads = 2; threads <= 5; threads += 3) {
        char count[12];
        snprintf(count, sizeof count, "%d", threads);
        expect_success(
            TRAIN("--text", text, "--save", model, "--log", losses, "--threads", count, "--overwrite", WIDE));
        expect_success(TRAIN("--text", text, "--save", other_model, "--log", other_losses, "--threads", count,
                             "--overwrite", WIDE));
        cr_expect_eq(last_iteration(losses), 6);
        expect_same_files(losses, other_losses);
        expect_same_files(model, other_model);
    }
}

Test(train, exactly_planned_losses_are_the_interpreters)
{
    name_paths();
    expect_success(TRAIN("--text", text, "--save", model, "--log", losses, "--iterations", "20", "--engine",
                         "interpreter", SMALL));
    expect_success(TRAIN("--text", text, "--save", other_model, "--log", other_losses, "--iterations", "20", "--engine",
                         "exact", SMALL));
    expect_same_files(losses, other_losses);
}

Test(train, another_seed_gives_other_losses)
{
    name_paths();
    expect_success(TRAIN("--text", text, "--save", model, "--log", losses, "--iterations", "3", SMALL));
    expect_success(TRAIN("--text", text, "--save", model, "--log", other_losses, "--iterations", "3", "--seed", "2",
                         "--overwrite", SMALL));
    file_bytes a = read_file(losses), b = read_file(other_losses);
    cr_expect(a.size != b.size || memcmp(a.bytes, b.bytes, a.size) != 0);
    free(a.bytes);
    free(b.bytes);
}

/* ---- N iterations are N/2 and then N/2 ----------------------------------------------------- */

static void check_resume(const char *const *options)
{
    name_paths();
    const char *whole[32] = {"train", "--text",       text, "--save", model, "--log", losses, "--decay-iterations",
                             "60",    "--iterations", "60", SMALL};
    const char *half[32] = {"train",     "--text",       text,         "--save",
                            other_model, "--log",        other_losses, "--decay-iterations",
                            "60",        "--iterations", "29",         SMALL};
    int count = 0;
    while (whole[count] != NULL)
        count++;
    for (int i = 0; options[i] != NULL; i++)
        whole[count + i] = half[count + i] = options[i];
    expect_success(run_program(whole, NULL));
    expect_success(run_program(half, NULL));
    expect_success(TRAIN("--resume", "--save", other_model, "--log", other_losses, "--iterations", "60", "--quiet"));
    cr_expect_eq(last_iteration(losses), 60);
    expect_same_files(losses, other_losses);
    expect_same_files(model, other_model);
}

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(train, resumed_lstm_with_dropout)
{
    check_resume(OPTIONS("--layers", "2", "--dropout", "0.3"));
}

Test(train, resumed_gru_in_f64)
{
    check_resume(OPTIONS("--cell", "gru", "--dtype", "f64"));
}

Test(train, resumed_rnn_with_sgd)
{
    check_resume(OPTIONS("--cell", "rnn", "--optimizer", "sgd", "--schedule", "exponential"));
}

Test(train, resumed_bytes_without_validation)
{
    check_resume(OPTIONS("--bytes", "--validation", "0", "--clip", "0.05"));
}

/* ---- interrupted --------------------------------------------------------------------------- */

/* Starts a run that would take very long, and waits until it has logged and saved something. */
static pid_t start_long_run(void)
{
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        signal(SIGINT, SIG_DFL); /* a shell's job in the background would ignore it */
        int out = open(path_of("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(out, 1);
        dup2(out, 2);
        execl(GT_PROGRAM, "gradtape", "train", "--text", text, "--save", model, "--log", losses, "--iterations",
              "100000000", "--decay-iterations", "500", "--save-every", "0.01", "--hidden", "12", "--embedding", "6",
              "--batch", "4", "--steps", "8", "--warmup", "5", "--validate-every", "7", (char *)NULL);
        _exit(126);
    }
    for (int i = 0; i < 3000 && (access(model, R_OK) != 0 || last_iteration(losses) < 10); i++)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    cr_assert(last_iteration(losses) >= 10, "nothing was learnt in 30 s");
    return child;
}

static int wait_for(pid_t child)
{
    int state;
    cr_assert_eq(waitpid(child, &state, 0), child);
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

/* Goes on for 20 iterations and compares with a run that nothing interrupted. */
static void expect_as_if_nothing_had_happened(long logged)
{
    char count[32];
    snprintf(count, sizeof count, "%ld", logged + 20);
    expect_success(TRAIN("--resume", "--save", model, "--log", losses, "--iterations", count, "--quiet"));
    expect_success(TRAIN("--text", text, "--save", other_model, "--log", other_losses, "--decay-iterations", "500",
                         "--iterations", count, SMALL));
    expect_same_files(losses, other_losses);
    expect_same_files(model, other_model);
}

static void check_signal(int signal_number)
{
    name_paths();
    pid_t child = start_long_run();
    kill(child, signal_number);
    cr_expect_eq(wait_for(child), 0);
    char *said = read_text(path_of("out"));
    cr_expect_not_null(strstr(said, "saved on interruption"), "%s", said);
    free(said);
    expect_as_if_nothing_had_happened(last_iteration(losses));
}

Test(train, control_c_saves)
{
    check_signal(SIGINT);
}

Test(train, sigterm_saves)
{
    check_signal(SIGTERM);
}

/* Whatever moment it is, the model is whole; the log's rows behind it are done again. */
Test(train, a_kill_at_any_moment_leaves_a_whole_model)
{
    name_paths();
    pid_t child = start_long_run();
    kill(child, SIGKILL);
    cr_expect_eq(wait_for(child), 128 + SIGKILL);
    expect_as_if_nothing_had_happened(last_iteration(losses));
}

/* ---- it learns ----------------------------------------------------------------------------- */

static double json_number(const char *json, const char *key)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\": ", key);
    const char *found = strstr(json, quoted);
    cr_assert_not_null(found, "%s is not in %s", key, json);
    return strtod(found + strlen(quoted), NULL);
}

Test(train, a_pattern_is_learnt_by_every_cell_and_continued)
{
    static const char *const cells[] = {"lstm", "gru", "rnn"};
    name_paths();
    write_pattern("text", "abcdef\xc3\xa9!\n", 400);
    for (int i = 0; i < 3; i++) {
        program_run run =
            TRAIN("--text", text, "--save", model, "--cell", cells[i], "--hidden", "24", "--embedding", "8", "--batch",
                  "4", "--steps", "12", "--iterations", "300", "--lr", "0.02", "--quiet", "--json", "--overwrite");
        cr_assert_eq(run.status, 0, "%s", run.errors);
        cr_expect(json_number(run.output, "validation_bits_per_character") < 0.05, "%s", run.output);
        cr_expect(json_number(run.output, "iterations") == 300);
        cr_expect(json_number(run.output, "vocabulary") == 9);
        free_run(run);
        run = RUN("sample", "--model", model, "--prompt", "bcd", "--temperature", "0", "--length", "12");
        cr_expect_str_eq(run.output, "bcdef\xc3\xa9!\nabcdef\xc3\xa9\n", "%s: %s", cells[i], run.output);
        free_run(run);
    }
}

/* What is not learnable is not learnt: the loss of random bits stays at one bit. */
Test(train, random_bits_stay_one_bit)
{
    name_paths();
    FILE *file = fopen(text, "w");
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17; /* xorshift64, Marsaglia 2003 */
        fputc(state >> 40 & 1 ? '1' : '0', file);
    }
    fclose(file);
    program_run run = TRAIN("--text", text, "--save", model, "--hidden", "8", "--embedding", "4", "--batch", "8",
                            "--steps", "16", "--iterations", "150", "--quiet", "--json");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    double bits = json_number(run.output, "validation_bits_per_character");
    cr_expect(bits > 0.98 && bits < 1.1, "%g", bits);
    free_run(run);
}

/* ---- what is said -------------------------------------------------------------------------- */

Test(train, progress_on_stderr_and_a_summary_on_stdout)
{
    name_paths();
    program_run run =
        TRAIN("--text", text, "--save", model, "--iterations", "5", "--hidden", "8", "--batch", "4", "--steps", "8");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.errors, "iteration 5/5  epoch "), "%s", run.errors);
    cr_expect_not_null(strstr(run.errors, "parameters, f32"), "%s", run.errors);
    cr_expect_null(strchr(run.errors, '\033'), "no terminal, but an escape sequence");
    cr_expect_not_null(strstr(run.output, "model.npz saved at iteration 5"), "%s", run.output);
    free_run(run);
    run = TRAIN("--text", text, "--save", model, "--iterations", "5", "--overwrite", SMALL);
    cr_expect_str_eq(run.errors, "");
    cr_expect_str_eq(run.output, "");
    free_run(run);
}

Test(train, minutes_end_the_run)
{
    name_paths();
    program_run run = TRAIN("--text", text, "--save", model, "--minutes", "0.01", "--hidden", "8", "--batch", "4",
                            "--steps", "8", "--json", "--quiet");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.output, "\"stopped\": \"minutes\""), "%s", run.output);
    cr_expect(json_number(run.output, "seconds") < 30);
    free_run(run);
}

Test(train, epochs_end_the_run)
{
    name_paths();
    program_run run = TRAIN("--text", text, "--save", model, "--epochs", "1.5", "--json", SMALL);
    cr_assert_eq(run.status, 0, "%s", run.errors);
    double windows = json_number(run.output, "iterations") / json_number(run.output, "epochs");
    double expected = ceil(ceil((json_number(run.output, "training_characters") - 1) / 4) / 8);
    cr_expect(windows > expected - 0.5 && windows < expected + 0.5, "%g windows, not %g", windows, expected);
    cr_expect(json_number(run.output, "epochs") >= 1.5 && json_number(run.output, "epochs") < 1.52);
    free_run(run);
}

/* The second half of the text is less than what one iteration reads. */
Test(train, the_end_of_the_text_is_learnt)
{
    name_paths();
    char ab[1001] = "", both[2001];
    for (int i = 0; i < 1000; i++)
        ab[i] = i % 2 == 0 ? 'a' : 'b';
    snprintf(both, sizeof both, "%s", ab);
    for (int i = 0; i < 1000; i++)
        both[1000 + i] = i % 2 == 0 ? 'x' : 'y';
    both[2000] = '\0';
    write_file(path_of("text"), both, 2000);
    expect_success(TRAIN("--text", text, "--save", model, "--cell", "gru", "--hidden", "16", "--embedding", "8",
                         "--batch", "32", "--steps", "32", "--validation", "0", "--iterations", "300", "--quiet"));
    program_run run = RUN("sample", "--model", model, "--prompt", "xyxyxy", "--length", "6", "--temperature", "0");
    cr_expect_str_eq(run.output, "xyxyxyxyxyxy\n");
    free_run(run);
}

/* ---- what is refused ----------------------------------------------------------------------- */

Test(train, wrong_use)
{
    name_paths();
    expect_failure(TRAIN("--text", text), 2, "--save FILE is missing");
    expect_failure(TRAIN("--save", model), 2, "give what to learn from: a text with --text FILE");
    expect_failure(TRAIN("--save", model, "--text", path_of("none")), 2, "none cannot be opened: No such file");
    expect_failure(TRAIN("--save", model, "--text", folder), 2, "cannot be read: Is a directory");
    expect_failure(TRAIN("--save", folder, "--text", text), 2, "is a folder");
    expect_failure(TRAIN("--save", path_of("no/model"), "--text", text), 2, "is missing or not writable");
    expect_failure(TRAIN("--save", model, "--text", text, "--cell", "lstn"), 2, "did you mean 'lstm'");
    expect_failure(TRAIN("--save", model, "--text", text, "--schedule", "cosine", "--minutes", "1"), 2,
                   "give --decay-iterations");
    expect_failure(TRAIN("--save", model, "--text", text, "--log", path_of("no/log")), 2,
                   "cannot be written: No such file");
    write_file(path_of("empty"), "", 0);
    expect_failure(TRAIN("--save", model, "--text", path_of("empty")), 2, "the text is empty");
    cr_expect(access(model, F_OK) != 0, "a model was written");
}

Test(train, a_text_that_is_too_short)
{
    name_paths();
    write_pattern("text", "0123456789", 10);
    expect_failure(TRAIN("--text", text, "--save", model, "--batch", "4", "--steps", "24"), 2,
                   "95 characters to train on, but --batch 4 and --steps 24 need at least 97");
    expect_success(
        TRAIN("--text", text, "--save", model, "--batch", "4", "--steps", "23", "--iterations", "2", "--quiet"));
}

Test(train, a_text_that_is_not_utf8)
{
    name_paths();
    write_file(text, "good \xc3\xa9 \xff bad", 14);
    expect_failure(TRAIN("--text", text, "--save", model), 2,
                   "text: byte 0xff at offset 8 is not UTF-8; with --bytes the text is read as bytes");
    write_file(text, "cut off \xe2\x82", 10);
    expect_failure(TRAIN("--text", text, "--save", model), 2, "byte 0xe2 at offset 8");
}

Test(train, a_resume_that_contradicts_the_model)
{
    name_paths();
    expect_failure(TRAIN("--resume", "--save", model), 2, "model.npz");
    expect_success(TRAIN("--text", text, "--save", model, "--log", losses, "--iterations", "5", SMALL));
    file_bytes before = read_file(model);
    expect_failure(TRAIN("--resume", "--save", model, "--hidden", "13", "--iterations", "9"), 2,
                   "--hidden is 13 here but 12 in the saved model");
    expect_failure(TRAIN("--resume", "--save", model, "--cell", "gru", "--iterations", "9"), 2,
                   "--cell is gru here but lstm in the saved model");
    expect_failure(TRAIN("--resume", "--save", model, "--bytes", "--iterations", "9"), 2,
                   "--bytes is on here but off in the saved model");
    expect_failure(TRAIN("--resume", "--save", model, "--lr", "0.1", "--iterations", "9"), 2,
                   "--lr is 0.1 here but 0.005 in the saved model");
    expect_failure(TRAIN("--resume", "--save", model), 2, "already has 5 iterations");
    write_words("notes", 3);
    expect_failure(TRAIN("--resume", "--save", model, "--iterations", "9", "--log", path_of("notes")), 2,
                   "is no log of gradtape train");
    write_words("text", 701);
    expect_failure(TRAIN("--resume", "--save", model, "--iterations", "9"), 2, "the text is not the one that");
    file_bytes after = read_file(model);
    cr_expect(before.size == after.size && memcmp(before.bytes, after.bytes, before.size) == 0);
    free(before.bytes);
    free(after.bytes);
    /* The same values, said again, are no contradiction. */
    write_words("text", 700);
    expect_success(
        TRAIN("--resume", "--save", model, "--text", text, "--hidden", "12", "--iterations", "9", "--quiet"));
}

/* ---- when things go wrong ------------------------------------------------------------------ */

Test(train, a_learning_rate_that_diverges)
{
    name_paths();
    expect_failure(TRAIN("--text", text, "--save", model, "--optimizer", "sgd", "--lr", "1e38", "--clip", "0",
                         "--iterations", "2000", SMALL),
                   2, "given up after 10 iterations without a finite gradient (try a lower learning rate)");
}

/* No file may grow beyond this; the command sees a failed write, as on a full disk. */
static void limit_files(rlim_t bytes)
{
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(train, a_full_disk_leaves_the_old_model)
{
    name_paths();
    expect_success(TRAIN("--text", text, "--save", model, "--iterations", "5", SMALL));
    file_bytes before = read_file(model);
    limit_files(8192);
    program_run run = TRAIN("--resume", "--save", model, "--iterations", "10", "--quiet");
    limit_files(RLIM_INFINITY);
    expect_failure(run, 2, "File too large");
    file_bytes after = read_file(model);
    cr_expect(before.size == after.size && memcmp(before.bytes, after.bytes, before.size) == 0);
    free(before.bytes);
    free(after.bytes);
    cr_expect_eq(folder_count(), 4, "something is left over beside text, model, stdout and stderr");
    /* And with room again it goes on from there. */
    expect_success(TRAIN("--resume", "--save", model, "--iterations", "10", "--quiet"));
}

Test(train, a_log_that_cannot_grow)
{
    name_paths();
    limit_files(1000);
    program_run run = TRAIN("--text", text, "--save", path_of("m"), "--log", losses, "--iterations", "40", "--hidden",
                            "1", "--embedding", "1", "--batch", "1", "--steps", "2", "--quiet");
    limit_files(RLIM_INFINITY);
    expect_failure(run, 2, "File too large");
}
