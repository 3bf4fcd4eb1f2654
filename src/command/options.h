/*
 * The arguments of a subcommand, as one table: parsing, messages and --help all
 * come from it.
 *
 *     static const char *const cells[] = {"rnn", "lstm", "gru", NULL};
 *     struct { gt_text_list text; int64_t hidden; int cell; bool rolled; } s = {.hidden = 128};
 *     const gt_option options[] = {
 *         GT_OPTION_TEXTS("text", "FILE", &s.text, "text to learn from", .required = true),
 *         GT_OPTION_CHOICE("cell", &s.cell, cells, "recurrent cell"),
 *         GT_OPTION_INTEGER("hidden", "N", &s.hidden, 1, 65536, "units of each layer"),
 *         GT_OPTION_END,
 *     };
 *     const gt_usage usage = {.command = command, .options = options};
 *     int status;
 *     if (!gt_usage_parse(&usage, argument_count, arguments, &status))
 *         return status;
 *     ...
 *     gt_text_list_free(&s.text);
 *
 * A default is what the target holds before parsing; help prints it. Values are
 * given as --name value or --name=value; a one-letter name as -o value. "--"
 * ends the options. Apart from lists, an option given twice is an error.
 */
#ifndef GT_COMMAND_OPTIONS_H
#define GT_COMMAND_OPTIONS_H

#include "command/command.h"
#include "command/files.h"

typedef enum gt_option_kind {
    GT_KIND_END = 0,
    GT_KIND_FLAG,    /* bool: becomes true */
    GT_KIND_SET,     /* int: becomes `value`; options that share a target exclude each other */
    GT_KIND_TEXT,    /* const char *; NULL is no default */
    GT_KIND_TEXTS,   /* gt_text_list: one or more values, up to the next option, or one_each; repeatable */
    GT_KIND_INTEGER, /* int64_t within [low, high] */
    GT_KIND_REAL,    /* double within [low, high], never a NaN */
    GT_KIND_BYTES,   /* int64_t, at least 1: a number, and k, M or G for thousands, millions or thousands of those */
    GT_KIND_CHOICE   /* int: the place of the value in `choices` */
} gt_option_kind;

/* Values of a repeated option; they point into the program's arguments. */
typedef struct gt_text_list {
    const char **items;
    uint32_t count;
} gt_text_list;

void gt_text_list_free(gt_text_list *list);

typedef struct gt_option {
    const char *name; /* without the dashes; for an operand its name in help: "CELL" */
    gt_option_kind kind;
    const char *argument; /* what help calls the value: "N" */
    void *target;
    const char *help; /* lower case, no full stop */
    double low, high;
    const char *const *choices; /* NULL-terminated */
    int value;
    char letter;      /* a one-letter name beside the long one, or 0 */
    bool required;    /* an error if it is not given */
    bool no_default;  /* help does not print the target's value */
    bool one_each;    /* of texts: one value each time that the option is given */
    bool *given;      /* may be NULL; becomes whether it was given */
    gt_file_use file; /* what the command does with the file that a text names */
} gt_option;

/* For a choice of a type of real numbers, f32 first; and the type that a choice of them is. */
extern const char *const gt_real_types[];
gt_dtype gt_real_type(int choice);

/* Tables of members: */
/* clang-format off */
#define GT_OPTION_FLAG(NAME, TARGET, HELP, ...)                                                    \
    {                                                                                              \
        .name = NAME, .kind = GT_KIND_FLAG, .target = (bool *){TARGET}, .help = HELP, __VA_ARGS__  \
    }
#define GT_OPTION_SET(NAME, TARGET, VALUE, HELP, ...)                                              \
    {                                                                                              \
        .name = NAME, .kind = GT_KIND_SET, .target = (int *){TARGET}, .value = VALUE,              \
        .help = HELP, __VA_ARGS__                                                                  \
    }
#define GT_OPTION_TEXT(NAME, ARGUMENT, TARGET, HELP, ...)                                          \
    {                                                                                              \
        .name = NAME, .kind = GT_KIND_TEXT, .argument = ARGUMENT,                                  \
        .target = (const char **){TARGET}, .help = HELP, __VA_ARGS__                               \
    }
