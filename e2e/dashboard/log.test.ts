import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { shell } from '../tasks/actions.ts';
import { startTaskBed, type TaskBed } from '../tasks/task-bed.ts';
import { it } from './browser-test.ts';
import { SOON_MS, untilConnection } from './page-parts.ts';

const LINES = 1500;

let bed: TaskBed;
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  bed = stack.use(
    await startTaskBed({
      actions: (directory) => ({
        // Prints many lines at once, three more for each file `more1`, `more2`, …, and ends at
        // `go`.
        talk: shell(
          `i=1; while [ $i -le ${LINES} ]; do echo "line $i of many"; i=$((i+1)); done
           n=1; while [ ! -e "$1/go" ]; do
             if [ -e "$1/more$n" ]; then for k in 1 2 3; do echo "more $n.$k"; done; n=$((n+1)); fi; sleep 0.05
           done; printf '\\033[31mred\\033[0m words\\n'; echo "on stderr" >&2`,
          directory,
        ),
      }),
    }),
  );
});

it('is followed, left and caught up with, paused, searched and kept', async ({ open }) => {
  const id = await bed.create('talk');
  const sayMore = (count: number) => writeFile(join(bed.directory, `more${count}`), '');
  const { page } = await open({ url: `${bed.hub.url}/dashboard/tasks/${id}` });
  page.setDefaultTimeout(SOON_MS);
  await untilConnection(page, 'Live');
  const log = page.getByRole('log');
  const lineOf = (text: string) => log.getByText(text, { exact: true });

  // Followed: the last line is visible, and few of all are in the page.
  await lineOf(`line ${LINES} of many`).waitFor();
  expect(await log.getByText(/^line \d+ of many$/).count()).toBeLessThan(200);
  await sayMore(1);
  await lineOf('more 1.3').waitFor();

  // Scrolled up, it stays where it is and leads back.
  await lineOf('more 1.3').hover();
  await page.mouse.wheel(0, -5000);
  const toTheEnd = page.getByRole('button', { name: /jump to the end/i });
  await toTheEnd.waitFor();
  await sayMore(2);
  await bed.untilSaid(id, 'more 2.3');
  expect(await lineOf('more 2.3').count()).toBe(0);
  await toTheEnd.click();
  await lineOf('more 2.3').waitFor();

  // Paused, it counts what comes.
  await page.getByRole('button', { name: /^pause/i }).click();
  await sayMore(3);
  await page.getByText(/3 new lines/).waitFor();
  expect(await lineOf('more 3.1').count()).toBe(0);
  await page.getByRole('button', { name: /^(resume|go on)/i }).click();
  await lineOf('more 3.3').waitFor();

  // Searched: matches are counted, and the page scrolls to them.
  const search = page.getByRole('searchbox', { name: /log/i });
  await search.fill('line 77');
  const found = page.getByRole('toolbar', { name: 'Log' }).getByRole('status');
  await found.filter({ hasText: /^11 lines$/ }).waitFor(); // 77, and 770 to 779
  await search.press('Enter');
  await found.filter({ hasText: /^1 of 11 lines$/ }).waitFor();
  await log
    .getByText(/^line 77\d? of many$/)
    .first()
    .waitFor();

  await writeFile(join(bed.directory, 'go'), '');
  await bed.untilEnded(id);
  await page
    .getByRole('main')
    .getByRole('status')
    .filter({ hasText: /completed/i })
    .waitFor();
  const said = (await bed.log(id)).map((line) => line.text);
  await page.getByText(`${said.length.toLocaleString('en-GB')} lines`).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /download/i }).click(),
  ]);
  const text = await readFile(await download.path(), 'utf8');
  for (const each of [said[0]!, said.at(-1)!, 'more 3.3']) expect(text).toContain(each);
  expect(text.trimEnd().split('\n').length).toBeGreaterThanOrEqual(said.length);
});
