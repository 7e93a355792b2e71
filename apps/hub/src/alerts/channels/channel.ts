import type { ChannelType, Notification, SendOutcome } from '@booner/protocol';
import type { z } from 'zod';
import { type OutgoingRequest, type SendDeps, sendRequest } from './outgoing-request.ts';
import { createRedact, type Redact } from './redact.ts';

/** Schema of the settings of a channel. Its issues say what to write; fields have descriptions. */
type SettingsSchema = z.ZodObject<{ type: z.ZodLiteral<ChannelType> }>;

/** A way to send notifications. Each type is a file that exports one of these. */
export type Channel<Schema extends SettingsSchema = SettingsSchema, Rendered = unknown> = {
  /** Name of the service. */
  readonly title: string;
  readonly settings: Schema;
  /** Settings that are sealed when stored, and never shown. */
  readonly secrets: readonly (keyof z.output<Schema> & string)[];
  /**
   * Settings that decide who receives the secrets. When one of them changes, the secrets must be
   * entered again: otherwise, whoever edits a channel could send its secrets to themselves.
   */
  readonly destination: readonly (keyof z.output<Schema> & string)[];
  /** The other side opens an incident, and closes it when the episode is resolved. */
  readonly opensIncidents: boolean;
  /** Returns what is sent. Pure: the same for every attempt. */
  render(notification: Notification, settings: z.output<Schema>): Rendered;
  /** Makes one attempt. Never throws. */
  send(notification: Notification, settings: z.output<Schema>, deps: SendDeps): Promise<SendOutcome>;
};

/** A channel that sends one HTTP request per notification. */
type HttpChannelSpec<Schema extends SettingsSchema> = Omit<
  Channel<Schema, OutgoingRequest>,
  'send' | 'opensIncidents'
> & {
  readonly opensIncidents?: boolean;
  /** Statuses that mean a refusal although HTTP does not say so, and the reason. */
  readonly refusals?: Readonly<Record<number, string>>;
};

/** Creates a channel from how it renders requests. */
export function httpChannel<Schema extends SettingsSchema>(
  spec: HttpChannelSpec<Schema>,
): Channel<Schema, OutgoingRequest> {
  const { refusals = {}, opensIncidents = false, ...channel } = spec;
  return {
    ...channel,
    opensIncidents,
    async send(notification, settings, deps) {
      const request = channel.render(notification, settings);
      const redact = redactOf(channel.secrets, settings);
      // Channels of a service in the cloud have no such setting.
      const { allowPrivate = false } = settings as { readonly allowPrivate?: boolean };
      return await sendRequest(request, { ...deps, allowPrivate, redact, refusals });
    },
  };
}

/** Returns a function that removes the secrets of a channel from a text. */
export const redactOf = (secrets: readonly string[], settings: object): Redact =>
  createRedact(
    Object.entries(settings).flatMap(([field, value]) => (secrets.includes(field) ? textsIn(value) : [])),
  );

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Returns the header `Authorization`, if there is a value for it. */
export const authorizationOf = (authorization: string | undefined): Readonly<Record<string, string>> =>
  authorization === undefined ? {} : { authorization };

/** Renders a request with a JSON body. */
export const jsonRequest = (
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): OutgoingRequest => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
