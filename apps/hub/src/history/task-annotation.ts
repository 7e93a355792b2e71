import type { Annotation, Task } from '@booner/protocol';

/** Text of a task's annotation, such as `web.deploy failed`. Names of actions have no spaces. */
export const taskAnnotationText = ({ action, status }: Pick<Task, 'action' | 'status'>): string =>
  `${action} ${status}`;

/** Returns what {@link taskAnnotationText} was made from; `null`: it is another annotation. */
export function taskOfAnnotation({ kind, text }: Annotation): { action: string; hasFailed: boolean } | null {
  const [action, status] = text.split(' ');
  return kind === 'task' && action !== undefined && status !== undefined
    ? { action, hasFailed: status === 'failed' }
    : null;
}
