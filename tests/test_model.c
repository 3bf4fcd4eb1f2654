/*
 * Model files: what is saved is loaded; whatever else a file holds is an error,
 * never a crash.
 */
#include "files.h"
#include "io/members.h"
#include "training/model.h"

#include <math.h>

TestSuite(model, .init = make_folder, .fini = remove_folder, .timeout = 1200);

/* A small model with numbers everywhere, as after a few iterations. */
static void make_of(gt_model *model, const char *cell)
{
    gt_error error = {0};
    *model = (gt_model){.settings = gt_settings_defaults()};
    gt_settings *s = &model->settings;
    s->hidden = 3, s->embedding = 2, s->batch = 2, s->steps = 4, s->layers = 2, s->dtype = 1, s->cell = cell;
    gt_settings_complete(s);
    model->vocabulary = (gt_vocabulary){.symbols = calloc(3, sizeof(uint32_t)), .count = 3};
    memcpy(model->vocabulary.symbols, (const uint32_t[]){'\n', 'a', 0x1F600}, 12);
    model->files = calloc(1, sizeof *model->files);
    model->files[0] = strdup("text");
    model->file_count = 1;
    model->text_hash = 0x0123456789abcdef;
    model->training_count = 1000;
    model->validation_count = 10;
    cr_assert(gt_model_create(model, &error), "%s", error.message);
    model->iteration = 5;
    model->best_iteration = 4;
    model->best_validation = 1.0 / 3;
    const void *gradients[64];
    for (uint32_t i = 0; i < gt_parameters_count(model->parameters); i++)
        gradients[i] = gt_parameters_array(model->parameters, i).data;
    for (int i = 0; i < 5; i++)
        cr_assert(gt_optimizer_step(model->optimizer, model->parameters, gradients, NULL, &error) == GT_OK);
}

static void make(gt_model *model)
{
    make_of(model, "rnn");
}

static void save_example(void)
{
    gt_model model;
    gt_error error = {0};
    make(&model);
    cr_assert(gt_model_save(&model, path_of("model"), &error), "%s", error.message);
    gt_model_free(&model);
}

static void expect_same_sets(const gt_parameters *a, const gt_parameters *b)
{
    cr_assert(gt_parameters_count(a) == gt_parameters_count(b));
    for (uint32_t i = 0; i < gt_parameters_count(a); i++) {
        gt_array x = gt_parameters_array(a, i), y = gt_parameters_array(b, i);
        cr_assert(gt_shape_equal(x.shape, y.shape) && x.dtype == y.dtype);
        cr_assert(memcmp(x.data, y.data, (size_t)gt_shape_count(x.shape) * gt_dtype_size(x.dtype)) == 0);
    }
}

Test(model, what_is_saved_is_loaded)
{
    gt_model model, loaded, sampling;
    gt_error error = {0};
    make(&model);
    cr_assert(gt_model_save(&model, path_of("model"), &error), "%s", error.message);
    cr_assert(gt_model_load(&loaded, path_of("model"), true, &error), "%s", error.message);
    char *before = gt_model_describe(&model, &error), *after = gt_model_describe(&loaded, &error);
    cr_expect_str_eq(before, after);
    expect_same_sets(model.parameters, loaded.parameters);
    expect_same_sets(model.states, loaded.states);
    cr_expect(gt_optimizer_steps(loaded.optimizer) == 5);
    cr_expect(loaded.best_validation == model.best_validation && loaded.text_hash == model.text_hash);
    cr_expect(gt_vocabulary_token(&loaded.vocabulary, 0x1F600) == 2);
    /* Saved again, it is the same file. */
    cr_assert(gt_model_save(&loaded, path_of("again"), &error));
    file_bytes a = read_file(path_of("model")), b = read_file(path_of("again"));
    cr_expect(a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0);
    cr_assert(gt_model_load(&sampling, path_of("model"), false, &error), "%s", error.message);
    expect_same_sets(model.parameters, sampling.parameters);
    cr_expect(sampling.states == NULL && sampling.optimizer == NULL);
    free(a.bytes);
    free(b.bytes);
    free(before);
    free(after);
    gt_model_free(&model);
    gt_model_free(&loaded);
    gt_model_free(&sampling);
}

