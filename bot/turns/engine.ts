import type { Activity } from 'botbuilder';
import { StateError } from '../../state/database';
import type { Claimant, Head, InboxRow } from '../../state/turns';
import type { Backlog, TurnOutcome } from '../metrics';
import type { OpenSpan } from '../telemetry/tracing';
import { toArrival, type Arrival } from './arrival';
import { Caretaker } from './caretaker';
import { endsWithin, soon } from './deadlines';
import { conversationKey } from './keys';
import { Lanes } from './lanes';
import { Leases, type Term } from './leases';
import { rewriteMemory } from './memory';
import { Outgoing } from './outgoing';
import { optionsFor } from './patience';
import { AT_ONCE_MS, markOf, remember, withoutAcknowledgement, withRedelivery } from './repetition';
import { runTurn, type RunnerOptions, type TurnResult } from './run';

/** Accepts activities, answers each exactly once and in order, whichever process took it in, and survives a crash in between. */
export interface TurnEngine {
  /** Resolves when the activity is on disk (or was accepted before). Throws StateError when it could not be kept. */
  accept(activity: Partial<Activity>): Promise<void>;
  /**
   * The channel did not take the acknowledgement of an accepted activity that it posted at `postedAtMs` (since 1970): it will
   * post it again, perhaps under another id.
   */
  noteUnacknowledged(activity: Partial<Activity>, postedAtMs: number): Promise<void>;
  /** Takes up what a process before us left, and goes on looking for work without a holder: call once, at the start. */
  recover(): Promise<void>;
  /** Turns and deliveries that are not finished. */
  readonly backlog: number;
  /** The same in detail. */
  queue(): Backlog;
  /** Resolves when everything accepted is answered and delivered. */
  idle(): Promise<void>;
  /** Ends the work: waits for `idle`, `limitMs` at most, and gives the leases back; what is left is taken up by others, or at the next start. */
  drain(limitMs: number): Promise<void>;
}

export const createTurnEngine = (options: RunnerOptions): TurnEngine => new QueueingEngine(options);

/** The activity is in the inbox, and somebody else, or a later turn of ours, answers it. */
class DeferredTurn extends Error {
  override readonly name = 'DeferredTurn';
}

class QueueingEngine implements TurnEngine {
  private readonly leases = new Leases();
  /** Acceptances, so that what comes second is never accepted first. */
  private readonly arrivals = new Lanes();
  private readonly turns = new Lanes();
  private readonly outgoing: Outgoing;
  private readonly caretaker: Caretaker;
  /** Activities that are on their way to the disk, so that a copy waits for the first instead of running beside it. */
  private readonly arriving = new Map<string, { readonly arrived: Promise<void>; readonly atMs: number }>();

  constructor(private readonly options: RunnerOptions) {
    this.outgoing = new Outgoing(options, (key) => this.leases.get(key));
    this.caretaker = new Caretaker({
      database: options.database,
      store: options.store,
      leases: this.leases,
      isBusy: (key) => !this.arrivals.isFree(key) || !this.turns.isFree(key) || !this.outgoing.isFree(key),
      takeUp: (key) => this.takeUp(key),
      log: options.log,
    });
  }

  get backlog(): number {
    return this.turns.size + this.outgoing.size;
  }

  queue(): Backlog {
    return { turns: this.turns.size, deliveries: this.outgoing.size, oldestAgeMs: this.turns.oldestAgeMs };
  }

  accept(activity: Partial<Activity>): Promise<void> {
    const arrival = toArrival(activity);
    const id = `${arrival.conversationKey} ${arrival.activityId}`;
    const first = this.arriving.get(id);
    if (first) return arrival.atMs - first.atMs < AT_ONCE_MS ? first.arrived : first.arrived.then(() => this.noteRedelivery(arrival));
    const taken = this.arrivals.run(arrival.conversationKey, () => this.takeIn(arrival));
    const arrived = soon(taken).finally(() => this.arriving.delete(id));
    this.arriving.set(id, { arrived, atMs: arrival.atMs });
    return arrived;
  }

  async noteUnacknowledged(activity: Partial<Activity>, postedAtMs: number): Promise<void> {
    const key = conversationKey(activity);
    const mark = markOf(activity);
    if (!mark) return;
    await this.arrivals.run(key, () => this.rewriteMemory(key, (recent) => withoutAcknowledgement(recent, mark, postedAtMs)));
  }

  async recover(): Promise<void> {
    await this.caretaker.start();
  }

  async idle(): Promise<void> {
    for (const lanes of [this.arrivals, this.turns, this.outgoing]) await lanes.idle();
    if (this.backlog > 0) await this.idle();
  }

  async drain(limitMs: number): Promise<void> {
    this.caretaker.beginEnd();
    await endsWithin(this.idle(), limitMs);
    this.outgoing.stop();
    await this.caretaker.stop();
  }

  private async rewriteMemory(key: string, change: (recent: string) => string): Promise<void> {
    const recent = await rewriteMemory(this.options.store, key, change);
    if (recent !== undefined) this.leases.get(key)?.update({ recent }, 0);
  }

