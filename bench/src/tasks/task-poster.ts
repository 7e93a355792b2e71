import { Agent, request } from 'node:http';
import { type HostId, parseTaskId, type TaskId } from '@booner/protocol';
import { monotonicUs } from '../measure/monotonic-us.ts';
import { BENCH_ACTION } from './simulated-runner.ts';

const ANSWER_TIMEOUT_MS = 10_000;

/** Creates tasks with `POST /tasks`, over kept-alive connections. */
export type TaskPoster = {
  /** Rejects when the answer is not 202. */
  post(host: HostId): Promise<{ id: TaskId; sentAtUs: number }>;
};

export function createTaskPoster(port: number, connections: number): TaskPoster {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    async post(host) {
      const sentAtUs = monotonicUs();
      const params = { sent_at_us: sentAtUs };
      const { status, body } = await ask(
        agent,
        port,
        JSON.stringify({ host, action: BENCH_ACTION.name, params }),
      );
      if (status !== 202) throw new Error(`POST /tasks was answered by ${status}: ${body}`);
      const id = parseTaskId((JSON.parse(body) as { task_id: string }).task_id);
      if (id === null) throw new Error(`POST /tasks was answered by ${body}`);
      return { id, sentAtUs };
    },
  };
}

function ask(
  agent: Agent,
  port: number,
  text: string,
): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const call = request(
      { agent, host: '127.0.0.1', port, method: 'POST', path: '/tasks', headers, signal },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          body += part;
        });
        response.on('end', () => resolve({ status: response.statusCode, body }));
        response.on('error', reject);
      },
    );
    call.on('error', reject);
    call.end(text);
  });
}
