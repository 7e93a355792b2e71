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
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const HOST_NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
export const MAX_HOST_ID_CHARACTERS = 253;
const IPV6_CHARACTERS = /^[0-9a-f:.]{2,45}$/;

/**
 * Parses a host id. Upper case becomes lower case. Has no dependencies, so that the agent does not
 * load a schema library.
 * @returns `null` if the text is not a host id; {@link HOST_ID_RULE} describes the form
 */
export function parseHostId(text: string): HostId | null {
  const candidate = text.toLowerCase();
  return isHostName(candidate) || isIpv6(candidate) ? (candidate as HostId) : null;
}

const isHostName = (text: string): boolean => text.length <= MAX_HOST_ID_CHARACTERS && HOST_NAME.test(text);

/** The URL parser handles IPv6 (RFC 4291 section 2.2) in browsers and in Node.js alike. */
const isIpv6 = (text: string): boolean => IPV6_CHARACTERS.test(text) && URL.canParse(`http://[${text}]/`);

const GROUP = '[0-9a-f]{1,4}';
const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = `(?:${OCTET}\\.){3}${OCTET}`;
const IPV6_FORMS = [
  `(?:${GROUP}:){7}${GROUP}`,
  `(?:${GROUP}:){1,7}:`,
  ...[1, 2, 3, 4, 5, 6].map((after) => `(?:${GROUP}:){1,${7 - after}}(?::${GROUP}){1,${after}}`),
  `:(?::${GROUP}){1,7}`,
  '::',
  `::(?:ffff:)?${IPV4}`,
];

/**
 * Form of a host id of at most {@link MAX_HOST_ID_CHARACTERS} for documents: a regular expression
 * in the dialect that JSON Schema recommends. Other spellings of IPv6 addresses with an IPv4 part
 * are host ids, too.
 */
export const HOST_ID_PATTERN = `^(?:${LABEL}(?:\\.${LABEL})*|${IPV6_FORMS.join('|')})$`;
