/** Takes out what the environment would have each Node.js load: options, and certificates, which are 10 MiB where there are many. */
export const PLAIN_NODE = { NODE_OPTIONS: undefined, NODE_EXTRA_CA_CERTS: undefined };
