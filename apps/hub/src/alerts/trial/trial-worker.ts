import { parentPort, workerData } from 'node:worker_threads';
import type { HostId, SeriesHistory } from '@booner/protocol';
import { compileRule } from '../rules/compile-rule.ts';
import { type HostTrial, startHostTrial } from './host-trial.ts';
import type { FromTrial, ToTrial, TrialData } from './trial-messages.ts';

const { rule, fromMs } = workerData as TrialData;
const port = parentPort;
if (port === null) throw new Error('this file runs in a worker thread');

const compiled = compileRule(rule);
const decoder = new TextDecoder();
let current: { readonly host: HostId; readonly trial: HostTrial } | null = null;

port.on('message', (message: ToTrial) => port.postMessage(answer(message)));

function answer(message: ToTrial): FromTrial {
  const { host } = message;
  if (current?.host !== host) current = { host, trial: startHostTrial({ rule: compiled, host, fromMs }) };
  const { trial } = current;
  switch (message.type) {
    case 'page': {
      const page = JSON.parse(decoder.decode(message.json)) as SeriesHistory;
      trial.take(page);
      return { stepMs: page.timesMs.length === 0 ? null : page.stepMs };
    }
    case 'end':
      current = null;
      return trial.result();
    default:
      return message satisfies never;
  }
}
