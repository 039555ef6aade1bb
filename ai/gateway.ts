import { Bell } from './bell';
import type { BreakerChange } from './breaker';
import type { Asker, CallReport, Gate, Reservation } from './call';
import { startCallRecord, type NoteUse } from './callRecord';
import { capabilities, type Capability } from './capability';
import { REASONING_RESERVE_TOKENS } from './chatApi';
import type { TokenProvider } from './credential';
import { targetsFor, type Deployment, type DeploymentTable } from './deployments';
import { AIError } from './error';
import { defaultLimits, type Connection, type ModelLimits } from './openaiConnection';
import { createPatience, type Patience } from './patience';
import { attemptUntilAnswered } from './retry';
import { createRouter, type Router } from './router';
import { openTarget, type Target } from './target';
import { startWatch, type Watch } from './watch';

/** Who a call is made for. */
export interface CallOrigin {
  readonly asker: Asker;
  /** Hears of each call when it has ended. */
  readonly onReport?: (report: CallReport) => void;
  /** What all calls of a turn may wait together; each for itself when absent. */
  readonly patience?: Patience;
}

export interface GatewayCall extends CallOrigin {
  readonly capability: Capability;
  /** The task, for reports: a word of ours. */
  readonly operation: string;
  /** Input and output at most, about. */
  readonly tokens: number;
  /** What was yielded may come again from the beginning, by another target: nobody has seen it yet. */
  readonly restarts?: boolean;
  /** The answer begins long before it ends: a target that says nothing is noticed early. */
  readonly streams?: boolean;
  /** What comes whole has come by then: a target that takes longer is given up, and another one is asked where there is one. Absent: the deadline. */
  readonly answersWithinMs?: number;
}

/** One request and its answer. Errors of the SDK may be thrown as they are. */
export type Attempt<Event> = (connection: Connection, watch: Watch, note: NoteUse) => AsyncIterable<Event>;

/** The one way to model services: each call is let through, brought to a deployment, tried again where that helps, and reported. */
export interface Gateway {
  offers(capability: Capability): boolean;
  /** Of the deployment or model that is asked first, as people know it; undefined where the capability is not offered. */
  nameOf(capability: Capability): string | undefined;
  /** What each of its deployments can read and write at least, in tokens; undefined: as much as hosted models. */
  contextTokens(capability: Capability): number | undefined;
  /** False where one of its deployments can only go on with a text. */
  callsTools(capability: Capability): boolean;
  /** Gives what the attempt that succeeds yields. Throws AIError. */
  call<Event>(call: GatewayCall, attempt: Attempt<Event>, signal: AbortSignal): AsyncGenerator<Event>;
}

export interface GatewayOptions {
  readonly deployments: DeploymentTable;
  /** Tokens of Entra ID, for deployments that want them. */
  readonly tokenFor?: (deployment: Deployment) => TokenProvider | undefined;
  readonly limits?: Partial<ModelLimits>;
  /** Lets every call through when absent. */
  readonly gate?: Gate;
  /** Hears of every call when it has ended. */
  readonly onReport?: (report: CallReport) => void;
  /** Hears when a deployment is left alone, and when it answers again. */
  readonly onChange?: (change: BreakerChange & { readonly name: string }) => void;
}

export function createGateway(options: GatewayOptions): Gateway {
  const { gate = openGate, onReport } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const routers = openRouters(options, limits);
  return {
    offers: (capability) => routers.has(capability),
    nameOf: (capability) => first(routers.get(capability))?.connection.modelName,
    contextTokens: (capability) => smallest(routers.get(capability)),
    callsTools: (capability) => (routers.get(capability)?.targets ?? []).every(({ deployment }) => deployment.api !== 'completions'),
    call: async function* (call, attempt, signal) {
      const record = startCallRecord(call);
      let reservation: Reservation | undefined;
      try {
        const router = routers.get(call.capability);
        if (!router) throw new AIError('not-offered', `No deployment offers "${call.capability}".`);
        reservation = await gate.reserve(call.asker, { capability: call.capability, tokens: call.tokens + thinkingTokens(router, call) });
        const watch = startWatch(limits.deadlineMs, signal);
        try {
          for await (const event of attemptUntilAnswered({ call, attempt, router, watch, record, patience: call.patience ?? createPatience(limits.maxWaitMs) })) {
            record.yielded();
            yield event;
          }
        } finally {
          watch.stop();
        }
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

/** What a model that thinks before it writes may use besides: a budget must not learn of it only afterwards. */
const thinkingTokens = ({ targets }: Router, { streams }: GatewayCall): number =>
  streams && targets.some(({ connection }) => !connection.dialect().temperature) ? REASONING_RESERVE_TOKENS : 0;

const openGate: Gate = { reserve: () => Promise.resolve({ settle: () => Promise.resolve() }) };

/** Capabilities that name the same deployment share what is known of it, and its limits. */
function openRouters({ deployments: table, tokenFor, onChange }: GatewayOptions, limits: ModelLimits): ReadonlyMap<Capability, Router> {
  const bell = new Bell();
  const opened = new Map<string, Target>();
  const open = (deployment: Deployment): Target => {
    const key = JSON.stringify([deployment.place, deployment.api]);
    const target = opened.get(key) ?? openTarget(deployment, { limits, ...(tokenFor && { tokenFor }), onChange: (change) => onChange?.({ ...change, name: deployment.name }) });
    opened.set(key, target);
    return { ...target, deployment };
  };
  const lists = new Map<readonly Deployment[], Router>();
  const routerOf = (list: readonly Deployment[]): Router => {
    const router = lists.get(list) ?? createRouter(list.map(open), bell);
    lists.set(list, router);
    return router;
  };
  return new Map(capabilities.flatMap((capability) => {
    const list = targetsFor(table, capability);
    return list.length > 0 ? [[capability, routerOf(list)] as const] : [];
  }));
}

function first(router: Router | undefined): Target | undefined {
  return router?.targets.toSorted((one, other) => one.deployment.priority - other.deployment.priority)[0];
}

function smallest(router: Router | undefined): number | undefined {
  const known = (router?.targets ?? []).flatMap(({ deployment }) => deployment.contextTokens ?? []);
  return known.length > 0 ? Math.min(...known) : undefined;
}
