/* What model.json says of itself. */
#ifndef GT_TRAINING_MODEL_JSON_H
#define GT_TRAINING_MODEL_JSON_H

#define GT_MODEL_FORMAT "gradtape character model"
#define GT_MODEL_FORMAT_OF_DATA "gradtape sequence model"
/*
 * Version 1 ignored outputs of cells, and left out the end of the text; version 2 had Adam and SGD alone; version 4
 * has layers of several cells and both directions, and what has none of them is still written as version 3.
 */
#define GT_MODEL_VERSION 4
#define GT_MODEL_VERSION_WITHOUT_LAYERS 3

#endif
