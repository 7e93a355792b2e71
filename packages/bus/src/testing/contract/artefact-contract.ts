import type { TaskArtefacts } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { HOST } from './sample-factory.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { FIRST_START } from './task-factory.ts';
import { startRunningScenario, startScenario } from './task-scenario.ts';

const ARTEFACTS: TaskArtefacts = {
  files: [{ name: 'out/report.json', bytes: 7, sha256: 'a'.repeat(64) }],
  missing: [{ name: 'log.txt', reason: 'there is no such file' }],
};
const INATTENTIVE = { onOffer() {}, onControl() {}, onServing() {}, onConnection() {} };

export function describeArtefacts(startBus: StartTaskBus): void {
  describe('the artefacts of a task', () => {
    it('are shown with its end', async () => {
      await using scene = await startRunningScenario(startBus);
      const { runner, grant, id } = scene;
      expect((await scene.hub.read(id))?.artefacts).toBeNull();
      await runner.say({ ...runner.endReport(grant), artefacts: ARTEFACTS });
      expect((await scene.hub.read(id))?.artefacts).toEqual(ARTEFACTS);
      expect((await scene.events()).at(-1)).toMatchObject({ kind: 'ended', task: { artefacts: ARTEFACTS } });
    });

    it('are null for a task that has none', async () => {
      await using scene = await startRunningScenario(startBus);
      const { runner, grant, id } = scene;
      await runner.say(runner.endReport(grant));
      expect((await scene.hub.read(id))?.artefacts).toBeNull();
      expect((await scene.events()).at(-1)?.task).not.toHaveProperty('artefacts');
    });

    it('wait in parts until a hub has taken them', async () => {
      await using scene = await startScenario(startBus);
      const { id } = await scene.create();
      await using runner = await scene.bus.startRunner(HOST, FIRST_START, INATTENTIVE);
      await runner.whenConnected(AbortSignal.timeout(60_000));
      const bytes = Buffer.from([0, 255, 10, 13, 128]);
      expect(await runner.putArtefactPart(id, 0, Buffer.from('replaced'))).toBe('sent');
      expect(await runner.putArtefactPart(id, 0, bytes)).toBe('sent');
      expect(await runner.putArtefactPart(id, 1, Buffer.from('rest'))).toBe('sent');
      expect(await scene.hub.readArtefactPart(id, 0)).toEqual(bytes);
      expect(await scene.hub.readArtefactPart(id, 1)).toEqual(Buffer.from('rest'));
      expect(await scene.hub.readArtefactPart(id, 2)).toBeNull();
      await scene.hub.settleArtefacts(id, 2);
      expect(await scene.hub.readArtefactPart(id, 0)).toBeNull();
      expect(await scene.hub.readArtefactPart(id, 1)).toBeNull();
    });
  });
}
