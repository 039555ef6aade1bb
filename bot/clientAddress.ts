import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Who sends a request, as far as limits go; undefined for this machine, where developers, probes and proxies are. */
export type ClientAddress = (request: IncomingMessage) => string | undefined;

/**
 * The address a request comes from. `proxyHops` proxies stand in front of us, and each added to X-Forwarded-For the
 * address that it saw: counted from the right, since everything further left may be made up by the client.
 */
export function createClientAddress(proxyHops: number): ClientAddress {
  return (request) => {
    const seen = proxyHops > 0 ? forwardedAddress(request, proxyHops) : undefined;
    return addressKey(seen ?? request.socket.remoteAddress ?? '');
  };
}

function forwardedAddress(request: IncomingMessage, proxyHops: number): string | undefined {
  const header = request.headers['x-forwarded-for'];
  const hops = (Array.isArray(header) ? header.join(',') : header ?? '').split(',');
  const address = withoutPort(hops.at(-proxyHops)?.trim() ?? '');
  return isIP(address) === 0 ? undefined : address;
}

/** Azure's front ends write "203.0.113.7:50123" and "[2001:db8::1]:50123". */
const withoutPort = (text: string): string => /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');

/**
 * What limits count by; undefined for this machine. Of IPv6 the first 64 bits: whoever has one address of a network
 * has all of them.
 */
export function addressKey(address: string): string | undefined {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (plain === '::1' || /^127\./.test(plain)) return undefined;
  return isIP(plain) === 6 ? networkOf(plain) : plain;
}

function networkOf(address: string): string {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::', 2);
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = tail === undefined ? front : [...front, ...Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back];
  return groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}
