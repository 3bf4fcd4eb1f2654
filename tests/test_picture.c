/* Pictures of all cells of the zoo: nothing overlaps or is run through, steps are alike, names can be read on a slide.
 */
#include "dump/scene.h"
#include "files.h"
#include "gradtape.h"
#include "graph_cell.h"
#include "problem/tape.h"
#include "support/random_tape.h"

#include <dirent.h>
#include <math.h>

TestSuite(picture, .timeout = 300);

/* ---- graphs of the zoo --------------------------------------------------------------------- */

static gt_graph *graph_of(const gt_cell *cell, int64_t steps, bool backward)
{
    static gt_cell_problem problem;
    static gt_cell_tape tape;
    gt_error error = {0};
    gt_dimensions dimensions = {0};
    gt_dimension named[GT_MAX_CELL_ARRAYS + 1];
    gt_var gradients[3 * GT_MAX_CELL_ARRAYS];
    gt_graph_output outputs[6 * GT_MAX_CELL_ARRAYS];
    static char names[3 * GT_MAX_CELL_ARRAYS][96];
    uint32_t count = 0;
    cr_assert_eq(gt_dimensions_find(&dimensions, cell, true, &error), GT_OK, "%s", error.message);
    gt_dimensions_usual(&dimensions, 10);
    memcpy(named, dimensions.list, dimensions.count * sizeof *named);
    named[dimensions.count] = (gt_dimension){"m", 10};
    cr_assert_eq(gt_cell_problem_shape(&problem, cell, GT_F64, &dimensions, 10, steps > 0 ? steps : 4, true, &error),
                 GT_OK, "%s", error.message);
    for (uint32_t i = problem.differentiated; i < problem.array_count; i++)
        problem.arrays[i].given =
            backward && (problem.arrays[i].kind == GT_PROBLEM_OUTPUT_UPSTREAM || problem.arrays[i].place == 0);
    cr_assert_eq(gt_cell_tape_open(&tape, &problem, steps > 0, &error), GT_OK, "%s", error.message);
    for (uint32_t i = 0; i < tape.result_count; i++)
        outputs[count++] = (gt_graph_output){tape.results[i], problem.arrays[problem.differentiated + i].row->name};
    if (backward)
        cr_assert_eq(gt_cell_tape_differentiate(&tape, &problem, gradients), GT_OK);
    for (uint32_t i = 0; backward && i < problem.differentiated; i++) {
        snprintf(names[i], sizeof names[i], "d%s", problem.arrays[i].name);
        outputs[count++] = (gt_graph_output){gradients[i], names[i]};
    }
    gt_graph_options options = {.title = cell->name, .dimensions = named, .dimension_count = dimensions.count + 1};
    gt_graph *graph = gt_graph_new(outputs, count, &options, &error);
    cr_assert_not_null(graph, "%s: %s", cell->name, error.message);
    gt_cell_tape_close(&tape);
    gt_cell_problem_free(&problem);
    return graph;
}

typedef void scene_check(const gt_scene *scene, const char *what);

static void check_scenes(const gt_cell *cell, scene_check *check)
{
    for (int i = 0; i < 4; i++) {
        char what[128];
        gt_scene scene;
        gt_graph *graph = graph_of(cell, i / 2 * 3, i % 2 == 1);
        snprintf(what, sizeof what, "%s%s%s", cell->name, i / 2 ? ", 3 steps" : "", i % 2 ? ", backward" : "");
        cr_assert(gt_scene_open(&scene, graph));
        check(&scene, what);
        gt_scene_close(&scene);
        gt_graph_free(graph);
    }
}

