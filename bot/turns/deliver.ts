import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { OutboxRow } from '../../state/turns';
import { ConnectorError, type Connector, type ConnectorFor } from '../connector/connector';
import { realClock, waitAfter, waited, type Clock } from '../connector/retry';
import type { Metrics } from '../metrics';
import { nextStep, type NextStep, type OutgoingMessage } from './afterFailure';
import { isStoppedByPerson } from './streamRefusal';

/**
 * `stopped`: the person wants nothing more of this turn. `given-up`: told in the log. Both rows leave the outbox.
 * `interrupted`: the signal aborted; the row stays.
 */
export type DeliveryResult = 'delivered' | 'stopped' | 'given-up' | 'interrupted';

/** Brings committed replies to their channels. */
export interface Delivery {
  /**
   * Posts one reply; never throws. Waits as long as the channel's pace, Retry-After and outages ask for, up to six
   * hours. Whoever calls sees to it that the replies of a conversation come one after the other.
   */
  deliver(row: OutboxRow, signal: AbortSignal): Promise<DeliveryResult>;
}

export interface DeliveryOptions {
  readonly connectorFor: ConnectorFor;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'callRepeated'>;
  readonly clock?: Clock;
  /** Hears by which id the channel knows an answer that people may rate. */
  readonly noteShown?: (row: OutboxRow, answer: ShownAnswer) => Promise<void>;
}

export interface ShownAnswer {
  /** Id of the message that it answers. */
  readonly activityId: string;
  readonly messageId: string;
}

/** An answer that is older helps nobody. */
const GIVE_UP_AFTER_MS = 6 * 60 * 60_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

export function createDelivery(options: DeliveryOptions): Delivery {
  const clock = options.clock ?? realClock;
  return {
    deliver: async (row, signal) => {
      try {
        return (await bring({ ...options, row, signal, clock })) ? 'delivered' : 'interrupted';
      } catch (error) {
        tellFailure(error, row, options.log);
        return isStoppedByPerson(error) ? 'stopped' : 'given-up';
      }
    },
  };
}

interface Route extends DeliveryOptions {
  readonly row: OutboxRow;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** The one loop in which messages are repeated: connectors attempt each once. False where it was interrupted. Throws what cannot be mended. */
async function bring(route: Route): Promise<boolean> {
  const giveUpAtMs = route.clock.now() + GIVE_UP_AFTER_MS;
  let queue: readonly OutgoingMessage[] = [readRow(route.row)];
  let failures = 0;
  for (let message = queue[0]; message; message = queue[0]) {
    if (route.signal.aborted) return false;
    const error = await failureOf(() => post(message, route));
    const next = error ? stepOrThrow(message, error) : nothingMore;
    queue = [...next.messages, ...queue.slice(1)];
    failures = next.isAtOnce ? 0 : failures + 1;
    if (error && !next.isAtOnce && !(await pause(error, failures, giveUpAtMs, route))) return false;
  }
  return true;
}

const nothingMore: NextStep = { messages: [], isAtOnce: true };

function stepOrThrow(message: OutgoingMessage, error: ConnectorError): NextStep {
  const next = nextStep(message, error);
  if (!next) throw error;
  return next;
}

const readRow = ({ kind, targetId, activity }: OutboxRow): OutgoingMessage => ({
  kind,
  targetId,
  activity: JSON.parse(activity) as Partial<Activity>, // written by the runner
});

async function post({ kind, targetId, activity }: OutgoingMessage, { row, connectorFor, signal, noteShown }: Route): Promise<void> {
  const connector: Connector = connectorFor(row.serviceUrl);
  const conversationId = activity.conversation?.id ?? '';
  const options = { patience: signal };
  let messageId = targetId ?? '';
  if (kind === 'update' && targetId !== undefined) await connector.update(conversationId, targetId, { ...activity, id: targetId }, options);
  else messageId = (await connector.send(conversationId, activity, options)) || messageId;
  await connector.told?.(conversationId);
  if (messageId !== '' && activity.replyToId !== undefined && takesFeedback(activity)) await noteShown?.(row, { activityId: activity.replyToId, messageId });
}

const feedbackLoopShape = z.object({ feedbackLoop: z.object({ type: z.string() }) });

/** Teams will name it by its own id when somebody rates it. */
const takesFeedback = ({ channelData }: Partial<Activity>): boolean => feedbackLoopShape.safeParse(channelData).success;

async function failureOf(work: () => Promise<void>): Promise<ConnectorError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
}

/** Waits before the next attempt; false where the signal aborted. Throws the error when the reply would be too old by then. */
async function pause(error: ConnectorError, failures: number, giveUpAtMs: number, { row, clock, log, metrics, signal }: Route): Promise<boolean> {
  const waitMs = waitAfter(failures, error.details.retryAfterMs, clock.random(), LONGEST_PAUSE_MS);
  if (clock.now() + waitMs > giveUpAtMs) throw error;
  const facts = { code: error.code, status: error.details.status, failures, waitMs, isPerhapsPosted: error.code === 'ambiguous' };
  log.warn({ ...idsOf(row), ...facts }, 'reply is posted again');
  metrics?.callRepeated(error.code);
  return waited(waitMs, clock, signal);
}

function tellFailure(error: unknown, row: OutboxRow, log: Logger): void {
  const code = error instanceof ConnectorError ? error.code : 'unexpected';
  if (isStoppedByPerson(error)) log.info(idsOf(row), 'answer was stopped by the person');
  else log.error({ ...idsOf(row), code, ...(code === 'unexpected' ? { err: error } : { isPerhapsPosted: code === 'ambiguous' }) }, 'reply was not delivered');
}

const idsOf = ({ conversationKey, id, kind }: OutboxRow): object => ({ conversationKey, outboxId: id, kind });
