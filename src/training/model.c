#include "training/model.h"
#include "base/utf8.h"
#include "io/members.h"
#include "models/dimensions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- life ---------------------------------------------------------------------------------- */

void gt_model_free(gt_model *model)
{
    gt_vocabulary_free(&model->vocabulary);
    gt_parameters_free(model->parameters);
    gt_parameters_free(model->states);
    gt_optimizer_free(model->optimizer);
    gt_parameters_free(model->best);
    for (uint32_t i = 0; i < model->file_count; i++)
        free(model->files[i]);
    free(model->files);
    gt_cell_source_free(&model->source);
    free(model->cell);
    free(model->dims);
    free(model->rates);
    free(model->task);
    *model = (gt_model){0};
}

/* The sizes that the cell names besides those of the network; each must be given. */
static bool find_dimensions(gt_model *model, gt_error *error)
{
    const gt_cell *cell = model->source.cell;
    gt_dimensions *d = &model->dimensions;
    if (gt_cell_stack_dimensions(&model->source, model->ignores_outputs, d, error) != GT_OK)
        return false;
    gt_dimensions_drop(d, "n_x");
    gt_dimensions_drop(d, "n_a");
    if (gt_dimensions_read(d, cell, "--dims", model->settings.dims, error) != GT_OK)
        return false;
    for (uint32_t i = 0; i < d->count; i++)
        if (d->from[i] == NULL) {
            gt_error_set(error, GT_ERROR_ARGUMENT, "cell %s has the dimension %s: say with --dims %s=N what it is",
                         cell->name, d->names[i], d->names[i]);
            return false;
        }
    return true;
}

/* The layers of --cell, one above the other as often as --layers says. */
static bool make_layers(gt_model *model, gt_error *error)
{
    const gt_cell_stack *stack = model->source.stack;
    if (stack == NULL)
        return true;
    int64_t count = stack->layer_count * model->settings.layers;
    if (count > GT_MAX_LAYERS)
        return gt_error_set(error, GT_ERROR_SIZE,
                            "--cell has %u layers, and --layers %lld of them are %lld: at most %d", stack->layer_count,
                            (long long)model->settings.layers, (long long)count, GT_MAX_LAYERS) == GT_OK;
    for (int64_t i = 0; i < count; i++)
        model->layers[i] = stack->layers[i % stack->layer_count];
    model->network.layers = model->layers;
    model->network.layer_count = (uint32_t)count;
    return true;
}

bool gt_model_make_network(gt_model *model, gt_error *error)
{
    if (model->source.cell == NULL && !gt_cell_stack_find(&model->source, model->settings.cell, error))
        return false;
    if (!find_dimensions(model, error))
        return false;
    model->network = gt_settings_network(&model->settings, model->source.cell, model->vocabulary.count);
    if (model->data.present) {
        model->network.vocabulary = model->data.vocabulary;
        model->network.reads_numbers = model->data.reads_numbers;
        model->network.predicts_numbers = model->data.predicts_numbers;
        model->network.outputs = model->data.outputs;
        model->network.further_inputs = model->data.further;
        model->network.at_the_end = model->data.at_the_end;
    }
    if (!make_layers(model, error))
        return false;
    model->network.dimensions = model->dimensions.list;
    model->network.dimension_count = model->dimensions.count;
    model->network.ignores_outputs = model->ignores_outputs;
    gt_error inner = {0};
    gt_status status = gt_network_check(&model->network, &inner);
    if (status != GT_OK)
        gt_error_set(error, status, "%s%s", inner.message,
                     status == GT_ERROR_SHAPE ? " (--embedding gives the size of the input, --hidden that of the state)"
                                              : "");
    return status == GT_OK;
}

/* A set of its parameters, all zeros; NULL on an error. */
static gt_parameters *make_set(const gt_model *model, gt_error *error)
{
    gt_parameters *set = gt_parameters_new(gt_settings_dtype(&model->settings));
    if (set == NULL)
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the model");
    if (set == NULL || gt_network_declare(&model->network, set, error) == GT_OK)
        return set;
    gt_parameters_free(set);
    return NULL;
}

