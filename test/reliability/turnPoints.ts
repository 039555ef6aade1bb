import type { Connector, ConnectorFor } from '../../bot/connector/connector';
import type { TurnStore } from '../../state/turns';

/** The durable steps of a turn, and the moments right before and after each. `send` is the delivery of a committed reply. */
export const turnPoints = [
  'before accept', 'after accept', 'before commit', 'after commit', 'before send', 'after send', 'before delivered', 'after delivered',
] as const;
export type TurnPoint = (typeof turnPoints)[number];

/** SIGKILL ends the process at once. SIGSTOP pauses it, in the middle of everything, until somebody sends SIGCONT. */
export type PointSignal = 'SIGKILL' | 'SIGSTOP';

/** Sends this process a signal when it comes to a point for the first time after it was armed. */
export class TurnPoints {
  private armed: { readonly point: TurnPoint; readonly signal: PointSignal } | undefined;
  /** What is posted before a commit is no delivery: typing, placeholders, parts of a stream. */
  private isCommitted = false;

  arm(point: TurnPoint, signal: PointSignal): void {
    this.armed = { point, signal };
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
    this.reach(`before ${step}`);
    const result = await call();
    this.reach(`after ${step}`);
    return result;
  }

  /** The signal takes effect before this returns. */
  private reach(point: string): void {
    if (point !== this.armed?.point) return;
    const { signal } = this.armed;
    this.armed = undefined;
    process.kill(process.pid, signal);
  }
}
