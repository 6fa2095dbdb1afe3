-- What somebody would write who has OpenResty's Lua module in nginx: the events
-- of a POST, mapped by the table that the module had first, a pixel each by a
-- subrequest, 50 at a time.

local cjson = require "cjson.safe"
local sha256 = require "nginx.sha256"
local str = require "nginx.string"

local TAG = "2612826764086"
local AT_A_TIME = 50

local NAMES = {
    ["Products Searched"] = "search",
    ["Product List Viewed"] = "viewcategory",
    ["Promotion Viewed"] = "pagevisit",
    ["Product Viewed"] = "pagevisit",
    ["Product Added"] = "addtocart",
    ["Cart Viewed"] = "pagevisit",
    ["Order Completed"] = "checkout",
}

local function escape(value)
    return ngx.escape_uri(tostring(value))
end

-- ed[a]=1&ed[b][c]=2
local function flatten(args, prefix, values)
    for name, value in pairs(values) do
        local key = prefix .. "[" .. escape(name) .. "]"

        if type(value) == "table" then
            flatten(args, key, value)
        elseif value ~= cjson.null then
            args[#args + 1] = key .. "=" .. escape(value)
        end
    end
end

local function query(event)
    local args = { "tid=" .. TAG, "noscript=1" }
    local properties = event.properties or {}
    local name = event.type == "page" and "pagevisit" or NAMES[event.event]

    local email = properties.email
    properties.email = nil

    if not name then
        name = "custom"
        args[#args + 1] = "ed[custom_event_name]=" .. escape((event.event:gsub("%s+", "")))
    end

    args[#args + 1] = "event=" .. name
    flatten(args, "ed", properties)

    if email then
        local hash = sha256:new()
        hash:update(string.lower(email))
        args[#args + 1] = "pd[em]=" .. str.to_hex(hash:final())
    end

    return table.concat(args, "&")
end

ngx.req.read_body()

local document, err = cjson.decode(ngx.req.get_body_data() or "")

if not document then
    ngx.status = 400
    ngx.say('{"error":"', err, '"}')
    return
end

document = document.obj or document

local events = document.batch or { document }
local pixels = {}

for i, event in ipairs(events) do
    pixels[i] = { "/_peer", { args = query(event) } }
end

local delivered = 0

for i = 1, #pixels, AT_A_TIME do
    local some = { unpack(pixels, i, math.min(i + AT_A_TIME - 1, #pixels)) }

    for _, answer in ipairs({ ngx.location.capture_multi(some) }) do
        if answer.status == 200 then
            delivered = delivered + 1
        end
    end
end

ngx.header.content_type = "application/json"
ngx.say('{"success":', delivered == #events and "true" or "false", '}')