#define GT_OPTION_TEXTS(NAME, ARGUMENT, TARGET, HELP, ...)                                         \
    {                                                                                              \
        .name = NAME, .kind = GT_KIND_TEXTS, .argument = ARGUMENT,                                 \
        .target = (gt_text_list *){TARGET}, .help = HELP, __VA_ARGS__                              \
    }
#define GT_OPTION_INTEGER(NAME, ARGUMENT, TARGET, LOW, HIGH, HELP, ...)                            \
    {                                                                                              \
        .name = NAME, .kind = GT_KIND_INTEGER, .argument = ARGUMENT,                               \
        .target = (int64_t *){TARGET}, .low = LOW, .high = HIGH, .help = HELP, __VA_ARGS__         \
    }
#define GT_OPTION_REAL(NAME, ARGUMENT, TARGET, LOW, HIGH, HELP, ...)                               \
    {                                                                                              \
        .name = NAME, .kind = GT_KIND_REAL, .argument = ARGUMENT, .target = (double *){TARGET},    \
        .low = LOW, .high = HIGH, .help = HELP, __VA_ARGS__                                        \
    }
#define GT_OPTION_BYTES(NAME, TARGET, HELP, ...)                                                   \
    {                                                                                              \
        .name = NAME, .kind = GT_KIND_BYTES, .argument = "SIZE", .target = (int64_t *){TARGET},    \
        .help = HELP, .no_default = true, __VA_ARGS__                                              \
    }
#define GT_OPTION_CHOICE(NAME, TARGET, CHOICES, HELP, ...)                                         \
    {                                                                                              \
        .name = NAME, .kind = GT_KIND_CHOICE, .target = (int *){TARGET}, .choices = CHOICES,       \
        .help = HELP, __VA_ARGS__                                                                  \
    }
#define GT_OPTION_END                                                                              \
    {                                                                                              \
        .kind = GT_KIND_END                                                                        \
    }

/* Operands are arguments without a name, in the order of their table, all required. The last may be a list. */
#define GT_OPERAND_TEXT(NAME, TARGET, HELP, ...)                                                   \
    {                                                                                              \
        .name = NAME, .kind = GT_KIND_TEXT, .target = (const char **){TARGET}, .help = HELP,       \
        .required = true, __VA_ARGS__                                                              \
    }
#define GT_OPERAND_TEXTS(NAME, TARGET, HELP, ...)                                                  \
    {                                                                                              \
        .name = NAME, .kind = GT_KIND_TEXTS, .target = (gt_text_list *){TARGET}, .help = HELP,     \
        .required = true, __VA_ARGS__                                                              \
    }
#define GT_OPERAND_CHOICE(NAME, TARGET, CHOICES, HELP)                                             \
    {                                                                                              \
        .name = NAME, .kind = GT_KIND_CHOICE, .target = (int *){TARGET}, .choices = CHOICES,       \
        .help = HELP, .required = true                                                             \
    }
/* The operand that every command calls CELL. */
#define GT_OPERAND_CELL(TARGET)                                                                    \
    GT_OPERAND_TEXT("CELL", TARGET, GT_CELL_SOURCE_HELP, .file = GT_FILE_CELL)
/* clang-format on */

typedef struct gt_usage {
    const gt_command *command;
    const gt_option *operands; /* ends with GT_OPTION_END; NULL: none */
    const gt_option *options;  /* likewise */
    const char *description;   /* paragraphs for help; NULL: the command's summary alone */
    const char *examples;      /* lines for help, two spaces in; NULL: none */
} gt_usage;

/*
 * Reads the arguments into the targets. True: go on. False: return *status,
 * which is GT_EXIT_GOOD after --help (printed) and GT_EXIT_USAGE after an
 * error (reported), files that are in each other's way among them. After false
 * all lists are empty.
 */
bool gt_usage_parse(const gt_usage *usage, int argument_count, char **arguments, int *status);

/*
 * Hands a command's tables to `visit` and runs nothing else of it: completion is
 * made of the tables that parsing reads. The tables live until `visit` returns.
 */
typedef void (*gt_usage_visit)(const gt_usage *usage, void *context);
void gt_command_usage(const gt_command *command, gt_usage_visit visit, void *context);

/* Prints the help text on stdout. */
void gt_usage_print(const gt_usage *usage);

#endif
