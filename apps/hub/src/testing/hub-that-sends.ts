// A hub as far as sending goes, in a process of its own. Its name is in the header User-Agent of
// what it sends. Arguments: the URL of Redis, its name, the settings of the channel `ops`,
// milliseconds after which it takes entries over.
import { startRedisOutbox } from '@booner/bus/redis/outbox';
import { shareCommands } from '@booner/bus/redis/share-commands';
import { sendOutbox } from '../alerts/outbox/send-outbox.ts';
import { recordingLog } from './recording-log.ts';
import { BED_KEY, HUB_URL, sealed } from './sender-bed.ts';

const [url = '', hub = '', settings = '', takeOverAfterMs = ''] = process.argv.slice(2);
const stop = new AbortController();
const channels = new Map([['ops', await sealed('ops', JSON.parse(settings))]]);
const outbox = await startRedisOutbox({ redis: { url }, commands: shareCommands({ url }, 'test'), hub });
const { run } = sendOutbox({
  outbox,
  settings: { channels: () => channels, read: async () => {} },
  sealingKey: { ok: true, key: BED_KEY },
  hubUrl: HUB_URL,
  version: hub,
  log: recordingLog().log,
  takeOverAfterMs: Number(takeOverAfterMs),
});
process.once('SIGTERM', () => stop.abort());
process.stdout.write('started\n');
await run({ signal: stop.signal });
await outbox[Symbol.asyncDispose]();
