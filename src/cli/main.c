/* gradtape COMMAND: see command.h for the frame. */
#include "command/command.h"
#include "command/signals.h"
#include "command/stack.h"
#include "command/terminal.h"
#include "gradtape/nearest.h"

#include <stdio.h>
#include <string.h>

static void print_help(FILE *stream)
{
    enum { COLUMN = 14 };
    int width = gt_terminal_width(stream);
    fprintf(stream, "Usage: gradtape COMMAND [ARGUMENT]...\n\n");
    gt_terminal_wrap(stream, "Automatic differentiation for recurrent networks.", 0, 0, width);
    fprintf(stream, "\n%sCommands%s\n", gt_terminal_style(stream, GT_STYLE_STRONG),
            gt_terminal_style(stream, GT_STYLE_PLAIN));
    for (uint32_t i = 0; gt_command_at(i) != NULL; i++) {
        fprintf(stream, "  %-10s  ", gt_command_at(i)->name);
        gt_terminal_wrap(stream, gt_command_at(i)->summary, COLUMN, COLUMN, width);
    }
    fputc('\n', stream);
    gt_terminal_wrap(stream, "'gradtape COMMAND --help' explains a command, 'gradtape --version' prints the version.",
                     0, 0, width);
}

static int unknown_command(const char *name)
{
    gt_nearest nearest = {.wanted = name};
    for (uint32_t i = 0; gt_command_at(i) != NULL; i++)
        gt_nearest_offer(&nearest, gt_command_at(i)->name);
    static const char *const others[] = {"help", "--help", "version", "--version"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        gt_nearest_offer(&nearest, others[i]);
    fprintf(stderr, "gradtape: unknown command '%s'", name);
    if (nearest.best != NULL)
        fprintf(stderr, "; did you mean '%s'?", nearest.best);
    fprintf(stderr, "\nSee 'gradtape --help'.\n");
    return GT_EXIT_USAGE;
}

static bool is(const char *argument, const char *name, const char *letter)
{
    return strcmp(argument, name) == 0 || strcmp(argument, letter) == 0;
}

static int run(int argument_count, char **arguments)
{
    if (argument_count < 2) {
        print_help(stderr);
        return GT_EXIT_USAGE;
    }
    const char *name = arguments[1];
    if (is(name, "--version", "-V") || is(name, "version", "-v")) {
        printf("gradtape %s\n", gt_version());
        return GT_EXIT_GOOD;
    }
    bool help = is(name, "--help", "-h") || strcmp(name, "help") == 0;
    if (help && argument_count == 2) {
        print_help(stdout);
        return GT_EXIT_GOOD;
    }
    if (help)
        name = arguments[2];
    const gt_command *command = gt_command_find(name);
    if (command == NULL)
        return unknown_command(name);
    gt_signals_end(command->name);
    if (help) /* "gradtape help COMMAND" is "gradtape COMMAND --help" */
        return command->run(command, 2, (char *[]){arguments[2], (char[]){"--help"}, NULL});
    return command->run(command, argument_count - 1, arguments + 1);
}

int main(int argument_count, char **arguments)
{
    if (!gt_stack_reserve()) {
        fputs("gradtape: no memory to begin with\n", stderr);
        return GT_EXIT_USAGE;
    }
    int status = run(argument_count, arguments);
    return gt_terminal_finish() ? status : GT_EXIT_USAGE;
}
