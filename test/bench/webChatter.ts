import { once } from 'node:events';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { DIRECT_LINE_SECRET } from './bench';

const startedShape = z.object({ conversationId: z.string(), streamUrl: z.url() });
const frameShape = z.object({ activities: z.array(z.looseObject({ type: z.string(), text: z.string().optional(), from: z.object({ id: z.string() }) })) });

/** What the bot shows: typing with the text so far, or a message. */
export interface Shown {
  readonly type: string;
  readonly text: string;
}

const USER = 'bench-user';

/** A web chat without a page: one conversation with its WebSocket. */
export class WebChatter {
  private listener: (shown: Shown) => void = () => undefined;

  private constructor(private readonly activitiesUrl: URL, private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.hear(data.toString()));
  }

  /** Resolves when the bot has greeted. */
  static async open(url: string): Promise<WebChatter> {
    const conversations = new URL('/v3/directline/conversations', url);
    const { conversationId, streamUrl } = startedShape.parse(await (await fetch(conversations, { method: 'POST', headers: headers() })).json());
    const socket = new WebSocket(streamUrl.replace('localhost', '127.0.0.1'));
    const chatter = new WebChatter(new URL(`${conversations.pathname}/${conversationId}/activities`, url), socket);
    const greeted = chatter.until(({ type }) => type === 'message');
    await once(socket, 'open');
    await greeted;
    return chatter;
  }

  /** Posts a text; throws where it is refused. */
  async say(text: string): Promise<void> {
    const body = JSON.stringify({ type: 'message', text, from: { id: USER }, locale: 'en-US' });
    const response = await fetch(this.activitiesUrl, { method: 'POST', headers: headers(), body });
    await response.text();
    if (!response.ok) throw new Error(`A web chat's message was answered with ${response.status}.`);
  }

  /** Resolves with the first thing shown from now on for which it is true. */
  until(isWanted: (shown: Shown) => boolean): Promise<Shown> {
    return new Promise((resolve) => {
      this.listener = (shown) => isWanted(shown) && resolve(shown);
    });
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.terminate();
    await closed;
  }

  private hear(frame: string): void {
    if (frame === '') return; // keep-alive
    for (const { type, text = '', from } of frameShape.parse(JSON.parse(frame)).activities) if (from.id !== USER) this.listener({ type, text });
  }
}

const headers = (): Record<string, string> => ({ authorization: `Bearer ${DIRECT_LINE_SECRET}`, 'content-type': 'application/json' });
