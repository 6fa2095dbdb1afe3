// @rudderstack/rudder-sdk-node, which sends gzip unless told otherwise:
// rudder-node.mjs http://127.0.0.1:8080

import Analytics from '@rudderstack/rudder-sdk-node';
import { run } from './callbacks.mjs';

await run(errorHandler => new Analytics('wk', { dataPlaneUrl: process.argv[2], errorHandler }));
