import type { ChannelToSave } from '@booner/client';
import type { ChannelList, ListedChannel } from '@booner/protocol';

export type ChannelDescription = ChannelList['types'][number];

/** A setting of a channel, as a form shows it. */
export type ChannelField = {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly kind: 'text' | 'secret' | 'number' | 'boolean' | 'choice' | 'list';
  readonly isRequired: boolean;
  readonly choices: readonly string[];
  /** Shown in an empty field. */
  readonly placeholder: string;
  /** Value of a new channel. */
  readonly initial: string | boolean;
};

/** Content of the form: lists as their lines. */
export type ChannelDraft = Readonly<Record<string, string | boolean>>;

type Property = {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: { readonly type?: string };
  readonly description?: string;
  readonly default?: unknown;
};

/** Settings that the hub makes and keeps, by type. */
const GENERATED: Readonly<Record<string, readonly string[]>> = { 'web-push': ['publicKey', 'privateKey'] };

/** Returns the settings of a type that people enter, in the order of its JSON schema. */
export function channelFields({ type, settings, secrets }: ChannelDescription): readonly ChannelField[] {
  const { properties = {}, required = [] } = settings as {
    readonly properties?: Readonly<Record<string, Property>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).flatMap(([name, property]): readonly ChannelField[] => {
    if (GENERATED[type]?.includes(name)) return [];
    const kind = kindOf(property, secrets.includes(name));
    if (kind === null) return [];
    const isBoolean = kind === 'boolean';
    const { default: value } = property;
    return [
      {
        name,
        label: labelOf(name),
        hint: property.description ?? '',
        kind,
        isRequired: required.includes(name),
        choices: (property.enum ?? []).map(String),
        placeholder: isBoolean || value === undefined ? '' : String(value),
        initial: isBoolean ? value === true : kind === 'choice' ? String(value ?? '') : '',
      },
    ];
  });
}

/** `null`: people do not enter it, such as the type and what browsers add. */
function kindOf(
  { type, const: fixed, enum: choices, items }: Property,
  isSecret: boolean,
): ChannelField['kind'] | null {
  if (fixed !== undefined) return null;
  if (type === 'array') return items?.type === 'string' ? 'list' : null;
  if (choices !== undefined) return 'choice';
  if (type === 'boolean') return 'boolean';
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'string') return isSecret ? 'secret' : 'text';
  return null;
}

/** Abbreviations that are written in capitals. */
const CAPITALS = /\b(url|api|tls|id)\b/gi;

/** `allowPrivate` is "Allow private". */
function labelOf(name: string): string {
  const words = name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return (words.charAt(0).toUpperCase() + words.slice(1)).replace(CAPITALS, (word) => word.toUpperCase());
}

/** Returns the form's content for a channel; for a new one without it. Secrets are never shown. */
export function channelDraft(fields: readonly ChannelField[], channel: ListedChannel | null): ChannelDraft {
  return Object.fromEntries(
    fields.map(({ name, kind, initial }) => {
      const value = kind === 'secret' ? undefined : channel?.[name];
      if (value === undefined) return [name, initial];
      if (kind === 'boolean') return [name, value === true];
      return [name, Array.isArray(value) ? value.join('\n') : String(value)];
    }),
  );
}

export type ChannelChange = {
  readonly type: string;
  readonly fields: readonly ChannelField[];
  readonly draft: ChannelDraft;
  /** Secrets to remove. */
  readonly removed: readonly string[];
  readonly isDefault: boolean;
};

/**
 * Returns the body of `PUT /alert-channels/:name`. An empty secret is left out, so that the hub
 * keeps the one that it has; `null` removes it.
 */
export function channelBody({ type, fields, draft, removed, isDefault }: ChannelChange): ChannelToSave {
  const body: Record<string, unknown> = {};
  for (const { name, kind } of fields) {
    const value = draft[name] ?? '';
    if (typeof value === 'boolean') body[name] = value;
    else if (value.trim() !== '') body[name] = settingOf(kind, value.trim());
    else if (kind === 'secret' && removed.includes(name)) body[name] = null;
  }
  return { ...body, type, default: isDefault };
}

function settingOf(kind: ChannelField['kind'], text: string): unknown {
  if (kind === 'list') return text.split(/[\s,;]+/).filter((item) => item !== '');
  if (kind !== 'number') return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}
