// What a reason and an error mean, as docs/answers.md has it; those that are counted
// and that nobody is answered are among the last.

export const REASONS = {
    unsupported_type: 'identify, group, alias or an unknown type: nothing to send, no error',
    no_tag_event: 'the Tag has no such event, and there is no adAccountId',
    no_identity: 'nothing tells the Conversions API whose event it is: no e-mail address, no advertising id, not both address and user agent',
    condition: 'a string of pintag_skip says so',
    test_mode: 'the entry has testMode and no adAccountId: the Tag has no tests',
    write_key: 'the entry has writeKeys, and the event none of them',
    privacy_signal: 'pintag_privacy_signal drops what has this signal',
    integration_disabled: 'the event\'s integrations turn Pinterest off',
    event_denied: 'not among allowEvents, or among denyEvents',
    no_consent: 'the consent that the event tells does not allow it',
    invalid_json: 'no JSON',
    invalid_event: 'not a JSON object',
    invalid_write_key: 'pintag_write_keys does not list its key, or it has none',
    missing_event_name: 'a track without an event, or one that is blank or no text',
    too_deep: 'nested more than 32 levels',
    pii_in_name: 'its name holds an e-mail address',
    too_long: 'too long even without all that may be left out',
    refused: 'Pinterest will not take this event, ever',
    no_answer: 'no whole answer came: refused connection, reset, time-out of the proxy',
    upstream_error: 'the last answer was 408, 425, 429 or 5xx',
    unreadable_answer: 'a 2xx without a status for each event: look at the address in proxy_pass',
    misconfigured: '401, 403 or 404: the access token or the ad account is wrong, the error log says which',
    redirect: 'the last answer was a redirect, which is never followed: look at the address in proxy_pass',
    no_upstream: 'nginx answered itself: look at the internal location, the error log names it',
    timeout: 'not settled within the timeout of pintag_ack',
    spool_full: 'the spool has reached its max_size, or its disk is full',
    spool_failed: 'the spool\'s disk or folder fails, the error log says how',
    shutdown: 'the worker had to leave: worker_shutdown_timeout was over',
    max_age: 'it was older than max_age of pintag_spool, and is in undelivered',
    worker_died: 'a worker died with it in memory',
    queue_full: 'the memory of the worker was full, see pintag_queue: the client was asked to send it again',
    fallback: 'the location of pintag_fallback did not take it',
    other: 'none of those that are counted by their names',
};

export const ERRORS = {
    empty_body: 'no body, or a pixel without data',
    invalid_json: 'no JSON',
    invalid_body: 'batch is no array, or a pixel\'s data no base64',
    invalid_encoding: 'the compressed body is damaged, cut off, not what Content-Encoding says, or made of too many blocks',
    events_rejected: 'each event has its own reason',
    invalid_write_key: 'none of the request\'s events was taken: the location has pintag_write_keys',
    unauthorized: 'auth_basic or auth_request: open the endpoint in this browser once',
    origin_not_allowed: 'a page of an origin that pintag_allow_origin does not allow',
    forbidden: 'deny: allow the address of this browser in that location',
    method_not_allowed: 'the location takes no such request',
    body_too_large: 'more than pintag_max_body, after inflating, or than client_max_body_size',
    too_many_events: 'more than pintag_max_events',
    too_complex: 'more values and separators of URLs than a body of pintag_max_body may have: send fewer or smaller events at a time',
    unsupported_encoding: 'neither gzip nor deflate',
    queue_full: 'the memory of the worker is full, see pintag_queue: none of the request\'s events was taken',
    too_many_requests: 'limit_req or limit_conn',
    internal_error: 'nginx has no memory, or cannot write a body to its file: the error log tells',
    not_delivered: 'each event has its own reason',
    not_stored: 'none of the request\'s events is in the spool',
    unavailable: 'limit_req or limit_conn',
    http_error: 'nginx has refused the request',
    other: 'none of those that are counted by their names',
};


// Own names only: one that came in may be "constructor".
export function meaning(table, name) {
    return Object.hasOwn(table, name) ? table[name] : '';
}
