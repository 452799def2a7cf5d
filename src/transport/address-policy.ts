/**
 * Decides which IP addresses an outgoing call may reach. The public internet is allowed; every special
 * range (IANA special-purpose registries, RFC 6890, and the platform addresses of clouds) is refused unless
 * the configuration allows its network. It decides over addresses only: names are resolved in egress.
 */
import { BlockList, isIP } from 'node:net';

export interface EgressPolicy {
  /** Networks in CIDR form that may be called although they are special, such as `10.20.0.0/16`. */
  readonly allowedNetworks: readonly string[];
}

/** What local mode allows: services on this machine. */
export const loopbackNetworks: readonly string[] = ['127.0.0.0/8', '::1/128'];

/** Says why an address may not be called (`a private address`), or nothing when it may. */
export type AddressPolicy = (address: string) => string | undefined;

type Contains = (address: string) => boolean;

const specialRanges: readonly (readonly [kind: string, networks: readonly string[]])[] = [
  ['an unspecified address', ['0.0.0.0/8', '::/128']],
  ['a loopback address', ['127.0.0.0/8', '::1/128']],
  ['a private address', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10']],
  ['a link-local address', ['169.254.0.0/16', 'fe80::/10']],
  ['a shared carrier address', ['100.64.0.0/10']],
  ['a platform address', ['168.63.129.16/32', '192.0.0.0/24']],
  [
    'a documentation or benchmark address',
    ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '198.18.0.0/15', '2001:db8::/32', '3fff::/20'],
  ],
  ['a multicast or broadcast address', ['224.0.0.0/4', '255.255.255.255/32', 'ff00::/8']],
  ['a tunnelled address', ['192.88.99.0/24', '2002::/16', '64:ff9b:1::/48', '2001::/32']],
  ['a reserved address', ['240.0.0.0/4', '2001::/23']],
];

/** All of IPv6 that is assigned to the public internet; what lies outside is reserved. */
const globalUnicast = containedIn(['2000::/3']);
const special = specialRanges.map(([kind, networks]) => ({ kind, contains: containedIn(networks) }));

/**
 * The rule for one configuration. An IPv4 address inside an IPv6 one (mapped, NAT64) is judged as IPv4.
 * Throws an Error that names a network which is not in CIDR form.
 */
export function createAddressPolicy(policy: EgressPolicy): AddressPolicy {
  const allowed = containedIn(policy.allowedNetworks);
  return (address) => {
    const plain = plainAddress(address);
    if (isIP(plain) === 0) return 'not an IP address';
    return allowed(plain) ? undefined : specialKind(plain);
  };
}

function specialKind(address: string): string | undefined {
  const range = special.find(({ contains }) => contains(address));
  if (range !== undefined) return range.kind;
  return isIP(address) === 6 && !globalUnicast(address) ? 'a reserved address' : undefined;
}

/** One list per family: a BlockList compares IPv4 addresses with IPv6 networks such as `::/0` as well. */
function containedIn(networks: readonly string[]): Contains {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of networks) {
    const { address, prefix, family } = parseNetwork(network);
    lists[family].addSubnet(address, prefix, family);
  }
  return (address) => {
    const family = familyOf(address);
    return lists[family].check(address, family);
  };
}

export function isNetwork(network: string): boolean {
  try {
    parseNetwork(network);
    return true;
  } catch {
    return false;
  }
}

function parseNetwork(network: string) {
  const [, address = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(network) ?? [];
  const family = familyOf(address);
  const prefix = Number(digits);
  if (isIP(address) === 0 || prefix > (family === 'ipv4' ? 32 : 128)) {
    throw new Error(`Not a network in CIDR form, such as 10.0.0.0/8: ${network}`);
  }
  return { address, prefix, family };
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** Without zone id, and the IPv4 address that a mapped (RFC 4291) or NAT64 (RFC 6052) address stands for. */
function plainAddress(address: string): string {
  const [bare = ''] = address.split('%');
  if (isIP(bare) !== 6) return bare;
  const groups = groupsOf(bare);
  return isMapped(groups) || isNat64(groups) ? embeddedAddress(groups) : bare;
}

/** The eight groups of an IPv6 address; the URL parser turns every spelling into the canonical one. */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = [], right = []] = canonical.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}

const startsWith = (groups: number[], start: readonly number[]) =>
  start.every((group, i) => groups[i] === group);
const isMapped = (groups: number[]) => startsWith(groups, [0, 0, 0, 0, 0, 0xffff]);
const isNat64 = (groups: number[]) => startsWith(groups, [0x64, 0xff9b, 0, 0, 0, 0]);
const embeddedAddress = (groups: number[]) =>
  groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
