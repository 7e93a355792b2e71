declare const hostIdBrand: unique symbol;

/** Names one host of the fleet: an IPv4 or IPv6 address, or a host name, in lower case. At most 253 characters. */
export type HostId = string & { readonly [hostIdBrand]: true };

/** What a host id may look like, in words for error messages. */
export const HOST_ID_RULE =
  'an IP address or a host name of at most 253 characters, such as 10.0.0.2 or web-1.example.org';

// RFC 1123 section 2.1 (labels of 1 to 63 letters, digits and hyphens); underscores are seen in the wild.
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const IPV6_CHARACTERS = /^[0-9a-f:.]{2,45}$/;

/**
 * Reads a host id; upper case becomes lower case. Free of dependencies, so that the agent need not load a schema library.
 * @returns `null` for a text that is none; {@link HOST_ID_RULE} says what it should have been.
 */
export function parseHostId(text: string): HostId | null {
  const candidate = text.toLowerCase();
  return HOST_NAME.test(candidate) || isIpv6(candidate) ? (candidate as HostId) : null;
}

/** The URL parser knows IPv6 (RFC 4291 section 2.2) in browsers and in Node.js alike. */
const isIpv6 = (text: string): boolean => IPV6_CHARACTERS.test(text) && URL.canParse(`http://[${text}]/`);
