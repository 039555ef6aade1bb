import { BlockList, isIP } from 'node:net';

/** True for an IP address of the open internet: not this machine, not its network, not a way back into either. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !closed.check(address, 'ipv4');
  return family === 6 && open.check(address, 'ipv6') && !closed.check(address, 'ipv6');
}

/** What the internet's registries give out today; everything else in IPv6 is private, local, mapped or reserved. */
const open = new BlockList();
open.addSubnet('2000::', 3, 'ipv6');

/** https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry */
const closed = new BlockList();

const CLOSED: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // shared by customers of one provider
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // link-local; 169.254.169.254 gives out the machine's identity
  ['168.63.129.16', 32], // Azure's own services, seen from inside
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4],
  ['2001::', 23], // Teredo and other tunnels
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4: an IPv4 address inside
  ['3fff::', 20],
];

for (const [network, prefix] of CLOSED) closed.addSubnet(network, prefix, network.includes(':') ? 'ipv6' : 'ipv4');
