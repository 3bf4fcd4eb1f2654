#include "command/constants.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A number with a point, in every locale, and nothing behind it. */
static bool read_number(const char *text, double *number)
{
    char copy[64], *end;
    const char *point = localeconv()->decimal_point;
    size_t length = strlen(text);
    if (length == 0 || length >= sizeof copy || strspn(text, "0123456789+-.eE") != length)
        return false;
    memcpy(copy, text, length + 1);
    char *dot = strchr(copy, '.');
    if (dot != NULL && strlen(point) == 1)
        *dot = *point;
    *number = strtod(copy, &end);
    return *end == '\0' && isfinite(*number);
}

static bool read_one(gt_constants *c, char *item, gt_error *error)
{
    char *sign = strchr(item, '=');
    if (sign == NULL || sign == item)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--set: write NAME=X, not '%.60s'", item) == GT_OK;
    *sign = '\0';
    if (c->count == GT_MOST_CONSTANTS)
        return gt_error_set(error, GT_ERROR_SIZE, "--set: at most %d constants are set", GT_MOST_CONSTANTS) == GT_OK;
    for (uint32_t i = 0; i < c->count; i++)
        if (strcmp(c->list[i].name, item) == 0)
            return gt_error_set(error, GT_ERROR_ARGUMENT, "--set: %.60s is given twice", item) == GT_OK;
    c->list[c->count].name = item;
    if (!read_number(sign + 1, &c->list[c->count].value))
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--set %.60s=%.60s: that is no number", item, sign + 1) == GT_OK;
    c->count++;
    return true;
}

bool gt_constants_read(gt_constants *constants, const char *text, gt_error *error)
{
    char *rest;
    *constants = (gt_constants){.count = 0};
    if (text == NULL)
        return true;
    constants->text = strdup(text);
    if (constants->text == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory") == GT_OK;
    for (char *item = strtok_r(constants->text, ",", &rest); item != NULL; item = strtok_r(NULL, ",", &rest))
        if (!read_one(constants, item, error))
            return false;
    return constants->count > 0 || gt_error_set(error, GT_ERROR_ARGUMENT, "--set: write NAME=X") == GT_OK;
}

void gt_constants_free(gt_constants *constants)
{
    free(constants->text);
    *constants = (gt_constants){.count = 0};
}
