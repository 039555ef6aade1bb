export type FileErrorCode = 'too-large' | 'unsupported' | 'mismatch' | 'encrypted' | 'empty' | 'unreadable' | 'unavailable';

/**
 * Why a file could not become a thread. `mismatch`: the content is not what the name says.
 * `unavailable`: it could not be fetched. The message is for logs and the command line: no content.
 */
export class FileError extends Error {
  override readonly name = 'FileError';

  constructor(readonly code: FileErrorCode, message: string, options?: { readonly cause?: unknown; readonly limitBytes?: number }) {
    super(message, options);
    this.limitBytes = options?.limitBytes;
  }

  /** The size that a file may have, where its size was the reason. */
  readonly limitBytes: number | undefined;
}

/**
 * `not-installed`: the app is not part of this chat, team or meeting. `consent-missing`: it is, without the permission.
 * `policy-missing`: an administrator has to let the app read meetings (application access policy). `transcripts-disabled`:
 * the organisation gives no app any transcript. `speakers-hidden`: it gives them without names; the thread has none.
 * `no-transcript`: nobody had it transcribed. `meeting-expired`: its transcripts are not given out any more.
 * `not-scheduled`: a call, or a meeting without an invitation, which has no transcript to ask for. `not-found`: there is no such
 * chat, channel or meeting (any more). `unauthorized`: the bot's own credentials are refused. `timeout`: reading took too long.
 */
export const sourceErrorCodes = [
  'not-installed', 'consent-missing', 'policy-missing', 'transcripts-disabled', 'speakers-hidden', 'no-transcript', 'meeting-expired',
  'not-scheduled', 'not-found', 'throttled', 'unavailable', 'unauthorized', 'timeout',
] as const;
export type SourceErrorCode = (typeof sourceErrorCodes)[number];

export interface SourceErrorDetails {
  /** The resource-specific permission that is wanted, for `consent-missing`. */
  readonly permission?: string;
  /** When the service asked us to come back, in milliseconds from now. */
  readonly retryAfterMs?: number;
  readonly status?: number;
  readonly cause?: unknown;
}

/** Why something in Teams could not be read, or not all of it. The message is for logs: ids and codes, no content. */
export class SourceError extends Error {
  override readonly name = 'SourceError';

  constructor(readonly code: SourceErrorCode, message: string, readonly details: SourceErrorDetails = {}) {
    super(message, { cause: details.cause });
  }
}