static bool make_parameters(gt_model *model, gt_error *error)
{
    model->parameters = make_set(model, error);
    return model->parameters != NULL;
}

/* States before the first step, and an optimizer that has seen nothing. */
static bool make_training(gt_model *model, gt_error *error)
{
    gt_rate_factors factors = {0};
    gt_optimizer_options options = gt_settings_optimizer(&model->settings);
    if (!gt_rate_factors_read(&factors, model->settings.rates, error))
        return false;
    options.factors = factors.list;
    options.factor_count = factors.count;
    model->states = gt_parameters_new(gt_settings_dtype(&model->settings));
    if (model->states == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the model");
        return false;
    }
    if (gt_network_declare_states(&model->network, model->settings.batch, model->states, error) != GT_OK)
        return false;
    model->optimizer = gt_optimizer_new(&options, model->parameters, error);
    return model->optimizer != NULL;
}

static bool initialize(gt_parameters *set, uint64_t seed, gt_error *error)
{
    gt_status status = gt_parameters_initialize(set, seed);
    if (status != GT_OK)
        gt_error_set(error, status, "%s", gt_parameters_message(set));
    return status == GT_OK;
}

bool gt_model_create(gt_model *model, gt_error *error)
{
    uint64_t seed = (uint64_t)model->settings.seed;
    model->best_validation = INFINITY;
    return (model->settings.parameters == 0 || gt_model_fit(model, model->settings.parameters, error)) &&
           gt_model_make_network(model, error) && make_parameters(model, error) && make_training(model, error) &&
           initialize(model->parameters, seed, error) &&
           gt_network_begin_states(&model->network, model->parameters, model->states, error) == GT_OK;
}

void gt_model_begin_data(gt_model *model)
{
    model->first = model->iteration;
    model->best_validation = INFINITY;
    model->best_iteration = model->worse = 0;
    gt_network_begin_states(&model->network, model->parameters, model->states, NULL); /* as when they were made */
}

gt_train_options gt_model_train_options(gt_model *model)
{
    const gt_settings *s = &model->settings;
    gt_train_options options = GT_TRAIN_OPTIONS_INIT;
    options.network = &model->network;
    options.parameters = model->parameters;
    options.optimizer = model->optimizer;
    options.states = model->states;
    options.batch = s->batch;
    options.steps = s->steps;
    options.seed = (uint64_t)s->seed;
    options.iteration = model->iteration;
    options.first = model->first;
    options.engine = gt_settings_engine(s);
    return options;
}

/* ---- saving -------------------------------------------------------------------------------- */

/* The member that has the text of the how many-th cell. */
#define CELL_MEMBER 32
static const char *name_cell(uint32_t place, char member[CELL_MEMBER])
{
    if (place == 0)
        return "model.cell";
    snprintf(member, CELL_MEMBER, "model.%u.cell", place + 1);
    return member;
}

/* Cells that were written as text travel with the model. */
static bool store_cell(const gt_model *model, gt_archive *archive, gt_error *error)
{
    for (uint32_t i = 0; model->source.parsed != NULL && i < gt_cell_stack_count(&model->source); i++) {
        char member[CELL_MEMBER];
        const char *text = gt_parsed_cell_text(gt_cell_stack_at(&model->source, i)->parsed, NULL);
        if (gt_archive_add_text(archive, name_cell(i, member), text, error) != GT_OK)
            return false;
    }
    return true;
}

static bool store(const gt_model *model, gt_archive *archive, gt_error *error)
{
    char *description = gt_model_describe(model, error);
    bool good = description != NULL && store_cell(model, archive, error) &&
                gt_archive_add_text(archive, "model.json", description, error) == GT_OK &&
                gt_parameters_store(model->parameters, archive, "parameter/", error) == GT_OK &&
                (model->best == NULL || model->best_iteration == 0 ||
                 gt_parameters_store(model->best, archive, "best/", error) == GT_OK) &&
                gt_parameters_store(model->states, archive, "state/", error) == GT_OK &&
                gt_optimizer_store(model->optimizer, archive, "optimizer/", error) == GT_OK;
    free(description);
    return good;
}

