/* gradtape train: a model of a text, or of sequences. */
#include "base/clock.h"
#include "base/utf8.h"
#include "command/json.h"
#include "command/terminal.h"
#include "training/session.h"

#include <inttypes.h>
#include <math.h>

static int train(const gt_command *command, int argument_count, char **arguments);

const gt_command gt_command_train = {
    .name = "train",
    .summary = "trains a network of cells on a text or on sequences",
    .run = train,
};

static void print_data(const gt_session *session)
{
    const gt_model *model = &session->model;
    const gt_dataset *data = &session->data.training;
    gt_progress progress = {0};
    char from[64], optimum[48] = "", right[48] = "";
    if (model->data.reads_numbers)
        gt_utf8_format(from, sizeof from, "%" PRId64 " numbers", data->rows[0]);
    else
        gt_utf8_format(from, sizeof from, "one of %" PRId64 " tokens", model->data.vocabulary);
    gt_progress_say(&progress,
                    "%" PRId64 " sequences to train on, %" PRId64 " to validate, %" PRId64 " steps of %s; %s: %" PRId64
                    " %s",
                    model->training_count, model->validation_count, data->steps, from, model->settings.task,
                    model->data.outputs, model->data.predicts_numbers ? "numbers" : "classes");
    if (!isnan(session->optimum))
        snprintf(optimum, sizeof optimum, "; the optimum is %g", session->optimum);
    if (!isnan(session->baseline.accuracy))
        snprintf(right, sizeof right, ", %.1f %% right", 100 * session->baseline.accuracy);
    gt_progress_say(&progress, "always predicting the same: %s %.3g%s%s", model->data.predicts_numbers ? "mse" : "bits",
                    session->baseline.loss, right, optimum);
}

static void print_start(const gt_session *session)
{
    const gt_model *model = &session->model;
    const gt_settings *s = &model->settings;
    const char *unit = s->bytes ? "bytes" : "characters";
    gt_progress progress = {0};
    if (model->data.present)
        print_data(session);
    else
        gt_progress_say(&progress, "%" PRId64 " %s to train on, %" PRId64 " to validate, %u different",
                        model->training_count, unit, model->validation_count, model->vocabulary.count);
    char processes[64] = "";
    if (gt_processes_several(&session->processes))
        snprintf(processes, sizeof processes, ", on %" PRId64 " processes", session->processes.group.count);
    char label[GT_CELL_LABEL], units[64];
    gt_cell_stack_label(&model->source, label);
    if (model->network.layers == NULL)
        snprintf(units, sizeof units, "%" PRId64 " x %" PRId64 " units", s->layers, s->hidden);
    else
        snprintf(units, sizeof units, "%u layer%s", model->network.layer_count,
                 model->network.layer_count == 1 ? "" : "s");
    gt_progress_say(&progress, "%s, %s, %" PRId64 " parameters, %s%s", label, units,
                    gt_parameters_total(model->parameters), gt_dtype_name(gt_parameters_dtype(model->parameters)),
                    processes);
}

static void print_sums(const gt_session *session)
{
    gt_progress progress = {0};
    double early = gt_trainer_summed_early(session->trainer);
    if (gt_processes_several(&session->processes) && early > 0)
        gt_progress_say(&progress,
                        "the processes sum %.0f %% of their gradients and states while they compute the rest",
                        100 * early);
}

/* What the network does with the outputs of a layer's cell, and what it does not. */
static void print_outputs_of(const gt_network *network, uint32_t layer, const char *which)
{
    const gt_cell *cell = gt_network_layer_at(network, layer).cell;
    const int32_t handed_on = gt_network_handed_on(network, layer);
    gt_progress progress = {0};
    for (uint32_t i = 0; i < cell->output_count; i++) {
        const char *name = cell->outputs[i].name;
        if (cell->outputs[i].loss && !network->ignores_outputs)
            gt_progress_say(&progress, "the loss %s of %s is added to the task's", name, which);
        else if ((int32_t)i == handed_on)
            gt_progress_say(&progress, "%s hands on %s, its output", which, name);
        else if (network->ignores_outputs && !gt_cell_is_output_layer(&cell->outputs[i]))
            gt_progress_say(&progress, "%s hands on %s: a model of this age ignores the output %s", which,
                            cell->states[0].name, name);
        else if (!gt_cell_is_output_layer(&cell->outputs[i]))
            gt_progress_say(&progress, "the output %s is not used: a layer hands on one, %s", name,
                            handed_on < 0 ? cell->states[0].name : cell->outputs[handed_on].name);
    }
}

