/* Every allocation made to fail in turn: sets of parameters, archives, optimizers. */
#include "files.h"
#include "gradtape.h"
#include "io/members.h"
#include "support/allocation.h"
#include "zip_builder.h"

#ifdef GT_TEST_SAFETENSORS
#include <jansson.h>
#include <stdlib.h>
#endif

TestSuite(allocation_failure, .init = make_folder, .fini = remove_folder, .timeout = 300);

static double first_of(gt_array array)
{
    return array.dtype == GT_F64 ? *(double *)array.data : (double)*(float *)array.data;
}

/* ---- numeric derivatives ------------------------------------------------------------------- */

static gt_status cube(void *context, const double *x, double *y, gt_error *error)
{
    (void)context;
    (void)error;
    for (int i = 0; i < 2; i++)
        y[i] = x[i] * x[i] * x[i];
    return GT_OK;
}

static gt_status differentiate(const void *context, double *result)
{
    (void)context;
    const double x[2] = {2, 3};
    double values[4], errors[4];
    gt_error error = {0};
    gt_numeric n = {.function = cube, .x = x, .input_count = 2, .output_count = 2};
    gt_status status = gt_numeric_jacobian(&n, values, errors, &error);
    if (status == GT_OK)
        *result = values[0] + values[3];
    else
        cr_assert(error.message[0] != '\0');
    return status;
}

Test(allocation_failure, numeric_derivatives)
{
    fail_every_allocation("numeric derivatives", differentiate, NULL, NULL);
}

/* ---- parameters ---------------------------------------------------------------------------- */

/* Twelve names, so that lists and tables grow. */
static gt_parameters *declare(void)
{
    gt_parameters *set = gt_parameters_new(GT_F64);
    char name[32];
    for (int i = 0; i < 12; i++) {
        snprintf(name, sizeof name, "layer%d.W", i);
        gt_parameters_add(set, name, GT_SHAPE(3, 2 + i),
                          (gt_initializer){.kind = GT_INITIALIZE_ORTHOGONAL, .a = 0, .b = 0});
    }
    return set;
}

static gt_status build_parameters(const void *context, double *result)
{
    (void)context;
    gt_parameters *set = declare();
    gt_status status = gt_parameters_initialize(set, 3);
    if (status == GT_OK)
        *result = first_of(gt_parameters_array(set, 11));
    else
        cr_assert(gt_parameters_message(set)[0] != '\0');
    gt_parameters_free(set);
    return status;
}

Test(allocation_failure, parameters)
{
    fail_every_allocation("parameters", build_parameters, NULL, NULL);
}

static gt_status record_parameters(const void *context, double *result)
{
    (void)context;
    gt_parameters *set = declare();
    gt_tape *tape = gt_tape_new(NULL);
    gt_var vars[12];
    gt_status status = gt_parameters_record(set, tape, vars);
    gt_interpreter *run = gt_interpreter_new(tape);
    if (status == GT_OK)
        status = run == NULL ? GT_ERROR_MEMORY : gt_parameters_bind(set, run, vars);
    *result = gt_tape_node_count(tape);
    gt_interpreter_free(run);
    gt_tape_free(tape);
    gt_parameters_free(set);
    return status;
}

Test(allocation_failure, recording_parameters)
{
    fail_every_allocation("recording parameters", record_parameters, NULL, NULL);
}

static gt_status store_and_load(const void *context, double *result)
{
    (void)context;
    gt_error error = {GT_OK, ""};
    gt_parameters *set = declare(), *other = declare();
    gt_archive *archive = gt_archive_new();
    gt_status status = archive == NULL ? GT_ERROR_MEMORY : gt_parameters_initialize(set, 5);
    if (status == GT_OK)
        status = gt_parameters_store(set, archive, "model/", &error);
    if (status == GT_OK)
        status = gt_parameters_load(other, archive, "model/", &error);
    if (status == GT_OK)
        *result = first_of(gt_parameters_array(other, 11));
    /* Not one array is loaded unless all are. */
    for (uint32_t i = 0; i < gt_parameters_count(other) && status != GT_OK; i++)
        cr_assert(first_of(gt_parameters_array(other, i)) == 0);
    gt_archive_free(archive);
    gt_parameters_free(other);
    gt_parameters_free(set);
    return status;
}

