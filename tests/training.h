/* What the tests of train and sample share: texts, paths and small runs. */
#ifndef GT_TESTS_TRAINING_H
#define GT_TESTS_TRAINING_H

#include "program.h"

/* Words drawn with a fixed generator: something to learn, but not too fast. */
static inline void write_words(const char *name, int count)
{
    static const char *const words[] = {"the ",   "cell ",   "forgets ", "what ",         "it ",    "was ",
                                        "told; ", "a gate ", "opens ",   "and closes.\n", "x = y\n"};
    FILE *file = fopen(path_of(name), "w");
    cr_assert_not_null(file);
    uint32_t state = 12345;
    for (int i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        fputs(words[(state >> 16) % 11], file);
    }
    cr_assert_eq(fclose(file), 0);
}

static inline void write_pattern(const char *name, const char *pattern, int count)
{
    FILE *file = fopen(path_of(name), "w");
    cr_assert_not_null(file);
    for (int i = 0; i < count; i++)
        fputs(pattern, file);
    cr_assert_eq(fclose(file), 0);
}

/* ---- runs ---------------------------------------------------------------------------------- */

/* Paths that live through a test. */
static char text[96], model[96], other_model[96], losses[96], other_losses[96];

static inline void name_paths(void)
{
    snprintf(text, sizeof text, "%s/text", folder);
    snprintf(model, sizeof model, "%s/model.npz", folder);
    snprintf(other_model, sizeof other_model, "%s/other.npz", folder);
    snprintf(losses, sizeof losses, "%s/losses.csv", folder);
    snprintf(other_losses, sizeof other_losses, "%s/other.csv", folder);
    write_words("text", 700);
}

#define SMALL                                                                                                          \
    "--hidden", "12", "--embedding", "6", "--batch", "4", "--steps", "8", "--warmup", "5", "--validate-every", "7",    \
        "--quiet"
#define TRAIN(...) RUN("train", __VA_ARGS__)

static inline void expect_success(program_run run)
{
    cr_assert_eq(run.status, 0, "status %d: %s", run.status, run.errors);
    free_run(run);
}

#endif
