import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import type { OutboxRow, TurnStore } from '../../state/turns';
import { ConnectorError, type Connector, type ConnectorFor } from '../connector/connector';
import { Lanes } from './lanes';
import { isStoppedByPerson, withoutStreamMarks } from './liveReply';

export interface DeliveryOptions {
  readonly store: Pick<TurnStore, 'delivered'>;
  readonly connectorFor: ConnectorFor;
  readonly log: Logger;
}

/** Brings committed replies to their channels, in order for each conversation. */
export interface Delivery {
  add(row: OutboxRow): void;
  readonly backlog: number;
  idle(): Promise<void>;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const lanes = new Lanes();
  const marks = new Set<Promise<void>>();
  const mark = (row: OutboxRow): void => {
    const marked = takeFromOutbox(row, options).finally(() => marks.delete(marked));
    marks.add(marked);
  };
  return {
    add: (row) => lanes.add(row.conversationKey, async () => {
      await deliver(row, options);
      mark(row); // not awaited: the next reply need not wait for the disk
    }),
    get backlog() {
      return lanes.size;
    },
    idle: async () => {
      await lanes.idle();
      await Promise.all(marks);
    },
  };
}

/**
 * Posts one row. What the connector gives up on is given up: it has retried what may be
 * retried, and posting again what may have arrived would show the answer twice.
 */
async function deliver(row: OutboxRow, { connectorFor, log }: DeliveryOptions): Promise<void> {
  try {
    await post(connectorFor(row.serviceUrl), row);
  } catch (error) {
    if (isStoppedByPerson(error)) log.info({ conversationKey: row.conversationKey, outboxId: row.id }, 'answer was stopped by the person');
    else logFailure(row, error, log);
  }
}

function logFailure(row: OutboxRow, error: unknown, log: Logger): void {
  const code = error instanceof ConnectorError ? error.code : 'unexpected';
  log.error({ conversationKey: row.conversationKey, outboxId: row.id, kind: row.kind, code, ...(code === 'unexpected' && { err: error }) }, 'reply was not delivered');
}

async function takeFromOutbox(row: OutboxRow, { store, log }: DeliveryOptions): Promise<void> {
  await store.delivered(row).catch((error: unknown) => {
    log.error({ outboxId: row.id, err: error }, 'delivered reply stays in the outbox');
  });
}

async function post(connector: Connector, row: OutboxRow): Promise<void> {
  const activity = JSON.parse(row.activity) as Partial<Activity>; // written by the runner
  const conversationId = activity.conversation?.id ?? '';
  if (row.kind === 'update' && row.targetId !== undefined) {
    await connector.update(conversationId, row.targetId, { ...activity, id: row.targetId });
    return;
  }
  try {
    await connector.send(conversationId, activity);
  } catch (error) {
    if (row.kind !== 'finish-stream' || row.targetId === undefined || !isReplaceable(error)) throw error;
    await connector.update(conversationId, row.targetId, { ...withoutStreamMarks(activity), id: row.targetId });
  }
}

/** The end of a stream may be said again by replacing the stream's message: that is safe to repeat. Not against the person's will. */
function isReplaceable(error: unknown): boolean {
  if (isStoppedByPerson(error)) return false;
  return error instanceof ConnectorError && (error.code === 'stream-refused' || error.code === 'ambiguous');
}