Test(allocation_failure, storing_and_loading_parameters)
{
    fail_every_allocation("storing and loading", store_and_load, NULL, NULL);
}

/* ---- an optimizer -------------------------------------------------------------------------- */

static gt_status optimize(const void *context, double *result)
{
    const gt_optimizer_options options = gt_optimizer_defaults(*(const gt_optimizer_kind *)context);
    gt_error error = {GT_OK, ""};
    gt_parameters *set = declare();
    gt_status status = gt_parameters_initialize(set, 1);
    gt_optimizer *optimizer = status == GT_OK ? gt_optimizer_new(&options, set, &error) : NULL;
    if (status == GT_OK && optimizer == NULL)
        status = error.status;
    static double ones[64];
    const void *gradients[12];
    for (int i = 0; i < 64; i++)
        ones[i] = 1;
    for (int i = 0; i < 12; i++)
        gradients[i] = ones;
    if (status == GT_OK)
        status = gt_optimizer_step(optimizer, set, gradients, NULL, &error);
    gt_archive *archive = gt_archive_new();
    if (status == GT_OK)
        status = archive == NULL ? GT_ERROR_MEMORY : gt_optimizer_store(optimizer, archive, "optimizer/", &error);
    if (status == GT_OK)
        status = gt_optimizer_load(optimizer, archive, "optimizer/", &error);
    if (status == GT_OK)
        *result = first_of(gt_parameters_array(set, 11));
    gt_archive_free(archive);
    gt_optimizer_free(optimizer);
    gt_parameters_free(set);
    return status;
}

Test(allocation_failure, optimizers)
{
    const gt_optimizer_kind adam = GT_OPTIMIZER_ADAM, sgd = GT_OPTIMIZER_SGD;
    fail_every_allocation("adam", optimize, &adam, NULL);
    fail_every_allocation("sgd", optimize, &sgd, NULL);
    const gt_optimizer_kind adagrad = GT_OPTIMIZER_ADAGRAD;
    fail_every_allocation("adagrad", optimize, &adagrad, NULL);
}

/* ---- a trainer ----------------------------------------------------------------------------- */

enum { EXAMPLES = 3, STEPS = 4 };

typedef struct trained {
    gt_network network;
    gt_parameters *set, *kept;
    gt_optimizer *optimizer;
    double x[2 * EXAMPLES * STEPS], predictions[2 * EXAMPLES * STEPS];
    int32_t classes[EXAMPLES * STEPS];
} trained;

static gt_status make_parts(trained *t, const gt_cell *cell, gt_error *error)
{
    const gt_optimizer_options options = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
    t->network =
        (gt_network){.cell = cell, .layer_count = 1, .embedding = 2, .hidden = 3, .reads_numbers = true, .outputs = 2};
    for (int i = 0; i < 2 * EXAMPLES * STEPS; i++)
        t->x[i] = i % 5 - 2;
    for (int i = 0; i < EXAMPLES * STEPS; i++)
        t->classes[i] = i % 2;
    t->set = gt_parameters_new(GT_F64);
    t->kept = gt_parameters_new(GT_F64);
    if (t->set == NULL || t->kept == NULL)
        return GT_ERROR_MEMORY;
    gt_status status = gt_network_declare(&t->network, t->set, error);
    if (status == GT_OK)
        status = gt_network_declare(&t->network, t->kept, error);
    if (status == GT_OK)
        status = gt_parameters_initialize(t->set, 1);
    if (status != GT_OK)
        return status;
    t->optimizer = gt_optimizer_new(&options, t->set, error);
    return t->optimizer == NULL ? error->status : GT_OK;
}

