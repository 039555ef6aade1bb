import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { messageActivity } from './activity';
import type { FakeService, Received } from './fakeService';
import { Tally, type Fault, type LoadResult } from './tally';

/** One exchange of the script that every conversation repeats. */
export interface Line {
  readonly say: string;
  /** Whether `text` is the peer's right answer. */
  readonly isAnswer: (text: string) => boolean;
}

export interface LoadOptions {
  /** How many talk at the same time. */
  readonly conversations: number;
  /** How many there are, of whom the next to talk is always the one that waited longest; by default as many as talk at once. */
  readonly people?: number;
  /** Ends when one of the two is reached; exchanges that have begun are finished. */
  readonly durationMs?: number;
  readonly messages?: number;
  /**
   * Sends at this rate whatever the answers do (open loop); there must be so many people that one is always without an open
   * question. Times count from when a message was due. Absent: each waits for its answer (closed loop).
   */
  readonly ratePerSecond?: number;
  readonly signal?: AbortSignal;
}

export interface TargetOptions {
  /** Prefix of the conversations' ids, until `changePeople`. */
  readonly name: string;
  readonly url: string;
  readonly appId: string;
  readonly token: string;
  readonly script: readonly Line[];
  readonly service: FakeService;
  readonly answerLimitMs?: number;
}

interface Waiting {
  readonly activityId: string;
  readonly line: Line;
  answered: boolean;
  readonly settle: (fault: Fault | undefined) => void;
}

interface Conversation {
  readonly id: string;
  /** Goes on over the runs: a run may end in the middle of the script. */
  turn: number;
  waiting: Waiting | undefined;
  isTalking: boolean;
}

const ANSWER_LIMIT_MS = 5_000;
const MAX_FAULTS = 20; // A broken peer is reported at once rather than waited for.
const SETTLE_MS = 50; // What a bot does after its reply (commits, late doubles) belongs to the run.

/**
 * People who talk to one bot: each says a line, waits for the reply and the HTTP answer, then says the next.
 * A target's conversations live as long as it does.
 */
export class Target {
  private readonly pool: Pool;
  private readonly path: string;
  private readonly conversations = new Map<string, Conversation>();
  private tally = new Tally();
  private name: string;
  private turn = -1;

  constructor(private readonly options: TargetOptions) {
    this.name = options.name;
    const url = new URL(options.url);
    this.path = url.pathname;
    this.pool = new Pool(url.origin, { pipelining: 1, keepAliveTimeout: 120_000 });
  }