/* Each cell travels with it, in the order in which they come up; older programs are told by the version. */
Test(model, layers_of_several_cells_are_loaded_with_their_texts)
{
    gt_model model, loaded;
    gt_error error = {0};
    make_of(&model, "bi(gru 2), mgu, gru");
    cr_assert(gt_model_save(&model, path_of("model"), &error), "%s", error.message);
    cr_assert(gt_model_load(&loaded, path_of("model"), true, &error), "%s", error.message);
    char *before = gt_model_describe(&model, &error), *after = gt_model_describe(&loaded, &error);
    cr_expect_str_eq(before, after);
    cr_expect_not_null(strstr(before, "\"version\": 4"));
    expect_same_sets(model.parameters, loaded.parameters);
    expect_same_sets(model.states, loaded.states);
    cr_expect_eq(loaded.network.layer_count, 6u); /* twice, as --layers says */
    gt_network_layer first = gt_network_layer_at(&loaded.network, 0), second = gt_network_layer_at(&loaded.network, 4);
    cr_expect(first.bidirectional && first.hidden == 2 && strcmp(first.cell->name, "gru") == 0);
    cr_expect(!second.bidirectional && second.hidden == 3 && strcmp(second.cell->name, "mgu") == 0);
    cr_expect(gt_network_layer_at(&loaded.network, 2).cell == first.cell);
    gt_archive *archive = gt_archive_read(path_of("model"), &error);
    cr_expect_not_null(strstr(gt_archive_text(archive, "model.cell"), "cell gru"));
    cr_expect_not_null(strstr(gt_archive_text(archive, "model.2.cell"), "cell mgu"));
    cr_expect_null(gt_archive_text(archive, "model.3.cell"));
    gt_archive_free(archive);
    free(before);
    free(after);
    gt_model_free(&model);
    gt_model_free(&loaded);
}

/* ---- damage -------------------------------------------------------------------------------- */

/* Archives are tested with every truncation and flip; here every third does. */
#define STRIDE 3

Test(model, a_truncation_is_an_error)
{
    save_example();
    file_bytes file = read_file(path_of("model"));
    for (size_t size = 0; size < file.size; size += STRIDE) {
        gt_model model;
        gt_error error = {0};
        write_file(path_of("cut"), file.bytes, size);
        cr_assert(!gt_model_load(&model, path_of("cut"), true, &error), "%zu of %zu bytes", size, file.size);
        cr_assert(error.status != GT_OK && strstr(error.message, "cut") != NULL, "%s", error.message);
        gt_model_free(&model);
        cr_assert(!gt_model_load(&model, path_of("cut"), true, NULL)); /* nobody wants to know why */
        gt_model_free(&model);
    }
    free(file.bytes);
}

/* A flip that no reader can see, in the file's own bookkeeping, leaves exactly the same model. */
Test(model, a_flipped_bit_is_an_error_or_changes_nothing)
{
    gt_model whole;
    gt_error error = {0};
    save_example();
    cr_assert(gt_model_load(&whole, path_of("model"), true, &error), "%s", error.message);
    char *expected = gt_model_describe(&whole, &error);
    file_bytes file = read_file(path_of("model"));
    size_t errors = 0, flips = 0;
    for (size_t i = 0; i < file.size; i += STRIDE, flips++) {
        gt_model model;
        file.bytes[i] ^= (uint8_t)(1 << i % 8);
        write_file(path_of("flipped"), file.bytes, file.size);
        if (gt_model_load(&model, path_of("flipped"), true, &error)) {
            char *description = gt_model_describe(&model, &error);
            cr_assert_str_eq(description, expected, "byte %zu", i);
            expect_same_sets(model.parameters, whole.parameters);
            expect_same_sets(model.states, whole.states);
            free(description);
        } else {
            gt_model_free(&model);
            cr_assert(!gt_model_load(&model, path_of("flipped"), true, NULL));
            errors++;
        }
        gt_model_free(&model);
        file.bytes[i] ^= (uint8_t)(1 << i % 8);
    }
    cr_expect(errors > flips * 3 / 4, "%zu errors of %zu", errors, flips);
    free(expected);
    free(file.bytes);
    gt_model_free(&whole);
}