static gt_status train_parts(trained *t, double *result, gt_error *error)
{
    const void *inputs[] = {t->x};
    gt_train_data data = GT_TRAIN_DATA_INIT;
    data.examples = EXAMPLES;
    data.steps = STEPS;
    data.inputs = inputs;
    data.classes = t->classes;
    gt_train_options options = GT_TRAIN_OPTIONS_INIT;
    options.network = &t->network;
    options.parameters = t->set;
    options.optimizer = t->optimizer;
    options.training = options.validation = &data;
    options.batch = 2;
    gt_train_run run = GT_TRAIN_RUN_INIT;
    run.iterations = 3;
    run.validate_every = 1;
    run.kept = t->kept;
    gt_trainer *trainer = gt_trainer_new(&options, error);
    if (trainer == NULL)
        return error->status;
    gt_train_end end = gt_trainer_run(trainer, &run, error);
    gt_trainer_free(trainer);
    gt_status status =
        end == GT_TRAIN_FAILED ? error->status : gt_train_predict(&options, &data, t->predictions, error);
    *result = run.best + t->predictions[0];
    return status;
}

static gt_status train_all(const void *cell, double *result)
{
    trained t = {.set = NULL};
    gt_error error = {GT_OK, ""};
    gt_status status = make_parts(&t, cell, &error);
    if (status == GT_OK)
        status = train_parts(&t, result, &error);
    gt_optimizer_free(t.optimizer);
    gt_parameters_free(t.set);
    gt_parameters_free(t.kept);
    return status;
}

Test(allocation_failure, trainers)
{
    fail_every_allocation("training", train_all, &gt_cell_rnn, NULL);
}

/* With what is drawn, a state that begins with a parameter, and a loss of the cell. */
Test(allocation_failure, trainers_of_cells_that_draw)
{
    static const char text[] = "cell c\n input x[n_x]\n state h[n_a] = tanh(2 * h0), k[n_a] ~ bernoulli(1 / n_x)\n"
                               " param W[n_a, n_a + n_x], h0[n_a]\n h' = tanh(W @ concat(k * h, dropout(x, 0.2)))\n"
                               " loss p = mean(h'**2, axis=0)\n";
    gt_parsed_cell *parsed = gt_cell_parse(text, sizeof text - 1, NULL);
    cr_assert_not_null(gt_parsed_cell_get(parsed));
    fail_every_allocation("drawing", train_all, gt_parsed_cell_get(parsed), NULL);
    gt_parsed_cell_free(parsed);
}

static gt_status write_on(const void *unused, double *result)
{
    const gt_network network = {.cell = &gt_cell_rnn, .layer_count = 1, .vocabulary = 4, .embedding = 2, .hidden = 3};
    gt_error error = {GT_OK, ""};
    int32_t next = 1;
    (void)unused;
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_status status = set == NULL ? GT_ERROR_MEMORY : gt_network_declare(&network, set, &error);
    if (status == GT_OK)
        status = gt_parameters_initialize(set, 1);
    gt_sampler *sampler = status == GT_OK ? gt_sampler_new(&network, set, 1, 1, GT_ENGINE_PLANNER, NULL, &error) : NULL;
    if (status == GT_OK && sampler == NULL)
        status = error.status;
    if (status == GT_OK)
        status = gt_sampler_step(sampler, 1, &next, &error);
    *result = next;
    gt_sampler_free(sampler);
    gt_parameters_free(set);
    return status;
}

Test(allocation_failure, samplers)
{
    fail_every_allocation("sampling", write_on, NULL, NULL);
}

/* ---- archives ------------------------------------------------------------------------------ */