bool gt_model_save(const gt_model *model, const char *path, gt_error *error)
{
    gt_archive *archive = gt_archive_new();
    if (archive == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to save the model");
        return false;
    }
    bool good = store(model, archive, error) && gt_archive_write(archive, path, false, error) == GT_OK;
    gt_archive_free(archive);
    return good;
}

/* ---- loading ------------------------------------------------------------------------------- */

/* How many numbers the archive has under a prefix: what a file claims must be there. */
static int64_t count_entries(const gt_archive *archive, const char *prefix)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < gt_archive_count(archive); i++) {
        const char *name = gt_archive_name(archive, i);
        if (strncmp(name, prefix, strlen(prefix)) == 0)
            total += gt_shape_count(gt_archive_find(archive, name).shape);
    }
    return total;
}

/* Before memory is taken: a few bytes of settings must not ask for a petabyte. */
static bool check_sizes(const gt_model *model, const gt_archive *archive, bool for_training, gt_error *error)
{
    int64_t total = 0, states = 0;
    if (gt_network_total(&model->network, &total, error) != GT_OK)
        return false;
    if (count_entries(archive, "parameter/") != total) {
        gt_error_set(error, GT_ERROR_FORMAT, "its parameters have %lld numbers, but its settings call for %lld",
                     (long long)count_entries(archive, "parameter/"), (long long)total);
        return false;
    }
    if (gt_network_state_total(&model->network, model->settings.batch, &states, error) != GT_OK)
        return false;
    if (for_training && count_entries(archive, "state/") != states) {
        gt_error_set(error, GT_ERROR_FORMAT, "its states have %lld numbers, but its settings call for %lld",
                     (long long)count_entries(archive, "state/"), (long long)states);
        return false;
    }
    return true;
}

/* Reads the arrays under a prefix, which have `most` numbers at most. */
static bool read_arrays(gt_archive *archive, const char *prefix, int64_t most, gt_error *error)
{
    int64_t count = count_entries(archive, prefix);
    if (count > most) {
        gt_error_set(error, GT_ERROR_FORMAT, "it has %lld numbers under %s, more than the %lld that are read",
                     (long long)count, prefix, (long long)most);
        return false;
    }
    for (uint32_t i = 0; i < gt_archive_count(archive); i++) {
        const char *name = gt_archive_name(archive, i);
        if (strncmp(name, prefix, strlen(prefix)) == 0 && gt_archive_load(archive, name, error) != GT_OK)
            return false;
    }
    return true;
}

/* Of the optimizer: two moments of each number, and a count of steps. */
static bool read_training(const gt_model *model, gt_archive *archive, gt_error *error)
{
    return read_arrays(archive, "state/", count_entries(archive, "state/"), error) &&
           read_arrays(archive, "optimizer/",
                       2 * count_entries(archive, "parameter/") + gt_parameters_count(model->parameters) + 1, error);
}

bool gt_model_keep_best(gt_model *model, gt_error *error)
{
    if (model->best != NULL)
        return true;
    model->best = make_set(model, error);
    return model->best != NULL;
}

/* A model that was trained with patience has the parameters of its best validation, too. */
static bool load_best(gt_model *model, gt_archive *archive, bool for_training, gt_error *error)
{
    int64_t total = count_entries(archive, "best/");
    if (total == 0)
        return true;
    gt_parameters *into = model->parameters;
    if (for_training && !gt_model_keep_best(model, error))
        return false;
    if (for_training)
        into = model->best;
    return read_arrays(archive, "best/", gt_parameters_total(model->parameters), error) &&
           gt_parameters_load(into, archive, "best/", error) == GT_OK;
}

static bool load_training(gt_model *model, const gt_archive *archive, gt_error *error)
{
    if (!make_training(model, error) || gt_parameters_load(model->states, archive, "state/", error) != GT_OK ||
        gt_optimizer_load(model->optimizer, archive, "optimizer/", error) != GT_OK)
        return false;
    if (model->cut_otherwise)
        gt_parameters_initialize(model->states, 0); /* those of another place in the text */
    if (gt_optimizer_steps(model->optimizer) <= model->iteration)
        return true;
    gt_error_set(error, GT_ERROR_FORMAT, "its optimizer has done more steps than its training");
    return false;
}

