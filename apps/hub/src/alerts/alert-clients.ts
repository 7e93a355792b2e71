import type { AlertEvent } from '@booner/bus';
import { type AlertClientMessage, alertClientMessageSchema } from '@booner/protocol';
import { parseClientMessage, validateClientMessage } from '../ws/client-message.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import type { StreamClients } from '../ws/stream-endpoint.ts';
import type { Subscriptions } from '../ws/subscriptions.ts';
import { encodeMessage } from './alert-feed.ts';

/** The clients of the alert stream: each has one subscription to all alerts that it may read. */
export class AlertClients implements StreamClients {
  readonly #subscriptions: Subscriptions<AlertEvent>;

  constructor(subscriptions: Subscriptions<AlertEvent>) {
    this.#subscriptions = subscriptions;
  }

  /** @param query may have `cursor`, as in a `subscribe` message */
  add(client: ClientSocket, query: URLSearchParams): void {
    const cursor = query.get('cursor');
    const parsed = validateClientMessage(alertClientMessageSchema, {
      type: 'subscribe',
      ...(cursor && { cursor }),
    });
    if ('issue' in parsed) this.refuse(client, parsed.issue);
    this.#handle(client, 'message' in parsed ? parsed.message : { type: 'subscribe' });
  }

  /** Takes a message. An invalid one is answered with an `error`; the socket stays open. */
  receive(client: ClientSocket, text: string): void {
    const parsed = parseClientMessage(alertClientMessageSchema, text);
    if ('issue' in parsed) this.refuse(client, parsed.issue);
    else this.#handle(client, parsed.message);
  }

  refuse(client: ClientSocket, detail: string): void {
    this.#subscriptions.push(client, encodeMessage({ type: 'error', detail }));
  }

  remove(client: ClientSocket): void {
    this.#subscriptions.remove(client);
  }

  #handle(client: ClientSocket, message: AlertClientMessage): void {
    switch (message.type) {
      case 'subscribe':
        this.#subscriptions.subscribe(client, { hosts: null, cursor: message.cursor ?? null });
        break;
      case 'ping':
        this.#subscriptions.push(client, encodeMessage({ type: 'pong' }));
        break;
      default:
        message satisfies never;
    }
  }
}
