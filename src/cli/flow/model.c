#include "cli/flow/model.h"

#include "base/entry.h"
#include "base/utf8.h"
#include "gradtape/grad.h"

#include <stdlib.h>
#include <string.h>

typedef struct work {
    gt_flow_model *m;
    const gt_flow_numbers *numbers;
    gt_corpus corpus;
    uint32_t layer; /* from 0 */
    int32_t *tokens, *targets;
    double *weights;
    gt_parameters *parameters, *states; /* of type GT_F64 */
    gt_tape *tape;
    gt_interpreter *run;
    gt_var read, upstream; /* what the layer reads, and the gradient of what it hands on */
    gt_archive *archive;
} work;

static gt_status no_memory(gt_error *error)
{
    return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
}

/* ---- the text ------------------------------------------------------------------------------ */

static gt_status find_token(const work *w, size_t place, int32_t *token, gt_error *error)
{
    const gt_vocabulary *vocabulary = &w->m->model.vocabulary;
    *token = gt_vocabulary_token(vocabulary, w->corpus.training.list[place]);
    return *token >= 0 ? GT_OK
                       : gt_error_set(error, GT_ERROR_VALUE,
                                      "--text: character %zu, U+%04X, does not occur in the text that the model was "
                                      "trained on",
                                      place + 1, w->corpus.training.list[place]);
}

/* Stretches that are spread evenly over the text: of one the character after each is the target of the step. */
static gt_status cut(work *w, gt_error *error)
{
    int64_t examples = w->numbers->examples, steps = w->numbers->steps;
    size_t count = w->corpus.training.count, all = (size_t)(examples * steps);
    if (count < (size_t)steps + 1)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "--text: %zu characters; %lld time steps need %lld, with the one that follows: give "
                            "--steps",
                            count, (long long)steps, (long long)steps + 1);
    w->tokens = calloc(all, sizeof *w->tokens);
    w->targets = calloc(all, sizeof *w->targets);
    w->weights = calloc(all, sizeof *w->weights);
    if (w->tokens == NULL || w->targets == NULL || w->weights == NULL)
        return no_memory(error);
    gt_status status = GT_OK;
    for (int64_t j = 0; j < examples; j++) {
        size_t first = examples > 1 ? (count - (size_t)steps - 1) * (size_t)j / (size_t)(examples - 1) : 0;
        for (int64_t t = 0; t < steps && status == GT_OK; t++) {
            size_t at = (size_t)(t * examples + j);
            bool counts = w->numbers->every_step || t + 1 == steps;
            status = find_token(w, first + (size_t)t, &w->tokens[at], error);
            if (status == GT_OK)
                status = find_token(w, first + (size_t)t + 1, &w->targets[at], error);
            w->weights[at] = counts ? 1.0 / (double)(examples * (w->numbers->every_step ? steps : 1)) : 0;
        }
    }
    return status;
}

static gt_status read_text(work *w, gt_error *error)
{
    if (!gt_corpus_read(&w->corpus, &w->m->text, w->m->model.vocabulary.bytes, 0, GT_ANY_SIZE, error))
        return error->status;
    return cut(w, error);
}

/* ---- the network --------------------------------------------------------------------------- */

/* The model's own, as doubles. */
static gt_status widen(gt_parameters *to, const gt_parameters *from, gt_error *error)
{
    for (uint32_t i = 0; i < gt_parameters_count(from); i++) {
        gt_array a = gt_parameters_array(to, i), b = gt_parameters_array(from, i);
        if (!gt_shape_equal(a.shape, b.shape))
            return gt_error_set(error, GT_ERROR_FORMAT, "the model's %s does not have its shape",
                                gt_parameters_name(from, i));
        for (int64_t k = 0; k < gt_shape_count(a.shape); k++)
            ((double *)a.data)[k] = gt_entry_at(b.data, b.dtype, k);
    }
    return GT_OK;
}

static gt_status make_sets(work *w, gt_error *error)
{
    const gt_model *model = &w->m->model;
    w->parameters = gt_parameters_new(GT_F64);
    w->states = gt_parameters_new(GT_F64);
    if (w->parameters == NULL || w->states == NULL)
        return no_memory(error);
    gt_status status = gt_network_declare(&model->network, w->parameters, error);
    if (status == GT_OK)
        status = gt_network_declare_states(&model->network, w->numbers->examples, w->states, error);
    if (status == GT_OK)
        status = widen(w->parameters, model->parameters, error);
    return status == GT_OK ? gt_network_begin_states(&model->network, w->parameters, w->states, error) : status;
}

