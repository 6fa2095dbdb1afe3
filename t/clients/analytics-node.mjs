// analytics-node 6: analytics-node.mjs http://127.0.0.1:8080

import Analytics from 'analytics-node';
import { run } from './callbacks.mjs';

await run(errorHandler => new Analytics('wk', { host: process.argv[2], errorHandler }));
