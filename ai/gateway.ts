import type { Asker, CallReport, Gate, Reservation } from './call';
import { startCallRecord, type CallRecord, type NoteUse } from './callRecord';
import type { Capability } from './capability';
import { AIError } from './error';
import type { Connection } from './openaiConnection';
import { attemptUntilAnswered } from './retry';
import { startWatch, type Watch } from './watch';

/** Who a call is made for. */
export interface CallOrigin {
  readonly asker: Asker;
  /** Hears of each call when it has ended. */
  readonly onReport?: (report: CallReport) => void;
}

export interface GatewayCall extends CallOrigin {
  readonly capability: Capability;
  /** The task, for reports: a word of ours. */
  readonly operation: string;
  /** Input and output at most, about. */
  readonly tokens: number;
  /** What was yielded may come again from the beginning, by another target: nobody has seen it yet. */
  readonly restarts?: boolean;
}

/** One request and its answer. Errors of the SDK may be thrown as they are. */
export type Attempt<Event> = (connection: Connection, watch: Watch, note: NoteUse) => AsyncIterable<Event>;

/** The one way to model services: each call is let through, brought to a deployment, tried again where that helps, and reported. */
export interface Gateway {
  offers(capability: Capability): boolean;
  /** Of the deployment or model, as people know it; undefined where the capability is not offered. */
  nameOf(capability: Capability): string | undefined;
  /** Gives what the attempt that succeeds yields. Throws AIError. */
  call<Event>(call: GatewayCall, attempt: Attempt<Event>, signal: AbortSignal): AsyncGenerator<Event>;
}

export interface GatewayOptions {
  /** Capabilities that are not named are not offered, unless `chat` stands in for them. */
  readonly connections: Partial<Readonly<Record<Capability, Connection>>>;
  /** Lets every call through when absent. */
  readonly gate?: Gate;
  /** Hears of every call when it has ended. */
  readonly onReport?: (report: CallReport) => void;
}

/** A model that chats does these too. */
const doneByChat: readonly Capability[] = ['code', 'summarize', 'translate'];

export function createGateway({ connections, gate = openGate, onReport }: GatewayOptions): Gateway {
  const connectionFor = (capability: Capability): Connection | undefined => connections[capability] ?? (doneByChat.includes(capability) ? connections.chat : undefined);
  return {
    offers: (capability) => connectionFor(capability) !== undefined,
    nameOf: (capability) => connectionFor(capability)?.modelName,
    call: async function* (call, attempt, signal) {
      const record = startCallRecord(call);
      let reservation: Reservation | undefined;
      try {
        const connection = connectionFor(call.capability);
        if (!connection) throw new AIError('not-offered', `No deployment offers "${call.capability}".`);
        reservation = await gate.reserve(call.asker, { capability: call.capability, tokens: call.tokens });
        yield* answered(connection, attempt, record, signal);
      } catch (error) {
        record.failed(error);
        throw error;
      } finally {
        const report = record.report();
        await reservation?.settle(report);
        onReport?.(report);
        call.onReport?.(report);
      }
    },
  };
}

const openGate: Gate = { reserve: () => Promise.resolve({ settle: () => Promise.resolve() }) };

async function* answered<Event>(connection: Connection, attempt: Attempt<Event>, record: CallRecord, signal: AbortSignal): AsyncGenerator<Event> {
  const watch = startWatch(connection.limits.deadlineMs, signal);
  try {
    const once = (): AsyncIterable<Event> => {
      record.sent({ name: connection.modelName });
      return attempt(connection, watch, record.note);
    };
    for await (const event of attemptUntilAnswered(connection, watch, once)) {
      record.yielded();
      yield event;
    }
  } finally {
    watch.stop();
  }
}