#ifdef GT_TEST_SAFETENSORS
static gt_status write_safetensors(char **bytes, size_t *size, gt_error *error)
{
    static double numbers[6] = {1, 2, 3, 4, 5, 6};
    gt_archive *archive = gt_archive_new();
    gt_status status = archive != NULL ? GT_OK : GT_ERROR_MEMORY;
    if (status == GT_OK)
        status = gt_archive_add(archive, "W", (gt_array){numbers, GT_F64, GT_SHAPE(2, 3)}, error);
    if (status == GT_OK)
        status = gt_archive_add_text(archive, "format", "pt", error);
    if (status == GT_OK)
        status = gt_safetensors_render(archive, bytes, size, error);
    gt_archive_free(archive);
    return status;
}

/* Writes some arrays and reads them back. */
static gt_status go_through_safetensors(const void *unused, double *result)
{
    (void)unused;
    gt_error error = {GT_OK, ""};
    gt_archive *again = NULL;
    char *bytes = NULL;
    size_t size = 0;
    gt_status status = write_safetensors(&bytes, &size, &error);
    if (status == GT_OK) {
        again = gt_safetensors_parse(bytes, size, NULL, &error);
        status = again != NULL ? GT_OK : error.status;
    }
    if (status == GT_OK)
        *result =
            ((const double *)gt_archive_find(again, "W").data)[1] + (double)strlen(gt_archive_text(again, "format"));
    gt_archive_bytes_free(bytes);
    gt_archive_free(again);
    return status;
}

static gt_status render_safetensors(const void *unused, double *result)
{
    (void)unused;
    gt_error error = {GT_OK, ""};
    char *bytes = NULL;
    size_t size = 0;
    gt_status status = write_safetensors(&bytes, &size, &error);
    for (size_t i = 0; i < size && status == GT_OK; i++)
        *result += (double)(i + 1) * bytes[i];
    gt_archive_bytes_free(bytes);
    return status;
}

Test(allocation_failure, safetensors)
{
    fail_every_allocation("safetensors", go_through_safetensors, NULL, NULL);
}

/* jansson's own memory fails with the library's: what it cannot make is left out of no file. */
Test(allocation_failure, safetensors_without_memory_for_json)
{
    json_set_alloc_funcs(malloc, free);
    cr_expect_gt(fail_every_allocation("safetensors and jansson", render_safetensors, NULL, NULL), 30);
}
#endif

#ifdef GT_TEST_ARCHIVES
static gt_status read_with(const char *path, const char *array, double *result)
{
    gt_error error = {GT_OK, ""};
    gt_archive *archive = gt_archive_read(path, &error);
    if (archive == NULL)
        return error.status;
    *result = first_of(gt_archive_find(archive, array)) + gt_archive_count(archive);
    gt_archive_free(archive);
    return GT_OK;
}

static gt_status read_archive(const void *path, double *result)
{
    return read_with(path, "c_f8", result);
}

static gt_status read_versions(const void *path, double *result)
{
    gt_error error = {GT_OK, ""};
    gt_archive *archive = gt_archive_read(path, &error);
    if (archive == NULL)
        return error.status;
    *result = (double)strlen(gt_archive_text(archive, "notes.txt"));
    gt_archive_free(archive);
    return GT_OK;
}

Test(allocation_failure, reading_archives)
{
    fail_every_allocation("stored", read_archive, GT_FIXTURES "/stored.npz", NULL);
    fail_every_allocation("deflated", read_archive, GT_FIXTURES "/deflated.npz", NULL);
    fail_every_allocation("versions", read_versions, GT_FIXTURES "/versions.npz", NULL);
}

typedef struct writing {
    const char *path;
    bool compress;
    file_bytes old, new; /* what the file may hold */
} writing;

