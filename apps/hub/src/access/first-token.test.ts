import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BusError } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { hashSecret } from '@booner/bus/secrets';
import { describe, expect, it, onTestFinished } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { putCredential } from '../testing/test-access.ts';
import { deliverFirstToken, findDeliveryIssue } from './first-token.ts';

async function start() {
  const directory = await mkdtemp(join(tmpdir(), 'booner-first-token-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const bus = createMemoryBus().startAccess();
  onTestFinished(() => bus[Symbol.asyncDispose]());
  const { log, lines } = recordingLog();
  const stateDirectory = join(directory, 'state');
  return { bus, log, lines, stateDirectory, file: join(stateDirectory, 'admin-token') };
}

describe('the first token', () => {
  it('is written to a private file in a folder that is created if needed', async () => {
    const { bus, log, lines, stateDirectory, file } = await start();
    expect(await deliverFirstToken({ bus, stateDirectory, show: null, log }, [])).toBe(true);
    expect((await stat(stateDirectory)).mode & 0o777).toBe(0o700);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = (await readFile(file, 'utf8')).trim();
    expect(bus.credentials().get(hashSecret(text))).toMatchObject({ kind: 'token', role: 'admin' });
    expect(JSON.stringify(lines)).not.toContain(text);
  });

  it('is neither written nor shown if there is a credential already', async () => {
    const { bus, log, lines, stateDirectory } = await start();
    await putCredential(bus);
    const shown: string[] = [];
    expect(await deliverFirstToken({ bus, stateDirectory, show: null, log }, [])).toBe(false);
    const show = (text: string) => void shown.push(text);
    expect(await deliverFirstToken({ bus, stateDirectory, show, log }, [])).toBe(false);
    expect([await readdir(stateDirectory), shown, lines]).toEqual([[], [], []]);
  });

  it('replaces the given credentials in the same step', async () => {
    const { bus, log, stateDirectory } = await start();
    const { credential } = await putCredential(bus);
    const shown: string[] = [];
    const show = (text: string) => void shown.push(text);
    expect(await deliverFirstToken({ bus, stateDirectory, show, log }, [credential.id])).toBe(true);
    const [, text = ''] = /(bnr_[\w-]{43})/.exec(shown.join('')) ?? [];
    expect([...bus.credentials().keys()]).toEqual([hashSecret(text)]);
  });

  it('leaves no file behind if the bus fails', async () => {
    const { log, stateDirectory } = await start();
    const bus = {
      putFirstCredential: async () => {
        throw new BusError('disconnected', 'unreachable');
      },
    };
    await expect(deliverFirstToken({ bus, stateDirectory, show: null, log }, [])).rejects.toThrow(BusError);
    expect(await readdir(stateDirectory)).toEqual([]);
  });
});

it('reports why a first token could not be delivered, and writes nothing', async () => {
  const { stateDirectory } = await start();
  expect(await findDeliveryIssue({ stateDirectory, show: null })).toBeNull();
  expect(await readdir(stateDirectory)).toEqual([]);
  expect(await findDeliveryIssue({ stateDirectory: '/etc/hostname/no', show: null })).toBe('ENOTDIR');
  expect(await findDeliveryIssue({ stateDirectory: '/etc/hostname/no', show: () => {} })).toBeNull();
});
