// worker.ts as a thread: up to Node 22, threads do not inherit the loader for TypeScript. What you have compiled needs no such file.

import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
