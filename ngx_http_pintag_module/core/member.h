
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The members of an object that are read by name.  Each object is gone through
 * once against hashed names, however many members and names there are.
 */


#ifndef PINTAG_MEMBER_H
#define PINTAG_MEMBER_H


#include "arena.h"
#include "json.h"
#include "names.h"
#include "text.h"


#define PINTAG_MEMBER_BLANK  64

/* an event nested deeper is rejected */
#define PINTAG_MEMBER_MAX_DEPTH  32


typedef struct {
    const pintag_json_t   *value;     /* NULL when the object has none */
    pintag_str_t           key;       /* as the object spells it */
} pintag_member_t;


/*
 * An object with what is read of it by name, indexed by the id of the name.
 * Only those that are set need to be cleared for the next object.
 */

typedef struct {
    const pintag_json_t   *object;    /* NULL when it is none */
    pintag_member_t       *members;
    int                   *set;       /* ids */
    int                    nset;
} pintag_members_t;


/* members of "n" names, none set; 1, or 0 without memory */
unsigned pintag_members_init(pintag_members_t *members, int n,
    pintag_arena_t *arena);

/*
 * Collects the members of an object that have the first "n" names, for which
 * there is room: of two of one name that spelled as the name wins, else the
 * first.  None is set of what is no object.
 */
void pintag_members_read(pintag_members_t *members,
    const pintag_names_t *names, int n, const pintag_json_t *object);

/*
 * The same of members that are cleared.  With the level of the object, from 1,
 * also looks whether anything in it is too deep, and gives 1 then; what is
 * collected of a root (level 1) in turn is left to that.
 */
unsigned pintag_members_collect(pintag_members_t *members,
    const pintag_names_t *names, int n, const pintag_json_t *object,
    unsigned level);

void pintag_members_clear(pintag_members_t *members);

/* a member that the object itself does not have */
void pintag_members_add(pintag_members_t *members, int id,
    const pintag_member_t *member);

/*
 * 1 for a text of nothing but white space; more than PINTAG_MEMBER_BLANK bytes
 * of it before anything else count as nothing else.
 */
unsigned pintag_member_blank(pintag_str_t text);

/* 1 for null and a blank string, which count as none */
unsigned pintag_member_absent(const pintag_json_t *value);

/*
 * A member as text, trimmed of nothing.  A number or boolean becomes its text
 * (in the arena); null, an object, an array and a blank string are absent: 0.
 * 1 with the text; -1 without memory.
 */
int pintag_member_text(const pintag_json_t *value, pintag_arena_t *arena,
    pintag_str_t *text);

/*
 * The same without an arena, and of a blank string, too: a number is written to
 * "digits", which has PINTAG_NUMBER_LEN bytes.  1, or 0 for what has no text.
 */
unsigned pintag_member_scalar(const pintag_json_t *value,
    unsigned char *digits, pintag_str_t *text);


#endif /* PINTAG_MEMBER_H */
