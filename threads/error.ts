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
