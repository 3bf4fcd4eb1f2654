/* The program and the style of page/, which the build puts into the library. */
#ifndef GT_STEPPER_EMBEDDED_H
#define GT_STEPPER_EMBEDDED_H

#include <stddef.h>

extern const char gt_page_program[], gt_page_style[];
extern const size_t gt_page_program_size, gt_page_style_size;
/* As a Content-Security-Policy names the one program that may run. */
extern const char gt_page_program_digest[];

#endif
