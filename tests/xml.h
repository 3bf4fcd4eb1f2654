/* Whether a text is a well-formed XML document, for what our own reports use of XML. */
#ifndef GT_TESTS_XML_H
#define GT_TESTS_XML_H

#include "base/utf8.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static inline bool xml_entity(const char **c)
{
    static const char *const entities[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#10;", "&#9;"};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (strncmp(*c, entities[i], strlen(entities[i])) == 0) {
            *c += strlen(entities[i]);
            return true;
        }
    return false;
}

/* Characters up to one of `ends`: no raw markup, no control characters. */
static inline bool xml_text(const char **c, char end)
{
    while (**c != end && **c != '\0') {
        unsigned char byte = (unsigned char)**c;
        if (byte == '&') {
            if (!xml_entity(c))
                return false;
            continue;
        }
        if (byte == '<' || (byte < 0x20 && byte != '\n') || byte == 0x7f)
            return false;
        ++*c;
    }
    return true;
}

static inline size_t xml_name(const char *c)
{
    size_t length = 0;
    while (isalnum((unsigned char)c[length]) || c[length] == '-')
        length++;
    return length;
}

/* Attributes, and the end of a tag; *empty: it ended with "/>". */
static inline bool xml_attributes(const char **c, bool *empty)
{
    for (;;) {
        while (isspace((unsigned char)**c))
            ++*c;
        *empty = **c == '/';
        if (**c == '/')
            ++*c;
        if (**c == '>') {
            ++*c;
            return true;
        }
        size_t length = xml_name(*c);
        if (*empty || length == 0 || strncmp(*c + length, "=\"", 2) != 0)
            return false;
        *c += length + 2;
        if (!xml_text(c, '"') || **c != '"')
            return false;
        ++*c;
    }
}

static inline bool xml_is_well_formed(const char *c)
{
    const char *open[32];
    size_t depth = 0, elements = 0;
    const char *declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    if (strncmp(c, declaration, strlen(declaration)) != 0 || !gt_utf8_valid(c, strlen(c)))
        return false;
    c += strlen(declaration);
    while (*c != '\0') {
        if (*c != '<') {
            const char *text = c;
            if (!xml_text(&c, '<'))
                return false;
            for (; depth == 0 && text < c; text++) /* nothing but space around the root */
                if (!isspace((unsigned char)*text))
                    return false;
            continue;
        }
        bool closes = *++c == '/';
        c += closes;
        size_t length = xml_name(c);
        if (length == 0)
            return false;
        if (closes) {
            if (depth == 0 || strncmp(open[--depth], c, length) != 0 || xml_name(open[depth]) != length ||
                c[length] != '>')
                return false;
            c += length + 1;
            continue;
        }
        const char *name = c;
        bool empty;
        c += length;
        if (!xml_attributes(&c, &empty) || depth == 32 || (depth == 0 && elements > 0))
            return false;
        elements++;
        if (!empty)
            open[depth++] = name;
    }
    return depth == 0 && elements > 0;
}

#endif
