import type { WebSocket } from 'ws';
import { StateError } from '../../state/database';
import type { ActivitySet } from './activitySet';

export interface ClientSocketOptions {
  /** Number of the last change that the client knows. */
  readonly after: number;
  /** The next page of changes after a number; empty where there is none. */
  readonly readOn: (after: number) => Promise<ActivitySet>;
  /** Resolves when nothing holds this conversation's readers back. */
  readonly ready: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** More waiting than this and the client is too slow to follow: it comes back with its watermark. */
const MAX_WAITING = 256;

/** Clients send one now and then: more keeps us busy for nothing. */
const MAX_MESSAGES_BETWEEN_PINGS = 500;

/** Between attempts to read a store that is away. */
const STORE_PAUSE_MS = 500;

const CHANGES = 'changes';

const MAX_ENDED_STREAMS = 8;

/** The JSON is our own: `"channelData":{"streamType":"final","streamId":"…"}`. Users' texts have their quotes escaped. */
const endedStreamOf = (json: string): readonly string[] =>
  (json.includes('"streamType":"final"') ? /"streamId":"([^"]+)"/.exec(json)?.slice(1) ?? [] : []);

/**
 * One open stream. It reads the store on from its own watermark, so that order and completeness never depend on
 * who was told what and when; typing goes out in between and is not kept.
 */
export class ClientSocket {
  private after: number;
  /** JSON of activities that are not kept, and CHANGES where the store is to be read on. */
  private readonly waiting: string[] = [];
  /** Ids of the streams that ended last. */
  private readonly endedStreams: string[] = [];
  private isSending = false;
  private isAlive = true;
  private messagesSincePing = 0;

  constructor(private readonly socket: WebSocket, private readonly options: ClientSocketOptions) {
    this.after = options.after;
    socket.on('pong', () => void (this.isAlive = true));
    // Clients send empty messages to keep the connection open: any message is a sign of life and nothing else.
    socket.on('message', () => this.noteMessage());
    socket.on('error', () => socket.terminate());
    this.notify();
  }

  /** Says that the conversation changed. */
  notify(): void {
    if (this.waiting.at(-1) !== CHANGES) this.enqueue(CHANGES);
  }

  /** Sends an activity (JSON) that is not kept, after everything that was said before it. */
  showLive(json: string): void {
    this.enqueue(json);
  }

  /** Sends the empty keep-alive message and a ping; ends a connection that answered nothing since the last one. */
  keepAlive(): void {
    if (!this.isAlive) {
      this.socket.terminate();
      return;
    }
    this.isAlive = false;
    this.messagesSincePing = 0;
    this.socket.ping();
    this.socket.send('');
  }

  close(code: number): void {
    this.socket.close(code);
  }

  terminate(): void {
    this.socket.terminate();
  }

  private noteMessage(): void {
    this.isAlive = true;
    this.messagesSincePing += 1;
    if (this.messagesSincePing > MAX_MESSAGES_BETWEEN_PINGS) this.socket.terminate();
  }

  private enqueue(item: string): void {
    if (this.waiting.length >= MAX_WAITING) {
      this.socket.terminate();
      return;
    }
    this.waiting.push(item);
    if (!this.isSending) void this.sendWaiting();
  }

  private async sendWaiting(): Promise<void> {
    this.isSending = true;
    try {
      for (let item = this.waiting.shift(); item !== undefined; item = this.waiting.shift()) {
        await this.options.ready();
        await (item === CHANGES ? this.sendChanges() : this.sendLive(item));
      }
    } catch (error) {
      this.options.failed(error);
      this.socket.terminate();
    } finally {
      this.isSending = false;
    }
  }

  /** A chunk that another process announced may come after the end of its stream was read: Web Chat would then show neither. */
  private async sendLive(json: string): Promise<void> {
    if (this.endedStreams.some((id) => json.includes(id))) return;
    await this.send(`{"activities":[${json}],"watermark":"${this.after}"}`);
  }

  private async sendChanges(): Promise<void> {
    for (let page = await this.readOn(); page.last > this.after; page = await this.readOn()) {
      this.after = page.last;
      this.endedStreams.push(...page.activities.flatMap(endedStreamOf));
      this.endedStreams.splice(0, this.endedStreams.length - MAX_ENDED_STREAMS);
      if (page.activities.length > 0) await this.send(page.toJson());
    }
  }

  /** While the store is away the connection stays: the client would only come back to the same store. */
  private async readOn(): Promise<ActivitySet> {
    for (;;) {
      this.dropOvertaken();
      try {
        return await this.options.readOn(this.after);
      } catch (error) {
        if (!(error instanceof StateError && error.code === 'unavailable') || this.socket.readyState !== this.socket.OPEN) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, STORE_PAUSE_MS));
    }
  }

  /**
   * What is read now includes changes that were told of behind live activities still waiting. Shown after them, the
   * beginning of a stream would come after its end, and Web Chat then shows neither.
   */
  private dropOvertaken(): void {
    this.waiting.splice(0, this.waiting.lastIndexOf(CHANGES) + 1);
  }

  /** Resolves once the bytes left for the network: a client that does not read holds back only itself. */
  private send(frame: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.socket.readyState !== this.socket.OPEN) resolve();
      else this.socket.send(frame, (error) => (error ? reject(error) : resolve()));
    });
  }
}
