import type { Download } from './rest.ts';
import type { RequestOptions } from './task-requests.ts';

/** Rejects with `BoonerError`, or with the signal's reason. */
export type ArtefactRequests = {
  /**
   * Downloads a file that a task left, by its name in `artefacts.files` of the task. Its content is
   * that of a program: do not show it as a page. `not_found` if the hub has no copy.
   */
  downloadArtefact(
    taskId: string,
    name: string,
    options?: RequestOptions,
  ): Promise<ReadableStream<Uint8Array>>;
};

export const createArtefactRequests = (download: Download): ArtefactRequests => ({
  downloadArtefact(taskId, name, { signal } = {}) {
    const path = `tasks/${encodeURIComponent(taskId)}/artefacts/${encodeURIComponent(name)}`;
    return download({ path, accept: 'application/octet-stream', signal });
  },
});