static void for_each_scene(scene_check *check)
{
    DIR *cells = opendir(GT_CELLS);
    int count = 0;
    cr_assert_not_null(cells);
    for (struct dirent *entry; (entry = readdir(cells)) != NULL;) {
        char path[600];
        const char *dot = strstr(entry->d_name, ".cell");
        if (dot == NULL || dot[5] != '\0')
            continue;
        snprintf(path, sizeof path, GT_CELLS "/%s", entry->d_name);
        file_bytes file = read_file(path);
        gt_parsed_cell *parsed =
            gt_cell_parse((const char *)file.bytes, file.size, &(gt_cell_parse_options){.file = path});
        free(file.bytes);
        cr_assert(parsed != NULL && gt_parsed_cell_get(parsed) != NULL, "%s", path);
        check_scenes(gt_parsed_cell_get(parsed), check);
        gt_parsed_cell_free(parsed);
        count++;
    }
    closedir(cells);
    cr_assert_geq(count, 24);
}

/* ---- room ---------------------------------------------------------------------------------- */

static const char *name_of(const gt_scene *scene, uint32_t i)
{
    const gt_graph_node *node = &scene->drawing.graph->nodes[i];
    return node->name[0] != '\0' ? node->name : node->label;
}

static void check_boxes(const gt_scene *scene, const char *what)
{
    uint32_t count = (uint32_t)scene->drawing.graph->node_count;
    for (uint32_t i = 0; i < count; i++) {
        const gt_box *a = &scene->arrangement.boxes[i];
        cr_assert_eq(a->placed, scene->drawing.shown[i], "%s: node %u, %s", what, i, name_of(scene, i));
        if (!a->placed)
            continue;
        cr_assert(a->x - a->width / 2 >= 0 && a->x + a->width / 2 <= scene->width && a->y - a->height / 2 >= 0 &&
                      a->y + a->height / 2 <= scene->height,
                  "%s: %s is outside", what, name_of(scene, i));
        for (uint32_t k = 0; k < i; k++) {
            const gt_box *b = &scene->arrangement.boxes[k];
            cr_assert(!b->placed || fabs(a->x - b->x) >= (a->width + b->width) / 2 ||
                          fabs(a->y - b->y) >= (a->height + b->height) / 2,
                      "%s: %s and %s overlap", what, name_of(scene, i), name_of(scene, k));
        }
    }
}

Test(picture, boxes_stand_apart)
{
    for_each_scene(check_boxes);
}

static gt_point point_at(gt_point start, const gt_curve *curve, double t)
{
    double a = (1 - t) * (1 - t) * (1 - t), b = 3 * t * (1 - t) * (1 - t), c = 3 * t * t * (1 - t), d = t * t * t;
    if (curve->straight)
        return (gt_point){start.x + t * (curve->end.x - start.x), start.y + t * (curve->end.y - start.y)};
    return (gt_point){a * start.x + b * curve->control[0].x + c * curve->control[1].x + d * curve->end.x,
                      a * start.y + b * curve->control[0].y + c * curve->control[1].y + d * curve->end.y};
}

/* No point of a line lies in a box, but for the ends, which lie at the outline of theirs. */
static void check_point(const gt_scene *scene, const gt_line *line, gt_point at, const char *what)
{
    const gt_graph_edge *edge = &scene->drawing.graph->edges[line->edge];
    for (uint32_t i = 0; i < scene->drawing.graph->node_count; i++) {
        const gt_box *box = &scene->arrangement.boxes[i];
        double inside = 0.5 + (i == edge->from || i == edge->to ? 4 : 0);
        bool in = box->placed && fabs(at.x - box->x) < box->width / 2 - inside &&
                  fabs(at.y - box->y) < box->height / 2 - inside;
        cr_assert(!in, "%s: the line from %s to %s runs through %s", what, name_of(scene, edge->from),
                  name_of(scene, edge->to), name_of(scene, i));
    }
}

static void check_lines(const gt_scene *scene, const char *what)
{
    for (size_t i = 0; i < scene->line_count; i++) {
        const gt_line *line = &scene->lines[i];
        gt_point at = line->start;
        cr_assert_gt(line->count, 0, "%s", what);
        for (size_t k = 0; k < line->count; k++) {
            const gt_curve *curve = &scene->curves[line->first + k];
            for (int t = 0; t <= 8; t++)
                check_point(scene, line, point_at(at, curve, t / 8.0), what);
            at = curve->end;
        }
    }
    uint32_t wanted = 0;
    for (uint32_t i = 0; i < scene->drawing.graph->edge_count; i++)
        wanted += gt_drawing_has_line(&scene->drawing, i);
    cr_assert_eq(scene->line_count, wanted, "%s", what);
}

