import type { ShownChannel } from '@booner/protocol';
import { z } from 'zod';
import { seal, unseal } from '../../sealing/seal.ts';
import { type ChannelSettings, channelOf, channelSettingsSchema } from './channels.ts';

/** A channel as it is stored: everybody who reads it sees all but the secrets. */
export const storedChannelSchema = z.object({
  /** Without the secrets. */
  settings: z.record(z.string(), z.unknown()),
  /** Compact JWE (RFC 7516; `dir`, A256GCM) of a JSON object with the secrets; empty if none. */
  sealed: z.string(),
  /** True if rules that name no channels notify it. */
  isDefault: z.boolean().default(true),
});
export type StoredChannel = z.infer<typeof storedChannelSchema>;
type SealedSettings = Pick<StoredChannel, 'settings' | 'sealed'>;

/** The channel's name: what is sealed for one channel opens for no other. */
type Sealing = { readonly name: string; readonly key: Uint8Array };

export type Opened =
  | { readonly ok: true; readonly settings: ChannelSettings }
  | { readonly ok: false; readonly reason: string };

const UNREADABLE =
  'its secrets were sealed with another key: give all hubs the same BOONER_ALERT_SECRET_FILE, or enter them again';
const INVALID = 'its settings are invalid: save it again';

/** Seals the secrets of a channel, if it has any. */
export async function sealChannel(
  settings: ChannelSettings,
  { name, key }: Sealing,
): Promise<SealedSettings> {
  const { open, secret } = split(settings);
  if (Object.keys(secret).length === 0) return { settings: open, sealed: '' };
  return { settings: open, sealed: await seal(secret, { kind: 'channel', name, key }) };
}

/** Opens a stored channel. A change of its name, its key or a single bit is noticed. */
export async function openChannel(
  { settings, sealed }: SealedSettings,
  { name, key }: Sealing,
): Promise<Opened> {
  if (sealed === '') return parseOpened(settings);
  const opened = await unseal(sealed, { kind: 'channel', name, key });
  if (opened === null) return { ok: false, reason: UNREADABLE };
  return parseOpened({ ...settings, ...(opened.value as object) });
}

function parseOpened(settings: object): Opened {
  const { data } = channelSettingsSchema.safeParse(settings);
  return data === undefined ? { ok: false, reason: INVALID } : { ok: true, settings: data };
}

/** Returns true if settings contain a secret. */
export const hasSecrets = (settings: ChannelSettings): boolean =>
  Object.keys(split(settings).secret).length > 0;

/** Returns the settings without the secrets, and the names of those that have a value. */
export function showChannel(settings: ChannelSettings): ShownChannel {
  const { open, secret } = split(settings);
  return { ...open, type: settings.type, secrets: Object.keys(secret) };
}

/**
 * Parses new settings of a channel. Secrets that are left out keep their value, since nobody can
 * see it to send it again; `null` removes one. If the destination changes, they must be entered
 * again.
 * @param previous `null`: the channel is new
 */
export function parseChange(
  body: unknown,
  previous: ChannelSettings | null,
): z.ZodSafeParseResult<ChannelSettings> {
  const type = previous?.type;
  if (
    previous === null ||
    typeof body !== 'object' ||
    body === null ||
    !('type' in body) ||
    body.type !== type
  ) {
    return channelSettingsSchema.safeParse(body);
  }
  const { secret } = split(previous);
  const given = { ...secret, ...body } as Record<string, unknown>;
  for (const field of channelOf(previous.type).secrets) {
    if (given[field] === null) delete given[field];
  }
  const parsed = channelSettingsSchema.safeParse(given);
  if (!parsed.success) return parsed;
  const kept = Object.keys(secret).filter((field) => !(field in body));
  const next: Readonly<Record<string, unknown>> = parsed.data;
  const before: Readonly<Record<string, unknown>> = previous;
  const moved = channelOf(previous.type).destination.find((field) => next[field] !== before[field]);
  if (moved === undefined || kept.length === 0) return parsed;
  const message = `must be entered again, because ${moved} has changed`;
  return channelSettingsSchema
    .superRefine((_, context) => {
      for (const field of kept) context.addIssue({ code: 'custom', path: [field], message });
    })
    .safeParse(given);
}

function split(settings: ChannelSettings) {
  const secrets: readonly string[] = channelOf(settings.type).secrets;
  const fields = Object.entries(settings).filter(([, value]) => value !== undefined);
  return {
    open: Object.fromEntries(fields.filter(([field]) => !secrets.includes(field))),
    secret: Object.fromEntries(fields.filter(([field]) => secrets.includes(field))),
  };
}