  /** Runs the load and gives what was counted. Stops at its bound, at `signal`, or after 20 faults. */
  async run({ conversations, people = conversations, durationMs = Infinity, messages = Infinity, ratePerSecond, signal }: LoadOptions): Promise<LoadResult> {
    this.tally = new Tally();
    this.options.service.onReceived((received) => this.receive(received));
    const callsBefore = this.options.service.connectorCalls();
    const startedAt = performance.now();
    let begun = 0;
    const mayGoOn = (): boolean =>
      begun < messages && performance.now() - startedAt < durationMs && signal?.aborted !== true && this.tally.faultCount() < MAX_FAULTS;
    const talk = async (): Promise<void> => {
      while (mayGoOn()) {
        begun += 1;
        await this.exchange(this.nextIdle(people), performance.now());
      }
    };
    const pace = async (intervalMs: number): Promise<void> => {
      const exchanges: Promise<void>[] = [];
      while (mayGoOn()) {
        exchanges.push(this.exchange(this.nextIdle(people), startedAt + begun * intervalMs));
        begun += 1;
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, startedAt + begun * intervalMs - performance.now())));
      }
      await Promise.all(exchanges);
    };
    if (ratePerSecond === undefined) await Promise.all(Array.from({ length: conversations }, talk));
    else await pace(1_000 / ratePerSecond);
    const wallMs = performance.now() - startedAt;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return { ...this.tally.result(), wallMs, connectorCalls: this.options.service.connectorCalls() - callsBefore };
  }

  /** From now on the people of this name talk, each in a conversation of its own that begins, or goes on. */
  changePeople(name: string): void {
    this.name = name;
  }

  /** Posts a message with a token whose signature is not the service's, and gives the HTTP status. */
  async postAsStranger(): Promise<number> {
    const forged = this.options.token.replace(/[^.]+$/, Buffer.alloc(256, 1).toString('base64url'));
    return this.postStatus(`${this.name}-stranger`, randomUUID(), 'hello', forged);
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }

  private nextIdle(people: number): Conversation {
    for (let tries = 0; tries < people; tries += 1) {
      const conversation = this.conversation((this.turn += 1) % people);
      if (!conversation.isTalking) return conversation;
    }
    throw new Error(`All ${people} people wait for an answer.`);
  }

  private conversation(index: number): Conversation {
    const id = `${this.name}-${index}`;
    const known = this.conversations.get(id);
    if (known) return known;
    const conversation: Conversation = { id, turn: 0, waiting: undefined, isTalking: false };
    this.conversations.set(id, conversation);
    return conversation;
  }

  /** Times count from `startedAt` (performance.now()). */
  private async exchange(conversation: Conversation, startedAt: number): Promise<void> {
    const line = this.options.script[conversation.turn % this.options.script.length];
    if (!line) throw new Error('The script is empty.');
    conversation.turn += 1;
    conversation.isTalking = true;
    const activityId = randomUUID();
    const reply = this.awaitReply(conversation, activityId, line).then((fault) => ({ fault, ms: performance.now() - startedAt }));
    const ack = this.post(conversation.id, activityId, line).then((accepted) => {
      const ms = performance.now() - startedAt;
      if (!accepted) conversation.waiting?.settle('refused');
      return { fault: accepted ? undefined : 'refused' as const, ms };
    });
    const [replied, acknowledged] = await Promise.all([reply, ack]);
    conversation.isTalking = false;
    const fault = replied.fault ?? acknowledged.fault;
    if (fault) this.tally.fault(fault, activityId);
    else this.tally.add(activityId, { replyMs: replied.ms, ackMs: acknowledged.ms });
  }

  private awaitReply(conversation: Conversation, activityId: string, line: Line): Promise<Fault | undefined> {
    return new Promise((resolve) => {
      const limitMs = this.options.answerLimitMs ?? ANSWER_LIMIT_MS;
      const timer = setTimeout(() => resolve('missing'), limitMs);
      const settle = (fault: Fault | undefined): void => {
        clearTimeout(timer);
        resolve(fault);
      };
      conversation.waiting = { activityId, line, answered: false, settle };
    });
  }

  private async post(conversationId: string, activityId: string, line: Line): Promise<boolean> {
    try {
      const status = await this.postStatus(conversationId, activityId, line.say, this.options.token);
      return status >= 200 && status < 300;
    } catch {
      return false;
    }
  }

  private async postStatus(conversationId: string, activityId: string, text: string, token: string): Promise<number> {
    const { appId, service } = this.options;
    const body = messageActivity({ activityId, conversationId, appId, serviceUrl: service.url, text });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await this.pool.request({ method: 'POST', path: this.path, headers, body });
    await response.body.dump();
    return response.statusCode;
  }

  private receive({ conversationId, type, text, replyToId }: Received): void {
    if (type !== 'message') return;
    const waiting = this.conversations.get(conversationId)?.waiting;
    const activityId = replyToId ?? waiting?.activityId;
    if (!waiting || activityId !== waiting.activityId) this.tally.answeredAgain(activityId);
    else if (waiting.answered) this.tally.fault('double', waiting.activityId);
    else {
      waiting.answered = true;
      waiting.settle(waiting.line.isAnswer(text) ? undefined : 'wrong');
    }
  }
}