Test(picture, lines_run_through_no_box)
{
    for_each_scene(check_lines);
}

/* ---- any tape ------------------------------------------------------------------------------ */

static void check_random(uint32_t seed, bool everything, uint32_t *drawn)
{
    random_options options = {
        .seed = seed, .dtype = GT_F64, .scans = seed % 3, .order = (int)(seed / 3 % 3), .loops = seed % 2};
    gt_graph_output outputs[RANDOM_OUTPUTS];
    gt_error error = {0};
    char what[64];
    gt_scene scene;
    random_tape *r = random_tape_new(&options);
    for (uint32_t i = 0; i < r->output_count; i++)
        outputs[i] = (gt_graph_output){r->outputs[i], NULL};
    gt_graph *graph = gt_graph_new(outputs, r->output_count, &(gt_graph_options){.everything = everything}, &error);
    cr_assert_not_null(graph, "%s", error.message);
    snprintf(what, sizeof what, "tape %u%s", seed, everything ? ", everything" : "");
    if (gt_drawn_count(graph) <= 400) {
        cr_assert(gt_scene_open(&scene, graph), "%s", what);
        check_boxes(&scene, what);
        check_lines(&scene, what);
        gt_scene_close(&scene);
        ++*drawn;
    }
    gt_graph_free(graph);
    random_tape_free(r);
}

/* Scans in scans, gradients of gradients, values that leave one loop and enter another. */
Test(picture, random_tapes)
{
    uint32_t drawn = 0;
    for (uint32_t seed = 0; seed < 90; seed++) {
        check_random(seed, false, &drawn);
        check_random(seed, true, &drawn);
    }
    cr_expect_geq(drawn, 60);
}

/* ---- steps --------------------------------------------------------------------------------- */

/* "x" of "x⟨2⟩", whose step is *step. */
static bool split_name(const char *name, char *base, size_t size, long *step)
{
    const char *time = strstr(name, "⟨");
    if (time == NULL || time == name)
        return false;
    snprintf(base, size, "%.*s", (int)(time - name), name);
    *step = strtol(time + strlen("⟨"), NULL, 10);
    return *step > 0;
}

/*
 * Of what later steps read, too, the gradient in the last step is a sum of fewer parts, named at another place: of
 * an input that a state keeps, by prev or as gru_d's last.
 */
static bool reads_earlier_steps(const gt_graph *graph)
{
    for (uint32_t i = 0; i < graph->node_count; i++)
        if (strstr(graph->nodes[i].name, "_prev0") != NULL || strcmp(graph->nodes[i].name, "last0") == 0)
            return true;
    return false;
}

/* What has one name stands in one place of each step, and steps go on evenly from left to right. */
static void check_steps(const gt_scene *scene, const char *what)
{
    const gt_graph *graph = scene->drawing.graph;
    double pitch = 0;
    bool earlier = reads_earlier_steps(graph);
    for (uint32_t i = 0; i < graph->node_count; i++)
        for (uint32_t k = 0; k < i; k++) {
            char a[300], b[300];
            long first, second;
            const gt_box *one = &scene->arrangement.boxes[k], *other = &scene->arrangement.boxes[i];
            if (!one->placed || !other->placed || !split_name(graph->nodes[k].name, a, sizeof a, &first) ||
                !split_name(graph->nodes[i].name, b, sizeof b, &second) || strcmp(a, b) != 0 || first == second ||
                (earlier && graph->nodes[i].backward))
                continue;
            double step = (other->x + other->core_x - one->x - one->core_x) / (double)(second - first);
            pitch = pitch == 0 ? step : pitch;
            cr_assert(step > 10 && fabs(step - pitch) < 0.5 && fabs(one->y - other->y) < 0.01, "%s: %s and %s", what,
                      graph->nodes[k].name, graph->nodes[i].name);
        }
    cr_assert(!scene->drawing.in_time || pitch > 0, "%s", what);
}

