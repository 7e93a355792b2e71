import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { shell } from '../tasks/actions.ts';
import { HOST, startTaskBed, type TaskBed } from '../tasks/task-bed.ts';
import { it } from './browser-test.ts';
import { SOON_MS, untilConnection } from './page-parts.ts';

const SECRET = 'hunter2';

let bed: TaskBed;
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  bed = stack.use(
    await startTaskBed({
      hubEnv: { BOONER_INTERVAL_MS: '500' },
      actions: (directory) => ({
        deploy: {
          ...shell(
            'echo "::progress 40 Copying files"; echo "deploying $2 to $3"; while [ ! -e "$1/$2" ]; do sleep 0.05; done; echo done',
            directory,
            '{{version}}',
            '{{slot}}',
          ),
          concurrency: 4,
          parameters: [
            { name: 'version', type: 'string', pattern: 'v[0-9]+', required: true },
            { name: 'slot', type: 'choice', choices: ['blue', 'green'], default: 'green' },
            { name: 'token', type: 'string', secret: true },
          ],
        },
        configure: {
          ...shell('printf "%s\\n" "$1"', '{{settings}}'),
          parameters: [{ name: 'settings', type: 'json', required: true, maxBytes: 64, default: { a: 1 } }],
        },
        upgrade: {
          steps: [
            { name: 'prepare', ...shell('seq 300') },
            { name: 'install', ...shell('echo installing; exit 2') },
            { name: 'restart', ...shell('true') },
            { name: 'tidy-up', ...shell('echo tidied'), always: true },
          ],
          check: ['echo', 'would install'],
        },
        fail: shell('echo "Failed to deploy: Connection refused" >&2; exit 1'),
      }),
    }),
  );
});

it('runs an action from a form that validates its parameters, shows its progress, and cancels it after confirmation', async ({
  open,
}) => {
  const { page, expectProblems } = await open({
    url: `${bed.hub.url}/dashboard/run?host=${HOST}&action=deploy`,
  });
  page.setDefaultTimeout(SOON_MS);
  expectProblems(/status of 422/); // from the hub, if the checks of the page have not loaded yet
  const version = page.getByRole('textbox', { name: /version/ });
  const run = page.getByRole('main').getByRole('button', { name: /^Run/ });
  await version.fill('nonsense');
  await run.click();
  await expect.poll(() => version.getAttribute('aria-invalid')).toBe('true');
  expect(new URL(page.url()).pathname).toBe('/dashboard/run');
  await version.fill('v1');
  await page.getByLabel(/token/).fill(SECRET);
  await run.dblclick();

  await page.waitForURL(/\/dashboard\/tasks\/./);
  await page.getByRole('progressbar', { name: /deploy/ }).waitFor();
  expect(await page.getByRole('progressbar', { name: /deploy/ }).getAttribute('aria-valuenow')).toBe('40');
  await page.getByText('Copying files').waitFor();
  await page.getByText('deploying v1 to green').waitFor();
  expect(await page.getByRole('main').innerText()).not.toContain(SECRET);
  const { tasks } = (await (await bed.hub.get('/tasks')).json()) as { tasks: object };
  expect(Object.keys(tasks)).toHaveLength(1); // of two clicks

  await page.getByRole('button', { name: 'Cancel task' }).click();
  const question = page.getByRole('alertdialog');
  await question.getByText('SIGTERM').waitFor();
  await question.getByRole('button', { name: /^Keep/ }).click();
  await question.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Cancel task' }).click();
  await question.getByRole('button', { name: 'Cancel task' }).click();
  await page
    .getByRole('main')
    .getByRole('status')
    .filter({ hasText: /cancelled/i })
    .waitFor();
  expect(await page.getByRole('button', { name: 'Cancel task' }).count()).toBe(0);

  await page.getByRole('link', { name: 'Run again' }).click();
  await expect.poll(() => version.inputValue()).toBe('v1');
  expect(await page.getByLabel(/token/).inputValue()).toBe('');
});

it('shows a task of another program start, run and end without a click', async ({ open }) => {
  const { page } = await open({ url: `${bed.hub.url}/dashboard/tasks` });
  page.setDefaultTimeout(SOON_MS);
  await untilConnection(page, 'Live');
  const id = await bed.create('deploy', { version: 'v2' });
  const row = page.getByRole('row').filter({ has: page.locator(`a[href$="/${id}"]`) });
  await row.filter({ hasText: /running/i }).waitFor();
  await row.getByRole('progressbar').waitFor();
  await writeFile(join(bed.directory, 'v2'), '');
  await row.filter({ hasText: /completed/i }).waitFor();
  await row.filter({ hasText: 'done' }).waitFor();
});

