/* gradtape train: a character model from a text. */
#include "command/json.h"
#include "command/terminal.h"
#include "training/session.h"

#include <inttypes.h>
#include <math.h>

static int train(const gt_command *command, int argument_count, char **arguments);

const gt_command gt_command_train = {
    .name = "train",
    .summary = "trains a character model on text",
    .run = train,
};

static void print_start(const gt_session *session)
{
    const gt_model *model = &session->model;
    const gt_settings *s = &model->settings;
    const char *unit = s->bytes ? "bytes" : "characters";
    gt_progress progress = {0};
    gt_progress_say(&progress, "%" PRId64 " %s to train on, %" PRId64 " to validate, %u different",
                    model->training_count, unit, model->validation_count, model->vocabulary.count);
    gt_progress_say(&progress, "%s, %" PRId64 " x %" PRId64 " units, %" PRId64 " parameters, %s",
                    model->network.cell->name, s->layers, s->hidden, gt_parameters_total(model->parameters),
                    gt_dtype_name(gt_parameters_dtype(model->parameters)));
}

/* What the network does with the cell's outputs, and what it does not. */
static void print_outputs(const gt_network *network)
{
    const gt_cell *cell = network->cell;
    const int32_t handed_on = gt_network_handed_on(network);
    gt_progress progress = {0};
    for (uint32_t i = 0; i < cell->output_count; i++) {
        const char *name = cell->outputs[i].name;
        if ((int32_t)i == handed_on)
            gt_progress_say(&progress, "each layer hands on %s, its output", name);
        else if (network->ignores_outputs && !gt_cell_is_output_layer(&cell->outputs[i]))
            gt_progress_say(&progress, "each layer hands on %s: a model of this age ignores the output %s",
                            cell->states[0].name, name);
        else if (!gt_cell_is_output_layer(&cell->outputs[i]))
            gt_progress_say(&progress, "the output %s is not used: a layer hands on one, the first", name);
    }
}

static const char *end_name(gt_train_end end)
{
    return end == GT_TRAIN_SECONDS ? "minutes" : gt_train_end_name(end);
}

static void print_summary(const gt_session *session)
{
    const gt_model *model = &session->model;
    double seconds = gt_progress_clock() - session->progress.start;
    printf("%s %s at iteration %" PRId64 " after %.1f s, %.0f characters/s\nloss %.3f", session->settings->save,
           session->end == GT_TRAIN_INTERRUPTED ? "saved on interruption" : "saved", model->iteration, seconds,
           gt_progress_rate(&session->progress, model->iteration), session->progress.smoothed);
    if (!isnan(session->last_validation.loss))
        printf(", validation %.3f", session->last_validation.loss);
    printf(" bits/char\n");
}

static int print_json(const gt_command *command, const gt_session *session)
{
    const gt_model *model = &session->model;
    gt_json *json = gt_json_begin(command, 1);
    if (json == NULL)
        return GT_EXIT_USAGE;
    gt_json_text(json, "model", session->settings->save);
    gt_json_text(json, "stopped", end_name(session->end));
    gt_json_text(json, "cell", model->network.cell->name);
    gt_json_integer(json, "parameters", gt_parameters_total(model->parameters));
    gt_json_integer(json, "vocabulary", model->vocabulary.count);
    gt_json_integer(json, "training_characters", model->training_count);
    gt_json_integer(json, "validation_characters", model->validation_count);
    gt_json_integer(json, "iterations", model->iteration);
    gt_json_integer(json, "iterations_of_this_run", model->iteration - session->progress.first);
    gt_json_real(json, "epochs", (double)model->iteration / (double)gt_trainer_epoch(session->trainer));
    gt_json_real(json, "bits_per_character", session->progress.smoothed);
    gt_json_real(json, "validation_bits_per_character", session->last_validation.loss);
    gt_json_real(json, "best_validation_bits_per_character", model->best_validation);
    gt_json_integer(json, "best_iteration", model->best_iteration);
    gt_json_real(json, "seconds", gt_progress_clock() - session->progress.start);
    gt_json_real(json, "characters_per_second", gt_progress_rate(&session->progress, model->iteration));
    return gt_json_finish(json, GT_EXIT_GOOD);
}

static int run(const gt_command *command, gt_session *session, gt_settings *settings)
{
    gt_error error = {0};
    if (!settings->resume && !gt_cell_source_open(&session->model.source, command, settings->cell))
        return GT_EXIT_USAGE;
    if (!gt_session_start(session, settings, &error))
        return gt_command_fail_error(command, &error);
    if (!settings->quiet) {
        print_start(session);
        print_outputs(&session->model.network);
    }
    if (!gt_session_run(session, &error))
        return gt_command_fail_error(command, &error);
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
