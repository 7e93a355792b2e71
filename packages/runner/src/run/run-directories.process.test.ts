import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { newTaskId } from '@booner/protocol/task-id';
import { eventually } from '@booner/testkit';
import { expect, it, onTestFinished, type TestContext } from 'vitest';
import { handOverDirectory } from '../process/hand-over-directory.ts';
import { leavingRacer, NOBODY, RACED_FILES, startRacer } from '../testing/link-racer.ts';
import { startTestHost } from '../testing/test-host.ts';
import { removeRunDirectory } from './remove-run-directory.ts';
import { openRunDirectories } from './run-directories.ts';
import type { RunsPlaces } from './runs-folder.ts';

const RACED_ROUNDS = 180;
const RACED_TASKS = 20;

/** Skips with a reason in the report. */
function needRoot({ skip }: TestContext): void {
  skip(process.geteuid?.() !== 0 || process.platform !== 'linux', 'needs root on Linux');
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'booner-directories-'));
  await chmod(directory, 0o711); // other accounts pass through
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

/** A folder of root's, with files of root's. */
async function makeTarget(directory: string): Promise<string> {
  const target = join(directory, 'target');
  await mkdir(target, { mode: 0o755 });
  for (const name of RACED_FILES) await writeFile(join(target, name), 'of root');
  return target;
}

async function open(places: Partial<RunsPlaces>) {
  const said: { readonly level: string; readonly fields: object; readonly msg: string }[] = [];
  const say = (level: string) => (fields: object, msg: string) => void said.push({ level, fields, msg });
  const logger = { warn: say('warn'), error: say('error') } as Parameters<
    typeof openRunDirectories
  >[1]['logger'];
  return {
    said,
    directories: await openRunDirectories({ kept: [], temporaryIn: [], ...places }, { logger }),
  };
}

const untilGone = (directory: string) =>
  eventually(async () => (await stat(directory).catch(() => null)) === null, {
    what: `${directory} to be removed`,
  });

it(`deletes nothing of root's while another account exchanges folders with links, in ${RACED_ROUNDS} rounds`, async (context) => {
  needRoot(context);
  const directory = await temporaryDirectory();
  const target = await makeTarget(directory);
  const { signal } = new AbortController();
  for (let round = 1; round <= RACED_ROUNDS; round++) {
    const raced = await mkdtemp(join(directory, 'booner-task-'));
    expect(await handOverDirectory(raced, NOBODY)).toBeNull();
    const racer = await startRacer(raced, target);
    await removeRunDirectory(raced, signal);
    expect({ round, left: (await readdir(target)).length }).toEqual({ round, left: RACED_FILES.length });
    if (racer.exitCode === null && racer.signalCode === null) {
      racer.kill('SIGKILL');
      await once(racer, 'exit');
    }
    expect(await removeRunDirectory(raced, signal)).toEqual({ ok: true });
    await untilGone(raced);
  }
});

it(`deletes nothing of root's when ${RACED_TASKS} tasks leave processes that exchange folders with links`, async (context) => {
  needRoot(context);
  const target = await makeTarget(await temporaryDirectory());
  await using host = await startTestHost({
    actions: () => ({ race: { command: leavingRacer(target), user: 'nobody', concurrency: 4 } }),
    keepsState: true,
  });
  await chmod(host.directory, 0o711);
  for (let done = 0; done < RACED_TASKS; done += 4) {
    const tasks = await Promise.all([1, 2, 3, 4].map(() => host.create('race')));
    for (const task of tasks) {
      expect(await host.untilEnded(task)).toMatchObject({
        status: 'completed',
        result: { details: 'ready' },
      });
    }
    expect((await readdir(target)).sort()).toEqual([...RACED_FILES].sort());
  }
  await host.restartRunner(); // which removes what those processes kept the first from removing
  const runs = join(host.directory, 'state', 'runs');
  await eventually(
    async () => {
      if ((await readdir(runs)).join() === 'lock') return true;
      await host.restartRunner();
      return false;
    },
    { everyMs: 500, what: 'the run directories to be removed' },
  );
  expect((await readdir(target)).sort()).toEqual([...RACED_FILES].sort());
});