/* Where a model's cells are. */
typedef struct carried {
    const gt_archive *archive;
    const gt_cell_names *names;
} carried;

/* By its text. Models of earlier versions name one of the zoo instead. */
static bool load_cell(void *context, gt_cell_source *source, const char *word, uint32_t place, gt_error *error)
{
    const carried *c = context;
    char member[CELL_MEMBER];
    const char *text = gt_archive_text(c->archive, name_cell(place, member));
    const char *name = place < c->names->count ? c->names->list[place] : NULL;
    if (text == NULL && name == NULL) {
        const gt_zoo_entry *entry = gt_zoo_find(word);
        if (entry != NULL)
            return gt_cell_source_parse(source, entry->name, entry->text, error);
        gt_error_set(error, GT_ERROR_FORMAT, "its cell '%.*s' is none of the library's", gt_utf8_fit(word, 80), word);
        return false;
    }
    if (text == NULL || name == NULL) {
        gt_error_set(error, GT_ERROR_FORMAT, "it has %s of its cell, but not %s",
                     text == NULL ? "the name" : "the text", text == NULL ? "the text" : "the name");
        return false;
    }
    source->parsed = gt_cell_parse(text, strlen(text), &(gt_cell_parse_options){.file = "model.cell", .cell = name});
    source->cell = gt_parsed_cell_get(source->parsed);
    return gt_parsed_cell_status(source->parsed, error) == GT_OK;
}

static bool load_cells(gt_model *model, const gt_archive *archive, const gt_cell_names *names, gt_error *error)
{
    carried c = {archive, names};
    return names->layered ? gt_cell_stack_read(&model->source, model->settings.cell, load_cell, &c, error)
                          : load_cell(&c, &model->source, model->settings.cell, 0, error);
}

/* A model has the first; the second only if its cell is no C function. NULL with an error if it is there, but bad. */
static const char *read_text(gt_archive *archive, const char *name, gt_error *error)
{
    gt_status status = gt_archive_load_text(archive, name, error);
    if (status == GT_ERROR_ARGUMENT)
        error->status = GT_OK; /* there is none */
    return gt_archive_text(archive, name);
}

static bool load(gt_model *model, gt_archive *archive, bool for_training, gt_error *error)
{
    const char *description = read_text(archive, "model.json", error);
    for (uint32_t i = 0; description != NULL && error->status == GT_OK && i < GT_MAX_LAYERS; i++) {
        char member[CELL_MEMBER];
        if (read_text(archive, name_cell(i, member), error) == NULL)
            break;
    }
    if (error->status != GT_OK)
        return false;
    if (description == NULL) {
        gt_error_set(error, GT_ERROR_FORMAT, "it is no model of gradtape train: it has no member model.json");
        return false;
    }
    gt_cell_names names;
    bool understood =
        gt_model_understand(model, description, &names, error) && load_cells(model, archive, &names, error);
    gt_cell_names_free(&names);
    return understood && gt_model_make_network(model, error) && check_sizes(model, archive, for_training, error) &&
           make_parameters(model, error) && read_arrays(archive, "parameter/", INT64_MAX, error) &&
           (!for_training || read_training(model, archive, error)) &&
           gt_parameters_load(model->parameters, archive, "parameter/", error) == GT_OK &&
           load_best(model, archive, for_training, error) && (!for_training || load_training(model, archive, error));
}

bool gt_model_load(gt_model *model, const char *path, bool for_training, gt_error *error)
{
    *model = (gt_model){.settings = gt_settings_defaults()};
    gt_archive *archive = gt_archive_open(path, error); /* its errors name the file themselves */
    if (archive == NULL)
        return false;
    gt_error inner = {0};
    bool good = load(model, archive, for_training, &inner);
    gt_archive_free(archive);
    if (!good && inner.message[0] == '\'') /* it names the file already */
        gt_error_set(error, inner.status, "%s", inner.message);
    else if (!good)
        gt_error_set(error, inner.status, "%s: %s", path, inner.message);
    return good;
}
