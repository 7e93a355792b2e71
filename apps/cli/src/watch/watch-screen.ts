import type { BoonerClient } from '@booner/client';
import { Box, render, Text, useApp, useInput, useWindowSize } from 'ink';
import { createElement as h, useEffect, useState, useSyncExternalStore } from 'react';
import type { TargetChoice } from '../runtime/selector-option.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ShortagesOf } from '../texts/trouble.ts';
import { followLoads, type LoadHistory } from './load-history.ts';
import { followTrouble } from './recent-trouble.ts';
import { watchLines } from './watch-lines.ts';

const FRAMES_PER_SECOND = 10;
/** Refreshes the displayed ages while no data arrives. */
const TICK_MS = 1000;

export type WatchScreenOptions = {
  readonly client: BoonerClient;
  readonly hubUrl: string;
  readonly terminal: Terminal;
  readonly choice: TargetChoice;
};

/** Shows the fleet in full screen until q or Ctrl-C, then restores the screen. */
export async function showWatchScreen(options: WatchScreenOptions): Promise<undefined> {
  const { client } = options;
  const loads = followLoads(client);
  const shortagesOf = followTrouble(loads);
  try {
    const screen = render(h(WatchScreen, { ...options, loads, shortagesOf }), {
      alternateScreen: true,
      interactive: true,
      patchConsole: false,
      incrementalRendering: true,
      maxFps: FRAMES_PER_SECOND,
    });
    await screen.waitUntilExit();
  } finally {
    loads.end();
  }
}

function WatchScreen({
  client,
  hubUrl,
  terminal,
  choice,
  loads,
  shortagesOf,
}: WatchScreenOptions & { readonly loads: LoadHistory; readonly shortagesOf: ShortagesOf }) {
  const { exit } = useApp();
  const { columns, rows } = useWindowSize();
  const fleet = useSyncExternalStore(client.fleet.subscribe, client.fleet.getSnapshot);
  const { tasks } = useSyncExternalStore(client.tasks.subscribe, client.tasks.getSnapshot);
  const connection = useSyncExternalStore(client.connection.subscribe, client.connection.getSnapshot);
  const [offset, setOffset] = useState(0);
  const [nowMs, setNowMs] = useState(client.nowMs());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(client.nowMs()), TICK_MS);
    return () => clearInterval(timer);
  }, [client]);
  const last = Math.max(0, (fleet?.targets.size ?? 0) - 1);
  const scroll = (by: number) => setOffset((before) => Math.min(last, Math.max(0, before + by)));
  useInput((input, key) => {
    if (input === 'q' || key.escape) exit();
    else if (key.upArrow || input === 'k') scroll(-1);
    else if (key.downArrow || input === 'j') scroll(1);
    else if (key.pageUp) scroll(-rows);
    else if (key.pageDown) scroll(rows);
  });
  const lines = watchLines(
    {
      hubUrl,
      fleet,
      tasks: tasks.values(),
      connection,
      loads,
      shortagesOf,
      nowMs,
      choice,
      offset,
      columns,
      rows,
    },
    terminal,
  );
  return h(
    Box,
    { flexDirection: 'column', height: rows, overflow: 'hidden' },
    lines.map((line, at) => h(Text, { key: at, wrap: 'truncate' }, line === '' ? ' ' : line)),
  );
}
