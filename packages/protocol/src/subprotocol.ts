/** WebSocket subprotocol of version 2 of both streams. */
export const V2_SUBPROTOCOL = 'booner.v2';
