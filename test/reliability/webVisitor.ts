import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { isAttentive, seenIn } from './attentiveModel';
import type { Said, Shown } from './history';
import { WebView, type WebActivity } from './webView';

/** How a page reads on: by a WebSocket stream, or by asking again and again. */
export type Reading = 'stream' | 'polling';

export interface Post extends Said {
  readonly text: string;
}

/** Somebody at a page with Web Chat, which comes back with its watermark whenever the connection is lost. Call `close`. */
export interface WebVisitor {
  readonly conversation: string;
  /** Everything that the service took, oldest first. */
  readonly posts: readonly Post[];
  readonly view: WebView;
  /** Begins to read. */
  follow(reading: Reading): void;
  readonly reading: Reading | undefined;
  /** Posts, and posts again under the same name until the service takes it. `toText` makes the words of a number of its own. */
  say(toText: (number: string) => string): Promise<Post>;
  /** True where everything that was taken is answered in the view. */
  readonly isAnswered: boolean;
  /** The whole conversation as a page shows it that is opened now. */
  reload(): Promise<WebView>;
  close(): Promise<void>;
}

const AGAIN_MS = 200;

let lastNumber = 0;

/** `botUrl`: without a slash at the end. */
export async function openVisitor(botUrl: string): Promise<WebVisitor> {
  const { token, userId, conversationId } = await ask<{ token: string; userId: string; conversationId: string }>(`${botUrl}/api/webchat/token`, { method: 'POST', body: '{}' });
  const headers = { authorization: `Bearer ${token}` };
  const conversations = `${botUrl}/v3/directline/conversations`;
  const address = `${conversations}/${conversationId}`;
  await ask(conversations, { method: 'POST', headers, body: JSON.stringify({ locale: 'en-US' }) });

  const view = new WebView();
  const posts: Post[] = [];
  const closing = new AbortController();
  let following: Promise<void> = Promise.resolve();
  let watermark = '';
  let chosen: Reading | undefined;
  const take = (set: ActivitySet): void => {
    watermark = set.watermark ?? watermark;
    for (const activity of set.activities) view.show(activity);
  };
  const readOnce: Record<Reading, () => Promise<void>> = {
    stream: async () => {
      const { streamUrl } = await once<{ streamUrl: string }>(`${address}?watermark=${watermark}`, { headers, signal: closing.signal });
      const { pathname, search } = new URL(streamUrl); // its host is the replica's, which only the balancer can reach
      await listen(`${botUrl.replace(/^http/, 'ws')}${pathname}${search}`, take, closing.signal);
    },
    polling: async () => take(await once<ActivitySet>(`${address}/activities?watermark=${watermark}`, { headers, signal: closing.signal })),
  };
  return {
    conversation: conversationId,
    posts,
    view,
    get reading() {
      return chosen;
    },
    follow: (reading) => {
      chosen = reading;
      following = (async () => {
        while (!closing.signal.aborted) {
          await readOnce[reading]().catch(() => undefined); // whatever it was: the page tries again
          await sleep(AGAIN_MS, undefined, { signal: closing.signal }).catch(() => undefined);
        }
      })();
    },
    say: async (toText) => {
      const number = String(++lastNumber);
      const text = toText(number);
      const activity = { type: 'message', text, from: { id: userId }, channelData: { clientActivityID: number } };
      const saidAtMs = performance.now();
      const { id } = await ask<{ id: string }>(`${address}/activities`, { method: 'POST', headers, body: JSON.stringify(activity) });
      const post: Post = { conversation: conversationId, id, text, saidAtMs, acknowledgedAtMs: performance.now() };
      posts.push(post);
      return post;
    },
    get isAnswered() {
      const answered = new Set(answersIn(view, conversationId, posts).map(({ answers }) => answers));
      return posts.every(({ id }) => answered.has(id));
    },
    reload: async () => {
      const fresh = new WebView();
      for (let set = await ask<ActivitySet>(`${address}/activities`, { headers }); set.activities.length > 0; set = await ask(`${address}/activities?watermark=${set.watermark ?? ''}`, { headers })) {
        for (const activity of set.activities) fresh.show(activity);
      }
      return fresh;
    },
    close: async () => {
      closing.abort();
      await following;
    },
  };
}

/** Replies to what was posted: to a question whole answers, to anything else whatever came. Greetings reply to nothing that was posted. */
export function answersIn(view: WebView, conversation: string, posts: readonly Post[]): readonly Shown[] {
  const byId = new Map(posts.map((post) => [post.id, post]));
  const byNumber = new Map(posts.map(({ id, text }) => [/\bitem (\d+)/.exec(text)?.[1], id]));
  return view.messages.flatMap(({ from, replyToId = '', text = '' }): readonly Shown[] => {
    const post = byId.get(replyToId);
    if (from?.role !== 'bot' || !post || (isQuestion(post) && !isAttentive(text))) return [];
    const seen = seenIn(text)?.flatMap((number) => byNumber.get(number) ?? []);
    return [{ conversation, answers: replyToId, ...(seen && { seen }) }];
  });
}

/** Bubbles beside the answers that a person would wonder about: a second copy of his own words, or something else in an answer's place. */
export function oddBubbles(view: WebView, posts: readonly Post[]): readonly WebActivity[] {
  const questions = new Set(posts.filter(isQuestion).map(({ id }) => id));
  const own = view.messages.filter(({ from }) => from?.role === 'user');
  return [
    ...own.filter(({ id, text }) => !posts.some((post) => post.id === id && post.text === text)),
    ...view.messages.filter(({ from, replyToId = '', text = '' }) => from?.role === 'bot' && questions.has(replyToId) && !isAttentive(text)),
  ];
}

const isQuestion = ({ text }: Post): boolean => /\bitem \d+/.test(text);

interface ActivitySet {
  readonly activities: readonly WebActivity[];
  readonly watermark?: string;
}

/** Throws unless the service answers well. Its shapes are those of the service's own tests. */
async function once<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  if (!response.ok) throw Object.assign(new Error(`${new URL(url).pathname} was answered ${response.status}.`), { status: response.status });
  return (await response.json()) as T;
}

/** Again and again until the service answers. What it refuses for good (4xx) is thrown. */
async function ask<T>(url: string, init: RequestInit): Promise<T> {
  for (;;) {
    try {
      return await once<T>(url, init);
    } catch (error) {
      const { status = 500 } = error as { readonly status?: number };
      if (status < 500) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

/** Resolves when the connection is lost, or closed because of the signal. */
function listen(url: string, take: (set: ActivitySet) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    const end = (): void => socket.terminate();
    signal.addEventListener('abort', end);
    socket.on('message', (data) => {
      const frame = (data as Buffer).toString(); // text frames come as buffers
      if (frame !== '') take(JSON.parse(frame) as ActivitySet);
    });
    socket.on('error', end);
    socket.on('close', () => {
      signal.removeEventListener('abort', end);
      resolve();
    });
  });
}