typedef struct recorded {
    gt_var parameters[3 + GT_MAX_LAYERS * GT_MAX_CELL_ARRAYS], states[GT_MAX_LAYERS * GT_MAX_CELL_ARRAYS];
    gt_var reads[GT_MAX_LAYERS + 1], weights;
    gt_network_pass pass;
} recorded;

static gt_status record(work *w, recorded *r, gt_error *error)
{
    const gt_network *network = &w->m->model.network;
    int64_t examples = w->numbers->examples, steps = w->numbers->steps;
    w->tape = gt_tape_new(&(gt_tape_options){.dtype = GT_F64});
    if (w->tape == NULL)
        return no_memory(error);
    gt_parameters_record(w->parameters, w->tape, r->parameters);
    gt_parameters_record(w->states, w->tape, r->states);
    r->weights = gt_input(w->tape, "weights", GT_SHAPE(1, examples, steps));
    r->pass = (gt_network_pass){.network = network,
                                .parameters = r->parameters,
                                .initial = r->states,
                                .tokens = gt_input_i32(w->tape, "tokens", GT_SHAPE(examples, steps)),
                                .targets = gt_input_i32(w->tape, "targets", GT_SHAPE(examples, steps)),
                                .weights = r->weights,
                                .reads = r->reads};
    gt_network_record(&r->pass);
    w->read = r->reads[w->layer];
    gt_grad(&r->pass.loss, NULL, 1, &r->reads[w->layer + 1], 1, &w->upstream);
    if (gt_tape_status(w->tape) != GT_OK)
        return gt_error_set(error, gt_tape_status(w->tape), "%s", gt_tape_message(w->tape));
    return GT_OK;
}

static gt_status evaluate(work *w, const recorded *r, gt_error *error)
{
    w->run = gt_interpreter_new(w->tape);
    if (w->run == NULL)
        return no_memory(error);
    gt_status status = gt_parameters_bind(w->parameters, w->run, r->parameters);
    if (status == GT_OK)
        status = gt_parameters_bind(w->states, w->run, r->states);
    if (status == GT_OK)
        status = gt_interpreter_bind(w->run, r->weights, w->weights);
    if (status == GT_OK)
        status = gt_interpreter_bind(w->run, r->pass.tokens, w->tokens);
    if (status == GT_OK)
        status = gt_interpreter_bind(w->run, r->pass.targets, w->targets);
    if (status == GT_OK)
        status = gt_interpreter_evaluate(w->run, (gt_var[]){w->read, w->upstream}, 2);
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "%s", gt_interpreter_message(w->run));
}

static gt_status run_network(work *w, gt_error *error)
{
    recorded *r = calloc(1, sizeof *r);
    gt_status status = r != NULL ? record(w, r, error) : no_memory(error);
    if (status == GT_OK)
        status = evaluate(w, r, error);
    free(r);
    return status;
}

/* ---- the layer ----------------------------------------------------------------------------- */

/* Those of the layer, without "layer2." before their names; of states with a 0 behind them, if they are given. */
static gt_status add_arrays(work *w, const gt_parameters *set, const char *behind, gt_error *error)
{
    char scope[32], name[96];
    size_t length = gt_utf8_format(scope, sizeof scope, "layer%u.", (unsigned)w->layer + 1);
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < gt_parameters_count(set) && status == GT_OK; i++) {
        bool given = set != w->states || gt_network_state_row(&w->m->model.network, i)->begins_with == NULL;
        if (!given || strncmp(gt_parameters_name(set, i), scope, length) != 0)
            continue;
        gt_utf8_format(name, sizeof name, "%s%s", gt_parameters_name(set, i) + length, behind);
        status = gt_archive_add(w->archive, name, gt_parameters_array(set, i), error);
    }
    return status;
}

static gt_status make_problem(work *w, gt_cell_problem *problem, gt_error *error)
{
    const gt_cell *cell = gt_network_layer_at(&w->m->model.network, w->layer).cell;
    int32_t output = gt_network_handed_on(&w->m->model.network, w->layer);
    char upstream[96];
    gt_utf8_format(upstream, sizeof upstream, "d%s", output < 0 ? cell->states[0].name : cell->outputs[output].name);
    w->archive = gt_archive_new();
    if (w->archive == NULL)
        return no_memory(error);
    gt_status status = gt_archive_add(w->archive, cell->inputs[0].name, gt_interpreter_array(w->run, w->read), error);
    if (status == GT_OK)
        status = gt_archive_add(w->archive, upstream, gt_interpreter_array(w->run, w->upstream), error);
    if (status == GT_OK)
        status = add_arrays(w, w->parameters, "", error);
    if (status == GT_OK)
        status = add_arrays(w, w->states, "0", error);
    const gt_network *network = &w->m->model.network;
    if (status == GT_OK)
        status = gt_cell_problem_tell_sizes(w->archive, network->dimensions, network->dimension_count, error);
    return status == GT_OK ? gt_cell_problem_read(problem, cell, w->archive, GT_F64, error) : status;
}

