import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { SCREENSHOTS } from './browser-test.ts';

/**
 * Finds the problems of a page in its light and its dark theme. Takes a screenshot of each, if
 * wanted.
 */
export async function inspectView(page: Page, name: string): Promise<readonly string[]> {
  await page.emulateMedia({ colorScheme: 'light' });
  await takePicture(page, `${name}-light`);
  const wrong = [
    ...(await findExcess(page)),
    ...(await findMixedDirections(page)),
    ...(await findViolations(new AxeBuilder({ page }))),
  ];
  await page.emulateMedia({ colorScheme: 'dark' });
  await takePicture(page, `${name}-dark`);
  return [...wrong, ...(await findViolations(new AxeBuilder({ page }).withRules('color-contrast')))];
}

/**
 * Finds out if a page is wider than its window. Takes screenshots, and skips what is the same at
 * every size.
 */
export async function inspectWidth(page: Page, name: string): Promise<readonly string[]> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await takePicture(page, `${name}-${colorScheme}`);
  }
  return findExcess(page);
}

const wantsPictures = process.env.BOONER_SCREENSHOTS !== undefined;

/** Pictures are for people, and take half of the time: only with `BOONER_SCREENSHOTS=1`. */
async function takePicture(page: Page, name: string): Promise<void> {
  if (wantsPictures) await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

async function findExcess(page: Page): Promise<readonly string[]> {
  const excessPx = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  return excessPx > 0 ? [`it is ${excessPx} px too wide`] : [];
}

/** Finds inline elements whose text could reorder the text beside them. */
async function findMixedDirections(page: Page): Promise<readonly string[]> {
  const names = await page.evaluate(() => {
    const hasText = (element: Element) =>
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
    const mixes = [...document.body.querySelectorAll('*:not(svg *, noscript)')].filter((element) => {
      const { display, unicodeBidi } = getComputedStyle(element);
      return display.startsWith('inline') && unicodeBidi === 'normal' && hasText(element);
    });
    return [...new Set(mixes.map(({ localName }) => localName))];
  });
  return names.map((name) => `text in <${name}> is not isolated from the direction of its surroundings`);
}

async function findViolations(axe: AxeBuilder): Promise<readonly string[]> {
  const { violations } = await axe.setLegacyMode(true).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.slice(0, 3).map(({ target, failureSummary = '' }) => {
      const reason = failureSummary.split('\n').at(1)?.trim() ?? '';
      return `${id}: ${help} (${target.join(' ')}): ${reason}`;
    }),
  );
}