/* ---- lies ---------------------------------------------------------------------------------- */

/* The example with one piece of model.json replaced; `with` NULL cuts it out. */
static void expect_refused_text(const char *piece, const char *with, const char *words)
{
    gt_error error = {0};
    gt_archive *archive = gt_archive_read(path_of("model"), &error);
    cr_assert_not_null(archive, "%s", error.message);
    const char *json = gt_archive_text(archive, "model.json"), *found = NULL;
    for (const char *c = json; (c = strstr(c, piece)) != NULL; c++)
        found = c; /* of two, the last: what the text of the cell is called, not what the user wrote */
    cr_assert_not_null(found, "%s is not in %s", piece, json);
    size_t size = strlen(json) + strlen(with) + 1;
    char *changed = calloc(size, 1);
    snprintf(changed, size, "%.*s%s%s", (int)(found - json), json, with, found + strlen(piece));
    cr_assert(gt_archive_add_text(archive, "model.json", changed, &error) == GT_OK);
    cr_assert(gt_archive_write(archive, path_of("lie"), false, &error) == GT_OK);
    gt_model model;
    cr_expect(!gt_model_load(&model, path_of("lie"), true, &error), "%s instead of %s", with, piece);
    cr_expect(strstr(error.message, words) != NULL, "%s instead of %s: \"%s\" lacks \"%s\"", with, piece, error.message,
              words);
    gt_model_free(&model);
    gt_archive_free(archive);
    free(changed);
}

Test(model, a_description_of_layers_that_lies_is_refused)
{
    static const char *const cases[][3] = {
        {"bi(gru 2), mgu", "bi(gru 3), mgu", "its parameters have"},
        {"bi(gru 2), mgu", "gru 2, mgu", "its parameters have"},
        {"bi(gru 2), mgu", "bi(gru 2, mgu", "the ) of bi("},
        {"bi(gru 2), mgu", "bi(gru 2), mgu, mine", "its cell 'mine' is none of the library's"},
        {"\"cells\": [", "\"cells\": [3, ", "the name of a cell"},
        {"\"cells\": [", "\"cells\": {}, \"no\": [", "a list of names of cells"},
        {"\"mgu\"", "\"lstm\"", "lstm"},
        {"\"layers\": 2", "\"layers\": 40", "at most 64"},
    };
    gt_model model;
    gt_error error = {0};
    make_of(&model, "bi(gru 2), mgu");
    cr_assert(gt_model_save(&model, path_of("model"), &error), "%s", error.message);
    gt_model_free(&model);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused_text(cases[i][0], cases[i][1], cases[i][2]);
}