/* The characters that are read at the steps, of one stretch of text. */
static gt_status keep_letters(const work *w, gt_flow_letter **letters, gt_error *error)
{
    if (w->numbers->examples > 1 || letters == NULL)
        return GT_OK;
    *letters = calloc((size_t)w->numbers->steps, sizeof **letters);
    for (int64_t t = 0; *letters != NULL && t < w->numbers->steps; t++)
        gt_vocabulary_text(&w->m->model.vocabulary, w->tokens[t], (*letters)[t]);
    return *letters != NULL ? GT_OK : no_memory(error);
}

/* ---- all ----------------------------------------------------------------------------------- */

/* That which is asked for, or the last; from 0. */
static uint32_t place_of_layer(const gt_flow_model *m)
{
    return (uint32_t)(m->layer > 0 ? m->layer : m->model.network.layer_count) - 1;
}

static const gt_parsed_cell *parsed_of(const gt_flow_model *m)
{
    const gt_cell_source *source = &m->model.source;
    const gt_cell *cell = gt_network_layer_at(&m->model.network, place_of_layer(m)).cell;
    for (uint32_t i = 0; i < gt_cell_stack_count(source); i++)
        if (gt_cell_stack_at(source, i)->cell == cell)
            return gt_cell_stack_at(source, i)->parsed;
    return source->parsed;
}

static gt_status load(gt_flow_model *m, const char *cell, gt_error *error)
{
    if (!gt_model_load(&m->model, m->path, false, error))
        return error->status;
    if (m->model.data.present)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "%s learnt from sequences, not from a text", m->path);
    if (m->layer > m->model.network.layer_count)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--layer %lld: %s has %u", (long long)m->layer, m->path,
                            m->model.network.layer_count);
    const char *name = gt_network_layer_at(&m->model.network, place_of_layer(m)).cell->name;
    if (strcmp(name, cell) != 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "%s%s of %s, not of %s", m->path,
                            m->model.network.layers == NULL ? " is a model" : ": the layer is", name, cell);
    return GT_OK;
}

static void close(work *w)
{
    gt_archive_free(w->archive);
    gt_interpreter_free(w->run);
    gt_tape_free(w->tape);
    gt_parameters_free(w->parameters);
    gt_parameters_free(w->states);
    gt_corpus_free(&w->corpus);
    free(w->tokens);
    free(w->targets);
    free(w->weights);
}

gt_status gt_flow_model_read(gt_flow_model *m, gt_cell_problem *problem, gt_flow_letter **letters, const char *cell,
                             const gt_flow_numbers *numbers, gt_error *error)
{
    work w = {.m = m, .numbers = numbers};
    gt_status status = load(m, cell, error);
    w.layer = place_of_layer(m);
    if (status == GT_OK)
        status = read_text(&w, error);
    if (status == GT_OK)
        status = make_sets(&w, error);
    if (status == GT_OK)
        status = run_network(&w, error);
    if (status == GT_OK)
        status = make_problem(&w, problem, error);
    if (status == GT_OK)
        status = keep_letters(&w, letters, error);
    close(&w);
    return status;
}

gt_status gt_flow_model_open(gt_flow_model *m, gt_flow_view *view, const char *cell, const gt_flow_numbers *numbers,
                             gt_error *error)
{
    *view = (gt_flow_view){0};
    gt_status status = gt_flow_model_read(m, &view->problem, &view->letters, cell, numbers, error);
    view->parsed = parsed_of(m);
    if (status == GT_OK)
        view->flow = gt_flow_new(&view->problem, &numbers->passes, error);
    uint32_t layers = m->model.network.layer_count;
    if (layers > 1)
        gt_utf8_format(view->label, sizeof view->label, "%s, layer %u of %u, of %s", cell,
                       (unsigned)(m->layer > 0 ? m->layer : layers), (unsigned)layers, m->path);
    else
        gt_utf8_format(view->label, sizeof view->label, "%s of %s", cell, m->path);
    return status == GT_OK && view->flow == NULL ? error->status : status;
}

int gt_flow_model_check(const gt_flow_model *m, const gt_command *command)
{
    bool model = m->path != NULL;
    if (model != (m->text.count > 0))
        return gt_command_fail(command, "--model and --text go together: a trained model, and a text that it reads");
    if (m->layer > 0 && !model)
        return gt_command_fail(command, "--layer is one of a model's: give --model, too");
    return GT_EXIT_GOOD;
}

void gt_flow_model_close(gt_flow_model *m)
{
    gt_model_free(&m->model);
}
