import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import type { LiveReply } from '../../dialogs/turn';
import type { OutboxKind } from '../../state/turns';
import type { LiveStyle } from '../channels';
import { ConnectorError } from '../connector/connector';
import { withStreamMarks } from '../connector/streamMarks';
import { showFailureOf, type ShowFailure } from './streamRefusal';

/** The end of a live reply: what the outbox has to do. */
export interface FinalReply {
  readonly kind: OutboxKind;
  readonly targetId: string | undefined;
  readonly activity: Partial<Activity>;
  /** What the end of a stream has to begin with, where the channel asks for that: else the message is replaced. */
  readonly streamed?: string;
}

export interface LiveReplyOptions {
  readonly style: LiveStyle;
  /** Posts or replaces a message at once, addressed to the person; gives its id. Throws ConnectorError. */
  readonly post: (activity: Partial<Activity>, updateId?: string) => Promise<string>;
  /** What an earlier attempt at this turn began to show. */
  readonly messageId?: string;
  /** There is a message that has no end yet. */
  readonly onBegun?: (id: string) => void;
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
  /** Asked for when the channel is ready for it: until then more comes. */
  readonly text: () => string;
}

const MAX_INFORMATIVE_LENGTH = 1_000; // characters: https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux

/** An answer that comes sooner needs no word about its making: it would only flicker. */
const PROGRESS_AFTER_MS = 150;

/** What is due goes out with the next word; where none comes, by itself, so much later: another awakening for each chunk costs more than the chunk. */
const LATE_MS = 50;

/**
 * Shows a reply while it grows, at the channel's pace and one request at a time, and hands its end to the outbox.
 * What is shown on the way may be lost without harm; the end may not, so only the end is committed.
 */
export class PacedReply implements LiveReply {
  private next: Chunk | undefined;
  private pump: Promise<void> | undefined;
  private wake: (() => void) | undefined;
  private dueAt = 0;
  private messageId: string | undefined;
  /** Of the last chunk that the channel answered to: what it did not take, or may not have, goes out under the same number again. */
  private sequence = 0;
  private startedAt = 0;
  /** The text that people see; that of a progress report does not count. */
  private streamed = '';
  /** Why nothing more is shown. */
  private silence: 'ended' | Exclude<ShowFailure, 'again' | 'counted'> | undefined;
  private isFinished = false;
  private readonly now: () => number;

  constructor(private readonly options: LiveReplyOptions) {
    this.now = options.now ?? Date.now;
    const { style, messageId } = options;
    if (messageId === undefined || !isMessage(style)) return;
    this.messageId = messageId;
    // How far an earlier attempt came with its stream is not known, nor can this one go on with its words.
    if (style.kind === 'stream') this.silence = 'lost';
  }

  /** Something of this reply is visible, or about to be, and has no end yet. */
  get isOpen(): boolean {
    return (this.messageId !== undefined || this.pump !== undefined) && !this.isFinished && this.silence !== 'stopped';
  }

  get openMessageId(): string | undefined {
    return this.isOpen ? this.messageId : undefined;
  }

  /** People see that something is being written. */
  get isShowing(): boolean {
    return this.isOpen && this.silence === undefined;
  }

  progress(text: string): void {
    if (this.streamed !== '' || this.next?.type === 'streaming') return; // it would take the place of the text
    const shortened = text.slice(0, MAX_INFORMATIVE_LENGTH);
    this.offer({ type: 'informative', text: () => shortened });
  }

  show(textSoFar: string | (() => string)): void {
    this.offer({ type: 'streaming', text: typeof textSoFar === 'string' ? () => textSoFar : textSoFar });
  }

  async finish(activity: Partial<Activity>): Promise<void> {
    await this.end();
    if (this.silence !== 'stopped') this.options.onFinal(this.endWith(activity));
    this.isFinished = true;
  }

  /** Shows nothing more; resolves when nothing is on its way. */
  async end(): Promise<void> {
    this.silence ??= 'ended';
    this.next = undefined;
    this.wake?.();
    await this.pump;
  }

  /** The message as the end of this reply: it takes the place of what is shown. */
  endWith(activity: Partial<Activity>): FinalReply {
    if (this.messageId === undefined) return { kind: 'send', targetId: undefined, activity };
    const isLost = this.silence === 'lost' || this.isOverTime();
    return endInPlaceOf(this.messageId, activity, this.options.style, isLost ? undefined : this.streamed);
  }

  private offer(chunk: Chunk): void {
    const { style } = this.options;
    if (this.silence !== undefined || style.kind === 'final-only') return;
    const isFirstText = chunk.type === 'streaming' && this.next?.type === 'informative';
    this.next = chunk;
    if (this.now() >= this.dueAt || (isFirstText && this.messageId === undefined)) this.wake?.();
    this.pump ??= this.run(style);
  }

