import type { Connection } from './openaiConnection';
import { nextDialect } from './openaiDialect';
import { isTransient, toAIError } from './openaiError';
import type { Watch } from './watch';

/**
 * The one retry loop: attempts again on 429, 5xx and broken connections as long as no text has come,
 * and, without counting, when the service refuses a parameter. Never past the watch's deadline. Throws AIError.
 */
export async function* attemptUntilAnswered<Event>(connection: Connection, watch: Watch, attempt: () => AsyncIterable<Event>): AsyncGenerator<Event> {
  for (let retries = 0; ;) {
    const sent = connection.dialect();
    let hasBegun = false;
    try {
      for await (const event of attempt()) {
        hasBegun = true;
        yield event;
      }
      return;
    } catch (error) {
      watch.throwIfOver();
      const refused = nextDialect(sent, error);
      if (refused && !hasBegun) connection.learn(refused);
      else await waitToRetry(error, connection, watch, hasBegun ? Number.POSITIVE_INFINITY : retries++);
    }
  }
}

/** Throws unless another attempt makes sense and fits into the time that is left. */
async function waitToRetry(error: unknown, connection: Connection, watch: Watch, retries: number): Promise<void> {
  const { limits } = connection;
  const failure = toAIError(error, connection.modelName);
  if (retries >= limits.maxRetries || !isTransient(error)) throw failure;
  const waitMs = failure.retryAfterMs ?? backoffMs(retries);
  if (waitMs > limits.maxRetryWaitMs || waitMs >= watch.remainingMs()) throw failure;
  await watch.pause(waitMs);
}

/** Half a second, doubled each time, up to a quarter of it random so that many callers do not come back together. */
const backoffMs = (retries: number): number => 500 * 2 ** retries * (1 - Math.random() / 4);
