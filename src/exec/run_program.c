/* Runs a program. */
#include "exec/program.h"

#include <string.h>

static char *address_of(const gt_machine *machine, const gt_address *address)
{
    return gt_machine_address(machine, address);
}

static size_t bytes_of(const gt_operand *operand)
{
    return (size_t)gt_shape_count(operand->shape) * gt_dtype_size(operand->dtype);
}

/* ---- kernels ------------------------------------------------------------------------------- */

static gt_status run_kernel(gt_machine *machine, const gt_instruction *instruction)
{
    uint32_t count = instruction->input_count + instruction->output_count;
    for (uint32_t k = 0; k < count; k++) {
        const gt_operand *operand = &instruction->operands[k];
        machine->arrays[k] = (gt_array){address_of(machine, &operand->address), operand->dtype, operand->shape};
    }
    gt_kernel kernel = {
        .inputs = machine->arrays,
        .input_count = instruction->input_count,
        .outputs = machine->arrays + instruction->input_count,
        .output_count = instruction->output_count,
        .part_attributes = instruction->part_attributes,
        .attributes = instruction->attributes,
        .attribute_count = instruction->attribute_count,
        .error = &machine->error,
    };
    const gt_op *op = instruction->op;
    gt_status status = (op->fast_evaluate != NULL && !machine->exact ? op->fast_evaluate : op->evaluate)(&kernel);
    if (status != GT_OK)
        machine->failed = instruction;
    return status;
}

/* ---- products ------------------------------------------------------------------------------ */

static void run_multiplication(gt_machine *machine, const gt_multiplication *m)
{
    gt_product_operand left = {address_of(machine, &m->left.address), m->left_leading, m->left_layout};
    gt_product_operand right = {address_of(machine, &m->right.address), m->right_leading, m->right_layout};
    gt_product_run(&m->product, &left, &right, address_of(machine, &m->output.address), m->product.rows,
                   machine->product_memory);
}

static void run_packing(gt_machine *machine, const gt_packing *p)
{
    gt_product_part whole = {address_of(machine, &p->from.address), p->leading, p->transposed, p->rows, p->inner};
    gt_product_pack_left(p->kernels, address_of(machine, &p->to), p->rows, p->inner, 0, 0, &whole);
}

/* ---- loops --------------------------------------------------------------------------------- */

/* New values become old ones; those that are copied go to memory that is not being read. */
static void carry_over(gt_machine *machine, const gt_loop *loop, int64_t done)
{
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        if (carried->carrying == GT_CARRY_COPIED)
            memcpy(address_of(machine, &carried->kept[done % 2]), address_of(machine, &carried->after.address),
                   bytes_of(&carried->after));
    }
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        bool stacked = carried->carrying == GT_CARRY_STACKED;
        machine->states[carried->place] =
            address_of(machine, stacked ? &carried->after.address : &carried->kept[done % 2]);
        if (carried->carrying == GT_CARRY_TURNED)
            machine->states[carried->next] = address_of(machine, &carried->kept[(done + 1) % 2]);
    }
}

static void begin_states(gt_machine *machine, const gt_loop *loop)
{
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        machine->states[carried->place] = address_of(machine, &carried->initial.address);
        if (carried->carrying == GT_CARRY_TURNED)
            machine->states[carried->next] = address_of(machine, &carried->kept[0]);
    }
}

/* Sequences in several pieces: where each is at this step. */
static void find_pieces(gt_machine *machine, const gt_loop *loop)
{
    int64_t t = machine->t[loop->depth];
    for (uint32_t k = 0; k < loop->pieced_count; k++) {
        const gt_pieced *pieced = &loop->pieced[k];
        uint32_t piece = pieced->count - 1;
        while (pieced->first[piece] > t)
            piece--;
        machine->t[loop->depth] = t - pieced->first[piece];
        machine->states[pieced->place] = address_of(machine, &pieced->pieces[piece].address);
    }
    machine->t[loop->depth] = t;
}

static gt_status run_loop(gt_machine *machine, const gt_loop *loop)
{
    gt_status status = GT_OK;
    begin_states(machine, loop);
    for (int64_t done = 0; done < loop->steps && status == GT_OK; done++) {
        machine->t[loop->depth] = loop->backward ? loop->steps - 1 - done : done;
        find_pieces(machine, loop);
        status = gt_machine_run(machine, &loop->body);
        for (uint32_t k = 0; k < loop->copy_count; k++)
            memcpy(address_of(machine, &loop->copies[k].to.address), address_of(machine, &loop->copies[k].from.address),
                   bytes_of(&loop->copies[k].from));
        carry_over(machine, loop, done);
    }
    machine->t[loop->depth] = 0;
    for (uint32_t k = 0; k < loop->final_count; k++)
        memcpy(address_of(machine, &loop->finals[k].address), machine->states[loop->carried[loop->final_states[k]].place],
               bytes_of(&loop->finals[k]));
    return status;
}

gt_status gt_machine_run(gt_machine *machine, const gt_block *block)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < block->count && status == GT_OK; i++) {
        const gt_instruction *instruction = &block->list[i];
        if (instruction->group != NULL)
            gt_machine_run_group(machine, instruction->group, 0, instruction->group->columns);
        else if (instruction->multiplication != NULL)
            run_multiplication(machine, instruction->multiplication);
        else if (instruction->packing != NULL)
            run_packing(machine, instruction->packing);
        else if (instruction->loop != NULL)
            status = run_loop(machine, instruction->loop);
        else
            status = run_kernel(machine, instruction);
    }
    return status;
}