  private async run(style: Exclude<LiveStyle, { kind: 'final-only' }>): Promise<void> {
    if (this.next?.type === 'informative') await this.pause(PROGRESS_AFTER_MS);
    if (style.firstMs > 0 && this.next?.type === 'streaming' && this.messageId === undefined) await this.pause(style.firstMs);
    for (let chunk = this.next; chunk; chunk = this.next) {
      this.next = undefined;
      await this.pause(await this.showNow(chunk, style));
    }
    this.pump = undefined;
  }

  /** Waits for the channel's pace, or until the reply is finished. */
  private pause(milliseconds: number): Promise<void> {
    if (this.silence !== undefined || milliseconds === 0) return Promise.resolve();
    this.dueAt = this.now() + milliseconds;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds + LATE_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Gives how long to wait before the next, in milliseconds. */
  private async showNow(chunk: Chunk, style: Exclude<LiveStyle, { kind: 'final-only' }>): Promise<number> {
    if (this.isOverTime()) this.silence ??= 'lost';
    const text = this.silence === undefined ? chunk.text() : '';
    if (text === '') return 0;
    if (chunk.type === 'streaming' && text === this.streamed) return style.intervalMs;
    const isTaken = await this.post({ type: chunk.type, text }, style);
    if (isTaken && chunk.type === 'streaming') return style.intervalMs;
    if (!isTaken && this.silence === undefined) this.next ??= chunk;
    // First words need not be gathered, nor what is shown again: they go out as soon as the channel allows.
    return style.leastMs;
  }

  private async post(chunk: { readonly type: Chunk['type']; readonly text: string }, { kind }: LiveStyle): Promise<boolean> {
    if (this.options.isNext?.() === false) return false;
    try {
      const id = await (kind === 'stream' ? this.postChunk(chunk) : this.postPlaceholder(chunk));
      this.begin(id);
    } catch (error) {
      return this.onPostError(error);
    }
    if (chunk.type === 'streaming') this.streamed = chunk.text;
    return true;
  }

  private async postChunk({ type, text }: { readonly type: Chunk['type']; readonly text: string }): Promise<string> {
    if (this.messageId === undefined) this.startedAt = this.now();
    const marks = { streamType: type, streamSequence: this.sequence + 1, ...(this.messageId !== undefined && { streamId: this.messageId }) };
    const id = await this.options.post(withStreamMarks({ type: 'typing', text }, marks));
    this.sequence += 1;
    return id;
  }

  /** Text that is not whole yet says so: here nothing else tells it from an answer. */
  private postPlaceholder({ type, text }: { readonly type: Chunk['type']; readonly text: string }): Promise<string> {
    return this.options.post({ type: 'message', text: type === 'streaming' ? `${text} …` : text }, this.messageId);
  }

  private begin(id: string): void {
    if (this.messageId !== undefined || id === '') return;
    this.messageId = id;
    if (isMessage(this.options.style)) this.options.onBegun?.(id);
  }

  private isOverTime(): boolean {
    const { style } = this.options;
    return style.kind === 'stream' && this.messageId !== undefined && this.now() - this.startedAt > style.maxMs;
  }

  /** False: it was not shown. */
  private onPostError(error: unknown): false {
    if (!(error instanceof ConnectorError)) return false; // the turn's own trouble: it ends the turn, and with it this reply
    const failure = showFailureOf(error);
    this.options.log.warn({ code: error.code, status: error.details.status, failure }, 'part of a reply could not be shown');
    const isUnknown = this.messageId === undefined && (failure === 'counted' || error.code === 'ambiguous');
    if (isUnknown) this.silence = 'lost'; // it may have begun, under an id that we do not know: no second one beside it
    else if (failure === 'counted') this.sequence += 1;
    else if (failure !== 'again') this.silence = failure;
    if (failure === 'stopped') this.options.onStopped();
    return false;
  }
}

/** What is shown stays in the channel, whatever becomes of this process. */
const isMessage = (style: LiveStyle): boolean => style.kind === 'placeholder' || (style.kind === 'stream' && style.isMessage);

/** A message that takes the place of what is shown; `streamed`: of a stream that goes on, as far as it came. */
export function endInPlaceOf(messageId: string, activity: Partial<Activity>, style: LiveStyle, streamed?: string): FinalReply {
  // A stream that ran out of time is ended by replacing its message (teams-sdk#2989: plain edits have no time limit).
  if (style.kind !== 'stream' || (style.isMessage && streamed === undefined)) return { kind: 'update', targetId: messageId, activity };
  const end = withStreamMarks(activity, { streamType: 'final', streamId: messageId });
  return { kind: 'finish-stream', targetId: messageId, activity: end, ...(style.isMessage && streamed !== undefined && { streamed }) };
}
