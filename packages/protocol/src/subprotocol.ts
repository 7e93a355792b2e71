/** WebSocket subprotocol of version 2 of both streams. */
export const V2_SUBPROTOCOL = 'booner.v2';
/**
 * WebSocket subprotocol of version 1. Needed only by clients that offer a ticket, since browsers
 * require the server to accept one of their offers. Without a subprotocol, a client gets version 1
 * too.
 */
export const V1_SUBPROTOCOL = 'booner.v1';
