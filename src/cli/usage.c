#include "cli/options.h"

#include "cli/terminal.h"
#include "gradtape/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 28

/* Prints text wrapped at `width` columns, lines `indent` columns in, the first one from `column`.
 */
static void print_wrapped(const char *text, int indent, int column, int width)
{
    bool first = true;
    while (*text != '\0') {
        int word = (int)strcspn(text, " \n");
        if (!first && column + 1 + word > width) {
            printf("\n%*s", indent, "");
            column = indent;
            first = true;
        }
        printf("%s%.*s", first ? "" : " ", word, text);
        column += word + (first ? 0 : 1);
        first = false;
        text += word;
        for (; *text == ' ' || *text == '\n'; text++) {
            if (*text == '\n') {
                printf("\n%*s", text[1] == '\n' ? 0 : indent, "");
                column = indent;
                first = true;
            }
        }
    }
    putchar('\n');
}

static void print_heading(const char *text)
{
    printf("\n%s%s%s\n", gt_terminal_style(stdout, GT_STYLE_STRONG), text,
           gt_terminal_style(stdout, GT_STYLE_PLAIN));
}

/* "rnn|lstm|gru" for a choice, else what the table calls the value. */
static void format_argument(const gt_option *option, char *text, size_t size)
{
    if (option->kind != GT_KIND_CHOICE || option->argument != NULL) {
        gt_utf8_format(text, size, "%s%s", option->argument != NULL ? option->argument : "",
                       option->kind == GT_KIND_TEXTS ? "..." : "");
        return;
    }
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; option->choices[i] != NULL && used < size; i++)
        used += gt_utf8_format(text + used, size - used, "%s%s", i > 0 ? "|" : "", option->choices[i]);
}

/* " (default 128)", or "" where there is none to speak of. */
static void format_default(const gt_option *option, char *text, size_t size)
{
    text[0] = '\0';
    if (option->required || option->no_default)
        return;
    switch (option->kind) {
    case GT_KIND_INTEGER:
        gt_utf8_format(text, size, " (default %" PRId64 ")", *(const int64_t *)option->target);
        break;
    case GT_KIND_REAL:
        snprintf(text, size, " (default %g)", *(const double *)option->target);
        break;
    case GT_KIND_CHOICE:
        gt_utf8_format(text, size, " (default %s)", option->choices[*(const int *)option->target]);
        break;
    case GT_KIND_SET:
        if (*(const int *)option->target == option->value)
            snprintf(text, size, " (default)");
        break;
    case GT_KIND_TEXT:
        if (*(const char *const *)option->target != NULL)
            gt_utf8_format(text, size, " (default %s)", *(const char *const *)option->target);
        break;
    case GT_KIND_END:
    case GT_KIND_FLAG:
    case GT_KIND_TEXTS:
        break;
    }
}

static void print_row(const char *left, const char *help, const char *behind)
{
    char text[1024];
    gt_utf8_format(text, sizeof text, "%s%s", help, behind);
    int column = printf("  %s", left);
    if (column > HELP_COLUMN - 2)
        printf("\n%*s", HELP_COLUMN, "");
    else
        printf("%*s", HELP_COLUMN - column, "");
    print_wrapped(text, HELP_COLUMN, HELP_COLUMN, gt_terminal_width(stdout));
}

static void print_option(const gt_option *option)
{
    char argument[160], behind[200], left[300];
    format_argument(option, argument, sizeof argument);
    format_default(option, behind, sizeof behind);
    char letter[8] = "";
    if (option->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    gt_utf8_format(left, sizeof left, "%s--%s%s%s", letter, option->name, *argument != '\0' ? " " : "", argument);
    print_row(left, option->help, behind);
}

static void print_operand(const gt_option *operand)
{
    char choices[160];
    gt_utf8_format(choices, sizeof choices, "%s", "");
    if (operand->kind == GT_KIND_CHOICE)
        format_argument(operand, choices, sizeof choices);
    char behind[200];
    gt_utf8_format(behind, sizeof behind, *choices != '\0' ? ": %s" : "%s", choices);
    print_row(operand->name, operand->help, behind);
}

static void print_synopsis(const gt_usage *usage)
{
    printf("Usage: gradtape %s", usage->command->name);
    for (const gt_option *o = usage->operands; o != NULL && o->kind != GT_KIND_END; o++)
        printf(" %s", o->name);
    for (const gt_option *o = usage->options; o != NULL && o->kind != GT_KIND_END; o++) {
        char argument[160];
        format_argument(o, argument, sizeof argument);
        if (o->required)
            printf(" --%s %s", o->name, argument);
    }
    printf(" [OPTION]...\n\n");
}

void gt_usage_print(const gt_usage *usage)
{
    print_synopsis(usage);
    const char *description =
        usage->description != NULL ? usage->description : usage->command->summary;
    print_wrapped(description, 0, 0, gt_terminal_width(stdout));
    if (usage->operands != NULL && usage->operands->kind != GT_KIND_END) {
        print_heading("Arguments");
        for (const gt_option *o = usage->operands; o->kind != GT_KIND_END; o++)
            print_operand(o);
    }
    print_heading("Options");
    for (const gt_option *o = usage->options; o != NULL && o->kind != GT_KIND_END; o++)
        print_option(o);
    print_row("-h, --help", "print this text", "");
    if (usage->examples != NULL) {
        print_heading("Examples");
        fputs(usage->examples, stdout);
    }
    print_heading("Exit status");
    print_wrapped("0: good. 1: a verdict is bad. 2: wrong usage or input, or unwritable output.", 2,
                  0, gt_terminal_width(stdout));
}
