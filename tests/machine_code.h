/* A function that an encoder holds, made executable. */
#ifndef TESTS_MACHINE_CODE_H
#define TESTS_MACHINE_CODE_H

#include "native/compile.h"
#include "native/executable.h"

#include <criterion/criterion.h>
#include <string.h>

/* The one that begins there; free the executable behind its last call. */
static inline gt_loop_function *machine_code(const gt_encoder *e, size_t begin, gt_executable *executable)
{
    cr_assert_eq(gt_executable_make(executable, e->bytes, e->count), GT_OK);
    const char *at = (const char *)executable->code + begin;
    gt_loop_function *function;
    memcpy(&function, &at, sizeof at);
    return function;
}

#endif
