/* A program as text: a line for each node, the body of a scan further in. */
#include "plan/describe/describe.h"

#include "graph/scan.h"
#include "ops/descriptors.h"
#include "ops/rule.h"

typedef struct printing {
    gt_plan_text *text;
    int depth;
} printing;

static void indent(const printing *p)
{
    gt_plan_text_add(p->text, "%*s", 4 * p->depth, "");
}

/* "%12 h'", or "%12" of a node without a name. */
static void print_name(const printing *p, const gt_tape *tape, uint32_t index)
{
    const char *name = gt_intern_text_at(&tape->names, gt_tape_node(tape, index)->name);
    gt_plan_text_add(p->text, "%%%u%s%s", (unsigned)index, name[0] != '\0' ? " " : "", name);
}

/* Shapes are printed anyway; nothing is said of a product that transposes nothing. */
static void print_attributes(const printing *p, const gt_tape *tape, const gt_node *node)
{
    const int64_t *attributes = gt_node_attributes(tape, node);
    if (node->op == &gt_op_fill)
        gt_plan_text_add(p->text, " %g", gt_unpack_double(attributes[GT_SHAPE_ATTRIBUTES]));
    if (node->op == &gt_op_fill || node->op == &gt_op_input || node->op == &gt_op_reshape ||
        node->op == &gt_op_broadcast || node->op == &gt_op_scan ||
        (node->op == &gt_op_matmul && attributes[0] == 0 && attributes[1] == 0))
        return;
    for (uint32_t k = 0; k < node->attribute_count; k++)
        gt_plan_text_add(p->text, "%s%lld", k == 0 ? " [" : ", ", (long long)attributes[k]);
    gt_plan_text_add(p->text, "%s", node->attribute_count > 0 ? "]" : "");
}

static void print_node(const printing *p, const gt_tape *tape, uint32_t index)
{
    char shape[64];
    const gt_node *node = gt_tape_node(tape, index);
    indent(p);
    print_name(p, tape, index);
    gt_plan_text_add(p->text, " = %s%s", node->op->name, node->input_count > 0 ? "(" : "");
    for (uint32_t k = 0; k < node->input_count; k++) {
        gt_plan_text_add(p->text, "%s", k > 0 ? ", " : "");
        print_name(p, tape, gt_node_inputs(tape, node)[k]);
    }
    gt_plan_text_add(p->text, "%s", node->input_count > 0 ? ")" : "");
    print_attributes(p, tape, node);
    gt_plan_text_add(p->text, "  %s %s\n", gt_shape_format(gt_node_shape(tape, node), shape, sizeof shape),
                     gt_dtype_name((gt_dtype)node->dtype));
}

static void print_tape(const printing *p, const gt_tape *tape);

/* One thing that enters a body, or that a state becomes. */
static void print_link(const printing *p, const gt_tape *left, uint32_t index, const char *word, const gt_tape *right,
                       uint32_t other)
{
    indent(p);
    print_name(p, left, index);
    gt_plan_text_add(p->text, " %s ", word);
    print_name(p, right, other);
    gt_plan_text_add(p->text, "\n");
}

static void print_scan(const printing *p, const gt_scan *scan)
{
    const printing inner = {p->text, p->depth + 1};
    indent(&inner);
    gt_plan_text_add(p->text, "%lld steps %s\n", (long long)scan->steps,
                     scan->direction == GT_FORWARD ? "forward" : "backward");
    for (size_t k = 0; k < scan->carry_count; k++)
        print_link(&inner, scan->body, scan->carries[k].before, "is a state, at first", scan->outer,
                   scan->carries[k].initial);
    for (size_t k = 0; k < scan->input_count; k++)
        print_link(&inner, scan->body, scan->inputs[k].inside, "is a slice of", scan->outer, scan->inputs[k].outside);
    for (size_t k = 0; k < scan->invariant_count; k++)
        print_link(&inner, scan->body, scan->invariants[k].inside, "is", scan->outer, scan->invariants[k].outside);
    print_tape(&inner, scan->body);
    for (size_t k = 0; k < scan->carry_count; k++)
        print_link(&inner, scan->body, scan->carries[k].before, "becomes", scan->body, scan->carries[k].after);
}

/* What enters a body has been printed as a link. */
static void print_tape(const printing *p, const gt_tape *tape)
{
    for (uint32_t i = 1; i <= tape->node_count; i++) {
        const gt_node *node = gt_tape_node(tape, i);
        if (node->role == GT_ROLE_NONE || tape->parent == NULL)
            print_node(p, tape, i);
        if (node->op->op_class == GT_CLASS_SCAN)
            print_scan(p, gt_node_scan(tape, node));
    }
}

void gt_program_write(const gt_program *program, gt_plan_text *text)
{
    const printing p = {text, 0};
    print_tape(&p, program->tape);
    for (uint32_t k = 0; k < program->output_count; k++) {
        gt_plan_text_add(text, "output %u is ", (unsigned)k);
        print_name(&p, program->tape, program->outputs[k].index);
        gt_plan_text_add(text, "\n");
    }
}