Test(model, a_description_that_lies_is_refused)
{
    save_example();
    static const char *const cases[][3] = {
        {"gradtape character model", "something else", "\"format\""},
        {"\"version\": 3", "\"version\": 5", "version 5 of its format; this gradtape reads versions 1 to 4"},
        {"\"version\": 3", "\"version\": \"1\"", "\"version\""},
        {"\"hidden\": 3", "\"hidden\": 4", "its parameters have"},
        {"\"hidden\": 3", "\"hidden\": 6000", "its parameters have"},
        {"\"hidden\": 3", "\"hidden\": 99999999999", "\"hidden\" is missing or not a whole number from 1 to 65536"},
        {"\"hidden\": 3", "\"hidden\": -3", "\"hidden\""},
        {"\"hidden\": 3", "\"hidden\": 3.0", "\"hidden\""},
        {"\"hidden\": 3", "\"hidden\": null", "\"hidden\""},
        {"\"hidden\": 3", "\"hidden\": 1e999", "model.json, line"},
        {"\"hidden\": 3", "\"hiden\": 3", "\"hidden\""},
        {"\"hidden\": 3", "\"hidden\": 3, \"hidden\": 3", "duplicate"},
        {"\"layers\": 2", "\"layers\": 64", "its parameters have"},
        {"\"layers\": 2", "\"layers\": 65", "\"layers\""},
        {"\"embedding\": 2", "\"embedding\": 65536", "its parameters have"},
        {"\"batch\": 2", "\"batch\": 65536", "its states have"},
        {"\"steps\": 4", "\"steps\": 0", "\"steps\""},
        {"\"cell\": \"rnn\"", "\"cell\": \"gru\"", "gru"},
        {"\"cell\": \"rnn\"", "\"cell\": \"lstn\"", "lstn"},
        {"\"cell\": \"rnn\"", "\"cell\": 3", "\"cell\""},
        {"\"dtype\": \"f64\"", "\"dtype\": \"i32\"", "\"dtype\""},
        {"\"bytes\": false", "\"bytes\": true", "vocabulary"},
        {"\"bytes\": false", "\"bytes\": 0", "\"bytes\""},
        {"\"optimizer\": \"adam\"", "\"optimizer\": \"sgd\"", "velocity"},
        {"\"momentum\": 0.9", "\"momentum\": 1.9", "\"momentum\""},
        {"\"iteration\": 5", "\"iteration\": 4", "more steps than its training"},
        {"\"iteration\": 5", "\"iteration\": -1", "\"iteration\""},
        {"\"best_validation\": 0", "\"best_validation\": -0", "\"best_validation\""},
        {"0123456789abcdef", "0123456789abcdeg", "\"hash\""},
        {"0123456789abcdef", "0123456789abcde", "\"hash\""},
        {"\"training\": 1000", "\"training\": -1000", "\"training\""},
        {"\"files\": [", "\"files\": [7,", "\"files\""},
        {"\"text\": {", "\"txt\": {", "\"hash\""},
        {"\"files\": [", "\"files\": {}, \"no\": [", "\"files\""},
        {"\"minutes\": 0", "\"minutes\": -1", "\"minutes\" is missing or not a number from 0 to 1e+09"},
        {"\"epochs\": 0.0", "\"epochs\": \"0\"", "\"epochs\""},
        {"\"iterations\":", "\"iteration\":", "\"iterations\""},
        {"\"best_iteration\":", "\"best\":", "\"best_iteration\""},
        {"\"validation\": ", "\"valid\": ", "\"validation\""},
        {"97,", "10,", "ascending"},
        {"97,", "97.5,", "ascending"},
        {"97,", "", "its parameters have"},
        {"128512", "1114112", "ascending"},
        {"128512", "55296", "ascending"}, /* half of a surrogate pair is no character */
        {"128512", "57343", "ascending"},
        {"128512", "128512, 128513", "its parameters have"},
        {"\"vocabulary\"", "\"vocabulary\": [], \"no\"", "\"vocabulary\""},
        {"\"vocabulary\"", "\"no\"", "\"vocabulary\""},
        {"\"settings\": {", "\"settings\": [", "model.json, line"},
        {"{", "[", "model.json, line"},
        {"{", "", "model.json, line"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused_text(cases[i][0], cases[i][1], cases[i][2]);
}

/* A list with more entries than there can be. */
static void expect_refused_list(const char *key, const char *entry, int count, const char *words)
{
    size_t length = strlen(entry), used = strlen(key);
    char *list = calloc(used + length * (size_t)count + 1, 1);
    cr_assert_not_null(list);
    memcpy(list, key, used);
    for (int i = 0; i < count; i++, used += length)
        memcpy(list + used, entry, length);
    expect_refused_text(key, list, words);
    free(list);
}

Test(model, lists_have_an_end)
{
    save_example();
    expect_refused_list("\"files\": [", "\"\",", 1000000, "\"files\" is missing or not a list of names");
    expect_refused_list("\"vocabulary\": [", "1,", 0x110000, "\"vocabulary\" is missing or not a list of characters");
}

/* JSON has no place for a name that is no UTF-8: then none is kept, and resuming asks for them. */
Test(model, names_that_are_no_utf8_are_left_out)
{
    save_example();
    gt_error error = {0};
    gt_model model;
    cr_assert(gt_model_load(&model, path_of("model"), true, &error), "%s", error.message);
    cr_assert_geq(model.file_count, 1);
    char *known = gt_model_describe(&model, &error);
    cr_expect_not_null(strstr(known, model.files[0]));
    free(model.files[0]);
    model.files[0] = strdup("\xff.txt");
    char *unknown = gt_model_describe(&model, &error);
    cr_assert_not_null(unknown, "%s", error.message);
    cr_expect_not_null(strstr(unknown, "\"files\": []"), "%s", unknown);
    free(known);
    free(unknown);
    gt_model_free(&model);
}

/* Brackets within brackets, and nothing but text. */
Test(model, a_description_that_is_no_object)
{
    static char deep[100001];
    memset(deep, '[', 100000);
    const char *const texts[] = {"", "null", "[]", "7", "{}", "\xff\xfe", deep};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gt_model model = {.settings = gt_settings_defaults()};
        gt_error error = {0};
        gt_cell_names names;
        cr_expect(!gt_model_understand(&model, texts[i], &names, &error), "case %zu", i);
        cr_expect(error.status == GT_ERROR_FORMAT && names.count == 0);
        gt_model_free(&model);
    }
}

/* The example with one array replaced. */
static void expect_refused_array(const char *name, gt_array array, const char *words)
{
    gt_error error = {0};
    gt_archive *archive = gt_archive_read(path_of("model"), &error);
    cr_assert_not_null(archive, "%s", error.message);
    cr_assert(gt_archive_add(archive, name, array, &error) == GT_OK, "%s", error.message);
    cr_assert(gt_archive_write(archive, path_of("lie"), false, &error) == GT_OK, "%s", error.message);
    gt_model model;
    cr_expect(!gt_model_load(&model, path_of("lie"), true, &error), "%s", name);
    cr_expect(strstr(error.message, words) != NULL, "%s: \"%s\" lacks \"%s\"", name, error.message, words);
    gt_model_free(&model);
    gt_archive_free(archive);
}

Test(model, arrays_that_lie_are_refused)
{
    static double numbers[64];
    save_example();
    expect_refused_array("parameter/by", (gt_array){numbers, GT_F64, GT_SHAPE(4, 1)}, "its parameters have");
    expect_refused_array("parameter/Wy", (gt_array){numbers, GT_F64, GT_SHAPE(1, 9)}, "Wy");
    expect_refused_array("parameter/more", (gt_array){numbers, GT_F64, GT_SHAPE(1)}, "its parameters have");
    expect_refused_array("state/layer1.a", (gt_array){numbers, GT_F64, GT_SHAPE(3, 3)}, "its states have");
    expect_refused_array("state/layer1.a", (gt_array){numbers, GT_F64, GT_SHAPE(2, 3)}, "layer1.a");
    expect_refused_array("optimizer/mean.by", (gt_array){numbers, GT_F64, GT_SHAPE(1, 3)}, "by");
    numbers[2] = (double)NAN;
    expect_refused_array("parameter/by", (gt_array){numbers, GT_F64, GT_SHAPE(3, 1)}, "by");
    expect_refused_array("state/layer1.a", (gt_array){numbers, GT_F64, GT_SHAPE(3, 2)}, "layer1.a");
    numbers[2] = -1;
    expect_refused_array("optimizer/variance.by", (gt_array){numbers, GT_F64, GT_SHAPE(3, 1)}, "negative");
    expect_refused_array("optimizer/steps", (gt_array){numbers + 2, GT_F64, GT_SCALAR}, "steps");
}

Test(model, an_archive_that_is_no_model)
{
    gt_archive *archive = gt_archive_new();
    gt_error error = {0};
    gt_model model;
    cr_assert(gt_archive_write(archive, path_of("empty"), false, &error) == GT_OK, "%s", error.message);
    cr_expect(!gt_model_load(&model, path_of("empty"), false, &error));
    cr_expect(strstr(error.message, "is no model of gradtape train") != NULL || strstr(error.message, "empty") != NULL,
              "%s", error.message);
    gt_model_free(&model);
    double one = 1;
    gt_archive_add(archive, "x", (gt_array){&one, GT_F64, GT_SCALAR}, &error);
    cr_assert(gt_archive_write(archive, path_of("other"), false, &error) == GT_OK);
    cr_expect(!gt_model_load(&model, path_of("other"), false, &error));
    cr_expect(strstr(error.message, "is no model of gradtape train") != NULL, "%s", error.message);
    gt_model_free(&model);
    gt_archive_free(archive);
}
