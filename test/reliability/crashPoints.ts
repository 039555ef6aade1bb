import type { Connector, ConnectorFor } from '../../bot/connector/connector';
import type { TurnStore } from '../../state/turns';

/** The durable steps of a turn, and the moments right before and after each. `send` is the delivery of a committed reply. */
export const crashPoints = [
  'before accept', 'after accept', 'before commit', 'after commit', 'before send', 'after send', 'before delivered', 'after delivered',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** Ends this process, as kill -9 does, when it comes to a point for the first time after it was armed. */
export class Crash {
  private armed: CrashPoint | undefined;
  /** What is posted before a commit is no delivery: typing, placeholders, parts of a stream. */
  private isCommitted = false;

  arm(point: CrashPoint): void {
    this.armed = point;
    this.isCommitted = false;
  }

  readonly turnStore = (store: TurnStore): TurnStore => ({
    ...store,
    accept: (...row) => this.around('accept', () => store.accept(...row)),
    commit: (turn) => this.around('commit', async () => {
      const result = await store.commit(turn);
      this.isCommitted = true;
      return result;
    }),
    delivered: (row) => this.around('delivered', () => store.delivered(row)),
  });

  readonly connectorFor = (connectorFor: ConnectorFor): ConnectorFor => (serviceUrl) => {
    const connector = connectorFor(serviceUrl);
    const delivering = <T>(type: string | undefined, call: () => Promise<T>): Promise<T> =>
      (type === 'message' && this.isCommitted ? this.around('send', call) : call());
    const wrapped: Partial<Connector> = {
      send: (conversationId, activity) => delivering(activity.type, () => connector.send(conversationId, activity)),
      update: (conversationId, activityId, activity) => delivering(activity.type, () => connector.update(conversationId, activityId, activity)),
    };
    return Object.assign(Object.create(connector) as Connector, wrapped); // everything else is the connector's own
  };

  private async around<T>(step: string, call: () => Promise<T>): Promise<T> {
    await this.dieAt(`before ${step}`);
    const result = await call();
    await this.dieAt(`after ${step}`);
    return result;
  }

  private async dieAt(point: string): Promise<void> {
    if (point !== this.armed) return;
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined); // nothing of this turn happens any more
  }
}
