/*
 * JSON for --json: a document written from the outside in.
 *
 *     gt_json *json = gt_json_begin(command, 1);  // {"command": "notebook", "version": 1
 *     gt_json_array(json, "exercises");           // "exercises": [
 *     gt_json_object(json, NULL);                 // {
 *     gt_json_text(json, "name", "rnn_forward");
 *     gt_json_close(json);                        // }
 *     gt_json_close(json);                        // ]
 *     return gt_json_finish(json, status);        // } on stdout
 *
 * Keys are NULL inside of an array. Every function takes a NULL document and
 * does nothing; lack of memory is reported by gt_json_finish. A document is
 * written whole or not at all, and all that the command writes as JSON, model
 * files too, is written in this way.
 */
#ifndef GT_COMMAND_JSON_H
#define GT_COMMAND_JSON_H

#include "command/command.h"

typedef struct gt_json gt_json;

/*
 * An open object that names the command and the version of its layout, which
 * changes whenever a key changes its meaning. NULL, with a message, if this
 * build has no jansson or there is no memory; then return GT_EXIT_USAGE.
 */
gt_json *gt_json_begin(const gt_command *command, int version);
/* An open object without anything in it, for gt_json_take; NULL on no memory or without jansson. */
gt_json *gt_json_new(void);

void gt_json_object(gt_json *json, const char *key); /* opens one */
void gt_json_array(gt_json *json, const char *key);  /* opens one */
void gt_json_close(gt_json *json);                   /* closes the innermost */

/* NULL gives null; a byte that is no UTF-8, as a file's name may have, becomes U+FFFD. */
void gt_json_text(gt_json *json, const char *key, const char *value);
void gt_json_integer(gt_json *json, const char *key, int64_t value);
void gt_json_real(gt_json *json, const char *key, double value); /* null unless finite */
void gt_json_boolean(gt_json *json, const char *key, bool value);
void gt_json_null(gt_json *json, const char *key);
/* [5, 10] */
void gt_json_shape(gt_json *json, const char *key, gt_shape shape);

/* Prints the document and frees it. Returns `status`, or GT_EXIT_USAGE with a message on failure.
 */
int gt_json_finish(gt_json *json, int status);
/*
 * The document as a text, `indent` columns in a level, to be freed with free(). It
 * has been read back and compared with what was put into it. NULL: no memory, or
 * something that JSON cannot hold was put in. Frees the document.
 */
char *gt_json_take(gt_json *json, int indent);
/* Frees a document that is not to be printed. */
void gt_json_drop(gt_json *json);

#endif