it('removes folders that their owner may not write, and links without what they lead to', async (context) => {
  needRoot(context);
  const folder = await temporaryDirectory();
  const target = await makeTarget(folder);
  await using runs = (await open({ kept: [join(folder, 'runs')] })).directories;
  const made = await runs.make(newTaskId());
  for (const name of ['closed', 'read-only']) {
    await mkdir(join(made, name));
    await writeFile(join(made, name, 'file'), '');
    await symlink(target, join(made, name, 'link'));
    await chown(join(made, name, 'file'), NOBODY.uid, NOBODY.gid);
    await chown(join(made, name), NOBODY.uid, NOBODY.gid);
    await chmod(join(made, name), name === 'closed' ? 0 : 0o555);
  }
  await handOverDirectory(made, NOBODY);
  runs.remove(made);
  await untilGone(made);
  expect((await readdir(target)).length).toBe(RACED_FILES.length);
});

it('leaves what the account cannot remove, says so once, and tries again at the next start', async (context) => {
  needRoot(context);
  const folder = await temporaryDirectory();
  const runs = join(folder, 'runs');
  let made = '';
  {
    const { directories, said } = await open({ kept: [runs] });
    await using _ = directories;
    made = await directories.make(newTaskId());
    await mkdir(join(made, 'of-root'));
    await writeFile(join(made, 'of-root', 'file'), 'of root');
    await handOverDirectory(made, NOBODY);
    directories.remove(made);
    await eventually(() => said.length > 0, { what: 'the log' });
    expect(said).toMatchObject([{ level: 'error', fields: { directory: made, uid: NOBODY.uid } }]);
  }
  expect(await readdir(join(made, 'of-root'))).toEqual(['file']);
  await chown(join(made, 'of-root'), NOBODY.uid, NOBODY.gid);
  const { directories, said } = await open({ kept: [runs] });
  await using _ = directories;
  await untilGone(made);
  expect(said).toEqual([]);
});

it('takes the next folder, and says so, where one is not its own alone or belongs to another runner', async (context) => {
  needRoot(context);
  const folder = await temporaryDirectory();
  const writable = join(folder, 'writable');
  await mkdir(writable);
  await chmod(writable, 0o777);
  const foreign = join(folder, 'foreign');
  await mkdir(foreign);
  await chown(foreign, NOBODY.uid, NOBODY.gid);
  const link = join(folder, 'link');
  await mkdir(join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), link);
  const taken = join(folder, 'taken');
  await using _other = (await open({ kept: [taken] })).directories;
  const good = join(folder, 'good');
  const { directories, said } = await open({ kept: [writable, foreign, link, taken, good] });
  await using _ = directories;
  expect(await directories.make(newTaskId())).toMatch(new RegExp(`^${good}/booner-task-`));
  expect(said.map(({ level, fields }) => [level, (fields as { directory: string }).directory])).toEqual(
    [writable, foreign, link, taken].map((path) => ['warn', path]),
  );
  await expect(open({ kept: [taken] })).rejects.toMatchObject({ code: 'state_locked' });
  await expect(open({ kept: [writable] })).rejects.toMatchObject({ code: 'state_unusable' });
});

it('makes a temporary folder in the first writable place, and removes it', async () => {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'file'), '');
  {
    const { directories } = await open({ temporaryIn: [join(folder, 'file'), folder] });
    await using _ = directories;
    expect(await readdir(folder)).toEqual(['file']); // none before the first run
    const made = await Promise.all([1, 2, 3].map(() => directories.make(newTaskId())));
    for (const path of made) {
      expect(path).toMatch(new RegExp(`^${folder}/booner-runs-[^/]+/booner-task-`));
      expect((await stat(path)).mode & 0o777).toBe(0o700);
      directories.remove(path);
    }
    expect(new Set(made.map(dirname)).size).toBe(1);
  }
  expect(await readdir(folder)).toEqual(['file']);
});

it("hands a directory over only where the account cannot put another in the directory's place", async (context) => {
  needRoot(context);
  const folder = await temporaryDirectory();
  const make = () => mkdtemp(join(folder, 'parent', 'booner-task-'));
  await mkdir(join(folder, 'parent'), { mode: 0o711 });
  expect(await handOverDirectory(await make(), NOBODY)).toBeNull();
  await chmod(join(folder, 'parent'), 0o700);
  expect(await handOverDirectory(await make(), NOBODY)).toMatch(/^nobody cannot reach .*chmod o\+x/);
  await chmod(join(folder, 'parent'), 0o777);
  expect(await handOverDirectory(await make(), NOBODY)).toMatch(/^nobody may be able to rename folders in/);
  await chmod(join(folder, 'parent'), 0o1777);
  expect(await handOverDirectory(await make(), NOBODY)).toBeNull();
  await chown(join(folder, 'parent'), NOBODY.uid, NOBODY.gid);
  expect(await handOverDirectory(await make(), NOBODY)).toMatch(/^nobody may be able to rename folders in/);
});