static gt_status write_archive(const void *context, double *result)
{
    const writing *w = context;
    gt_error error = {GT_OK, ""};
    const double data[300] = {3};
    gt_archive *archive = gt_archive_new();
    gt_status status = archive == NULL ? GT_ERROR_MEMORY : GT_OK;
    char name[16];
    for (int i = 0; i < 12 && status == GT_OK; i++) {
        snprintf(name, sizeof name, "a%d", i);
        gt_array array = {(void *)data, GT_F64, GT_SHAPE(3, 10 * (i == 7 ? 10 : 1))};
        status = gt_archive_add(archive, name, array, &error);
    }
    if (status == GT_OK)
        status = gt_archive_add_text(archive, "model.json", "{}", &error);
    if (status == GT_OK)
        status = gt_archive_write(archive, w->path, w->compress, &error);
    *result = 1;
    gt_archive_free(archive);
    return status;
}

/* The file is the old one or the new one, whole, and nothing lies beside it. */
static void expect_whole(const void *context, gt_status status)
{
    const writing *w = context;
    const file_bytes expected = status == GT_OK ? w->new : w->old;
    file_bytes found = read_file(w->path);
    cr_assert(found.size == expected.size && memcmp(found.bytes, expected.bytes, expected.size) == 0);
    free(found.bytes);
    cr_assert_eq(folder_count(), 1);
    write_file(w->path, w->old.bytes, w->old.size);
}

static void write_with_failures(bool compress)
{
    char path[128];
    snprintf(path, sizeof path, "%s", path_of("a.npz"));
    writing w = {.path = path, .compress = compress};
    double result;
    cr_assert_eq(write_archive(&w, &result), GT_OK);
    w.new = read_file(path);
    w.old = (file_bytes){(uint8_t *)"the old file", 12};
    fail_every_allocation("writing", write_archive, &w, expect_whole);
    free(w.new.bytes);
}

Test(allocation_failure, writing_archives)
{
    write_with_failures(false);
    write_with_failures(true);
}

static gt_status render_archive(const void *context, double *result)
{
    gt_error error = {GT_OK, ""};
    const double data[30] = {3};
    gt_archive *archive = gt_archive_new();
    char *bytes = NULL;
    size_t size = 0;
    gt_status status = archive == NULL ? GT_ERROR_MEMORY : GT_OK;
    if (status == GT_OK && !*(const bool *)context)
        status = gt_archive_add(archive, "a", (gt_array){(void *)data, GT_F64, GT_SHAPE(30)}, &error);
    if (status == GT_OK)
        status = gt_archive_render(archive, true, &bytes, &size, &error);
    cr_assert_eq(bytes == NULL, status != GT_OK);
    *result = (double)size;
    gt_archive_bytes_free(bytes);
    gt_archive_free(archive);
    return status;
}

Test(allocation_failure, rendering_archives)
{
    fail_every_allocation("in memory", render_archive, &(bool){false}, NULL);
    fail_every_allocation("an empty one in memory", render_archive, &(bool){true}, NULL);
}

/* Through a link, to the file that it means. */
Test(allocation_failure, writing_through_a_link)
{
    char link[128];
    double result;
    snprintf(link, sizeof link, "%s", path_of("link.npz"));
    cr_assert_eq(symlink("a.npz", link), 0);
    const writing w = {.path = link};
    cr_assert_eq(write_archive(&w, &result), GT_OK);
    fail_every_allocation("a link", write_archive, &w, NULL);
    gt_archive *archive = gt_archive_read(path_of("a.npz"), NULL);
    cr_expect_not_null(archive);
    gt_archive_free(archive);
    cr_expect_eq(folder_count(), 2);
}

static gt_status read_npy(const void *path, double *result)
{
    return read_with(path, "numbers", result);
}

Test(allocation_failure, reading_an_npy_file)
{
    static uint8_t npy[256];
    const double numbers[2] = {3, 4};
    char path[128];
    uint32_t size =
        npy_build(npy, 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", numbers, sizeof numbers);
    snprintf(path, sizeof path, "%s", path_of("numbers.npy"));
    write_file(path, npy, size);
    fail_every_allocation("npy", read_npy, path, NULL);
}
#endif
