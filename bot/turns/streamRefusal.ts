import { ConnectorError, type ConnectorErrorCode } from '../connector/connector';

/**
 * What a part of a reply that was not shown means for the rest of it. `again`: it may be shown yet. `counted`: dropped,
 * with its number. `full`: no more fits, and the end closes the stream. `lost`: the channel takes nothing more of it, so
 * that the whole replaces it. `stopped`: the person wants no more.
 */
export type ShowFailure = 'again' | 'counted' | 'full' | 'lost' | 'stopped';

/** What Teams says where it refuses part of a stream: https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux, "Error codes". */
export function showFailureOf(error: ConnectorError): ShowFailure {
  if (isStoppedByPerson(error)) return 'stopped';
  return isOutOfOrder(error) ? 'counted' : showFailures[error.code];
}

/** "Content stream was canceled by user." */
export const isStoppedByPerson = (error: unknown): boolean => isRefusal(error) && /\bcancel/i.test(error.details.serviceMessage ?? '');

/** It came twice, or after a later one: Teams answers 202 and drops it. */
const isOutOfOrder = (error: ConnectorError): boolean => isRefusal(error) && /SequenceOrder/i.test(error.details.serviceCode ?? '');

const isRefusal = (error: unknown): error is ConnectorError => error instanceof ConnectorError && error.code === 'stream-refused';

const showFailures: Readonly<Record<ConnectorErrorCode, ShowFailure>> = {
  'rate-limited': 'again',
  unavailable: 'again',
  unauthorized: 'again', // with another token
  ambiguous: 'again', // under the same number: Teams drops what it has already
  'too-large': 'full',
  'stream-refused': 'lost', // over two minutes, completed, not permitted here, or not what was shown before
  gone: 'lost',
  blocked: 'lost',
  'bad-request': 'lost',
};
