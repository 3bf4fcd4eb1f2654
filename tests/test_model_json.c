/* What a model says of itself: what was written is understood, and every number that cannot be is refused by its name.
 */
#include "texts.h"

#include "training/model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

TestSuite(model_json, .timeout = 60);

/* A model of two characters, or of data, as text. */
static char *describe(bool of_data, char *file)
{
    static uint32_t symbols[] = {'a', 'b'};
    char *files[] = {file, "b.txt"};
    gt_model model = {.settings = gt_settings_defaults(),
                      .iteration = 5,
                      .best_iteration = 3,
                      .best_validation = 1.5,
                      .worse = 1,
                      .first = 2,
                      .files = files,
                      .file_count = file == NULL ? 0 : 2};
    gt_error error = {0};
    gt_settings_complete(&model.settings);
    if (of_data)
        model.data = (gt_model_data){.present = true, .vocabulary = 3, .outputs = 2, .further = 1};
    else
        model.vocabulary = (gt_vocabulary){symbols, 2, false};
    char *text = gt_model_describe(&model, &error);
    cr_assert_not_null(text, "%s", error.message);
    return text;
}

/* Frees the text. */
static void expect_said(char *text, const char *words)
{
    gt_model model = {.settings = gt_settings_defaults()};
    gt_error error = {0};
    gt_cell_names names;
    bool good = gt_model_understand(&model, text, &names, &error);
    cr_expect_eq(good, words == NULL, "%s: %s", words, error.message);
    cr_expect(words == NULL || strstr(error.message, words) != NULL, "%s, not \"%s\"", error.message, words);
    if (good)
        cr_expect(model.iteration == 5 && model.first == 2 && model.worse == 1 && model.best_validation == 1.5);
    gt_cell_names_free(&names);
    gt_model_free(&model);
    free(text);
}

Test(model_json, what_was_written_is_understood)
{
    expect_said(describe(false, NULL), NULL);
    expect_said(describe(false, "a.txt"), NULL);
    expect_said(describe(true, NULL), NULL);
}

/* A name that is no UTF-8 cannot be written, and then none is. */
Test(model_json, names_that_are_no_text)
{
    char *text = describe(false, "\xff.txt");
    cr_expect_null(strstr(text, ".txt"));
    expect_said(text, NULL);
}

static void expect_refused(bool of_data, const char *piece, const char *by, const char *words)
{
    char *text = describe(of_data, "a.txt");
    expect_said(replaced(text, piece, by), words);
    free(text);
}

Test(model_json, numbers_out_of_range)
{
    expect_refused(false, "\"iteration\": 5", "\"iteration\": -1", "iteration");
    expect_refused(false, "\"best_iteration\": 3", "\"best_iteration\": 3.5", "best_iteration");
    expect_refused(false, "\"best_validation\": 1.5", "\"best_validation\": -1", "best_validation");
    expect_refused(false, "\"worse\": 1", "\"worse\": -1", "worse");
    expect_refused(false, "\"first\": 2", "\"first\": 6", "first");
    expect_refused(false, "\"iterations\": 2000", "\"iterations\": -1", "iterations");
    expect_refused(false, "\"epochs\": 0.0", "\"epochs\": -1", "epochs");
    expect_refused(false, "\"a.txt\"", "7", "files");
    expect_refused(false, "\"format\": \"gradtape", "\"format\": \"other", "format");
    expect_refused(false, "\"dtype\": \"f32\"", "\"dtype\": \"f31\"", "dtype");
    expect_refused(false, "\"bytes\": false", "\"bytes\": 0", "bytes");
    expect_refused(false, "\"cell\": \"lstm\"", "\"cell\": 3", "cell");
    expect_refused(true, "\"vocabulary\": 3", "\"vocabulary\": 0", "vocabulary");
    expect_refused(true, "\"outputs\": 2", "\"outputs\": 0", "outputs");
    expect_refused(true, "\"further_inputs\": 1", "\"further_inputs\": -1", "further_inputs");
    expect_refused(true, "\"reads_numbers\": false", "\"reads_numbers\": null", "reads_numbers");
    expect_refused(true, "\"predicts_numbers\": false", "\"predicts_numbers\": 1", "predicts_numbers");
}

/* One that reads numbers has no vocabulary. */
Test(model_json, data_without_tokens)
{
    char *text = describe(true, NULL), *numbers = replaced(text, "\"reads_numbers\": false", "\"reads_numbers\": true");
    expect_said(replaced(numbers, "\"vocabulary\": 3", "\"vocabulary\": 0"), NULL);
    free(numbers);
    free(text);
}

/* The names of layers, of which there are so many at most; one of both lists is read. */
Test(model_json, names_of_cells)
{
    static const struct {
        const char *piece, *words;
    } rows[] = {
        {"\"cell\": \"a\", \"cells\": [\"a\", \"b\"], \"format\"", NULL},
        {"\"cells\": [], \"format\"", NULL},
        {"\"cells\": \"a\", \"format\"", "cells"},
        {"\"cells\": [\"a\", 1], \"format\"", "cell"},
        {"\"cell\": 1, \"format\"", "cell"},
        {"\"cells\": [%s\"z\"], \"format\"", "cells"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char piece[16 * GT_MAX_LAYERS + 100], many[8 * GT_MAX_LAYERS + 1] = "";
        for (int k = 0; k < GT_MAX_LAYERS; k++)
            strcat(many, "\"a\", ");
        const char *place = strstr(rows[i].piece, "%s");
        if (place == NULL)
            strcpy(piece, rows[i].piece);
        else
            sprintf(piece, "%.*s%s%s", (int)(place - rows[i].piece), rows[i].piece, many, place + 2);
        expect_refused(false, "\"format\"", piece, rows[i].words);
    }
}
