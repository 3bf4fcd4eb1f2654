/* A scene as a description for Graphviz's programs, with the places of everything. */
#ifndef GT_DUMP_DOT_H
#define GT_DUMP_DOT_H

#include "dump/scene.h"
#include "dump/text.h"

void gt_dot_write(const gt_scene *scene, gt_text *text);

#endif
