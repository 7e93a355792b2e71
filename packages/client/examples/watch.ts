import { BoonerError, createBoonerClient } from '@booner/client';

const client = createBoonerClient({ url: process.argv[2] ?? 'http://localhost:8000' });

// The fleet is a store that calls back on each change, over a WebSocket or REST, whichever works.
client.fleet.subscribe(() => {
  const { type, reason } = client.connection.getSnapshot();
  for (const { host, status, cpuUsageRatio } of client.fleet.getSnapshot()?.targets.values() ?? []) {
    const cpu = cpuUsageRatio === null ? 'unknown' : `${Math.round(cpuUsageRatio * 100)} %`;
    process.stdout.write(`[${type}: ${reason.detail}] ${host} is ${status}, CPU ${cpu}\n`);
  }
});

// The task is created once, however often the request had to be sent. Its output follows as it
// arrives.
try {
  const { taskId } = await client.createTask({
    host: '127.0.0.1',
    action: 'countdown',
    params: { seconds: 3 },
  });
  for await (const { lines } of client.followLog(taskId, { afterLine: 0 })) {
    for (const { text } of lines) process.stdout.write(`${text}\n`);
  }
  const { status, result } = await client.readTask(taskId);
  process.stdout.write(`${status} ${JSON.stringify(result)}\n`);
} catch (error) {
  if (!(error instanceof BoonerError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  client.close();
}