static void print_outputs(const gt_network *network)
{
    for (uint32_t layer = 0; network->layers != NULL && layer < network->layer_count; layer++) {
        char which[32];
        gt_utf8_format(which, sizeof which, "layer %u", layer + 1);
        print_outputs_of(network, layer, which);
    }
    if (network->layers == NULL)
        print_outputs_of(network, 0, "each layer");
}

static const char *end_name(gt_train_end end)
{
    return end == GT_TRAIN_SECONDS ? "minutes" : gt_train_end_name(end);
}

/* A row for each class that is, a column for each that was predicted. */
static void print_confusion(const gt_session *session)
{
    enum { MOST_SHOWN = 20 };
    int64_t classes = session->model.data.outputs;
    if (session->confusion == NULL || classes > MOST_SHOWN)
        return;
    printf("true \\ predicted");
    for (int64_t k = 0; k < classes; k++)
        printf(" %6" PRId64, k);
    for (int64_t truth = 0; truth < classes; truth++) {
        printf("\n%16" PRId64, truth);
        for (int64_t k = 0; k < classes; k++)
            printf(" %6" PRId64, session->confusion[k + classes * truth]);
    }
    printf("\n");
}

/* A line for each loss of the cells' own. */
static void print_terms(const gt_session *session)
{
    const gt_train_score *score = &session->last_validation;
    for (uint32_t k = 0; k < gt_network_term_count(&session->model.network); k++) {
        printf("%s %.4g", gt_network_term_name(&session->model.network, k), session->progress.smoothed_terms[k]);
        if (!isnan(score->loss))
            printf(", validation %.4g", score->terms[k]);
        printf("\n");
    }
}

static void print_scores(const gt_session *session)
{
    const gt_train_score *score = &session->last_validation;
    const char *unit = session->model.data.predicts_numbers ? "mse" : "bits";
    printf("loss %.4g %s", session->progress.smoothed, unit);
    if (!isnan(score->loss))
        printf(", validation %.4g", score->loss);
    if (!isnan(score->loss) && session->model.data.predicts_numbers)
        printf(", rmse %.4g", sqrt(score->loss));
    if (!isnan(score->accuracy))
        printf(", %.1f %% right", 100 * score->accuracy);
    printf("\n");
    print_terms(session);
    print_confusion(session);
}

static void print_summary(const gt_session *session)
{
    const gt_model *model = &session->model;
    double seconds = gt_clock_seconds() - session->progress.start;
    gt_terminal_written(session->settings->save, " ");
    printf("%s at iteration %" PRId64 " after %.1f s, %.0f %s/s\n",
           session->end == GT_TRAIN_INTERRUPTED ? "saved on interruption" : "saved", model->iteration, seconds,
           gt_progress_rate(&session->progress, model->iteration), model->data.present ? "sequences" : "characters");
    if (model->data.present) {
        print_scores(session);
        return;
    }
    printf("loss %.3f", session->progress.smoothed);
    if (!isnan(session->last_validation.loss))
        printf(", validation %.3f", session->last_validation.loss);
    printf(" bits/char\n");
    print_terms(session);
}

static void write_confusion(gt_json *json, const gt_session *session)
{
    int64_t classes = session->model.data.outputs;
    if (session->confusion == NULL)
        return;
    gt_json_array(json, "confusion"); /* a row for each class that is */
    for (int64_t truth = 0; truth < classes; truth++) {
        gt_json_array(json, NULL);
        for (int64_t k = 0; k < classes; k++)
            gt_json_integer(json, NULL, session->confusion[k + classes * truth]);
        gt_json_close(json);
    }
    gt_json_close(json);
}

/* {"ponder": {"training": 0.0123, "validation": 0.0119}} */
static void write_terms(gt_json *json, const gt_session *session)
{
    gt_json_object(json, "terms");
    for (uint32_t k = 0; k < gt_network_term_count(&session->model.network); k++) {
        const gt_train_score *score = &session->last_validation;
        gt_json_object(json, gt_network_term_name(&session->model.network, k));
        gt_json_real(json, "training", session->progress.smoothed_terms[k]);
        gt_json_real(json, "validation", isnan(score->loss) ? NAN : score->terms[k]);
        gt_json_close(json);
    }
    gt_json_close(json);
}

