import type { Logger } from 'pino';
import type { Database } from '../../state/database';
import { purgeMedia } from '../../state/media';
import type { Abandoned, TurnStore } from '../../state/turns';
import { isDeadOnThisMachine, type Held, type Leases } from './leases';

export interface CaretakerOptions {
  readonly database: Database;
  readonly store: TurnStore;
  readonly leases: Leases;
  /** Something is being done in the conversation. */
  readonly isBusy: (conversationKey: string) => boolean;
  /** Answers and delivers what waits in the conversation. */
  readonly takeUp: (conversationKey: string) => void;
  readonly log: Logger;
}

const TICK_MS = 1_000;
/** After an outage of the store the holders come first: they know what they have delivered. */
const GRACE_MS = 3_000;
const MAX_TAKEN_AT_ONCE = 100;
/** Longer than any channel re-posts. */
const REMEMBER_IDS_MS = 3 * 24 * 60 * 60 * 1000;
const PURGE_EVERY_MS = 6 * 60 * 60 * 1000;
const TOPIC = 'turns';

/** Looks after leases: prolongs those in use, gives back the others, and finds conversations whose holder is gone. */
export class Caretaker {
  private timers: NodeJS.Timeout[] = [];
  private ticking: Promise<void> | undefined;
  private graceUntil = 0;
  private isFailing = false;
  private isEnding = false;
  private endListening: (() => void) | undefined;

  constructor(private readonly options: CaretakerOptions) {}

  /** Takes up what others left; then does so each second. */
  async start(): Promise<void> {
    const { database, leases, store, takeUp } = this.options;
    await this.purge();
    if (!database.isShared) await this.disownDead();
    this.endListening = database.listen(TOPIC, (key) => {
      if (key !== undefined && leases.get(key)) takeUp(key);
    });
    this.takeUpAll(await store.abandoned(Date.now(), MAX_TAKEN_AT_ONCE));
    this.timers = [setInterval(() => void this.tick(), TICK_MS).unref(), setInterval(() => void this.purge(), PURGE_EVERY_MS).unref()];
  }

  /** Something was accepted in a conversation that another process holds. It would find out by itself, a little later. */
  tellHolder(conversationKey: string): void {
    this.options.database.announce(TOPIC, conversationKey);
  }

  /** From now on leases are given back without a rest: what goes on in those conversations is for others. */
  beginEnd(): void {
    this.isEnding = true;
  }

  /** Gives the leases back, so that others need not wait for them to run out. */
  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.endListening?.();
    await this.ticking;
    await this.giveBack().catch((error: unknown) => this.options.log.warn({ err: error }, 'leases could not be given back'));
  }

  private async giveBack(): Promise<void> {
    const { leases, store } = this.options;
    await this.release(leases.all().filter((held) => this.isDone(held)));
    await store.disown(leases.owner); // others finish what is not done, and see that it is not
  }

  private isDone(held: Held): boolean {
    return !this.options.isBusy(held.conversationKey) && held.isSure && held.answered === held.head.lastSequence;
  }

  private async tick(): Promise<void> {
    if (this.ticking) return;
    this.ticking = this.look().then(() => this.onLook(), (error: unknown) => this.onFailure(error));
    await this.ticking;
    this.ticking = undefined;
  }

  private async look(): Promise<void> {
    const { leases, store, isBusy, takeUp } = this.options;
    const kept = leases.all().filter(({ isGivenBack }) => !isGivenBack);
    const [busy, idle] = partition(kept, ({ conversationKey }) => isBusy(conversationKey));
    const [done, open] = partition(idle, (held) => this.isDone(held));
    // Side by side: with a slow store, what comes later would come too late.
    const [abandoned] = await Promise.all([
      store.abandoned(Date.now(), MAX_TAKEN_AT_ONCE),
      this.renew(busy.filter((held) => held.isAboutToEnd)),
      this.release(done.filter((held) => held.isResting || this.isEnding)),
    ]);
    for (const held of open) takeUp(held.conversationKey);
    this.takeUpAll(abandoned);
  }

  private onLook(): void {
    if (this.isFailing) this.graceUntil = Date.now() + GRACE_MS;
    this.isFailing = false;
  }

  private onFailure(error: unknown): void {
    if (!this.isFailing) this.options.log.error({ err: error }, 'leases cannot be looked after: the store does not answer');
    this.isFailing = true;
    this.graceUntil = Date.now() + GRACE_MS;
  }

  private async renew(all: readonly Held[]): Promise<void> {
    if (all.length === 0) return;
    const { leases, store, takeUp } = this.options;
    const term = leases.term();
    const newest = await store.renew(all.map(toLease), term.claimant);
    for (const held of all) {
      const lastSequence = newest.get(held.conversationKey);
      if (lastSequence === undefined) leases.drop(held);
      else held.update({ lastSequence: Math.max(lastSequence, held.head.lastSequence) }, term.validUntil);
      if (lastSequence !== undefined && lastSequence > held.queued) takeUp(held.conversationKey);
    }
  }

  private async release(all: readonly Held[]): Promise<void> {
    if (all.length === 0) return;
    const { leases, store, takeUp } = this.options;
    for (const held of all) held.isGivenBack = true;
    try {
      const kept = await store.release(all.map((held) => ({ ...toLease(held), lastSequence: held.head.lastSequence })), leases.owner);
      for (const held of all) if (held.isGivenBack && kept.includes(held.conversationKey)) takeUp(held.conversationKey);
    } finally {
      for (const held of all) if (held.isGivenBack) leases.drop(held); // else somebody has come meanwhile
    }
  }

  private takeUpAll(abandoned: readonly Abandoned[]): void {
    const { leases, isBusy, takeUp } = this.options;
    for (const { conversationKey, leaseOwner } of abandoned) {
      const isForeign = leaseOwner !== leases.owner;
      if (isBusy(conversationKey) || (isForeign && Date.now() < this.graceUntil)) continue;
      takeUp(conversationKey);
    }
  }

  private async disownDead(): Promise<void> {
    const { store, leases } = this.options;
    for (const owner of await store.owners(Date.now())) {
      if (owner !== leases.owner && isDeadOnThisMachine(owner)) await store.disown(owner);
    }
  }

  private async purge(): Promise<void> {
    const { store, database, log } = this.options;
    await store.purgeAnswered(Date.now() - REMEMBER_IDS_MS).catch((error: unknown) => {
      log.error({ err: error }, 'old message ids could not be purged');
    });
    await purgeMedia(database, Date.now()).catch((error: unknown) => {
      log.error({ err: error }, 'expired pictures and recordings could not be purged');
    });
  }
}

const toLease = ({ conversationKey, head }: Held): { conversationKey: string; fence: number } => ({ conversationKey, fence: head.fence });

function partition<T>(items: readonly T[], test: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of items) (test(item) ? yes : no).push(item);
  return [yes, no];
}
