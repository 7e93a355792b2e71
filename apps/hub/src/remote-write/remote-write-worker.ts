import { parentPort, workerData } from 'node:worker_threads';
import { createRemoteWriter } from './remote-writer.ts';
import type { WorkerSettings } from './worker-messages.ts';

// The worker thread of remote write: a program of its own, beside the hub's.
const writer = createRemoteWriter(workerData as WorkerSettings, (message) =>
  parentPort?.postMessage(message),
);
parentPort?.on('message', writer.handle);
await writer.run();
parentPort?.close();
