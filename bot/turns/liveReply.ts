import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import type { LiveReply } from '../../dialogs/turn';
import type { OutboxKind } from '../../state/turns';
import type { LiveStyle } from '../channels';
import { ConnectorError } from '../connector/connector';

/** The end of a live reply: what the outbox has to do. */
export interface FinalReply {
  readonly kind: OutboxKind;
  readonly targetId: string | undefined;
  readonly activity: Partial<Activity>;
}

export interface LiveReplyOptions {
  readonly style: LiveStyle;
  /** Posts or replaces a message at once, addressed to the person; gives its id. Throws ConnectorError. */
  readonly post: (activity: Partial<Activity>, updateId?: string) => Promise<string>;
  /** A placeholder that is there already, to be replaced. */
  readonly messageId?: string;
  /** A placeholder was posted. */
  readonly onPlaceholder?: (id: string) => void;
  readonly onFinal: (reply: FinalReply) => void;
  /** False while earlier replies are on their way: nothing of this one may be seen before them. */
  readonly isNext?: () => boolean;
  /** The person pressed Stop. */
  readonly onStopped: () => void;
  readonly log: Logger;
  readonly now?: () => number;
}

interface Chunk {
  readonly type: 'informative' | 'streaming';
  readonly text: string;
}

const MAX_INFORMATIVE_LENGTH = 1_000; // characters: https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux

/** An answer that comes sooner needs no word about its making: it would only flicker. */
const PROGRESS_AFTER_MS = 150;

/**
 * Shows a reply while it grows, at the channel's pace, and hands its end to the outbox.
 * What is shown on the way may be lost without harm; the end may not, so only the end is committed.
 */
export class PacedReply implements LiveReply {
  private next: Chunk | undefined;
  private pump: Promise<void> | undefined;
  private wake: (() => void) | undefined;
  private messageId: string | undefined;
  private sequence = 0;
  private startedAt = 0;
  private closed = false;
  private readonly now: () => number;

  constructor(private readonly options: LiveReplyOptions) {
    this.now = options.now ?? Date.now;
    if (options.style.kind === 'placeholder') this.messageId = options.messageId;
  }

  /** Something of this reply is visible, or about to be, and has no end yet. */
  get isOpen(): boolean {
    return (this.messageId !== undefined || this.pump !== undefined) && !this.closed;
  }

  progress(text: string): void {
    this.offer({ type: 'informative', text: text.slice(0, MAX_INFORMATIVE_LENGTH) });
  }

  show(textSoFar: string): void {
    if (textSoFar !== '') this.offer({ type: 'streaming', text: textSoFar });
  }

  async finish(activity: Partial<Activity>): Promise<void> {
    this.closed = true;
    this.next = undefined;
    this.wake?.();
    await this.pump;
    this.options.onFinal(this.toFinal(activity));
  }

  private offer(chunk: Chunk): void {
    if (this.closed || this.options.style.kind === 'final-only') return;
    this.next = chunk;
    this.pump ??= this.run(this.options.style.intervalMs);
  }

  private async run(intervalMs: number): Promise<void> {
    if (this.next?.type === 'informative') await this.pause(PROGRESS_AFTER_MS);
    while (this.next) {
      const chunk = this.next;
      this.next = undefined;
      await this.post(chunk);
      await this.pause(intervalMs);
    }
    this.pump = undefined;
  }

  /** Waits for the channel's pace, or until the reply is finished. */
  private pause(intervalMs: number): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, intervalMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async post(chunk: Chunk): Promise<void> {
    if (this.isOverTime() || this.options.isNext?.() === false) return;
    try {
      if (this.options.style.kind === 'stream') await this.postChunk(chunk);
      else await this.postPlaceholder(chunk);
    } catch (error) {
      this.onPostError(error);
    }
  }

  private async postChunk(chunk: Chunk): Promise<void> {
    this.sequence += 1;
    if (this.sequence === 1) this.startedAt = this.now();
    const stream = { streamType: chunk.type, streamSequence: this.sequence, ...(this.messageId && { streamId: this.messageId }) };
    const id = await this.options.post({ type: 'typing', text: chunk.text, ...streamMarks(stream) });
    this.messageId ??= id === '' ? undefined : id;
  }

  private async postPlaceholder(chunk: Chunk): Promise<void> {
    const id = await this.options.post({ type: 'message', text: chunk.text }, this.messageId);
    if (this.messageId !== undefined || id === '') return;
    this.messageId = id;
    this.options.onPlaceholder?.(id);
  }

  private isOverTime(): boolean {
    const { style } = this.options;
    return style.kind === 'stream' && this.sequence > 0 && this.now() - this.startedAt > style.maxMs;
  }

  private onPostError(error: unknown): void {
    const refusal = error instanceof ConnectorError ? error : undefined;
    this.options.log.warn({ code: refusal?.code, status: refusal?.details.status }, 'part of a reply could not be shown');
    if (this.messageId === undefined) this.onNotBegun(refusal);
    if (refusal?.code !== 'stream-refused') return;
    this.closed = true;
    if (isStoppedByPerson(refusal)) this.options.onStopped();
  }

  /** Nothing is shown yet. What was not taken may begin once more; what may have been taken has an id that we do not know: no second one beside it. */
  private onNotBegun(refusal: ConnectorError | undefined): void {
    this.sequence = 0;
    if (refusal?.code !== 'rate-limited' && refusal?.code !== 'unavailable') this.closed = true;
  }

  private toFinal(activity: Partial<Activity>): FinalReply {
    if (this.messageId === undefined) return { kind: 'send', targetId: undefined, activity };
    // A stream that ran out of time is ended by replacing its message (teams-sdk#2989: plain edits have no time limit).
    if (this.options.style.kind === 'placeholder' || this.isOverTime()) return { kind: 'update', targetId: this.messageId, activity };
    return { kind: 'finish-stream', targetId: this.messageId, activity: endOfStream(activity, this.messageId) };
  }
}

/** Teams refused part of a stream because the person pressed Stop: "Content stream was canceled by user." */
export function isStoppedByPerson(error: unknown): boolean {
  return error instanceof ConnectorError && error.code === 'stream-refused' && /cancell?ed/i.test(error.details.serviceMessage ?? '');
}

/** The final message of a stream. */
function endOfStream(activity: Partial<Activity>, streamId: string): Partial<Activity> {
  const marks = streamMarks({ streamType: 'final', streamId });
  return {
    ...activity,
    channelData: { ...(activity.channelData as object | undefined), ...marks.channelData },
    entities: [...(activity.entities ?? []), ...marks.entities],
  };
}

/** Teams reads the entity, Web Chat 4.18.1 the channelData: both carry the same. */
function streamMarks(stream: Readonly<Record<string, unknown>>): { channelData: object; entities: { type: string }[] } {
  return { channelData: stream, entities: [{ type: 'streaminfo', ...stream }] };
}

/** The message that replaces a stream's, where the channel no longer takes its end. */
export function withoutStreamMarks(activity: Partial<Activity>): Partial<Activity> {
  const marks = new Set(['streamType', 'streamId', 'streamSequence']);
  const channelData = Object.fromEntries(Object.entries((activity.channelData ?? {}) as object).filter(([name]) => !marks.has(name)));
  return { ...activity, channelData, entities: (activity.entities ?? []).filter((entity) => entity.type !== 'streaminfo') };
}
