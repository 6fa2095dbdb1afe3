-- For wrk: posts the file that BODY names; one line of figures at the end:
-- requests, microseconds, answers of 400 and more, requests without an answer,
-- median and 99th percentile of the time to an answer in microseconds.

local file = assert(io.open(os.getenv("BODY"), "rb"))

wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "application/json"

file:close()

function done(summary, latency)
    local errors = summary.errors

    io.write(string.format("figures %d %d %d %d %d %d\n",
        summary.requests, summary.duration, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