  /** What comes again was accepted before: an acknowledgement that was lost is given now. */
  private async noteRedelivery({ conversationKey: key, mark, atMs }: Arrival): Promise<void> {
    if (mark) await this.rewriteMemory(key, (recent) => withRedelivery(recent, mark, atMs));
  }

  /** Nobody is before it in its conversation: it is answered first, and kept together with its answer, or meanwhile if that takes long. */
  private takeIn(arrival: Arrival): Promise<void> {
    const key = arrival.conversationKey;
    if (!this.turns.isFree(key)) return this.keep(arrival, this.leases.get(key)?.head);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.turns.add(key, async () => {
      await this.answerAtOnce(arrival, () => resolve(undefined)).catch(reject); // of no effect once it was kept
      resolve(undefined);
    });
    return promise;
  }

  private async answerAtOnce(arrival: Arrival, onKept: () => void): Promise<void> {
    const { conversationKey: key } = arrival;
    const head = this.leases.get(key)?.head ?? (await this.options.store.head(key));
    if (!this.isNext(key, head)) return this.keep(arrival, head);
    const recent = remember(head.recent, arrival.mark, arrival.atMs);
    if (recent === undefined) return this.noteRedelivery(arrival);
    const row: InboxRow = { ...arrival, sequence: head.lastSequence + 1, attempts: 0, placeholderId: undefined };
    try {
      const claim = (): Promise<number> => this.claim(arrival, head, onKept);
      await this.answer(row, { head, recent, claim });
    } catch (error) {
      if (isState(error, 'duplicate')) return this.noteRedelivery(arrival);
      if (error instanceof DeferredTurn) return;
      this.mistrust(key);
      if (!isState(error, 'conflict')) throw error;
      await this.keep(arrival); // something arrived elsewhere in between: it has its place behind that now
    }
  }

  /** Nothing is waiting in this conversation, here or with another process. */
  private isNext(key: string, head: Head): boolean {
    const held = this.leases.get(key);
    return held ? (held.isSure || held.isGivenBack) && held.answered === head.lastSequence : head.leaseOwner === '';
  }

  /** Puts an activity whose turn has begun into the inbox. Gives the fence; throws where that turn may not go on. */
  private async claim(arrival: Arrival, begun: Head, onKept: () => void): Promise<number> {
    const { conversationKey: key } = arrival;
    const head = await this.putIntoInbox(arrival, begun, true);
    onKept();
    if (!head) throw new DeferredTurn('It was accepted before.');
    if (head.leaseOwner !== this.leases.owner) throw new DeferredTurn('Another process answers it.');
    if (head.lastSequence === begun.lastSequence + 1) {
      this.leases.get(key)?.noteQueued(head.lastSequence);
      return head.fence;
    }
    this.takeUp(key);
    throw new DeferredTurn('Something arrived before it.');
  }

  private async keep(arrival: Arrival, before?: Head): Promise<void> {
    const { conversationKey: key } = arrival;
    const head = await this.putIntoInbox(arrival, before, false);
    if (!head) return this.noteRedelivery(arrival);
    if (head.leaseOwner !== this.leases.owner) return;
    const held = this.leases.get(key);
    if (held?.queued === head.lastSequence - 1) held.noteQueued(head.lastSequence);
    this.takeUp(key, { ...arrival, sequence: head.lastSequence, attempts: 0, placeholderId: undefined });
  }

  /** The head after it; undefined where it was accepted before. Whoever holds the conversation is told. `before`: as it was read, if it was. */
  private async putIntoInbox(arrival: Arrival, before: Head | undefined, isRunning: boolean): Promise<Head | undefined> {
    const { conversationKey: key } = arrival;
    const term = this.leases.term();
    const wasHeld = this.leases.get(key)?.isValid === true;
    const head = await this.options.store.accept(arrival, term.claimant, (recent) => remember(recent, arrival.mark, arrival.atMs), before);
    if (head?.leaseOwner === this.leases.owner) {
      const held = this.leases.hold(key, { ...head, ...this.documentUnder(key, head.fence) }, term, NOTHING);
      if (!isRunning && !wasHeld) held.isStale = true; // whoever had it may have left replies, which go first
    } else if (head) this.caretaker.tellHolder(key);
    return head;
  }

  /** A turn of ours may have written it after the head was read. */
  private documentUnder(key: string, fence: number): Partial<Head> {
    const known = this.leases.get(key)?.head;
    return known?.fence === fence ? { document: known.document } : {};
  }

  /** Answers what waits in a conversation, after what is running there, if it is ours or nobody's. `row`: what waits there, as far as is known. */
  private takeUp(key: string, row?: InboxRow): void {
    this.turns.add(key, () => this.answerWaiting(key, row).catch((error: unknown) => {
      this.mistrust(key);
      this.options.log.error({ conversationKey: key, err: error }, 'a conversation could not be taken up; it is tried again');
    }));
  }

  /** What this process has put into the inbox itself, right behind what it has answered, it need not read again. */
  private async answerWaiting(key: string, row: InboxRow | undefined): Promise<void> {
    const held = this.leases.get(key);
    if (!row || held?.isSure !== true) return this.answerPending(key);
    if (held.answered >= row.sequence) return; // with those before it
    if (held.answered < row.sequence - 1) return this.answerPending(key);
    if ((await this.answerKept(row)) && held.answered < row.sequence) await this.answerPending(key);
  }

