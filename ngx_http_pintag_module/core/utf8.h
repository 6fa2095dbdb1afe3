
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * UTF-8, a character at a time.
 */


#ifndef PINTAG_UTF8_H
#define PINTAG_UTF8_H


#include <stddef.h>
#include <stdint.h>


/*
 * The length of the character at "p", which is not "end", and its code point;
 * 0 when there is no valid one (RFC 3629).
 */
size_t pintag_utf8_decode(const unsigned char *p, const unsigned char *end,
    uint32_t *code);

/*
 * The length of the white space character at "p", which may be "end", 0 when
 * there is none.  White space is Unicode's White_Space, plus U+FEFF.
 */
size_t pintag_utf8_space(const unsigned char *p, const unsigned char *end);

/* 1 for Unicode's Currency_Symbol (Sc) and the block set aside for more */
unsigned pintag_utf8_currency(uint32_t code);

/* 1 for a letter (L) or a decimal digit (Nd) */
unsigned pintag_utf8_letter(uint32_t code);

/* 1 for a mark (M), which is combined with the letter before it */
unsigned pintag_utf8_mark(uint32_t code);

/* 1 for a dash (Unicode's Dash), the minus signs among them */
unsigned pintag_utf8_dash(uint32_t code);

/* Unicode's simple lower-case mapping */
uint32_t pintag_utf8_lower(uint32_t code);

/* writes the character at "dst", which has room for 4 bytes; its length */
size_t pintag_utf8_encode(unsigned char *dst, uint32_t code);


#endif /* PINTAG_UTF8_H */
