declare const hostIdBrand: unique symbol;

/**
 * Id of one host of the fleet: an IPv4 or IPv6 address or a host name, in lower case. At most 253
 * characters.
 */
export type HostId = string & { readonly [hostIdBrand]: true };

/** Form of a host id, in words for error messages. */
export const HOST_ID_RULE =
  'an IP address or a host name of at most 253 characters, such as 10.0.0.2 or web-1.example.org';

// RFC 1123 section 2.1 (labels of 1 to 63 letters, digits and hyphens). Underscores occur in
// practice.
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const IPV6_CHARACTERS = /^[0-9a-f:.]{2,45}$/;

/**
 * Parses a host id. Upper case becomes lower case. Has no dependencies, so that the agent does not
 * load a schema library.
 * @returns `null` if the text is not a host id; {@link HOST_ID_RULE} describes the form
 */
export function parseHostId(text: string): HostId | null {
  const candidate = text.toLowerCase();
  return HOST_NAME.test(candidate) || isIpv6(candidate) ? (candidate as HostId) : null;
}

/** The URL parser handles IPv6 (RFC 4291 section 2.2) in browsers and in Node.js alike. */
const isIpv6 = (text: string): boolean => IPV6_CHARACTERS.test(text) && URL.canParse(`http://[${text}]/`);
