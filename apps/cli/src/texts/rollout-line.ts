import type { RolloutHead } from '@booner/protocol';
import { isRolloutSettled } from '@booner/protocol/rollout-ends';
import truncate from 'cli-truncate';
import { bar } from '../terminal/bar.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { countsText, doneOf, phaseText, rolloutStatus, totalOf } from './rollout-texts.ts';

/** The progress of a rollout on the last line of a terminal. Elsewhere, one line per change. */
export type RolloutLine = {
  show(rollout: RolloutHead): void;
  hide(): void;
};

const CLEAR_LINE = '\r\u001b[K';
const BAR_CELLS = 16;
/** Width of a terminal that reports none, or 0 as a new pseudo-terminal does. */
const DEFAULT_COLUMNS = 80;

/** Writes the line of a terminal to stderr, and the lines of changes to stdout. */
export function createRolloutLine(stderr: NodeJS.WriteStream, terminal: Terminal): RolloutLine {
  const isLive = terminal.isTty && stderr.isTTY;
  let lastLine = '';
  const hide = () => {
    if (isLive && lastLine !== '') stderr.write(CLEAR_LINE);
    lastLine = '';
  };
  return {
    show(rollout) {
      const level = isLive ? ` ${levelText(rollout, terminal)}` : '';
      const rest = [countsText(rollout), phaseText(rollout)].filter((part) => part !== '').join(', ');
      const line = `${rolloutStatus(rollout.status, terminal)}${level}${isLive ? ' ' : ': '}${rest}`;
      if (isLive && isRolloutSettled(rollout)) return hide();
      if (isLive) {
        const truncationCharacter = terminal.hasUnicode ? '…' : '~';
        const columns = stderr.columns || DEFAULT_COLUMNS;
        stderr.write(CLEAR_LINE + truncate(line, columns - 1, { truncationCharacter }));
      } else if (line !== lastLine) terminal.print(line);
      lastLine = line;
    },
    hide,
  };
}

function levelText(rollout: RolloutHead, terminal: Terminal): string {
  const total = totalOf(rollout);
  return bar(total === 0 ? 0 : doneOf(rollout) / total, BAR_CELLS, terminal.hasUnicode);
}
