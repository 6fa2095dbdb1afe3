// Validates bodies of requests to the Conversions API against JSON schemas.
//
//   npm ci
//   node validate.mjs bodies.jsonl [other.schema.json ...]
//
// bodies.jsonl has a line for each request, as PINTAG_BODIES makes Pintag::StandIn
// write it: {"test":"t/x.t","uri":"/v5/...","body":"{\"data\":[...]}"}.  Each body
// must be valid against request.schema.json, which is beside this script.  Of the
// other schemas, one whose name has "event" in it is for each element of "data", any
// other for the whole body.
//
// Says how many are valid, or every failure with its test's name and exits 1.  No
// body at all is a failure.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import Ajv from "ajv/dist/2020.js";

const [bodies, ...others] = process.argv.slice(2);

if (bodies === undefined) {
    console.error("usage: node validate.mjs bodies.jsonl [other.schema.json ...]");
    process.exit(2);
}

const own = new URL("request.schema.json", import.meta.url);
const read = (file) => JSON.parse(readFileSync(file, "utf8"));

const schemas = [
    {
        name: "request.schema.json",
        validate: new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false })
            .compile(read(own)),
        ofEvents: false,
    },
    ...others.map((file) => ({
        name: basename(file),
        validate: new Ajv({ allErrors: true, strict: false }).compile(read(file)),
        ofEvents: basename(file).includes("event"),
    })),
];

let events = 0;
let failures = 0;
const lines = readFileSync(bodies, "utf8").split("\n").filter((line) => line !== "");

function failure(test, where, what, shown) {
    failures++;
    console.log(`${test}: ${where}: ${what}\n    ${shown.slice(0, 1000)}`);
}

function check(schema, test, value, place) {
    if (schema.validate(value)) {
        return;
    }

    for (const error of schema.validate.errors) {
        const detail = error.params.additionalProperty ?? error.params.allowedValues ?? "";
        const [, n] = error.instancePath.match(/^\/data\/(\d+)/) ?? [];

        failure(test, `${schema.name} ${place}${error.instancePath}`,
                `${error.message} ${detail}`.trim(), JSON.stringify(n ? value.data[n] : value));
    }
}

for (const [i, line] of lines.entries()) {
    let test = `line ${i + 1}`;
    let body;

    try {
        const entry = JSON.parse(line);

        test = entry.test;
        body = JSON.parse(entry.body);
    } catch (error) {
        failure(test, `line ${i + 1}`, `no JSON: ${error.message}`, line);
        continue;
    }

    const data = Array.isArray(body?.data) ? body.data : [];

    events += data.length;

    for (const schema of schemas) {
        if (schema.ofEvents) {
            data.forEach((event, n) => check(schema, test, event, `/data/${n}`));
        } else {
            check(schema, test, body, "");
        }
    }
}

if (lines.length === 0) {
    console.log(`${bodies}: no body at all`);
    process.exit(1);
}

if (failures > 0) {
    console.log(`${failures} failures in ${lines.length} bodies`);
    process.exit(1);
}

console.log(`${lines.length} bodies, ${events} events valid against ${schemas.length} schemas`);
