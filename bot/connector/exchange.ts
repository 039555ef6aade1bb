import type { Dispatcher } from 'undici';

export interface ChannelRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Scheme, host and port. */
  readonly origin: string;
  /** With the leading slash, URL-encoded. */
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: string | undefined;
}

export interface ChannelAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** There is no complete answer. `isWritten`: the request may have reached the service. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';

  constructor(message: string, readonly isWritten: boolean, cause?: unknown) {
    super(message, { cause });
  }
}

/**
 * One request and its whole answer, once, within `timeoutMs` (which counts the wait for a free socket too).
 * Throws ExchangeError.
 * A dispatch handler instead of undici's `request()`: it costs no stream, and it knows whether anything was written.
 */
export function exchange(dispatcher: Dispatcher, request: ChannelRequest, timeoutMs: number): Promise<ChannelAnswer> {
  return new Promise((answered, failed) => {
    const handler = new ExchangeHandler(answered, failed, timeoutMs);
    const { origin, path, method, body } = request;
    try {
      dispatcher.dispatch({ origin, path, method, body: body ?? null, headers: [...request.headers] }, handler);
    } catch (error) {
      handler.fail('The request could not be made.', error);
    }
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  private readonly timer: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | undefined;
  private isOver = false;
  private status = 0;
  private headers: ChannelAnswer['headers'] = {};
  private readonly chunks: Buffer[] = [];

  constructor(
    private readonly answered: (answer: ChannelAnswer) => void,
    private readonly failed: (error: ExchangeError) => void,
    timeoutMs: number,
  ) {
    this.timer = setTimeout(() => this.fail(`There was no answer within ${timeoutMs} ms.`), timeoutMs);
  }

  /** undici calls it when a socket is ready, right before the first byte is written. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up on while it waited for a socket: it must not be sent behind the caller's back.
    if (this.isOver) controller.abort(new Error('The request was given up on.'));
    else this.controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ChannelAnswer['headers']): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.end()) return;
    this.answered({ status: this.status, headers: this.headers, text: Buffer.concat(this.chunks).toString() });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail('The connection failed.', error);
  }

  fail(message: string, cause?: unknown): void {
    if (!this.end()) return;
    const error = new ExchangeError(message, this.controller !== undefined, cause);
    this.failed(error);
    this.controller?.abort(error);
  }

  /** False when it had ended before. */
  private end(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    clearTimeout(this.timer);
    return true;
  }
}
