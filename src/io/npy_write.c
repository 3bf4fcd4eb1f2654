/* What stands before the entries of a .npy array, as numpy.save writes it. */
#include "io/file_types.h"
#include "io/npy.h"

#include <stdio.h>
#include <string.h>

enum { ALIGNMENT = 64, PREFIX_SIZE = 10 }; /* magic, version 1.0 and a 2-byte length */

static char byte_order(void)
{
    const uint16_t one = 1;
    return *(const uint8_t *)&one == 1 ? '<' : '>';
}

void gt_npy_format_preamble(gt_array array, gt_npy_preamble *preamble)
{
    /* At most 60 characters and four sizes of 19 digits, so that all fits with room for padding. */
    char *text = preamble->bytes + PREFIX_SIZE;
    size_t room = sizeof preamble->bytes - PREFIX_SIZE;
    size_t used = (size_t)snprintf(text, room, "{'descr': '%c%s', 'fortran_order': True, 'shape': (", byte_order(),
                                   gt_file_type_of(array.dtype)->code);
    for (int i = 0; i < array.shape.rank; i++)
        used += (size_t)snprintf(text + used, room - used, i > 0 ? ", %lld" : "%lld", (long long)array.shape.size[i]);
    /* A Python tuple of one needs its comma. */
    used += (size_t)snprintf(text + used, room - used, array.shape.rank == 1 ? ",), }" : "), }");

    /* Blanks and a newline, so that the entries start at a multiple of 64 bytes. */
    size_t size = PREFIX_SIZE + used + 1;
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    memset(text + used, ' ', size - PREFIX_SIZE - used);
    preamble->bytes[size - 1] = '\n';
    preamble->size = (uint32_t)size;

    size_t length = size - PREFIX_SIZE;
    memcpy(preamble->bytes, "\x93NUMPY\x01\x00", 8);
    preamble->bytes[8] = (char)(length & 0xFF);
    preamble->bytes[9] = (char)(length >> 8);
}
