/** WebSocket subprotocol of version 2 of both streams. */
export const V2_SUBPROTOCOL = 'booner.v2';
/** The same of version 1, which needs no name: only for who offers a ticket, since browsers want one of their offers to be taken. */
export const V1_SUBPROTOCOL = 'booner.v1';
