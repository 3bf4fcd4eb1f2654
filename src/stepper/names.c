/* Names: the cell's where it has one, "d" before them for adjoints, formulas for the rest. */
#include "base/memory.h"
#include "base/utf8.h"
#include "stepper/stepping.h"

#include <string.h>

enum { LONGEST = 46, SHORT = 16 }; /* bytes of a formula that still reads as a name, and as a part of one */

static gt_formula named(const char *text)
{
    gt_formula name;
    gt_formula_set(&name, text, strlen(text));
    return name;
}

static bool is_named(const gt_formula *name)
{
    return name->text[0] != '\0';
}

/* `briefly`: an operand whose name is long is three dots. */
static gt_formula rule_of(const gt_stepping *s, gt_var v, bool briefly)
{
    const gt_op *op = gt_var_op(v);
    gt_formula operands[GT_FORMULA_OPERANDS], rule;
    char detail[64] = "";
    uint32_t count = gt_var_input_count(v);
    if (op->op_class == GT_CLASS_LEAF)
        return s->names[v.index];
    if (op->detail != NULL)
        op->detail(v, detail, sizeof detail);
    if (count > GT_FORMULA_OPERANDS)
        return named("");
    for (uint32_t k = 0; k < count; k++) {
        operands[k] = s->names[gt_var_input(v, k).index];
        if (briefly && operands[k].length > SHORT)
            operands[k] = named("…");
    }
    gt_formula_apply(&rule, op->label != NULL ? op->label : op->name, detail, operands, count);
    if (rule.length >= sizeof rule.text) {
        rule = named("");
        return rule;
    }
    return rule;
}

gt_formula gt_stepping_rule(const gt_stepping *s, gt_var v)
{
    return rule_of(s, v, false);
}

/* Those of the graph; a constant is its number. */
static void name_drawn(gt_stepping *s)
{
    for (size_t i = 0; i < s->item_count; i++) {
        const gt_graph_node *node = gt_graph_node_at(s->graph, s->items[i].node);
        gt_formula *name = &s->names[s->items[i].var.index];
        if (node == NULL)
            continue;
        if (node->has_value && node->name[0] == '\0')
            gt_formula_number(name, node->value);
        else
            *name = named(node->name);
    }
}

/* "f_z⟨1⟩" for what f⟨1⟩ is a function of. */
static void name_before(gt_stepping *s, gt_var v)
{
    gt_var input = gt_var_input(v, 0);
    const gt_formula *name = &s->names[v.index];
    if (gt_var_input_count(v) != 1 || !is_named(name) || is_named(&s->names[input.index]) ||
        (gt_var_op(v)->op_class != GT_CLASS_ELEMENTWISE && gt_var_op(v)->op_class != GT_CLASS_COLUMN_PARALLEL))
        return;
    char text[GT_FORMULA_SIZE];
    const char *time = strstr(name->text, "⟨");
    int letters = (int)(time != NULL ? (size_t)(time - name->text) : strlen(name->text));
    gt_utf8_format(text, sizeof text, "%.*s_z%s", letters, name->text, name->text + letters);
    s->names[input.index] = named(text);
}

static void name_by_formula(gt_stepping *s, uint32_t index)
{
    gt_var v = gt_tape_var(s->record.tape, index - 1);
    gt_formula formula;
    char text[40];
    if (is_named(&s->names[index]))
        return;
    if (gt_var_name(v)[0] != '\0') {
        s->names[index] = named(gt_var_name(v));
        return;
    }
    bool moves = strcmp(gt_var_op(v)->name, "reshape") == 0; /* the same entries, so the same name */
    formula = moves ? s->names[gt_var_input(v, 0).index] : rule_of(s, v, false);
    if (!is_named(&formula) || formula.length > LONGEST)
        formula = rule_of(s, v, true);
    if (!is_named(&formula) || formula.length > LONGEST) {
        gt_utf8_format(text, sizeof text, "%.32s(…)", gt_var_op(v)->name);
        formula = named(text);
    }
    s->names[index] = formula;
}

/* Whether an upstream gradient is called that: what reaches a value in all then needs another name. */
static bool is_upstream(const gt_stepping *s, const char *name)
{
    for (size_t i = 0; i < s->item_count; i++) {
        const gt_graph_node *node = gt_graph_node_at(s->graph, s->items[i].node);
        if (node != NULL && node->backward && node->kind == GT_GRAPH_INPUT && strcmp(node->name, name) == 0)
            return true;
    }
    return false;
}

/* "dc⟨1⟩"; "d(tanh(c⟨1⟩))" where there is no name; "s_a⟨1⟩" for all that reaches a where da⟨1⟩ is given. */
static void name_adjoint(gt_stepping *s, const gt_addend *addend, uint32_t place, uint32_t count)
{
    const gt_formula *of = &s->names[addend->target];
    char text[2 * GT_FORMULA_SIZE], part[40] = "";
    bool atom = strcspn(of->text, " (") == strlen(of->text);
    if (addend->sum <= s->forward || is_named(&s->names[addend->sum]))
        return;
    gt_utf8_format(text, sizeof text, "d%s", of->text);
    /* What comes first is the upstream gradient itself. */
    bool given = is_upstream(s, text) && place > 1;
    if (place < count && !(place == 1 && is_upstream(s, text)))
        gt_utf8_format(part, sizeof part, "[%u of %u]", (unsigned)place, (unsigned)count);
    gt_utf8_format(text, sizeof text, "%s%s%s%s", given ? "s_" : atom ? "d" : "d(", of->text, atom ? "" : ")", part);
    s->names[addend->sum] = named(text);
}

static bool name_adjoints(gt_stepping *s)
{
    uint32_t *all = gt_memory_new((uint64_t)s->forward + 1, sizeof *all);
    uint32_t *come = gt_memory_new((uint64_t)s->forward + 1, sizeof *come);
    bool done = all != NULL && come != NULL;
    for (size_t i = 0; done && i < s->addend_count; i++)
        all[s->addends[i].target]++;
    for (size_t i = 0; done && i < s->addend_count; i++) {
        const gt_addend *addend = &s->addends[i];
        name_adjoint(s, addend, ++come[addend->target], all[addend->target]);
    }
    gt_memory_free(all);
    gt_memory_free(come);
    return done;
}

bool gt_stepping_name(gt_stepping *s)
{
    uint32_t count = gt_tape_node_count(s->record.tape);
    s->names = gt_memory_new((uint64_t)count + 1, sizeof *s->names);
    if (s->names == NULL)
        return false;
    name_drawn(s);
    for (uint32_t i = s->forward; i >= 1; i--)
        if (gt_var_input_count(gt_tape_var(s->record.tape, i - 1)) == 1)
            name_before(s, gt_tape_var(s->record.tape, i - 1));
    for (uint32_t i = 1; i <= s->forward; i++)
        name_by_formula(s, i);
    if (!name_adjoints(s))
        return false;
    for (uint32_t i = s->forward + 1; i <= count; i++)
        name_by_formula(s, i);
    return true;
}
