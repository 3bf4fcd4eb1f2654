/*
 * A character model in memory and in a file.
 *
 * The file is an .npz archive. It holds the parameters as `parameter/NAME`, and,
 * so that training can go on with the same losses bit for bit, the optimizer's
 * memory as `optimizer/...` and the carried states as `state/NAME`. The member
 * `model.json` holds everything else: format and version, the settings, the
 * vocabulary, the text's name and hash, how far training has come. A model whose
 * cell was written as text carries that text as the member `model.cell`, and needs
 * the file it came from no more. Layers of several cells carry the further ones as `model.2.cell` and so on.
 */
#ifndef GT_TRAINING_MODEL_H
#define GT_TRAINING_MODEL_H

#include "command/cell_stack.h"
#include "command/dimensions.h"
#include "training/settings.h"
#include "training/vocabulary.h"

/* Of a model that learns from sequences: what they are. */
typedef struct gt_model_data {
    bool present; /* false: it learns from a text */
    bool reads_numbers, predicts_numbers;
    int64_t vocabulary, outputs;
    uint32_t further; /* inputs beside the first */
    bool at_the_end;  /* as of gt_network */
} gt_model_data;

typedef struct gt_model {
    gt_settings settings;     /* text, save and log are the run's; only the fixed ones are loaded */
    gt_vocabulary vocabulary; /* of a text */
    gt_model_data data;
    gt_cell_source source; /* the cell, or its layers; found by the settings unless it is there already */
    gt_network_layer layers[GT_MAX_LAYERS]; /* of the network, if the source has layers */
    gt_dimensions dimensions;               /* what the cell names besides n_x and n_a */
    bool ignores_outputs; /* of version 1: layers hand on the first state, whatever the cell declares */
    bool cut_otherwise;   /* of version 1: the text was cut into windows in another way */
    gt_network network;
    gt_parameters *parameters;

    /* training; absent in a model that was loaded for sampling */
    gt_parameters *states;
    gt_optimizer *optimizer;
    gt_parameters *best;    /* the parameters of the best validation; NULL: they are not kept */
    int64_t iteration;      /* iterations done */
    int64_t first;          /* of these, before the present data */
    double best_validation; /* bits per character; infinite before the first */
    int64_t best_iteration; /* 0: none yet */
    int64_t worse;          /* validations since then */
    uint64_t text_hash;
    int64_t training_count, validation_count; /* characters */
    char **files;                             /* of the text; owned */
    uint32_t file_count;
    char *cell, *dims, *rates, *task; /* of a model that was loaded: what the settings point to; owned */
} gt_model;

void gt_model_free(gt_model *model);

/*
 * With settings and vocabulary set, makes the network, its parameters, its
 * states and its optimizer, all with the values that training begins with.
 */
bool gt_model_create(gt_model *model, gt_error *error);

/*
 * Finds the settings' hidden size, with which the network has as near to so many parameters as it can.
 * False, with words, if even the smallest has more, or the size does not matter. gt_model_create does this
 * where the settings say `parameters`.
 */
bool gt_model_fit(gt_model *model, int64_t parameters, gt_error *error);
/* The network that settings, cell and vocabulary describe; part of gt_model_create and gt_model_load. */
bool gt_model_make_network(gt_model *model, gt_error *error);

/* That the parameters of the best validation are kept from now on. */
bool gt_model_keep_best(gt_model *model, gt_error *error);

/* That from this iteration on the data are others: they are read from their beginning, and no validation counts. */
void gt_model_begin_data(gt_model *model);

/* What a trainer of the model is given, but for the data, threads and interrupt. Borrows from the model. */
gt_train_options gt_model_train_options(gt_model *model);

/* Whether this build has the libraries that model files need; if not, *error names the one it lacks. */
bool gt_model_can_be_saved(gt_error *error);
/* Replaces the file at `path` at once, or leaves it as it is: see gt_archive_write. */
bool gt_model_save(const gt_model *model, const char *path, gt_error *error);

/*
 * Reads what gt_model_save wrote, the part for training only if asked for.
 * Whatever the file holds, the result is a model in good order or an error that
 * names the file. Needs gt_model_free either way.
 */
bool gt_model_load(gt_model *model, const char *path, bool for_training, gt_error *error);

/* ---- model.json ---------------------------------------------------------------------------- */

/* The text of model.json, to be freed with free(); NULL on an error. */
char *gt_model_describe(const gt_model *model, gt_error *error);
/* The names of the cells whose texts a model carries. */
typedef struct gt_cell_names {
    char *list[GT_MAX_LAYERS]; /* owned */
    uint32_t count;
    bool layered; /* the setting `cell` is a text of layers */
} gt_cell_names;
void gt_cell_names_free(gt_cell_names *names);

/* Fills settings, vocabulary and progress from it, and `names`, to be freed either way; none: it carries no text. */
bool gt_model_understand(gt_model *model, const char *text, gt_cell_names *names, gt_error *error);

#endif
