import type { TaskArtefacts as Artefacts } from '@booner/protocol';
import { formatBytes } from '../format/numbers.ts';
import { Panel } from '../ui/panel.tsx';

/** Files that a task left, as downloads, and those that were not kept, with the reason. */
export function TaskArtefacts({ id, artefacts }: { readonly id: string; readonly artefacts: Artefacts }) {
  const { files, missing } = artefacts;
  return (
    <Panel title="Artefacts">
      <ul className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 gap-y-1">
        {files.map(({ name, bytes }) => (
          <li key={name} className="col-span-full grid grid-cols-subgrid items-baseline">
            <a
              href={`/tasks/${encodeURIComponent(id)}/artefacts/${encodeURIComponent(name)}`}
              download
              className="min-w-0 break-words text-accent underline underline-offset-2"
            >
              {name}
            </a>
            <span className="text-right text-muted">{formatBytes(bytes)}</span>
          </li>
        ))}
        {missing.map(({ name, reason }) => (
          <li key={name} className="col-span-full grid grid-cols-subgrid items-baseline">
            <span className="min-w-0 break-words">{name}</span>
            <span className="text-right text-warn">{reason}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