Test(picture, steps_are_alike)
{
    for_each_scene(check_steps);
}

static double x_of(const gt_scene *scene, const char *name)
{
    uint32_t place = 0;
    cr_assert_eq(find_named(scene->drawing.graph, name, &place), 1, "%s", name);
    cr_assert(scene->arrangement.boxes[place].placed);
    return scene->arrangement.boxes[place].x;
}

/* As the cell's text has them: f, i, the candidate, o. */
Test(picture, gates_stand_in_the_order_of_the_text)
{
    for (int backward = 0; backward < 2; backward++) {
        gt_graph *graph = graph_of(&gt_cell_lstm, 3, backward);
        gt_scene scene;
        cr_assert(gt_scene_open(&scene, graph));
        for (int t = 1; t <= 3; t++) {
            char names[4][16];
            for (int i = 0; i < 4; i++)
                snprintf(names[i], sizeof names[i], "%c⟨%d⟩", "figo"[i], t);
            for (int i = 0; i < 3; i++)
                cr_expect_lt(x_of(&scene, names[i]), x_of(&scene, names[i + 1]), "%s, %s", names[i], names[i + 1]);
        }
        gt_scene_close(&scene);
        gt_graph_free(graph);
    }
}

/* Also where fewer lines would cross in another order. */
Test(picture, gates_of_texts_stand_in_their_order)
{
    static const struct {
        const char *cell, *gates;
    } cells[] = {{"layernorm_lstm", "fiog"}, {"gru", "ru"}, {"sru", "fr"}};
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
        const char *text = gt_zoo_find(cells[c].cell)->text;
        gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
        gt_graph *graph = graph_of(gt_parsed_cell_get(parsed), 2, false);
        gt_scene scene;
        cr_assert(gt_scene_open(&scene, graph));
        for (int i = 0; cells[c].gates[i + 1] != '\0'; i++) {
            char one[16], next[16];
            snprintf(one, sizeof one, "%c⟨2⟩", cells[c].gates[i]);
            snprintf(next, sizeof next, "%c⟨2⟩", cells[c].gates[i + 1]);
            cr_expect_lt(x_of(&scene, one), x_of(&scene, next), "%s: %s, %s", cells[c].cell, one, next);
        }
        gt_scene_close(&scene);
        gt_graph_free(graph);
        gt_parsed_cell_free(parsed);
    }
}

/* ---- slides -------------------------------------------------------------------------------- */

static void check_slide(const gt_cell *cell, int steps, bool backward)
{
    gt_graph *graph = graph_of(cell, steps, backward);
    char *bytes;
    size_t size;
    double x, y, width, height;
    cr_assert_eq(gt_graph_render(graph, "svg", &bytes, &size, NULL), GT_OK);
    const char *box = strstr(bytes, "viewBox=\"");
    cr_assert(box != NULL && sscanf(box, "viewBox=\"%lf %lf %lf %lf\"", &x, &y, &width, &height) == 4);
    const char *font = strstr(bytes, "text{font:");
    cr_assert_not_null(font);
    double name = strtod(font + strlen("text{font:"), NULL) * fmin(1280 / width, 720 / height);
    cr_expect_geq(name, 10, "%s, %d steps%s: names are %.2f px high", cell->name, steps, backward ? ", backward" : "",
                  name);
    gt_graph_bytes_free(bytes);
    gt_graph_free(graph);
}

Test(picture, names_can_be_read_on_a_slide)
{
    check_slide(&gt_cell_lstm, 3, false);
    check_slide(&gt_cell_gru, 3, false);
    check_slide(&gt_cell_rnn, 3, false);
    check_slide(&gt_cell_lstm, 0, false);
    check_slide(&gt_cell_gru, 0, false);
    check_slide(&gt_cell_lstm, 0, true);
}