static void write_scores(gt_json *json, const gt_session *session)
{
    const gt_model *model = &session->model;
    const gt_train_score *score = &session->last_validation;
    gt_json_text(json, "task", model->settings.task);
    gt_json_text(json, "unit", model->data.predicts_numbers ? "mse" : "bits");
    gt_json_integer(json, "training_examples", model->training_count);
    gt_json_integer(json, "validation_examples", model->validation_count);
    gt_json_integer(json, "outputs", model->data.outputs);
    gt_json_real(json, "loss", session->progress.smoothed);
    gt_json_real(json, "validation_loss", score->loss);
    gt_json_real(json, "validation_accuracy", score->accuracy);
    gt_json_real(json, "validation_rmse", model->data.predicts_numbers ? sqrt(score->loss) : NAN);
    gt_json_real(json, "best_validation_loss", model->best_validation);
    gt_json_real(json, "baseline", session->baseline.loss);
    gt_json_real(json, "baseline_accuracy", session->baseline.accuracy);
    gt_json_real(json, "optimum", session->optimum);
    gt_json_real(json, "examples_per_second", gt_progress_rate(&session->progress, model->iteration));
    write_confusion(json, session);
}

static void write_text_scores(gt_json *json, const gt_session *session)
{
    const gt_model *model = &session->model;
    gt_json_integer(json, "vocabulary", model->vocabulary.count);
    gt_json_integer(json, "training_characters", model->training_count);
    gt_json_integer(json, "validation_characters", model->validation_count);
    gt_json_real(json, "bits_per_character", session->progress.smoothed);
    gt_json_real(json, "validation_bits_per_character", session->last_validation.loss);
    gt_json_real(json, "best_validation_bits_per_character", model->best_validation);
    gt_json_real(json, "characters_per_second", gt_progress_rate(&session->progress, model->iteration));
}

static int print_json(const gt_command *command, const gt_session *session)
{
    const gt_model *model = &session->model;
    gt_json *json = gt_json_begin(command, 1);
    if (json == NULL)
        return GT_EXIT_USAGE;
    gt_json_text(json, "model", session->settings->save);
    gt_json_text(json, "stopped", end_name(session->end));
    char label[GT_CELL_LABEL];
    gt_cell_stack_label(&model->source, label);
    gt_json_text(json, "cell", label);
    gt_json_integer(json, "parameters", gt_parameters_total(model->parameters));
    gt_json_integer(json, "iterations", model->iteration);
    gt_json_integer(json, "iterations_of_this_run", model->iteration - session->progress.first);
    gt_json_real(json, "epochs", (double)model->iteration / (double)gt_trainer_epoch(session->trainer));
    gt_json_integer(json, "best_iteration", model->best_iteration);
    gt_json_real(json, "seconds", gt_clock_seconds() - session->progress.start);
    gt_json_integer(json, "processes", session->processes.group.count);
    gt_json_real(json, "summed_early", gt_trainer_summed_early(session->trainer));
    if (model->data.present)
        write_scores(json, session);
    else
        write_text_scores(json, session);
    write_terms(json, session);
    return gt_json_finish(json, GT_EXIT_GOOD);
}

/* Of several processes the one that knows the reason says it. */
static int fail(const gt_command *command, const gt_session *session, const gt_error *error)
{
    if (gt_processes_several(&session->processes) && error->status == GT_ERROR_INTERRUPTED)
        return GT_EXIT_USAGE;
    return gt_command_fail_error(command, error);
}

static int run(const gt_command *command, gt_session *session, gt_settings *settings)
{
    gt_error error = {0};
    session->model.source.set = settings->set;
    if (!settings->resume && !gt_cell_stack_open(&session->model.source, command, settings->cell))
        return GT_EXIT_USAGE;
    if (!gt_processes_start(&session->processes, &error) || !gt_session_start(session, settings, &error))
        return fail(command, session, &error);
    if (!settings->quiet) {
        print_start(session);
        print_sums(session);
        print_outputs(&session->model.network);
    }
    if (!gt_session_run(session, &error))
        return fail(command, session, &error);
    if (!gt_processes_first(&session->processes))
        return GT_EXIT_GOOD;
    if (settings->json)
        return print_json(command, session);
    if (!settings->quiet && !gt_file_is_standard(settings->log))
        print_summary(session);
    return GT_EXIT_GOOD;
}

static int train(const gt_command *command, int argument_count, char **arguments)
{
    gt_settings settings;
    gt_session session = {0};
    int status;
    if (!gt_settings_parse(&settings, command, argument_count, arguments, &status))
        return status;
    status = run(command, &session, &settings);
    gt_session_free(&session);
    gt_text_list_free(&settings.text);
    return status;
}
