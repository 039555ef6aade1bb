import type { IncomingMessage } from 'node:http';
import type { ClientAddress } from './clientAddress';
import type { RateLimit } from './rateLimit';
import { HttpError } from './readBody';

/** Counts a request against the address that it comes from. Throws HttpError 429. */
export type AddressLimit = (request: IncomingMessage) => void;

export function createAddressLimit(limit: RateLimit, addressOf: ClientAddress): AddressLimit {
  return (request) => {
    const address = addressOf(request);
    if (address !== undefined && limit.take(address) > 0) throw new HttpError(429, 'too-many-requests', 'Too many requests. Please try again shortly.');
  };
}