  private async answerPending(key: string): Promise<void> {
    for (let rows = await this.whatWaits(key); rows.length > 0; rows = await this.whatWaits(key)) {
      for (const row of rows) {
        if (!(await this.answerKept(row))) return;
      }
      const held = this.leases.get(key);
      if (held?.isSure && held.answered === held.head.lastSequence) return;
    }
  }

  private async whatWaits(key: string): Promise<readonly InboxRow[]> {
    const held = this.leases.get(key);
    if (held?.isSure !== true) return this.take(key);
    const { lastSequence } = held.head; // what arrives while we read may not be found
    const rows = await this.options.store.pending(key);
    if (rows.length === 0) held.noteAnswered(lastSequence);
    return rows;
  }

  /** The lease, and what others left under it: gives what is to be answered; nothing where somebody else has it. */
  private async take(key: string): Promise<readonly InboxRow[]> {
    const term = this.leases.term();
    const taken = await this.options.store.take(key, term.claimant);
    const before = this.leases.get(key);
    if (!taken) {
      if (before) this.leases.drop(before);
      return [];
    }
    const { pending, undelivered, ...head } = taken;
    this.leases.hold(key, head, term, pending.length === 0 ? head.lastSequence : NOTHING);
    for (const reply of undelivered) this.outgoing.add(reply);
    return pending;
  }

  /** False where the conversation is not ours any more, or cannot be worked on for now. */
  private async answerKept(row: InboxRow): Promise<boolean> {
    const held = this.leases.get(row.conversationKey);
    if (!held) return false;
    try {
      await this.answer(row, { head: held.head, recent: held.head.recent });
      return true;
    } catch (error) {
      if (isState(error, 'duplicate')) return true;
      this.mistrust(row.conversationKey);
      if (isState(error, 'conflict')) this.takeUp(row.conversationKey);
      else if (!isState(error, 'unavailable')) await this.options.store.countAttempt(row);
      return false;
    }
  }

  /** Runs a turn, keeps what the store says of the conversation after it, and sends the replies on their way. Throws what runTurn throws. */
  private async answer(row: InboxRow, turn: { head: Head; recent: string; claim?: () => Promise<number> }): Promise<void> {
    const { options, leases } = this;
    const { conversationKey: key, activityId } = row;
    const startedAt = performance.now();
    const { head, recent, claim } = turn;
    let term = leases.term();
    const claimant = (): Claimant => (term = leases.term()).claimant;
    const isHeld = (): boolean => leases.get(key)?.isValid === true;
    const isNext = (): boolean => this.outgoing.isFree(key);
    let outcome: TurnOutcome = 'failed';
    const span = options.tracing?.begin('turn');
    const run = (): Promise<TurnResult> => runTurn({ row, head, recent, claimant, isHeld, isNext, ...(claim && { claim }) }, optionsFor(row, options));
    try {
      const result = await (span ? span.run(run) : run());
      outcome = result.outcome;
      this.keepHead(row, head, result, term);
      for (const reply of result.outbox) this.outgoing.add(reply);
    } catch (error) {
      if (error instanceof DeferredTurn || isState(error, 'duplicate') || isState(error, 'conflict')) outcome = 'superseded';
      else options.log.error({ conversationKey: key, activityId, err: error }, 'turn could not be committed; what was accepted is tried again');
      throw error;
    } finally {
      const durationMs = performance.now() - startedAt;
      options.metrics.turnFinished({ outcome, durationMs });
      const logIt = (): void => options.log.info({ conversationKey: key, activityId, outcome, durationMs: Math.round(durationMs) }, 'turn finished');
      if (span) endTurn(span, outcome, logIt);
      else logIt();
    }
  }

  private keepHead({ conversationKey: key, sequence }: InboxRow, before: Head, { head }: TurnResult, term: Term): void {
    const known = this.leases.get(key)?.head ?? before;
    const lastSequence = Math.max(head.lastSequence, known.lastSequence);
    const held = this.leases.hold(key, { ...known, ...head, lastSequence, leaseOwner: this.leases.owner, leaseUntil: term.claimant.untilMs }, term, NOTHING);
    held.noteAnswered(sequence);
    if (lastSequence > held.queued) this.takeUp(key); // it arrived elsewhere meanwhile
  }

  /** What is known of a conversation may be out of date: it is read again before it is used. */
  private mistrust(key: string): void {
    const held = this.leases.get(key);
    if (held) held.isStale = true;
  }
}

function endTurn(span: OpenSpan, outcome: TurnOutcome, logIt: () => void): void {
  span.note({ 'parley.outcome': outcome });
  if (outcome === 'failed') span.failed({ code: outcome });
  span.run(logIt);
  span.end();
}

/** Of a conversation of which nothing is known to be answered. */
const NOTHING = -1;

const isState = (error: unknown, code: StateError['code']): boolean => error instanceof StateError && error.code === code;
