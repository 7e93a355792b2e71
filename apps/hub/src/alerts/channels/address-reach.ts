import ipaddr from 'ipaddr.js';

/**
 * Who may be behind an address. `private`: hosts of this machine or network. `never`: nothing that
 * receives notifications, such as link-local and multicast addresses and the metadata services of
 * clouds.
 */
export type AddressReach = 'public' | 'private' | 'never';

const PRIVATE_RANGES = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

/**
 * Metadata services that are not link-local: Alibaba Cloud, Azure (WireServer), Amazon EC2, Google
 * Cloud. They hand out credentials to whoever asks.
 */
const METADATA_SERVICES = new Set(['100.100.100.200', '168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254']);

/** IPv4-compatible addresses (RFC 4291, section 2.5.5.1) and NAT64 (RFC 6052). */
const CARRIERS_OF_IPV4 = ['::/96', '64:ff9b::/96'].map((range) => ipaddr.IPv6.parseCIDR(range));

/**
 * Returns who may be behind an IPv4 or IPv6 address, by the special-purpose registries of IANA as
 * ipaddr.js has them. An IPv6 address that stands for an IPv4 address counts as that one; tunnels
 * (6to4, Teredo) are refused.
 */
export function addressReach(text: string): AddressReach {
  const address = withoutCarrier(ipaddr.process(text));
  if (METADATA_SERVICES.has(address.toString())) return 'never';
  const range = address.range();
  if (range === 'unicast') return 'public';
  return PRIVATE_RANGES.has(range) ? 'private' : 'never';
}

function withoutCarrier(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address.kind() === 'ipv4') return address;
  const ipv6 = address as ipaddr.IPv6;
  // :: and ::1 have ranges of their own.
  if (ipv6.range() === 'unspecified' || ipv6.range() === 'loopback') return address;
  const carriesIpv4 = CARRIERS_OF_IPV4.some((range) => ipv6.match(range));
  return carriesIpv4 ? new ipaddr.IPv4(ipv6.toByteArray().slice(12)) : address;
}
