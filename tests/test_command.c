/* The command line itself: help, version, unknown names; for every subcommand alike. */
#include "program.h"

#include <ctype.h>

TestSuite(command, .init = make_folder, .fini = remove_folder);

static void expect_narrow(const char *text, size_t limit)
{
    for (const char *line = text; *line != '\0';) {
        size_t columns = strcspn(line, "\n");
        cr_expect_leq(columns, limit, "too long: %.*s", (int)columns, line);
        line += columns + (line[columns] == '\n');
    }
}

Test(command, version)
{
    program_run run = RUN("--version");
    cr_expect_eq(run.status, 0);
    cr_expect_eq(strncmp(run.output, "gradtape ", 9), 0);
    cr_expect(isdigit((unsigned char)run.output[9]));
    free_run(run);
}

Test(command, version_as_people_ask_for_it)
{
    program_run expected = RUN("--version");
    static const char *const forms[] = {"version", "-v", "-V"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        program_run run = RUN(forms[i]);
        cr_expect_eq(run.status, 0, "%s", forms[i]);
        cr_expect_str_eq(run.output, expected.output);
        free_run(run);
    }
    free_run(expected);
    expect_failure(RUN("versoin"), 2, "did you mean 'version'?");
}

Test(command, passes_that_are_none)
{
    expect_failure(RUN("plan", "lstm", "--skip", "fision"), 2, "no pass 'fision'; did you mean 'fission'?");
    expect_failure(RUN("plan", "lstm", "--skip", "foo"), 2, "no pass 'foo'; the passes are ");
}

Test(command, without_arguments)
{
    program_run run = RUN(NULL);
    cr_expect_eq(run.status, 2);
    cr_expect_str_eq(run.output, "");
    cr_expect_not_null(strstr(run.errors, "Usage: gradtape COMMAND"));
    free_run(run);
}

Test(command, unknown_names)
{
    expect_failure(RUN("notebok"), 2, "unknown command 'notebok'; did you mean 'notebook'?");
    expect_failure(RUN("xyzzy"), 2, "unknown command 'xyzzy'\nSee 'gradtape --help'.");
    expect_failure(RUN("help", "grda"), 2, "unknown command 'grda'; did you mean 'grad'?");
}

Test(command, output_that_cannot_be_written)
{
    expect_failure(run_program((const char *const[]){"--help", NULL}, "/dev/full"), 2,
                   "standard output could not be written: No space left on device");
}

/* Every command that the list of commands names explains itself, in both ways. */
Test(command, help_of_every_command)
{
    program_run list = RUN("--help");
    cr_expect_eq(list.status, 0);
    expect_narrow(list.output, 100);
    uint32_t commands = 0;
    for (char *line = strstr(list.output, "Commands"); line != NULL; line = strchr(line + 1, '\n')) {
        char name[32], usage[64];
        if (sscanf(line, "\n  %31[a-z]", name) != 1 || strncmp(line, "\n  ", 3) != 0 || line[3] == ' ')
            continue;
        snprintf(usage, sizeof usage, "Usage: gradtape %s", name);
        program_run first = RUN(name, "--help"), second = RUN("help", name);
        cr_expect_eq(first.status, 0, "%s", name);
        cr_expect_eq(strncmp(first.output, usage, strlen(usage)), 0, "%s", first.output);
        cr_expect_str_eq(first.errors, "");
        cr_expect_str_eq(first.output, second.output);
        expect_narrow(first.output, 100); /* examples may be longer than wrapped text */
        free_run(first);
        free_run(second);
        expect_failure(RUN(name, "--no-such-option"), 2, "unknown option '--no-such-option'");
        commands++;
    }
    cr_expect_geq(commands, 4);
    free_run(list);
}
