/* A model file is a stranger's: what it says is shown as text, and what it names is not opened without care. */
#include "io/members.h"
#include "training.h"

#include <gradtape.h>

TestSuite(stranger, .init = make_folder, .fini = remove_folder, .timeout = 120);

/* Trains a small model and changes one piece of its description. */
static void make_stranger(const char *piece, const char *with)
{
    name_paths();
    expect_success(TRAIN("--text", text, "--save", model, "--cell", "rnn", "--iterations", "2", SMALL));
    gt_error error = {0};
    gt_archive *archive = gt_archive_read(model, &error);
    cr_assert_not_null(archive, "%s", error.message);
    const char *json = gt_archive_text(archive, "model.json"), *found = NULL;
    for (const char *c = json; (c = strstr(c, piece)) != NULL; c++)
        found = c; /* of two, the last: what the text of the cell is called, not what the user wrote */
    cr_assert_not_null(found, "%s is not in %s", piece, json);
    size_t size = strlen(json) + strlen(with) + 1;
    char *changed = calloc(size, 1);
    snprintf(changed, size, "%.*s%s%s", (int)(found - json), json, with, found + strlen(piece));
    cr_assert_eq(gt_archive_add_text(archive, "model.json", changed, &error), GT_OK);
    cr_assert_eq(gt_archive_write(archive, model, false, &error), GT_OK);
    gt_archive_free(archive);
    free(changed);
}

static void expect_nothing_raw(program_run run, const char *words)
{
    for (const char *c = run.errors; *c != '\0'; c++)
        cr_expect((unsigned char)*c >= 32 || *c == '\n', "a control character in: %s", run.errors);
    cr_expect_not_null(strstr(run.errors, words), "%s", run.errors);
    cr_expect_eq(run.status, 2);
    free_run(run);
}

Test(stranger, settings_do_not_reach_the_terminal_raw)
{
    make_stranger("\"cell\": \"rnn\"", "\"cell\": \"\\u001b]0;pwned\\u0007\\u009b2J\\u202e\\n\"");
    expect_nothing_raw(RUN("sample", "--model", model), "\\x1b]0;pwned\\x07\\x9b2J\\u{202e}\\x0a");
    expect_nothing_raw(TRAIN("--resume", "--save", model), "pwned");
}

Test(stranger, names_of_what_was_written_do_not_reach_the_terminal_raw)
{
    char name[128];
    name_paths();
    snprintf(name, sizeof name, "%s/a\033[2J.svg", folder);
    program_run run = RUN("graph", "rnn", "-o", name);
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.output, "a\\x1b[2J.svg: "), "%s", run.output);
    cr_expect_null(strchr(run.output, 033));
    free_run(run);
    unlink(name);
}

Test(stranger, names_of_files_do_not_reach_the_terminal_raw)
{
    make_stranger("\"files\": [", "\"files\": [\"no\\u001b[2Jfile\", ");
    expect_nothing_raw(TRAIN("--resume", "--save", model, "--iterations", "4"), "no\\x1b[2Jfile");
}

/* Devices, pipes and large files are not the text, and are not read to find that out. */
Test(stranger, files_it_names_are_regular_and_no_larger_than_its_text)
{
    static const char *const names[] = {"/dev/zero", "/dev/stdin", "/proc/self/mem"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char with[128];
        snprintf(with, sizeof with, "\"files\": [\"%s\", ", names[i]);
        make_stranger("\"files\": [", with);
        expect_nothing_raw(TRAIN("--resume", "--save", model, "--iterations", "4"), names[i]);
        unlink(model);
    }
    make_stranger("\"files\": [", "\"files\": [\"/bin/sh\", ");
    program_run run = TRAIN("--resume", "--save", model, "--iterations", "4");
    cr_expect_eq(run.status, 2);
    cr_expect_not_null(strstr(run.errors, "reads the text that"), "%s", run.errors);
    cr_expect_not_null(strstr(run.errors, "/bin/sh"), "%s", run.errors);
    free_run(run);
}
