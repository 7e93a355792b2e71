import type { JsonObject, OfferedAction } from '@booner/protocol';
import { checkParams } from '../../tasks/check-params.ts';

/** Returns what is wrong with the parameters of a rollout for an action; `null`: nothing. */
export async function findParameterIssue(action: OfferedAction, params: JsonObject): Promise<string | null> {
  const secret = action.parameters.find(
    (parameter) => parameter.type === 'string' && parameter.secret && Object.hasOwn(params, parameter.name),
  );
  if (secret !== undefined) {
    return `/${secret.name} is secret: a rollout keeps its parameters readable, so it takes no secrets`;
  }
  const checked = await checkParams(action, params);
  if ('type' in checked) return checked.detail;
  return checked.ok ? null : checked.issues.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
}
