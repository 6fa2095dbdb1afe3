
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_pass.h"


static ngx_http_core_loc_conf_t *ngx_http_pintag_pass_find(
    ngx_http_core_loc_conf_t *clcf, ngx_str_t *uri, ngx_uint_t *final);
static ngx_http_core_loc_conf_t *ngx_http_pintag_pass_find_static(
    ngx_http_location_tree_node_t *node, ngx_str_t *name, ngx_uint_t *exact);


char *
ngx_http_pintag_pass_check(ngx_http_core_srv_conf_t *cscf, ngx_str_t *uri,
    ngx_http_handler_pt self, ngx_http_core_loc_conf_t **place)
{
    ngx_uint_t                 final;
    ngx_http_core_loc_conf_t  *clcf, *root;

    root = cscf->ctx->loc_conf[ngx_http_core_module.ctx_index];
    final = 0;

    clcf = ngx_http_pintag_pass_find(root, uri, &final);

    if (clcf == root) {
        return "finds no location";
    }

    if (!clcf->internal) {
        return "finds a location that is not \"internal\"";
    }

    if (clcf->handler == NULL) {
        return "finds a location without \"proxy_pass\"";
    }

    if (clcf->handler == self) {
        return "finds a location with \"pintag_pass\"";
    }

    *place = clcf;

    return NULL;
}


/*
 * What nginx keeps of a location with "proxy_pass" is its own, but for the part
 * that upstreams share; a directive that sets a member of that tells where.
 */

ngx_http_upstream_conf_t *
ngx_http_pintag_pass_upstream(ngx_conf_t *cf, ngx_http_core_loc_conf_t *place)
{
    size_t          offset;
    ngx_uint_t      i;
    ngx_module_t   *module;
    ngx_command_t  *cmd;

    module = NULL;
    offset = offsetof(ngx_http_upstream_conf_t, pass_request_headers);

    for (i = 0; cf->cycle->modules[i]; i++) {
        if (ngx_strcmp(cf->cycle->modules[i]->name, "ngx_http_proxy_module")
            == 0)
        {
            module = cf->cycle->modules[i];
            break;
        }
    }

    if (module == NULL) {
        return NULL;
    }

    for (cmd = module->commands; cmd->name.len; cmd++) {

        if (ngx_strcmp(cmd->name.data, "proxy_pass_request_headers") == 0
            && cmd->set == ngx_conf_set_flag_slot
            && cmd->conf == NGX_HTTP_LOC_CONF_OFFSET
            && cmd->offset >= offset)
        {
            return (ngx_http_upstream_conf_t *)
                   ((char *) place->loc_conf[module->ctx_index] + cmd->offset
                    - offset);
        }
    }

    return NULL;
}


/*
 * As ngx_http_core_find_location() goes, with the configuration alone; "final"
 * is set where it looks no further: for an exact location and a regular one.
 */

static ngx_http_core_loc_conf_t *
ngx_http_pintag_pass_find(ngx_http_core_loc_conf_t *clcf, ngx_str_t *uri,
    ngx_uint_t *final)
{
    ngx_http_core_loc_conf_t   *found;
#if (NGX_PCRE)
    ngx_uint_t                  noregex;
    ngx_http_core_loc_conf_t  **clcfp;

    noregex = 0;
#endif

    found = ngx_http_pintag_pass_find_static(clcf->static_locations, uri,
                                             final);

    if (found && !*final) {
#if (NGX_PCRE)
        noregex = found->noregex;
#endif
        found = ngx_http_pintag_pass_find(found, uri, final);
    }

    if (*final) {
        return found;
    }

#if (NGX_PCRE)

    if (!noregex && clcf->regex_locations) {

        for (clcfp = clcf->regex_locations; *clcfp; clcfp++) {

            if (ngx_regex_exec((*clcfp)->regex->regex, uri, NULL, 0) >= 0) {
                found = ngx_http_pintag_pass_find(*clcfp, uri, final);
                *final = 1;

                return found;
            }
        }
    }

#endif

    return found ? found : clcf;
}


static ngx_http_core_loc_conf_t *
ngx_http_pintag_pass_find_static(ngx_http_location_tree_node_t *node,
    ngx_str_t *name, ngx_uint_t *exact)
{
    u_char                    *uri;
    size_t                     len, n;
    ngx_int_t                  rc;
    ngx_http_core_loc_conf_t  *found;

    uri = name->data;
    len = name->len;
    found = NULL;

    while (node) {

        n = ngx_min(len, (size_t) node->len);

        rc = ngx_filename_cmp(uri, node->name, n);

        if (rc != 0) {
            node = (rc < 0) ? node->left : node->right;
            continue;
        }

        if (len > (size_t) node->len) {

            if (node->inclusive) {
                found = node->inclusive;
                uri += n;
                len -= n;
                node = node->tree;

            } else {
                node = node->right;
            }

            continue;
        }

        if (len == (size_t) node->len) {

            if (node->exact) {
                *exact = 1;
                return node->exact;
            }

            return node->inclusive ? node->inclusive : found;
        }

        node = node->left;
    }

    return found;
}