it('says why a task failed: in a notification on any page, in the list and on its page', async ({ open }) => {
  const { page } = await open({ url: bed.hub.url });
  page.setDefaultTimeout(SOON_MS);
  await untilConnection(page, 'Live');
  await page.waitForLoadState('networkidle');
  const id = await bed.create('fail');
  const error = 'Failed to deploy: Connection refused';
  const message = page.getByRole('region', { name: /notification/i });
  await message.getByText(error).waitFor();
  await message.getByRole('link', { name: 'fail' }).click();
  await page.waitForURL(`**/dashboard/tasks/${id}`);
  await page.getByRole('region', { name: 'Error' }).getByText(error).waitFor();
  await page.getByRole('link', { name: /^Tasks/ }).click();
  const row = page.getByRole('row').filter({ has: page.locator(`a[href$="/${id}"]`) });
  await row.getByText(error).waitFor();
});

it('accepts JSON in a text area, says what is wrong with it, and shows it with the task', async ({
  open,
}) => {
  const { page } = await open({ url: `${bed.hub.url}/dashboard/run?host=${HOST}&action=configure` });
  page.setDefaultTimeout(SOON_MS);
  const settings = page.getByRole('textbox', { name: /settings/ });
  const run = page.getByRole('main').getByRole('button', { name: /^Run/ });
  await expect.poll(() => settings.inputValue()).toBe('{\n  "a": 1\n}');
  for (const [text, problem] of [
    ['{"motd":', /is not valid JSON/],
    ['{"a":1,"a":2}', /occurs more than once/],
    ['5', /must be a JSON object or array/],
    [`["${'x'.repeat(80)}"]`, /at most 64 are allowed/],
  ] as const) {
    await settings.fill(text);
    await run.click();
    await page.getByText(problem).first().waitFor();
    expect(await settings.getAttribute('aria-invalid')).toBe('true');
  }
  expect(new URL(page.url()).pathname).toBe('/dashboard/run');
  await settings.fill('{"motd": "hello",\n "mods": [1, null]}');
  await run.click();
  await page.waitForURL(/\/dashboard\/tasks\/./);
  await page.getByText('{"motd":"hello","mods":[1,null]}').first().waitFor();
  await page.getByRole('link', { name: 'Run again' }).click();
  await expect.poll(() => settings.inputValue()).toContain('"mods": [\n    1,');
});

it('lists the steps of a task, each with its place in the log', async ({ open }) => {
  const id = await bed.create('upgrade');
  const { page } = await open({ url: `${bed.hub.url}/dashboard/tasks/${id}` });
  page.setDefaultTimeout(SOON_MS);
  const steps = page.getByRole('region', { name: 'Steps' }).getByRole('listitem');
  const error = page.getByRole('region', { name: 'Error' });
  await error.getByText('step install: exited with code 2').waitFor();
  const states = { prepare: 'completed', install: 'failed', restart: 'skipped', 'tidy-up': 'completed' };
  for (const [index, [name, state]] of Object.entries(states).entries()) {
    expect(await steps.nth(index).innerText()).toContain(name);
    expect(await steps.nth(index).innerText()).toContain(state);
  }
  const log = page.getByRole('log');
  await log.getByText('tidied').waitFor();
  expect(await log.getByText('step 1 of 4: prepare').count()).toBe(0); // scrolled out of sight
  await page.getByRole('button', { name: 'Show prepare in the log' }).click();
  await log.getByText('step 1 of 4: prepare').waitFor();
  await page.getByRole('button', { name: 'Show install in the log' }).click();
  await log.getByText('step 2 of 4: install').waitFor();
  expect(await page.getByRole('button', { name: /^Show restart/ }).count()).toBe(0);
});

it('offers a dry run, which runs the check of the action', async ({ open }) => {
  const { page } = await open({ url: `${bed.hub.url}/dashboard/run?host=${HOST}&action=upgrade` });
  page.setDefaultTimeout(SOON_MS);
  await page.getByRole('checkbox', { name: 'Dry run' }).check();
  await page.getByRole('button', { name: 'Check upgrade' }).click();
  await page.waitForURL(/\/dashboard\/tasks\/./);
  await page.getByRole('region', { name: 'Result' }).getByText('would install').waitFor();
  await page.getByText('dry run, which changes nothing').waitFor();
  expect(await page.getByRole('region', { name: 'Steps' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Run again' }).click();
  const box = page.getByRole('checkbox', { name: 'Dry run' });
  await expect.poll(() => box.isChecked()).toBe(true);
});
